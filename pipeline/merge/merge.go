// Package merge decides which of many submissions holds.
package merge

import (
	"slices"

	"iltizam/pipeline/plan"
)

// Snapshot merges the submissions of one plan received up to asOf (ISO date) as a
// Fold without a judge does. The order in which they are given does not matter,
// nor that one is given twice; they are not changed. The submissions of what is
// superseded are those that were given.
func Snapshot(p *plan.ActionPlan, subs []*plan.Submission, asOf string, refusals ...plan.Refusal) (*plan.Snapshot, []Superseded) {
	f := NewFold(p, asOf, nil)
	sorted := slices.SortedStableFunc(slices.Values(subs), InOrder)
	given := map[*plan.Submission]*plan.Submission{}
	for _, s := range sorted {
		known := len(f.subs)
		if f.Add(s); len(f.subs) > known {
			given[f.subs[known]] = s
		}
	}
	for _, r := range refusals {
		f.Refuse(r)
	}
	superseded := f.Superseded()
	for i, s := range superseded {
		superseded[i] = Superseded{Older: given[s.Older], Later: given[s.Later]}
	}
	return f.Snapshot(), superseded
}
