package plan

import (
	"slices"
	"strconv"
	"strings"
)

// Text writes a percentage as the tables do: 65, 82.5, 0.05.
func (p Percent) Text() string {
	sign, n := "", int64(p)
	if n < 0 {
		sign, n = "-", -n
	}
	whole, rest := sign+strconv.FormatInt(n/100, 10), n%100
	switch {
	case rest == 0:
		return whole
	case rest%10 == 0:
		return whole + "." + strconv.FormatInt(rest/10, 10)
	}
	return whole + "." + strconv.FormatInt(rest/10, 10) + strconv.FormatInt(rest%10, 10)
}

// Differ calls tell for each value of a commitment that two rows say differently,
// in the order of the columns' names, with both as the tables write them, ""
// for none. Either row may be nil: none.
func Differ(before, now *Progress, tell func(column, old, new string)) {
	var none Progress
	if before == nil {
		before = &none
	}
	if now == nil {
		now = &none
	}
	texts := unequal(tell)
	texts("difficulties", before.Difficulties, now.Difficulties)
	lists("evidence_url", before.EvidenceURLs, now.EvidenceURLs, tell)
	languages("narrative_", before.Narrative, now.Narrative, tell)
	texts("next_steps", before.NextSteps, now.NextSteps)
	texts("nothing_to_report", truth(before.NothingToReport), truth(now.NothingToReport))
	percents("progress_pct", before.Pct, now.Pct, tell)
	texts("reference_date", before.ReferenceDate, now.ReferenceDate)
	texts(ColumnReason, before.RevisionReason, now.RevisionReason)
	texts("status", before.Status, now.Status)
}

// unequal gives what tells of a value only where it differs.
func unequal(tell func(column, old, new string)) func(column, old, new string) {
	return func(column, old, new string) {
		if old != new {
			tell(column, old, new)
		}
	}
}

// DifferSteps is Differ for milestones.
func DifferSteps(before, now *MilestoneReport, tell func(column, old, new string)) {
	var none MilestoneReport
	if before == nil {
		before = &none
	}
	if now == nil {
		now = &none
	}
	texts := unequal(tell)
	texts("actual_end_date", before.ActualEnd, now.ActualEnd)
	texts("actual_start_date", before.ActualStart, now.ActualStart)
	percents("completion_pct", before.Pct, now.Pct, tell)
	lists("evidence_url", before.EvidenceURLs, now.EvidenceURLs, tell)
	texts("planned_end_date", before.PlannedEnd, now.PlannedEnd)
	texts("planned_start_date", before.PlannedStart, now.PlannedStart)
	texts("status", before.Status, now.Status)
	languages("title_", before.Title, now.Title, tell)
}

// ColumnReason is the column that says why a value is changed.
const ColumnReason = "revision_reason"

// Restates tells whether a difference changes or takes away what was said before.
// A reason, the word that nothing is new and one more piece of evidence do not.
func Restates(column, old, new string) bool {
	switch column {
	case ColumnReason, "nothing_to_report":
		return false
	case "evidence_url":
		kept := strings.Fields(new)
		for url := range strings.FieldsSeq(old) {
			if !slices.Contains(kept, url) {
				return true
			}
		}
		return false
	}
	return old != "" && old != new
}

func truth(b bool) string {
	if b {
		return "true"
	}
	return ""
}

func percents(column string, old, new *Percent, tell func(column, old, new string)) {
	if old == new || old != nil && new != nil && *old == *new {
		return
	}
	text := func(p *Percent) string {
		if p == nil {
			return ""
		}
		return p.Text()
	}
	tell(column, text(old), text(new))
}

func lists(column string, old, new []string, tell func(column, old, new string)) {
	if !slices.Equal(old, new) {
		tell(column, strings.Join(old, " "), strings.Join(new, " "))
	}
}

func languages(stem string, old, new map[string]string, tell func(column, old, new string)) {
	var langs []string // none by far the most often
	common := 0
	for lang, text := range new {
		was, told := old[lang]
		if told {
			common++
		}
		if was != text {
			langs = append(langs, lang)
		}
	}
	if common < len(old) {
		for lang, text := range old {
			if _, told := new[lang]; !told && text != "" {
				langs = append(langs, lang)
			}
		}
	}
	slices.Sort(langs)
	for _, lang := range langs {
		tell(stem+lang, old[lang], new[lang])
	}
}
