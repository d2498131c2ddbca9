package merge

import "iltizam/pipeline/plan"

// adding is a plan.Past.
var _ plan.Past = (*adding)(nil)

// Row is one of plan.Past.
func (a *adding) Row(commitment, period string) (row plan.StandingRow[plan.Progress], ok bool) {
	c, known := a.commitments[commitment]
	p, of := a.periods[period]
	if !known || !of || a.progress[c][p] == nil {
		return row, false
	}
	return a.row(c, p), true
}

func (a *adding) row(c, p int) plan.StandingRow[plan.Progress] {
	k := a.progress[c][p]
	mine := a.leads.rank(c, p, a.sub.Institution, a.day)
	return plan.StandingRow[plan.Progress]{Period: a.plan.Periods[p].ID, Institution: a.subs[k.of].Institution, Report: &k.report,
		Prevails: k.rank > mine, Yields: k.rank < mine}
}

// Before is one of plan.Past.
func (a *adding) Before(commitment, period string) (row plan.StandingRow[plan.Progress], ok bool) {
	return a.nearest(commitment, period, -1)
}

// After is one of plan.Past.
func (a *adding) After(commitment, period string) (row plan.StandingRow[plan.Progress], ok bool) {
	return a.nearest(commitment, period, 1)
}

func (a *adding) nearest(commitment, period string, step int) (row plan.StandingRow[plan.Progress], ok bool) {
	c, known := a.commitments[commitment]
	p, of := a.periods[period]
	if !known || !of {
		return row, false
	}
	for p += step; p >= 0 && p < len(a.progress[c]); p += step {
		if k := a.progress[c][p]; k != nil && !k.report.SaysNothing() {
			return a.row(c, p), true
		}
	}
	return row, false
}

// Step is one of plan.Past.
func (a *adding) Step(milestone, period string) (row plan.StandingRow[plan.MilestoneReport], ok bool) {
	steps := a.milestones[milestone]
	p, of := a.periods[period]
	if steps == nil || !of || steps[p] == nil {
		return row, false
	}
	return a.step(steps[p], p), true
}

func (a *adding) step(k *kept[plan.MilestoneReport], p int) plan.StandingRow[plan.MilestoneReport] {
	mine := a.leads.rank(a.commitments[k.report.Commitment], p, a.sub.Institution, a.day)
	return plan.StandingRow[plan.MilestoneReport]{Period: a.plan.Periods[p].ID, Institution: a.subs[k.of].Institution, Report: &k.report,
		Prevails: k.rank > mine, Yields: k.rank < mine}
}

// StepBefore is one of plan.Past.
func (a *adding) StepBefore(milestone, period string) (row plan.StandingRow[plan.MilestoneReport], ok bool) {
	steps := a.milestones[milestone]
	p, of := a.periods[period]
	if steps == nil || !of {
		return row, false
	}
	for p--; p >= 0; p-- {
		if steps[p] != nil {
			return a.step(steps[p], p), true
		}
	}
	return row, false
}

// Told is one of plan.Past.
func (a *adding) Told(institution, period string) (commitments, milestones []string) {
	if t := a.told[key{institution, period}]; t != nil {
		return t.commitments, t.milestones
	}
	return nil, nil
}

// Reported is one of plan.Past.
func (a *adding) Reported(institution, period string) bool {
	return a.told[key{institution, period}] != nil
}
