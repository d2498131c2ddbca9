// Package ogpexport projects the core tables onto the terms of the Open
// Government Partnership.
//
// OGP publishes no upload format: the result is OGP-aligned, its columns mapped
// one by one to the OGP documents that their terms come from. Which column
// comes from where is data, the mapping file; nothing here knows a table.
package ogpexport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"iltizam/pipeline/table"
)

// Tables projects the core tables as the mapping says, in its order. Rows
// stream from the core tables; of a joined table a small index is held. A name
// in the mapping that leads nowhere is an error; all of them are told at once.
func Tables(mapping []byte, core []*table.Table) ([]*table.Table, error) {
	var doc struct {
		Title       table.Labels `json:"title"`
		Description table.Labels `json:"description"`
		Tables      []tableDoc   `json:"tables"`
	}
	d := json.NewDecoder(bytes.NewReader(mapping))
	d.DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil {
		return nil, fmt.Errorf("read OGP mapping: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("read OGP mapping: more than one JSON value")
	}
	var out []*table.Table
	var errs []error
	for _, t := range doc.Tables {
		if slices.ContainsFunc(out, func(o *table.Table) bool { return o.Name == t.Name }) {
			errs = append(errs, fmt.Errorf("map table %s: it comes twice", t.Name))
		}
		projected, err := t.project(core)
		if err != nil {
			errs = append(errs, fmt.Errorf("map table %s: %w", t.Name, err))
			continue
		}
		out = append(out, projected)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return out, nil
}

// tableDoc is one table of the mapping. Without Rows it is a header only.
type tableDoc struct {
	Name        string       `json:"name"`
	Title       table.Labels `json:"title"`
	Description table.Labels `json:"description"`
	Rows        string       `json:"rows"` // core table whose rows are projected
	Joins       []joinDoc    `json:"joins"`
	Key         []string     `json:"key"`
	Columns     []columnDoc  `json:"columns"`
}

// joinDoc finds the one row of a core table whose columns On equal others, told
// as table.column; Where keeps only rows with these values.
type joinDoc struct {
	Table string            `json:"table"`
	On    map[string]string `json:"on"`
	Where map[string]string `json:"where"`
}

// columnDoc says where a column's value comes from: From a core column, perhaps
// through Map or Bands; a Const; a Count of a core table's rows; or nowhere yet,
// Null. Title, Description, the OGP term are the core column's unless told.
type columnDoc struct {
	Name        string             `json:"name"`
	From        string             `json:"from"`
	Map         map[string]*string `json:"map"`   // of a null value: ""; what is not in it is null
	Bands       []bandDoc          `json:"bands"` // the first that holds the value gives the text
	Const       *string            `json:"const"`
	Count       *joinDoc           `json:"count"`
	Null        bool               `json:"null"`
	Type        string             `json:"type"` // of a Null column
	Required    bool               `json:"required"`
	CodeList    string             `json:"codelist"`
	References  string             `json:"references"`
	Title       table.Labels       `json:"title"`
	Description table.Labels       `json:"description"`
	OGPTerm     string             `json:"ogp_term"`
	OGPSource   string             `json:"ogp_source"`
	OGPBasis    string             `json:"ogp_basis"`
}

// bandDoc holds the whole-number bound of a band, included or not.
type bandDoc struct {
	AtMost *int64 `json:"at_most"`
	Below  *int64 `json:"below"`
	Is     string `json:"is"`
}

func (t *tableDoc) project(core []*table.Table) (*table.Table, error) {
	p := &projection{core: core}
	schema := table.Schema{Name: t.Name, Title: t.Title, Description: t.Description, Key: t.Key}
	errs := []error{complete("title", t.Title), complete("description", t.Description)}
	if t.Rows != "" {
		base, err := p.table(t.Rows)
		if err != nil {
			return nil, err
		}
		p.sources = append(p.sources, base)
	} else if len(t.Joins) > 0 {
		errs = append(errs, errors.New("it joins without rows"))
	}
	for _, j := range t.Joins {
		if err := p.join(j); err != nil {
			errs = append(errs, fmt.Errorf("join %s: %w", j.Table, err))
		}
	}
	for _, c := range t.Columns {
		field, cell, err := p.column(c)
		if err != nil {
			errs = append(errs, fmt.Errorf("column %s: %w", c.Name, err))
			continue
		}
		if schema.Index(field.Name) >= 0 {
			errs = append(errs, fmt.Errorf("column %s comes twice", field.Name))
		}
		schema.Fields = append(schema.Fields, field)
		p.cells = append(p.cells, cell)
	}
	for _, k := range t.Key {
		if i := schema.Index(k); i < 0 || !schema.Fields[i].Required {
			errs = append(errs, fmt.Errorf("key column %s is not a required column", k))
		}
	}
	if len(t.Key) == 0 {
		errs = append(errs, errors.New("it has no key"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &table.Table{Schema: schema, Rows: p.rows()}, nil
}

func complete(what string, l table.Labels) error {
	var errs []error
	for _, lang := range table.Languages() {
		if l[lang] == "" {
			errs = append(errs, fmt.Errorf("%s lacks %s", what, lang))
		}
	}
	return errors.Join(errs...)
}

func (p *projection) rows() iter.Seq[table.Row] {
	if len(p.sources) == 0 {
		return func(func(table.Row) bool) {}
	}
	return func(yield func(table.Row) bool) {
		// One buffer for each walk: several walks may go on at a time.
		found := make([]table.Row, len(p.sources))
		row := make(table.Row, len(p.cells))
		var text []byte
		for found[0] = range p.sources[0].Rows {
			for i, j := range p.joins {
				text = j.key.append(text[:0], found)
				found[i+1] = j.index[string(text)]
			}
			for i, cell := range p.cells {
				row[i] = cell(found)
			}
			if !yield(row) {
				return
			}
		}
	}
}
