package scan

import "bytes"

// Facts are what a sheet says beside its cells. Hidden is of the row in hand;
// the rest is whole when the walk came to its end.
type Facts struct {
	Hidden    bool        // nobody sees the row in hand
	Filtered  bool        // an automatic filter hides the rows that do not fit it
	Calls     int         // formulas that ask another program
	FirstCall string      // the cell of the first of them
	Merged    func(Range) // if set, is called for each merge of cells, after the last row
}

func (f *Facts) call(ref string) {
	if f.Calls++; f.Calls == 1 {
		f.FirstCall = ref
	}
}

// Range is a rectangle of cells, both corners included.
type Range struct{ Col, Row, LastCol, LastRow int }

// String gives the range in A1 style.
func (r Range) String() string { return Ref(r.Col, r.Row) + ":" + Ref(r.LastCol, r.LastRow) }

// filter reads whether an automatic filter has a criterion: its buttons alone
// hide nothing.
func (w *walker) filter() error {
	l := w.lex
	for base := len(l.open); ; {
		ev, err := l.next()
		switch {
		case err != nil:
			return err
		case ev == evEnd && len(l.open) < base:
			return nil
		case ev == evStart && len(l.open) == base+2 && l.name != "" && l.name != "extLst" && l.name != "sortCondition":
			w.facts.Filtered = true
		}
	}
}

// merges passes the merges on. One that cannot be read changes no value and is
// passed over.
func (w *walker) merges() error {
	l := w.lex
	for base := len(l.open); ; {
		ev, err := l.next()
		switch {
		case err != nil:
			return err
		case ev == evEnd && len(l.open) < base:
			return nil
		case ev == evStart && l.name == "mergeCell" && w.facts.Merged != nil:
			ref, _ := l.raw("ref")
			if r, ok := splitRange(ref); ok {
				w.facts.Merged(r)
			}
		}
	}
}

func splitRange(ref []byte) (r Range, ok bool) {
	from, to, found := bytes.Cut(ref, []byte(":"))
	if !found {
		return r, false
	}
	col, row, ok := splitRef(from)
	lastCol, lastRow, fine := splitRef(to)
	return Range{min(col, lastCol), min(row, lastRow), max(col, lastCol), max(row, lastRow)}, ok && fine
}

func isTrue(v []byte) bool { return string(v) == "1" || string(v) == "true" }
