package workbooktest

import (
	"fmt"
	"strings"
)

// bombs are made to hurt whoever opens them: too much, too deep, too many. To
// make them takes a while too.
func bombs() []Case {
	const unsafe, large = "workbook-unsafe", "workbook-too-large"
	many := func(n int, one string) string { return strings.Repeat(one, n) }
	rows := func(n int, row string) string {
		var b strings.Builder
		for i := 9; i < 9+n; i++ {
			fmt.Fprintf(&b, row, i)
		}
		return b.String()
	}
	// data puts rows behind those of the progress sheet.
	data := func(xml string) func() []byte { return replaced(Progress, "</sheetData>", xml+"</sheetData>") }
	// noisy is XML that hardly compresses.
	noisy := func(n int) string {
		return `<definedName name="n">` + strings.Join(chunks(noise(n), 400), `</definedName><definedName name="n">`) + `</definedName>`
	}
	blanks := strings.Repeat(" ", 6<<20)
	return []Case{
		{ID: "bomb-sheet-ratio", About: "a sheet that inflates a thousandfold", Rules: unsafe, File: data("<!--" + blanks + "-->")},
		{ID: "bomb-sheet", About: "a sheet above the limit of a sheet, in honest proportion", Small: true, Rules: large, File: data("<!--" + noise(5<<20) + "-->")},
		{ID: "bomb-media", About: "a picture that inflates a thousandfold and is never read", Rules: unsafe, File: with("xl/media/image1.png", strings.Repeat("\x00", 6<<20))},
		{ID: "bomb-total", About: "parts that are too much together only", Small: true, Rules: unsafe,
			File: packed(func(p Parts) Parts {
				return p.With("a.bin", noise(3<<20)).With("b.bin", noise(3<<20)).With("c.bin", noise(3<<20))
			})},
		{ID: "bomb-overlap", About: "fifty directory entries on one local entry", Rules: unsafe, File: func() []byte {
			ms := NewForm().Parts().Members()
			for i := range 50 {
				ms = append(ms, Member{Name: fmt.Sprintf("xl/media/%d.png", i), Data: ms[0].Data, Shares: new(int)})
			}
			return Zip(ms)
		}},
		{ID: "bomb-styles", About: "styles above the limit of a small part", Rules: large, File: replaced(Styles, "<cellXfs>", "<!--"+noise(5<<20)+"--><cellXfs>")},
		{ID: "bomb-styles-ratio", About: "styles that inflate a thousandfold", Rules: unsafe, File: replaced(Styles, "<cellXfs>", blanks+"<cellXfs>")},
		{ID: "bomb-calcchain", About: "a calculation chain that inflates a thousandfold", Rules: unsafe, File: with("xl/calcChain.xml", "<calcChain>"+blanks+"</calcChain>")},
		{ID: "bomb-calcchain-slow", About: "a calculation chain of 8 MB in honest proportion: it is not read", Same: true, File: with("xl/calcChain.xml", noise(8<<20))},
		{ID: "bomb-strings", About: "shared strings above the limit", Small: true, Rules: large, File: replaced(Strings, "</sst>", "<!--"+noise(5<<20)+"--></sst>")},
		{ID: "bomb-strings-ratio", About: "shared strings that inflate a thousandfold", Rules: unsafe, File: replaced(Strings, "</sst>", blanks+"</sst>")},
		{ID: "bomb-spaces", About: "one cell of blanks without end", Rules: unsafe, File: cell("G6", ` t="str"><v>`+strings.Repeat(" ", 1100<<10)+`</v>`)},
		{ID: "bomb-spaces-slow", About: "one cell of a million signs", Rules: unsafe, File: cell("G6", ` t="str"><v>`+noise(1100<<10)+`</v>`)},
		{ID: "bomb-attribute", About: "one attribute without end", Rules: unsafe, File: cell("G6", ` x="`+noise(1100<<10)+`">`)},
		{ID: "bomb-escapes", About: "one string of eighty thousand escaped letters, which cost others the square of their number", Rules: large,
			File: shared("G6", strings.Repeat("_x0041_", 80000))},
		{ID: "bomb-escapes-more", About: "the same beyond the limit of one text", Rules: unsafe, File: shared("G6", strings.Repeat("_x0041_", 160000))},
		{ID: "bomb-names", About: "a workbook part of 5 MB of defined names", Rules: large,
			File: replaced(Book, "</workbook>", "<definedNames>"+noisy(5<<20)+"</definedNames></workbook>")},
		{ID: "bomb-names-fewer", About: "1 MB of defined names, which are passed over", Same: true,
			File: replaced(Book, "</workbook>", "<definedNames>"+noisy(1<<20)+"</definedNames></workbook>")},
		{ID: "bomb-formats", About: "a hundred thousand cell formats", Rules: unsafe, File: replaced(Styles, "</cellXfs>", many(100000, "<xf/>")+"</cellXfs>")},
		{ID: "bomb-formats-codes", About: "seventy thousand number formats", Rules: unsafe,
			File: replaced(Styles, "<numFmts>", "<numFmts>"+rows(70000, `<numFmt numFmtId="%d" formatCode=""/>`))},
		{ID: "bomb-strings-many", About: "four million shared strings of nothing", Rules: unsafe, File: replaced(Strings, "</sst>", many(4300000, "<si/>")+"</sst>")},
		{ID: "bomb-one-row", About: "a row of thirty thousand cells", Rules: large, File: data(`<row r="9">` + many(30000, `<c><v>1</v></c>`) + `</row>`)},
		{ID: "bomb-cells", About: "two hundred thousand cells outside the table", Rules: "data-outside-table", Same: true,
			File: data(rows(50000, `<row r="%d"><c r="J%[1]d"><v>1</v></c><c r="K%[1]d"><v>1</v></c><c r="L%[1]d"><v>1</v></c><c r="M%[1]d"><v>1</v></c></row>`))},
		{ID: "xfd-1000-rows", About: "one cell in column XFD on each of 1,000 rows", Rules: large, File: data(rows(1000, `<row r="%d"><c r="XFD%[1]d"><v>1</v></c></row>`))},
		{ID: "xfd-20000-rows", About: "one cell in column XFD on each of 20,000 rows", Rules: large, File: data(rows(20000, `<row r="%d"><c r="XFD%[1]d"><v>1</v></c></row>`))},
		{ID: "xfd-100000-rows-empty", About: "one empty cell in column XFD on each of 100,000 rows", Same: true, File: data(rows(100000, `<row r="%d"><c r="XFD%[1]d" s="1"/></row>`))},
		{ID: "phantom-rows", About: "a hundred thousand formatted rows without a value, the last at 1,048,576", Same: true,
			File: data(rows(100000, `<row r="%d" s="1"><c r="A%[1]d" s="1"/><c r="C%[1]d" s="1"/></row>`) + `<row r="1048576"><c r="A1048576" s="1"/></row>`)},
		{ID: "merges-20000", About: "twenty thousand merges that overlap", Same: true, File: filled(func(f *Form) {
			f.After = `<mergeCells count="20000">` + rows(20000, `<mergeCell ref="J9:XFD%d"/>`) + `</mergeCells>`
		})},
		{ID: "sheets-50000", About: "fifty thousand sheets", Rules: unsafe, File: replaced(Book, "</sheets>", many(50000, `<sheet name="x" sheetId="9" r:id="rId2"/>`)+"</sheets>")},
		{ID: "members-3000", About: "an archive of 3,000 members", Rules: unsafe, File: packed(func(p Parts) Parts {
			for i := range 3000 {
				p[fmt.Sprintf("xl/media/%d.png", i)] = ""
			}
			return p
		})},
		{ID: "depth", About: "elements nested a hundred thousand deep", Rules: unsafe, File: filled(func(f *Form) { f.Before = many(100000, "<a>") })},
		{ID: "attributes", About: "an element of a hundred thousand attributes", Rules: unsafe, File: filled(func(f *Form) { f.Before = "<a" + rows(100000, ` a%d=""`) + "/>" })},
	}
}

// hostile look harmless, or point outside.
func hostile() []Case {
	const unsafe, large = "workbook-unsafe", "workbook-too-large"
	data := func(xml string) func() []byte { return replaced(Progress, "</sheetData>", xml+"</sheetData>") }
	return []Case{
		{ID: "merge-everything", About: "the whole sheet merged into one cell", Rules: strings.TrimSpace(strings.Repeat("value-behind-merge ", 18)), File: filled(func(f *Form) {
			f.After = `<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>`
		})},
		{ID: "members-lie", About: "an archive whose end record counts 65,535 members and has ten", Rules: "workbook-damaged", File: func() []byte {
			b := NewForm().Parts().Zip()
			b[len(b)-12], b[len(b)-11], b[len(b)-14], b[len(b)-13] = 0xfe, 0xff, 0xfe, 0xff
			return b
		}},
		{ID: "entity-bomb-sheet", About: "a thousand million laughs in a sheet", Rules: "workbook-damaged", File: replaced(Progress, "<worksheet", laughs+"<worksheet")},
		{ID: "entity-bomb-strings", About: "a thousand million laughs in the shared strings", Rules: "workbook-damaged", File: replaced(Strings, "<sst", laughs+"<sst")},
		{ID: "entity-bomb-workbook", About: "a thousand million laughs in the workbook part", Rules: "workbook-damaged", File: replaced(Book, "<workbook ", laughs+"<workbook ")},
		{ID: "entity-undeclared", About: "an entity that nobody declared", Rules: "workbook-damaged", File: shared("F6", "&lol;")},
		{ID: "entity-external", About: "an entity that would read a file of the server", Rules: "workbook-damaged",
			File: replaced(Progress, "<worksheet", `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet`)},
		{ID: "count-10-million", About: "shared strings that claim ten million of themselves", Rules: "workbook-count-wrong", Same: true, File: replaced(Strings, `count="99"`, `count="10000000"`)},
		{ID: "count-2-thousand-million", About: "shared strings that claim two thousand million of themselves", Rules: "workbook-count-wrong", Same: true,
			File: replaced(Strings, `count="99"`, `count="2000000000"`)},
		{ID: "dimension-all", About: "a sheet that claims to fill itself to XFD1048576", Same: true, File: filled(func(f *Form) { f.Before = `<dimension ref="A1:XFD1048576"/>` })},
		{ID: "dimension-little", About: "a sheet that claims to end at C3: openpyxl and SheetJS believe it", Same: true, File: filled(func(f *Form) { f.Before = `<dimension ref="A1:C3"/>` })},
		{ID: "row-last", About: "a value in row 1,048,576", Rules: "data-outside-table", Same: true, File: cell("J1048576", Num("1"))},
		{ID: "row-beyond", About: "a row after the last that a sheet can have", Rules: "workbook-damaged", File: data(`<row r="1048577"><c><v>1</v></c></row>`)},
		{ID: "cell-last", About: "a value in XFD1048576", Rules: large, File: cell("XFD1048576", Num("1"))},
		{ID: "path-traversal", About: "members named to be written outside of the folder", Rules: unsafe, File: packed(func(p Parts) Parts {
			return p.With("../../../../etc/cron.d/evil", "x").With(`..\..\windows\evil.dll`, "x")
		})},
		{ID: "path-absolute", About: "a member with an absolute name", Rules: unsafe, File: with("/etc/passwd", "x")},
		{ID: "path-drive", About: "a member named as a file on a Windows drive", Rules: unsafe, File: with(`C:\evil.dll`, "x")},
		{ID: "path-control", About: "a member with a zero byte in its name", Rules: unsafe, File: with("xl/media/a\x00.png", "x")},
		{ID: "path-twice", About: "two members of one name", Rules: unsafe, File: func() []byte {
			ms := NewForm().Parts().Members()
			return Zip(append(ms, ms[len(ms)-1]))
		}},
		{ID: "path-twice-case", About: "two members whose names differ in case only", Rules: unsafe, File: with("XL/Styles.xml", "x")},
		{ID: "path-header-differs", About: "a member whose own header bears another name than the directory: two readers see two files", Rules: unsafe,
			File: lying(Progress, func(m *Member) { m.Header = []byte("xl/worksheets/sheet7.xml") })},
		{ID: "target-outside", About: "a sheet that stands outside of the archive", Rules: "workbook-damaged", File: replaced(Links, "worksheets/sheet1.xml", "../../../../etc/passwd")},
		{ID: "target-web", About: "a sheet that stands on a web server", Rules: "workbook-damaged",
			File: replaced(Links, `Target="worksheets/sheet1.xml"`, `Target="https://example.org/sheet1.xml" TargetMode="External"`)},
		{ID: "method", About: "a part in an unusual compression", Rules: unsafe, File: lying(Progress, func(m *Member) { m.Method = ptr(uint16(12)) })},
		{ID: "member-encrypted", About: "a part with a password of the zip", Rules: unsafe, File: lying(Progress, func(m *Member) { m.Flags = 1 })},
		{ID: "macros", About: "a workbook with macros (.xlsm)", Rules: "workbook-macros", Same: true, File: packed(func(p Parts) Parts {
			return p.With("xl/vbaProject.bin", "\xd0\xcf\x11\xe0").
				linked(20, "vbaProject", "vbaProject.bin", "").
				Replace(Links, relNS+"/vbaProject", "http://schemas.microsoft.com/office/2006/relationships/vbaProject").
				Replace(Types, workbookType, "application/vnd.ms-excel.sheet.macroEnabled.main+xml")
		})},
		{ID: "macros-unlinked", About: "macros that no relationship names", Rules: "workbook-macros", Same: true, File: with("xl/vbaProject.bin", "\xd0\xcf\x11\xe0")},
		{ID: "macros-excel4", About: "a macro sheet of Excel 4", Rules: "workbook-macros", Same: true, File: with("xl/macrosheets/sheet1.xml", "<x/>")},
		{ID: "links", About: "a link to another workbook", Rules: "workbook-external-links", Same: true, File: packed(func(p Parts) Parts {
			return p.With("xl/externalLinks/externalLink1.xml", `<externalLink xmlns="`+mainNS+`"><externalBook/></externalLink>`).
				linked(20, "externalLink", "externalLinks/externalLink1.xml", "")
		})},
		{ID: "dde", About: "a link that would start a program (DDE)", Rules: "workbook-dde workbook-external-links", Same: true, File: packed(func(p Parts) Parts {
			return p.With("xl/externalLinks/externalLink1.xml", head+`<externalLink xmlns="`+mainNS+`"><ddeLink ddeService="cmd" ddeTopic="/c calc"><ddeItems><ddeItem name="A0"/></ddeItems></ddeLink></externalLink>`).
				linked(20, "externalLink", "externalLinks/externalLink1.xml", "")
		})},
		{ID: "dde-formula", About: "a cell whose formula would start a program (DDE), with a saved result", Rules: "workbook-dde formula-value-read",
			File: cell("C6", `><f>cmd|'/c calc'!A0</f><v>65</v>`)},
		{ID: "injection-text", About: "a text that a spreadsheet would run if it stood in a CSV", Rules: "formula-like-text", File: shared("G6", `=HYPERLINK("https://example.org/?"&amp;A1,"ici")`)},
		{ID: "embedded-workbook", About: "a workbook inside the workbook", Rules: "workbook-embedded-files", Same: true,
			File: with("xl/embeddings/Microsoft_Excel_Sheet1.xlsx", string(NewForm().Parts().Zip()))},
		{ID: "embedded-object", About: "an OLE object inside the workbook", Rules: "workbook-embedded-files", Same: true, File: with("xl/embeddings/oleObject1.bin", "\xd0\xcf\x11\xe0")},
		{ID: "embedded-archive", About: "a zip inside the workbook, which is not opened", Rules: "workbook-embedded-files", Same: true,
			File: with("xl/embeddings/bomb.zip", string(NewForm().Parts().Zip()))},
		{ID: "connections", About: "a connection to a database", Rules: "workbook-external-links", Same: true, File: packed(func(p Parts) Parts {
			return p.With("xl/connections.xml", `<connections xmlns="`+mainNS+`"/>`).linked(20, "connections", "connections.xml", "")
		})},
		{ID: "polyglot", About: "a workbook behind the bytes of a shell script", Rules: "workbook-not-xlsx", File: func() []byte {
			return append([]byte("#!/bin/sh\nrm -rf x\n"), NewForm().Parts().Zip()...)
		}},
		{ID: "trailing-bytes", About: "a workbook with a hundred bytes behind its end", Same: true, File: func() []byte {
			return append(NewForm().Parts().Zip(), noise(100)...)
		}},
		{ID: "member-unlisted", About: "a sheet twice in the archive, once behind the back of the directory", Rules: "workbook-unsafe", File: func() []byte {
			ms := NewForm().Parts().Members()
			other := Member{Name: Progress, Data: "<worksheet/>", Unlisted: true}
			return Zip(append([]Member{other}, ms...))
		}},
	}
}

const laughs = `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>`

func chunks(s string, n int) []string {
	var out []string
	for ; len(s) > n; s = s[n:] {
		out = append(out, s[:n])
	}
	return append(out, s)
}
