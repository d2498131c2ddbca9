package merge

import (
	"slices"

	"iltizam/pipeline/plan"
)

// adding is one submission on its way into the state. To the judge it is the
// past: until take, the state is what was before.
type adding struct {
	*Fold
	sub      *plan.Submission
	period   int
	day      string
	held     []string // commitments whose row is held back by what was before
	heldStep []string // milestones likewise
}

func (a *adding) hold(commitment, milestone string) {
	if milestone != "" {
		a.heldStep = append(a.heldStep, milestone)
	} else {
		a.held = append(a.held, commitment)
	}
}

func (a *adding) rankOf(commitment string) (at int, r rank) {
	at, ok := a.commitments[commitment]
	if !ok {
		return 0, nobody
	}
	return at, a.leads.rank(at, a.period, a.sub.Institution, a.day)
}

// take lets the submission's rows take the place of earlier ones.
func (a *adding) take() {
	s := a.sub
	of := len(a.subs)
	a.subs = append(a.subs, &plan.Submission{Plan: s.Plan, Institution: s.Institution, Period: s.Period, Source: s.Source, Rulings: s.Rulings})
	a.reported[a.period] = true
	a.last[s.Institution] = s.Source.ReceivedAt
	t := a.told[key{s.Institution, s.Period}]
	if t == nil {
		t = &told{}
		a.told[key{s.Institution, s.Period}] = t
	}
	for _, id := range a.held { // a value that a row should have come of awaits it too
		a.refuse(id)
	}
	for i := range s.Progress {
		if row := &s.Progress[i]; !slices.Contains(a.held, row.Commitment) {
			a.takeProgress(of, row, t)
		}
	}
	for i := range s.Milestones {
		if row := &s.Milestones[i]; !slices.Contains(a.heldStep, row.Milestone) {
			a.takeStep(of, row, t)
		}
	}
	for _, id := range s.Held {
		a.refuse(id)
	}
}

// refuse marks a commitment of which a row was held back, unless that could not
// have stood.
func (a *adding) refuse(commitment string) {
	c, mine := a.rankOf(commitment)
	if mine == nobody {
		return
	}
	if before := a.progress[c][a.period]; before == nil || before.rank <= mine {
		a.refused[c][a.period] = max(a.refused[c][a.period], mine)
	}
}

func (a *adding) takeProgress(of int, row *plan.Progress, t *told) {
	c, mine := a.rankOf(row.Commitment)
	if mine == nobody {
		return
	}
	insert(&t.commitments, row.Commitment)
	if a.firsts[c][a.period] == nil {
		a.firsts[c][a.period] = &plan.First{Commitment: row.Commitment, Period: a.sub.Period, Institution: a.sub.Institution, Source: a.sub.Source}
	}
	before := a.progress[c][a.period]
	if before != nil && before.rank > mine {
		return
	}
	if a.refused[c][a.period] <= mine {
		a.refused[c][a.period] = nobody
	}
	if before != nil && before.rank == mine && row.SaysNothing() && !before.report.SaysNothing() {
		return
	}
	var old *plan.Progress
	if before == nil {
		before = &kept[plan.Progress]{}
		a.progress[c][a.period] = before
	} else {
		old = &before.report
		if before.rank < mine {
			a.overrule(before.of, row.Commitment, "", &before.report.Place, differ(old, row))
		}
	}
	a.changes.start(change{of: of, commitment: c, reason: row.RevisionReason, place: row.Place}, a.plan.Periods[a.period].PastDue(a.day))
	plan.Differ(old, row, a.changes.add)
	before.of, before.rank, before.report, before.notes = of, mine, *row, nil
}

func (a *adding) takeStep(of int, row *plan.MilestoneReport, t *told) {
	c, mine := a.rankOf(row.Commitment)
	if mine == nobody {
		return
	}
	insert(&t.milestones, row.Milestone)
	steps := a.milestones[row.Milestone]
	if steps == nil {
		steps = make([]*kept[plan.MilestoneReport], len(a.plan.Periods))
		a.milestones[row.Milestone] = steps
	}
	before := steps[a.period]
	if before != nil && before.rank > mine {
		return
	}
	var old *plan.MilestoneReport
	if before == nil {
		before = &kept[plan.MilestoneReport]{}
		steps[a.period] = before
	} else {
		old = &before.report
		if before.rank < mine {
			a.overrule(before.of, row.Commitment, row.Milestone, &before.report.Place, differStep(old, row))
		}
	}
	a.changes.start(change{of: of, commitment: c, milestone: row.Milestone, reason: a.reasonFor(row.Commitment), place: row.Place}, a.plan.Periods[a.period].PastDue(a.day))
	plan.DifferSteps(old, row, a.changes.add)
	before.of, before.rank, before.report, before.notes = of, mine, *row, nil
}

// reasonFor gives the reason that the submission states for what it changes of a
// commitment, its milestones included.
func (a *adding) reasonFor(commitment string) string { return a.sub.Reason(commitment) }

// overrule tells a supporting institution that its row no longer stands, where
// that was a rule when it came.
func (a *adding) overrule(of int, commitment, milestone string, place *plan.Place, differ bool) {
	older := a.subs[of]
	ruling, ok := older.Rulings[plan.RuleReportedByLead]
	if !ok {
		return
	}
	a.overruled = append(a.overruled, Overruled{Submission: older,
		Remark: plan.ReportedByLead(ruling, commitment, milestone, a.sub.Institution, differ, place)})
}

// differ tells whether two rows have values that differ.
func differ(a, b *plan.Progress) (yes bool) {
	plan.Differ(a, b, func(string, string, string) { yes = true })
	return yes
}

func differStep(a, b *plan.MilestoneReport) (yes bool) {
	plan.DifferSteps(a, b, func(string, string, string) { yes = true })
	return yes
}

// annotate keeps the notes and the published remarks on the rows that were taken.
func (a *adding) annotate(remarks []plan.Remark) {
	of := len(a.subs) - 1
	for i := range a.sub.Notes {
		a.keepNote(of, orderedNote{i, a.sub.Notes[i]})
	}
	for i := range remarks {
		if remarks[i].Severity == severityWarning {
			a.keepNote(of, orderedNote{len(a.sub.Notes) + i, remarks[i].Note(a.sub)})
		}
	}
}

func (a *adding) keepNote(of int, n orderedNote) {
	if n.note.Milestone != "" {
		if steps := a.milestones[n.note.Milestone]; steps != nil {
			if row := steps[a.period]; row != nil && row.of == of {
				row.notes = append(row.notes, n)
			}
		}
		return
	}
	if c, ok := a.commitments[n.note.Commitment]; ok {
		if row := a.progress[c][a.period]; row != nil && row.of == of {
			row.notes = append(row.notes, n)
		}
	}
}

func insert(list *[]string, id string) {
	if n := len(*list); n == 0 || (*list)[n-1] < id { // rows mostly come in order
		*list = append(*list, id)
		return
	}
	if at, there := slices.BinarySearch(*list, id); !there {
		*list = slices.Insert(*list, at, id)
	}
}
