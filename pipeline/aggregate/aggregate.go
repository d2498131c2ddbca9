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
	b := &builder{snap: snap, plan: snap.Plan, schemas: schemas, say: say, leads: map[string]string{}}
	for _, c := range b.plan.Commitments {
		b.leads[c.ID] = c.LeadInstitution
	}
	var out []*table.Table
	for _, def := range []struct {
		name string
		rows func() []record
	}{
		{"action_plan", b.actionPlan}, {"axes", b.axes}, {"institutions", b.institutions},
		{"reporting_periods", b.periods}, {"commitments", b.commitments}, {"milestones", b.milestones},
		{"progress", b.progress}, {"evidence", b.evidence}, {"summary", b.summary}, {"changes", b.changes},
		{"obligations", b.obligations}, {"data_quality", b.dataQuality}, {"texts", b.texts},
	} {
		t, err := b.table(def.name, def.rows())
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
	leads   map[string]string // commitment id -> lead institution
}

func (b *builder) table(name string, records []record) (*table.Table, error) {
	schema, ok := b.schemas[name]
	if !ok {
		return nil, fmt.Errorf("build table %s: no descriptor of that name", name)
	}
	index := map[string]int{}
	for i, f := range schema.Fields {
		index[f.Name] = i
	}
	rows := make([]table.Row, len(records))
	for i, rec := range records {
		rows[i] = make(table.Row, len(schema.Fields))
		for column, v := range rec {
			at, ok := index[column]
			if !ok {
				return nil, fmt.Errorf("build table %s: %w %s", name, errNoColumn, column)
			}
			rows[i][at] = v
		}
		if at, ok := index["plan_id"]; ok {
			rows[i][at] = table.Str(b.plan.ID)
		}
	}
	sortByKey(rows, schema, index)
	t := table.Of(schema, rows)
	if err := t.Check(); err != nil {
		return nil, err
	}
	return t, nil
}

var errNoColumn = errors.New("the descriptor lacks column")

func sortByKey(rows []table.Row, schema table.Schema, index map[string]int) {
	slices.SortStableFunc(rows, func(x, y table.Row) int {
		for _, k := range schema.Key {
			a, b := x[index[k]], y[index[k]]
			if a.Type() == table.Integer && b.Type() == table.Integer && a.Int64() != b.Int64() {
				if a.Int64() < b.Int64() {
					return -1
				}
				return 1
			}
			if c := strings.Compare(a.String(), b.String()); c != 0 {
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
