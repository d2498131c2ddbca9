package pipeline

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/intake"
	"iltizam/pipeline/merge"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/record"
	"iltizam/pipeline/rules"
)

// fold merges what was accepted, one workbook after the other, and judges each
// in the light of those before it.
func (r *run) fold(ctx context.Context) error {
	slices.SortFunc(r.order, func(a, b *book) int {
		return cmp.Or(strings.Compare(a.w.ReceivedAt, b.w.ReceivedAt), strings.Compare(a.period, b.period), intake.InOrder(a.w, b.w))
	})
	today := r.Now.UTC().Format(time.DateOnly)
	r.res.cutoff = cmp.Or(r.AsOf, today)
	folds := make([]*merge.Fold, len(r.res.plans))
	for i, p := range r.res.plans {
		folds[i] = merge.NewFold(p, r.res.cutoff, func(s *plan.Submission, past plan.Past) []plan.Remark {
			return r.Contract.Rules.LookBack(p, s, past)
		})
	}
	events := newestEvent{today: today}
	verdictOf := map[receiptOf]*Verdict{}
	for _, b := range r.order {
		if err := ctx.Err(); err != nil {
			return err
		}
		brief, err := r.briefOf(ctx, b)
		if err != nil {
			return err
		}
		v := r.verdict(b, brief)
		r.res.Verdicts = append(r.res.Verdicts, v)
		if brief.Refused() {
			r.res.records[receiptOf{b.w.Digest, b.w.Institution}] = brief.Digest
			if v.Workbook.Institution != "" {
				for _, f := range folds {
					f.Refuse(v.refusal())
				}
			}
			events.refused(r.res.plans, v)
			continue
		}
		of := receiptOf{b.w.Digest, brief.Submission.Institution}
		if verdictOf[of] != nil {
			continue // the same file of the same institution, received at another place: the first receipt holds
		}
		verdictOf[of], r.res.records[of] = v, brief.Digest
		events.accepted(r.res.plans, brief.Submission)
		var remarks []plan.Remark
		for _, f := range folds {
			remarks = append(remarks, f.Add(brief.Submission)...)
		}
		r.look(v, b, brief.Submission, remarks)
	}
	for _, p := range r.res.plans {
		events.deadlines(p)
	}
	r.res.AsOf = cmp.Or(r.AsOf, events.newest)
	superseded, _ := r.Contract.Rules.Catalogue.Rule("submission-superseded")
	for _, f := range folds {
		r.res.Snapshots = append(r.res.Snapshots, f.SnapshotOn(r.res.AsOf))
		for _, s := range f.Superseded() {
			v := verdictOf[receiptOf{s.Older.Source.Digest, s.Older.Institution}]
			v.tellLater(finding.Finding{Rule: superseded.ID, Severity: superseded.Severity, Args: map[string]string{
				"later": s.Later.Source.SubmissionID + ", " + s.Later.Source.ReceivedAt}})
		}
		for _, o := range f.Overruled() {
			verdictOf[receiptOf{o.Submission.Source.Digest, o.Submission.Institution}].tellLater(rules.FindingOf(o.Remark))
		}
	}
	slices.SortFunc(r.res.Verdicts, func(a, b *Verdict) int { return intake.InOrder(a.Workbook, b.Workbook) })
	return nil
}

func (v *Verdict) tellLater(f finding.Finding) {
	f.At.File = v.Workbook.Name()
	v.Later = append(v.Later, f)
	v.Tallies = append(v.Tallies, record.Tally{Rule: f.Rule, Severity: f.Severity, N: 1})
}

// verdict is what a brief says of a workbook by itself.
func (r *run) verdict(b *book, brief *record.Brief) *Verdict {
	v := &Verdict{Workbook: b.w, Tallies: brief.Tallies}
	v.Plan, v.Period, v.RowsTaken, v.RowsHeld = brief.Plan, brief.Period, brief.RowsTaken, brief.RowsHeld
	if s := brief.Submission; s != nil {
		v.Submission = &plan.Submission{Plan: s.Plan, Institution: s.Institution, Period: s.Period, Source: s.Source}
	}
	if b.full != nil {
		v.Report = reportOf(b.w, b.full, nil)
		v.Submission = b.full.Submission
	}
	return v
}

// look adds what the other workbooks make of one to its verdict.
func (r *run) look(v *Verdict, b *book, s *plan.Submission, remarks []plan.Remark) {
	if len(remarks) == 0 {
		return
	}
	held := map[[2]string]bool{}
	v.Tallies = slices.Clone(v.Tallies)
	for _, m := range remarks {
		f := rules.FindingOf(m)
		v.Tallies = append(v.Tallies, record.Tally{Rule: f.Rule, Severity: f.Severity, N: 1})
		if f.Severity >= finding.Error {
			held[[2]string{m.Commitment, m.Milestone}] = true
		}
	}
	v.remarks = remarks
	isHeld := func(commitment, milestone string) bool { return held[[2]string{commitment, milestone}] }
	n := 0
	for i := range s.Progress {
		if isHeld(s.Progress[i].Commitment, "") {
			n++
		}
	}
	for i := range s.Milestones {
		if isHeld(s.Milestones[i].Commitment, s.Milestones[i].Milestone) {
			n++
		}
	}
	v.RowsTaken, v.RowsHeld = v.RowsTaken-n, v.RowsHeld+n
	if v.Report == nil {
		return
	}
	v.Report = reportOf(b.w, b.full, v.remarks)
	if n == 0 {
		return
	}
	rest := *v.Submission
	rest.Progress = slices.DeleteFunc(slices.Clone(rest.Progress), func(p plan.Progress) bool { return isHeld(p.Commitment, "") })
	rest.Milestones = slices.DeleteFunc(slices.Clone(rest.Milestones), func(m plan.MilestoneReport) bool { return isHeld(m.Commitment, m.Milestone) })
	rest.Held = slices.Clone(rest.Held)
	for id := range held {
		if id[1] == "" && id[0] != "" && !slices.Contains(rest.Held, id[0]) {
			rest.Held = append(rest.Held, id[0])
		}
	}
	slices.Sort(rest.Held)
	v.Submission = &rest
}

// reportOf gives the findings on record of a workbook, with what the other
// workbooks make of it.
func reportOf(w *intake.Workbook, rec *record.Record, remarks []plan.Remark) *finding.Report {
	report := &finding.Report{File: w.Name()}
	for _, f := range rec.Findings {
		report.Add(f)
	}
	for key, n := range rec.Cut {
		report.CutMore(key, n)
	}
	for _, m := range remarks {
		report.Add(rules.FindingOf(m))
	}
	report.Sort()
	return report
}

// refusal is what is known of a refused workbook.
func (v *Verdict) refusal() plan.Refusal {
	return plan.Refusal{Institution: v.Workbook.Institution, Plan: v.Plan, Period: v.Period,
		Digest: v.Workbook.Digest, ReceivedAt: v.Workbook.ReceivedAt}
}

// newestEvent is the day of the newest event that is not after today, so that
// eventless days change nothing: a submission began to count, a workbook of a known
// institution was refused, a deadline passed.
type newestEvent struct{ newest, today string }

func (e *newestEvent) on(day string) {
	if day > e.newest && day <= e.today {
		e.newest = day
	}
}

func (e *newestEvent) accepted(plans []*plan.ActionPlan, s *plan.Submission) {
	day := s.Source.ReceivedAt[:len(time.DateOnly)]
	for _, p := range plans {
		if p.ID == s.Plan {
			if period := p.Period(s.Period); period != nil { // one that came before its period counts from its first day on
				day = max(day, period.Start)
			}
		}
	}
	e.on(day)
}

func (e *newestEvent) refused(plans []*plan.ActionPlan, v *Verdict) {
	if slices.ContainsFunc(plans, func(p *plan.ActionPlan) bool { return p.Institution(v.Workbook.Institution) != nil }) {
		e.on(v.Workbook.ReceivedAt[:len(time.DateOnly)])
	}
}

func (e *newestEvent) deadlines(p *plan.ActionPlan) {
	for _, r := range p.Periods {
		if r.DueDate != "" && r.DueDate < e.today {
			e.on(nextDay(r.DueDate))
		}
	}
}

// nextDay is the first day on which a deadline has passed.
func nextDay(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return t.AddDate(0, 0, 1).Format(time.DateOnly)
}
