package scan

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func rows(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, `<row r="%d"><c r="A%d"><v>%d</v></c><c r="B%d" t="s"><v>1</v></c></row>`, i, i, i*7919, i)
	}
	return b.String()
}

// A damaged workbook must never be read as a shorter one.
func TestDamageIsRefused(t *testing.T) {
	const sheet, sst, styles, wb = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"
	whole := workbookOf(rows(1000))
	one := func(cells string) []byte { return workbookOf(`<row r="1">` + cells + `</row>`).zip() }
	u32 := func(v uint32) *uint32 { return &v }
	flip := func(at int) func([]byte) []byte {
		return func(b []byte) []byte { b[len(b)*at/100] ^= 0x10; return b }
	}
	cases := []struct {
		name, rule, reason, place string
		file                      []byte
	}{
		{"check sum of the sheet", RuleDamaged, "@damage-checksum", "", whole.lie(sheet, func(m *member) { m.crc = u32(1) })},
		{"check sum of nought", RuleDamaged, "@damage-checksum", "", whole.lie(sheet, func(m *member) { m.crc = u32(0) })},
		{"check sum of the strings", RuleDamaged, "@damage-checksum", "", whole.lie(sst, func(m *member) { m.crc = u32(1) })},
		{"check sum of the styles", RuleDamaged, "@damage-checksum", "", whole.lie(styles, func(m *member) { m.crc = u32(1) })},
		{"stored part with a changed byte", RuleDamaged, "@damage-checksum", "", whole.lie(sheet, func(m *member) {
			m.store, m.twist = true, func(b []byte) []byte { b[strings.Index(string(b), "<v>")+3] = '9'; return b }
		})},
		{"declared smaller than it is", RuleDamaged, "@damage-size", "", whole.lie(sheet, func(m *member) { m.size = u32(18000) })},
		{"declared larger than it is", RuleDamaged, "@damage-size", "", whole.lie(sheet, func(m *member) { m.size = u32(1 << 20) })},
		{"bytes after the deflated end", RuleDamaged, "@damage-size", "", whole.lie(sheet, func(m *member) {
			m.twist = func(b []byte) []byte { return append(b, 1, 2, 3) }
		})},
		{"sheet cut short", RuleDamaged, "@damage-truncated", "A500", whole.with(sheet, cutAfter(whole[sheet], `<c r="B500"`)).zip()},
		{"sheet without its last tag", RuleDamaged, "@damage-truncated", "", whole.with(sheet, cutAfter(whole[sheet], `</sheetData>`)).zip()},
		{"sheet of nothing", RuleDamaged, "@damage-truncated", "", whole.with(sheet, "").zip()},
		{"strings cut short", RuleDamaged, "@damage-truncated", "", whole.with(sst, cutAfter(whole[sst], "<si><t>al")).zip()},
		{"control character", RuleDamaged, "@damage-xml", "A500", whole.replace(t, sheet, `<c r="A500"><v>`, `<c r="A500"><v>`+"\x01").zip()},
		{"bare ampersand", RuleDamaged, "@damage-xml", "A500", whole.replace(t, sheet, `<c r="A500"><v>`, `<c r="A500"><v>&`).zip()},
		{"bytes that are not UTF-8", RuleDamaged, "@damage-encoding", "A500", whole.replace(t, sheet, `<c r="A500"><v>`, `<c r="A500"><v>`+"\xff").zip()},
		{"another encoding", RuleDamaged, "@damage-encoding", "", whole.replace(t, sheet, `UTF-8`, `ISO-8859-6`).zip()},
		{"tags that do not match", RuleDamaged, "@damage-xml", "A500", whole.replace(t, sheet, `<c r="A500"><v>3959500</v></c>`, `<c r="A500"><v>3959500</c></v>`).zip()},
		{"attribute twice", RuleDamaged, "@damage-xml", "B499", whole.replace(t, sheet, `<row r="500">`, `<row r="500" r="501">`).zip()},
		{"unknown prefix", RuleDamaged, "@damage-xml", "B499", whole.replace(t, sheet, `<row r="500">`, `<q:row/><row r="500">`).zip()},
		{"two roots", RuleDamaged, "@damage-xml", "", whole.with(sheet, whole[sheet]+`<worksheet/>`).zip()},
		{"text after the root", RuleDamaged, "@damage-xml", "", whole.with(sheet, whole[sheet]+`x`).zip()},
		{"another root", RuleDamaged, "@damage-element", "", whole.with(sheet, `<chartsheet`+mainAttr+`/>`).zip()},
		{"another namespace", RuleDamaged, "@damage-element", "", whole.with(sheet, `<worksheet xmlns="urn:x"><sheetData/></worksheet>`).zip()},
		{"no data", RuleDamaged, "@damage-element", "", whole.with(sheet, `<worksheet`+mainAttr+`/>`).zip()},
		{"data twice", RuleDamaged, "@damage-duplicate", "", whole.replace(t, sheet, `</sheetData>`, `</sheetData><sheetData/>`).zip()},
		{"merges before the data", RuleDamaged, "@damage-element", "", whole.replace(t, sheet, `<sheetData>`, `<mergeCells><mergeCell ref="A1:A2"/></mergeCells><sheetData>`).zip()},
		{"document type", RuleDamaged, "@damage-doctype", "", whole.replace(t, sheet, `<worksheet`, `<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaa">]><worksheet`).zip()},
		{"entity", RuleDamaged, "@damage-xml", "", whole.replace(t, sst, `alpha`, `&lol;`).zip()},
		{"string 99", RuleDamaged, "@damage-string-ref", "B1", one(`<c r="A1" t="s"><v>1</v></c><c r="B1" t="s"><v>99</v></c>`)},
		{"string -1", RuleDamaged, "@damage-string-ref", "A1", one(`<c r="A1" t="s"><v>-1</v></c>`)},
		{"string x", RuleDamaged, "@damage-string-ref", "A1", one(`<c r="A1" t="s"><v>x</v></c>`)},
		{"string 1.0", RuleDamaged, "@damage-string-ref", "A1", one(`<c r="A1" t="s"><v>1.0</v></c>`)},
		{"string of nothing", RuleDamaged, "@damage-string-ref", "A1", one(`<c r="A1" t="s"><v></v></c>`)},
		{"cells out of order", RuleDamaged, "@damage-cell-order", "C1", one(`<c r="C1"><v>3</v></c><c r="A1"><v>1</v></c>`)},
		{"cell twice", RuleDamaged, "@damage-cell-order", "A1", one(`<c r="A1"><v>3</v></c><c r="A1"><v>1</v></c>`)},
		{"row twice", RuleDamaged, "@damage-row-order", "A1", workbookOf(`<row r="1"/><row r="1"/>`).zip()},
		{"rows out of order", RuleDamaged, "@damage-row-order", "A3", workbookOf(`<row r="3"/><row r="2"/>`).zip()},
		{"row 0", RuleDamaged, "@damage-reference", "", workbookOf(`<row r="0"/>`).zip()},
		{"row beyond the last", RuleDamaged, "@damage-reference", "", workbookOf(`<row r="1048577"/>`).zip()},
		{"row without end", RuleDamaged, "@damage-reference", "", workbookOf(`<row r="99999999999999999999"/>`).zip()},
		{"cell of another row", RuleDamaged, "@damage-reference", "A1", one(`<c r="A2"><v>3</v></c>`)},
		{"cell that is none", RuleDamaged, "@damage-reference", "A1", one(`<c r="280"><v>3</v></c>`)},
		{"column beyond the last", RuleDamaged, "@damage-reference", "A1", one(`<c r="XFE1"><v>3</v></c>`)},
		{"style that is not there", RuleDamaged, "@damage-style-ref", "A1", one(`<c r="A1" s="4"><v>3</v></c>`)},
		{"unknown type", RuleDamaged, "@damage-cell-type", "A1", one(`<c r="A1" t="z"><v>3</v></c>`)},
		{"value twice", RuleDamaged, "@damage-duplicate", "A1", one(`<c r="A1"><v>3</v><v>4</v></c>`)},
		{"text among the cells", RuleDamaged, "@damage-element", "A1", one(`<c r="A1"><v>3</v></c>4`)},
		{"value in a foreign element", RuleDamaged, "@damage-element", "A1", one(`<c r="A1"><w>3</w></c>`)},
		{"alternate content", RuleDamaged, "@damage-alternate", "A1",
			one(`<mc:AlternateContent xmlns:mc="` + nsCompat + `"><mc:Choice Requires="x"><c r="A1"><v>3</v></c></mc:Choice></mc:AlternateContent>`)},
		{"no strings part", RuleDamaged, "@damage-part-absent", "", without(whole, sst).zip()},
		{"no sheet part", RuleDamaged, "@damage-part-absent", "", without(whole, sheet).zip()},
		{"no workbook part", RuleDamaged, "@damage-part-absent", "", without(whole, wb).zip()},
		{"sheet that points nowhere", RuleDamaged, "@damage-part-absent", "", whole.replace(t, wb, `r:id="rId1"`, `r:id="rId9"`).zip()},
		{"sheet in another file", RuleDamaged, "@damage-part-absent", "", whole.replace(t, "xl/_rels/workbook.xml.rels",
			`Target="worksheets/sheet1.xml"`, `Target="http://example.org/s.xml" TargetMode="External"`).zip()},
		{"relationship twice", RuleDamaged, "@damage-duplicate", "", whole.replace(t, "xl/_rels/workbook.xml.rels", `Id="rId2"`, `Id="rId1"`).zip()},
		{"end of the file gone", RuleDamaged, "@damage-archive", "", whole.zip()[:3000]},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := scanAll(c.file, DefaultLimits())
			wantRefusal(t, err, c.rule, c.reason, c.place)
		})
	}
	t.Run("one flipped bit", func(t *testing.T) {
		for at := 1; at < 100; at += 3 {
			cells, err := scanAll(whole.lie(sheet, func(m *member) { m.twist = flip(at) }), DefaultLimits())
			var r *Refusal
			if !errors.As(err, &r) {
				t.Fatalf("flipped at %d %%: read %d cells, %v", at, len(cells), err)
			}
			// Whatever the flip made of the XML, the bytes are to blame, not a cell.
			f := r.Finding
			if why := f.Args["reason"]; why != "@damage-deflate" && why != "@damage-size" && why != "@damage-checksum" || f.At.Ref != "" || f.At.Sheet == "" || f.Value != "" {
				t.Errorf("flipped at %d %%: %v", at, f)
			}
		}
	})
	t.Run("damaged bytes of the other parts", func(t *testing.T) {
		for name, old := range map[string]string{sst: "<si>", styles: "<cellXfs>", wb: "<sheets>", "xl/_rels/workbook.xml.rels": "<Relationship "} {
			_, err := scanAll(whole.replace(t, name, old, "<").lie(name, func(m *member) { m.crc = u32(1) }), DefaultLimits())
			wantRefusal(t, err, RuleDamaged, "@damage-checksum", "")
		}
	})
	t.Run("cut anywhere", func(t *testing.T) {
		file := whole.zip()
		for n := 1; n < len(file); n += 97 {
			if cells, err := scanAll(file[:n], DefaultLimits()); err == nil {
				t.Errorf("cut to %d bytes: read %d cells", n, len(cells))
			}
		}
	})
	t.Run("nothing wrong", func(t *testing.T) {
		cells, err := scanAll(whole.zip(), DefaultLimits())
		if err != nil || len(cells) != 2000 {
			t.Errorf("read %d cells, %v", len(cells), err)
		}
	})
}

func cutAfter(s, mark string) string {
	i := strings.Index(s, mark)
	return s[:i+len(mark)]
}

func without(p parts, name string) parts {
	q := p.with(name, "")
	delete(q, name)
	return q
}

// What is refused for what it asks of the machine is read no further; what is
// damaged, not without end.
func TestAHostilePartIsNotReadOn(t *testing.T) {
	const sheet = "xl/worksheets/sheet1.xml"
	file := workbookOf("").with(sheet, strings.Repeat(" ", mostDrained+(8<<20))).zip()
	lim := DefaultLimits()
	lim.Ratio = 5000
	b, err := Open(bytes.NewReader(file), int64(len(file)), lim)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		err  error
		most int64
	}{
		{hostile(UnsafeToken, sheet), 0}, {tooLarge(limitText, 1, sheet), 0}, {damaged(ReasonDTD, sheet), 0}, {damaged(ReasonXML, sheet), mostDrained},
	} {
		p, err := b.zip.open(sheet, lim.SheetBytes)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.cause(c.err); got != c.err || p.read > c.most+64<<10 || p.read < c.most {
			t.Errorf("%v became %v after %d bytes", c.err, got, p.read)
		}
		p.close()
	}
}
