// Package table is flat typed data that any format can carry.
package table

import (
	"fmt"
	"iter"
	"slices"
)

// Labels holds one text in several languages, by BCP 47 tag.
type Labels map[string]string

// Field describes one column. Names are API: added, never renamed.
type Field struct {
	Name        string
	Type        Type
	Precision   int    // of a Decimal: digits in all, at most 18
	Scale       int    // of a Decimal: digits after the point
	Required    bool   // never null
	CodeList    string // name of the code list whose codes it holds, or ""
	References  string // "table.column" that it points to, or ""
	Advised     int    // of a text that a person enters: the length to keep to, 0 for none
	Title       Labels
	Description Labels
	OGPTerm     string // the OGP term that the column maps to, or ""
	OGPSource   string // the OGP document that the term comes from, or ""
	OGPBasis    string // sourced or inferred: how sure the mapping is, or ""
}

// Schema describes a table: what a row is, its columns in order, its key.
type Schema struct {
	Name        string
	Title       Labels
	Description Labels
	Fields      []Field
	Key         []string // column names that identify a row; rows are sorted by them
}

// Index gives a column's position, -1 where there is none of that name.
func (s *Schema) Index(name string) int {
	return slices.IndexFunc(s.Fields, func(f Field) bool { return f.Name == name })
}

// Row is one value for each field of the schema, in its order.
type Row []Value

// Table is a schema with its rows. Rows may be iterated more than once and
// yields the same rows each time; a consumer must not keep or change a row.
type Table struct {
	Schema
	Rows iter.Seq[Row]
}

// Of makes a table of rows held in memory.
func Of(s Schema, rows []Row) *Table {
	return &Table{Schema: s, Rows: slices.Values(rows)}
}

// Check walks the rows and says which breaks the schema: a wrong number of
// values, a null in a required column, a type or scale that does not fit, a key
// that comes twice. Of rows that are sorted by their key it holds none.
func (t *Table) Check() error {
	keys := make([]int, len(t.Key))
	for i, k := range t.Key {
		if keys[i] = t.Index(k); keys[i] < 0 {
			return fmt.Errorf("check table %s: key column %s is not a column", t.Name, k)
		}
	}
	n := 0
	last := make([]Value, len(keys)) // key of the row before
	sorted := true
	for row := range t.Rows {
		n++
		if len(row) != len(t.Fields) {
			return fmt.Errorf("check table %s: row %d has %d values for %d columns", t.Name, n, len(row), len(t.Fields))
		}
		for i, v := range row {
			if err := t.Fields[i].check(v); err != nil {
				return fmt.Errorf("check table %s: row %d, column %s: %w", t.Name, n, t.Fields[i].Name, err)
			}
		}
		sorted = sorted && (n == 1 || follows(last, row, keys))
		for i, k := range keys {
			last[i] = row[k]
		}
	}
	if sorted || len(keys) == 0 {
		return nil
	}
	return t.checkKeys(keys)
}

// follows tells whether a row's key comes after the last one.
func follows(last []Value, row Row, keys []int) bool {
	for i, k := range keys {
		if c := last[i].Compare(row[k]); c != 0 {
			return c < 0
		}
	}
	return false
}

// checkKeys finds a key that comes twice among rows in any order.
func (t *Table) checkKeys(keys []int) error {
	seen := map[string]int{}
	n := 0
	for row := range t.Rows {
		n++
		key := ""
		for _, k := range keys {
			key += row[k].String() + "\x1f"
		}
		if first, ok := seen[key]; ok {
			return fmt.Errorf("check table %s: rows %d and %d have the same key %q", t.Name, first, n, key)
		}
		seen[key] = n
	}
	return nil
}

func (f *Field) check(v Value) error {
	if v.IsNull() {
		if f.Required {
			return fmt.Errorf("is null but required")
		}
		return nil
	}
	if v.Type() != f.Type {
		return fmt.Errorf("holds a %s, not a %s", v.Type(), f.Type)
	}
	if f.Type == Decimal {
		if _, ok := v.Unscaled(f.Scale); !ok {
			return fmt.Errorf("%s does not fit decimal(%d,%d)", v, f.Precision, f.Scale)
		}
	}
	return nil
}
