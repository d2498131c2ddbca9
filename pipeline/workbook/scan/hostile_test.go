package scan

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// small bounds everything, so that a little bomb does for a big one.
func small() Limits {
	l := DefaultLimits()
	l.FileBytes, l.Members, l.TotalBytes = 3<<20, 20, 4<<20
	l.SmallBytes, l.StringsBytes, l.SheetBytes, l.TokenBytes = 64<<10, 256<<10, 1<<20, 64<<10
	l.Sheets, l.Styles, l.Strings, l.Columns, l.TextUnits = 50, 1000, 1000, 16, 1000
	return l
}

type bomb struct {
	name, rule, reason, place string
	file                      []byte
}

// bombs ask for more than small allows.
func bombs(t *testing.T) []bomb {
	t.Helper()
	const sheet, sst, styles, wb = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"
	const rels = "xl/_rels/workbook.xml.rels"
	p := workbookOf(`<row r="1"><c r="A1"><v>1</v></c></row>`)
	one := func(cells string) parts { return workbookOf(`<row r="1">` + cells + `</row>`) }
	blanks := strings.Repeat(" ", 3<<20)
	noise := func(n int) string { // does not compress much
		var b strings.Builder
		for x := uint32(1); b.Len() < n; {
			x = x*1664525 + 1013904223
			fmt.Fprintf(&b, "%x", x)
		}
		return b.String()
	}
	zero := 0
	method, lzma := uint16(12), uint16(14)
	many := p.members()
	for i := range 30 {
		many = append(many, member{name: fmt.Sprintf("x%d", i)})
	}
	shared := append(p.members(), member{name: "again.xml", data: p.members()[0].data, shares: &zero})
	return []bomb{
		{"huge part that is never read", RuleUnsafe, "@unsafe-total", "", p.with("xl/media/a.png", strings.Repeat("\x00", 5<<20)).zip()},
		{"parts that are huge together", RuleUnsafe, "@unsafe-total", "",
			p.with("a", noise(3<<19)).with("b", noise(3<<19)).with("c", noise(3<<19)).zip()},
		{"part of blanks", RuleUnsafe, "@unsafe-ratio", "", p.with(sheet, blanks).zip()},
		{"members that share bytes", RuleUnsafe, "@unsafe-overlap", "", makeZip(shared)},
		{"too many members", RuleUnsafe, "@unsafe-members", "", makeZip(many)},
		{"name twice", RuleUnsafe, "@unsafe-duplicate", "", p.with("XL/Styles.xml", p[styles]).zip()},
		{"name twice, other slash", RuleUnsafe, "@unsafe-duplicate", "", p.with(`xl\styles.xml`, p[styles]).zip()},
		{"unusual compression", RuleUnsafe, "@unsafe-method", "", p.lie(styles, func(m *member) { m.method = &method })},
		{"other compression", RuleUnsafe, "@unsafe-method", "", p.lie(sheet, func(m *member) { m.method = &lzma })},
		{"encrypted member", RuleUnsafe, "@unsafe-method", "", p.lie(styles, func(m *member) { m.flags = 1 })},
		{"file too large", RuleTooLarge, "@limit-file", "", append(p.zip(), make([]byte, 3<<20)...)},
		{"styles too large", RuleTooLarge, "@limit-part", "", p.with(styles, p[styles]+strings.Repeat(" ", 70<<10)).zip()},
		{"workbook too large", RuleTooLarge, "@limit-part", "", p.with(wb, p[wb]+strings.Repeat(" ", 70<<10)).zip()},
		{"relationships too large", RuleTooLarge, "@limit-part", "", p.with(rels, p[rels]+strings.Repeat(" ", 70<<10)).zip()},
		{"strings too large", RuleTooLarge, "@limit-part", "", p.with(sst, p[sst]+strings.Repeat(" ", 300<<10)).zip()},
		{"sheet too large", RuleTooLarge, "@limit-part", "", p.with(sheet, p[sheet]+"<!--"+noise(2<<20)+"-->").zip()},
		{"attribute without end", RuleUnsafe, "@unsafe-token", "A1", one(`<c r="A1` + strings.Repeat("A", 80<<10) + `"/>`).zip()},
		{"text without end", RuleUnsafe, "@unsafe-token", "A1", one(`<c r="A1"><v>` + strings.Repeat("1", 80<<10) + `</v></c>`).zip()},
		{"text in pieces", RuleUnsafe, "@unsafe-token", "A1", one(`<c r="A1"><v>` + strings.Repeat("1<!---->", 80<<10) + `</v></c>`).zip()},
		{"comment without end", RuleUnsafe, "@unsafe-token", "", p.replace(t, sheet, "<sheetData>", "<!--"+strings.Repeat("<", 80<<10)+"--><sheetData>").zip()},
		{"nesting without end", RuleUnsafe, "@unsafe-depth", "", p.replace(t, sheet, "<sheetData>", strings.Repeat("<a>", 9000)).zip()},
		{"attributes without end", RuleUnsafe, "@unsafe-count", "", p.replace(t, sheet, "<sheetData", "<sheetData"+attributes(300)).zip()},
		{"strings without end", RuleUnsafe, "@unsafe-count", "", p.replace(t, sst, "</sst>", strings.Repeat("<si/>", 1001)+"</sst>").zip()},
		{"styles without end", RuleUnsafe, "@unsafe-count", "", p.with(styles, stylesOf(strings.Repeat("<xf/>", 1001), "")).zip()},
		{"sheets without end", RuleUnsafe, "@unsafe-count", "", p.replace(t, wb, "</sheets>",
			strings.Repeat(`<sheet name="x" r:id="rId1"/>`, 51)+"</sheets>").zip()},
		{"string too long", RuleTooLarge, "@limit-text", "B1", one(`<c r="A1" t="s"><v>1</v></c><c r="B1" t="s"><v>0</v></c>`).replace(t, sst, "alpha", strings.Repeat("ء", 1001)).zip()},
		{"string too long in runs", RuleTooLarge, "@limit-text", "B1", one(`<c r="B1" t="s"><v>0</v></c>`).replace(t, sst, "<t>alpha</t>", strings.Repeat("<r><t>😀</t></r>", 501)).zip()},
		{"inline text too long", RuleTooLarge, "@limit-text", "A1", one(`<c r="A1" t="inlineStr"><is><t>` + strings.Repeat("x", 1001) + `</t></is></c>`).zip()},
		{"formula text too long", RuleTooLarge, "@limit-text", "A1", one(`<c r="A1" t="str"><v>` + strings.Repeat("x", 1001) + `</v></c>`).zip()},
		{"escapes without end", RuleUnsafe, "@unsafe-token", "", p.replace(t, sst, "alpha", strings.Repeat("_x0041_", 30000)).zip()},
		{"value in the last column", RuleTooLarge, "@limit-columns", "XFD1", one(`<c r="XFD1"><v>1</v></c>`).zip()},
	}
}

func TestBombsAreRefused(t *testing.T) {
	for _, c := range bombs(t) {
		t.Run(c.name, func(t *testing.T) {
			_, err := scanAll(c.file, small())
			wantRefusal(t, err, c.rule, c.reason, c.place)
		})
	}
}

// A text that is too long for a cell harms nobody as long as no cell shows it;
// those around it are the right ones.
func TestALongTextThatNobodyShowsIsPassedOver(t *testing.T) {
	const sst = "xl/sharedStrings.xml"
	p := workbookOf(`<row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1" t="s"><v>2</v></c></row>`)
	for _, long := range []string{"<t>" + strings.Repeat("x", 1001) + "</t>", strings.Repeat("<r><t>😀</t></r>", 501) + "<rPh><t>y</t></rPh>"} {
		cells, err := scanAll(p.replace(t, sst, "<si><t>alpha</t></si>", "<si>"+long+"</si><si><t>one</t></si><si><t>two</t></si>").zip(), small())
		if err != nil || len(cells) != 2 || cells[0].Text != "one" || cells[1].Text != "two" {
			t.Errorf("%v, %v", cells, err)
		}
	}
}

func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ` a%d=""`, i)
	}
	return b.String()
}

// What looks dangerous and is not must still be read.
func TestHarmlessOddities(t *testing.T) {
	p := workbookOf(`<row r="1"><c r="A1"><v>1</v></c></row>`)
	const sheet, sst, wb = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
	rels := "xl/_rels/workbook.xml.rels"
	rest := func(s string) string {
		return strings.NewReplacer(nsMain, nsMainStrict, nsRel, nsRelStrict).Replace(s)
	}
	strict := parts{}
	for name, content := range p {
		strict[name] = rest(content)
	}
	cases := map[string]parts{
		"lying count of strings":   p.replace(t, sst, `count="9"`, `count="2000000000"`),
		"lying dimension":          p.replace(t, sheet, "<sheetData>", `<dimension ref="A1:XFD1048576"/><sheetData>`),
		"strict namespaces":        strict,
		"alternate content beside": p.replace(t, wb, "<sheets>", `<mc:AlternateContent xmlns:mc="`+nsCompat+`"><mc:Choice Requires="x15"><sheets/></mc:Choice></mc:AlternateContent><sheets>`),
		"empty cells far out":      p.replace(t, sheet, `<v>1</v></c>`, `<v>1</v></c><c r="XFD1" s="1"/>`),
		"blank text between":       p.replace(t, sheet, `<sheetData>`, "<sheetData>\n  "),
		"byte order mark":          p.with(sheet, "\ufeff"+p[sheet]),
		"absolute target":          p.replace(t, rels, "worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml"),
		"other slash in a target":  p.replace(t, rels, "worksheets/sheet1.xml", `worksheets\sheet1.xml`),
		"strings somewhere else":   without(p.replace(t, rels, "sharedStrings.xml", "../elsewhere/s.xml").with("elsewhere/s.xml", p[sst]), sst),
		"hidden row and column":    p.replace(t, sheet, `<sheetData><row r="1">`, `<cols><col min="1" max="1" hidden="1"/></cols><sheetData><row r="1" hidden="1" ht="0">`),
		"merged cells":             p.replace(t, sheet, `</sheetData>`, `</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>`),
		"foreign parts":            p.with("xl/calcChain.xml", "no xml").with("xl/embeddings/a.bin", "\x00"),
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cells, err := scanAll(c.zip(), DefaultLimits())
			if err != nil || len(cells) != 1 || cells[0].Number != 1 {
				t.Errorf("got %v, %v", cells, err)
			}
		})
	}
}

// A million styled rows without a value cost neither rows nor memory.
func TestPhantomRowsCostNoMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("walks 50,000 rows")
	}
	var b strings.Builder
	for i := 1; i <= 50000; i++ {
		fmt.Fprintf(&b, `<row r="%d"><c r="A%[1]d" s="1"/><c r="B%[1]d" s="1"/></row>`, i)
	}
	b.WriteString(`<row r="1048576"><c r="A1048576"><v>7</v></c></row>`)
	file := workbookOf(b.String()).zip()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	cells, err := scanAll(file, DefaultLimits())
	runtime.GC()
	runtime.ReadMemStats(&after)
	if err != nil || len(cells) != 1 || cells[0].Ref() != "A1048576" {
		t.Fatalf("got %v, %v", cells, err)
	}
	if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); kept > 4<<20 {
		t.Errorf("keeps %d bytes", kept)
	}
}
