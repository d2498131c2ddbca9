package plan

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Place is where a row of a submission stands: in the workbook, and in the
// submission as a JSON document {"header": {}, "progress": [], "milestones": []}.
type Place struct {
	Sheet   string // as the workbook has it
	Row     int
	Index   int      // in the document's list; rows that were held back count, so that it never changes
	Reading *Reading // nil where it is not known
}

// Reading is how a row was read. Rows that were read alike share it.
type Reading struct {
	List     string     // of the document: progress or milestones
	Columns  string     // "progress_pct=D status=E": the column of each value, or its cell where that is of another row
	Received []Received // the values that were read as something else
}

// Received is a value's text as received.
type Received struct{ Key, Text string }

// Cells names the cell of each value: "progress_pct=D6 status=E6".
func (p Place) Cells() string {
	if p.Reading == nil || p.Reading.Columns == "" {
		return ""
	}
	row := strconv.Itoa(p.Row)
	if !strings.ContainsAny(p.Reading.Columns, "0123456789") { // by far the most
		return strings.ReplaceAll(p.Reading.Columns, " ", row+" ") + row
	}
	parts := strings.Split(p.Reading.Columns, " ")
	for i, part := range parts {
		parts[i] = part[:strings.LastIndexByte(part, '=')+1] + cellIn(part[strings.LastIndexByte(part, '=')+1:], row)
	}
	return strings.Join(parts, " ")
}

// cellIn gives the cell of a column in a row; what is a cell already stays as it is.
func cellIn(column, row string) string {
	if column != "" && column[len(column)-1] <= '9' {
		return column
	}
	return column + row
}

// Cell gives the cell of a value, "" where the row has no such value.
func (p Place) Cell(key string) string {
	if p.Reading == nil {
		return ""
	}
	for part := range strings.SplitSeq(p.Reading.Columns, " ") {
		if k, col, ok := strings.Cut(part, "="); ok && k == key {
			return cellIn(col, strconv.Itoa(p.Row))
		}
	}
	return ""
}

// AsReceived gives the text that a value was received as, where it was read as
// something else.
func (p Place) AsReceived(key string) (text string, ok bool) {
	if p.Reading == nil {
		return "", false
	}
	for _, r := range p.Reading.Received {
		if r.Key == key {
			return r.Text, true
		}
	}
	return "", false
}

// Pointer gives a value's place in the document, such as /progress/3/status.
func (p Place) Pointer(key string) string {
	if p.Reading == nil {
		return ""
	}
	return Pointer(p.Reading.List, strconv.Itoa(p.Index), key)
}

// HeaderPlace is where the header of a submission stands in its workbook.
type HeaderPlace struct {
	Sheet string
	Cells map[string]string // by key
}

// At finds the cell of a value by its place in the document; ok is false where
// no accepted row has that value. The rows must stand in their order.
func (s *Submission) At(pointer string) (sheet, cell string, ok bool) {
	tokens := tokens(pointer)
	switch {
	case len(tokens) == 2 && tokens[0] == "header":
		cell, ok = s.Header.Cells[tokens[1]]
		return s.Header.Sheet, cell, ok
	case len(tokens) != 3:
		return "", "", false
	}
	index, err := strconv.Atoi(tokens[1])
	if err != nil || strconv.Itoa(index) != tokens[1] {
		return "", "", false
	}
	var p Place
	switch tokens[0] {
	case "progress":
		p, ok = placeOf(s.Progress, index, func(r Progress) Place { return r.Place })
	case "milestones":
		p, ok = placeOf(s.Milestones, index, func(r MilestoneReport) Place { return r.Place })
	}
	if cell = p.Cell(tokens[2]); !ok || cell == "" {
		return "", "", false
	}
	return p.Sheet, cell, true
}

func placeOf[T any](rows []T, index int, place func(T) Place) (Place, bool) {
	i, ok := slices.BinarySearchFunc(rows, index, func(r T, want int) int { return cmp.Compare(place(r).Index, want) })
	if !ok {
		return Place{}, false
	}
	return place(rows[i]), true
}

// Pointer is a JSON Pointer (RFC 6901) of these tokens.
func Pointer(tokens ...string) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteByte('/')
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(t, "~", "~0"), "/", "~1"))
	}
	return b.String()
}

func tokens(pointer string) []string {
	rest, ok := strings.CutPrefix(pointer, "/")
	if !ok {
		return nil
	}
	all := strings.Split(rest, "/")
	for i, t := range all {
		all[i] = strings.ReplaceAll(strings.ReplaceAll(t, "~1", "/"), "~0", "~")
	}
	return all
}
