package workbook

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/table"
	"iltizam/pipeline/workbook/scan"
)

// page is the first sheet in the making: a table of texts, nothing of it a
// formula. Each language has its own columns, since one cell cannot run both ways.
type page struct {
	*annotator
	first, second string // languages; the second may be ""
	columns       []FeedbackColumn
	row           int
	data          bytes.Buffer
	merges, links []string
}

// page writes the first sheet.
func (a *annotator) page() []byte {
	p := page{annotator: a, first: a.fb.Languages[0]}
	if len(a.fb.Languages) > 1 {
		p.second = a.fb.Languages[1]
	}
	for _, c := range a.lay.Feedback.Columns {
		if p.second != "" || !strings.HasSuffix(c.Key, secondColumn) {
			p.columns = append(p.columns, c)
		}
	}
	p.banner()
	if len(a.listed) > 0 {
		a.headRow = p.row + 1
		p.heading(map[string]string{columnType: "type", columnCell: "cell", columnValue: "value", columnWhat: "what", columnHow: "how",
			columnCommitment: "commitment", columnSheet: "sheet"})
		for _, m := range a.listed {
			p.finding(m)
		}
	}
	p.held()
	p.taken()
	return p.part()
}

// heading writes a row of headings: texts of the form by column.
func (p *page) heading(texts map[string]string) {
	p.cells(func(c FeedbackColumn, base, lang string) (string, look) {
		text := ""
		if texts[base] != "" {
			text = p.lay.Text("feedback.column."+texts[base], lang)
		}
		return text, look{fill: "header", ink: "ink", size: 10, bold: true, line: true, indent: 1, rtl: p.lay.writtenRight(lang)}
	})
}

// title writes a row that names what follows.
func (p *page) title(key string) {
	p.blank()
	p.wide(look{fill: "brand_soft", ink: "on_brand", size: 12, bold: true, indent: 1},
		func(lang string) string { return p.lay.Text(key, lang) })
}

// cells writes a row cell by cell; base is a column's key without its language.
func (p *page) cells(cell func(c FeedbackColumn, base, lang string) (string, look)) {
	texts, looks := make([]string, len(p.columns)), make([]look, len(p.columns))
	lines := 1
	for i, c := range p.columns {
		base, lang := c.Key, p.first
		if stem, second := strings.CutSuffix(c.Key, secondColumn); second {
			base, lang = stem, p.second
		}
		texts[i], looks[i] = cell(c, base, lang)
		texts[i] = clip(texts[i])
		lines = max(lines, linesOf(texts[i], c.Width*10/float64(looks[i].size)))
	}
	p.line(texts, looks, float64(lines*15+8))
}

// finding writes what is wrong at one place, and how to mend it.
func (p *page) finding(m Mark) {
	fill, ink := "good_soft", "brand"
	switch {
	case m.Severity > finding.Warning:
		fill, ink = "error_mark", "warning"
	case m.Severity == finding.Warning:
		fill, ink = "warning_mark", "warning_ink"
	}
	p.place(m.Sheet, m.Ref)
	p.cells(func(_ FeedbackColumn, base, lang string) (string, look) {
		k := p.plain(lang)
		switch base {
		case columnType:
			k.fill, k.ink, k.bold, k.centre = fill, ink, true, true
			return p.lay.Text("feedback.severity."+m.Severity.String(), lang), k
		case columnWhat:
			k.bold = lang == p.first
			return p.ordered(m.Message[lang], lang), k
		case columnHow:
			return p.ordered(m.Remedy[lang], lang), k
		case columnValue:
			k.centre, k.rtl = true, hasArabic(p.received(m))
			if m.Value == "" && p.empty(m) {
				k.ink, k.rtl = "soft_ink", p.lay.writtenRight(lang)
				return p.lay.Text("feedback.empty", lang), k
			}
			return p.received(m), k
		}
		return p.about(base, m.Sheet, m.Ref, m.Commitment, k)
	})
}

// plain is how a sentence looks.
func (p *page) plain(lang string) look {
	return look{ink: "ink", size: 10, line: true, indent: 1, rtl: p.lay.writtenRight(lang)}
}

// about gives the cells that say where something stands.
func (p *page) about(base, sheet, ref, commitment string, k look) (string, look) {
	k.centre = true
	switch base {
	case columnCell:
		k.rtl = false
		if p.linked(sheet) && ref != "" {
			k.ink, k.link, k.bold = "link", true, true
		}
		return ref, k
	case columnCommitment:
		k.rtl, k.ink, k.size = false, "soft_ink", 9
		return commitment, k
	case columnSheet:
		k.rtl, k.ink, k.size = hasArabic(sheet), "soft_ink", 9
		return sheet, k
	}
	return "", k
}

// place links the row to come to a cell.
func (p *page) place(sheet, ref string) {
	if ref == "" || !p.linked(sheet) {
		return
	}
	for i, c := range p.columns {
		if c.Key == columnCell {
			first, _, _ := strings.Cut(ref, ":")
			p.links = append(p.links, `<hyperlink ref="`+scan.Ref(i+1, p.row+1)+`" location="`+escape(quoteSheet(sheet)+"!"+first)+
				`" display="`+escape(ref)+`"/>`)
		}
	}
}

// received gives the value as the cell has it, where that is a text: rules tell of
// what they made of it. What a rule withholds stays withheld. Days and numbers are
// written as the cell shows them.
func (p *page) received(m Mark) string {
	for _, s := range p.sheets {
		if c := s.cells[m.Ref]; s.Name == m.Sheet && m.Value != "" && c.Kind == Text {
			return c.Text
		}
	}
	if _, err := strconv.ParseFloat(m.Value, 64); err == nil {
		return strings.Replace(m.Value, ".", p.lay.Text("decimal", p.first), 1)
	}
	return table.ShortDate(m.Value)
}

// empty tells whether the cell that a finding is about is there and holds nothing.
func (p *page) empty(m Mark) bool {
	for _, s := range p.sheets {
		if s.Name == m.Sheet && s.cells != nil {
			return m.Ref != "" && s.cells[m.Ref].Kind == Empty
		}
	}
	return false
}

// linked tells whether the copy has a sheet that can be gone to.
func (p *page) linked(sheet string) bool {
	for _, s := range p.sheets {
		if s.Name == sheet {
			return !s.Hidden && s.Readable()
		}
	}
	return false
}

// runs lets a value run in the direction of its own script.
func runs(k look, value string) look {
	k.ltr = !hasArabic(value)
	k.rtl = k.rtl || !k.ltr
	return k
}

// signed puts a sign before a text; the sign has no direction of its own.
func (a *annotator) signed(text, lang string) string {
	if a.lay.writtenRight(lang) {
		return "\u200f✓ " + text
	}
	return "✓ " + text
}

func hasArabic(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return unicode.Is(unicode.Arabic, r) }) >= 0
}

// maxShown is how much of a text a cell shows, in characters.
const maxShown = 400

func clip(s string) string {
	runes := []rune(s)
	if len(runes) <= maxShown {
		return s
	}
	return string(runes[:maxShown-1]) + "…"
}

// linesOf estimates how many lines a text takes in so many characters' width.
func linesOf(text string, width float64) int {
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n += 1 + int(float64(len([]rune(line)))*1.12/max(width-2, 1))
	}
	return n
}

func (p *page) blank() { p.row++ }

// line writes a row of texts.
func (p *page) line(texts []string, looks []look, height float64) {
	p.row++
	n := strconv.Itoa(p.row)
	p.data.WriteString(`<row r="` + n + `" ht="` + strconv.FormatFloat(min(height, 400), 'f', -1, 64) + `" customHeight="1">`)
	for i, text := range texts {
		fmt.Fprintf(&p.data, `<c r="%s" s="%d"`, scan.Ref(i+1, p.row), p.styles.cell(looks[i]))
		if text == "" {
			p.data.WriteString("/>")
			continue
		}
		p.data.WriteString(` t="inlineStr"><is><t xml:space="preserve">` + cellText(text) + "</t></is></c>")
	}
	p.data.WriteString("</row>")
}

// part writes the sheet.
func (p *page) part() []byte {
	var b strings.Builder
	b.WriteString(xmlProlog + rootTag("worksheet"))
	b.WriteString(`<sheetPr><tabColor ` + rgb(p.lay.Colours["tab"]) + `/><pageSetUpPr fitToPage="1"/></sheetPr>`)
	view := `<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0"`
	if p.lay.writtenRight(p.first) {
		view += ` rightToLeft="1"`
	}
	b.WriteString(view + `/></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>`)
	for i, c := range p.columns {
		fmt.Fprintf(&b, `<col min="%d" max="%d" width="%s" customWidth="1"/>`, i+1, i+1, number(c.Width))
	}
	b.WriteString("</cols><sheetData>")
	b.Write(p.data.Bytes())
	b.WriteString("</sheetData>")
	if len(p.merges) > 0 {
		fmt.Fprintf(&b, `<mergeCells count="%d">`, len(p.merges))
		for _, m := range p.merges {
			b.WriteString(`<mergeCell ref="` + m + `"/>`)
		}
		b.WriteString("</mergeCells>")
	}
	if len(p.links) > 0 {
		b.WriteString("<hyperlinks>" + strings.Join(p.links, "") + "</hyperlinks>")
	}
	b.WriteString(`<pageMargins left="0.4" right="0.4" top="0.4" bottom="0.5" header="0.2" footer="0.2"/>` +
		`<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>` +
		`<headerFooter><oddFooter>&amp;C&amp;P / &amp;N</oddFooter></headerFooter></worksheet>`)
	return []byte(b.String())
}
