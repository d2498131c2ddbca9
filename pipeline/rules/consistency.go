package rules

import (
	"fmt"
	"strings"

	"iltizam/pipeline/plan"
)

// transcribed tells of a workbook that copies a page, whose institution wrote
// nothing of it.
func (v *validation) transcribed() bool { return v.sub.Source.Origin == plan.OriginTranscription }

// pctColumn is the column of a sheet's percentages.
func (j *judge) pctColumn() string {
	if j.sheet.key == SheetMilestones {
		return "completion_pct"
	}
	return "progress_pct"
}

// notStartedMeansNothingDone remarks on what was done of that which is declared
// not started: which of the two holds is not known.
func notStartedMeansNothingDone(j *judge) {
	if j.sound("status") != "not_started" {
		return
	}
	if pct := j.soundValue(j.pctColumn()); pct.kind == isNumber && pct.hund > 0 {
		j.note("status-not-started-with-progress", "status", "not_started", map[string]string{"status": "not_started", "pct": hundredths(pct.hund)})
	}
	for _, key := range [...]string{"actual_start_date", "actual_end_date"} {
		if d := j.sound(key); d != "" {
			j.note("status-not-started-with-date", key, d, map[string]string{"status": "not_started", "column": key})
			return
		}
	}
}

// endedMeansCompleted compares a milestone's actual end with what is declared of it.
func endedMeansCompleted(j *judge) {
	if j.isBlamed("actual_end_date") {
		return
	}
	end, status, pct := j.text("actual_end_date"), j.sound("status"), j.soundValue("completion_pct")
	full := pct.kind == isNumber && pct.hund == 100_00
	switch {
	case end != "" && (pct.kind == isNumber && !full || status != "" && status != "completed"):
		if status != "not_started" { // told already
			j.note("milestone-ended-not-completed", "actual_end_date", end, map[string]string{"status": firstNonEmpty(status, "in_progress")})
		}
	case end == "" && (full || status == "completed") && j.column("actual_end_date") != noColumn && !j.transcribed():
		j.note("milestone-completed-without-end", "actual_end_date", "", nil)
	}
}

// plannedDatesAreOfThePlan looks for planned dates that cannot be meant, or that
// lie outside the plan.
func plannedDatesAreOfThePlan(j *judge) {
	from, to := datePrefix(j.plan.StartDate.Date, j.plan.StartDate.Text), datePrefix(j.plan.EndDate.Date, j.plan.EndDate.Text)
	for _, key := range [...]string{"planned_start_date", "planned_end_date"} {
		d := j.text(key)
		if d == "" || j.blamed[j.column(key)] {
			continue
		}
		if j.latest != "" && d > j.latest {
			if j.apply("date-too-far", j.column(key), d, map[string]string{"column": key}) {
				continue
			}
		}
		if m := j.milestones[j.text("milestone_id")]; m != nil && saysThePlan(m, key, d) {
			continue
		}
		if from != "" && d[:len(from)] < from || to != "" && d[:len(to)] > to {
			j.note("date-outside-plan", key, d, map[string]string{"column": key, "start": firstNonEmpty(from, "…"), "end": firstNonEmpty(to, "…")})
		}
	}
}

// datePrefix is what is known of a date, as the start of an ISO date: 2023-08 of a
// day in August 2023.
func datePrefix(iso, text string) string {
	if iso != "" {
		return iso
	}
	if len(text) > len("2006-01-02") || strings.Trim(text, "0123456789-") != "" || len(text) < 4 {
		return ""
	}
	return text
}

// titleIsOfItsRow holds back a row that bears another's title: its ids and its
// values were sorted apart, or shifted.
func titleIsOfItsRow(j *judge) {
	own, commitment := "", j.sound("commitment_id")
	var title plan.Texts
	if j.sheet.key == SheetMilestones {
		if m := j.milestones[j.sound("milestone_id")]; m != nil {
			own, title = m.ID, m.Title
		}
	} else if c := j.commitments[commitment]; c != nil {
		own, title = c.ID, c.Title
	}
	if own == "" {
		return
	}
	for i := range j.sheet.columns {
		key := j.sheet.columns[i].key
		if key != "title" && !strings.HasPrefix(key, titleStem) {
			continue
		}
		// The form writes a title in each of its languages, one below the other.
		for line := range strings.Lines(j.row.Cells[i].Text) {
			line = strings.TrimSpace(line)
			other := ""
			if !isTitle(line, title) {
				other = j.titled(line)
			}
			if other != "" && other != own {
				j.apply("title-mismatch", i, brief(line), map[string]string{"id": own, "other": other})
				return
			}
		}
	}
}

func isTitle(line string, of plan.Texts) bool {
	for _, t := range of {
		if t.Text == line {
			return true
		}
	}
	return false
}

// titled gives the id of the sheet's only commitment or milestone of a title, ""
// where none or several bear it.
func (j *judge) titled(line string) string {
	titles := j.planIndex.titles()[j.sheet.key]
	if len(titles) == 0 {
		return ""
	}
	return titles[fold(line)]
}

// Latest gives the last day that a planned date in a workbook of the plan may be,
// "" for any.
func (s *Set) Latest(p *plan.ActionPlan) string {
	if p.ActionPlanCycle == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-12-31", p.ActionPlanCycle+s.Catalogue.limit("date-too-far", "years"))
}
