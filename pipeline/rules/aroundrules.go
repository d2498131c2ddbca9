package rules

import (
	"slices"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
)

// periodHasBegun tells of a report that comes before what it is about: it waits
// until then.
func periodHasBegun(v *validation) {
	const rule = "period-not-begun"
	p := v.plan.Period(v.period)
	if !v.inForce(rule) || v.transcribed() || p == nil || p.Start <= v.day {
		return
	}
	at := finding.Cell{Sheet: v.sub.Header.Sheet, Ref: v.sub.Header.Cells["period"]}
	v.report.Add(finding.Finding{Rule: rule, Severity: v.severity(rule, finding.Info), At: at, Pointer: plan.Pointer("header", "period"),
		Value: p.ID, Args: map[string]string{"start": p.Start}})
}

// recordsStay tells of rows that an earlier workbook had and this one has not: a
// row that is not there is no answer, and the earlier one stays.
func recordsStay(l *lookBack) {
	const rule = "record-dropped"
	commitments, steps := l.past.Told(l.sub.Institution, l.sub.Period)
	last := l.lastReported()
	if len(commitments)+len(steps) == 0 && last == "" {
		return
	}
	progress := rowsOf{n: len(l.sub.Progress) + len(l.sub.Held), id: func(i int) string {
		if n := len(l.sub.Progress); i >= n {
			return l.sub.Held[i-n]
		}
		return l.sub.Progress[i].Commitment
	}}
	milestones := rowsOf{n: len(l.sub.Milestones) + len(l.sub.Untold), id: func(i int) string {
		if n := len(l.sub.Milestones); i >= n {
			return l.sub.Untold[i-n]
		}
		return l.sub.Milestones[i].Milestone
	}}
	for _, id := range commitments {
		if !progress.has(id) {
			l.noteWhole(rule, id, "", id, map[string]string{"where": "@dropped-same", "from": l.sub.Period})
		}
	}
	for _, id := range steps {
		if !milestones.has(id) {
			l.noteWhole(rule, commitmentOf(id), id, id, map[string]string{"where": "@dropped-same", "from": l.sub.Period})
		}
	}
	if last == "" || milestones.n == 0 {
		return
	}
	_, before := l.past.Told(l.sub.Institution, last)
	var beside map[string]bool // the commitments of which the workbook has a milestone, once asked
	for _, id := range before {
		if milestones.has(id) {
			continue
		}
		if _, again := slices.BinarySearch(steps, id); again {
			continue
		}
		if beside == nil {
			beside = map[string]bool{}
			for i := range milestones.n {
				beside[commitmentOf(milestones.id(i))] = true
			}
		}
		if beside[commitmentOf(id)] {
			l.noteWhole(rule, commitmentOf(id), id, id, map[string]string{"where": "@dropped-before", "from": last})
		}
	}
}

// rowsOf is what a workbook has a row of, be it held back or as it was filled in
// beforehand. Rows mostly come in the order in which they are asked for.
type rowsOf struct {
	n    int
	id   func(i int) string
	next int
	all  map[string]bool // once one was asked for out of turn
}

func (r *rowsOf) has(id string) bool {
	if r.all == nil {
		if r.next < r.n && r.id(r.next) == id {
			r.next++
			return true
		}
		r.all = make(map[string]bool, r.n)
		for i := range r.n {
			r.all[r.id(i)] = true
		}
	}
	return r.all[id]
}

// commitmentOf gives the id of a milestone's commitment, which it starts with.
func commitmentOf(milestone string) string {
	for i := len(milestone) - 1; i > 0; i-- {
		if milestone[i] == '-' {
			return milestone[:i]
		}
	}
	return milestone
}

// lastReported gives the latest period before this one that the institution
// reported on, "" for none.
func (l *lookBack) lastReported() string {
	for i := l.at - 1; i >= 0; i-- {
		if p := &l.plan.Periods[i]; p.Kind == plan.KindSubmission && l.past.Reported(l.sub.Institution, p.ID) {
			return p.ID
		}
	}
	return ""
}

// periodsFollow tells an institution that once reported of the periods since then
// that it owes and has passed over.
func periodsFollow(l *lookBack) {
	const rule = "period-gap"
	last := l.lastReported()
	if last == "" {
		return
	}
	for i := l.at - 1; i >= 0 && l.plan.Periods[i].ID != last; i-- {
		p := &l.plan.Periods[i]
		if p.PastDue(l.day) && len(l.plan.LedFor(l.sub.Institution, p)) > 0 {
			l.noteWhole(rule, "", "", p.ID, map[string]string{"from": p.ID})
		}
	}
}
