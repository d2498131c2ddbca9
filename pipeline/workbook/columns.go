package workbook

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook/scan"
)

// dataSheet is a data sheet whose columns were recognised.
type dataSheet struct {
	layout  SheetLayout
	sheet   scan.Sheet
	keys    []string
	cols    []int        // the column of each key, rising
	entry   []bool       // whether the column makes a row count as filled in
	forAll  *forAll      // what was said of all rows left empty, nil for nothing
	first   int          // the first data row
	foreign []int        // columns of which the sender was told that they are not read, rising
	head    []savedRow   // the rows that were read to find the columns
	merges  []scan.Range // that came after them, where the sheet ended with them
	walk    *scan.Walk   // goes on below them; nil once it was used
}

// savedRow is a row that outlives the walk.
type savedRow struct {
	number int
	hidden bool
	cells  []Cell
}

// at gives the text in a column, "" where there is none.
func (r *savedRow) at(col int) string {
	for _, c := range r.cells {
		if c.Col == col && c.Kind == Text {
			return strings.TrimSpace(c.Text)
		}
	}
	return ""
}

// headSlack is how many rows a form may have grown by above its data and still
// be recognised.
const headSlack = 9

// maxMerges bounds the merges that are remembered; a sheet with more is walked
// once more.
const maxMerges = 4096

// readKeys maps the columns of a sheet by the machine keys in its hidden row,
// wherever they stand and whatever their headings say. Headings serve where a
// key is gone; one that contradicts its key refuses the workbook, since a person
// went by the one and we by the other.
func (d *Document) readKeys(s scan.Sheet, layout SheetLayout, judge func(finding.Finding)) error {
	h := heading{lay: d.lay, layout: layout, sheet: s.Name, judge: judge, byKey: map[string]int{}, byCol: map[int]string{}, twice: map[int]bool{}}
	walk, err := h.read(d.book, s)
	if err != nil {
		return err
	}
	h.renameKeys(d.older.Columns[layout.Key])
	h.findKeys()
	h.findHeadings()
	h.mapKeys()
	h.mapHeadings()
	if len(h.byCol) == 0 {
		walk.Close()
		judge(finding.Finding{Rule: RuleTemplateUnknown, Severity: finding.Block,
			At: finding.Cell{Sheet: s.Name}, Args: map[string]string{"sheet": s.Name}})
		return nil
	}
	h.compare()
	ds := dataSheet{layout: layout, sheet: s, first: h.first(), foreign: h.tellUnknown(), head: h.rows, merges: h.merges}
	if len(h.merges) <= maxMerges {
		ds.walk = walk
	}
	for _, column := range layout.Columns {
		if column.Required && h.byKey[column.Key] == 0 && !d.older.lacks(layout.Key, column.Key) {
			judge(finding.Finding{Rule: RuleColumnMissing, Severity: finding.Block,
				At: finding.Cell{Sheet: s.Name}, Args: map[string]string{"column": column.Key}})
		}
	}
	for _, col := range slices.Sorted(maps.Keys(h.byCol)) {
		key := h.byCol[col]
		column, _ := layout.column(key)
		ds.keys = append(ds.keys, strings.Clone(key))
		ds.cols = append(ds.cols, col)
		ds.entry = append(ds.entry, column.Role != RoleFormula)
		if column.ForAll && !d.older.lacks(layout.Key, forAllMark+key) {
			ds.forAll = h.forAll(layout, col)
		}
	}
	d.sheets = append(d.sheets, ds)
	return nil
}

// heading is what stands above the data of one sheet.
type heading struct {
	lay    *Layout
	layout SheetLayout
	sheet  string
	judge  func(finding.Finding)

	rows    []savedRow
	merges  []scan.Range
	keyRow  int // index of the row of keys, -1 where there is none
	from    int // index of the first row of headings, which stand together
	to      int // index after the last
	byKey   map[string]int
	byCol   map[int]string
	twice   map[int]bool // columns with a key that another column has
	unknown []Cell
}

func (h *heading) tell(rule string, s finding.Severity, c Cell, value, column string) {
	h.judge(finding.Finding{Rule: rule, Severity: s, At: finding.Cell{Sheet: h.sheet, Ref: c.Ref()}, Value: value,
		Args: map[string]string{"column": column}})
}

// read takes the rows in which the columns may be named.
func (h *heading) read(book *scan.Book, s scan.Sheet) (*scan.Walk, error) {
	walk := book.Walk(s)
	last := h.lay.FirstRow + headSlack
	walk.Facts.Merged = func(r scan.Range) {
		if len(h.merges) <= maxMerges {
			h.merges = append(h.merges, r)
		}
	}
	err := walk.Each(func(number int, cells []Cell) bool {
		h.rows = append(h.rows, savedRow{number, walk.Facts.Hidden, slices.Clone(cells)})
		return number < last
	})
	return walk, err
}

// findKeys looks for the row of keys: where it belongs, or any row that holds
// every key that a sheet must have.
func (h *heading) findKeys() {
	h.keyRow = slices.IndexFunc(h.rows, func(r savedRow) bool {
		return r.number == h.lay.KeyRow && slices.ContainsFunc(r.cells, func(c Cell) bool {
			_, known := h.layout.column(strings.TrimSpace(c.Text))
			return c.Kind == Text && known
		})
	})
	if h.keyRow < 0 {
		h.keyRow = slices.IndexFunc(h.rows, func(r savedRow) bool { return h.layout.keyedBy(r.cells) })
	}
}

// keyedBy tells whether a row holds the keys of all required columns.
func (s SheetLayout) keyedBy(cells []Cell) bool {
	required := 0
	for _, column := range s.Columns {
		if !column.Required {
			continue
		}
		required++
		if !slices.ContainsFunc(cells, func(c Cell) bool { return c.Kind == Text && strings.TrimSpace(c.Text) == column.Key }) {
			return false
		}
	}
	return required > 0
}

// findHeadings looks for the rows of headings: of their texts most are headings
// of this sheet's columns, at least two. They stand together.
func (h *heading) findHeadings() {
	for i := h.keyRow + 1; i < len(h.rows); i++ {
		known, filled := 0, 0
		for _, c := range h.rows[i].cells {
			if c.Kind != Empty {
				filled++
			}
			if c.Kind == Text && len(h.meant(c.Text)) > 0 {
				known++
			}
		}
		is := known >= 2 && 2*known >= filled
		switch {
		case is && h.to == 0:
			h.from, h.to = i, i+1
		case is && h.rows[i].number == h.rows[i-1].number+1:
			h.to = i + 1
		case h.to > 0:
			return
		}
	}
}

// meant gives the keys of the columns that a heading may be of.
func (h *heading) meant(text string) []string { return h.lay.labelled(h.layout.Key, text) }

// first gives the first data row: below the headings, or where the form has it.
func (h *heading) first() int {
	switch {
	case h.to > 0:
		return h.rows[h.to-1].number + 1
	case h.keyRow >= 0:
		return h.rows[h.keyRow].number + h.lay.FirstRow - h.lay.KeyRow
	}
	return h.lay.FirstRow
}

func (h *heading) mapKeys() {
	if h.keyRow < 0 {
		return
	}
	for _, c := range h.rows[h.keyRow].cells {
		key := strings.TrimSpace(c.Text)
		if c.Kind != Text || key == "" {
			continue
		}
		switch _, ok := h.layout.column(key); {
		case !ok:
			h.unknown = append(h.unknown, c)
		case h.byKey[key] > 0:
			h.tell(RuleColumnDuplicate, finding.Block, c, key, key)
			h.twice[c.Col] = true
		default:
			h.byKey[key], h.byCol[c.Col] = c.Col, key
		}
	}
}

// mapHeadings finds the columns whose keys are gone by what stands above them.
func (h *heading) mapHeadings() {
	var first Cell
	n := 0
	for _, r := range h.rows[h.from:h.to] {
		for _, c := range r.cells {
			if c.Kind != Text || h.byCol[c.Col] != "" || h.twice[c.Col] {
				continue
			}
			keys := h.meant(c.Text)
			if len(keys) != 1 {
				continue
			}
			key := keys[0]
			if h.byKey[key] > 0 {
				if h.keyRow < 0 {
					h.tell(RuleColumnDuplicate, finding.Block, c, c.Text, key)
				}
				continue
			}
			h.byKey[key], h.byCol[c.Col] = c.Col, key
			if n++; n == 1 {
				first = c
			}
		}
	}
	if n > 0 {
		h.judge(finding.Finding{Rule: RuleColumnsByLabel, Severity: finding.Info, At: finding.Cell{Sheet: h.sheet, Ref: first.Ref()},
			Args: map[string]string{"count": strconv.Itoa(n)}})
	}
}

// compare holds the headings against the keys.
func (h *heading) compare() {
	if h.lay.fold == nil {
		return // what the columns are called is not known
	}
	rows := h.rows[h.from:h.to]
	if h.to == 0 && h.keyRow >= 0 { // none is known: the form has them above its data
		first := h.first()
		rows = nil
		for _, r := range h.rows {
			if r.number >= first-2 && r.number < first {
				rows = append(rows, r)
			}
		}
	}
	for _, col := range slices.Sorted(maps.Keys(h.byCol)) {
		key := h.byCol[col]
		var strange, other Cell
		known := false
		for _, r := range rows {
			text := r.at(col)
			if text == "" {
				continue
			}
			c := Cell{Col: col, Row: r.number, Text: text}
			switch keys := h.meant(text); {
			case slices.Contains(keys, key) || h.ours(text, key):
				known = true
			case len(keys) > 0 && other.Row == 0:
				other = c
			case len(keys) == 0 && strange.Row == 0:
				strange = c
			}
		}
		switch {
		case other.Row > 0:
			h.tell(RuleColumnShifted, finding.Block, other, other.Text, key)
		case !known && strange.Row > 0:
			h.tell(RuleColumnRenamed, finding.Info, strange, strange.Text, key)
		}
	}
}

// ours tells whether a heading is one that the form makes up for a column: its
// key, or the title of another language's column with the language's tag.
func (h *heading) ours(text, key string) bool {
	column, _ := h.layout.column(key)
	return text == key || column.Lang != "" && strings.HasSuffix(text, "("+column.Lang+")")
}

// tellUnknown tells the keys that nobody knows and gives their columns.
func (h *heading) tellUnknown() (cols []int) {
	for _, c := range h.unknown {
		if h.byCol[c.Col] != "" {
			continue
		}
		h.tell(RuleColumnUnknown, finding.Info, c, c.Text, c.Text)
		cols = append(cols, c.Col)
	}
	slices.SortFunc(cols, cmp.Compare[int])
	return cols
}
