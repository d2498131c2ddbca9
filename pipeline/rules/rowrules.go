package rules

import (
	"slices"
	"strings"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
)

// rule is what a schema cannot say. Its sentences, severity and dates stand in the
// messages file under its ids.
type rule struct {
	ids   string              // that it files, parted by blanks
	sheet string              // the sheet whose rows it judges, "" for all
	row   func(j *judge)      // judges a row
	all   func(v *validation) // judges, once all rows are read, what they say together
	// Of the rules that look around and back:
	back   func(l *lookBack) // judges an accepted row in the light of what held before
	around func(l *lookBack) // judges an accepted workbook likewise
}

// Version counts the changes of what the rules in code decide; those in the
// schemas have digests of their own. It is part of the release's id.
const Version = "4"

// ruleTable holds the rules in the order in which they judge: first what holds a
// row back, then the remarks on rows that are published, then what is told of the
// workbook as a whole, last what only other workbooks show: those rules judge what
// the others accepted (LookBack).
func ruleTable() []rule {
	return []rule{
		{ids: "commitment-unknown commitment-not-yours", row: commitmentIsYours},
		{ids: "milestone-not-of-commitment", sheet: SheetMilestones, row: milestoneBelongs},
		{ids: "title-mismatch", row: titleIsOfItsRow},
		{ids: "status-completed-below-100", row: completedMeansHundred},
		{ids: "date-after-as-of", row: datesHavePassed},
		{ids: "date-too-early", row: datesAreOfOurTime},
		{ids: "date-end-before-start", sheet: SheetMilestones, row: endsFollowStarts},
		{ids: "date-too-far date-outside-plan", sheet: SheetMilestones, row: plannedDatesAreOfThePlan},
		{ids: "url-invalid", row: linksLeadSomewhere},
		{ids: "personal-data", row: noPersonalData},

		{ids: "nothing-to-report nothing-to-report-with-value", sheet: SheetProgress, row: nothingNew},
		{ids: "text-longer-than-advised", row: textsAreShort},
		{ids: "formula-like-text html-in-text", row: textsAreNoCode},
		{ids: "progress-full-not-completed", sheet: SheetProgress, row: fullButNotCompleted},
		{ids: "status-not-started-with-progress status-not-started-with-date", row: notStartedMeansNothingDone},
		{ids: "milestone-ended-not-completed milestone-completed-without-end", sheet: SheetMilestones, row: endedMeansCompleted},
		{ids: "evidence-missing", row: evidenceBesideProgress},
		{ids: "evidence-not-public", row: linksArePublic},
		{ids: "narrative-missing narrative-language-missing", sheet: SheetProgress, row: narrated},
		{ids: "text-not-translated numbers-differ script-unexpected", row: languagesAgree},
		{ids: "placeholder-text text-truncated", row: textsSaySomething},

		{ids: "evidence-reused", row: linksAreCounted, all: linksAreOfOneRow},
		{ids: "progress-milestones-mismatch", all: progressFollowsMilestones},
		{ids: "commitment-missing", sheet: SheetProgress, all: everyCommitmentIsThere},

		{ids: "period-not-begun", all: periodHasBegun},

		{ids: "commitment-reported-by-lead", back: oneCommitmentOneLead},
		{ids: "value-restated", back: restatementsHaveAReason},
		{ids: "progress-regression", back: progressGoesForward},
		{ids: "value-above-later", sheet: SheetProgress, back: laterIsHigher},
		{ids: "progress-jump", sheet: SheetProgress, back: progressIsGradual},
		{ids: "progress-flat", sheet: SheetProgress, back: progressMoves},
		{ids: "narrative-copied", sheet: SheetProgress, back: narrativeIsNew},
		{ids: "deadline-moved", sheet: SheetMilestones, back: deadlinesStay},
		{ids: "record-dropped", around: recordsStay},
		{ids: "period-gap", around: periodsFollow},
	}
}

// backRules gives the rules that look around and back.
func backRules() []rule {
	return slices.DeleteFunc(ruleTable(), func(r rule) bool { return r.back == nil && r.around == nil })
}

// rulesOn gives the rules of which one at least is in force on a day.
func (s *Set) rulesOn(day string) []rule {
	return slices.DeleteFunc(ruleTable(), func(r rule) bool {
		for id := range strings.FieldsSeq(r.ids) {
			if s.Catalogue.InForce(id, day) || s.outlives(id) {
				return false
			}
		}
		return true
	})
}

// outlives tells of a rule that holds whatever its dates: what a schema or the
// plan cannot take is never published.
func (s *Set) outlives(id string) bool {
	return id == "commitment-unknown" || id == "milestone-not-of-commitment" || id == "url-invalid"
}

func commitmentIsYours(j *judge) {
	id := j.sound("commitment_id")
	if id == "" {
		return
	}
	c := j.commitments[id]
	j.mine = c != nil && j.mayReport(c)
	switch {
	case c == nil: // whose value it would be is not known, so no date matters
		j.refuse("commitment-unknown", j.column("commitment_id"), id, nil)
	case !j.mine:
		j.apply("commitment-not-yours", j.column("commitment_id"), id, nil)
	}
}

func milestoneBelongs(j *judge) {
	commitment, id := j.sound("commitment_id"), j.sound("milestone_id")
	if commitment == "" || id == "" {
		return
	}
	if rest, ok := strings.CutPrefix(id, commitment); !ok || !strings.HasPrefix(rest, "-m") {
		j.refuse("milestone-not-of-commitment", j.column("milestone_id"), id, map[string]string{"commitment": commitment})
	}
}

func completedMeansHundred(j *judge) {
	pct := j.value("progress_pct")
	if j.sheet.key == SheetMilestones {
		pct = j.value("completion_pct")
	}
	if pct.kind == isNumber && pct.hund < 100_00 && j.text("status") == "completed" {
		j.apply("status-completed-below-100", j.column("status"), "completed", map[string]string{"pct": hundredths(pct.hund)})
	}
}

// datesHavePassed holds against the day of receipt, so that the verdict on a
// workbook never changes with the day of a run.
func datesHavePassed(j *judge) {
	for _, key := range [...]string{"reference_date", "actual_start_date", "actual_end_date"} {
		if d := j.text(key); d > j.day {
			j.apply("date-after-as-of", j.column(key), d, map[string]string{"column": key, "as_of": j.day})
		}
	}
}

// yearsBefore is how long before the plan's cycle a date may still mean what it
// says: longer than any plan takes to prepare.
const yearsBefore = 10

// datesAreOfOurTime holds back what a spreadsheet makes of a year alone, or of
// nothing: days of 1900, 1905, 1970.
func datesAreOfOurTime(j *judge) {
	if j.plan.ActionPlanCycle == 0 {
		return
	}
	if j.earliest == "" {
		j.earliest = Earliest(j.plan)
	}
	for i := range j.values {
		if col := &j.sheet.columns[i]; col.read == asDate && j.values[i].text != "" && j.values[i].text < j.earliest {
			j.apply("date-too-early", i, j.values[i].text, map[string]string{"column": col.key})
		}
	}
}

func endsFollowStarts(j *judge) {
	for _, c := range [...]struct{ start, end string }{
		{"planned_start_date", "planned_end_date"}, {"actual_start_date", "actual_end_date"},
	} {
		start, end := j.text(c.start), j.text(c.end)
		if start != "" && end != "" && end < start {
			j.apply("date-end-before-start", j.column(c.end), end, map[string]string{"start": start})
		}
	}
}

func fullButNotCompleted(j *judge) {
	pct, status := j.soundValue("progress_pct"), j.sound("status")
	if pct.kind == isNumber && pct.hund == 100_00 && status != "" && status != "completed" {
		j.note("progress-full-not-completed", "status", status, map[string]string{"status": status})
	}
}

// evidenceBesideProgress asks for evidence of any progress of a commitment, and of
// each milestone that is reached.
func evidenceBesideProgress(j *judge) {
	if j.transcribed() || j.text("evidence_url") != "" || j.isBlamed("evidence_url") {
		return
	}
	column := j.pctColumn()
	pct := j.soundValue(column)
	if pct.kind == isNumber && pct.hund > 0 && (j.sheet.key == SheetProgress || pct.hund == 100_00) {
		j.note("evidence-missing", column, hundredths(pct.hund), map[string]string{"pct": hundredths(pct.hund)})
	}
}

// note files a finding that is also published beside the value while it is a
// warning and the row is taken.
func (j *judge) note(rule, column, value string, args map[string]string) {
	j.noteAt(rule, j.column(column), value, args)
}

func (j *judge) noteAt(rule string, i int, value string, args map[string]string) {
	if j.isBlamed("commitment_id") && j.commitments[j.text("commitment_id")] != nil {
		return // a row of another institution's, which is to be deleted
	}
	if !j.apply(rule, i, value, args) || !j.keep || j.severity(rule, finding.Warning) != finding.Warning {
		return
	}
	n := plan.Note{Rule: rule, Severity: finding.Warning.String(), Commitment: j.text("commitment_id"), Period: j.sub.Period,
		Value: value, Args: args, Source: j.sub.Source, Sheet: j.row.SheetName, Cell: j.at(i).Ref}
	if i != noColumn {
		n.Column = j.sheet.columns[i].key
	}
	if j.sheet.key == SheetMilestones {
		n.Milestone = j.text("milestone_id")
	}
	j.notes = append(j.notes, n)
}
