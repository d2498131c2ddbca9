package rules

import (
	"slices"
	"strconv"
	"strings"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook"
)

// judge judges one row after the other; what it holds of a row lasts until the
// next one.
type judge struct {
	*validation
	sheet    *sheet
	row      workbook.Row
	values   []value       // one for each column
	blamed   []bool        // the columns that a finding refused
	failed   bool          // the row is held back
	mine     bool          // the row's commitment is the institution's to report on
	notes    []plan.Note   // to be published beside the row, if it is taken
	readings []cellReading // what was changed on reading the row
	index    int           // the row's place among the sheet's rows that were judged
	places   []byte
	filled   string                   // the last row's list of columns
	shared   map[string]*plan.Reading // by what was read as something else, for rows alike
}

// refuse files a finding of the contract itself: a value that cannot be read or
// that a schema does not take. What cannot be published is refused whatever the
// day.
func (j *judge) refuse(rule string, i int, value string, args map[string]string) {
	severity, commitment := j.severity(rule, finding.Error), j.text("commitment_id")
	if severity >= finding.Error {
		j.failed = true
		if i != noColumn {
			j.blamed[i] = true
		}
	} else if j.answersForAll(i) {
		if j.sheet.toldForAll[rule] {
			return
		}
		j.sheet.toldForAll[rule], commitment = true, "" // it is of no row more than of another
	}
	j.report.Add(finding.Finding{Rule: rule, Severity: severity, At: j.at(i), Pointer: j.pointer(i), Value: value, Args: args,
		Commitment: commitment})
}

// answersForAll tells of a cell above the headings, which stands in for that of
// every row left empty.
func (j *judge) answersForAll(i int) bool {
	return i != noColumn && j.row.Cells[i].Row != j.row.Number
}

// apply files a finding of a rule that has dates, if it is in force; applied
// tells whether it is.
func (j *judge) apply(rule string, i int, value string, args map[string]string) (applied bool) {
	if applied = j.inForce(rule); applied {
		j.refuse(rule, i, value, args)
	}
	return applied
}

func (v *validation) inForce(rule string) bool { return v.set.Catalogue.InForce(rule, v.rulesDay) }

// severity gives a rule's severity on the day whose rules judge; one that the
// messages lack is as bad as told.
func (v *validation) severity(rule string, unknown finding.Severity) finding.Severity {
	if r, ok := v.set.Catalogue.Rule(rule); ok {
		return r.SeverityOn(v.rulesDay)
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

// pointer gives the place of a column in the submission as a document; without
// one, that of the row.
func (j *judge) pointer(i int) string {
	if i == noColumn {
		return plan.Pointer(j.sheet.key, strconv.Itoa(j.index))
	}
	return plan.Pointer(j.sheet.key, strconv.Itoa(j.index), j.sheet.columns[i].key)
}

func (j *judge) value(key string) value {
	if i := j.column(key); i != noColumn {
		return j.values[i]
	}
	return value{}
}

// isBlamed tells of a column that a finding refused: whatever depends on its value
// is not known.
func (j *judge) isBlamed(key string) bool {
	i := j.column(key)
	return i != noColumn && j.blamed[i]
}

// sound gives the text of a column that nothing was said against.
func (j *judge) sound(key string) string { return j.soundValue(key).text }

// soundValue gives the value of a column that nothing was said against.
func (j *judge) soundValue(key string) value {
	if j.isBlamed(key) {
		return value{}
	}
	return j.value(key)
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
		j.index, j.shared = -1, map[string]*plan.Reading{}
	}
	j.row, j.failed, j.mine, j.readings, j.notes = row, false, false, j.readings[:0], j.notes[:0]
	j.index++
	clear(j.values)
	clear(j.blamed)
	if j.isTotal() {
		j.index--
		return
	}
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
		j.index--
		j.entersAccount(false, false)
		j.tellsNothing()
		return // prefilled, waiting to be filled
	}
	j.tellReadings()
	j.checkSchema()
	for i := range j.rules {
		if r := &j.rules[i]; r.row != nil && (r.sheet == "" || r.sheet == row.Sheet) {
			r.row(j)
		}
	}
	j.settle(j.once())
}

// entered tells whether the institution filled in anything of the row: more
// than the ids, and more than the plan itself says of its milestones.
func (j *judge) entered() bool {
	if j.untouched() {
		return false
	}
	m := j.milestones[j.text("milestone_id")]
	for i := range j.values {
		key, v := j.sheet.columns[i].key, &j.values[i]
		if v.kind == isNothing || key == j.sheet.id || key == "commitment_id" || j.refusedForAll(i) {
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

// once holds back a row whose id stood in an earlier row, and that earlier one
// with it; its values go when all rows are read.
func (j *judge) once() (again bool) {
	id := j.text(j.sheet.id)
	if id == "" {
		return false
	}
	ids := j.ids[j.sheet.key]
	if ids == nil {
		ids = &idTable{}
		j.ids[j.sheet.key] = ids
	}
	first, again := ids.find(id)
	if !again {
		ids.put(id, stand{row: j.row.Number, taken: !j.failed})
		return false
	}
	rule := "commitment-duplicate"
	if j.sheet.key == SheetMilestones {
		rule = "milestone-duplicate"
	}
	j.refuse(rule, j.column(j.sheet.id), id, map[string]string{"first": whole(first.row), "second": whole(j.row.Number)})
	if first.taken {
		j.taken, j.heldRows = j.taken-1, j.heldRows+1
	}
	if !first.twice {
		j.twice++
	}
	ids.put(id, stand{row: first.row, twice: true})
	return true
}

// settle takes the row or holds it back.
func (j *judge) settle(again bool) {
	j.entersAccount(!again, !j.failed)
	if j.failed || again {
		j.heldRows++
		j.tellsNothing()
		if j.failed && j.mine && j.sheet.key == SheetProgress {
			j.held[j.text("commitment_id")] = true
		}
		return
	}
	j.taken++
	j.sub.Notes = append(j.sub.Notes, j.notes...)
	switch {
	case !j.keep:
	case j.sheet.key == SheetProgress:
		j.sub.Progress = append(j.sub.Progress, j.progress())
	default:
		j.sub.Milestones = append(j.sub.Milestones, j.milestone())
	}
}

// tellsNothing remembers that the row of a milestone is there, though nothing of it
// is taken.
func (j *judge) tellsNothing() {
	commitment, id := j.text("commitment_id"), j.text("milestone_id")
	if j.sheet.key == SheetMilestones && strings.HasPrefix(id, commitment+"-m") && j.commitments[commitment] != nil {
		j.leaveUntold(id)
	}
}

func (v *validation) leaveUntold(milestone string) {
	if !v.keep {
		return
	}
	if v.untold == nil {
		v.untold = map[string]bool{}
	}
	v.untold[strings.Clone(milestone)] = true
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

// place says where the row stands and how it was read. Rows that were read alike
// share that.
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
		if j.answersForAll(i) {
			b = strconv.AppendInt(b, int64(j.row.Cells[i].Row), 10)
		}
	}
	columns := len(b)
	for i := range j.values {
		if was := j.values[i].was; was != "" {
			b = append(append(append(append(b, 0), j.sheet.columns[i].key...), 0), was...)
		}
	}
	j.places = b
	return plan.Place{Sheet: j.row.SheetName, Row: j.row.Number, Index: j.index, Reading: j.reading(b, columns)}
}

// mostShared bounds how many ways of reading are kept for the rows to come,
// longestShared how long each may be.
const (
	mostShared    = 256
	longestShared = 1 << 10
)

// reading gives what the row shares with those that were read alike: alike has
// its list of columns, then all that tells it from others.
func (j *judge) reading(alike []byte, columns int) *plan.Reading {
	if r, ok := j.shared[string(alike)]; ok {
		return r
	}
	r := &plan.Reading{List: j.sheet.key}
	if string(alike[:columns]) != j.filled {
		j.filled = string(alike[:columns])
	}
	r.Columns = j.filled
	for i := range j.values {
		if was := j.values[i].was; was != "" {
			r.Received = append(r.Received, plan.Received{Key: j.sheet.columns[i].key, Text: strings.Clone(was)})
		}
	}
	if len(j.shared) < mostShared && len(alike) <= longestShared {
		j.shared[string(alike)] = r
	}
	return r
}

// dropDuplicates takes back what was taken of ids that stand in two rows or more.
func (v *validation) dropDuplicates() {
	if v.twice == 0 {
		return
	}
	v.sub.Progress = slices.DeleteFunc(v.sub.Progress, func(p plan.Progress) bool { return v.isTwice(SheetProgress, p.Commitment) })
	v.sub.Milestones = slices.DeleteFunc(v.sub.Milestones, func(m plan.MilestoneReport) bool {
		again := v.isTwice(SheetMilestones, m.Milestone)
		if again {
			v.leaveUntold(m.Milestone)
		}
		return again
	})
	v.sub.Notes = slices.DeleteFunc(v.sub.Notes, func(n plan.Note) bool {
		return n.Milestone == "" && v.isTwice(SheetProgress, n.Commitment) || n.Milestone != "" && v.isTwice(SheetMilestones, n.Milestone)
	})
}
