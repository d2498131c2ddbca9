package scan

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

func all(Sheet) bool { return true }

// rebuilt opens a workbook, rebuilds it and opens the result.
func rebuilt(t *testing.T, file []byte, lim Limits, keep func(Sheet) bool) (*Book, []byte) {
	t.Helper()
	book, err := Open(bytes.NewReader(file), int64(len(file)), lim)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := book.Rebuild(&out, keep); err != nil {
		t.Fatal(err)
	}
	again, err := Open(bytes.NewReader(out.Bytes()), int64(out.Len()), lim)
	if err != nil {
		t.Fatalf("the rebuilt workbook: %v", err)
	}
	return again, out.Bytes()
}

// text gives all parts of an archive, each after its name.
func textOf(t *testing.T, file []byte) (names []string, text string) {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range zr.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, f.Name)
		text += f.Name + "\n" + string(b) + "\n"
	}
	slices.Sort(names)
	return names, text
}

const worst = `<row r="1" s="99" hidden="1"><c r="A1" s="2" cm="1"><v>1</v></c><c r="B1" t="str"><f>[1]Other!A1</f><v>x</v></c>` +
	`<c r="C1" t="str"><f t="shared" si="3" ref="C1:D1">cmd|'/c calc'!A0</f><v>y</v></c><c r="D1" t="str"><f t="shared" si="3"/><v>z</v></c>` +
	`<c r="E1"><f>"[a|b!"&amp;A1</f><v>7</v></c><c r="F1" t="inlineStr"><is><t xml:space="preserve"> &lt;a&gt; &amp; "b"&#13;
_x0041_ </t></is></c><c r="G1" t="s"><v>1</v></c></row>`

// hung is a workbook with everything that must not be handed on.
func hung(t *testing.T) parts {
	t.Helper()
	const sheet, wb, rels = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
	p := workbookOf(worst)
	p = p.replace(t, sheet, `<worksheet`, `<!-- secret --><worksheet xmlns:r="`+nsRel+`" xmlns:x14="urn:x14" xmlns:mc="`+nsCompat+`" mc:Ignorable="x14"`)
	p = p.replace(t, sheet, `<sheetData>`, `<sheetPr codeName="Secret"/><dimension ref="A1:XFD9"/><cols><col min="1" max="2" width="9" style="3" x14:y="secret"/><col min="3" max="3" style="77"/></cols><sheetData>`)
	p = p.replace(t, sheet, `</sheetData>`, `</sheetData><mergeCells><mergeCell ref="A3:B3"/></mergeCells>`+
		`<conditionalFormatting sqref="A1"><cfRule type="expression" priority="1"><formula>[1]Secret!A1</formula></cfRule></conditionalFormatting>`+
		`<conditionalFormatting sqref="A2"><cfRule type="expression" priority="1"><formula>A1&gt;"["</formula></cfRule></conditionalFormatting>`+
		`<dataValidations count="1"><dataValidation type="list" sqref="A1"><formula1>secret|a!b</formula1></dataValidation></dataValidations>`+
		`<hyperlinks><hyperlink ref="A1" r:id="rId1"/><hyperlink ref="A2" location="Data!A3" display="go"/><hyperlink ref="A3" location="[1]Secret!A1"/><hyperlink ref="A4" r:id="rId1" location="Secret"/></hyperlinks><pageSetup orientation="landscape" r:id="rId2"/><drawing r:id="rId3"/><legacyDrawing r:id="rId4"/>`+
		`<tableParts><tablePart r:id="rId5"/></tableParts><extLst><ext><secret/></ext></extLst>`)
	p = p.replace(t, wb, `<sheets>`, `<workbookPr date1904="1" codeName="Secret"/><bookViews><workbookView activeTab="0"/></bookViews><sheets>`)
	p = p.replace(t, wb, `</sheets>`, `<sheet name="A &amp; &quot;B&quot;" sheetId="7" state="veryHidden" r:id="rId1"/><sheet name="C" sheetId="8" state="hidden" r:id="rId1"/></sheets>`+
		`<externalReferences><externalReference r:id="rId8"/></externalReferences><definedNames><definedName name="good">Data!$A$1</definedName>`+
		`<definedName name="secret1">[1]Other!A1</definedName><definedName name="secret2">cmd|'/c calc'!A0</definedName></definedNames><pivotCaches/><extLst/>`)
	p = p.replace(t, rels, `</Relationships>`, `<Relationship Id="rId8" Type="`+nsRel+`/externalLink" Target="externalLinks/externalLink1.xml"/>`+
		`<Relationship Id="rId9" Type="`+nsRel+`/theme" Target="theme/theme1.xml"/></Relationships>`)
	p = p.replace(t, "xl/styles.xml", `</styleSheet>`, `<extLst><secret/></extLst></styleSheet>`)
	for _, name := range []string{"xl/vbaProject.bin", "xl/embeddings/secret.xlsx", "xl/externalLinks/externalLink1.xml", "xl/calcChain.xml",
		"xl/printerSettings/printerSettings1.bin", "docProps/core.xml", "xl/comments1.xml", "xl/media/secret.png"} {
		p[name] = "secret"
	}
	return p.with("xl/theme/theme1.xml", `<a:theme xmlns:a="`+nsDraw+`" name="Office"><a:themeElements/><a:extLst/></a:theme>`)
}

func TestRebuildKeepsTheCellsAndNothingThatPointsElsewhere(t *testing.T) {
	file := hung(t).zip()
	before, err := scanAll(file, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	book, out := rebuilt(t, file, DefaultLimits(), all)
	after, err := scanAll(out, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	for i := range before {
		if before[i].Col < 5 { // the formulas that could not stay
			before[i].Formula = false
		}
	}
	if !slices.Equal(before, after) {
		t.Errorf("got %+v, want %+v", after, before)
	}
	if book.External || book.Macros || book.DDE > 0 || book.Embedded > 0 || !book.Date1904 {
		t.Errorf("got %+v", book)
	}
	var sheets []Sheet
	for _, s := range book.Sheets {
		s.part = ""
		sheets = append(sheets, s)
	}
	if want := []Sheet{{Name: "Data"}, {Name: `A & "B"`, Hidden: true, VeryHidden: true}, {Name: "C", Hidden: true}}; !slices.Equal(sheets, want) {
		t.Errorf("sheets %+v", sheets)
	}
	names, text := textOf(t, out)
	if want := []string{"[Content_Types].xml", "_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml", "xl/theme/theme1.xml",
		"xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/worksheets/sheet3.xml"}; !slices.Equal(names, want) {
		t.Errorf("parts %q", names)
	}
	for _, gone := range []string{"secret", "Secret", "Other", "calc", "rId77", "cm=", "77", "XFD9", "extLst", "tablePart", "drawing r", "x14", "99", "si=", "pivot", "external"} {
		if strings.Contains(text, gone) {
			t.Errorf("%q is still there", gone)
		}
	}
	for _, kept := range []string{`name="good"`, `<hyperlinks><hyperlink ref="A2" location="Data!A3" display="go"></hyperlink></hyperlinks>`, `<mergeCell ref="A3:B3">`, `A1&gt;"["`, `orientation="landscape"`, `<workbookView activeTab="0">`, `style="3"`,
		`hidden="1"`, `"[a|b!"&amp;A1`, `xml:space="preserve"`} {
		if !strings.Contains(text, kept) {
			t.Errorf("%q is gone", kept)
		}
	}
}

func TestRebuildBlanksTheOtherSheets(t *testing.T) {
	file := hung(t).zip()
	book, out := rebuilt(t, file, DefaultLimits(), nil)
	for _, s := range book.Sheets {
		if err := book.Each(s, func(int, []Cell) bool { t.Errorf("%s has cells", s.Name); return false }); err != nil {
			t.Error(err)
		}
	}
	if names, _ := textOf(t, out); slices.Contains(names, "xl/sharedStrings.xml") {
		t.Error("texts without cells")
	}
	_, again := rebuilt(t, file, DefaultLimits(), nil)
	_, twice := rebuilt(t, out, DefaultLimits(), nil)
	if !bytes.Equal(out, again) {
		t.Error("two results for one workbook")
	}
	if _, text := textOf(t, out); !strings.Contains(text, `veryHidden`) {
		t.Error("the states are gone")
	} else if _, more := textOf(t, twice); more != text {
		t.Error("rebuilding again changes it")
	}
}

// A theme that needs pictures, or is damaged, is left out; other damage ends it.
func TestRebuildRefusesWhatIsDamaged(t *testing.T) {
	p := hung(t)
	for name, theme := range map[string]string{"picture": `<a:theme xmlns:a="` + nsDraw + `" xmlns:r="` + nsRel + `"><a:blip r:embed="rId1"/></a:theme>`,
		"damage": "<a:theme", "other root": `<x/>`} {
		if _, out := rebuilt(t, p.with("xl/theme/theme1.xml", theme).zip(), DefaultLimits(), nil); strings.Contains(string(out), "theme1") {
			t.Errorf("%s: the theme is there", name)
		}
	}
	damaged := workbookOf(`<row r="2"><c r="A1"/></row>`).zip()
	book, err := Open(bytes.NewReader(damaged), int64(len(damaged)), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, book.Rebuild(io.Discard, all), RuleDamaged, "@damage-reference", "A2")
	if err := book.Rebuild(io.Discard, nil); err != nil {
		t.Error(err)
	}
	fonts := workbookOf("").replace(t, "xl/styles.xml", "<cellXfs>", "<fonts>"+strings.Repeat("<font/>", 1001)+"</fonts><cellXfs>").zip()
	if book, err = Open(bytes.NewReader(fonts), int64(len(fonts)), small()); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, book.Rebuild(io.Discard, nil), RuleUnsafe, "@unsafe-count", "")
	fine := workbookOf("").zip()
	if book, err = Open(bytes.NewReader(fine), int64(len(fine)), small()); err != nil {
		t.Fatal(err)
	}
	if err := book.Rebuild(failingWriter{}, nil); !errors.Is(err, errDisk) {
		t.Errorf("got %v", err)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errDisk }

// No bomb comes through: it is refused, or nothing of it is handed on.
func TestNoBombIsRebuilt(t *testing.T) {
	through := 0
	for _, b := range bombs(t) {
		book, err := Open(bytes.NewReader(b.file), int64(len(b.file)), small())
		if err != nil {
			continue
		}
		if err := book.Rebuild(io.Discard, all); err == nil {
			t.Errorf("%s is rebuilt with its sheets", b.name)
		}
		var out bytes.Buffer
		if err := book.Rebuild(&out, nil); err != nil {
			t.Errorf("%s: %v", b.name, err)
		}
		if _, text := textOf(t, out.Bytes()); len(text) > 64<<10 {
			t.Errorf("%s: %d bytes are handed on", b.name, len(text))
		}
		through++
	}
	if through < 3 {
		t.Errorf("only %d bombs lie in a sheet", through)
	}
}
