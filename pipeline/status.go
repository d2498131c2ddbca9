package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
)

// NotOwed is the state of an institution that owes no report for a period. The
// other states are those of the published obligations: received, received_late,
// missing and not_due.
const NotOwed = "not_owed"

// EveryPeriod asks Status for each period that a report is owed for.
const EveryPeriod = "all"

// ErrNoPeriod says that a plan has no reporting period of that name.
var ErrNoPeriod = errors.New("there is no such reporting period")

// Status is who reported on a plan, who is late, what is held, as of a day.
type Status struct {
	Plan    *plan.ActionPlan
	AsOf    string         // ISO date; what was received later is not told of
	Periods []PeriodStatus // oldest first
}

// PeriodStatus is what came for one reporting period.
type PeriodStatus struct {
	Period       plan.ReportingPeriod
	Institutions []InstitutionStatus // in the plan's order
	Refused      []Received          // workbooks of which nothing was taken, in order of receipt
}

// InstitutionStatus is what an institution owed for a period and what came.
type InstitutionStatus struct {
	Institution    string // code
	State          string // of the obligation, as published, or NotOwed
	ReceivedAt     string // RFC 3339, UTC: what met the obligation, or ""
	SubmissionID   string // of the same
	LastReceivedAt string // of the last workbook, refused or not, or ""
	Workbooks      int    // received for the period, refused ones among them
	Refused        int
	Owed, Reported int             // commitments
	Held           []plan.Standing // commitments whose newest report is held back, with the value that stands
	Rows           []Complaint     // what holds rows back, of workbooks not replaced since
	RowsCut        int             // further ones, only counted
	Carried        []plan.Standing // commitments whose value is that of an earlier period
}

// Received is a workbook that needs somebody's look.
type Received struct {
	Institution string // the folder that it was dropped in, "" outside any
	Period      string // as its header tells or is taken for it, "" where it is not known
	Path        string
	Digest      string
	ReceivedAt  string // RFC 3339, UTC
	Outcome     string // accepted, accepted_in_part or refused
	Followed    bool   // a workbook of the same institution was accepted since
	Why         []Complaint
}

// Status tells of the plan of a snapshot: for one period, for EveryPeriod, or,
// asked for none, for the newest one that has ended. It is a pure function of
// the result. A period that the plan lacks is an error that wraps ErrNoPeriod.
func (r *Result) Status(ctx context.Context, snap *plan.Snapshot, period string) (*Status, error) {
	s := &status{Result: r, ctx: ctx, snap: snap, owed: map[obligationKey]obligation{}}
	if err := s.readObligations(); err != nil {
		return nil, err
	}
	periods, err := s.periods(period)
	if err != nil {
		return nil, err
	}
	out := &Status{Plan: snap.Plan, AsOf: r.AsOf}
	for _, p := range periods {
		one, err := s.period(p)
		if err != nil {
			return nil, err
		}
		out.Periods = append(out.Periods, one)
	}
	return out, nil
}

// outsideFolder is the rule about workbooks outside any folder, which are taken.
const outsideFolder = "workbook-outside-folder"

// Strays gives the workbooks that were dropped outside the folders of the
// institutions that the plans know, in order of receipt.
func (r *Result) Strays(ctx context.Context) ([]Received, error) {
	var out []Received
	for _, v := range r.Verdicts {
		if !r.timely(v) || slices.ContainsFunc(r.plans, func(p *plan.ActionPlan) bool { return p.Institution(v.Workbook.Institution) != nil }) {
			continue
		}
		one, err := r.received(ctx, v, v.Period)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// timely tells of a workbook that was received by the day that is told of.
func (r *Result) timely(v *Verdict) bool { return v.Workbook.ReceivedAt[:len(time.DateOnly)] <= r.AsOf }

func (r *Result) received(ctx context.Context, v *Verdict, period string) (Received, error) {
	w := v.Workbook
	report, err := r.Report(ctx, v)
	if err != nil {
		return Received{}, err
	}
	if v.Submission != nil {
		period = v.Submission.Period
	}
	why := only(report, finding.Block)
	for _, f := range report.Findings {
		if f.Rule == outsideFolder {
			why.Findings = append(why.Findings, f)
		}
	}
	return Received{Institution: w.Institution, Period: period, Path: w.Path, Digest: w.Digest, ReceivedAt: w.ReceivedAt,
		Outcome: v.Outcome(), Followed: r.follower(v) != nil, Why: r.contract.Complaints(why, NamingOf(v, r.plans))}, nil
}

// follower gives the first workbook that was accepted of a refused one's
// institution after it, or with it, for the same plan and period as far as they
// are known; nil where there is none.
func (r *Result) follower(bad *Verdict) *Verdict {
	if !bad.Refused() {
		return nil
	}
	for _, v := range r.Verdicts {
		if !v.Refused() && r.timely(v) && v.Workbook.Institution == bad.Workbook.Institution &&
			v.Workbook.ReceivedAt >= bad.Workbook.ReceivedAt &&
			(bad.Plan == "" || bad.Plan == v.Submission.Plan) && (bad.Period == "" || bad.Period == v.Submission.Period) {
			return v
		}
	}
	return nil
}

// only gives the findings of a report that are of a severity.
func only(report *finding.Report, s finding.Severity) *finding.Report {
	out := &finding.Report{File: report.File}
	for _, f := range report.Findings {
		if f.Severity == s {
			out.Findings = append(out.Findings, f)
		}
	}
	return out
}

type obligationKey struct{ period, institution string }

type obligation struct {
	state, receivedAt, submissionID string
	owed, reported                  int
}

type status struct {
	*Result
	ctx  context.Context // of the reading of reports
	snap *plan.Snapshot
	owed map[obligationKey]obligation
}

// readObligations takes the table that is published: nobody is late here and in
// time there.
func (s *status) readObligations() error {
	tables, err := s.Tables(s.snap)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if t.Name != "obligations" {
			continue
		}
		at := func(row table.Row, column string) table.Value {
			if i := t.Index(column); i >= 0 {
				return row[i]
			}
			return table.Null()
		}
		count := func(v table.Value) int {
			if v.IsNull() {
				return 0
			}
			return int(v.Int64())
		}
		for row := range t.Rows {
			s.owed[obligationKey{at(row, "reporting_period").String(), at(row, "institution_code").String()}] = obligation{
				state: at(row, "obligation_state").String(), receivedAt: at(row, "received_at").String(),
				submissionID: at(row, "submission_id").String(),
				owed:         count(at(row, "commitments_owed")), reported: count(at(row, "commitments_reported"))}
		}
	}
	return nil
}

// owes tells whether any report is owed for a period by now.
func (s *status) owes(p plan.ReportingPeriod) bool {
	return slices.ContainsFunc(s.snap.Plan.Institutions, func(i plan.Institution) bool {
		_, ok := s.owed[obligationKey{p.ID, i.Code}]
		return ok
	})
}

// periods chooses the periods to tell of.
func (s *status) periods(asked string) ([]plan.ReportingPeriod, error) {
	all := s.snap.Plan.Periods
	switch asked {
	case "":
		return s.newest(), nil
	case EveryPeriod:
		var out []plan.ReportingPeriod
		for _, p := range all {
			if s.owes(p) {
				out = append(out, p)
			}
		}
		return out, nil
	}
	if p := s.snap.Plan.Period(asked); p != nil {
		return []plan.ReportingPeriod{*p}, nil
	}
	return nil, fmt.Errorf("tell the status of %s for %q: %w", s.snap.Plan.ID, asked, ErrNoPeriod)
}

// newest gives the last period that has ended of those that reports are owed for;
// if none has, the first; where nothing is owed, the last that was reported on.
func (s *status) newest() []plan.ReportingPeriod {
	var out []plan.ReportingPeriod
	for _, p := range s.snap.Plan.Periods {
		if s.owes(p) && (len(out) == 0 || cmp.Or(p.End, p.DueDate) < s.AsOf) {
			out = []plan.ReportingPeriod{p}
		}
	}
	if n := len(s.snap.Periods); len(out) == 0 && n > 0 {
		out = s.snap.Periods[n-1:]
	}
	return out
}

func (s *status) period(p plan.ReportingPeriod) (PeriodStatus, error) {
	out := PeriodStatus{Period: p}
	came := map[string][]*Verdict{} // by institution, in order of receipt
	for _, v := range s.Verdicts {
		if !s.timely(v) || s.periodOf(v) != p.ID {
			continue
		}
		code := v.Workbook.Institution
		if v.Submission != nil {
			code = v.Submission.Institution
		}
		came[code] = append(came[code], v)
		if v.Refused() && s.snap.Plan.Institution(code) != nil {
			one, err := s.received(s.ctx, v, p.ID)
			if err != nil {
				return out, err
			}
			out.Refused = append(out.Refused, one)
		}
	}
	for _, i := range s.snap.Plan.Institutions {
		led := s.snap.Plan.LedFor(i.Code, &p)
		if len(led) == 0 && len(came[i.Code]) == 0 {
			continue
		}
		one, err := s.institution(p, i.Code, led, came[i.Code])
		if err != nil {
			return out, err
		}
		out.Institutions = append(out.Institutions, one)
	}
	return out, nil
}

// periodOf gives the period of this plan that a workbook counts for. One that was
// refused and does not tell counts for that of the workbook that followed it, or
// else for the one in which merging holds its commitments.
func (s *status) periodOf(v *Verdict) string {
	switch {
	case v.Submission != nil && v.Submission.Plan == s.snap.Plan.ID:
		return v.Submission.Period
	case v.Submission != nil, v.Plan != "" && v.Plan != s.snap.Plan.ID:
		return ""
	case s.snap.Plan.Period(v.Period) != nil:
		return v.Period
	}
	if next := s.follower(v); next != nil {
		return s.periodOf(next)
	}
	return plan.LastEnded(s.snap.Periods, v.Workbook.ReceivedAt[:len(time.DateOnly)])
}

func (s *status) institution(p plan.ReportingPeriod, code string, led []*plan.Commitment, came []*Verdict) (InstitutionStatus, error) {
	out := InstitutionStatus{Institution: code, State: NotOwed, Workbooks: len(came)}
	if o, ok := s.owed[obligationKey{p.ID, code}]; ok {
		out.State, out.ReceivedAt, out.SubmissionID, out.Owed, out.Reported = o.state, o.receivedAt, o.submissionID, o.owed, o.reported
	} else if p.DueDate != "" && p.Kind == plan.KindSubmission && len(led) > 0 { // it has not begun
		out.State, out.Owed = "not_due", len(led)
	}
	held := map[string]bool{}
	for _, st := range s.snap.Standings {
		if st.Period != p.ID || !slices.ContainsFunc(led, func(c *plan.Commitment) bool { return c.ID == st.Commitment }) {
			continue
		}
		switch st.State {
		case plan.Held:
			out.Held = append(out.Held, st)
		case plan.CarriedForward:
			out.Carried = append(out.Carried, st)
		}
	}
	for _, st := range s.snap.Standings {
		if st.Period == p.ID && st.State == plan.Held {
			held[st.Commitment] = true
		}
	}
	for _, v := range came {
		if v.Refused() {
			out.Refused++
		}
		out.LastReceivedAt = v.Workbook.ReceivedAt
	}
	var err error
	out.Rows, out.RowsCut, err = s.heldRows(came, held)
	return out, err
}

// heldRows gives what holds rows back: all of the last workbook, and of earlier
// ones what keeps a commitment held that no later workbook speaks of.
func (s *status) heldRows(came []*Verdict, held map[string]bool) (rows []Complaint, cut int, err error) {
	last, told := true, map[string]bool{}
	for _, v := range slices.Backward(came) {
		if v.Refused() {
			continue
		}
		report, err := s.Report(s.ctx, v)
		if err != nil {
			return nil, 0, err
		}
		errs := only(report, finding.Error)
		if last {
			cut = report.Count(finding.Error) - len(errs.Findings)
		}
		errs.Findings = slices.DeleteFunc(errs.Findings, func(f finding.Finding) bool {
			return !last && (!held[f.Commitment] || told[f.Commitment])
		})
		for _, f := range errs.Findings {
			told[f.Commitment] = true
		}
		rows = append(rows, s.contract.Complaints(errs, NamingOf(v, s.plans))...)
		last = false
	}
	return rows, cut, nil
}

// StatusTotals is what the institutions of a period add up to.
type StatusTotals struct {
	Institutions                  int            // that owe a report
	States                        map[string]int // institutions by state
	Workbooks, Refused            int
	Owed, Reported, Held, Carried int // commitments
}

// Totals adds up the institutions of the period.
func (p *PeriodStatus) Totals() StatusTotals {
	t := StatusTotals{States: map[string]int{}}
	for _, i := range p.Institutions {
		if t.States[i.State]++; i.State != NotOwed {
			t.Institutions++
		}
		t.Workbooks, t.Refused = t.Workbooks+i.Workbooks, t.Refused+i.Refused
		t.Owed, t.Reported, t.Held, t.Carried = t.Owed+i.Owed, t.Reported+i.Reported, t.Held+len(i.Held), t.Carried+len(i.Carried)
	}
	return t
}
