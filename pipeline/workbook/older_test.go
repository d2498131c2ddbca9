package workbook_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/workbook"
)

// layoutLike is the real layout with changes to its JSON.
func layoutLike(t *testing.T, change func(doc map[string]any), replace ...string) *workbook.Layout {
	t.Helper()
	b, err := os.ReadFile(schemasDir + "/layouts/workbook.json")
	if err != nil {
		t.Fatal(err)
	}
	s := strings.NewReplacer(replace...).Replace(string(b))
	doc := map[string]any{}
	if err := json.Unmarshal([]byte(s), &doc); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(doc)
	}
	if b, err = json.Marshal(doc); err != nil {
		t.Fatal(err)
	}
	lay, err := workbook.ParseLayout(b)
	if err != nil {
		t.Fatal(err)
	}
	return lay.WithLabels(fields(t), rules.Fold)
}

// formOf is a form as a layout makes it, in French.
func formOf(t *testing.T, lay *workbook.Layout) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := workbook.Template(&buf, lay, testSpec(t, testPlan("ar", "fr"), "fr")); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// The form was once another: a column and a key went by other names, a heading
// too, a required column was not there. Its workbooks are read as the present
// ones are, with one warning.
func TestAnOlderVersionIsReadAsThePresentOne(t *testing.T) {
	before := layoutLike(t, func(doc map[string]any) {
		doc["template_version"], doc["accepted_versions"] = "0.9.0", []string{"0.9.0"}
		delete(doc, "older_versions")
	}, `"revision_reason"`, `"motive"`, `"nothing_to_report"`, `"nil_return"`, `"key": "difficulties"`, `"label": {"fr": "Obstacles rencontrés"}, "key": "hindrances"`)
	src := edited(t, formOf(t, before),
		edit{Sheet: "progress", Key: "motive", Row: 6, Value: "Nouvelle mesure"},
		edit{Sheet: "progress", Key: "hindrances", Row: 7, Value: "Le marché"},
		edit{Sheet: "progress", Key: "nil_return", Row: 8, Value: "Oui"},
		edit{Sheet: "meta", Cell: "A5", Value: "span"})
	now := layoutLike(t, func(doc map[string]any) {
		doc["template_version"], doc["accepted_versions"] = "2.0.0", []string{"2.0.0", "0.9.0"}
		doc["older_versions"] = map[string]any{"0.9.0": map[string]any{"note": "Other names.", "keys": map[string]string{"span": "period"},
			"columns": map[string]any{"progress": map[string]string{"motive": "revision_reason", "nil_return": "nothing_to_report", "hindrances": "difficulties"}},
			"labels": map[string]any{"progress": map[string]any{"difficulties": map[string]string{"fr": "Obstacles rencontrés"},
				"revision_reason": map[string]string{"fr": "motive"}, "nothing_to_report": map[string]string{"fr": "nil_return"}}},
			"lacks": map[string][]string{"progress": {"next_steps_of"}}}}
		progress := doc["sheets"].([]any)[1].(map[string]any)
		progress["columns"] = append(progress["columns"].([]any), map[string]any{"key": "next_steps_of", "width": 10, "role": "entry", "input": "text", "required": true})
	})
	doc, rows, found := read(t, src, now)
	if doc == nil || len(rows) < 3 {
		t.Fatal(found)
	}
	if len(found) != 1 || found[0].Rule != workbook.RuleTemplateOld || found[0].Severity != finding.Warning || found[0].At.Ref != "B2" ||
		found[0].Value != "0.9.0" || found[0].Args["present"] != "2.0.0" {
		t.Errorf("found %v", found)
	}
	if doc.Header.Text("period") != "2022-h2" || doc.Header.Has("span") {
		t.Errorf("header %v", doc.Header.Values())
	}
	for i, c := range []struct{ key, text string }{{"revision_reason", "Nouvelle mesure"}, {"difficulties", "Le marché"}, {"nothing_to_report", "Oui"}} {
		if cell, ok := rows[i].Get(c.key); !ok || cell.Text != c.text {
			t.Errorf("row %d: %s is %+v, %v", rows[i].Number, c.key, cell, ok)
		}
	}
	// Without the description the same workbook is refused: nothing is guessed.
	strict := layoutLike(t, func(doc map[string]any) {
		doc["template_version"], doc["accepted_versions"] = "2.0.0", []string{"2.0.0"}
		delete(doc, "older_versions")
	})
	if doc, _, found := read(t, src, strict); doc != nil || !slices.ContainsFunc(found, func(f finding.Finding) bool {
		return f.Rule == workbook.RuleTemplateVersion && f.Severity == finding.Block
	}) {
		t.Errorf("a version that nobody told of is taken: %v", found)
	}
}

// A version of the future is refused as one that is not known.
func TestAFutureVersionIsRefused(t *testing.T) {
	src := edited(t, template(t, "fr"), edit{Sheet: "meta", Cell: "B2", Value: "9.0.0"})
	doc, _, found := read(t, src, layout(t))
	if doc != nil || len(found) != 1 || found[0].Rule != workbook.RuleTemplateVersion || found[0].Args["accepted"] != "1.0.0, 1.1.0" {
		t.Errorf("%v", found)
	}
}

func TestOlderVersionsMustFit(t *testing.T) {
	b, err := os.ReadFile(schemasDir + "/layouts/workbook.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string][2]string{
		"told of nowhere":     {`"older_versions": {`, `"older_versions": {}, "texts_of": {`},
		"not accepted":        {`"1.0.0"` + "\n", `"0.1.0"` + "\n"},
		"lacks what is not":   {`"previous_status"` + "\n", `"previous_state"` + "\n"},
		"lacks on no sheet":   {`"lacks": {`, `"lacks": {"other": ["status"],`},
		"renames to nothing":  {`"lacks": {`, `"columns": {"progress": {"x": "y"}}, "lacks": {`},
		"key to nothing":      {`"lacks": {`, `"keys": {"x": "y"}, "lacks": {`},
		"template key":        {`"lacks": {`, `"keys": {"template": "plan"}, "lacks": {`},
		"headings of nothing": {`"lacks": {`, `"labels": {"progress": {"x": {"fr": "X"}}}, "lacks": {`},
		"no note":             {`"note": "Without`, `"note": "", "keyz": "Without`},
		"for all, no choice":  {`"for_all": true`, `"for_all": true, "input": "text", "list": ""`},
	} {
		s := strings.Replace(string(b), c[0], c[1], 1)
		if s == string(b) {
			t.Errorf("%s: the layout has no %s", name, c[0])
			continue
		}
		if _, err := workbook.ParseLayout([]byte(s)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// One cell above the headings answers for every row that is left empty.
func TestOneCellAnswersForAllRows(t *testing.T) {
	for _, lang := range []string{"ar", "fr"} {
		yes := map[string]string{"ar": "نعم", "fr": "Oui"}[lang]
		src := edited(t, template(t, lang), edit{Sheet: "progress", Key: "nothing_to_report", Row: 3, Value: yes},
			edit{Sheet: "progress", Key: "progress_pct", Row: 7, Value: 80.0},
			edit{Sheet: "progress", Key: "previous_progress_pct", Row: 8, Value: 1.0})
		for range 2 { // each walk reads anew
			_, rows, found := read(t, src, layout(t))
			if len(found) > 0 || len(rows) < 3 {
				t.Fatal(found)
			}
			for i, want := range []string{yes, "", yes} {
				c, _ := rows[i].Get("nothing_to_report")
				if c.Text != want || want != "" && c.Row != 3 {
					t.Errorf("%s: row %d holds %+v", lang, rows[i].Number, c)
				}
			}
			if c, _ := rows[3].Get("nothing_to_report"); rows[3].Sheet != "milestones" || c.Kind != workbook.Empty {
				t.Errorf("%s: %s %+v", lang, rows[3].Sheet, c)
			}
		}
		// Where the form was without that cell, what stands there says nothing.
		_, rows, found := read(t, edited(t, src, edit{Sheet: "meta", Cell: "B2", Value: "1.0.0"}), layout(t))
		if len(found) != 1 || len(rows) < 3 {
			t.Fatal(found)
		}
		if c, ok := rows[0].Get("nothing_to_report"); !ok || c.Kind != workbook.Empty {
			t.Errorf("an older form: %+v", c)
		}
	}
}
