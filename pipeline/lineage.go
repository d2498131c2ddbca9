package pipeline

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"iltizam/pipeline/aggregate"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
)

// The ways in which a published value comes to be.
const (
	FromRows     = "rows"     // computed from rows of the progress table
	FromWorkbook = "workbook" // it stands in a cell of a workbook
	FromReports  = "reports"  // what was owed, held against what came
	FromPlan     = "plan"     // the plan's own data say so
)

// ExplanationVersion is that of the JSON of an Explanation: raised when a reader
// of the old one would misread the new one.
const ExplanationVersion = 1

// Explanation is where a published figure comes from. It names private things:
// paths of the inbox and of the archive, sheets as people called them.
type Explanation struct {
	Version        int               `json:"version"`
	Figure         string            `json:"figure"`
	Plan           string            `json:"plan_id"`
	AsOf           string            `json:"as_of"` // ISO date
	Table          string            `json:"table_name"`
	Column         string            `json:"column_name,omitempty"` // "" of a row without a value of its own
	Value          string            `json:"value"`                 // exactly as published, "" where it is unknown
	Display        string            `json:"value_display"`         // as people are shown it, "" where the table has no other form
	Unit           string            `json:"unit,omitempty"`
	Numerator      string            `json:"numerator,omitempty"`
	Denominator    string            `json:"denominator,omitempty"`
	Method         string            `json:"method,omitempty"`
	MethodLabel    table.Labels      `json:"method_label,omitempty"`
	MethodDoc      table.Labels      `json:"method_definition,omitempty"`
	Missing        *int64            `json:"n_missing,omitempty"`
	CarriedForward *int64            `json:"n_carried_forward,omitempty"`
	Basis          string            `json:"basis,omitempty"`
	BasisNote      string            `json:"basis_note,omitempty"`
	SourceURL      string            `json:"source_url,omitempty"`
	ComesFrom      string            `json:"comes_from"`
	PlanSHA256     string            `json:"plan_sha256,omitempty"` // of the plan's files, where it comes from them
	Row            map[string]string `json:"row"`                   // as published but for the sheet's name; without what is unknown
	Inputs         []LineageInput    `json:"inputs"`
	Workbooks      []CitedWorkbook   `json:"workbooks"` // of the inputs, in their order
}

// LineageInput is a row that a figure comes from.
type LineageInput struct {
	Figure      string   `json:"figure,omitempty"` // its own name, to be explained in turn
	Commitment  string   `json:"commitment_id,omitempty"`
	Milestone   string   `json:"milestone_id,omitempty"`
	Period      string   `json:"reporting_period,omitempty"`
	Axis        string   `json:"axis_code,omitempty"` // where the figure weighs by axis
	Lead        string   `json:"lead_institution_code,omitempty"`
	Counted     bool     `json:"counted"` // it makes up the value
	PlaceBasis  string   `json:"scope_basis,omitempty"`
	Column      string   `json:"column_name,omitempty"`
	Value       string   `json:"value"`
	Received    string   `json:"as_received,omitempty"` // the cell's text, where it was read as something else
	State       string   `json:"value_state,omitempty"`
	ValuePeriod string   `json:"value_period,omitempty"`
	Age         int      `json:"age_periods"` // reporting periods since the value's own
	Submission  string   `json:"submission_id,omitempty"`
	Digest      string   `json:"workbook_sha256,omitempty"`
	DroppedAt   string   `json:"dropped_at,omitempty"`  // key in the inbox
	ReceivedAt  string   `json:"received_at,omitempty"` // RFC 3339, UTC
	Sheet       string   `json:"source_sheet,omitempty"`
	Row         string   `json:"source_row,omitempty"`
	Cell        string   `json:"source_cell,omitempty"`
	Why         []Reason `json:"why,omitempty"` // a newer report was refused
}

// Reason is a finding that kept a newer report out, in the workbook that it is of.
type Reason struct {
	Complaint
	Submission string `json:"submission_id"`
	Digest     string `json:"workbook_sha256"`
	ReceivedAt string `json:"received_at"`
}

// CitedWorkbook is a workbook that inputs stand in.
type CitedWorkbook struct {
	Submission  string `json:"submission_id"`
	Digest      string `json:"workbook_sha256"`
	Institution string `json:"institution_code"` // the folder that it was dropped in
	Kind        string `json:"source_kind,omitempty"`
	URL         string `json:"source_url,omitempty"` // of the page that was transcribed
	DroppedAt   string `json:"dropped_at"`
	ReceivedAt  string `json:"received_at"`
	Archived    string `json:"archive_key"`
	Open        string `json:"open"` // where the file can be opened; filled in by who knows where the archive is
}

// maxReasons bounds the findings that are told of an input.
const maxReasons = 5

// Explain walks from a figure to the rows, workbooks, sheets, cells that it comes from.
func (f *Figures) Explain(ctx context.Context, x Figure) (*Explanation, error) {
	get := func(column string) string { return x.of.text(x.Table, x.row, column) }
	e := &Explanation{Version: ExplanationVersion, Figure: x.Name, Plan: x.Plan, AsOf: f.res.AsOf, Table: x.Table, Column: x.Column,
		Value: get(x.Column), Unit: get("unit"), Basis: basisOf(get, x.Column), BasisNote: get("basis_note"),
		SourceURL: get("source_url"), Row: map[string]string{}, Inputs: []LineageInput{}, Workbooks: []CitedWorkbook{}}
	schema := x.of.schema[x.Table]
	for i, v := range x.row {
		if !v.IsNull() {
			e.Row[schema.Fields[i].Name] = v.String()
		}
	}
	t := &tracer{res: f.res, of: x.of, e: e, ctx: ctx}
	var err error
	switch {
	case x.Table == "summary":
		err = t.summary(x, schema)
	case x.Table == "obligations":
		t.obligation(x)
	case get("workbook_sha256") != "" || x.Table == "progress":
		e.ComesFrom = FromWorkbook
		var in LineageInput
		in, err = t.input(x.Table, x.row, x.Column)
		in.Counted = true
		e.Inputs = append(e.Inputs, in)
	default:
		e.ComesFrom = FromPlan
		e.SourceURL = cmp.Or(e.SourceURL, x.of.snap.Plan.SourceURL)
		e.PlanSHA256 = f.digests[x.Plan]
	}
	return e, err
}

// basisOf gives the basis of a column: its own, that of the thing it tells of, or
// that of the row.
func basisOf(get func(string) string, column string) string {
	for stem := column; stem != ""; {
		if b := get(stem + "_basis"); b != "" {
			return b
		}
		i := strings.LastIndexByte(stem, '_')
		stem = stem[:max(i, 0)]
	}
	return get("basis")
}

// tracer gathers the inputs of one figure.
type tracer struct {
	res *Result
	of  *planFigures
	e   *Explanation
	ctx context.Context
}

func (t *tracer) summary(x Figure, schema table.Schema) error {
	e := t.e
	e.ComesFrom = FromRows
	e.Display, e.Numerator, e.Denominator, e.Method = e.Row["value_display"], e.Row["numerator"], e.Row["denominator"], e.Row["method"]
	for _, code := range t.res.contract.CodeLists["method"].Codes {
		if code.Code == e.Method {
			e.MethodLabel, e.MethodDoc = code.Label, code.Definition
		}
	}
	count := func(column string) *int64 { n := x.row[schema.Index(column)].Int64(); return &n }
	e.Missing, e.CarriedForward = count("n_missing"), count("n_carried_forward")
	column := "progress_pct"
	if e.Method == "count_by_declared_status" {
		column = "status"
	}
	parts, _ := aggregate.Lineage(t.of.snap, x.key())
	rows := map[[2]string]table.Row{}
	for _, row := range t.of.rows["progress"] {
		rows[[2]string{t.of.text("progress", row, "commitment_id"), t.of.text("progress", row, "reporting_period")}] = row
	}
	for _, p := range parts {
		in, err := t.input("progress", rows[[2]string{p.Commitment, p.Period}], column)
		if err != nil {
			return err
		}
		in.Counted = p.Counted
		if e.Method == "mean_of_axis_means" {
			in.Axis = p.Axis
		}
		if x.key().Scope != "plan" || in.Axis != "" {
			in.PlaceBasis = string(p.Basis)
		}
		e.Inputs = append(e.Inputs, in)
	}
	return nil
}

// input follows a row to its workbook; of one without a workbook it says what is
// known of why.
func (t *tracer) input(name string, row table.Row, column string) (LineageInput, error) {
	get := func(column string) string { return t.of.text(name, row, column) }
	in := LineageInput{Figure: t.of.figure(name, row, column).Name, Commitment: get("commitment_id"), Milestone: get("milestone_id"),
		Period: get("reporting_period"), Column: column, Value: get(column), State: get("value_state"), ValuePeriod: get("value_period"),
		Submission: get("submission_id"), Digest: get("workbook_sha256"), ReceivedAt: get("received_at"),
		Sheet: get("source_sheet"), Row: get("source_row"), Cell: get("source_cell")}
	for part := range strings.SplitSeq(get("source_cells"), " ") {
		if key, cell, ok := strings.Cut(part, "="); ok && key == column {
			in.Cell = cell
		}
	}
	if in.Row == "" {
		in.Row = strings.TrimLeft(in.Cell, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	}
	if c := t.of.snap.Plan.Commitment(in.Commitment); c != nil {
		in.Lead = t.of.snap.Plan.LeadFor(c, t.of.snap.Plan.Period(in.Period))
	}
	if in.ValuePeriod != "" {
		in.Age = t.age(in.ValuePeriod, in.Period)
	}
	if in.Digest != "" {
		o := t.origin(in.Digest, in.ReceivedAt, get("reported_by"))
		o.Kind, o.URL = cmp.Or(get("source_kind"), o.Kind), cmp.Or(get("source_url"), o.URL)
		in.DroppedAt, in.ReceivedAt = o.DroppedAt, o.ReceivedAt
		t.cite(o)
	}
	if name == "progress" {
		t.received(&in)
	}
	var err error
	if in.State == plan.Held {
		in.Why, err = t.why(&in)
	}
	return in, err
}

// age counts the periods from one to another, the latter counted.
func (t *tracer) age(from, to string) int {
	index := func(id string) int {
		return slices.IndexFunc(t.of.snap.Periods, func(p plan.ReportingPeriod) bool { return p.ID == id })
	}
	return index(to) - index(from)
}

// received tells what the cell holds, where it was read as something else.
func (t *tracer) received(in *LineageInput) {
	for i := range t.of.snap.Standings {
		if s := &t.of.snap.Standings[i]; s.Commitment == in.Commitment && s.Period == in.Period && s.Report != nil {
			in.Received, _ = s.Report.Place.AsReceived(in.Column)
		}
	}
}

// origin finds the workbook of a digest: of several receipts the one of that time
// and institution, as far as these are known.
func (t *tracer) origin(digest, receivedAt, institution string) CitedWorkbook {
	best := -1
	o := CitedWorkbook{Submission: digest[:min(16, len(digest))], Digest: digest, ReceivedAt: receivedAt}
	for _, v := range t.res.Verdicts {
		w := v.Workbook
		if w.Digest != digest || receivedAt != "" && w.ReceivedAt != receivedAt {
			continue
		}
		fits := 2*boolean(w.Institution == institution) + boolean(!v.Refused())
		if fits > best {
			best = fits
			o.Institution, o.DroppedAt, o.ReceivedAt, o.Archived = w.Institution, w.Path, w.ReceivedAt, w.ArchiveKey()
		}
	}
	return o
}

// cite adds a workbook to those of the figure.
func (t *tracer) cite(o CitedWorkbook) {
	for _, known := range t.e.Workbooks {
		if known.Digest == o.Digest && known.ReceivedAt == o.ReceivedAt && known.DroppedAt == o.DroppedAt {
			return
		}
	}
	t.e.Workbooks = append(t.e.Workbooks, o)
}

// why gives what kept newer reports on a commitment out, the newest workbook first.
func (t *tracer) why(in *LineageInput) ([]Reason, error) {
	var out []Reason
	for _, v := range slices.Backward(t.res.Verdicts) {
		w := v.Workbook
		if !t.res.timely(v) || v.Plan != "" && v.Plan != t.of.snap.Plan.ID {
			continue
		}
		period := v.Period
		if v.Submission != nil {
			period = v.Submission.Period
		}
		whole := v.Refused() && w.Institution == in.Lead && t.awaits(w.Digest, w.ReceivedAt)
		if !whole && (v.Refused() || period != in.Period) {
			continue
		}
		report, err := t.res.Report(t.ctx, v)
		if err != nil {
			return nil, err
		}
		held := finding.Report{}
		for _, f := range report.Findings {
			if f.Severity >= finding.Error && (whole || f.Commitment == in.Commitment) {
				held.Findings = append(held.Findings, f)
			}
		}
		for _, c := range t.res.contract.Complaints(&held, NamingOf(v, t.res.plans)) {
			if len(out) < maxReasons {
				out = append(out, Reason{c, w.SubmissionID(), w.Digest, w.ReceivedAt})
			}
		}
		if len(held.Findings) > 0 {
			break // older ones were followed by this one
		}
	}
	return out, nil
}

// awaits tells of a refused workbook that values await a correction of.
func (t *tracer) awaits(digest, receivedAt string) bool {
	return slices.ContainsFunc(t.of.snap.Refusals, func(r plan.Refusal) bool { return r.Digest == digest && r.ReceivedAt == receivedAt })
}

// obligation lists the commitments that were owed, with the first row that came
// on each.
func (t *tracer) obligation(x Figure) {
	t.e.ComesFrom = FromReports
	get := func(column string) string { return x.of.text(x.Table, x.row, column) }
	p := t.of.snap.Plan
	period := p.Period(get("reporting_period"))
	for _, c := range p.LedFor(get("institution_code"), period) {
		in := LineageInput{Commitment: c.ID, Period: period.ID, Lead: get("institution_code")}
		for _, first := range t.of.snap.Firsts {
			if first.Commitment != c.ID || first.Period != period.ID {
				continue
			}
			o := t.origin(first.Source.Digest, first.Source.ReceivedAt, first.Institution)
			in.Counted, in.Submission, in.Digest, in.DroppedAt, in.ReceivedAt = true, o.Submission, o.Digest, o.DroppedAt, o.ReceivedAt
			t.cite(o)
		}
		t.e.Inputs = append(t.e.Inputs, in)
	}
}
