//go:build e2e

package workbook_test

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/workbook"
	"iltizam/schemas"
)

// A workbook filled in in every form there is, then saved by LibreOffice, is
// judged as before: the same values from the same cells, the same findings.
func TestLibreOfficeKeepsTheVerdict(t *testing.T) {
	c, err := pipeline.LoadContract(schemas.FS)
	if err != nil {
		t.Fatal(err)
	}
	p := testPlan("ar", "fr")
	for len(p.Commitments) < 8 {
		more := p.Commitments[1]
		more.Number = 11 + len(p.Commitments)
		more.ID = plan.CommitmentID(p.ID, more.Number)
		p.Commitments = append(p.Commitments, more)
	}
	check := func(src []byte) (*plan.Submission, []finding.Finding) {
		report := &finding.Report{File: "in.xlsx"}
		rc := rules.Receipt{Digest: strings.Repeat("ab", 32), Folder: "social", ReceivedAt: "2023-01-20T09:00:00Z"}
		j, err := c.Check(src, []*plan.ActionPlan{p}, rc, workbook.DefaultLimits(), report)
		if err != nil {
			t.Fatal(err)
		}
		report.Sort()
		return j.Submission, report.Findings
	}
	for lang, status := range map[string][2]string{"ar": {"في طور الانجاز", "منجزة"}, "fr": {"EN COURS", "Réalisés"}} {
		var buf bytes.Buffer
		if err := workbook.Template(&buf, c.Layout, c.TemplateSpec(p, "social", p.Period("2022-h2"), lang)); err != nil {
			t.Fatal(err)
		}
		set := func(key string, row int, v any) edit { return edit{Sheet: "progress", Key: key, Row: row, Value: v} }
		edits := []edit{
			set("progress_pct", 6, 87.5), set("progress_pct", 7, "٦٥ ٪"), set("progress_pct", 8, "40,5"), set("progress_pct", 9, "72,5\u00a0%"),
			{Sheet: "progress", Key: "progress_pct", Row: 10, Value: 0.655, NumFmt: "0%"}, set("progress_pct", 11, 100.0),
			set("progress_pct", 12, 0.65), set("nothing_to_report", 13, map[string]string{"ar": "نعم", "fr": "Oui"}[lang]),
			{Sheet: "progress", Key: "reference_date", Row: 6, Value: "2022-12-31", Date: true}, set("reference_date", 7, "٣١/١٢/٢٠٢٢"),
			set("reference_date", 8, "31 دجنبر 2022"), set("reference_date", 9, "31 décembre 2022"), set("reference_date", 10, 44926.0),
			{Sheet: "progress", Key: "reference_date", Row: 11, Value: 44926.5, NumFmt: "dd/mm/yyyy hh:mm"},
			set("narrative_ar", 6, "ملخّص مشـكول\u200cبعلامات"), set("narrative_fr", 7, "Ligne\nautre ligne « é » _x000D_ 😀"),
			set("narrative_fr", 8, "  blancs  "), set("difficulties", 6, strings.Repeat("é", 4000)), set("next_steps", 6, "=1+1"),
			{Sheet: "progress", Key: "difficulties", Row: 8, Value: 1234567.5},
			{Sheet: "milestones", Key: "completion_pct", Row: 6, Value: "٥٠"}, {Sheet: "milestones", Key: "status", Row: 6, Value: status[0]},
			{Sheet: "milestones", Key: "actual_start_date", Row: 6, Value: "2021-11-01", Date: true},
		}
		for row := 6; row < 13; row++ {
			s := status[0]
			if row == 11 {
				s = status[1]
			}
			edits = append(edits, set("status", row, s), set("evidence_url", row, "https://example.org/"+string(rune('a'+row))))
		}
		src, err := workbook.ApplyEdits(buf.Bytes(), c.Layout, edits)
		if err != nil {
			t.Fatal(err)
		}
		want, told := check(src)
		if want == nil || len(want.Progress) < 7 || len(want.Milestones) != 1 || len(told) < 8 {
			t.Fatalf("%s: %+v, %v", lang, want, told)
		}
		got, after := check(resave(t, src, "xlsx"))
		if !reflect.DeepEqual(want, got) {
			for i := range min(len(want.Progress), len(got.Progress)) {
				if a, b := want.Progress[i], got.Progress[i]; !reflect.DeepEqual(a, b) {
					t.Errorf("%s: the row was\n%+v\nthen\n%+v", lang, a, b)
				}
			}
			t.Errorf("%s: the values are other ones: %d rows, then %d", lang, len(want.Progress), len(got.Progress))
		}
		if !slices.EqualFunc(told, after, func(a, b finding.Finding) bool { return reflect.DeepEqual(a, b) }) {
			t.Errorf("%s: the findings were\n%v\nthen\n%v", lang, told, after)
		}
	}
}
