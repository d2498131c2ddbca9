package scan

// Each walks the rows of a sheet that have cells, top to bottom, each with its
// cells from left to right. The cells are reused: a row that is to stay must be
// copied. Hidden rows are rows like any other; of merged cells the first holds
// the value. Alternate content among the cells is refused, since it says two
// things. It ends early when row gives false; otherwise a nil error means that
// the sheet was read to its last byte.
func (b *Book) Each(s Sheet, row func(number int, cells []Cell) bool) (err error) {
	w := walker{book: b, emit: row}
	defer func() {
		// A panic of the caller's own is the caller's.
		if !w.emitting {
			rescued(recover(), &err)
		}
	}()
	if s.part == "" {
		return at(damaged(ReasonMissing, ""), s.Name, "", "")
	}
	p, err := b.zip.open(s.part, b.lim.SheetBytes)
	if err != nil {
		return at(err, s.Name, "", "")
	}
	w.lex = newLexer(p, b.lim, nsMain, nsMainStrict)
	err = w.sheet()
	if p.err != nil {
		// The bytes themselves are wrong: no cell is to blame.
		return at(err, s.Name, "", "")
	}
	return at(err, s.Name, w.place(), validText(string(w.raw)))
}

// walker is the state of one walk over a sheet.
type walker struct {
	book  *Book
	lex   *lexer
	emit  func(int, []Cell) bool
	cells []Cell
	row   int
	col   int
	raw   []byte // the value in hand, for a refusal
	value []byte // scratch of content
	texts []byte // the numbers of the row as received, end to end
	spans []span // which cell each of them is of
	days  map[int]string
	done  bool

	emitting bool // the caller has the row
}

// span is where the text of a cell stands among those of its row. They become
// one string for the row, not one for each cell.
type span struct{ cell, from, to int }

// maxDays bounds the days that are remembered rather than written anew.
const maxDays = 4096

func (w *walker) place() string {
	if w.row == 0 {
		return ""
	}
	return Ref(max(w.col, 1), w.row)
}

func (w *walker) sheet() error {
	l := w.lex
	seen := false
	for {
		ev, err := l.next()
		if err != nil {
			return err
		}
		switch {
		case ev == evEOF:
			if !seen {
				return damaged(ReasonElement, l.part)
			}
			return nil
		case ev != evStart:
		case len(l.open) == 1:
			if l.name != "worksheet" {
				return damaged(ReasonElement, l.part)
			}
		case l.name == "sheetData":
			if seen {
				return damaged(ReasonDuplicate, l.part)
			}
			seen = true
			if err := w.rows(); err != nil || w.done {
				return err
			}
			w.row, w.col, w.raw = 0, 0, nil
		default:
			if err := l.skip(); err != nil {
				return err
			}
		}
	}
}

func (w *walker) rows() error {
	l := w.lex
	base := len(l.open)
	for {
		ev, err := l.next()
		switch {
		case err != nil:
			return err
		case ev == evEnd && len(l.open) < base:
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
	w.cells, w.texts, w.spans = w.cells[:0], w.texts[:0], w.spans[:0]
	base := len(l.open)
	for {
		ev, err := l.next()
		switch {
		case err != nil:
			return err
		case ev == evEnd && len(l.open) < base:
			if len(w.cells) > 0 {
				w.settle()
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

// settle gives the row's cells the texts they were received as.
func (w *walker) settle() {
	all := string(w.texts)
	for _, s := range w.spans {
		if s.cell < len(w.cells) {
			w.cells[s.cell].Raw = all[s.from:s.to]
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
	return c, w.typed(&c, kind, f, v)
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
			if _, err := l.leaf(); err != nil {
				return v, err
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
