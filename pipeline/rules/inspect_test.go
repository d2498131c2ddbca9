package rules_test

import (
	"bytes"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook"
)

// inspect judges a workbook without keeping its rows.
func inspect(tb testing.TB, src []byte) (j judged, report *finding.Report) {
	tb.Helper()
	report = &finding.Report{File: "in.xlsx"}
	got, err := mustContract(tb).Inspect(bytes.NewReader(src), int64(len(src)), []*plan.ActionPlan{testPlan()}, receipt, workbook.DefaultLimits(), report)
	if err != nil {
		tb.Fatal(err)
	}
	return judged{got.Submission, got.RowsTaken, got.RowsHeld}, report
}

type judged struct {
	sub         *plan.Submission
	taken, held int
}

// Whether the rows are kept or not, a workbook gets the same findings and the
// same counts; of those kept, no id stands twice.
func TestInspectingJudgesAsValidatingDoes(t *testing.T) {
	cells := map[string][]string{
		"commitment_id":     {"xx-plan-c01", "xx-plan-c01", "xx-plan-c02", "xx-plan-c03", " xx-plan-c03 ", "xx-plan-c04", "xx-plan-c99", ""},
		"milestone_id":      {"xx-plan-c01-m01", "xx-plan-c01-m02", "xx-plan-c01-m02", "xx-plan-c02-m01", "m 1", ""},
		"progress_pct":      {"65", "100", "0.5", "145", "x", "33.333", ""},
		"completion_pct":    {"65", "100", "0.5", "145", ""},
		"status":            {"in_progress", "completed", "منجز", "fini", ""},
		"reference_date":    {"2022-12-31", "2031-01-01", "31.12.2022", ""},
		"nothing_to_report": {"oui", "", ""},
		"actual_end_date":   {"2022-12-31", "1905-07-13", ""},
		"difficulties":      {"a@b.ma", "Retard", ""},
	}
	sheets := map[string][]string{
		"progress":   {"commitment_id", "progress_pct", "status", "reference_date", "nothing_to_report", "difficulties"},
		"milestones": {"milestone_id", "commitment_id", "completion_pct", "status", "actual_end_date"},
	}
	twice, behind, all := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		sheet := rapid.SampledFrom([]string{"progress", "milestones"}).Draw(t, "sheet")
		keys := sheets[sheet]
		var rows [][]string
		for range rapid.IntRange(0, 12).Draw(t, "rows") {
			var row []string
			for _, key := range keys {
				text, raw := rapid.SampledFrom(cells[key]).Draw(t, key), ""
				if _, err := strconv.ParseFloat(text, 64); err == nil {
					raw = num(text)
				} else if text != "" {
					raw = str(text)
				}
				row = append(row, raw)
			}
			rows = append(rows, row)
		}
		src := merged(bareBook(new(testing.B), sheet, keys, len(rows), func(i int) []string { return rows[i] }), rapid.SampledFrom([]string{
			"", "", "A6:A7", "B6:B9", "D7:F10", "A6:Z6", "A1:Z99", "C8:C9 B7:B8"}).Draw(t, "merges"))
		kept, want := check(new(testing.B), src, receipt)
		bare, got := inspect(new(testing.B), src)
		if !reflect.DeepEqual(got.Findings, want.Findings) || !reflect.DeepEqual(got.Cut, want.Cut) {
			t.Fatalf("inspected %v\nvalidated %v", flatAll(got), flatAll(want))
		}
		if bare.taken != kept.RowsTaken || bare.held != kept.RowsHeld || (bare.sub == nil) != (kept.Submission == nil) {
			t.Fatalf("inspected %+v, validated %+v", bare, kept)
		}
		if kept.Submission == nil {
			return
		}
		if bare.sub.Progress != nil || bare.sub.Milestones != nil || bare.sub.Notes != nil || !slices.Equal(bare.sub.Held, kept.Submission.Held) {
			t.Fatalf("inspecting kept %+v", bare.sub)
		}
		// What was counted is what is there, each id once.
		ids := map[string]int{}
		for _, p := range kept.Submission.Progress {
			ids[p.Commitment]++
		}
		for _, m := range kept.Submission.Milestones {
			ids[m.Milestone]++
		}
		n := 0
		for id, k := range ids {
			if n += k; k > 1 && id != "" {
				t.Fatalf("%s was taken %d times", id, k)
			}
		}
		if n != kept.RowsTaken {
			t.Fatalf("counted %d rows, took %d", kept.RowsTaken, n)
		}
		all++
		if slices.ContainsFunc(want.Findings, func(f finding.Finding) bool {
			return f.Rule == "commitment-duplicate" || f.Rule == "milestone-duplicate"
		}) {
			twice++
		}
		if slices.ContainsFunc(want.Findings, func(f finding.Finding) bool { return f.Rule == "value-behind-merge" }) {
			behind++
		}
	})
	if twice == 0 || twice == all || behind == 0 || behind == all {
		t.Errorf("of %d workbooks %d had an id twice, %d a value behind a merge: the test says little", all, twice, behind)
	}
}

// What is held on to does not grow with the findings either: an error and two
// warnings of each row.
func TestInspectingALongSheetKeepsNoRow(t *testing.T) {
	src := bareBook(t, "progress", []string{"commitment_id", "progress_pct", "status", "reference_date"}, 3000, func(i int) []string {
		return []string{str("xx-plan-c99" + strconv.Itoa(i)), num("100"), str("in_progress"), str("2022-12-31")}
	})
	j, report := inspect(t, src)
	kept, _ := check(t, src, receipt)
	if j.held != 3000 || kept.RowsHeld != 3000 || len(report.Findings) != 3*finding.Limit || report.Count(finding.Error) != 3000 {
		t.Errorf("%+v, %d findings", j, len(report.Findings))
	}
}
