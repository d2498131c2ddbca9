package workbook_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"iltizam/pipeline/workbook"
	"iltizam/pipeline/workbook/scan"
)

// compare reads every cell of a well-formed workbook twice, with our reader and
// with excelize, and fails where the raw values differ.
func compare(t interface {
	Helper()
	Fatalf(string, ...any)
}, src []byte) int {
	t.Helper()
	book, err := scan.Open(bytes.NewReader(src), int64(len(src)), workbook.DefaultLimits())
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(src))
	if err != nil {
		t.Fatalf("oracle: %v", err)
	}
	defer f.Close()
	names := f.GetSheetList()
	if len(names) != len(book.Sheets) {
		t.Fatalf("%d sheets, the oracle has %d", len(book.Sheets), len(names))
	}
	n := 0
	for i, s := range book.Sheets {
		if s.Name != names[i] {
			t.Fatalf("sheet %d is %q, the oracle's %q", i, s.Name, names[i])
		}
		ours := map[string]string{}
		if err := book.Each(s, func(_ int, cells []scan.Cell) bool {
			for _, c := range cells {
				if c.Raw != "" {
					ours[c.Ref()] = c.Raw
				}
			}
			return true
		}); err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		n += len(ours)
		rows, err := f.Rows(s.Name)
		if err != nil {
			t.Fatalf("oracle: %v", err)
		}
		for row := 1; rows.Next(); row++ {
			cols, err := rows.Columns(excelize.Options{RawCellValue: true})
			if err != nil {
				t.Fatalf("oracle: %v", err)
			}
			for col, want := range cols {
				ref := scan.Ref(col+1, row)
				if ours[ref] != want {
					t.Fatalf("%s!%s is %q, the oracle's %q", s.Name, ref, ours[ref], want)
				}
				delete(ours, ref)
			}
		}
		for ref, v := range ours {
			t.Fatalf("%s!%s is %q, the oracle has no such cell", s.Name, ref, v)
		}
	}
	return n
}

func TestAgreesWithTheOracleOnTemplates(t *testing.T) {
	for _, lang := range []string{"ar", "fr", "en"} {
		src := template(t, lang)
		if n := compare(t, src); n < 100 {
			t.Errorf("only %d cells", n)
		}
		compare(t, edited(t, src, edit{Sheet: "progress", Key: "progress_pct", Row: 6, Value: 0.65, NumFmt: "0%"},
			edit{Sheet: "progress", Key: "status", Row: 6, Value: "منجزة"}, edit{Sheet: "progress", Key: "reference_date", Row: 6, Value: "2022-12-31", Date: true},
			edit{Op: workbook.DeleteRow, Sheet: "progress", Row: 8}, edit{Op: workbook.DeleteColumn, Sheet: "progress", Key: "next_steps"}))
	}
}

// Any workbook that excelize writes is read as excelize reads it.
func TestAgreesWithTheOracleOnAnything(t *testing.T) {
	text := rapid.StringOf(rapid.RuneFrom([]rune("ab 0_x\n\t&<>\"'ءة٪é😀\u200f\u00a0")))
	rapid.Check(t, func(t *rapid.T) {
		f := excelize.NewFile()
		defer f.Close()
		must := func(err error) {
			if err != nil {
				t.Fatalf("oracle: %v", err)
			}
		}
		must(f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: ptr(rapid.Bool().Draw(t, "1904"))}))
		for i := range rapid.IntRange(1, 3).Draw(t, "sheets") {
			sheet := fmt.Sprintf("Sheet%d", i+1)
			_, err := f.NewSheet(sheet)
			must(err)
			for range rapid.IntRange(0, 30).Draw(t, "cells") {
				ref := scan.Ref(rapid.IntRange(1, 40).Draw(t, "col"), rapid.IntRange(1, 60).Draw(t, "row"))
				switch rapid.IntRange(0, 6).Draw(t, "kind") {
				case 0:
					must(f.SetCellFloat(sheet, ref, rapid.Float64().Draw(t, "number"), -1, 64))
				case 1:
					must(f.SetCellStr(sheet, ref, text.Draw(t, "text")))
				case 2:
					must(f.SetCellBool(sheet, ref, rapid.Bool().Draw(t, "bool")))
				case 3:
					must(f.SetCellInt(sheet, ref, rapid.Int64().Draw(t, "integer")))
				case 4:
					must(f.SetCellRichText(sheet, ref, []excelize.RichTextRun{{Text: text.Draw(t, "run"), Font: &excelize.Font{Bold: true}}, {Text: text.Draw(t, "run")}}))
				case 5:
					must(f.SetCellFormula(sheet, ref, "1+1"))
				case 6:
					style, err := f.NewStyle(&excelize.Style{CustomNumFmt: ptr(rapid.SampledFrom([]string{"0%", "dd/mm/yyyy", `General"%"`}).Draw(t, "format"))})
					must(err)
					must(f.SetCellStyle(sheet, ref, ref, style))
				}
			}
		}
		var buf bytes.Buffer
		must(f.Write(&buf))
		compare(t, buf.Bytes())
	})
}

func ptr[T any](v T) *T { return &v }

// The comparison can fail: the oracle does not decode this text, we do.
func TestTheOracleCanDisagree(t *testing.T) {
	src := replaceInPart(t, template(t, "ar"), "xl/worksheets/sheet5.xml", `</sheetData>`,
		`<row r="100"><c r="A100" t="str"><v>a_x000D_b</v></c></row></sheetData>`)
	var r recorder
	func() {
		defer func() { _ = recover() }()
		compare(&r, src)
	}()
	if !strings.Contains(r.said, "A100") {
		t.Errorf("said %q", r.said)
	}
}

type recorder struct{ said string }

func (*recorder) Helper() {}
func (r *recorder) Fatalf(format string, args ...any) {
	r.said = fmt.Sprintf(format, args...)
	panic(r.said)
}
