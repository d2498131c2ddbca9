package scan

import "strings"

// Each walks the rows of a sheet that have cells, top to bottom, each with its
// cells from left to right. The cells are reused: a row that is to stay must be
// copied. Hidden rows are rows like any other; of merged cells the first holds
// the value. Alternate content among the cells is refused, since it says two
// things. It ends early when row gives false; otherwise a nil error means that
// the sheet was read to its last byte.
func (b *Book) Each(s Sheet, row func(number int, cells []Cell) bool) error {
	w := b.Walk(s)
	defer w.Close()
	return w.Each(row)
}

// Walk is a walk over a sheet that can stop after a row and go on later.
type Walk struct {
	Facts Facts
	book  *Book
	sheet Sheet
	g     *gear // while under way
	ended bool
}

// Walk starts a walk over a sheet. A walk that neither ends nor is closed keeps
// its buffers from being used again, no more.
func (b *Book) Walk(s Sheet) *Walk { return &Walk{book: b, sheet: s} }

// Each is Book.Each from where the walk stopped.
func (w *Walk) Each(row func(number int, cells []Cell) bool) (err error) {
	s := &w.sheet
	if w.ended {
		return nil
	}
	if s.part == "" {
		return at(damaged(ReasonMissing, ""), s.Name, "", "")
	}
	if w.g == nil {
		p, err := w.book.zip.open(s.part, w.book.lim.SheetBytes)
		if err != nil {
			w.ended = true
			return at(err, s.Name, "", "")
		}
		w.g = p.g
		w.g.walk.reset(w.book, newLexer(p, w.book.lim, nsMain, nsMainStrict))
		w.g.walk.facts = &w.Facts
	}
	walk := &w.g.walk
	walk.emit, walk.done = row, false
	defer func() {
		walk.emit = nil
		// A panic of the caller's own is the caller's.
		if !walk.emitting {
			rescued(recover(), &err)
		}
		if err != nil || !walk.done {
			w.Close()
		}
	}()
	err = walk.sheet()
	if err == nil {
		return nil
	}
	place, value := walk.place(), validText(string(walk.raw))
	if err = w.g.part.cause(err); w.g.part.err != nil {
		place, value = "", "" // the bytes themselves are wrong: no cell is to blame
	}
	return at(err, s.Name, place, value)
}

// Close ends a walk early and gives its buffers back.
func (w *Walk) Close() {
	w.ended = true
	if w.g != nil {
		w.g.part.close()
		w.g = nil
	}
}

// walker is the state of one walk over a sheet.
type walker struct {
	book   *Book
	lex    *lexer
	emit   func(int, []Cell) bool
	cells  []Cell
	seen   bool // the rows have begun
	within bool // the rows have not ended
	base   int  // how deep the rows lie
	row    int
	digits []byte // of the row's number, then a quotation mark: how its references end
	col    int
	raw    []byte // the value in hand, for a refusal
	value  []byte // scratch of content
	texts  strings.Builder
	days   *days
	done   bool
	facts  *Facts

	emitting bool // the caller has the row
}

func (w *walker) reset(b *Book, l *lexer) {
	clear(w.cells[:cap(w.cells)])
	w.book, w.lex, w.emit = b, l, nil
	w.cells, w.digits, w.value, w.raw = w.cells[:0], w.digits[:0], kept(w.value), nil
	w.seen, w.within, w.base, w.row, w.col = false, false, 0, 0, 0
	w.done, w.emitting, w.facts = false, false, nil
}

func (w *walker) place() string {
	if w.row == 0 {
		return ""
	}
	return Ref(max(w.col, 1), w.row)
}

func (w *walker) sheet() error {
	l := w.lex
	for {
		if w.within {
			if err := w.rows(); err != nil || w.done {
				return err
			}
			w.within = false
			w.row, w.col, w.raw = 0, 0, nil
		}
		ev, err := l.next()
		if err != nil {
			return err
		}
		switch {
		case ev == evEOF:
			if !w.seen {
				return damaged(ReasonElement, l.part)
			}
			return nil
		case ev != evStart:
		case len(l.open) == 1:
			if l.name != "worksheet" {
				return damaged(ReasonElement, l.part)
			}
		case l.name == "sheetData":
			if w.seen {
				return damaged(ReasonDuplicate, l.part)
			}
			w.seen, w.within, w.base = true, true, len(l.open)
		case l.name == "autoFilter":
			if err := w.filter(); err != nil {
				return err
			}
		case l.name == "mergeCells":
			if !w.seen { // what they cover must be known by then
				return l.misplaced()
			}
			if err := w.merges(); err != nil {
				return err
			}
		default:
			if err := l.skip(); err != nil {
				return err
			}
		}
	}
}

func (w *walker) rows() error {
	l := w.lex
	for {
		ev, err := l.next()
		switch {
		case err != nil:
			return err
		case ev == evEnd && len(l.open) < w.base:
			return nil
		case ev == evText && !blank(l.text):
			return damaged(ReasonElement, l.part)
		case ev != evStart:
		case l.name != "row":
			return l.misplaced()
		default:
			if err := w.oneRow(); err != nil || w.done {
				return err
			}
		}
	}
}

func (w *walker) oneRow() error {
	l := w.lex
	number := w.row + 1
	w.col, w.raw = 0, nil
	if r, ok := l.raw("r"); ok {
		n, ok := digits(r)
		if !ok || n < 1 || n > maxRow {
			w.raw = r
			return damaged(ReasonReference, l.part)
		}
		if n <= w.row {
			w.raw = r
			return damaged(ReasonRowOrder, l.part)
		}
		number = n
	}
	if number > maxRow {
		return damaged(ReasonReference, l.part)
	}
	w.row = number
	hidden, _ := l.raw("hidden")
	w.facts.Hidden = isTrue(hidden)
	w.cells = w.cells[:0]
	base := len(l.open)
	plain := w.plainRow()
	for {
		if plain {
			w.plainCells()
		}
		ev, err := l.next()
		switch {
		case err != nil:
			return err
		case ev == evEnd && len(l.open) < base:
			if len(w.cells) > 0 {
				w.emitting = true
				w.done = !w.emit(w.row, w.cells)
				w.emitting = false
			}
			return nil
		case ev == evText && !blank(l.text):
			return damaged(ReasonElement, l.part)
		case ev != evStart:
		case l.name == "c":
			c, err := w.cell()
			if err != nil {
				return err
			}
			if c.Kind == Empty && !c.Formula {
				continue
			}
			if c.Col > w.book.lim.Columns {
				return tooLarge(limitColumns, int64(w.book.lim.Columns), l.part)
			}
			w.cells = append(w.cells, c)
		case l.name == "extLst":
			if err := l.skip(); err != nil {
				return err
			}
		default:
			return l.misplaced()
		}
	}
}

// cell reads one <c>: first its attributes, then what it holds.
func (w *walker) cell() (Cell, error) {
	l := w.lex
	col := w.col + 1
	w.raw = nil
	if ref, ok := l.raw("r"); ok {
		c, r, ok := splitRef(ref)
		if !ok || r != w.row {
			w.raw = ref
			return Cell{}, damaged(ReasonReference, l.part)
		}
		if c <= w.col {
			w.raw = ref
			return Cell{}, damaged(ReasonCellOrder, l.part)
		}
		col = c
	}
	if col > maxCol {
		return Cell{}, damaged(ReasonReference, l.part)
	}
	w.col = col
	c := Cell{Col: col, Row: w.row}
	t, _ := l.raw("t")
	kind := cellType(t)
	var f format
	// An empty s is what some generators write for no format.
	if s, _ := l.raw("s"); len(s) > 0 {
		n, ok := digits(s)
		if !ok || n >= len(w.book.styles) && n > 0 {
			w.raw = s
			return Cell{}, damaged(ReasonStyleRef, l.part)
		}
		if n < len(w.book.styles) {
			f = w.book.styles[n]
		}
	} else if len(w.book.styles) > 0 {
		f = w.book.styles[0]
	}
	w.value = w.value[:0]
	v, err := w.content(kind)
	if err != nil {
		return Cell{}, err
	}
	c.Formula = v.formula
	if err := w.typed(&c, kind, f, v); err != nil {
		return Cell{}, err
	}
	w.raw = nil // what is wrong from here on is not this value
	return c, nil
}

// content is what stands inside a <c>.
type content struct {
	inline    string
	hasValue  bool // which is then in the walker's scratch
	hasInline bool
	formula   bool
}

func (w *walker) content(kind string) (v content, err error) {
	l := w.lex
	base := len(l.open)
	for {
		ev, err := l.next()
		switch {
		case err != nil:
			return v, err
		case ev == evEnd && len(l.open) < base:
			return v, nil
		case ev == evText && !blank(l.text):
			return v, damaged(ReasonElement, l.part)
		case ev != evStart:
		case l.name == "v":
			if v.hasValue {
				return v, damaged(ReasonDuplicate, l.part)
			}
			text, err := l.leaf()
			if err != nil {
				return v, err
			}
			w.value, v.hasValue = append(w.value, text...), true
			w.raw = w.value
		case l.name == "f":
			if v.formula {
				return v, damaged(ReasonDuplicate, l.part)
			}
			v.formula = true
			formula, err := l.leaf()
			if err != nil {
				return v, err
			}
			if callsProgram(formula) {
				w.facts.call(w.place())
			}
		case l.name == "is" && kind == "inlineStr":
			if v.hasInline {
				return v, damaged(ReasonDuplicate, l.part)
			}
			text, err := l.richText(w.book.lim.TextUnits)
			if err != nil {
				return v, err
			}
			v.inline, v.hasInline = string(text), true
		case l.name == "extLst":
			if err := l.skip(); err != nil {
				return v, err
			}
		default:
			return v, l.misplaced()
		}
	}
}
