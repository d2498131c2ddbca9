package workbook

import (
	"iter"
	"slices"

	"iltizam/pipeline/finding"
)

// Row is one data row. Keys and Cells are aligned, one for each known column of
// the sheet, in the sheet's order. All is reused: a row that is to stay must be
// copied. The texts themselves may be kept, but a text kept holds the 128 KiB that
// it is of: of many rows keep clones.
type Row struct {
	Sheet     string // the layout's key, such as progress
	SheetName string // as the workbook has it
	Number    int
	Keys      []string
	Cells     []Cell
	Behind    []int // the cells with a value that nobody sees, behind a merge; see Rows
}

// Get gives the cell of a column; ok is false where the sheet has no such column.
func (r *Row) Get(key string) (c Cell, ok bool) {
	if i := slices.Index(r.Keys, key); i >= 0 {
		return r.Cells[i], true
	}
	return Cell{}, false
}

// Rows walks the data rows that are not empty, sheet by sheet in the layout's
// order. Damage on the way is a block finding and the end: what was yielded
// before must then be dropped. What the sender should know of a sheet besides is
// told at its end. Each call reads the sheets anew.
//
// Which cells are merged a sheet says after its rows. A row with values that stand
// behind a merge is therefore yielded twice: as any other, then once more after
// the last row of its sheet, with Behind set.
func (d *Document) Rows(found func(finding.Finding)) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		tell := d.telling(found)
		for i := range d.sheets {
			more, err := d.walk(&d.sheets[i], tell, yield)
			if err != nil {
				d.err = d.blame(err, tell)
				return
			}
			if !more {
				return
			}
		}
	}
}

func (d *Document) walk(ds *dataSheet, tell func(finding.Finding), yield func(Row) bool) (more bool, err error) {
	r := Row{Sheet: ds.layout.Key, SheetName: ds.sheet.Name,
		Keys: slices.Clone(ds.keys), Cells: make([]Cell, len(ds.keys))}
	more = true
	facts := newSheetFacts(ds, tell)
	walk, head, merges := ds.walk, ds.head, ds.merges
	ds.walk, ds.head, ds.merges = nil, nil, nil
	if walk == nil {
		walk, head, merges = d.book.Walk(ds.sheet), nil, nil
	}
	defer walk.Close()
	walk.Facts.Merged = facts.merged
	row := func(number int, cells []Cell, hidden bool) bool {
		if number < ds.first {
			return true
		}
		matched, filled := r.fill(ds, number, cells)
		if matched < len(cells) {
			facts.beside(cells)
		}
		if filled {
			ds.forAll.answer(&r)
			facts.filled(number, hidden)
			more = yield(r)
		}
		return more
	}
	for _, h := range head {
		if !row(h.number, h.cells, h.hidden) {
			return more, nil
		}
	}
	for _, m := range merges {
		facts.merged(m)
	}
	err = walk.Each(func(number int, cells []Cell) bool { return row(number, cells, walk.Facts.Hidden) })
	if err == nil && more && len(facts.covers) > 0 {
		if len(facts.covers) > maxCovering {
			facts.tooMany()
			return false, nil
		}
		more, err = d.lookBehind(facts, &r, yield)
	}
	if err == nil && more {
		facts.end(&walk.Facts)
	}
	return more, err
}

// fill puts the cells of a row where its known columns are: how many that were,
// and whether one counts as filled in.
func (r *Row) fill(ds *dataSheet, number int, cells []Cell) (matched int, filled bool) {
	r.Number = number
	next := 0
	for i, col := range ds.cols {
		for next < len(cells) && cells[next].Col < col {
			next++
		}
		if next < len(cells) && cells[next].Col == col {
			r.Cells[i] = cells[next]
			filled = filled || ds.entry[i] && cells[next].Kind != Empty
			matched++
		} else {
			r.Cells[i] = Cell{Col: col, Row: number}
		}
	}
	return matched, filled
}
