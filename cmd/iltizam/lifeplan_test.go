package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	lifePlanID = "xx-life-2030-2032"
	lifeYear   = 2030 // the first of three
)

// lifeWords are a line of a testdata/life file: plain words, then KEY=VALUE.
type lifeWords struct {
	plain []string
	keyed map[string]string
}

// wordLines reads the lines of a file that are no remarks.
func wordLines(t testing.TB, name string) []lifeWords {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var out []lifeWords
	for line := range strings.Lines(string(b)) {
		line, _, _ = strings.Cut(line, "#")
		w := lifeWords{keyed: map[string]string{}}
		for _, f := range strings.Fields(line) {
			if key, value, ok := strings.Cut(f, "="); ok {
				w.keyed[key] = value
			} else {
				w.plain = append(w.plain, f)
			}
		}
		if len(w.plain) > 0 {
			out = append(out, w)
		}
	}
	return out
}

type object map[string]any

// inThree is a text in the plan's languages; each says that it is invented.
func inThree(ar, fr, en string, args ...any) object {
	text := func(format, basis string) object { return object{"text": fmt.Sprintf(format, args...), "basis": basis} }
	return object{"ar": text(ar, "sourced"), "fr": text(fr, "sourced"), "en": text(en, "translated")}
}

func lifeDate(day string) object {
	if day == "" {
		return object{"basis": "unknown"}
	}
	return object{"date": day, "precision": "day", "text": day, "basis": "sourced"}
}

func dayAfter(t testing.TB, day string, days int) string {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return at.AddDate(0, 0, days).Format(time.DateOnly)
}

// lifePlans writes the plan of testdata/life/plan.txt as data and gives the folder.
func lifePlans(t testing.TB) string {
	t.Helper()
	var institutions, commitments, periods []object
	for _, w := range wordLines(t, "testdata/life/plan.txt") {
		switch w.plain[0] {
		case "institution":
			institutions = append(institutions, lifeInstitution(t, w))
		case "commitment":
			commitments = append(commitments, lifeCommitment(t, w))
		default:
			t.Fatalf("plan.txt has a line of %q", w.plain)
		}
	}
	for q := range 12 {
		start := time.Date(lifeYear, time.Month(1+3*q), 1, 0, 0, 0, 0, time.UTC)
		after := start.AddDate(0, 3, 0)
		periods = append(periods, object{"id": fmt.Sprintf("%d-q%d", lifeYear+q/4, q%4+1), "kind": "submission",
			"label": inThree("الفصل %[2]d من %[1]d", "Trimestre %[2]d de %[1]d", "Quarter %[2]d of %[1]d", lifeYear+q/4, q%4+1),
			"start": start.Format(time.DateOnly), "end": after.AddDate(0, 0, -1).Format(time.DateOnly), "due_date": after.AddDate(0, 0, 19).Format(time.DateOnly)})
	}
	root := t.TempDir()
	for name, content := range map[string]any{"institutions.json": institutions, "commitments.json": commitments, "plan.json": object{
		"id": lifePlanID, "country_code": "XX", "ogp_country_prefix": "XX", "action_plan_cycle": lifeYear, "plan_number": 1, "period_label": "2030-2032",
		"fictitious": true, "title": inThree("خطة عمل خيالية %d", "Plan d’action fictif %d", "Fictitious action plan %d", lifeYear),
		"start_date": lifeDate("2030-01-01"), "end_date": lifeDate("2032-12-31"),
		"languages": []string{"ar", "fr", "en"}, "template_languages": []string{"ar", "fr"}, "coordinator": "i01", "coordinator_basis": "sourced",
		"source_url": "https://fictif.example/plan", "note": "Invented from beginning to end, for tests.",
		"licence":           object{"id": "odc-odbl", "url": "http://www.opendefinition.org/licenses/odc-odbl", "title": "Open Data Commons Open Database License (ODbL)"},
		"axes":              []object{{"code": "a", "number": 1, "name": inThree("محور (خيالي)", "Axe (fictif)", "Axis (fictitious)")}},
		"reporting_periods": periods}} {
		b, err := json.MarshalIndent(content, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(root, lifePlanID, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func lifeInstitution(t testing.TB, w lifeWords) object {
	code := w.plain[1]
	number := strings.TrimLeft(strings.TrimPrefix(code, "i"), "0")
	name := func(ar, fr, en, from, to string) object {
		return object{"name": inThree(ar, fr, en, number), "valid_from": lifeDate(from), "valid_to": lifeDate(to)}
	}
	const ar, fr, en = "المؤسسة %s (خيالية)", "Institution %s (fictive)", "Institution %s (fictitious)"
	o := object{"code": code, "names": []object{name(ar, fr, en, w.keyed["from"], w.keyed["until"])}}
	if day := w.keyed["renamed"]; day != "" {
		o["names"] = []object{name(ar, fr, en, "", dayAfter(t, day, -1)), name("المؤسسة الجديدة %s (خيالية)", "Nouvelle institution %s (fictive)", "New institution %s (fictitious)", day, "")}
	}
	if w.keyed["by"] != "" {
		o["replaced_by"] = w.keyed["by"]
	}
	return o
}

func lifeCommitment(t testing.TB, w lifeWords) object {
	number, err := strconv.Atoi(w.plain[1])
	if err != nil {
		t.Fatal(err)
	}
	id := fmt.Sprintf("%s-c%02d", lifePlanID, number)
	o := object{"id": id, "number": number, "axis": "a", "axis_basis": "sourced",
		"title":       inThree("الالتزام %d (خيالي)", "Engagement %d (fictif)", "Commitment %d (fictitious)", number),
		"description": inThree("وصف خيالي للالتزام %d", "Description fictive de l’engagement %d", "Fictitious description of commitment %d", number), "description_truncated": false,
		"lead_institution": w.plain[2], "lead_institution_basis": "sourced", "lead_institution_ogp": object{"text": "", "basis": "unknown"},
		"supporting_institutions": []string{}, "supporting_institutions_basis": "sourced", "ogp_commitment_id": "", "ogp_commitment_id_basis": "unknown",
		"policy_areas": []string{}, "policy_areas_basis": "unknown", "start_date": lifeDate(""), "end_date": lifeDate("")}
	if s := w.keyed["support"]; s != "" {
		o["supporting_institutions"] = []string{s}
	}
	if before := w.keyed["before"]; before != "" {
		o["earlier_leads"] = []object{{"institution": before, "until": w.keyed["until"], "basis": "sourced"}}
	}
	var steps []object
	if w.keyed["m"] != "" {
		for i, end := range strings.Split(w.keyed["m"], ",") {
			steps = append(steps, object{"id": fmt.Sprintf("%s-m%02d", id, i+1), "planned_start_date": "2030-01-01", "planned_end_date": end,
				"title": inThree("المرحلة %d (خيالية)", "Jalon %d (fictif)", "Milestone %d (fictitious)", i+1)})
		}
		o["milestones"] = steps
	}
	return o
}
