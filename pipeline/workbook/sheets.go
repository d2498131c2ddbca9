package workbook

import (
	"errors"
	"slices"
	"strings"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook/scan"
)

// bears tells whether a sheet goes by one of a layout's names, in any language.
func bears(s scan.Sheet, layout SheetLayout) bool {
	name := strings.TrimSpace(s.Name)
	return slices.ContainsFunc(layout.names(), func(n string) bool { return strings.EqualFold(name, n) })
}

// Bears tells whether a sheet's name is one of the form's own, in any language;
// another is a text of the person who renamed the sheet.
func (l *Layout) Bears(sheet string) bool {
	return slices.ContainsFunc(l.Sheets, func(s SheetLayout) bool { return bears(scan.Sheet{Name: sheet}, s) })
}

// find gives the sheet that bears one of the layout's names and how many do.
func (d *Document) find(layout SheetLayout) (found scan.Sheet, n int) {
	for _, s := range d.book.Sheets {
		if bears(s, layout) {
			found, n = s, n+1
		}
	}
	return found, n
}

// strangers gives the worksheets that bear no name of the form's and were not
// recognised otherwise.
func (d *Document) strangers() (out []scan.Sheet) {
	for _, s := range d.book.Sheets {
		if s.Readable() && !slices.Contains(d.renamed, s) && !d.ours(s) &&
			!slices.ContainsFunc(d.lay.Sheets, func(l SheetLayout) bool { return bears(s, l) }) {
			out = append(out, s)
		}
	}
	return out
}

// maxProbed bounds the sheets that are looked into for one that was renamed.
const maxProbed = 64

// recognise finds a sheet under another name by what it holds: the keys of every
// required column, or the template's own name. Two such sheets are none: which
// of them is meant is not known.
func (d *Document) recognise(layout SheetLayout) (found scan.Sheet, ok bool, err error) {
	others := d.strangers()
	if len(others) > maxProbed {
		return found, false, nil
	}
	n := 0
	for _, s := range others {
		is, err := d.looksLike(s, layout)
		if err != nil {
			return found, false, err
		}
		if is {
			found, n = s, n+1
		}
	}
	return found, n == 1, nil
}

// looksLike judges a sheet by its first rows. One that is damaged is not taken
// for ours; that it is damaged matters to nobody.
func (d *Document) looksLike(s scan.Sheet, layout SheetLayout) (is bool, err error) {
	last := d.lay.KeyRow
	if layout.Kind == KindMeta {
		last = len(layout.Keys)
	}
	err = d.book.Each(s, func(row int, cells []Cell) bool {
		switch {
		case row > last:
		case layout.Kind == KindMeta:
			is = is || len(cells) > 1 && cells[0].Col == 1 && cells[1].Col == 2 &&
				strings.TrimSpace(cells[0].Text) == "template" && strings.TrimSpace(cells[1].Text) == d.lay.Template
		case row == d.lay.KeyRow:
			is = layout.keyedBy(cells)
		}
		return row < last
	})
	var refused *scan.Refusal
	if errors.As(err, &refused) {
		return false, nil
	}
	return is, err
}

// tellStrangers tells the sender which sheets were not read.
func (d *Document) tellStrangers(tell func(finding.Finding)) {
	for _, s := range d.strangers() {
		state := "@sheet-visible"
		if s.Hidden {
			state = "@sheet-hidden"
		}
		tell(finding.Finding{Rule: RuleSheetUnknown, Severity: finding.Info, At: finding.Cell{Sheet: s.Name},
			Args: map[string]string{"state": state}})
	}
}
