package pipeline

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"iltizam/pipeline/aggregate"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/table"
)

// Figures are the figures that a result publishes, by name. The name of a figure
// is what its row's key says: the table, then the key's values in the order of
// the key, then, of another value than the row's own, the column:
//
//	summary/PLAN/PERIOD/SCOPE/CODE/MEASURE/METHOD[/COLUMN]
//	progress/PLAN/COMMITMENT/PERIOD[/COLUMN]
//
// The plan may be left out where one plan alone has such a figure; a period, then
// it is the newest; a method, then it is the first of the code list; the table
// and what else is known where the name starts with a measure (of the whole
// plan), a commitment or a milestone.
type Figures struct {
	res     *Result
	plans   []*planFigures
	digests map[string]string // of the plans' files
}

// planFigures are the tables of one plan; sheets go by the names that the
// workbooks give them.
type planFigures struct {
	snap   *plan.Snapshot
	schema map[string]table.Schema
	rows   map[string][]table.Row
	names  []string // of the tables, as published
	period map[string]int
	method map[string]int
}

// Figure is one published value, or a row where Column is "".
type Figure struct {
	Name   string // the whole name
	Plan   string
	Table  string
	Column string

	of  *planFigures
	row table.Row
}

// NoFigureError says that no figure goes by a name, or that several do.
type NoFigureError struct {
	Name    string
	Near    []string // names that may be meant, the likeliest first
	Several bool     // each of Near is one
}

func (e *NoFigureError) Error() string {
	if e.Several {
		return fmt.Sprintf("explain %q: several plans have such a figure", e.Name)
	}
	return fmt.Sprintf("explain %q: there is no such figure", e.Name)
}

// Figures gives the figures of a result; plans are those that it is of.
func (r *Result) Figures(plans []Plan) (*Figures, error) {
	f := &Figures{res: r, digests: map[string]string{}}
	for _, p := range plans {
		f.digests[p.ID] = p.Digest
	}
	for _, snap := range r.Snapshots {
		all, err := r.tablesOf(snap)
		if err != nil {
			return nil, err
		}
		p := &planFigures{snap: snap, schema: map[string]table.Schema{}, rows: map[string][]table.Row{},
			period: map[string]int{}, method: map[string]int{}}
		for _, t := range all {
			p.names, p.schema[t.Name] = append(p.names, t.Name), t.Schema
			for row := range t.Rows {
				p.rows[t.Name] = append(p.rows[t.Name], slices.Clone(row))
			}
		}
		for i, period := range snap.Plan.Periods {
			p.period[period.ID] = i + 1
		}
		for i, code := range r.contract.CodeLists["method"].Codes {
			p.method[code.Code] = i
		}
		f.plans = append(f.plans, p)
	}
	return f, nil
}

// Find gives the figure of a name; else the error is a *NoFigureError.
func (f *Figures) Find(name string) (Figure, error) {
	typed := name
	name = strings.Trim(strings.TrimSpace(name), "/")
	first, rest, _ := strings.Cut(name, "/")
	tables := []string{first}
	if len(f.plans) > 0 && !slices.Contains(f.plans[0].names, first) {
		tables, rest = []string{"summary", "progress", "milestones"}, name
	}
	plans := f.plans
	if id, after, _ := strings.Cut(rest, "/"); true {
		for _, p := range f.plans {
			if p.snap.Plan.ID == id {
				plans, rest = []*planFigures{p}, after
			}
		}
	}
	var found []Figure
	for _, p := range plans {
		for _, t := range tables {
			if row, column, ok := p.find(t, rest); ok {
				found = append(found, p.figure(t, row, column))
				break
			}
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	none := &NoFigureError{Name: typed, Several: len(found) > 1}
	for _, x := range found {
		none.Near = append(none.Near, x.Name)
	}
	if len(found) == 0 {
		none.Near = near(plans, tables, first, rest)
	}
	return Figure{}, none
}

// near gives names like one that there is not, written as it is.
func near(plans []*planFigures, tables []string, first, rest string) []string {
	prefix := ""
	if tables[0] == first {
		prefix = first + "/"
	}
	known := map[string]bool{}
	for _, p := range plans {
		for _, t := range tables {
			for _, row := range p.rows[t] {
				for _, s := range p.spellings(t, row) {
					if t == "summary" && prefix == "" && !s.short {
						continue
					}
					if column, ok := strings.CutPrefix(rest, s.text+"/"); ok && !strings.Contains(column, "/") {
						for _, x := range p.schema[t].Fields {
							known[prefix+s.text+"/"+x.Name] = true
						}
						continue
					}
					known[prefix+s.text] = true
				}
			}
		}
		after, _ := strings.CutPrefix(strings.TrimPrefix(rest, first+"/"), p.snap.Plan.ID+"/")
		for _, t := range p.names {
			if _, _, ok := p.find(t, after); prefix == "" && ok {
				known[t+strings.TrimPrefix(rest, first)] = true
			}
		}
	}
	return rules.Nearest(prefix+rest, maps.Keys(known))
}

// spelling is one way to write the key of a row.
type spelling struct {
	text    string
	dropped int  // parts of the key that it leaves out
	short   bool // it starts with the measure
}

// optional are the parts of a key that a name may leave out.
func optional(column string) bool {
	return column == "reporting_period" || column == "method" || column == "name_seq"
}

// spellings gives the ways to write a row's key below its table and plan.
func (p *planFigures) spellings(t string, row table.Row) []spelling {
	schema := p.schema[t]
	all := []spelling{{}}
	for _, column := range schema.Key {
		if column == "plan_id" {
			continue
		}
		part := row[schema.Index(column)].String()
		next := make([]spelling, 0, len(all)+1)
		for _, s := range all {
			next = append(next, spelling{text: strings.TrimPrefix(s.text+"/"+part, "/"), dropped: s.dropped})
		}
		if optional(column) {
			for _, s := range all {
				next = append(next, spelling{text: s.text, dropped: s.dropped + 1})
			}
		}
		all = next
	}
	if t == "summary" && p.text(t, row, "scope") == "plan" {
		measure, period, method := p.text(t, row, "measure"), p.text(t, row, "reporting_period"), p.text(t, row, "method")
		all = append(all, spelling{measure, 5, true}, spelling{measure + "/" + method, 4, true},
			spelling{measure + "/" + period, 4, true}, spelling{measure + "/" + period + "/" + method, 3, true})
	}
	return all
}

func (p *planFigures) text(t string, row table.Row, column string) string {
	s := p.schema[t]
	if i := s.Index(column); i >= 0 {
		return row[i].String()
	}
	return ""
}

// find gives the row of a table that a name without table and plan means, and the
// column that the name adds. Of several it is the one that leaves out least, then
// that of the newest period, then of the first method, then the last.
func (p *planFigures) find(t, rest string) (best table.Row, column string, ok bool) {
	schema := p.schema[t]
	rank := [3]int{}
	for _, row := range p.rows[t] {
		for _, s := range p.spellings(t, row) {
			named := ""
			if s.text != rest {
				after, has := strings.CutPrefix(rest, s.text+"/")
				if s.text == "" {
					after, has = rest, true
				}
				if !has || schema.Index(after) < 0 {
					continue
				}
				named = after
			}
			now := [3]int{boolean(named == "")*100 - s.dropped, p.period[p.text(t, row, "reporting_period")], -p.method[p.text(t, row, "method")]}
			if !ok || slices.Compare(now[:], rank[:]) >= 0 {
				best, column, ok, rank = row, named, true, now
			}
		}
	}
	return best, column, ok
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// figure gives the figure of a row; "" stands for the row's own value.
func (p *planFigures) figure(t string, row table.Row, column string) Figure {
	name := p.name(t, row)
	if column == "" {
		column = ownColumn[t]
	} else if column != ownColumn[t] {
		name += "/" + column
	}
	return Figure{Name: name, Plan: p.snap.Plan.ID, Table: t, Column: column, of: p, row: row}
}

// ownColumn is the value that a row of a table is about; the other tables have none.
var ownColumn = map[string]string{"summary": "value", "progress": "progress_pct", "milestones": "completion_pct",
	"evidence": "evidence_url", "changes": "new_value", "obligations": "obligation_state", "texts": "text"}

// name gives the whole name of a row.
func (p *planFigures) name(t string, row table.Row) string {
	schema := p.schema[t]
	name := t
	for _, column := range schema.Key {
		name += "/" + row[schema.Index(column)].String()
	}
	return name
}

// Listed is a figure's name with its value, as a list tells it.
type Listed struct {
	Name  string `json:"figure"`
	Value string `json:"value"` // as displayed, "" where it is not known
}

// List gives the figures whose whole name starts with prefix; of a table without
// a value of its own the rows. Without prefix it gives those of the newest period:
// the figures of the whole plan, then the progress of the commitments.
func (f *Figures) List(prefix string) []Listed {
	var out []Listed
	prefix = strings.TrimSpace(prefix)
	for _, p := range f.plans {
		newest := ""
		if n := len(p.snap.Periods); n > 0 {
			newest = p.snap.Periods[n-1].ID
		}
		tables := p.names
		if prefix == "" {
			tables = []string{"summary", "progress"}
		}
		for _, t := range tables {
			for _, row := range p.rows[t] {
				name := p.name(t, row)
				switch {
				case prefix == "" && (p.text(t, row, "reporting_period") != newest || t == "summary" && p.text(t, row, "scope") != "plan"):
				case strings.HasPrefix(name, prefix):
					value := p.text(t, row, ownColumn[t])
					if t == "summary" {
						value = p.text(t, row, "value_display")
					}
					out = append(out, Listed{name, value})
				}
			}
		}
	}
	return out
}

// Tables counts the rows of each table of every plan, by the table's name.
func (f *Figures) Tables() map[string]int {
	n := map[string]int{}
	for _, p := range f.plans {
		for _, t := range p.names {
			n[t] += len(p.rows[t])
		}
	}
	return n
}

// key names the figure of a summary for its lineage.
func (x Figure) key() aggregate.FigureKey {
	get := func(column string) string { return x.of.text(x.Table, x.row, column) }
	return aggregate.FigureKey{Period: get("reporting_period"), Scope: get("scope"), Code: get("scope_code"),
		Measure: get("measure"), Method: get("method")}
}
