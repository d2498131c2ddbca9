package aggregate

import (
	"math/big"
	"slices"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
)

// member is a commitment as one period's figures see it.
type member struct {
	id     string
	axis   string // code, "" where the plan does not tell or has none such
	pct    *plan.Percent
	status string
	basis  plan.Basis // of its place in the scope
	older  bool       // its value is from an earlier period
}

// The kinds of a scope.
const (
	scopePlan        = "plan"
	scopeAxis        = "axis"
	scopeInstitution = "institution"
)

// scope is a set of commitments that figures speak about.
type scope struct {
	kind, code string
	measure    string // of its mean
	members    []member
	note       string
}

func (b *builder) summary() []record {
	var out []record
	b.eachFigure(func(period string, f figure) {
		r, err := f.record(period)
		if err != nil { // a percentage is bounded by its schema, so no figure is too large
			r, _ = figure{scope: f.scope, code: f.code, measure: f.measure, method: f.method,
				unit: f.unit, missing: f.missing, basis: plan.Unknown, note: err.Error()}.record(period)
		}
		out = append(out, r)
	})
	return out
}

// eachFigure computes the figures, period by period.
func (b *builder) eachFigure(tell func(period string, f figure)) {
	means := map[string]figure{} // mean of each scope in the period before
	before := ""
	for _, p := range b.snap.Periods {
		now := map[string]figure{}
		scopes := b.scopes(p.ID)
		axes := slices.DeleteFunc(slices.Clone(scopes), func(s scope) bool { return s.kind != scopeAxis })
		for _, s := range scopes {
			figures := s.figures()
			if s.kind == scopePlan {
				figures = append(figures, b.meanOfAxisMeans(s, axes))
			}
			key := s.kind + "/" + s.code
			mean := figures[0]
			if mean.den != nil {
				now[key] = mean
			}
			if older, ok := means[key]; ok && mean.den != nil {
				figures = append(figures, change(older, mean, before))
			}
			for _, f := range figures {
				tell(p.ID, f)
			}
		}
		means, before = now, p.ID
	}
}

func (b *builder) scopes(period string) []scope {
	state := map[string]plan.Standing{}
	for _, s := range b.snap.Standings {
		if s.Period == period {
			state[s.Commitment] = s
		}
	}
	at := b.plan.Period(period)
	axes := map[string]string{} // those that there are
	for _, a := range b.plan.Axes {
		axes[a.Code] = a.Code
	}
	of := func(c *plan.Commitment, basis plan.Basis) member {
		m := member{id: c.ID, axis: axes[c.Axis], basis: basis}
		if r := state[c.ID].Report; r != nil {
			m.pct, m.status = r.Pct, r.Status
			m.older = state[c.ID].ValuePeriod != period
		}
		return m
	}
	whole := scope{kind: scopePlan, code: b.plan.ID, measure: "overall_progress"}
	for i := range b.plan.Commitments {
		whole.members = append(whole.members, of(&b.plan.Commitments[i], plan.Sourced))
	}
	out := []scope{whole}
	for _, a := range b.plan.Axes {
		s := scope{kind: scopeAxis, code: a.Code, measure: "axis_progress"}
		for i := range b.plan.Commitments {
			if c := &b.plan.Commitments[i]; c.Axis == a.Code {
				s.members = append(s.members, of(c, c.AxisBasis))
			}
		}
		s.note = basisNote(s.members, "axis")
		out = append(out, s)
	}
	for _, i := range b.plan.Institutions {
		s := scope{kind: scopeInstitution, code: i.Code, measure: "institution_progress"}
		for _, c := range b.plan.LedFor(i.Code, at) {
			s.members = append(s.members, of(c, b.plan.LeadAt(c, at.LastDay()).Basis))
		}
		if len(s.members) > 0 {
			s.note = basisNote(s.members, "lead institution")
			out = append(out, s)
		}
	}
	return out
}

func basisNote(members []member, what string) string {
	n := 0
	for _, m := range members {
		if m.basis != plan.Sourced {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return "The " + what + " of " + table.Int(int64(n)).String() + " of these commitments is not sourced; see commitments."
}

func (s scope) basis() plan.Basis {
	bases := make([]plan.Basis, len(s.members))
	for i, m := range s.members {
		bases[i] = m.basis
	}
	return plan.Weakest(bases...)
}

// figures gives the scope's figures, its mean first.
func (s scope) figures() []figure {
	var values []plan.Percent
	older := 0
	for _, m := range s.members {
		if m.pct != nil {
			values = append(values, *m.pct)
			if m.older {
				older++
			}
		}
	}
	slices.Sort(values)
	missing := len(s.members) - len(values)
	base := figure{scope: s.kind, code: s.code, missing: missing, older: older, basis: s.basis(), note: s.note, over: s.members}
	with := func(measure, method, unit string, num, den *big.Rat, takes takes) figure {
		f := base
		f.measure, f.method, f.unit, f.num, f.den, f.takes = measure, method, unit, num, den, takes
		return f
	}
	count := func(measure, method string, missing int, takes takes) figure {
		f := with(measure, method, unitCommitments, rat(int64(countOf(s.members, takes))), rat(1), takes)
		f.missing = missing
		return f
	}
	declared := func(status string) takes { return func(m *member) bool { return m.status == status } }
	out := []figure{with(s.measure, "mean_of_commitments", unitPercent, sum(values), over(len(values)), hasValue)}
	noStatus := countOf(s.members, declared(""))
	out = append(out,
		s.size(),
		count("not_started", "count_by_declared_status", noStatus, declared("not_started")),
		count("in_progress", "count_by_declared_status", noStatus, declared("in_progress")),
		count("completed", "count_by_declared_status", noStatus, declared("completed")),
		count("status_missing", "count_by_declared_status", noStatus, declared("")),
		count("at_100_not_completed", "count_at_100_by_status", missing, fullNotCompleted))
	if n := len(values); n > 0 {
		out = append(out,
			with("lowest_progress", "minimum", unitPercent, points(values[0]), rat(1), within(values[0], values[0]+1)),
			with("highest_progress", "maximum", unitPercent, points(values[n-1]), rat(1), within(values[n-1], values[n-1]+1)),
			median(values, with))
	} else {
		out = append(out, with("lowest_progress", "minimum", unitPercent, nil, nil, nil),
			with("highest_progress", "maximum", unitPercent, nil, nil, nil),
			with("median_progress", "median", unitPercent, nil, nil, nil))
	}
	for _, bin := range bins {
		out = append(out, count(bin.measure, "count_in_range", missing, within(bin.from, bin.below)))
	}
	return out
}

// size counts the commitments of the scope, which rests on no report.
func (s scope) size() figure {
	return figure{scope: s.kind, code: s.code, measure: "commitments", method: "count_of_commitments", unit: unitCommitments,
		num: rat(int64(len(s.members))), den: rat(1), basis: s.basis(), note: s.note, over: s.members, takes: everyone}
}

// bins split the range of percentages; each holds its lower bound, not its upper.
var bins = [...]struct {
	measure     string
	from, below plan.Percent
}{
	{"progress_0_24", 0, 2500}, {"progress_25_49", 2500, 5000}, {"progress_50_74", 5000, 7500},
	{"progress_75_99", 7500, 10000}, {"progress_100", 10000, 10001},
}

func median(sorted []plan.Percent, with func(measure, method, unit string, num, den *big.Rat, takes takes) figure) figure {
	n := len(sorted)
	low, high := sorted[(n-1)/2], sorted[n/2]
	middle := func(m *member) bool { return m.pct != nil && (*m.pct == low || *m.pct == high) }
	if n%2 == 1 {
		return with("median_progress", "median", unitPercent, points(high), rat(1), middle)
	}
	return with("median_progress", "median", unitPercent, points(low+high), rat(2), middle)
}

func sum(values []plan.Percent) *big.Rat {
	total := int64(0)
	for _, v := range values {
		total += int64(v)
	}
	return big.NewRat(total, 100)
}

func over(n int) *big.Rat {
	if n == 0 {
		return nil
	}
	return rat(int64(n))
}

// meanOfAxisMeans gives each axis the same weight; a commitment without an axis
// has none. The fraction is printed over the least common denominator, not
// reduced, so that a reader can follow it.
func (b *builder) meanOfAxisMeans(whole scope, axes []scope) figure {
	f := figure{scope: whole.kind, code: whole.code, measure: whole.measure, method: "mean_of_axis_means",
		unit: unitPercent, missing: len(whole.members), takes: func(m *member) bool { return m.axis != "" && hasValue(m) }}
	total, n := new(big.Rat), int64(0)
	lcm := big.NewInt(1)
	var bases []plan.Basis
	for _, s := range axes {
		mean := s.figures()[0]
		f.over = append(f.over, s.members...)
		f.missing -= len(s.members) - mean.missing
		f.older += mean.older
		bases = append(bases, mean.basis)
		if mean.den == nil {
			continue
		}
		n++
		total.Add(total, new(big.Rat).Quo(mean.num, mean.den))
		d := mean.den.Num()
		lcm.Mul(lcm, new(big.Int).Quo(d, new(big.Int).GCD(nil, nil, lcm, d)))
	}
	if f.basis = plan.Weakest(bases...); f.basis != plan.Sourced {
		f.note = "Which commitment stands under which axis is not sourced; see commitments."
	}
	for _, m := range whole.members {
		if m.axis == "" {
			f.over = append(f.over, m)
		}
	}
	if n > 0 {
		scale := new(big.Rat).SetInt(lcm)
		f.num, f.den = total.Mul(total, scale), scale.Mul(scale, rat(n))
	}
	return f
}

// change is what a mean gained since the period before.
func change(older, mean figure, before string) figure {
	diff := new(big.Rat).Sub(mean.ratio(), older.ratio())
	f := mean
	f.measure, f.method, f.unit = "change_since_previous_period", "difference_of_means", unitPoints
	f.num, f.den = new(big.Rat).SetInt(diff.Num()), new(big.Rat).SetInt(diff.Denom())
	f.since, f.before = before, older.over
	if !slices.EqualFunc(older.over, mean.over, func(a, b member) bool { return a.id == b.id }) {
		f.note = notes(f.note, "It led other commitments in the period before: the difference is not progress alone; see commitment_leads.")
	}
	return f
}
