package pipeline_test

import (
	"bytes"
	"strings"
	"testing"

	"iltizam/pipeline/workbook"
	"iltizam/pipeline/workbook/workbooktest"
)

// formOf is the real form in an edition, filled in as the plain form is.
func formOf(tb testing.TB, lang string, more ...workbook.Edit) []byte {
	tb.Helper()
	c, p := mustContract(tb), nastyPlan()
	var buf bytes.Buffer
	if err := workbook.Template(&buf, c.Layout, c.TemplateSpec(p, "water", p.Period("2022-h2"), lang)); err != nil {
		tb.Fatal(err)
	}
	status := map[string][2]string{"fr": {"En cours", "Réalisés"}, "ar": {"في طور الإنجاز", "منجزة"}}[lang]
	var edits []workbook.Edit
	for i, pct := range []float64{65, 40.5, 100} {
		set := func(key string, v any) {
			edits = append(edits, workbook.Edit{Sheet: "progress", Key: key, Row: 6 + i, Value: v, Date: key == "reference_date"})
		}
		n := string(rune('6' + i))
		set("progress_pct", pct)
		set("status", status[i/2])
		set("reference_date", "2022-12-31")
		set("narrative_ar", "ملخص "+n)
		set("narrative_fr", "Récit "+n)
		set("evidence_url", "https://example.org/"+n)
	}
	file, err := workbook.ApplyEdits(buf.Bytes(), c.Layout, append(edits, more...))
	if err != nil {
		tb.Fatal(err)
	}
	return file
}

// formCases are made of the real form, as the program hands it out.
func formCases(tb testing.TB) []workbooktest.Case {
	set := func(key string, row int, v any) workbook.Edit {
		return workbook.Edit{Sheet: "progress", Key: key, Row: row, Value: v}
	}
	edited := func(lang string, edits ...workbook.Edit) func() []byte {
		return func() []byte { return formOf(tb, lang, edits...) }
	}
	// part changes the XML of the progress sheet, which is the second.
	part := func(lang, old, with string) func() []byte {
		return func() []byte {
			p, err := workbooktest.Unzip(formOf(tb, lang))
			if err != nil {
				tb.Fatal(err)
			}
			return p.Replace("xl/worksheets/sheet2.xml", old, with).Zip()
		}
	}
	return []workbooktest.Case{
		{ID: "form-fr", About: "the French form as it is handed out, filled in", Same: true, File: edited("fr")},
		{ID: "form-ar", About: "the Arabic form as it is handed out, filled in", Same: true, File: edited("ar")},
		{ID: "form-sheet-renamed", About: "the Arabic form, its sheet of progress renamed", Rules: "sheet-renamed", Same: true,
			File: edited("ar", workbook.Edit{Op: workbook.RenameSheet, Sheet: "progress", Value: "ورقة1"})},
		{ID: "form-sheet-gone", About: "the Arabic form without its sheet of milestones", Rules: "sheet-absent", Same: true,
			File: edited("ar", workbook.Edit{Op: workbook.DeleteSheet, Sheet: "milestones"})},
		{ID: "form-column-gone", About: "the Arabic form without the column of difficulties", Same: true,
			File: edited("ar", workbook.Edit{Op: workbook.DeleteColumn, Sheet: "progress", Key: "difficulties"})},
		{ID: "form-status-gone", About: "the Arabic form without the column of statuses", Rules: "column-missing",
			File: edited("ar", workbook.Edit{Op: workbook.DeleteColumn, Sheet: "progress", Key: "status"})},
		{ID: "form-row-gone", About: "the form without the row of its second commitment", Rules: "commitment-missing",
			File: edited("fr", workbook.Edit{Op: workbook.DeleteRow, Sheet: "progress", Row: 7})},
		{ID: "form-keys-gone", About: "the form without its hidden row of keys, everything one row up", Rules: "columns-by-label",
			File: edited("fr", workbook.Edit{Op: workbook.DeleteRow, Sheet: "progress", Row: 1})},
		{ID: "form-heading-renamed", About: "the form with a heading written anew", Rules: "column-renamed", Same: true,
			File: edited("fr", workbook.Edit{Sheet: "progress", Cell: "D4", Value: "Pourcentage"}, workbook.Edit{Sheet: "progress", Cell: "D5", Value: "النسبة"})},
		{ID: "form-extra-row", About: "the form with a commitment that is not this institution's", Rules: "commitment-not-yours",
			File: edited("fr", set("commitment_id", 9, "xx-plan-c04"), set("progress_pct", 9, 10.0), set("status", 9, "En cours"), set("reference_date", 9, "2022-12-31"))},
		{ID: "form-mixed-digits", About: "the Arabic form with Arabic digits, a comma and a percent sign as texts", Rules: "number-read-from-text date-read-from-text number-read-from-text", Same: true,
			File: edited("ar", set("progress_pct", 6, "٦٥ ٪"), set("progress_pct", 7, "40,5"), set("reference_date", 6, "٣١ دجنبر ٢٠٢٢"))},
		{ID: "form-shown-as-percent", About: "the form with its percentages in percent cells", Rules: "percent-cell-read percent-cell-read", Same: true,
			File: edited("fr", workbook.Edit{Sheet: "progress", Key: "progress_pct", Row: 6, Value: 0.65, NumFmt: "0%"},
				workbook.Edit{Sheet: "progress", Key: "progress_pct", Row: 7, Value: 0.405, NumFmt: "0.0%"})},
		{ID: "form-nothing-to-report", About: "the form with nothing to report on its first commitment", Rules: "nothing-to-report",
			File: edited("fr", set("progress_pct", 6, nil), set("status", 6, nil), set("reference_date", 6, nil), set("narrative_ar", 6, nil), set("narrative_fr", 6, nil),
				set("evidence_url", 6, nil), set("nothing_to_report", 6, "Oui"))},
		{ID: "form-milestone", About: "the form with its milestone reported on",
			File: edited("fr", workbook.Edit{Sheet: "milestones", Key: "completion_pct", Row: 6, Value: 50.0}, workbook.Edit{Sheet: "milestones", Key: "status", Row: 6, Value: "En cours"})},
		{ID: "form-row-hidden", About: "the Arabic form with a row hidden", Rules: "rows-hidden", Same: true, File: part("ar", `<row r="7" `, `<row r="7" hidden="1" `)},
		{ID: "form-merged", About: "the French form with two cells of progress merged, a value behind the first", Rules: "value-behind-merge",
			File: part("fr", "</sheetData>", `</sheetData><mergeCells count="1"><mergeCell ref="D6:D7"/></mergeCells>`)},
		{ID: "form-note", About: "a note in a free cell above the table", Same: true,
			File: edited("fr", workbook.Edit{Sheet: "progress", Cell: "P3", Value: strings.Repeat("note ", 3)})},
	}
}
