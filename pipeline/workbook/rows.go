package workbook

import (
	"iter"
	"slices"
	"strings"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook/scan"
)

// Row is one data row. Keys and Cells are aligned, one for each known column of
// the sheet, in the sheet's order. Both are reused: a row that is to stay must be
// copied; the texts themselves may be kept.
type Row struct {
	Sheet     string // the layout's key, such as progress
	SheetName string // as the workbook has it
	Number    int
	Keys      []string
	Cells     []Cell
}

// Get gives the cell of a column; ok is false where the sheet has no such column.
func (r *Row) Get(key string) (c Cell, ok bool) {
	if i := slices.Index(r.Keys, key); i >= 0 {
		return r.Cells[i], true
	}
	return Cell{}, false
}

// dataSheet is a data sheet whose columns were recognised.
type dataSheet struct {
	layout SheetLayout
	sheet  scan.Sheet
	keys   []string
	cols   []int  // the column of each key, rising
	entry  []bool // whether the column makes a row count as filled in
}

// readKeys maps the columns of a sheet by the machine keys in its hidden row,
// never by their place or their label.
func (d *Document) readKeys(s scan.Sheet, layout SheetLayout, judge func(finding.Finding)) error {
	ds := dataSheet{layout: layout, sheet: s}
	seen := map[string]bool{}
	var unknown []Cell
	err := d.book.Each(s, func(row int, cells []Cell) bool {
		if row != d.lay.KeyRow {
			return row < d.lay.KeyRow
		}
		for _, c := range cells {
			key := strings.TrimSpace(c.Text)
			if c.Kind != Text || key == "" {
				continue
			}
			column, ok := layout.column(key)
			switch {
			case !ok:
				unknown = append(unknown, c)
				continue
			case seen[key]:
				judge(finding.Finding{Rule: RuleColumnDuplicate, Severity: finding.Block,
					At: finding.Cell{Sheet: s.Name, Ref: c.Ref()}, Value: key, Args: map[string]string{"column": key}})
				continue
			}
			seen[key] = true
			ds.keys = append(ds.keys, strings.Clone(key))
			ds.cols = append(ds.cols, c.Col)
			ds.entry = append(ds.entry, column.Role != RoleFormula)
		}
		return false
	})
	if err != nil {
		return err
	}
	if len(ds.keys) == 0 {
		judge(finding.Finding{Rule: RuleTemplateUnknown, Severity: finding.Block,
			At: finding.Cell{Sheet: s.Name}, Args: map[string]string{"sheet": s.Name}})
		return nil
	}
	for _, c := range unknown {
		judge(finding.Finding{Rule: RuleColumnUnknown, Severity: finding.Info,
			At: finding.Cell{Sheet: s.Name, Ref: c.Ref()}, Value: c.Text, Args: map[string]string{"column": c.Text}})
	}
	for _, column := range layout.Columns {
		if column.Required && !seen[column.Key] {
			judge(finding.Finding{Rule: RuleColumnMissing, Severity: finding.Block,
				At: finding.Cell{Sheet: s.Name}, Args: map[string]string{"column": column.Key}})
		}
	}
	d.sheets = append(d.sheets, ds)
	return nil
}

// Rows walks the data rows that are not empty, sheet by sheet in the layout's
// order. Damage on the way is a block finding and the end: what was yielded
// before must then be dropped. Each call reads the sheets anew.
func (d *Document) Rows(found func(finding.Finding)) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for _, ds := range d.sheets {
			more, err := d.walk(ds, yield)
			if err != nil {
				d.err = d.blame(err, d.telling(found))
				return
			}
			if !more {
				return
			}
		}
	}
}

func (d *Document) walk(ds dataSheet, yield func(Row) bool) (more bool, err error) {
	r := Row{Sheet: ds.layout.Key, SheetName: ds.sheet.Name,
		Keys: slices.Clone(ds.keys), Cells: make([]Cell, len(ds.keys))}
	more = true
	err = d.book.Each(ds.sheet, func(number int, cells []Cell) bool {
		if number < d.lay.FirstRow {
			return true
		}
		r.Number = number
		filled := false
		next := 0
		for i, col := range ds.cols {
			for next < len(cells) && cells[next].Col < col {
				next++
			}
			if next < len(cells) && cells[next].Col == col {
				r.Cells[i] = cells[next]
				filled = filled || ds.entry[i] && cells[next].Kind != Empty
			} else {
				r.Cells[i] = Cell{Col: col, Row: number}
			}
		}
		if filled {
			more = yield(r)
		}
		return more
	})
	return more, err
}
