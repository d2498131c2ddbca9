package aggregate

import "iltizam/pipeline/plan"

// FigureKey names a figure of the summary within its plan.
type FigureKey struct{ Period, Scope, Code, Measure, Method string }

// Part is a commitment's place in a figure of the summary.
type Part struct {
	Commitment string
	Period     string     // with the commitment the key of its row in progress
	Axis       string     // code, "" where it has none that there is
	Basis      plan.Basis // of its place in the figure's scope
	Counted    bool       // its row makes up the value; others are missing, or of another status or range
}

// Lineage gives the commitments that a figure of the summary speaks about, in
// the order in which it takes them; of a change those of the period, then those
// of the period before. They are the ones that the figure is computed of. ok is
// false where there is no such figure.
func Lineage(snap *plan.Snapshot, key FigureKey) (parts []Part, ok bool) {
	b := &builder{snap: snap, plan: snap.Plan}
	b.eachFigure(func(period string, f figure) {
		if (FigureKey{period, f.scope, f.code, f.measure, f.method}) != key {
			return
		}
		ok = true
		parts = appendParts(parts, period, f.over, f.takes)
		parts = appendParts(parts, f.since, f.before, f.takes)
	})
	return parts, ok
}

func appendParts(parts []Part, period string, members []member, takes takes) []Part {
	for i := range members {
		m := &members[i]
		parts = append(parts, Part{m.id, period, m.axis, m.basis, takes != nil && takes(m)})
	}
	return parts
}
