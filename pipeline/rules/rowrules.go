package rules

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
)

// rowRule is a rule that a schema cannot say. Its sentences stand in the
// messages file under the ids that check files.
type rowRule struct {
	sheet string // the sheet whose rows it judges, "" for all
	check func(j *judge)
}

// Version counts the changes of what the rules in code decide; those in the
// schemas have digests of their own. It is part of the release's id.
const Version = "1"

// rowRules are judged in this order.
func rowRules() [10]rowRule {
	return [...]rowRule{
		{"", commitmentIsYours},
		{SheetMilestones, milestoneBelongs},
		{"", completedMeansHundred},
		{"", datesHavePassed},
		{"", datesAreOfOurTime},
		{SheetMilestones, endsFollowStarts},
		{"", linksLeadSomewhere},
		{"", noPersonalData},
		// The last two are remarks on rows that are published.
		{SheetProgress, fullButNotCompleted},
		{SheetProgress, evidenceBesideProgress},
	}
}

func commitmentIsYours(j *judge) {
	id := j.sound("commitment_id")
	if id == "" {
		return
	}
	c := j.commitments[id]
	j.mine = c != nil && (c.LeadInstitution == j.lead || slices.Contains(c.Supporting, j.lead))
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

// linksLeadSomewhere judges each address of a cell; the schema has judged how
// each begins.
func linksLeadSomewhere(j *judge) {
	for _, address := range strings.Fields(j.sound("evidence_url")) {
		if u, err := url.Parse(address); err != nil || u.Host == "" {
			j.refuse("url-invalid", j.column("evidence_url"), address, map[string]string{"column": "evidence_url"})
		}
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
	cycle := j.plan.ActionPlanCycle
	if cycle == 0 {
		return
	}
	earliest := fmt.Sprintf("%04d-01-01", cycle-yearsBefore)
	for i := range j.values {
		if col := &j.sheet.columns[i]; col.read == asDate && j.values[i].text != "" && j.values[i].text < earliest {
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

var (
	email = regexp.MustCompile(`[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+`)
	phone = regexp.MustCompile(`(?:\+ ?212|\b00 ?212|\b0)[ .-]?(?:\(0\))?[ .-]?[5-7](?:[ .-]?\d){8}\b`)
	// A day has digits enough to pass for the start of a telephone number.
	day = regexp.MustCompile(`\b(?:\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{4}-\d{2}-\d{2})\b`)
)

// noPersonalData screens free text; the finding does not repeat what it found.
func noPersonalData(j *judge) {
	for i := range j.values {
		col := &j.sheet.columns[i]
		if col.read != asText && !isURL(col.key) {
			continue
		}
		text := j.values[i].text
		if hasEmail(text) {
			j.apply("personal-data", i, "", map[string]string{"column": col.key, "kind": "@e-mail"})
		}
		if !isURL(col.key) && hasPhone(text) {
			j.apply("personal-data", i, "", map[string]string{"column": col.key, "kind": "@phone"})
		}
	}
}

func hasEmail(text string) bool { return strings.Contains(text, "@") && email.MatchString(text) }

// hasPhone looks for a Moroccan telephone number, in digits of either kind and
// whatever blanks or marks stand between them.
func hasPhone(text string) bool {
	digits := 0
	for _, r := range text {
		if r >= '0' && r <= '9' || r >= '٠' && r <= '٩' || r >= '۰' && r <= '۹' {
			digits++
		}
	}
	if digits < 10 {
		return false
	}
	return phone.MatchString(day.ReplaceAllString(asciiDigits(clean(text)), "|"))
}

func fullButNotCompleted(j *judge) {
	pct, status := j.value("progress_pct"), j.text("status")
	if pct.kind == isNumber && pct.hund == 100_00 && !j.failed && status != "" && status != "completed" {
		j.note("progress-full-not-completed", "status", status, map[string]string{"status": status})
	}
}

func evidenceBesideProgress(j *judge) {
	pct := j.value("progress_pct")
	if pct.kind == isNumber && pct.hund > 0 && !j.failed && j.text("evidence_url") == "" &&
		j.sub.Source.Origin != plan.OriginTranscription {
		j.note("evidence-missing", "progress_pct", hundredths(pct.hund), map[string]string{"pct": hundredths(pct.hund)})
	}
}

// note files a warning that is also published beside the value.
func (j *judge) note(rule, column, value string, args map[string]string) {
	i := j.column(column)
	if !j.apply(rule, i, value, args) {
		return
	}
	at := j.at(i)
	j.sub.Notes = append(j.sub.Notes, plan.Note{Rule: rule, Severity: finding.Warning.String(),
		Commitment: j.text("commitment_id"), Period: j.sub.Period, Column: column, Value: value, Args: args,
		Source: j.sub.Source, Sheet: at.Sheet, Cell: at.Ref})
}
