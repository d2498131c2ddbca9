package scan

import (
	"errors"
	"testing"
)

// FuzzSheet feeds any text as a sheet: it is read or refused, never a panic that
// had to be caught.
func FuzzSheet(f *testing.F) {
	f.Add(sheetOf(rows(3)))
	f.Add(sheetOf(`<row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1" s="2"><f>1</f><v>45292</v></c></row>`))
	f.Add(sheetOf(`<row><c t="inlineStr"><is><r><t>a_x0041_</t></r></is></c><c t="d"><v>2024-01-01</v></c></row>`))
	f.Add(sheetOf(`<row r="1048576"><c r="XFD1048576"/></row>`))
	p := workbookOf("")
	f.Fuzz(func(t *testing.T, sheet string) {
		checkRefusal(t, p.with("xl/worksheets/sheet1.xml", sheet))
	})
}

// FuzzParts feeds any text as the other parts.
func FuzzParts(f *testing.F) {
	p := workbookOf(rows(2))
	names := []string{"xl/styles.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels"}
	for i, name := range names {
		f.Add(i, p[name])
	}
	f.Fuzz(func(t *testing.T, i int, content string) {
		if i < 0 || i >= len(names) {
			return
		}
		checkRefusal(t, p.with(names[i], content))
	})
}

func checkRefusal(t *testing.T, p parts) {
	cells, err := scanAll(p.zip(), small())
	var r *Refusal
	if err != nil && !errors.As(err, &r) {
		t.Fatalf("an error of ours: %v", err)
	}
	if r != nil && r.Finding.Args["reason"] == damageTerm+string(ReasonUnreadable) {
		t.Fatal("a panic had to be caught")
	}
	for _, c := range cells {
		if c.Col < 1 || c.Row < 1 || c.Kind == Empty && !c.Formula {
			t.Fatalf("cell %+v", c)
		}
	}
}
