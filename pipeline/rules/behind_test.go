package rules_test

import (
	"slices"
	"strings"
	"testing"
)

// merged adds merges after the rows of a bare book's data sheet.
func merged(src []byte, refs string) []byte {
	xml := "</sheetData><mergeCells>"
	for ref := range strings.FieldsSeq(refs) {
		xml += `<mergeCell ref="` + ref + `"/>`
	}
	return replaceIn(new(testing.T), src, "xl/worksheets/sheet1.xml", "</sheetData>", xml+"</mergeCells>")
}

// A value that nobody sees is not published: its row is held back, whatever else
// the row is; a row that nobody filled in is none.
func TestValuesBehindAMerge(t *testing.T) {
	book := func(refs string) []byte {
		return merged(bareBook(t, "progress", []string{"commitment_id", "progress_pct", "status", "reference_date", "narrative_ar", "narrative_fr", "evidence_url"}, 4, func(i int) []string {
			row := []string{str("xx-plan-c0" + string(rune('1'+i))), num("65"), str("in_progress"), str("2022-12-31"), str("أنجز"), str("Fait."), str("https://example.org/" + string(rune('1'+i)))}
			switch i {
			case 2:
				row = row[:1] // waiting
			case 3:
				row[0], row[1] = str("xx-plan-c01"), num("70") // again
			}
			return row
		}), refs)
	}
	const again = `error commitment-duplicate Avancement!A9 "xx-plan-c01"`
	for refs, want := range map[string][]string{
		"":            {again},
		"B7:B8":       {again, `info cells-merged Avancement!B7:B8`},
		"A7:A8":       {again}, // nobody filled in row 8
		"B6:B7":       {again, `error value-behind-merge Avancement!B7 "65"`},
		"B7:C7":       {again, `error value-behind-merge Avancement!C7 "in_progress"`},
		"B5:C7":       {again, `error value-behind-merge Avancement!B6 "65"`, `error value-behind-merge Avancement!C6 "in_progress"`, `error value-behind-merge Avancement!B7 "65"`, `error value-behind-merge Avancement!C7 "in_progress"`},
		"A6:A7 D8:D9": {again, `error value-behind-merge Avancement!A7 "xx-plan-c02"`, `error value-behind-merge Avancement!D9 "2022-12-31"`},
	} {
		j, report := check(t, book(refs), receipt)
		report.Sort()
		got := flatAll(report)
		got = slices.DeleteFunc(got, func(s string) bool { return strings.HasPrefix(s, "warning") })
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %s", refs, strings.Join(got, "\n"))
		}
		taken := []string{"xx-plan-c02"}
		held := []string{"xx-plan-c01"}
		if slices.ContainsFunc(want, func(s string) bool { return strings.Contains(s, "value-behind-merge") && strings.Contains(s, "7 ") }) {
			taken, held = nil, []string{"xx-plan-c01", "xx-plan-c02"}
		}
		var ids []string
		for _, p := range j.Submission.Progress {
			ids = append(ids, p.Commitment)
		}
		if !slices.Equal(ids, taken) || !slices.Equal(j.Submission.Held, held) || j.RowsTaken != len(taken) || j.RowsHeld != 3-len(taken) {
			t.Errorf("%s: took %v, held %v, counted %d and %d", refs, ids, j.Submission.Held, j.RowsTaken, j.RowsHeld)
		}
		for _, n := range j.Submission.Notes {
			if !slices.Contains(taken, n.Commitment) && n.Commitment != "xx-plan-c03" {
				t.Errorf("%s: a note on %s stays: %s", refs, n.Commitment, n.Rule)
			}
		}
		sayAll(t, report)
	}
}
