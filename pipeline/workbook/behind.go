package workbook

import (
	"cmp"
	"slices"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook/scan"
)

// maxCovering bounds the merges over data cells that are looked behind: a sheet
// with more is nobody's form.
const maxCovering = 1 << 17

// cover is a merge that leaves blank a cell that would be read.
type cover struct {
	scan.Range
	behind bool // a value stands behind it
}

// strip is a part of a merge in which nobody sees a cell: known columns, by
// index, and rows, the first and the last included.
type strip struct{ col, lastCol, row, lastRow, of int32 }

// strips cuts off each merge the one cell that is seen.
func (f *sheetFacts) strips() (all []strip) {
	for i, c := range f.covers {
		from := int32(f.upTo(c.Col - 1))
		to := int32(f.upTo(c.LastCol)) - 1
		row, last := int32(max(c.Row, f.ds.first)), int32(min(c.LastRow, f.last))
		if int(row) != c.Row || f.upTo(c.Col) == int(from) { // the cell that is seen is not read
			all = append(all, strip{from, to, row, last, int32(i)})
			continue
		}
		all = append(all, strip{from + 1, to, row, row, int32(i)}, strip{from, to, row + 1, last, int32(i)})
	}
	all = slices.DeleteFunc(all, func(s strip) bool { return s.col > s.lastCol || s.row > s.lastRow })
	slices.SortFunc(all, func(a, b strip) int { return cmp.Compare(a.row, b.row) })
	return all
}

// veil tells, row by row downwards, which known columns lie behind a merge: for
// each column the last such row known so far, and by which merge. Its cost is one
// step for each column of a strip or a row, however the merges overlap.
type veil struct {
	strips []strip
	until  []int32
	of     []int32
}

// lower brings the veil down to a row; false where it ends above.
func (v *veil) lower(row int32) (more bool) {
	for len(v.strips) > 0 && v.strips[0].row <= row {
		s := v.strips[0]
		v.strips = v.strips[1:]
		for i := s.col; i <= s.lastCol; i++ {
			if s.lastRow > v.until[i] {
				v.until[i], v.of[i] = s.lastRow, s.of
			}
		}
	}
	return len(v.strips) > 0 || slices.Max(v.until) >= row
}

// lookBehind walks a sheet once more for the values that stand behind its merges,
// and yields the rows that have some. What of the merges is worth a word besides
// is told at the end.
func (d *Document) lookBehind(facts *sheetFacts, r *Row, yield func(Row) bool) (more bool, err error) {
	ds := facts.ds
	v := veil{strips: facts.strips(), until: make([]int32, len(ds.cols)), of: make([]int32, len(ds.cols))}
	more = true
	err = d.book.Each(ds.sheet, func(number int, cells []Cell) bool {
		if number < ds.first {
			return true
		}
		if !v.lower(int32(number)) {
			return false
		}
		r.fill(ds, number, cells)
		r.Behind = r.Behind[:0]
		for i, last := range v.until {
			if int(last) >= number && r.Cells[i].Kind != Empty {
				r.Behind = append(r.Behind, i)
				facts.covers[v.of[i]].behind = true
			}
		}
		if len(r.Behind) > 0 {
			more = yield(*r)
		}
		return more
	})
	r.Behind = nil
	for _, c := range facts.covers {
		if err == nil && more && !c.behind {
			facts.say(RuleCellsMerged, finding.Info, c.String(), 0)
		}
	}
	return more, err
}
