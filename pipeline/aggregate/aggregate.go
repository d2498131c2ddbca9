// Package aggregate computes the published tables of a snapshot.
package aggregate

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
)

// Say renders a note's sentence in a language.
type Say func(n plan.Note, lang string) string

// Tables computes every core table of a snapshot, each sorted by its key and
// held against its schema.
func Tables(snap *plan.Snapshot, schemas map[string]table.Schema, say Say) ([]*table.Table, error) {
	b := &builder{snap: snap, plan: snap.Plan, schemas: schemas, say: say, firsts: map[[2]string]*plan.First{}}
	for i := range snap.Firsts {
		b.firsts[[2]string{snap.Firsts[i].Commitment, snap.Firsts[i].Period}] = &snap.Firsts[i]
	}
	var out []*table.Table
	for _, build := range []func() (*table.Table, error){
		b.held("action_plan", b.actionPlan), b.held("axes", b.axes), b.held("institutions", b.institutions),
		b.held("reporting_periods", b.periods), b.held("commitments", b.commitments), b.held("commitment_leads", b.commitmentLeads),
		b.held("milestones", b.milestones), b.held("progress", b.progress), b.held("evidence", b.evidence), b.held("summary", b.summary),
		b.changes, b.held("obligations", b.obligations), b.held("data_quality", b.dataQuality), b.held("texts", b.texts),
	} {
		t, err := build()
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// record is a row by column name; a column that is left out is null.
type record map[string]table.Value

type builder struct {
	snap    *plan.Snapshot
	plan    *plan.ActionPlan
	schemas map[string]table.Schema
	say     Say
	firsts  map[[2]string]*plan.First // by commitment and period
}

// held builds a table whose rows are held, as all are but the longest.
func (b *builder) held(name string, rows func() []record) func() (*table.Table, error) {
	return func() (*table.Table, error) { return b.table(name, rows()) }
}

func (b *builder) table(name string, records []record) (*table.Table, error) {
	schema, index, err := b.descriptor(name)
	if err != nil {
		return nil, err
	}
	width := len(schema.Fields)
	cells := make([]table.Value, len(records)*width) // of all rows: one piece of memory
	rows := make([]table.Row, len(records))
	for i, rec := range records {
		row := cells[i*width : (i+1)*width : (i+1)*width]
		for column, v := range rec {
			at, ok := index[column]
			if !ok {
				return nil, fmt.Errorf("build table %s: %w %s", name, errNoColumn, column)
			}
			row[at] = v
		}
		if at, ok := index["plan_id"]; ok {
			row[at] = table.Str(b.plan.ID)
		}
		rows[i], records[i] = row, nil
	}
	sortByKey(rows, schema, index)
	t := table.Of(schema, rows)
	if err := t.Check(); err != nil {
		return nil, err
	}
	return t, nil
}

// stream makes a table whose rows are made at each walk and never held: each
// gives the values of the named columns, row by row in the order of the key, and
// stops when it is told so.
func (b *builder) stream(name string, columns []string, each func(row func([]table.Value) bool)) (*table.Table, error) {
	schema, index, err := b.descriptor(name)
	if err != nil {
		return nil, err
	}
	places := make([]int, len(columns))
	for i, column := range columns {
		at, ok := index[column]
		if !ok {
			return nil, fmt.Errorf("build table %s: %w %s", name, errNoColumn, column)
		}
		places[i] = at
	}
	t := &table.Table{Schema: schema, Rows: func(yield func(table.Row) bool) {
		row := make(table.Row, len(schema.Fields))
		if at, ok := index["plan_id"]; ok {
			row[at] = table.Str(b.plan.ID)
		}
		each(func(values []table.Value) bool {
			for i, v := range values {
				row[places[i]] = v
			}
			return yield(row)
		})
	}}
	if err := t.Check(); err != nil {
		return nil, err
	}
	return t, nil
}

// descriptor gives a table's schema with the place of each column.
func (b *builder) descriptor(name string) (table.Schema, map[string]int, error) {
	schema, ok := b.schemas[name]
	if !ok {
		return schema, nil, fmt.Errorf("build table %s: no descriptor of that name", name)
	}
	index := make(map[string]int, len(schema.Fields))
	for i, f := range schema.Fields {
		index[f.Name] = i
	}
	return schema, index, nil
}

var errNoColumn = errors.New("the descriptor lacks column")

func sortByKey(rows []table.Row, schema table.Schema, index map[string]int) {
	var keys []int
	for _, k := range schema.Key {
		if k != "plan_id" { // the same in all rows
			keys = append(keys, index[k])
		}
	}
	slices.SortStableFunc(rows, func(x, y table.Row) int {
		for _, k := range keys {
			if c := x[k].Compare(y[k]); c != 0 {
				return c
			}
		}
		return 0
	})
}

// coreLanguages are those that have columns of their own; every language of a
// plan stands in the table texts.
var coreLanguages = [...]string{"ar", "fr", "en"}

// texts puts a text into its columns of the core languages, with its basis.
func (r record) texts(stem string, t plan.Texts) {
	for _, lang := range coreLanguages {
		x := t.In(lang)
		r[stem+"_"+lang] = table.StrOrNull(x.Text)
		r[stem+"_"+lang+"_basis"] = table.Str(string(x.Basis))
	}
}

func (r record) partialDate(stem string, d plan.PartialDate) {
	basis, precision := d.Basis, d.Precision
	if basis == "" {
		basis = plan.Unknown
	}
	if precision == "" {
		precision = "unknown"
		if d.Date != "" {
			precision = "day"
		}
	}
	r[stem] = table.ISODate(d.Date)
	r[stem+"_text"] = table.StrOrNull(d.Text)
	r[stem+"_precision"] = table.Str(precision)
	r[stem+"_basis"] = table.Str(string(basis))
}

func (r record) source(s plan.Source) {
	if s.Digest == "" {
		return
	}
	r["submission_id"] = table.Str(s.SubmissionID)
	r["workbook_sha256"] = table.Str(s.Digest)
	r["received_at"] = table.ISOInstant(s.ReceivedAt)
}

// provenance tells who says so: of a transcription nobody reported, the page did.
func (r record) provenance(s plan.Source, institution string, place plan.Place) {
	r.source(s)
	kind := "submission"
	switch s.Origin {
	case plan.OriginTranscription:
		kind, institution = "portal-transcription", ""
	case plan.OriginExample:
		kind = "example"
	}
	r["source_kind"] = table.Str(kind)
	r["reported_by"] = table.StrOrNull(institution)
	r["source_sheet"] = table.StrOrNull(place.Sheet)
	r["source_row"] = table.Int(int64(place.Row))
	r["source_cells"] = table.StrOrNull(place.Cells())
}

func percent(p *plan.Percent) table.Value {
	if p == nil {
		return table.Null()
	}
	return table.Dec(int64(*p), 2)
}

func joined(list []string) table.Value { return table.StrOrNull(strings.Join(list, ";")) }

func basisOr(b plan.Basis) table.Value {
	if b == "" {
		b = plan.Unknown
	}
	return table.Str(string(b))
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
