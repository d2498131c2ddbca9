package workbook

import (
	"slices"
	"strings"

	"iltizam/pipeline/table"
)

// Older says how an older version of the form differs from the present one, so
// that its workbooks are read as if they were of the present one. Each version
// is held against the present one, not against the next.
type Older struct {
	Note    string                             `json:"note"`              // what changed since, for whoever reads the layout
	Keys    map[string]string                  `json:"keys,omitempty"`    // of the meta sheet: what it called a key -> what it is now
	Columns map[string]map[string]string       `json:"columns,omitempty"` // by sheet: what it called a column -> what it is now
	Labels  map[string]map[string]table.Labels `json:"labels,omitempty"`  // by sheet and column of now: the headings that it had
	Lacks   map[string][]string                `json:"lacks,omitempty"`   // by sheet: the columns of now that it did not have
}

// forAllMark stands before a column in Lacks where it is the cell above the
// headings that was lacking.
const forAllMark = "^"

func (o Older) lacks(sheet, column string) bool { return slices.Contains(o.Lacks[sheet], column) }

// checkOlder demands that every accepted version but the present one is told of,
// in terms of what is there now.
func (l *Layout) checkOlder(bad func(string, ...any)) {
	for _, v := range l.Accepted {
		if _, told := l.Older[v]; told == (v == l.Version) {
			bad("accepted version %q: older_versions must tell of it, unless it is the present one", v)
		}
	}
	for v, o := range l.Older {
		if o.Note == "" || !slices.Contains(l.Accepted, v) {
			bad("older version %q has no note, or is not among accepted_versions", v)
		}
		for old, now := range o.Keys {
			if !slices.ContainsFunc(l.Sheets, func(s SheetLayout) bool { return slices.Contains(s.Keys, now) }) ||
				old == "template" || old == "template_version" {
				bad("older version %q: key %q is not %q now", v, old, now)
			}
		}
		known := func(sheet, column string) {
			s, ok := l.Sheet(sheet)
			if _, is := s.column(strings.TrimPrefix(column, forAllMark)); !ok || !is {
				bad("older version %q: sheet %q has no column %q now", v, sheet, column)
			}
		}
		for sheet, columns := range o.Columns {
			for _, now := range columns {
				known(sheet, now)
			}
		}
		for sheet, columns := range o.Labels {
			for now := range columns {
				known(sheet, now)
			}
		}
		for sheet, columns := range o.Lacks {
			for _, now := range columns {
				known(sheet, now)
			}
		}
	}
}

// isOldKey tells whether any older version has a key of that name.
func (l *Layout) isOldKey(key string) bool {
	for _, o := range l.Older {
		if _, ok := o.Keys[key]; ok {
			return true
		}
	}
	return false
}

// rename gives the keys of an older version their present names.
func (h *Header) rename(keys map[string]string) {
	for old, now := range keys {
		if c, ok := h.cells[old]; ok {
			h.cells[now] = c
			delete(h.cells, old)
		}
	}
}

// renameKeys gives the machine keys of an older version their present names.
func (h *heading) renameKeys(columns map[string]string) {
	if len(columns) == 0 {
		return
	}
	for _, r := range h.rows {
		if r.number != h.lay.KeyRow {
			continue
		}
		for i := range r.cells {
			if now, ok := columns[strings.TrimSpace(r.cells[i].Text)]; ok && r.cells[i].Kind == Text {
				r.cells[i].Text = now
			}
		}
	}
}

// forAll is what the cell above the headings of a column says of every row that
// is left empty.
type forAll struct {
	key   string
	cell  Cell
	asked []string // the columns that make a row one that is not left empty
}

// forAll reads the cell above the headings of a column; nil where it is empty.
func (h *heading) forAll(layout SheetLayout, col int) *forAll {
	row := h.first() - headings - 1
	if h.to > 0 {
		row = h.rows[h.from].number - 1
	}
	for _, r := range h.rows {
		if r.number != row {
			continue
		}
		for _, c := range r.cells {
			if c.Col != col || c.Kind == Empty || c.Kind == Text && strings.TrimSpace(c.Text) == "" {
				continue
			}
			c.Text, c.Raw = strings.Clone(c.Text), strings.Clone(c.Raw)
			a := &forAll{key: h.byCol[col], cell: c}
			for _, column := range layout.Columns {
				if column.Role == RoleEntry {
					a.asked = append(a.asked, column.Key)
				}
			}
			return a
		}
	}
	return nil
}

// headings is how many rows of headings the form has.
const headings = 2

// answer puts what was said of all rows into one that is left empty, as if it
// stood there.
func (a *forAll) answer(r *Row) {
	if a == nil {
		return
	}
	at, named := -1, false
	for i, key := range r.Keys {
		c := r.Cells[i]
		filled := c.Kind != Empty && (c.Kind != Text || strings.TrimSpace(c.Text) != "")
		switch {
		case key == a.key && !filled:
			at = i
		case filled && a.asks(key):
			return
		case filled && strings.HasSuffix(key, "_id"):
			named = true
		}
	}
	if at >= 0 && named {
		r.Cells[at] = a.cell
	}
}

func (a *forAll) asks(key string) bool {
	for _, asked := range a.asked {
		if stem, ok := strings.CutSuffix(asked, langMark); key == asked || ok && strings.HasPrefix(key, stem) {
			return true
		}
	}
	return false
}
