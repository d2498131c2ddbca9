package finding

import (
	"cmp"
	"slices"
)

// Group is all that a report says by one rule.
type Group struct {
	Rule     string
	Severity Severity  // the worst of its findings
	Count    int       // findings, those cut included
	Findings []Finding // those kept, in the report's order
}

// Groups gathers the findings by rule: the worst first, then those of which
// there are most, then by rule.
func (r *Report) Groups() []Group {
	var groups []Group
	index := map[string]int{}
	counted := map[string]bool{}
	for _, f := range r.Findings {
		i, known := index[f.Rule]
		if !known {
			i = len(groups)
			index[f.Rule] = i
			groups = append(groups, Group{Rule: f.Rule, Severity: f.Severity})
		}
		g := &groups[i]
		g.Severity = max(g.Severity, f.Severity)
		g.Findings = append(g.Findings, f)
		g.Count++
		if key := f.Rule + "\x00" + f.At.Sheet; !counted[key] {
			counted[key] = true
			g.Count += r.Cut[key]
		}
	}
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Rule, b.Rule))
	})
	return groups
}
