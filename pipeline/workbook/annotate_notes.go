package workbook

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"iltizam/pipeline/finding"
)

// The ids of the relationships of a sheet's notes.
const (
	notesDrawing = "rId1"
	notesText    = "rId2"
)

// A note of ours stands between two runs of marks that nobody sees and no
// keyboard types, so that it is known again after any program saved the file.
const (
	noteStart = "\u200f\u200e\u200f\u200e"
	noteEnd   = "\u200e\u200f\u200e\u200f"
)

// withoutMarks gives what the sender wrote into a note himself.
func withoutMarks(text string) string {
	for {
		before, rest, found := strings.Cut(text, noteStart)
		if !found {
			return strings.TrimSpace(text)
		}
		_, after, _ := strings.Cut(rest, noteEnd)
		text = before + after
	}
}

// cellNote is the one note of a cell: what we say of it, then what the sender
// had written there.
type cellNote struct {
	ref      string
	col, row int
	author   string
	runs     []noteRun
}

type noteRun struct {
	text string
	bold bool
	ink  string // name of a colour
}

func (n *cellNote) text() string {
	var b strings.Builder
	for _, r := range n.runs {
		b.WriteString(r.text)
	}
	return b.String()
}

// sortNotes brings notes into the order of their cells.
func sortNotes(notes []*cellNote) {
	for _, n := range notes {
		n.col, n.row = finding.SplitRef(n.ref)
	}
	slices.SortFunc(notes, func(a, b *cellNote) int {
		if a.row != b.row {
			return a.row - b.row
		}
		return a.col - b.col
	})
}

// commentsPart writes the texts of a sheet's notes.
func commentsPart(notes []*cellNote, lay *Layout) []byte {
	var authors []string
	for _, n := range notes {
		if !slices.Contains(authors, n.author) {
			authors = append(authors, n.author)
		}
	}
	var b strings.Builder
	b.WriteString(xmlProlog + rootTag("comments") + "<authors>")
	for _, a := range authors {
		b.WriteString("<author>" + cellText(a) + "</author>")
	}
	b.WriteString("</authors><commentList>")
	for _, n := range notes {
		fmt.Fprintf(&b, `<comment ref="%s" authorId="%d"><text>`, n.ref, slices.Index(authors, n.author))
		for _, r := range n.runs {
			b.WriteString("<r><rPr>")
			if r.bold {
				b.WriteString("<b/>")
			}
			fmt.Fprintf(&b, `<sz val="9"/><color %s/><rFont val="%s"/><family val="2"/></rPr><t xml:space="preserve">%s</t></r>`,
				rgb(lay.Colours[r.ink]), escape(lay.Font), cellText(r.text))
		}
		b.WriteString("</text></comment>")
	}
	b.WriteString("</commentList></comments>")
	return []byte(b.String())
}

// The size of a note, in pixels: it grows with its text.
const (
	noteWidth     = 340
	noteHeight    = 110
	noteMost      = 420
	noteLine      = 16
	charsPerLine  = 46
	shapesAtATime = 1000 // shape ids come in groups of 1024, which are listed
)

func (n *cellNote) height() int {
	lines := 1
	for line := range strings.SplitSeq(n.text(), "\n") {
		lines += 1 + len([]rune(line))/charsPerLine
	}
	return min(max(noteHeight, lines*noteLine), noteMost)
}

// noteRows gives the rows that a note may lie beside.
func noteRows(notes []*cellNote, rows map[int]int) {
	for _, n := range notes {
		for r := n.row - 1; r <= n.row+noteMost/10; r++ {
			rows[r] = rowUnknown
		}
	}
}

// drawingPart writes the shapes of a sheet's notes. first is the first group of
// shape ids that is free; the next free one is given back.
func drawingPart(notes []*cellNote, grid *sheetGrid, rtl bool, first int) (part []byte, next int) {
	groups := (len(notes) + shapesAtATime - 1) / shapesAtATime
	var ids []string
	for g := range groups {
		ids = append(ids, strconv.Itoa(first+g))
	}
	align, side := "left", ""
	if rtl {
		align, side = "right", "<x:TextHAlign>Right</x:TextHAlign>"
	}
	var b strings.Builder
	b.WriteString(`<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"` +
		` xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="` +
		strings.Join(ids, ",") + `"/></o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202"` +
		` path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>`)
	for i, n := range notes {
		id := (first+i/shapesAtATime)*1024 + i%shapesAtATime + 1
		fmt.Fprintf(&b, `<v:shape id="_x0000_s%d" type="#_x0000_t202" style="position:absolute;margin-left:60pt;margin-top:2pt;width:%dpt;height:%dpt;`+
			`z-index:%d;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>`+
			`<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>`+
			`<v:textbox style="mso-direction-alt:auto"><div style="text-align:%s"></div></v:textbox>`+
			`<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>%s</x:Anchor><x:AutoFill>False</x:AutoFill>%s`+
			`<x:Row>%d</x:Row><x:Column>%d</x:Column></x:ClientData></v:shape>`,
			id, noteWidth*3/4, n.height()*3/4, i+1, align, n.anchor(grid), side, n.row-1, n.col-1)
	}
	b.WriteString("</xml>")
	return []byte(b.String()), first + groups
}

// anchor says where a note lies: from the next column on, a little higher than
// its cell.
func (n *cellNote) anchor(g *sheetGrid) string {
	col := n.col // counted from 0: the column after the cell's
	left := min(12, g.colPixels(col+1))
	row, top := max(n.row-2, 0), 4
	if n.row == 1 {
		top = 2
	}
	right, bottom := left+noteWidth, top+n.height()
	lastCol, lastRow := col, row
	for lastCol-col < maxSpan && right > g.colPixels(lastCol+1) {
		right -= g.colPixels(lastCol + 1)
		lastCol++
	}
	for lastRow-row < maxSpan && bottom > g.rowPixels(lastRow+1) {
		bottom -= g.rowPixels(lastRow + 1)
		lastRow++
	}
	return fmt.Sprintf("%d, %d, %d, %d, %d, %d, %d, %d", col, left, row, top, lastCol, max(right, 1), lastRow, max(bottom, 1))
}

// maxSpan ends the search for a note's far corner among hidden rows and columns.
const maxSpan = 200
