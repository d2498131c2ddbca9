package rules

import (
	"cmp"
	"strings"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
)

// RulingsOn gives the rules that look around and back of a day (ISO date), as
// they judge on it: what a submission carries from its receipt on.
func (s *Set) RulingsOn(day string) map[string]plan.Ruling {
	rulings := map[string]plan.Ruling{}
	for _, r := range s.rulesOn(day) {
		if r.back == nil && r.around == nil {
			continue
		}
		for id := range strings.FieldsSeq(r.ids) {
			if rule := s.Catalogue.rules[id]; s.Catalogue.InForce(id, day) {
				rulings[id] = plan.Ruling{Severity: rule.SeverityOn(day).String(), Limits: rule.Limits}
			}
		}
	}
	return rulings
}

// AsSevereAsOn gives what tells a finding as severe as its rule is on a day (ISO
// date), where that changes with the day.
func (s *Set) AsSevereAsOn(day string, tell func(finding.Finding)) func(finding.Finding) {
	return func(f finding.Finding) {
		if r := s.Catalogue.rules[f.Rule]; len(r.Becomes) > 0 {
			f.Severity = r.SeverityOn(day)
		}
		tell(f)
	}
}

// LookBack judges a submission in the light of those received before it, by the
// rulings that it carries. It is a pure function of the three; neither plan nor
// submission is changed. Nobody answers for a transcription.
func (s *Set) LookBack(p *plan.ActionPlan, sub *plan.Submission, past plan.Past) []plan.Remark {
	if sub.Source.Origin == plan.OriginTranscription || len(sub.Rulings) == 0 {
		return nil
	}
	l := &lookBack{plan: p, sub: sub, past: past, at: -1}
	l.day, _, _ = strings.Cut(sub.Source.ReceivedAt, "T")
	for i := range p.Periods {
		if p.Periods[i].ID == sub.Period {
			l.at, l.period = i, &p.Periods[i]
		}
	}
	if l.period == nil {
		return nil
	}
	for i := range s.backRules {
		r := &s.backRules[i]
		ruling, ok := sub.Rulings[r.ids] // each of them files one rule
		if !ok {
			continue
		}
		l.judging = append(l.judging, judging{r, ruling})
	}
	for i := range sub.Progress {
		l.judgeProgress(&sub.Progress[i])
	}
	for i := range sub.Milestones {
		l.judgeStep(&sub.Milestones[i])
	}
	l.progress, l.step, l.place = nil, nil, nil
	for i := range l.judging {
		if l.judging[i].around != nil {
			l.ruling = &l.judging[i].ruling
			l.judging[i].around(l)
		}
	}
	return l.remarks
}

// FindingOf gives a remark as a finding, for the report of its workbook.
func FindingOf(r plan.Remark) finding.Finding {
	severity, err := finding.ParseSeverity(r.Severity)
	if err != nil { // a record of an unknown program: as bad as a rule of this kind may be
		severity = finding.Error
	}
	return finding.Finding{Rule: r.Rule, Severity: severity, At: finding.Cell{Sheet: r.Sheet, Ref: r.Cell}, Pointer: r.Pointer,
		Value: r.Value, Args: r.Args, Commitment: r.Commitment}
}

// lookBack is the judging of one submission in the light of earlier ones.
type lookBack struct {
	plan    *plan.ActionPlan
	sub     *plan.Submission
	past    plan.Past
	day     string // of receipt
	period  *plan.ReportingPeriod
	at      int // the period's place in the plan
	judging []judging
	ruling  *plan.Ruling // of the rule that judges
	remarks []plan.Remark

	// The row that is judged: of progress or of a milestone.
	place    *plan.Place
	progress *plan.Progress
	step     *plan.MilestoneReport
	// What holds for the row's commitment or milestone: for the same period, and for
	// the latest one before. Report is nil where nothing does.
	stands, before         plan.StandingRow[plan.Progress]
	stepStands, stepBefore plan.StandingRow[plan.MilestoneReport]
}

type judging struct {
	*rule
	ruling plan.Ruling
}

func (l *lookBack) judgeProgress(row *plan.Progress) {
	l.progress, l.step, l.place = row, nil, &row.Place
	l.stands, _ = l.past.Row(row.Commitment, l.sub.Period)
	l.before, _ = l.past.Before(row.Commitment, l.sub.Period)
	l.judgeRow(SheetProgress, l.stands.Prevails)
}

func (l *lookBack) judgeStep(row *plan.MilestoneReport) {
	l.progress, l.step, l.place = nil, row, &row.Place
	l.stepStands, _ = l.past.Step(row.Milestone, l.sub.Period)
	l.stepBefore, _ = l.past.StepBefore(row.Milestone, l.sub.Period)
	l.judgeRow(SheetMilestones, l.stepStands.Prevails)
}

// judgeRow asks the rules about a row. Of one that cannot stand, whatever it says,
// only that is told.
func (l *lookBack) judgeRow(sheet string, overruled bool) {
	for i := range l.judging {
		if j := &l.judging[i]; j.back != nil && (j.sheet == "" || j.sheet == sheet) && overruled == (j.ids == plan.RuleReportedByLead) {
			l.ruling = &j.ruling
			j.back(l)
		}
	}
}

// note files a remark about the row, at the cell of a column or, where the row has
// none such, at its id.
func (l *lookBack) note(rule, column, value string, args map[string]string) {
	id := "commitment_id"
	r := plan.Remark{Rule: rule, Severity: l.ruling.Severity, Column: column, Value: value, Args: args,
		Sheet: l.place.Sheet, Pointer: l.place.Pointer(column)}
	if l.step != nil {
		r.Commitment, r.Milestone, id = l.step.Commitment, l.step.Milestone, "milestone_id"
	} else {
		r.Commitment = l.progress.Commitment
	}
	if r.Cell = l.place.Cell(column); r.Cell == "" {
		r.Cell = l.place.Cell(id)
	}
	l.remarks = append(l.remarks, r)
}

// noteWhole files a remark about what the workbook lacks, or about it as a whole,
// at the period that its header names.
func (l *lookBack) noteWhole(rule, commitment, milestone, value string, args map[string]string) {
	l.remarks = append(l.remarks, plan.Remark{Rule: rule, Severity: l.ruling.Severity, Commitment: commitment, Milestone: milestone,
		Value: value, Args: args, Sheet: l.sub.Header.Sheet, Cell: l.sub.Header.Cells["period"], Pointer: plan.Pointer("header", "period")})
}

// reason tells whether the row says why it changes what was told before: a
// milestone's stands beside its commitment.
func (l *lookBack) reason() bool {
	if l.step != nil {
		return l.sub.Reason(l.step.Commitment) != ""
	}
	return l.progress.RevisionReason != ""
}

// keepsStanding tells of a row which says that nothing is new where the period has
// a value: it changes nothing, unless it is the lead's word against another's.
func (l *lookBack) keepsStanding() bool {
	return l.stands.Report != nil && !l.stands.Yields && l.progress.SaysNothing() && !l.stands.Report.SaysNothing()
}

// statusRank orders the statuses; -1 for none.
func statusRank(status string) int {
	switch status {
	case "not_started":
		return 0
	case "in_progress":
		return 1
	case "completed":
		return 2
	}
	return -1
}

// fellBack tells whether a status comes before the one that it follows.
func fellBack(before, now string) bool { return now != "" && statusRank(now) < statusRank(before) }

func lower(a, b *plan.Percent) bool { return a != nil && b != nil && *a < *b }

func samePercent(a, b *plan.Percent) bool { return a != nil && b != nil && *a == *b }

func (l *lookBack) limit(name string, otherwise int) int {
	return cmp.Or(l.ruling.Limits[name], otherwise)
}
