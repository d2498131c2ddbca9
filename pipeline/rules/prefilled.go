package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook"
)

// Earliest gives the first day that a date in a workbook of the plan may be, "" for
// any.
func Earliest(p *plan.ActionPlan) string {
	if p.ActionPlanCycle == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-01-01", p.ActionPlanCycle-yearsBefore)
}

// HeaderPrefilled is the key of the header that holds the marks of the milestones
// that were filled in beforehand.
const HeaderPrefilled = "prefilled"

// Prefilled gives the marks of milestones that are filled in beforehand with more
// than the plan's text: by them a row that nobody touched is known as such.
func Prefilled(known map[string][]workbook.KnownMilestone) string {
	var marks []string
	room := maxMarks
	for _, commitment := range slices.Sorted(maps.Keys(known)) {
		for _, m := range known[commitment] {
			mark := m.ID + "=" + markOf(maps.All(cellsOf(m)))
			if room -= len(mark) + 1; room < 0 {
				return strings.Join(marks, " ")
			}
			marks = append(marks, mark)
		}
	}
	return strings.Join(marks, " ")
}

// maxMarks is how many bytes of marks one cell has room for: those of some 800
// milestones. What lies beyond is taken as reported anew.
const maxMarks = 32_000

// cellsOf gives what a row holds of a milestone as it is filled in beforehand.
func cellsOf(m workbook.KnownMilestone) map[string]string {
	cells := map[string]string{"planned_start_date": m.PlannedStart, "planned_end_date": m.PlannedEnd,
		"actual_start_date": m.ActualStart, "actual_end_date": m.ActualEnd}
	for lang, text := range m.Title {
		cells[titleStem+lang] = cleanText(text)
	}
	return cells
}

// markOf is a short digest of a row's texts by column; empty ones do not count.
func markOf(cells func(yield func(key, text string) bool)) string {
	var lines []string
	for key, text := range cells {
		if text != "" {
			lines = append(lines, key+"="+text)
		}
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\x00")))
	return hex.EncodeToString(sum[:6])
}

// untouched tells whether a milestone's row holds what it was filled in with
// beforehand, and nothing else.
func (j *judge) untouched() bool {
	mark, ok := j.prefilled[j.text(j.sheet.id)]
	if !ok || j.sheet.key != SheetMilestones {
		return false
	}
	return mark == markOf(func(yield func(key, text string) bool) {
		for i := range j.values {
			key, v := j.sheet.columns[i].key, &j.values[i]
			if key == j.sheet.id || key == "commitment_id" || v.kind == isNothing {
				continue
			}
			text := v.text
			if v.kind != isText {
				text = "\x01" // no value but a text is ever filled in beforehand
			}
			if !yield(key, text) {
				return
			}
		}
	})
}

// readMarks takes the marks from the header.
func (v *validation) readMarks(doc *workbook.Document) {
	for mark := range strings.FieldsSeq(doc.Header.Text(HeaderPrefilled)) {
		if id, digest, ok := strings.Cut(mark, "="); ok {
			if v.prefilled == nil {
				v.prefilled = map[string]string{}
			}
			v.prefilled[id] = digest
		}
	}
}

// refusedForAll tells of an answer for all rows that says no: it is no answer.
func (j *judge) refusedForAll(i int) bool {
	v := &j.values[i]
	return v.kind == isTruth && v.n == 0 && j.answersForAll(i)
}
