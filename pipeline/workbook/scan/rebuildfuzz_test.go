package scan

import (
	"bytes"
	"testing"
)

// What is rebuilt can be read, has the same sheets, and rebuilds to itself.
func FuzzRebuild(f *testing.F) {
	p := workbookOf(worst)
	f.Add(p["xl/workbook.xml"], p["xl/worksheets/sheet1.xml"], p["xl/styles.xml"])
	f.Add(`<x:workbook xmlns:x="`+nsMain+`" xmlns:r="`+nsRel+`"><x:bookViews><x:workbookView/></x:bookViews><x:sheets><x:sheet name="&amp;&#10;" r:id="rId1"/></x:sheets>`+
		`<x:definedNames><x:definedName name="a">"["</x:definedName></x:definedNames></x:workbook>`,
		sheetOf(`<row r="1"><c r="A1"><f t="shared" si="1">[</f></c><c r="B1"><f t="shared" si="1"/><v>1</v></c></row>`), stylesOf("<xf/>", ""))
	f.Fuzz(func(t *testing.T, wb, sheet, styles string) {
		file := p.with("xl/workbook.xml", wb).with("xl/worksheets/sheet1.xml", sheet).with("xl/styles.xml", styles).zip()
		lim := small()
		book, err := Open(bytes.NewReader(file), int64(len(file)), lim)
		if err != nil {
			return
		}
		once := new(bytes.Buffer)
		if book.Rebuild(once, all) != nil {
			return
		}
		lim.SmallBytes, lim.SheetBytes, lim.TotalBytes, lim.TokenBytes = 1<<20, 8<<20, 64<<20, 1<<20 // escapes make it longer
		lim.Ratio = 1000
		again, err := Open(bytes.NewReader(once.Bytes()), int64(once.Len()), lim)
		if err != nil {
			t.Fatalf("what was rebuilt is not read: %v", err)
		}
		for i, s := range again.Sheets {
			was := book.Sheets[i]
			if s.Name != was.Name || s.Hidden != was.Hidden || s.VeryHidden != was.VeryHidden {
				t.Fatalf("sheet %+v was %+v", s, was)
			}
		}
		twice := new(bytes.Buffer)
		if err := again.Rebuild(twice, all); err != nil || !bytes.Equal(once.Bytes(), twice.Bytes()) {
			t.Fatalf("rebuilt anew it differs: %v", err)
		}
	})
}
