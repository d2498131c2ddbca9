package release_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"iltizam/output"
	"iltizam/output/release"
)

func TestRIDIgnoresOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		other := in
		other.Workbooks = rapid.Permutation(in.Workbooks).Draw(t, "order")
		other.Plans = maps.Collect(maps.All(in.Plans))
		zone := time.FixedZone("", rapid.IntRange(-12, 14).Draw(t, "zone")*3600)
		for i := range other.Workbooks {
			other.Workbooks[i].ReceivedAt = other.Workbooks[i].ReceivedAt.In(zone)
		}
		if a, b := release.RID(in), release.RID(other); a != b || !release.IsRID(a) {
			t.Fatalf("%s and %s", a, b)
		}
	})
}

func drawInput(t *rapid.T) release.Input {
	digests := rapid.MapOf(rapid.String(), rapid.StringMatching("[0-9a-f]{8}"))
	workbook := rapid.Custom(func(t *rapid.T) release.Workbook {
		return release.Workbook{
			SHA256:     rapid.StringMatching("[ab]").Draw(t, "sha256"), // few, so that ties happen
			ReceivedAt: time.Unix(rapid.Int64Range(0, 2e9).Draw(t, "s"), rapid.Int64Range(0, 999).Draw(t, "ns")),
		}
	})
	return release.Input{
		Plans: digests.Draw(t, "plans"), Schemas: digests.Draw(t, "schemas"), Rules: digests.Draw(t, "rules"),
		Workbooks: rapid.SliceOf(workbook).Draw(t, "workbooks"),
		AsOf:      rapid.String().Draw(t, "as of"), BaseURL: rapid.String().Draw(t, "base"), Version: rapid.String().Draw(t, "version"),
	}
}

func TestRIDKnowsEachInput(t *testing.T) {
	seen := map[string]string{release.RID(input("2024-01-01")): "nothing"}
	for name, change := range map[string]func(*release.Input){
		"plans":       func(in *release.Input) { in.Plans["p1/plan.json"] = sha("other") },
		"plan name":   func(in *release.Input) { in.Plans = map[string]string{"p2/plan.json": sha("plan")} },
		"schemas":     func(in *release.Input) { in.Schemas = map[string]string{"p1/plan.json": sha("plan")} },
		"rules":       func(in *release.Input) { in.Rules = map[string]string{"p1/plan.json": sha("plan")} },
		"workbook":    func(in *release.Input) { in.Workbooks[0].SHA256 = sha("other") },
		"received at": func(in *release.Input) { in.Workbooks[0].ReceivedAt = committedAt.Add(1) },
		"as of":       func(in *release.Input) { in.AsOf = "2024-01-02" },
		"base url":    func(in *release.Input) { in.BaseURL = "https://other.example/" },
		"version":     func(in *release.Input) { in.Version = "2" },
		"no workbook": func(in *release.Input) { in.Workbooks = nil },
	} {
		in := input("2024-01-01")
		change(&in)
		rid := release.RID(in)
		if same, there := seen[rid]; there {
			t.Errorf("a change of %s makes the id of a change of %s", name, same)
		}
		seen[rid] = name
	}
}

// The id is part of every link that people keep: it may not change by accident.
func TestRIDStaysWhatItWas(t *testing.T) {
	if got, want := release.RID(input("2024-01-01")), "34ce8f95aa14c6d26c8093abaefbe8aa"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestManifest(t *testing.T) {
	s := stage(t, 1)
	var m struct {
		Release string
		Inputs  map[string]any
		Files   []map[string]any
	}
	if err := json.Unmarshal(s.ManifestJSON, &m); err != nil {
		t.Fatal(err)
	}
	if m.Release != s.ID || m.Inputs["as_of"] != "2024-01-01" || len(m.Files) != 6 {
		t.Errorf("manifest: %s", s.ManifestJSON)
	}
	var paths []string
	for _, f := range m.Files {
		paths = append(paths, f["path"].(string))
	}
	if !slices.IsSorted(paths) {
		t.Errorf("files are not in order: %q", paths)
	}
	got := fmt.Sprint(m.Files[3])
	digest := sha("edition 1\n")
	want := fmt.Sprint(map[string]any{
		"path": "data/p1/progress.csv", "alias": "latest/p1/progress.csv", "table": "progress", "plan": "p1",
		"media_type": "text/csv", "size": 10, "sha256": digest, "rows": 1,
		"key": "objects/sha256/" + digest[:2] + "/" + digest + "/progress.csv",
	})
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if m.Files[0]["alias"] != nil || m.Files[2]["alias"] != "latest/p1/ogp/commitments.csv" {
		t.Errorf("aliases: %v, %v", m.Files[0]["alias"], m.Files[2]["alias"])
	}
	if !strings.Contains(string(s.Sums), digest+"  objects/sha256/"+digest[:2]+"/"+digest+"/progress.csv\n") {
		t.Errorf("SHA256SUMS:\n%s", s.Sums)
	}
	if !strings.HasSuffix(string(s.Sums), s.ManifestSHA256+"  releases/"+s.ID+"/manifest.json\n") {
		t.Errorf("SHA256SUMS:\n%s", s.Sums)
	}
}

func TestManifestIgnoresOrder(t *testing.T) {
	all := files(1)
	want := stageFiles(t, 1, all)
	slices.Reverse(all)
	if got := stageFiles(t, 1, all); string(got.ManifestJSON) != string(want.ManifestJSON) || string(got.Sums) != string(want.Sums) {
		t.Errorf("got %s\nwant %s", got.ManifestJSON, want.ManifestJSON)
	}
}

func TestStageRefuses(t *testing.T) {
	bad := file("data/p1/x.csv", "x")
	bad.SHA256 = "abc"
	for name, c := range map[string]struct {
		files []output.File
		want  string
	}{
		"two of one path":   {[]output.File{file("data/p1/x.csv", "x"), file("data/p1/x.csv", "x")}, "data/p1/x.csv: there are two"},
		"file and folder":   {[]output.File{file("data/p1/x", "x"), file("data/p1/x-y", "z"), file("data/p1/x/y", "z")}, "data/p1/x is a file"},
		"path out of place": {[]output.File{file("../x.csv", "x")}, "../x.csv"},
		"arabic path":       {[]output.File{file("data/التقدم.csv", "x")}, "not allowed"},
		"no digest":         {[]output.File{bad}, `sha256 "abc" is not one`},
		"not finished":      {[]output.File{{Path: "a", SHA256: sha("a")}}, "not finished"},
	} {
		in := input("2024-01-01")
		_, err := release.Stage(release.RID(in), in, c.files)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one that says %q", name, err, c.want)
		}
	}
	in := input("2024-01-01")
	if _, err := release.Stage(release.RID(input("2024-01-02")), in, nil); err == nil {
		t.Error("an id of other inputs: no error")
	}
}
