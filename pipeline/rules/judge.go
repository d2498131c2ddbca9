package rules

import (
	"slices"
	"strings"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook"
)

// judge judges one row after the other; what it holds of a row lasts until the
// next one.
type judge struct {
	*validation
	sheet  *sheet
	row    workbook.Row
	values []value // one for each column
	blamed []bool  // the columns that a finding refused
	failed bool    // the row is held back
	mine   bool    // the row's commitment is the institution's to report on
	places []byte
	filled string // the last row's list of columns
}

// refuse files a finding of the contract itself: a value that cannot be read or
// that a schema does not take. What cannot be published is refused whatever the
// day.
func (j *judge) refuse(rule string, i int, value string, args map[string]string) {
	severity := j.severity(rule, finding.Error)
	if severity >= finding.Error {
		j.failed = true
		if i != noColumn {
			j.blamed[i] = true
		}
	}
	j.report.Add(finding.Finding{Rule: rule, Severity: severity, At: j.at(i), Value: value, Args: args,
		Commitment: j.text("commitment_id")})
}

// apply files a finding of a rule that has dates, if it is in force; applied
// tells whether it is.
func (j *judge) apply(rule string, i int, value string, args map[string]string) (applied bool) {
	if applied = j.inForce(rule); applied {
		j.refuse(rule, i, value, args)
	}
	return applied
}

func (v *validation) inForce(rule string) bool { return v.set.Catalogue.InForce(rule, v.day) }

// severity gives a rule's severity; one that the messages lack is as bad as told.
func (v *validation) severity(rule string, unknown finding.Severity) finding.Severity {
	if r, ok := v.set.Catalogue.Rule(rule); ok {
		return r.Severity
	}
	return unknown
}

// noColumn stands for the row as a whole.
const noColumn = -1

// column gives the place of a column in the row, noColumn where it has none.
func (j *judge) column(key string) int {
	if i, ok := j.sheet.index[key]; ok {
		return i
	}
	return noColumn
}

// at gives the cell of a column, be it empty; without one, where the row starts.
func (j *judge) at(i int) finding.Cell {
	c := workbook.Cell{Col: 1, Row: j.row.Number}
	if i != noColumn {
		c = j.row.Cells[i]
	}
	return finding.Cell{Sheet: j.row.SheetName, Ref: c.Ref()}
}

func (j *judge) value(key string) value {
	if i := j.column(key); i != noColumn {
		return j.values[i]
	}
	return value{}
}

// sound gives the text of a column that nothing was said against.
func (j *judge) sound(key string) string {
	if i := j.column(key); i != noColumn && !j.blamed[i] {
		return j.values[i].text
	}
	return ""
}

func (j *judge) text(key string) string { return j.value(key).text }

func (j *judge) percent(key string) *plan.Percent {
	v := j.value(key)
	if v.kind != isNumber {
		return nil
	}
	p := plan.Percent(v.hund)
	return &p
}

// judgeRow reads a row, judges it and takes what passed.
func (j *judge) judgeRow(row workbook.Row) {
	if j.sheet == nil || j.sheet.key != row.Sheet {
		j.sheet = j.set.newSheet(row)
		j.values, j.blamed = make([]value, len(row.Keys)), make([]bool, len(row.Keys))
	}
	j.row, j.failed, j.mine = row, false, false
	clear(j.values)
	clear(j.blamed)
	// The commitment comes first, so that findings about other cells name it.
	if i := j.column("commitment_id"); i != noColumn && row.Cells[i].Kind == workbook.Text {
		j.values[i] = textValue(clean(row.Cells[i].Text))
	}
	for i := range row.Cells {
		if j.sheet.columns[i].read != notRead {
			j.values[i] = j.coerce(i, &row.Cells[i])
		}
	}
	if !j.entered() && !j.failed {
		return // prefilled, waiting to be filled
	}
	if !j.failed { // a cell without a value would only be blamed twice
		j.checkSchema()
	}
	for _, rule := range rowRules() {
		if rule.sheet == "" || rule.sheet == row.Sheet {
			rule.check(j)
		}
	}
	j.once()
	j.settle()
}

// entered tells whether the institution filled in anything of the row: more
// than the ids, and more than the plan itself says of its milestones.
func (j *judge) entered() bool {
	m := j.milestones[j.text("milestone_id")]
	for i := range j.values {
		key, v := j.sheet.columns[i].key, &j.values[i]
		if v.kind == isNothing || key == j.sheet.id || key == "commitment_id" {
			continue
		}
		if m == nil || !saysThePlan(m, key, v.text) {
			return true
		}
	}
	return false
}

// saysThePlan tells of a text that the template fills in beforehand.
func saysThePlan(m *plan.Milestone, key, text string) bool {
	switch key {
	case "planned_start_date":
		return text == m.PlannedStart
	case "planned_end_date":
		return text == m.PlannedEnd
	}
	lang, isTitle := strings.CutPrefix(key, titleStem)
	return isTitle && text == cleanText(m.Title.In(lang).Text)
}

// once holds back a row whose id stood in an earlier row; the earlier one goes
// when all rows are read.
func (j *judge) once() {
	id := j.text(j.sheet.id)
	if id == "" {
		return
	}
	seen := j.rowsOf[j.sheet.key]
	if seen == nil {
		seen = map[string]int{}
		j.rowsOf[j.sheet.key] = seen
	}
	first, again := seen[id]
	if !again {
		seen[id] = j.row.Number
		return
	}
	rule := "commitment-duplicate"
	if j.sheet.key == SheetMilestones {
		rule = "milestone-duplicate"
	}
	j.refuse(rule, j.column(j.sheet.id), id, map[string]string{"first": whole(first), "second": whole(j.row.Number)})
	j.twice[sheetID{j.sheet.key, id}] = true
}

// settle takes the row or holds it back.
func (j *judge) settle() {
	commitment := j.text("commitment_id")
	switch {
	case j.failed:
		j.heldRows++
		if j.mine && j.sheet.key == SheetProgress {
			j.held[commitment] = true
		}
		return
	case j.sheet.key == SheetProgress:
		j.sub.Progress = append(j.sub.Progress, j.progress())
	default:
		j.sub.Milestones = append(j.sub.Milestones, j.milestone())
	}
	j.taken++
}

func (j *judge) progress() plan.Progress {
	return plan.Progress{
		Commitment: j.text("commitment_id"), Pct: j.percent("progress_pct"), Status: j.text("status"),
		ReferenceDate: j.text("reference_date"), Narrative: j.inLanguages(narrativeStem),
		Difficulties: j.text("difficulties"), NextSteps: j.text("next_steps"),
		RevisionReason: j.text("revision_reason"), NothingToReport: j.value("nothing_to_report").n != 0,
		EvidenceURLs: j.urls(), Place: j.place(),
	}
}

func (j *judge) milestone() plan.MilestoneReport {
	return plan.MilestoneReport{
		Milestone: j.text("milestone_id"), Commitment: j.text("commitment_id"), Title: j.inLanguages(titleStem),
		PlannedStart: j.text("planned_start_date"), PlannedEnd: j.text("planned_end_date"),
		ActualStart: j.text("actual_start_date"), ActualEnd: j.text("actual_end_date"),
		Pct: j.percent("completion_pct"), Status: j.text("status"), EvidenceURLs: j.urls(), Place: j.place(),
	}
}

func (j *judge) inLanguages(stem string) map[string]string {
	var m map[string]string
	for i := range j.values {
		if lang, ok := strings.CutPrefix(j.sheet.columns[i].key, stem); ok && j.values[i].kind == isText {
			if m == nil {
				m = map[string]string{}
			}
			m[lang] = j.values[i].text
		}
	}
	return m
}

// urls gives the addresses of a cell, which may hold several.
func (j *judge) urls() []string {
	return strings.Fields(j.text("evidence_url"))
}

// place says where the row stands and in which column each of its values. Rows
// that are filled in alike share one list of columns.
func (j *judge) place() plan.Place {
	b := j.places[:0]
	for i := range j.values {
		if j.values[i].kind == isNothing {
			continue
		}
		if len(b) > 0 {
			b = append(b, ' ')
		}
		b = append(b, j.sheet.columns[i].key...)
		b = append(b, '=')
		b = append(b, workbook.ColumnName(j.row.Cells[i].Col)...)
	}
	j.places = b
	if string(b) != j.filled {
		j.filled = string(b)
	}
	return plan.Place{Sheet: j.row.SheetName, Row: j.row.Number, Columns: j.filled}
}

// dropDuplicates takes back what was taken of ids that stand in two rows or more.
func (v *validation) dropDuplicates() {
	if len(v.twice) == 0 {
		return
	}
	n := len(v.sub.Progress) + len(v.sub.Milestones)
	v.sub.Progress = slices.DeleteFunc(v.sub.Progress, func(p plan.Progress) bool {
		return v.twice[sheetID{SheetProgress, p.Commitment}]
	})
	v.sub.Milestones = slices.DeleteFunc(v.sub.Milestones, func(m plan.MilestoneReport) bool {
		return v.twice[sheetID{SheetMilestones, m.Milestone}]
	})
	dropped := n - len(v.sub.Progress) - len(v.sub.Milestones)
	v.taken, v.heldRows = v.taken-dropped, v.heldRows+dropped
	v.sub.Notes = slices.DeleteFunc(v.sub.Notes, func(n plan.Note) bool {
		return v.twice[sheetID{SheetProgress, n.Commitment}]
	})
}
