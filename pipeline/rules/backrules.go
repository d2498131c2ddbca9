package rules

import "iltizam/pipeline/plan"

// oneCommitmentOneLead tells a supporting institution that the lead's row stands.
func oneCommitmentOneLead(l *lookBack) {
	const rule = "commitment-reported-by-lead"
	commitment, milestone, lead, differ := "", "", l.stands.Institution, false
	other := func(string, string, string) { differ = true }
	if l.step != nil {
		commitment, milestone, lead = l.step.Commitment, l.step.Milestone, l.stepStands.Institution
		plan.DifferSteps(l.stepStands.Report, l.step, other)
	} else {
		commitment = l.progress.Commitment
		plan.Differ(l.stands.Report, l.progress, other)
	}
	r := plan.ReportedByLead(*l.ruling, commitment, milestone, lead, differ, l.place)
	r.Rule = rule
	l.remarks = append(l.remarks, r)
}

// restatementsHaveAReason holds back what changes or takes away a value of the past
// without saying why.
func restatementsHaveAReason(l *lookBack) {
	if !l.period.PastDue(l.day) || l.reason() {
		return
	}
	restated := func(column, old, new string) {
		if plan.Restates(column, old, new) {
			l.note("value-restated", column, new, map[string]string{"column": column, "old": briefOr(old), "new": briefOr(new)})
		}
	}
	switch {
	case l.step != nil && l.stepStands.Report != nil:
		plan.DifferSteps(l.stepStands.Report, l.step, restated)
	case l.step == nil && l.stands.Report != nil && !l.keepsStanding():
		plan.Differ(l.stands.Report, l.progress, restated)
	}
}

// briefOr shortens a value for a sentence, which says so where there is none.
func briefOr(value string) string {
	if value == "" {
		return "@no-value"
	}
	return brief(value)
}

// progressGoesForward holds back what falls behind an earlier period without
// saying why. What the period holds already was asked when it came.
func progressGoesForward(l *lookBack) {
	const rule = "progress-regression"
	if l.reason() {
		return
	}
	if l.step != nil {
		before, now := l.stepBefore.Report, l.step
		same := l.stepStands.Report
		if before == nil || same != nil && same.Status == now.Status && samePercent(same.Pct, now.Pct) {
			return
		}
		l.regression(rule, "completion_pct", l.stepBefore.Period, before.Pct, now.Pct, before.Status, now.Status)
		return
	}
	before, now := l.before.Report, l.progress
	same := l.stands.Report
	if before == nil || now.SaysNothing() || same != nil && same.Status == now.Status && samePercent(same.Pct, now.Pct) {
		return
	}
	l.regression(rule, "progress_pct", l.before.Period, before.Pct, now.Pct, before.Status, now.Status)
}

func (l *lookBack) regression(rule, column, from string, oldPct, newPct *plan.Percent, oldStatus, newStatus string) {
	if lower(newPct, oldPct) {
		l.note(rule, column, newPct.Text(), map[string]string{"column": column, "old": oldPct.Text(), "new": newPct.Text(), "from": from})
	}
	if fellBack(oldStatus, newStatus) {
		l.note(rule, "status", newStatus, map[string]string{"column": "status", "old": oldStatus, "new": newStatus, "from": from})
	}
}

// laterIsHigher tells of a late report that says more than a later period's.
func laterIsHigher(l *lookBack) {
	if l.progress.SaysNothing() {
		return
	}
	later, ok := l.past.After(l.progress.Commitment, l.sub.Period)
	if ok && lower(later.Report.Pct, l.progress.Pct) {
		l.note("value-above-later", "progress_pct", l.progress.Pct.Text(),
			map[string]string{"column": "progress_pct", "new": l.progress.Pct.Text(), "old": later.Report.Pct.Text(), "from": later.Period})
	}
}

// progressIsGradual tells of a steep rise from one report to the very next.
func progressIsGradual(l *lookBack) {
	before, now := l.before.Report, l.progress
	if before == nil || before.Pct == nil || now.Pct == nil || l.at == 0 {
		return
	}
	last := &l.plan.Periods[l.at-1]
	points := l.limit("points", 50)
	if last.ID == l.before.Period && last.Kind == plan.KindSubmission && *now.Pct-*before.Pct >= plan.Percent(points*100) {
		l.note("progress-jump", "progress_pct", now.Pct.Text(), map[string]string{"column": "progress_pct", "old": before.Pct.Text(), "new": now.Pct.Text(),
			"from": l.before.Period, "points": whole(points)})
	}
}

// progressMoves tells of a percentage that has stood still for some reports in a
// row. One that says nothing new has not moved.
func progressMoves(l *lookBack) {
	now, before := l.progress, l.before.Report
	if now.Pct == nil || *now.Pct >= 100_00 || now.Status != "in_progress" || before == nil || !samePercent(before.Pct, now.Pct) {
		return
	}
	alike, want := 1, l.limit("periods", 3)
	for i := l.at - 1; i >= 0 && alike < want; i-- {
		if l.plan.Periods[i].Kind != plan.KindSubmission {
			continue
		}
		row, ok := l.past.Row(now.Commitment, l.plan.Periods[i].ID)
		if !ok || !row.Report.SaysNothing() && !samePercent(row.Report.Pct, now.Pct) {
			return
		}
		alike++
	}
	if alike == want {
		l.note("progress-flat", "progress_pct", now.Pct.Text(), map[string]string{"pct": now.Pct.Text(), "count": whole(want)})
	}
}

// narrativeIsNew tells of an account that is the one of the period before.
func narrativeIsNew(l *lookBack) {
	if l.before.Report == nil || l.progress.NothingToReport {
		return
	}
	copied := "" // the first such language
	for lang, text := range l.progress.Narrative {
		if (copied == "" || lang < copied) && sameText(text, l.before.Report.Narrative[lang]) {
			copied = lang
		}
	}
	if copied != "" {
		column := narrativeStem + copied
		l.note("narrative-copied", column, brief(l.progress.Narrative[copied]), map[string]string{"column": column, "from": l.before.Period})
	}
}

// deadlinesStay tells of a planned end that was another one when it was last told,
// or in the plan.
func deadlinesStay(l *lookBack) {
	now := l.step.PlannedEnd
	if now == "" {
		return
	}
	was, from := l.lastDeadline()
	if was != "" && was != now {
		l.note("deadline-moved", "planned_end_date", now, map[string]string{"column": "planned_end_date", "old": was, "new": now, "from": from})
	}
}

// lastDeadline gives the planned end of the row's milestone as it was last told
// before the period, else as the plan has it, and where that stands.
func (l *lookBack) lastDeadline() (day, from string) {
	for row := l.stepBefore; row.Report != nil; row, _ = l.past.StepBefore(l.step.Milestone, row.Period) {
		if row.Report.PlannedEnd != "" {
			return row.Report.PlannedEnd, row.Period
		}
	}
	c := l.plan.Commitment(l.step.Commitment)
	for i := 0; c != nil && i < len(c.Milestones); i++ {
		if c.Milestones[i].ID == l.step.Milestone {
			return c.Milestones[i].PlannedEnd, "@the-plan"
		}
	}
	return "", ""
}
