package workbook_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"iltizam/pipeline/workbook"
	"iltizam/pipeline/workbook/scan"
	"iltizam/pipeline/workbook/workbooktest"
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
			if noWorksheet(err) {
				continue
			}
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

// workbooksHere are all workbooks of the repository.
func workbooksHere(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && d.Name() != "../..") && name != "../.." {
			return filepath.SkipDir
		}
		if err == nil && strings.EqualFold(filepath.Ext(name), ".xlsx") {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestAgreesWithTheOracleOnEveryWorkbookHere(t *testing.T) {
	files, cells := workbooksHere(t), 0
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			cells += compare(t, src)
			compareTypes(t, src)
			book, sheets, err := readBook(new(scan.Space), src, workbook.DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			if d := agreesWithSlow(book, sheets, src); d != "" {
				t.Error(d)
			}
		})
	}
	if len(files) < 19 || cells < 1000 {
		t.Errorf("compared only %d cells of %d workbooks", cells, len(files))
	}
}

// compareTypes holds each cell's kind against the oracle's type and format.
func compareTypes(t *testing.T, src []byte) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(src))
	if err != nil {
		t.Fatalf("oracle: %v", err)
	}
	defer f.Close()
	book, sheets, err := readBook(new(scan.Space), src, workbook.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range book.Sheets {
		for _, c := range sheets[i] {
			typ, err := f.GetCellType(s.Name, c.Ref())
			if err != nil {
				t.Fatalf("oracle: %v", err)
			}
			want := map[excelize.CellType]scan.Kind{excelize.CellTypeBool: scan.Bool, excelize.CellTypeError: scan.Error,
				excelize.CellTypeSharedString: scan.Text, excelize.CellTypeInlineString: scan.Text, excelize.CellTypeFormula: scan.Text,
				excelize.CellTypeNumber: scan.Number, excelize.CellTypeUnset: scan.Number, excelize.CellTypeDate: scan.Date}[typ]
			percent, date := oracleFormat(t, f, s.Name, c.Ref())
			if date && want == scan.Number {
				want = scan.Date
			}
			if formula, err := f.GetCellFormula(s.Name, c.Ref()); err != nil || (formula != "") != c.Formula {
				t.Errorf("%s!%s: formula %v, the oracle's %q, %v", s.Name, c.Ref(), c.Formula, formula, err)
			}
			if c.Kind == scan.FormulaUncached && c.Raw == "" || c.Kind == scan.Empty {
				continue
			}
			if c.Kind != want || c.Kind == scan.Number && c.Percent != percent {
				t.Errorf("%s!%s is a %v (percent %v), the oracle's %v (percent %v)", s.Name, c.Ref(), c.Kind, c.Percent, want, percent)
			}
		}
	}
}

// oracleFormat tells of a cell's number format whether it shows percentages or
// dates, by the numbers of the standard or the letters of its code.
func oracleFormat(t *testing.T, f *excelize.File, sheet, ref string) (percent, date bool) {
	t.Helper()
	id, err := f.GetCellStyle(sheet, ref)
	if err != nil {
		t.Fatal(err)
	}
	style, err := f.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	if code := style.CustomNumFmt; code != nil {
		bare := regexp.MustCompile(`"[^"]*"|\\.|\[[^\]]*\]`).ReplaceAllString(strings.ToLower(*code), "")
		bare = strings.ReplaceAll(bare, "general", "")
		return strings.Contains(bare, "%"), strings.ContainsAny(bare, "dmyhs")
	}
	n := style.NumFmt
	return n == 9 || n == 10, n >= 14 && n <= 22 || n >= 45 && n <= 47
}

// knownDifferences are the sound workbooks of the nasty set that the oracle
// reads otherwise, each with its fault.
func knownDifferences() map[string]string {
	return map[string]string{
		"text-escape-result":         "escapes in the result of a formula stay",
		"text-escape-pair":           "an escaped pair of surrogates is dropped",
		"text-escape-half":           "half an escaped pair is dropped, not marked",
		"dialect-style-empty":        "a sheet with an empty s is read as blank",
		"dialect-strings-elsewhere":  "shared strings at another path are not found",
		"dialect-book-elsewhere":     "shared strings beside a workbook part at another path are not found",
		"dialect-members-capitals":   "members in capitals are not found",
		"dialect-calcchain-beta":     "a calculation chain of another namespace is fatal",
		"dialect-foreign-attributes": "attributes of other namespaces count as the cell's own",
	}
}

// tooMuchForTheOracle are sound workbooks on which it would take minutes or all
// of the memory.
func tooMuchForTheOracle() []string {
	return []string{"xfd-100000-rows-empty", "phantom-rows"}
}

// Every sound workbook of the nasty set is read as excelize reads it, but where
// excelize is known to be wrong.
func TestAgreesWithTheOracleOnNastyWorkbooks(t *testing.T) {
	known, read := knownDifferences(), 0
	for _, c := range workbooktest.Nasty() {
		file := c.File()
		if _, _, err := readBook(new(scan.Space), file, workbook.DefaultLimits()); err != nil || slices.Contains(tooMuchForTheOracle(), c.ID) {
			continue
		}
		read++
		var r recorder
		func() {
			defer func() {
				if p := recover(); p != nil && r.said == "" {
					t.Errorf("%s: the oracle panics: %v", c.ID, p)
				}
			}()
			compare(&r, file)
		}()
		switch why := known[c.ID]; {
		case why == "" && r.said != "":
			t.Errorf("%s: %s", c.ID, r.said)
		case why != "" && r.said == "":
			t.Errorf("%s: the oracle agrees by now: %s", c.ID, why)
		case r.said != "":
			t.Logf("%s: %s: %s", c.ID, why, r.said)
		}
		delete(known, c.ID)
	}
	for id := range known {
		t.Errorf("%s is no sound workbook of the set", id)
	}
	if read < 150 {
		t.Errorf("compared only %d workbooks", read)
	}
}

// Of a damaged workbook either nothing is read or all that is in it: never a
// shorter table, never another value.
func TestDamageNeverShortens(t *testing.T) {
	space := new(scan.Space)
	for name, file := range map[string][]byte{"long": workbooktest.Long().Parts().Zip(), "streamed": workbooktest.Stream(workbooktest.Long().Parts()),
		"template": template(t, "ar")} {
		_, truth, err := readBook(space, file, workbook.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		check := func(what string, b []byte) bool {
			_, got, err := readBook(space, b, workbook.DefaultLimits())
			if err != nil {
				return false
			}
			if !slices.EqualFunc(truth, got, slices.Equal) {
				t.Errorf("%s %s: read something else", name, what)
			}
			return true
		}
		for i := range 50 {
			if check(fmt.Sprintf("cut to %d/50", i), file[:len(file)*i/50]) {
				t.Errorf("%s cut to %d/50 was read", name, i)
			}
		}
		read := 0
		const places = 1000
		for i := range places {
			at := (len(file) - 1) * i / (places - 1)
			b := bytes.Clone(file)
			b[at] ^= byte(1 << (i % 8))
			if check(fmt.Sprintf("flipped at byte %d", at), b) {
				read++
			}
		}
		if read > places/2 {
			t.Errorf("%s: read %d of %d", name, read, places)
		}
		t.Logf("%s: %d of %d flips touched nothing that is read", name, read, places)
	}
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
