// Package merge decides which of many submissions holds.
package merge

import (
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
// submissions are given does not matter; they are not changed.
func Snapshot(p *plan.ActionPlan, subs []*plan.Submission, asOf string) (*plan.Snapshot, []Superseded) {
	m := &merger{plan: p, latest: map[key]entry{}, refused: map[key]*plan.Submission{}}
	for _, s := range subs {
		if s.Plan == p.ID && s.Source.ReceivedAt[:10] <= asOf {
			m.subs = append(m.subs, s)
		}
	}
	slices.SortFunc(m.subs, func(a, b *plan.Submission) int {
		return strings.Compare(order(a), order(b))
	})
	m.subs = slices.CompactFunc(m.subs, func(a, b *plan.Submission) bool { return order(a) == order(b) })
	snap := &plan.Snapshot{Plan: p, AsOf: asOf, Submissions: m.subs}
	for _, s := range m.subs {
		m.take(s)
	}
	snap.Periods = m.periods(asOf)
	snap.Standings = m.standings(snap.Periods)
	snap.Milestones = m.milestones()
	snap.Changes = changes(m.subs)
	snap.Notes = m.notes(snap.Standings)
	return snap, m.superseded()
}

func order(s *plan.Submission) string {
	return s.Source.ReceivedAt + "\x00" + s.Source.Digest + "\x00" + s.Institution
}

type key struct{ id, period string }

type entry struct {
	sub    *plan.Submission
	report *plan.Progress
}

type merger struct {
	plan    *plan.ActionPlan
	subs    []*plan.Submission
	latest  map[key]entry            // the row that holds
	refused map[key]*plan.Submission // the last submission whose row was held back after it
}

func (m *merger) take(s *plan.Submission) {
	for i := range s.Progress {
		k := key{s.Progress[i].Commitment, s.Period}
		m.latest[k] = entry{s, &s.Progress[i]}
		delete(m.refused, k)
	}
	for _, id := range s.Held {
		m.refused[key{id, s.Period}] = s
	}
}

// periods are those that somebody reported on, or should have by asOf.
func (m *merger) periods(asOf string) []plan.ReportingPeriod {
	reported := map[string]bool{}
	for _, s := range m.subs {
		reported[s.Period] = true
	}
	var out []plan.ReportingPeriod
	for _, p := range m.plan.Periods {
		if reported[p.ID] || p.DueDate != "" && p.DueDate <= asOf {
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
	case reported && (!e.report.NothingToReport || e.report.Pct != nil):
		s.State, s.ValuePeriod = plan.Reported, period
		s.Report, s.Institution, s.Source = e.report, e.sub.Institution, e.sub.Source
		if refused != nil {
			s.State = plan.Held
		}
	case before != nil && before.Report != nil:
		s.State, s.ValuePeriod = plan.CarriedForward, before.ValuePeriod
		s.Report, s.Institution, s.Source = before.Report, before.Institution, before.Source
		if refused != nil {
			s.State = plan.Held
		}
	case refused != nil:
		s.State = plan.Held
	}
	return s
}

func (m *merger) milestones() []plan.MilestoneStanding {
	last := map[key]plan.MilestoneStanding{}
	for _, s := range m.subs {
		for i := range s.Milestones {
			last[key{s.Milestones[i].Milestone, s.Period}] = plan.MilestoneStanding{
				Period: s.Period, Institution: s.Institution, Report: &s.Milestones[i], Source: s.Source}
		}
	}
	out := make([]plan.MilestoneStanding, 0, len(last))
	for _, ms := range last {
		out = append(out, ms)
	}
	slices.SortFunc(out, func(a, b plan.MilestoneStanding) int {
		return strings.Compare(a.Report.Milestone+"\x00"+a.Period, b.Report.Milestone+"\x00"+b.Period)
	})
	return out
}

// notes keeps the remarks on rows that hold, then adds one for each value that
// is not from its own period.
func (m *merger) notes(standings []plan.Standing) []plan.Note {
	var out []plan.Note
	for _, s := range m.subs {
		for _, n := range s.Notes {
			if e := m.latest[key{n.Commitment, s.Period}]; e.sub == s {
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
		if rule != "" {
			out = append(out, plan.Note{Rule: rule, Severity: "warning", Commitment: s.Commitment, Period: s.Period,
				Column: "progress_pct", Args: map[string]string{"from": s.ValuePeriod}, Source: s.Source})
		}
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
