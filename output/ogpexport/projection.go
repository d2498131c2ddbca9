package ogpexport

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"iltizam/pipeline/table"
)

// projection is a mapped table being resolved: the source of its rows first,
// then the joined tables, with one cell for each column.
type projection struct {
	core    []*table.Table
	sources []*table.Table
	joins   []join
	cells   []cell
}

// cell takes a column's value from the rows of the sources; the row of a join
// that found nothing is nil.
type cell func(found []table.Row) table.Value

// place is a column of one of the sources.
type place struct {
	source, at int
}

func (p place) value(found []table.Row) table.Value {
	if found[p.source] == nil {
		return table.Null()
	}
	return found[p.source][p.at]
}

// key makes one text of several values; a null among them makes it "", which
// no index holds.
type key []place

func (k key) of(found []table.Row) string { return string(k.append(nil, found)) }

// append adds the text of the key to b, which is empty.
func (k key) append(b []byte, found []table.Row) []byte {
	for _, p := range k {
		v := p.value(found)
		if v.IsNull() {
			return b[:0]
		}
		b = append(v.Append(b), '\x1f')
	}
	return b
}

type join struct {
	key   key
	index map[string]table.Row
}

func (p *projection) table(name string) (*table.Table, error) {
	if i := slices.IndexFunc(p.core, func(t *table.Table) bool { return t.Name == name }); i >= 0 {
		return p.core[i], nil
	}
	return nil, fmt.Errorf("there is no core table %s", name)
}

// locate finds table.column among the sources.
func (p *projection) locate(name string) (place, *table.Field, error) {
	tableName, column, _ := strings.Cut(name, ".")
	source := slices.IndexFunc(p.sources, func(t *table.Table) bool { return t.Name == tableName })
	if source < 0 {
		return place{}, nil, fmt.Errorf("%s: the rows do not come from table %q", name, tableName)
	}
	at := p.sources[source].Index(column)
	if at < 0 {
		return place{}, nil, fmt.Errorf("%s: table %s has no column %q", name, tableName, column)
	}
	return place{source, at}, &p.sources[source].Fields[at], nil
}

// matching resolves a join's two sides: the key among the sources so far, the
// key in the joined table itself, and which of its rows count.
func (p *projection) matching(j joinDoc) (t *table.Table, outer, inner key, keep func(table.Row) bool, err error) {
	if t, err = p.table(j.Table); err != nil {
		return nil, nil, nil, nil, err
	}
	var errs []error
	for _, column := range slices.Sorted(maps.Keys(j.On)) {
		there, _, err := p.locate(j.On[column])
		at := t.Index(column)
		if at < 0 {
			errs = append(errs, fmt.Errorf("table %s has no column %q", j.Table, column))
		}
		errs = append(errs, err)
		outer, inner = append(outer, there), append(inner, place{0, at})
	}
	if len(j.On) == 0 {
		errs = append(errs, errors.New("it is on no column"))
	}
	wanted := map[int]string{}
	for column, value := range j.Where {
		at := t.Index(column)
		if at < 0 {
			errs = append(errs, fmt.Errorf("table %s has no column %q", j.Table, column))
		}
		wanted[at] = value
	}
	keep = func(row table.Row) bool {
		for at, value := range wanted {
			if row[at].String() != value {
				return false
			}
		}
		return true
	}
	return t, outer, inner, keep, errors.Join(errs...)
}

func (p *projection) join(j joinDoc) error {
	t, outer, inner, keep, err := p.matching(j)
	if err != nil {
		return err
	}
	index := map[string]table.Row{}
	for row := range t.Rows {
		k := inner.of([]table.Row{row})
		if k == "" || !keep(row) {
			continue
		}
		if _, ok := index[k]; ok {
			return fmt.Errorf("two rows match the key %q", strings.ReplaceAll(k, "\x1f", " "))
		}
		index[k] = slices.Clone(row)
	}
	p.sources = append(p.sources, t)
	p.joins = append(p.joins, join{outer, index})
	return nil
}

// column resolves a column into its description and its cell.
func (p *projection) column(c columnDoc) (table.Field, cell, error) {
	var field table.Field
	var value cell
	var err error
	ways := 0
	if c.From != "" {
		ways++
		field, value, err = p.from(c)
	}
	if c.Const != nil {
		ways++
		constant := table.Str(*c.Const)
		field = table.Field{Type: table.String, Required: true}
		value = func([]table.Row) table.Value { return constant }
	}
	if c.Count != nil {
		ways++
		field = table.Field{Type: table.Integer, Required: true}
		value, err = p.count(*c.Count)
	}
	if c.Null {
		ways++
		field.Type, field.Precision, field.Scale, err = table.ParseType(c.Type)
		field.Required = c.Required
		value = func([]table.Row) table.Value { return table.Null() }
		if c.Required && len(p.sources) > 0 {
			err = errors.Join(err, errors.New("null cannot be required in a table with rows"))
		}
	}
	if ways != 1 {
		err = errors.Join(err, errors.New("it needs just one of from, const, count, null"))
	}
	if (c.Map != nil || c.Bands != nil) && c.From == "" {
		err = errors.Join(err, errors.New("a map or bands need from"))
	}
	if (c.Type != "" || c.Required) && !c.Null {
		err = errors.Join(err, errors.New("only a null column tells its type or whether it is required"))
	}
	field.Name, field.References = c.Name, c.References
	if c.Title != nil {
		field.Title = c.Title
	}
	if c.Description != nil {
		field.Description = c.Description
	}
	if c.CodeList != "" {
		field.CodeList = c.CodeList
	}
	if c.OGPTerm != "" {
		field.OGPTerm, field.OGPSource, field.OGPBasis = c.OGPTerm, c.OGPSource, c.OGPBasis
	}
	if field.OGPTerm != "" && (field.OGPSource == "" || field.OGPBasis != "sourced" && field.OGPBasis != "inferred") {
		err = errors.Join(err, errors.New("the OGP term lacks its source or a basis sourced or inferred"))
	}
	return field, value, errors.Join(err, complete("title", field.Title), complete("description", field.Description))
}

func (p *projection) from(c columnDoc) (table.Field, cell, error) {
	at, source, err := p.locate(c.From)
	if err != nil {
		return table.Field{}, nil, err
	}
	field := *source
	field.Required = source.Required && at.source == 0
	switch {
	case c.Map != nil && c.Bands != nil:
		return field, nil, errors.New("it has both a map and bands")
	case c.Map != nil:
		field.Type, field.CodeList, field.Required = table.String, "", false
		return field, mapped(at, c.Map), nil
	case c.Bands != nil:
		value, err := banded(at, source, c.Bands)
		field.Type, field.Precision, field.Scale, field.CodeList, field.Required = table.String, 0, 0, "", false
		return field, value, err
	}
	return field, at.value, nil
}

func mapped(at place, to map[string]*string) cell {
	return func(found []table.Row) table.Value {
		text := to[at.value(found).String()]
		if text == nil {
			return table.Null()
		}
		return table.Str(*text)
	}
}

func banded(at place, source *table.Field, bands []bandDoc) (cell, error) {
	scale := source.Scale
	if source.Type != table.Decimal && source.Type != table.Integer {
		return nil, fmt.Errorf("bands want a decimal or an integer, not a %s", source.Type)
	}
	unit := int64(1)
	for range scale {
		unit *= 10
	}
	for _, b := range bands {
		if (b.AtMost == nil) == (b.Below == nil) || b.Is == "" {
			return nil, errors.New("a band wants one of at_most, below with the text that it is")
		}
	}
	return func(found []table.Row) table.Value {
		v := at.value(found)
		if v.IsNull() {
			return table.Null()
		}
		n, ok := v.Int64(), true
		if source.Type == table.Decimal {
			n, ok = v.Unscaled(scale)
		}
		for _, b := range bands {
			if ok && (b.AtMost != nil && n <= *b.AtMost*unit || b.Below != nil && n < *b.Below*unit) {
				return table.Str(b.Is)
			}
		}
		return table.Null()
	}, nil
}

func (p *projection) count(j joinDoc) (cell, error) {
	t, outer, inner, keep, err := p.matching(j)
	if err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	for row := range t.Rows {
		if k := inner.of([]table.Row{row}); k != "" && keep(row) {
			counts[k]++
		}
	}
	return func(found []table.Row) table.Value { return table.Int(counts[outer.of(found)]) }, nil
}
