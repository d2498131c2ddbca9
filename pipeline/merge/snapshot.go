package merge

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"iltizam/pipeline/plan"
)

// Snapshot gives the plan as it is known after what was added. What is added
// afterwards does not change it.
func (f *Fold) Snapshot() *plan.Snapshot { return f.SnapshotOn(f.asOf) }

// SnapshotOn gives the same as of a day (ISO date) since which nothing was
// received: deadlines after it have not passed.
func (f *Fold) SnapshotOn(asOf string) *plan.Snapshot {
	snap := &plan.Snapshot{Plan: f.plan, AsOf: asOf, Submissions: slices.Clone(f.subs), Periods: f.reportedPeriods(asOf)}
	refused := make([][]rank, len(f.refused))
	for i := range refused {
		refused[i] = slices.Clone(f.refused[i])
	}
	snap.Refusals = f.markRefusals(refused, snap.Periods)
	snap.Standings = f.standings(refused, snap.Periods)
	snap.Milestones = f.milestoneStandings()
	snap.Firsts = f.allFirsts()
	snap.Changes = f.changes.all(f.plan, f.subs)
	snap.Notes = f.notes(snap.Standings)
	return snap
}

// reportedPeriods are those that somebody reported on, or that are overdue.
func (f *Fold) reportedPeriods(asOf string) []plan.ReportingPeriod {
	var out []plan.ReportingPeriod
	for i, p := range f.plan.Periods {
		if f.reported[i] || p.DueDate != "" && p.DueDate < asOf {
			out = append(out, p)
		}
	}
	return out
}

// markRefusals marks the commitments of institutions whose last workbook was refused
// as a whole, in the period that it was for; where that is not known or not told of
// yet, in the newest that had ended when it came. It gives the refusals that mark something.
func (f *Fold) markRefusals(refused [][]rank, periods []plan.ReportingPeriod) []plan.Refusal {
	if len(periods) == 0 {
		return nil
	}
	var out []plan.Refusal
	for _, r := range f.refusals {
		if f.last[r.Institution] >= r.ReceivedAt { // another followed, or came with it
			continue
		}
		period := f.periods[plan.LastEnded(periods, dayOfInstant(r.ReceivedAt))]
		if at, ok := f.periods[r.Period]; ok && slices.ContainsFunc(periods, func(p plan.ReportingPeriod) bool { return p.ID == r.Period }) {
			period = at
		}
		marks := false
		for c := range f.plan.Commitments {
			// A supporting institution may have reported since.
			if k := f.progress[c][period]; f.leads.rank(c, period, r.Institution, dayOfInstant(r.ReceivedAt)) != leading ||
				k != nil && f.subs[k.of].Source.ReceivedAt > r.ReceivedAt {
				continue
			}
			refused[c][period], marks = leading, true
		}
		if marks {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b plan.Refusal) int {
		return cmp.Or(strings.Compare(a.ReceivedAt, b.ReceivedAt), strings.Compare(a.Digest, b.Digest), strings.Compare(a.Institution, b.Institution),
			strings.Compare(a.Plan, b.Plan), strings.Compare(a.Period, b.Period))
	})
	return slices.Compact(out)
}

func (f *Fold) standings(refused [][]rank, periods []plan.ReportingPeriod) []plan.Standing {
	var out []plan.Standing
	for c := range f.plan.Commitments {
		var before *plan.Standing
		from := 0 // the period of the value, by its place among periods
		for i, p := range periods {
			at := f.periods[p.ID]
			s := f.standing(c, at, refused[c][at] != nobody, before)
			if s.ValuePeriod == p.ID {
				from = i
			}
			if s.ValuePeriod != "" {
				s.Age = i - from
			}
			out = append(out, s)
			before = &s
		}
	}
	return out
}

func (f *Fold) standing(c, p int, refused bool, before *plan.Standing) plan.Standing {
	s := plan.Standing{Commitment: f.plan.Commitments[c].ID, Period: f.plan.Periods[p].ID, State: plan.Missing}
	if before != nil && before.Report != nil {
		s.Previous = before.Report.Pct
	}
	k := f.progress[c][p]
	switch {
	case k != nil && !k.report.SaysNothing():
		report := k.report
		s.State, s.ValuePeriod, s.Report = plan.Reported, s.Period, &report
		s.Institution, s.Source = f.subs[k.of].Institution, f.subs[k.of].Source
	case before != nil && before.Report != nil:
		s.State, s.ValuePeriod = plan.CarriedForward, before.ValuePeriod
		s.Report, s.Institution, s.Source = before.Report, before.Institution, before.Source
	}
	if refused {
		s.State = plan.Held
	}
	return s
}

func (f *Fold) milestoneStandings() []plan.MilestoneStanding {
	out := make([]plan.MilestoneStanding, 0, len(f.milestones))
	for _, steps := range f.milestones {
		for p, k := range steps {
			if k != nil {
				report := k.report
				out = append(out, plan.MilestoneStanding{Period: f.plan.Periods[p].ID, Institution: f.subs[k.of].Institution,
					Report: &report, Source: f.subs[k.of].Source})
			}
		}
	}
	slices.SortFunc(out, func(a, b plan.MilestoneStanding) int {
		return cmp.Or(strings.Compare(a.Report.Milestone, b.Report.Milestone), strings.Compare(a.Period, b.Period))
	})
	return out
}

func (f *Fold) allFirsts() []plan.First {
	var out []plan.First
	for _, periods := range f.firsts {
		for _, first := range periods {
			if first != nil {
				out = append(out, *first)
			}
		}
	}
	slices.SortFunc(out, func(a, b plan.First) int {
		return cmp.Or(strings.Compare(a.Commitment, b.Commitment), strings.Compare(a.Period, b.Period))
	})
	return out
}

// notes gives the remarks on the rows that hold, in order of receipt, then one for
// each value that is not from its own period.
func (f *Fold) notes(standings []plan.Standing) []plan.Note {
	bySubmission := map[int][]orderedNote{}
	for _, periods := range f.progress {
		for _, k := range periods {
			if k != nil && len(k.notes) > 0 {
				bySubmission[k.of] = append(bySubmission[k.of], k.notes...)
			}
		}
	}
	for _, periods := range f.milestones {
		for _, k := range periods {
			if k != nil && len(k.notes) > 0 {
				bySubmission[k.of] = append(bySubmission[k.of], k.notes...)
			}
		}
	}
	var out []plan.Note
	for _, of := range slices.Sorted(maps.Keys(bySubmission)) {
		notes := bySubmission[of]
		slices.SortFunc(notes, func(a, b orderedNote) int { return cmp.Compare(a.index, b.index) })
		for _, n := range notes {
			out = append(out, n.note)
		}
	}
	for _, s := range standings {
		rule := ""
		switch {
		case s.State == plan.Held:
			rule = "value-held"
		case s.State == plan.CarriedForward && !f.nothingNew(s):
			rule = "value-carried-forward"
		}
		if rule == "" {
			continue
		}
		out = append(out, plan.Note{Rule: rule, Severity: severityWarning, Commitment: s.Commitment, Period: s.Period,
			Column: "progress_pct", Args: map[string]string{"from": cmp.Or(s.ValuePeriod, "@no-period")}, Source: s.Source})
	}
	return out
}

// nothingNew tells whether the institution said that the older value still holds.
func (f *Fold) nothingNew(s plan.Standing) bool {
	k := f.progress[f.commitments[s.Commitment]][f.periods[s.Period]]
	return k != nil && k.report.NothingToReport
}
