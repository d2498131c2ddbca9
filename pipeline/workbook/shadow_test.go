package workbook_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"iltizam/pipeline/workbook"
	"iltizam/pipeline/workbook/scan"
	"iltizam/pipeline/workbook/workbooktest"
)

// shadow rebuilds a workbook.
func shadow(t *testing.T, book *scan.Book, keep func(scan.Sheet) bool) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := book.Rebuild(&out, keep); err != nil {
		t.Fatalf("rebuild: %v", err)
	}
	return out.Bytes()
}

// agree opens a rebuilt workbook with excelize and compares what it says of the
// workbook with what our reader said of the one that was sent.
func agree(t *testing.T, book *scan.Book, src []byte) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(src), excelize.Options{UnzipSizeLimit: 64 << 20, UnzipXMLSizeLimit: 64 << 20})
	if err != nil {
		t.Fatalf("excelize: %v", err)
	}
	defer f.Close()
	props, err := f.GetWorkbookProps()
	if err != nil {
		t.Fatal(err)
	}
	if date1904 := props.Date1904 != nil && *props.Date1904; date1904 != book.Date1904 {
		t.Errorf("date1904 is %v, excelize has %v", book.Date1904, date1904)
	}
	// Names that differ in case only, or twice the same, are one to excelize.
	names := f.GetSheetList()
	if len(names) != len(book.Sheets) {
		t.Fatalf("%d sheets, excelize has %d", len(book.Sheets), len(names))
	}
	for i, s := range book.Sheets {
		if names[i] != s.Name {
			t.Errorf("sheet %q, excelize has %q", s.Name, names[i])
			continue
		}
		if visible, err := f.GetSheetVisible(s.Name); err != nil || visible == s.Hidden {
			t.Errorf("sheet %q: hidden is %v, excelize shows it: %v %v", s.Name, s.Hidden, visible, err)
		}
	}
	for i := range min(book.Formats(), 200) {
		percent, date := book.Format(i)
		style, err := f.GetStyle(i)
		if err != nil {
			t.Errorf("format %d: %v", i, err)
			continue
		}
		code := ""
		if style.CustomNumFmt != nil {
			code = *style.CustomNumFmt
		}
		if is := style.NumFmt == 9 || style.NumFmt == 10 || strings.Contains(code, "0%") || strings.Contains(code, "0.0%"); is && !percent {
			t.Errorf("format %d is no percentage, excelize has %d %q", i, style.NumFmt, code)
		}
		if is := style.NumFmt >= 14 && style.NumFmt <= 22 || strings.HasPrefix(code, "dd/mm") || strings.HasPrefix(code, "yyyy-"); is != date && code == "" {
			t.Errorf("format %d: date is %v, excelize has %d", i, date, style.NumFmt)
		}
	}
}

// cellsOf gives all cells, ours or a rebuilt workbook's, on a line each; formulas
// aside, which may have been left out.
func cellsOf(t *testing.T, book *scan.Book) (text string, err error) {
	t.Helper()
	var b strings.Builder
	for i, s := range book.Sheets {
		if !s.Readable() {
			continue
		}
		if err := book.Each(s, func(_ int, cells []scan.Cell) bool {
			for _, c := range cells {
				if c.Formula = false; c.Kind != scan.FormulaUncached {
					fmt.Fprintf(&b, "%d %+v\n", i, c)
				}
			}
			return true
		}); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

func scanned(t *testing.T, src []byte) *scan.Book {
	t.Helper()
	book, err := scan.Open(bytes.NewReader(src), int64(len(src)), workbook.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// checkShadow rebuilds a workbook, blank and with its sheets.
func checkShadow(t *testing.T, src []byte) {
	t.Helper()
	book := scanned(t, src)
	blank := shadow(t, book, nil)
	agree(t, book, blank)
	if cells, err := cellsOf(t, scanned(t, blank)); err != nil || cells != "" {
		t.Errorf("the blank one: %v, cells %.200s", err, cells)
	}
	want, err := cellsOf(t, book)
	if err != nil {
		if err := book.Rebuild(new(bytes.Buffer), scan.Sheet.Readable); err == nil {
			t.Error("a sheet that cannot be read is rebuilt")
		}
		return
	}
	kept := shadow(t, book, scan.Sheet.Readable)
	if got, err := cellsOf(t, scanned(t, kept)); err != nil || got != want {
		t.Errorf("the cells differ: %v\n%.2000s\nwant\n%.2000s", err, got, want)
	}
	if len(want) < 1<<20 && len(kept) < 1<<20 && !strings.Contains(want, "Col:16384") {
		agree(t, book, kept)
	}
}

func TestShadowsOfTemplates(t *testing.T) {
	for _, lang := range []string{"ar", "fr", "en"} {
		src := edited(t, template(t, lang), edit{Sheet: "progress", Key: "progress_pct", Row: 6, Value: 0.65, NumFmt: "0%"},
			edit{Sheet: "progress", Key: "reference_date", Row: 6, Value: "2022-12-31", Date: true},
			edit{Sheet: "progress", Key: "narrative_ar", Row: 6, Value: " نص\nثان & <x> _x0041_ "})
		checkShadow(t, src)
		// With its sheets it is the form that it was: as good to fill in.
		book := scanned(t, src)
		doc, rows, found := read(t, shadow(t, book, scan.Sheet.Readable), layout(t))
		if doc == nil || len(rows) != 4 || len(found) > 0 {
			t.Errorf("%s: %d rows, %v", lang, len(rows), found)
		}
		compare(t, shadow(t, book, scan.Sheet.Readable))
	}
}

// Every workbook that the tests have: what cannot be opened reaches no library,
// what can is rebuilt.
func TestShadowsOfNastyWorkbooks(t *testing.T) {
	opened, refused := 0, 0
	for _, c := range workbooktest.Light() {
		src := c.File()
		if _, err := scan.Open(bytes.NewReader(src), int64(len(src)), workbook.DefaultLimits()); err != nil {
			refused++
			continue
		}
		opened++
		t.Run(c.ID, func(t *testing.T) { checkShadow(t, src) })
	}
	if opened < 50 || refused < 30 {
		t.Errorf("%d opened, %d refused", opened, refused)
	}
}
