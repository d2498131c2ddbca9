package rules

import (
	"maps"
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
	check func(v *validation, j *judge, row finding.Cell)
}

var rowRules = []rowRule{
	{"", commitmentIsYours},
	{SheetMilestones, milestoneBelongs},
	{SheetProgress, completedMeansHundred},
	{"", datesHavePassed},
	{SheetMilestones, endsFollowStarts},
	{"", noPersonalData},
	// The last two are remarks on rows that are published.
	{SheetProgress, fullButNotCompleted},
	{SheetProgress, evidenceBesideProgress},
}

func commitmentIsYours(v *validation, j *judge, _ finding.Cell) {
	id := j.text("commitment_id")
	if id == "" {
		return
	}
	c := v.plan.Commitment(id)
	switch {
	case c == nil:
		j.add("commitment-unknown", j.cells["commitment_id"], id, nil)
	case c.LeadInstitution != v.lead && !slices.Contains(c.Supporting, v.lead):
		j.add("commitment-not-yours", j.cells["commitment_id"], id, nil)
	}
}

func milestoneBelongs(_ *validation, j *judge, _ finding.Cell) {
	commitment, id := j.text("commitment_id"), j.text("milestone_id")
	if commitment != "" && id != "" && !strings.HasPrefix(id, commitment+"-m") {
		j.add("milestone-not-of-commitment", j.cells["milestone_id"], id, map[string]string{"commitment": commitment})
	}
}

func completedMeansHundred(_ *validation, j *judge, _ finding.Cell) {
	if n, ok := j.pcts["progress_pct"]; ok && j.text("status") == "completed" && n < 10000 {
		j.add("status-completed-below-100", j.cells["status"], j.text("status"), map[string]string{"pct": pctText(n)})
	}
}

// datesHavePassed holds against the day of receipt, so that the verdict on a
// workbook never changes with the day of a run.
func datesHavePassed(v *validation, j *judge, _ finding.Cell) {
	for _, key := range []string{"reference_date", "actual_start_date", "actual_end_date"} {
		if d := j.text(key); d > v.day {
			j.add("date-after-as-of", j.cells[key], d, map[string]string{"column": key, "as_of": v.day})
		}
	}
}

func endsFollowStarts(_ *validation, j *judge, _ finding.Cell) {
	for _, stem := range []string{"planned", "actual"} {
		start, end := j.text(stem+"_start_date"), j.text(stem+"_end_date")
		if start != "" && end != "" && end < start {
			j.add("date-end-before-start", j.cells[stem+"_end_date"], end, map[string]string{"start": start})
		}
	}
}

var (
	email = regexp.MustCompile(`[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+`)
	phone = regexp.MustCompile(`(?:\+\s?212|\b00212|\b0)[\s.-]?[5-7](?:[\s.-]?\d){8}\b`)
)

// noPersonalData screens free text; the finding does not repeat what it found.
func noPersonalData(_ *validation, j *judge, _ finding.Cell) {
	for _, key := range slices.Sorted(maps.Keys(j.cells)) {
		text := asciiDigits(j.text(key))
		if text == "" || key == "status" || strings.HasSuffix(key, "_id") || strings.HasSuffix(key, "_date") {
			continue
		}
		for _, screen := range []struct {
			found bool
			kind  string
		}{
			{email.MatchString(text), "@e-mail"},
			{!j.isURL(key) && phone.MatchString(text), "@phone"},
		} {
			if screen.found {
				j.add("personal-data", j.cells[key], "", map[string]string{"column": key, "kind": screen.kind})
			}
		}
	}
}

func fullButNotCompleted(v *validation, j *judge, _ finding.Cell) {
	n, ok := j.pcts["progress_pct"]
	if status := j.text("status"); ok && !j.failed && n == 10000 && status != "" && status != "completed" {
		v.note(j, "progress-full-not-completed", "status", map[string]string{"status": status})
	}
}

func evidenceBesideProgress(v *validation, j *judge, _ finding.Cell) {
	n, ok := j.pcts["progress_pct"]
	if ok && !j.failed && n > 0 && j.text("evidence_url") == "" && v.sub.Source.Origin != plan.OriginTranscription {
		v.note(j, "evidence-missing", "progress_pct", map[string]string{"pct": pctText(n)})
	}
}

// note files a warning that is also published beside the value.
func (v *validation) note(j *judge, rule, column string, args map[string]string) {
	at := j.cells[column]
	value := j.text(column)
	if n, ok := j.pcts[column]; ok {
		value = pctText(n)
	}
	if !v.set.Catalogue.InForce(rule, v.day) {
		return
	}
	j.add(rule, at, value, args)
	v.sub.Notes = append(v.sub.Notes, plan.Note{Rule: rule, Severity: finding.Warning.String(),
		Commitment: j.text("commitment_id"), Period: v.sub.Period, Column: column, Value: value, Args: args,
		Source: v.sub.Source, Sheet: at.Sheet, Cell: at.Ref})
}
