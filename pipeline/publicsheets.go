package pipeline

import (
	"slices"

	"iltizam/pipeline/aggregate"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
)

// tablesOf computes the core tables of a snapshot, sheets by the names that the
// workbooks give them.
func (r *Result) tablesOf(snap *plan.Snapshot) ([]*table.Table, error) {
	return aggregate.Tables(snap, r.contract.Tables, func(n plan.Note, lang string) string {
		return r.contract.sayNote(snap.Plan, n, lang)
	})
}

// public gives a snapshot as the public may see it: a sheet that somebody renamed
// bears a text of that person's, so it goes by the template's own key.
func (c *Contract) public(snap *plan.Snapshot) *plan.Snapshot {
	out := *snap
	ours := map[string]bool{"": true}
	foreign := func(sheet string) bool {
		known, ok := ours[sheet]
		if !ok {
			known = c.Layout.Bears(sheet)
			ours[sheet] = known
		}
		return !known
	}
	out.Standings = changed(snap.Standings, func(s *plan.Standing) bool {
		if s.Report == nil || !foreign(s.Report.Place.Sheet) {
			return false
		}
		r := *s.Report
		r.Place.Sheet = sheetProgress
		s.Report = &r
		return true
	})
	out.Milestones = changed(snap.Milestones, func(m *plan.MilestoneStanding) bool {
		if !foreign(m.Report.Place.Sheet) {
			return false
		}
		r := *m.Report
		r.Place.Sheet = sheetMilestones
		m.Report = &r
		return true
	})
	out.Notes = changed(snap.Notes, func(n *plan.Note) bool {
		if !foreign(n.Sheet) {
			return false
		}
		if n.Sheet = sheetProgress; n.Milestone != "" {
			n.Sheet = sheetMilestones
		}
		return true
	})
	out.Changes = changed(snap.Changes, func(c *plan.Change) bool {
		if !foreign(c.Place.Sheet) {
			return false
		}
		if c.Place.Sheet = sheetProgress; c.Milestone != "" {
			c.Place.Sheet = sheetMilestones
		}
		return true
	})
	return &out
}

// The keys of the data sheets.
const (
	sheetProgress   = "progress"
	sheetMilestones = "milestones"
)

// changed gives the list with each element as change leaves it; the one given
// stays as it is.
func changed[T any](list []T, change func(*T) bool) []T {
	own := false
	for i := range list {
		x := list[i]
		if !change(&x) {
			continue
		}
		if !own {
			list, own = slices.Clone(list), true
		}
		list[i] = x
	}
	return list
}
