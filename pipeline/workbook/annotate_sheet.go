package workbook

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"strconv"
)

// sheetPatch is what is changed of one of the sender's sheets.
type sheetPatch struct {
	colours []colourMark
	notes   bool        // it gets a part of notes
	rows    map[int]int // height in pixels of each row that a note lies beside
	grid    *sheetGrid  // filled in by write
}

// colourMark colours a cell while a condition is true.
type colourMark struct {
	ref, condition string
	format         int
}

// sheetGrid is how wide and high the cells of a sheet are, in pixels.
type sheetGrid struct {
	cols   []colWidth
	width  int
	height int
	rows   map[int]int // of the rows asked for
}

type colWidth struct{ from, to, px int }

// afterFormats are the elements of a sheet that conditional formats stand before.
var afterFormats = [...]string{"dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks"}

const (
	formatElement = "conditionalFormatting"
	dataElement   = "sheetData"
)

// write copies a sheet with the marks of earlier rounds taken out and the new
// ones put in. The cells pass through as they are.
func (p *sheetPatch) write(w io.Writer, sheet io.Reader) error {
	in := bufio.NewReaderSize(sheet, 64<<10)
	p.grid = &sheetGrid{rows: p.rows}
	var head, tail bytes.Buffer
	if err := p.copyUntil(&head, in, "<"+dataElement); err != nil {
		return err
	}
	if blank, ok := bytes.CutSuffix(head.Bytes(), []byte("/>")); ok {
		head.Truncate(len(blank))
		head.WriteString("></" + dataElement + ">")
		in = bufio.NewReader(io.MultiReader(bytes.NewReader(head.Bytes()), in))
		return p.write(w, in)
	}
	start, err := p.head(head.Bytes())
	if err != nil {
		return err
	}
	if _, err := w.Write(start); err != nil {
		return err
	}
	if err := p.copyUntil(w, in, "</"+dataElement); err != nil {
		return err
	}
	if _, err := io.Copy(&tail, in); err != nil {
		return err
	}
	end, ok := bytes.CutSuffix(tail.Bytes(), []byte("</worksheet>"))
	if !ok {
		return errBroken
	}
	return p.tail(w, end)
}

// copyUntil copies up to and with a tag that starts so, and notes how high the
// rows are that it passes.
func (p *sheetPatch) copyUntil(w io.Writer, in *bufio.Reader, start string) error {
	var tag []byte // since the last <
	for {
		piece, err := in.ReadSlice('>')
		if err != nil && err != bufio.ErrBufferFull {
			if err == io.EOF {
				err = errBroken
			}
			return err
		}
		if _, err := w.Write(piece); err != nil {
			return err
		}
		if i := bytes.LastIndexByte(piece, '<'); i >= 0 {
			tag = append(tag[:0], piece[i:]...)
		} else if len(tag) > 0 {
			tag = append(tag, piece...)
		}
		switch {
		case err != nil:
			continue
		case bytes.HasPrefix(tag, []byte(start)):
			return nil
		case len(p.rows) > 0 && bytes.HasPrefix(tag, []byte("<row ")):
			p.grid.row(tag)
		}
		tag = tag[:0]
	}
}

// head rewrites what stands before the cells: of all the sheets, only our own
// first one is the selected one.
func (p *sheetPatch) head(head []byte) ([]byte, error) {
	from := bytes.Index(head, []byte("<worksheet"))
	if from < 0 {
		return nil, errBroken
	}
	open := from + bytes.IndexByte(head[from:], '>') + 1
	data := bytes.LastIndexByte(head, '<')
	all, err := elements(head[open:data])
	if err != nil {
		return nil, err
	}
	out := bytes.Clone(head[:open])
	for _, e := range all {
		switch e.name {
		case "sheetViews":
			e, err = unselected(e)
		case "sheetFormatPr":
			p.grid.defaults(e)
		case "cols":
			err = p.grid.columns(e)
		}
		if err != nil {
			return nil, err
		}
		out = e.append(out)
	}
	return append(out, head[data:]...), nil
}

func unselected(views element) (element, error) {
	all, err := elements(views.inner)
	if err != nil {
		return views, err
	}
	views.inner = nil
	for _, v := range all {
		v.open = withAttr(v.open, "tabSelected", "")
		views.inner = v.append(views.inner)
	}
	return views, nil
}

// tail writes what stands after the cells.
func (p *sheetPatch) tail(w io.Writer, tail []byte) error {
	all, err := elements(tail)
	if err != nil {
		return err
	}
	if all, err = p.formats(all); err != nil {
		return err
	}
	var out []byte
	for _, e := range all {
		out = e.append(out)
	}
	if p.notes {
		out = append(out, `<legacyDrawing xmlns:r="`+relNamespace+`" r:id="`+notesDrawing+`"></legacyDrawing>`...)
	}
	_, err = w.Write(append(out, "</worksheet>"...))
	return err
}

// formats takes our conditional formats of earlier rounds out and puts the new
// ones in, before all others in rank: of two that are true, the first one wins.
func (p *sheetPatch) formats(all []element) ([]element, error) {
	at := slices.IndexFunc(all, func(e element) bool { return e.name == formatElement || slices.Contains(afterFormats[:], e.name) })
	if at < 0 {
		at = len(all)
	}
	var theirs []element
	for _, e := range all {
		if e.name == formatElement {
			theirs = append(theirs, e)
		}
	}
	theirs, err := ranked(theirs, len(p.colours))
	if err != nil {
		return nil, err
	}
	out := slices.Clone(all[:at])
	for i, m := range p.colours {
		out = append(out, element{name: formatElement, open: []byte("<" + formatElement + ` sqref="` + m.ref + `">`),
			inner: []byte(`<cfRule type="expression" dxfId="` + strconv.Itoa(m.format) + `" priority="` + strconv.Itoa(i+1) +
				`"><formula>` + escape(m.condition) + "</formula></cfRule>")})
	}
	out = append(out, theirs...)
	for _, e := range all[at:] {
		if e.name != formatElement {
			out = append(out, e)
		}
	}
	return out, nil
}

// ranked gives the sender's conditional formats, without ours, ranked as they
// were but after so many others.
func ranked(formats []element, after int) ([]element, error) {
	type rule struct {
		element
		format, rank int
	}
	var rules []*rule
	for i, f := range formats {
		all, err := elements(f.inner)
		if err != nil {
			return nil, err
		}
		for _, e := range all {
			if !isMark(e.inner) {
				rules = append(rules, &rule{e, i, attrInt(e.open, "priority")})
			}
		}
	}
	order := slices.Clone(rules)
	slices.SortStableFunc(order, func(a, b *rule) int { return a.rank - b.rank })
	for i, r := range order {
		r.open = withAttr(r.open, "priority", strconv.Itoa(after+i+1))
	}
	inner := make([][]byte, len(formats))
	for _, r := range rules {
		inner[r.format] = r.append(inner[r.format])
	}
	var out []element
	for i, f := range formats {
		if f.inner = inner[i]; len(f.inner) > 0 {
			out = append(out, f)
		}
	}
	return out, nil
}

// Excel's defaults in pixels, and how many a character and a point take.
const (
	defaultWidth  = 64
	defaultHeight = 20
	pxPerChar     = 7
	pxPerPoint    = 96.0 / 72
)

func (g *sheetGrid) defaults(e element) {
	if w := attrFloat(e.open, "defaultColWidth"); w > 0 {
		g.width = int(w * pxPerChar)
	}
	if h := attrFloat(e.open, "defaultRowHeight"); h > 0 {
		g.height = int(h * pxPerPoint)
	}
}

func (g *sheetGrid) columns(e element) error {
	all, err := elements(e.inner)
	for _, c := range all {
		w := colWidth{attrInt(c.open, "min"), attrInt(c.open, "max"), int(attrFloat(c.open, "width") * pxPerChar)}
		if hidden, _ := attr(c.open, "hidden"); hidden == "1" || hidden == "true" {
			w.px = 0
		}
		g.cols = append(g.cols, w)
	}
	return err
}

// row notes the height of a row, if somebody wants to know.
func (g *sheetGrid) row(tag []byte) {
	n := attrInt(tag, "r")
	if _, wanted := g.rows[n]; !wanted {
		return
	}
	if h := attrFloat(tag, "ht"); h > 0 {
		g.rows[n] = int(h * pxPerPoint)
	}
	if hidden, _ := attr(tag, "hidden"); hidden == "1" || hidden == "true" {
		g.rows[n] = 0
	}
}

func (g *sheetGrid) colPixels(col int) int {
	for _, c := range g.cols {
		if c.from <= col && col <= c.to {
			return c.px
		}
	}
	if g.width > 0 {
		return g.width
	}
	return defaultWidth
}

// rowUnknown stands for a row that says nothing of its height.
const rowUnknown = -1

func (g *sheetGrid) rowPixels(row int) int {
	if h, known := g.rows[row]; known && h != rowUnknown {
		return h
	}
	if g.height > 0 {
		return g.height
	}
	return defaultHeight
}
