// Package merge decides which of many submissions holds.
package merge

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"iltizam/pipeline/plan"
)

// Superseded is a submission of which a later one tells the same institution's
// same period again.
type Superseded struct {
	Older, Later *plan.Submission
}

// Snapshot merges the submissions of one plan received up to asOf (ISO date):
// the later receipt wins, row by row, ties by digest. The order in which the
// submissions are given does not matter; they are not changed. A refusal that no
// later submission of its institution mends leaves its values standing, held.
func Snapshot(p *plan.ActionPlan, subs []*plan.Submission, asOf string, refusals ...plan.Refusal) (*plan.Snapshot, []Superseded) {
	m := &merger{plan: p, asOf: asOf, latest: map[key]entry{}, refused: map[key]bool{}, milestones: map[key]plan.MilestoneStanding{}}
	for _, s := range subs {
		if day, _, _ := strings.Cut(s.Source.ReceivedAt, "T"); s.Plan == p.ID && day <= asOf {
			m.subs = append(m.subs, s)
		}
	}
	slices.SortStableFunc(m.subs, inOrder)
	m.subs = slices.CompactFunc(m.subs, func(a, b *plan.Submission) bool { return inOrder(a, b) == 0 })
	snap := &plan.Snapshot{Plan: p, AsOf: asOf, Submissions: m.subs}
	for _, s := range m.subs {
		m.take(s)
	}
	snap.Periods = m.periods(asOf)
	snap.Refusals = m.refuse(refusals, snap.Periods)
	snap.Standings = m.standings(snap.Periods)
	snap.Milestones = m.milestoneStandings()
	snap.Changes = m.changes
	snap.Notes = m.notes(snap.Standings)
	return snap, m.superseded()
}

// inOrder compares submissions by their receipt, ties by digest. What compares
// equal is one workbook, dropped in two places.
func inOrder(a, b *plan.Submission) int {
	return cmp.Or(strings.Compare(a.Source.ReceivedAt, b.Source.ReceivedAt),
		strings.Compare(a.Source.Digest, b.Source.Digest),
		strings.Compare(a.Institution, b.Institution), strings.Compare(a.Period, b.Period))
}

type key struct{ id, period string }

type entry struct {
	sub    *plan.Submission
	report *plan.Progress
}

type merger struct {
	plan       *plan.ActionPlan
	asOf       string
	subs       []*plan.Submission
	latest     map[key]entry                  // the row that holds
	refused    map[key]bool                   // a row was held back after it
	milestones map[key]plan.MilestoneStanding // that hold
	changes    changeLog
}

// saysNothing tells of a row that brings no value of its own: nothing is new. It
// never takes the place of a value that the same period already has.
func saysNothing(p *plan.Progress) bool { return p.NothingToReport && p.Pct == nil }

// take lets a submission's rows take the place of earlier ones.
func (m *merger) take(s *plan.Submission) {
	for i := range s.Progress {
		row := &s.Progress[i]
		k := key{row.Commitment, s.Period}
		delete(m.refused, k)
		before := m.latest[k].report
		if before != nil && saysNothing(row) && !saysNothing(before) {
			continue
		}
		m.latest[k] = entry{s, row}
		m.changes.progress(s, before, row)
	}
	for i := range s.Milestones {
		row := &s.Milestones[i]
		k := key{row.Milestone, s.Period}
		m.changes.milestone(s, m.milestones[k].Report, row)
		m.milestones[k] = plan.MilestoneStanding{
			Period: s.Period, Institution: s.Institution, Report: row, Source: s.Source}
	}
	for _, id := range s.Held {
		m.refused[key{id, s.Period}] = true
	}
}

// refuse marks the commitments of institutions whose last workbook was refused as a
// whole, in the period that it was for; where that is not known or not told of
// yet, in the newest. It gives the refusals that mark something.
func (m *merger) refuse(refusals []plan.Refusal, periods []plan.ReportingPeriod) []plan.Refusal {
	if len(periods) == 0 {
		return nil
	}
	var out []plan.Refusal
	for _, r := range refusals {
		day, _, _ := strings.Cut(r.ReceivedAt, "T")
		if day > m.asOf || r.Plan != "" && r.Plan != m.plan.ID || m.mended(r) {
			continue
		}
		period := periods[len(periods)-1].ID
		if slices.ContainsFunc(periods, func(p plan.ReportingPeriod) bool { return p.ID == r.Period }) {
			period = r.Period
		}
		marks := false
		for _, c := range m.plan.Commitments {
			k := key{c.ID, period}
			// A supporting institution may have reported since.
			if e := m.latest[k]; c.LeadInstitution != r.Institution || e.sub != nil && e.sub.Source.ReceivedAt > r.ReceivedAt {
				continue
			}
			m.refused[k], marks = true, true
		}
		if marks {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b plan.Refusal) int {
		return cmp.Or(strings.Compare(a.ReceivedAt, b.ReceivedAt), strings.Compare(a.Digest, b.Digest), strings.Compare(a.Institution, b.Institution))
	})
	return slices.Compact(out)
}

// mended tells of a refused workbook that another of its institution followed, or
// came with.
func (m *merger) mended(r plan.Refusal) bool {
	return slices.ContainsFunc(m.subs, func(s *plan.Submission) bool {
		return s.Institution == r.Institution && s.Source.ReceivedAt >= r.ReceivedAt
	})
}

// periods are those that somebody reported on, or that are overdue on asOf.
func (m *merger) periods(asOf string) []plan.ReportingPeriod {
	reported := map[string]bool{}
	for _, s := range m.subs {
		reported[s.Period] = true
	}
	var out []plan.ReportingPeriod
	for _, p := range m.plan.Periods {
		if reported[p.ID] || p.DueDate != "" && p.DueDate < asOf {
			out = append(out, p)
		}
	}
	return out
}

func (m *merger) standings(periods []plan.ReportingPeriod) []plan.Standing {
	var out []plan.Standing
	for _, c := range m.plan.Commitments {
		var before *plan.Standing
		for _, p := range periods {
			s := m.standing(c.ID, p.ID, before)
			out = append(out, s)
			before = &s
		}
	}
	return out
}

func (m *merger) standing(commitment, period string, before *plan.Standing) plan.Standing {
	s := plan.Standing{Commitment: commitment, Period: period, State: plan.Missing}
	if before != nil && before.Report != nil {
		s.Previous = before.Report.Pct
	}
	k := key{commitment, period}
	e, reported := m.latest[k]
	refused := m.refused[k]
	switch {
	case reported && !saysNothing(e.report):
		s.State, s.ValuePeriod = plan.Reported, period
		s.Report, s.Institution, s.Source = e.report, e.sub.Institution, e.sub.Source
		if refused {
			s.State = plan.Held
		}
	case before != nil && before.Report != nil:
		s.State, s.ValuePeriod = plan.CarriedForward, before.ValuePeriod
		s.Report, s.Institution, s.Source = before.Report, before.Institution, before.Source
		if refused {
			s.State = plan.Held
		}
	case refused:
		s.State = plan.Held
	}
	return s
}

func (m *merger) milestoneStandings() []plan.MilestoneStanding {
	out := slices.AppendSeq(make([]plan.MilestoneStanding, 0, len(m.milestones)), maps.Values(m.milestones))
	slices.SortFunc(out, func(a, b plan.MilestoneStanding) int {
		return cmp.Or(strings.Compare(a.Report.Milestone, b.Report.Milestone), strings.Compare(a.Period, b.Period))
	})
	return out
}

// notes keeps the remarks on rows that hold, then adds one for each value that
// is not from its own period.
func (m *merger) notes(standings []plan.Standing) []plan.Note {
	var out []plan.Note
	for _, s := range m.subs {
		for _, n := range s.Notes {
			holds := m.latest[key{n.Commitment, s.Period}].sub == s
			if n.Milestone != "" {
				holds = m.milestones[key{n.Milestone, s.Period}].Source == s.Source
			}
			if holds {
				out = append(out, n)
			}
		}
	}
	for _, s := range standings {
		rule := ""
		switch {
		case s.State == plan.Held:
			rule = "value-held"
		case s.State == plan.CarriedForward && !m.nothingNew(s):
			rule = "value-carried-forward"
		}
		if rule == "" {
			continue
		}
		from := s.ValuePeriod
		if from == "" {
			from = "@no-period"
		}
		out = append(out, plan.Note{Rule: rule, Severity: "warning", Commitment: s.Commitment, Period: s.Period,
			Column: "progress_pct", Args: map[string]string{"from": from}, Source: s.Source})
	}
	return out
}

// nothingNew tells whether the institution said that the older value still holds.
func (m *merger) nothingNew(s plan.Standing) bool {
	e, ok := m.latest[key{s.Commitment, s.Period}]
	return ok && e.report.NothingToReport
}

func (m *merger) superseded() []Superseded {
	var out []Superseded
	last := map[key]*plan.Submission{}
	for _, s := range slices.Backward(m.subs) {
		k := key{s.Institution, s.Period}
		if later, ok := last[k]; ok {
			out = append(out, Superseded{Older: s, Later: later})
		} else {
			last[k] = s
		}
	}
	slices.Reverse(out)
	return out
}
