package workbook_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook"
)

// changed is what a person did to a form in a spreadsheet program.
func changed(t testing.TB, src []byte, change func(f *excelize.File) error) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := change(f); err != nil {
		t.Fatal(err)
	}
	out, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// told gives findings on a line each.
func told(found []finding.Finding) string {
	var lines []string
	for _, f := range found {
		line := f.Severity.String() + " " + f.Rule + strings.TrimPrefix(f.At.String(), "in.xlsx")
		for _, key := range []string{"count", "name", "state", "column"} {
			if v := f.Args[key]; v != "" {
				line += " " + key + "=" + v
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

const progressSheet = "التقدم"

func TestWhatIsToldOfSheets(t *testing.T) {
	form := template(t, "ar")
	filled := edited(t, form, edit{Sheet: "progress", Key: "progress_pct", Row: 6, Value: 65.0}, edit{Sheet: "progress", Key: "progress_pct", Row: 7, Value: 70.0})
	do := func(changes ...func(f *excelize.File) error) []byte {
		return changed(t, filled, func(f *excelize.File) error {
			for _, change := range changes {
				if err := change(f); err != nil {
					return err
				}
			}
			return nil
		})
	}
	hide := func(rows ...int) func(f *excelize.File) error {
		return func(f *excelize.File) error {
			for _, row := range rows {
				if err := f.SetRowVisible(progressSheet, row, false); err != nil {
					return err
				}
			}
			return nil
		}
	}
	filter := func(options ...excelize.AutoFilterOptions) func(f *excelize.File) error {
		return func(f *excelize.File) error { return f.AutoFilter(progressSheet, "A5:N8", options) }
	}
	merge := func(from, to string) func(f *excelize.File) error {
		return func(f *excelize.File) error { return f.MergeCell(progressSheet, from, to) }
	}
	set := func(ref string, v any) func(f *excelize.File) error {
		return func(f *excelize.File) error { return f.SetCellValue(progressSheet, ref, v) }
	}
	sheet := func(name string, change func(f *excelize.File) error) func(f *excelize.File) error {
		return func(f *excelize.File) error {
			if _, err := f.NewSheet(name); err != nil {
				return err
			}
			return change(f)
		}
	}
	nothing := func(*excelize.File) error { return nil }
	rename := func(from, to string) func(f *excelize.File) error {
		return func(f *excelize.File) error { return f.SetSheetName(from, to) }
	}
	cases := []struct {
		name string
		src  []byte
		want []string
		rows int
	}{
		{"nothing", filled, nil, 4},
		{"hidden rows", do(hide(7, 8, 30)), []string{"info rows-hidden [التقدم] count=2"}, 4},
		{"a filter's buttons alone", do(filter()), nil, 4},
		{"a filter that hides", do(filter(excelize.AutoFilterOptions{Column: "D", Expression: "x > 66"}), hide(6)),
			[]string{"info rows-hidden [التقدم] count=1", "info filter-active [التقدم]"}, 4},
		{"a filter that fits all", do(filter(excelize.AutoFilterOptions{Column: "D", Expression: "x > 1"})), nil, 4},
		{"merged across", do(merge("D6", "E6")), []string{"info cells-merged [التقدم!D6:E6]"}, 4},
		{"merged down", do(merge("F6", "F8")), []string{"info cells-merged [التقدم!F6:F8]"}, 4},
		{"merged above the data", do(merge("A2", "N2")), nil, 4},
		{"merged below the data", do(merge("A20", "N22")), nil, 4},
		{"merged beside the data", do(merge("P6", "Q9")), nil, 4},
		{"merged from the last column outwards", do(merge("N6", "Q6")), nil, 4},
		{"merged from outside into the data", do(merge("A5", "A6")), []string{"info cells-merged [التقدم!A5:A6]"}, 4},
		{"a note beside the table", do(set("P6", "note"), set("Q8", 12)), []string{"info data-outside-table [التقدم!P6] count=2"}, 4},
		{"a column of their own", do(set("P1", "my_notes"), set("P6", "note")), []string{"info column-unknown [التقدم!P1] column=my_notes"}, 4},
		{"a sheet of their own", do(sheet("Feuil1", nothing)), []string{"info sheet-unknown [Feuil1] state=@sheet-visible"}, 4},
		{"a hidden sheet of their own", do(sheet("Feuil1", func(f *excelize.File) error { return f.SetSheetVisible("Feuil1", false) })),
			[]string{"info sheet-unknown [Feuil1] state=@sheet-hidden"}, 4},
		{"the data sheet renamed", do(rename(progressSheet, "تقدم الوزارة")), []string{"info sheet-renamed [تقدم الوزارة] name=التقدم"}, 4},
		{"two sheets that may be the data sheet", changed(t, do(rename(progressSheet, "A")), func(f *excelize.File) error {
			n, err := f.NewSheet("B")
			if err != nil {
				return err
			}
			from, err := f.GetSheetIndex("A")
			if err != nil {
				return err
			}
			return f.CopySheet(from, n)
		}), []string{"block sheet-missing"}, 0},
		{"the hidden sheet renamed", do(rename("_meta", "meta2")), []string{"info sheet-renamed [meta2] name=_meta"}, 4},
		{"a copy of the data sheet", do(sheet("نسخة", func(f *excelize.File) error {
			from, err := f.GetSheetIndex(progressSheet)
			if err != nil {
				return err
			}
			to, err := f.GetSheetIndex("نسخة")
			if err != nil {
				return err
			}
			return f.CopySheet(from, to)
		})), []string{"info sheet-unknown [نسخة] state=@sheet-visible"}, 4},
		{"a row above everything", do(func(f *excelize.File) error { return f.InsertRows(progressSheet, 1, 2) }), nil, 4},
		{"a row above the headings", do(func(f *excelize.File) error { return f.InsertRows(progressSheet, 4, 3) }), nil, 4},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, rows, found := read(t, c.src, layout(t))
			if got := told(found); got != strings.Join(c.want, "\n") || len(rows) != c.rows {
				t.Errorf("%d rows, told\n%s\nwant %d,\n%s", len(rows), got, c.rows, strings.Join(c.want, "\n"))
			}
		})
	}
}

// What a workbook carries besides values is told, and the values are read.
func TestWhatIsToldOfWorkbooks(t *testing.T) {
	form := template(t, "ar")
	add := func(src []byte, name, content string) []byte { return withPart(t, src, name, content) }
	link := func(kind, inside string) []byte {
		return add(form, "xl/externalLinks/externalLink1.xml", `<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><`+kind+">"+inside+"</"+kind+"></externalLink>")
	}
	cell := func(formula string) []byte {
		return replaceInPart(t, form, "xl/worksheets/sheet2.xml", `</sheetData>`,
			`<row r="30"><c r="I30" t="str"><f>`+formula+`</f><v>x</v></c><c r="J30" t="str"><f>`+formula+`</f><v>x</v></c></row></sheetData>`)
	}
	for _, c := range []struct {
		name string
		src  []byte
		want string
	}{
		{"a workbook linked", link("externalBook", ""), "warning workbook-external-links"},
		{"a program linked", link("ddeLink", ""), "warning workbook-external-links\nwarning workbook-dde count=1"},
		{"an object linked", link("oleLink", ""), "warning workbook-external-links\nwarning workbook-dde count=1"},
		{"a link that is damaged", link("ddeLink", "<"), "warning workbook-external-links\nwarning workbook-dde count=1"},
		{"a link that is none", add(form, "xl/externalLinks/externalLink1.xml", "\x00"), "warning workbook-external-links"},
		{"macros", add(form, "xl/vbaProject.bin", ""), "warning workbook-macros"},
		{"files inside", add(add(form, "xl/embeddings/oleObject1.bin", "x"), "xl/media/a.exe", "x"), "warning workbook-embedded-files count=2"},
		{"a picture inside", add(form, "xl/media/image1.png", "x"), ""},
		{"a program called by cells", cell(`cmd|'/c calc'!A0`), "warning workbook-dde [التقدم!I30] count=2"},
		{"a quoted program called", cell(`'cmd'|'/c !'!A0`), "warning workbook-dde [التقدم!I30] count=2"},
		{"a bar in a text", cell(`"a|b"&amp;Sheet1!A1`), ""},
		{"a bar in a sheet's name", cell(`'a|b'!A1`), ""},
		{"a program called by a name", replaceInPart(t, form, "xl/workbook.xml", "</definedNames>",
			`<definedName name="x">cmd|'/c calc'!A0</definedName></definedNames>`), "warning workbook-dde count=1"},
		{"too many strings claimed", replaceInPart(t, form, "xl/sharedStrings.xml", `uniqueCount="`, `uniqueCount="99999`), "warning workbook-count-wrong"},
		{"a claim that is no number", replaceInPart(t, form, "xl/sharedStrings.xml", `uniqueCount="`, `uniqueCount="-`), "warning workbook-count-wrong"},
		{"too many uses claimed", replaceInPart(t, form, "xl/sharedStrings.xml", ` count="`, ` count="99999999`), "warning workbook-count-wrong"},
	} {
		_, rows, found := read(t, c.src, layout(t))
		if got := told(found); got != c.want || len(rows) < 4 {
			t.Errorf("%s: %d rows, told\n%s\nwant\n%s", c.name, len(rows), got, c.want)
		}
	}
}

// Where the key row is gone the values are those that stood under the headings,
// in whichever language these are.
func TestColumnsByHeading(t *testing.T) {
	for _, lang := range []string{"ar", "fr", "en"} {
		src := edited(t, template(t, lang), edit{Sheet: "progress", Key: "progress_pct", Row: 6, Value: 65.5},
			edit{Sheet: "progress", Key: "status", Row: 7, Value: "منجزة"}, edit{Op: workbook.DeleteRow, Sheet: "progress", Row: 1},
			edit{Op: workbook.DeleteRow, Sheet: "progress", Row: 3})
		_, rows, found := read(t, src, layout(t))
		if !strings.HasPrefix(told(found), "info columns-by-label") || len(found) != 1 || len(rows) != 4 {
			t.Fatalf("%s: %d rows, %s", lang, len(rows), told(found))
		}
		if c, _ := rows[0].Get("progress_pct"); c.Number != 65.5 || c.Ref() != "D4" {
			t.Errorf("%s: progress is %+v", lang, c)
		}
		if c, _ := rows[1].Get("status"); c.Text != "منجزة" {
			t.Errorf("%s: status is %+v", lang, c)
		}
	}
}

// Any number of merges costs one look each.
func TestManyMerges(t *testing.T) {
	var merges strings.Builder
	for i := range 50000 {
		fmt.Fprintf(&merges, `<mergeCell ref="A6:XFD%d"/>`, 7+i)
	}
	src := replaceInPart(t, template(t, "ar"), "xl/worksheets/sheet2.xml", "</sheetData>", `</sheetData><mergeCells>`+merges.String()+
		`<mergeCell/><mergeCell ref="A6"/><mergeCell ref="A0:B9"/><mergeCell ref="x"/></mergeCells>`)
	_, rows, found := read(t, src, layout(t))
	behind := slices.IndexFunc(rows, func(r workbook.Row) bool { return len(r.Behind) > 0 })
	if len(rows) != 7 || behind != 3 || len(found) < 49990 || slices.ContainsFunc(found, func(f finding.Finding) bool { return f.Rule != "cells-merged" }) {
		t.Errorf("%d rows, %d findings", len(rows), len(found))
	}
	// More than any form has.
	for range 3 {
		merges.WriteString(merges.String())
	}
	src = replaceInPart(t, template(t, "ar"), "xl/worksheets/sheet2.xml", "</sheetData>", `</sheetData><mergeCells>`+merges.String()+`</mergeCells>`)
	if _, _, found = read(t, src, layout(t)); told(found) != "block workbook-unsafe [التقدم]" {
		t.Errorf("%d findings", len(found))
	}
}

// A value that stands behind a merge is nobody's: its row comes once more, and
// the merge is not said to hide nothing.
func TestValuesBehindMerges(t *testing.T) {
	form := edited(t, template(t, "ar"), edit{Sheet: "progress", Key: "progress_pct", Row: 6, Value: 65.0}, edit{Sheet: "progress", Key: "progress_pct", Row: 7, Value: 70.0},
		edit{Sheet: "progress", Key: "difficulties", Row: 7, Value: "x"}, edit{Sheet: "progress", Key: "progress_pct", Row: 40, Value: 80.0})
	for merges, want := range map[string]string{
		"":                   "",
		"D6:E6":              "info cells-merged [التقدم!D6:E6]",
		"D6:D7":              "7: D7",
		"D6:D40":             "7: D7\n40: D40",
		"D5:D6":              "6: D6",
		"O6:P7":              "",
		"D6:D7 E6:E7":        "7: D7\ninfo cells-merged [التقدم!E6:E7]",
		"D6:J7":              "7: D7 I7",
		"D7:J9":              "7: I7",
		"D7:D9":              "info cells-merged [التقدم!D7:D9]",
		"D6:XFD1048576":      "7: D7 I7\n40: D40",
		"D39:D40 D6:D7":      "7: D7\n40: D40",
		"D39:D40 D6:D30":     "7: D7\n40: D40",
		"D41:D90":            "",
		"D2:D3":              "",
		"D40:E40 I7:J7":      "info cells-merged [التقدم!D40:E40]\ninfo cells-merged [التقدم!I7:J7]",
		"D6:D40 D6:D7":       "7: D7\n40: D40\ninfo cells-merged [التقدم!D6:D7]",
		"D7:D6":              "7: D7",
		"D6:D7 D40:D1048576": "7: D7",
	} {
		xml := `<mergeCells>`
		for ref := range strings.FieldsSeq(merges) {
			xml += `<mergeCell ref="` + ref + `"/>`
		}
		src := replaceInPart(t, form, "xl/worksheets/sheet2.xml", "</sheetData>", "</sheetData>"+xml+"</mergeCells>")
		_, rows, found := read(t, src, layout(t))
		var lines []string
		for _, r := range rows {
			line := ""
			for _, i := range r.Behind {
				if key := r.Keys[i]; key != "title" && key != "previous_progress_pct" && key != "commitment_id" && key != "check" {
					line += " " + r.Cells[i].Ref()
				}
			}
			if line != "" {
				lines = append(lines, fmt.Sprintf("%d:%s", r.Number, line))
			}
		}
		if all := told(found); all != "" {
			lines = append(lines, all)
		}
		if got := strings.Join(lines, "\n"); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", merges, got, want)
		}
	}
}

// Facts are told again by a second walk, and not by one that was left early.
func TestFactsAreToldByEachWalk(t *testing.T) {
	src := changed(t, template(t, "ar"), func(f *excelize.File) error { return f.SetCellValue(progressSheet, "P60", "note") })
	doc, rows, found := read(t, src, layout(t)) // the first walk goes on where the columns were found
	if told(found) != "info data-outside-table [التقدم!P60] count=1" {
		t.Fatal(told(found))
	}
	for _, all := range []bool{false, true} {
		found = nil
		for range doc.Rows(func(f finding.Finding) { found = append(found, f) }) {
			if !all {
				break
			}
		}
		if all != (len(found) == 1) {
			t.Errorf("%v: %s", all, told(found))
		}
	}
	if len(rows) != 4 {
		t.Errorf("%d rows", len(rows))
	}
}
