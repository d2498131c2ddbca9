package plan

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

const (
	goodPlan = `{"id":"xx","languages":["ar"],"coordinator":"water","axes":[{"code":"a","number":1}],
 "reporting_periods":[{"id":"page","kind":"transcription"},{"id":"h1","kind":"submission","start":"2022-01-01","end":"2022-06-30","due_date":"2022-07-31"}]}`
	goodInstitutions = `[{"code":"water","names":[{"name":{"ar":{"text":"الماء","basis":"sourced"}},"valid_from":{"basis":"unknown"},"valid_to":{"basis":"unknown"}}]}]`
	goodCommitments  = `[{"id":"xx-c01","number":1,"axis":"a","lead_institution":"water","supporting_institutions":["water"],
 "milestones":[{"id":"xx-c01-m01","title":{},"planned_start_date":"2022-01-01","planned_end_date":"2022-02-01"}]}]`
)

func folder(plan, institutions, commitments string) fstest.MapFS {
	return fstest.MapFS{"plans/xx/plan.json": {Data: []byte(plan)}, "plans/xx/institutions.json": {Data: []byte(institutions)},
		"plans/xx/commitments.json": {Data: []byte(commitments)}}
}

func TestLoadAGoodPlan(t *testing.T) {
	p, err := Load(folder(goodPlan, goodInstitutions, goodCommitments), "plans/xx")
	if err != nil {
		t.Fatal(err)
	}
	if p.Commitment("xx-c01") == nil || p.Commitment("xx-c02") != nil || p.Institution("water") == nil || p.Institution("sea") != nil ||
		p.Period("h1") == nil || p.Period("h2") != nil || len(p.LedOn("water", "")) != 1 || len(p.LedOn("sea", "")) != 0 {
		t.Errorf("%+v", p)
	}
}

func TestLoadTheExamples(t *testing.T) {
	for _, root := range []string{"../../schemas/plans", "../../examples/fictitious/plans"} {
		fsys := os.DirFS(root)
		dirs, err := os.ReadDir(root)
		if err != nil || len(dirs) == 0 {
			t.Fatal(root, err)
		}
		for _, d := range dirs {
			if _, err := Load(fsys, d.Name()); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestLoadTellsEachMistake(t *testing.T) {
	for _, c := range []struct{ file, old, new, want string }{
		{"plan", `"id":"xx"`, `"id":"yy"`, `id "yy" is not the folder's name`},
		{"plan", `"id":"xx"`, `"id":"X X"`, `id "X X" is not lower-case words`},
		{"plan", `["ar"]`, `[]`, "languages is empty"},
		{"plan", `"coordinator":"water"`, `"coordinator":"sea"`, "coordinator sea"},
		{"plan", `{"code":"a","number":1}`, `{"code":"a","number":1},{"code":"a","number":2}`, "axis a comes twice"},
		{"plan", `{"code":"a","number":1}`, `{"code":"a","number":1},{"number":2}`, "a axis has no id"},
		{"plan", `{"id":"h1"`, `{"id":"page"`, "reporting period page comes twice"},
		{"plan", `{"id":"h1"`, `{"id":"H 1"`, `reporting period "H 1" is not lower-case`},
		{"plan", `{"id":"h1"`, `{"id":"plan"`, "no reporting period plan"},
		{"plan", `"kind":"submission"`, `"kind":"rumour"`, `has kind "rumour"`},
		{"plan", `"kind":"transcription"`, `"kind":"transcription","due_date":"2022-01-01"`, "nobody owes a transcription"},
		{"plan", `"2022-06-30"`, `"2022-06-31"`, `end of reporting period h1 is "2022-06-31"`},
		{"plan", `"2022-06-30"`, `"2021-06-30"`, "reporting period h1 ends on 2021-06-30, before"},
		{"plan", `"2022-07-31"`, `"soon"`, `due date of reporting period h1 is "soon"`},
		{"plan", `"kind":"transcription"`, `"kind":"transcription","start":"2023-01-01"`, "stands after one that starts on 2023-01-01"},
		{"plan", `"id":"xx"`, `"id":"xx","colour":1`, `unknown field "colour"`},
		{"plan", `"id":"xx"`, `"id":"xx","start_date":{"date":"2022","basis":"sourced"}`, `start_date is "2022"`},
		{"plan", `"id":"xx"`, `"id":"xx","commitments":[{"id":"xx-c01"}]`, "files of their own"},
		{"plan", goodPlan, goodPlan + `{}`, "more than one JSON value"},
		{"plan", goodPlan, ``, "plan.json"},
		{"institutions", `"code":"water"`, `"code":"Water"`, `institution "Water" is not lower-case`},
		{"institutions", goodInstitutions, `[{"code":"water"}]`, "institution water has no name"},
		{"institutions", `"code":"water"`, `"code":"water","replaced_by":"sea"`, "replaced by sea"},
		{"institutions", `"code":"water"`, `"code":"water","replaced_by":"water"`, "replaced by water"},
		{"institutions", `[{"code":"water"`, `[{"code":"water","names":[{}]},{"code":"water"`, "institution water comes twice"},
		{"institutions", `"valid_from":{`, `"valid_from":{"date":"01/02/2022",`, `valid_from of institution water is "01/02/2022"`},
		{"institutions", `"valid_to":{`, `"valid_to":{"date":"01/02/2022",`, `valid_to of institution water is "01/02/2022"`},
		{"commitments", goodCommitments, `[]`, "it has no commitments"},
		{"commitments", goodCommitments, `null`, "it has no commitments"},
		{"commitments", `"number":1`, `"number":2`, "commitment 2 has id xx-c01, not xx-c02"},
		{"commitments", `"axis":"a"`, `"axis":"b"`, "under axis b"},
		{"commitments", `"lead_institution":"water"`, `"lead_institution":"sea"`, "names institution sea"},
		{"commitments", `["water"]`, `["sea"]`, "names institution sea"},
		{"commitments", `"number":1`, `"number":1,"end_date":{"date":"x","basis":"sourced"}`, `end date of commitment xx-c01 is "x"`},
		{"commitments", `"number":1`, `"number":1,"start_date":{"date":"2022-02-01","basis":"sourced"},"end_date":{"date":"2022-01-01","basis":"sourced"}`, "commitment xx-c01 ends on"},
		{"commitments", `"xx-c01-m01"`, `"xx-c02-m01"`, "milestone xx-c02-m01 of commitment xx-c01"},
		{"commitments", `"xx-c01-m01"`, `"xx-c01"`, "milestone xx-c01 of commitment xx-c01"},
		{"commitments", `"milestones":[`, `"milestones":[{"id":"xx-c01-m01","title":{}},`, "milestone xx-c01-m01 comes twice"},
		{"commitments", `"2022-02-01"`, `"2021-02-01"`, "milestone xx-c01-m01 ends on"},
		{"commitments", `"2022-02-01"`, `"février"`, "planned end of milestone xx-c01-m01"},
	} {
		files := map[string]string{"plan": goodPlan, "institutions": goodInstitutions, "commitments": goodCommitments}
		if !strings.Contains(files[c.file], c.old) {
			t.Fatalf("%s is not in %s", c.old, c.file)
		}
		files[c.file] = strings.Replace(files[c.file], c.old, c.new, 1)
		p, err := Load(folder(files["plan"], files["institutions"], files["commitments"]), "plans/xx")
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "load plan xx: ") || p != nil {
			t.Errorf("%s for %s: %v, want %s", c.new, c.old, err, c.want)
		}
	}
}

func TestLoadTellsAllAtOnce(t *testing.T) {
	_, err := Load(folder(strings.Replace(goodPlan, `"ar"`, ``, 1), strings.Replace(goodInstitutions, `"water"`, `"sea"`, 1), `[]`), "plans/xx")
	for _, want := range []string{"languages is empty", "coordinator water", "no commitments"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %s", err, want)
		}
	}
	_, err = Load(fstest.MapFS{"plans/xx/plan.json": {Data: []byte(`{`)}}, "plans/xx")
	for _, want := range Files() {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %s", err, want)
		}
	}
}

func TestWeakest(t *testing.T) {
	for _, c := range []struct {
		in   []Basis
		want Basis
	}{
		{nil, Sourced}, {[]Basis{Sourced, Translated}, Translated}, {[]Basis{Inferred, Translated}, Inferred},
		{[]Basis{Unknown, Sourced}, Unknown}, {[]Basis{""}, Unknown}, {[]Basis{"guess", Sourced}, Unknown},
	} {
		if got := Weakest(c.in...); got != c.want {
			t.Errorf("Weakest(%v) = %s, want %s", c.in, got, c.want)
		}
	}
}

func TestTexts(t *testing.T) {
	x := Texts{"ar": {Text: "نص", Basis: Sourced}, "fr": {Basis: Sourced}, "en": {Text: "text", Basis: Translated}}
	if got := x.In("fr"); got != (Text{Basis: Unknown}) {
		t.Errorf("an empty text is %+v", got)
	}
	if got, lang := x.First([]string{"fr", "en", "ar"}); got.Text != "text" || lang != "en" {
		t.Error(got, lang)
	}
	if got, lang := x.First([]string{"es"}); got.Basis != Unknown || lang != "" {
		t.Error(got, lang)
	}
	if (&Institution{}).Name() != nil {
		t.Error("an institution without a name has one")
	}
}
