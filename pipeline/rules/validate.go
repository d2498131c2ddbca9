package rules

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
	"iltizam/pipeline/workbook"
)

// Receipt is what is known of a workbook besides its content.
type Receipt struct {
	Digest     string // SHA-256, lower-case hex
	Folder     string // inbox folder that it was dropped in, "" outside any
	AnyFolder  bool   // the folder is not known and not judged
	ReceivedAt string // RFC 3339, UTC
}

// Judgement is the outcome of judging one document.
type Judgement struct {
	Submission *plan.Submission // nil where the workbook is refused
	RowsTaken  int
	RowsHeld   int
}

// Validate judges a document by the rules in force on the day of receipt; each
// finding goes to the report. Plans are the known action plans. An error means
// that the file could not be read to its end, through no fault of its sender.
func (s *Set) Validate(doc *workbook.Document, plans []*plan.ActionPlan, rc Receipt, report *finding.Report) (Judgement, error) {
	day, _, _ := strings.Cut(rc.ReceivedAt, "T")
	v := &validation{set: s, report: report, receipt: rc, day: day,
		firstRow: map[string]int{}, held: map[string]bool{}}
	if !v.header(doc, plans) {
		return Judgement{}, nil
	}
	for row := range doc.Rows(report.Add) {
		v.row(row)
	}
	if err := doc.Err(); err != nil {
		return Judgement{}, err
	}
	v.dropDuplicates()
	if report.Blocked() {
		return Judgement{}, nil
	}
	if v.taken == 0 && v.heldRows == 0 {
		v.blame("submission-empty", finding.Cell{}, "", nil)
	}
	v.sub.Held = slices.Sorted(maps.Keys(v.held))
	return Judgement{Submission: v.sub, RowsTaken: v.taken, RowsHeld: v.heldRows}, nil
}

// validation is the judging of one document.
type validation struct {
	set      *Set
	report   *finding.Report
	receipt  Receipt
	day      string
	plan     *plan.ActionPlan
	lead     string // institution code
	sub      *plan.Submission
	firstRow map[string]int  // id -> row that it first stood in
	twice    map[string]bool // ids that stand in two rows or more
	held     map[string]bool // commitments with a refused row
	taken    int
	heldRows int
}

// blame files a finding about the workbook, not about one row.
func (v *validation) blame(rule string, at finding.Cell, value string, args map[string]string) {
	r, ok := v.set.Catalogue.Rule(rule)
	if ok && v.set.Catalogue.InForce(rule, v.day) {
		v.report.Add(finding.Finding{Rule: rule, Severity: r.Severity, At: at, Value: value, Args: args})
	}
}

func (v *validation) row(row workbook.Row) {
	at := finding.Cell{Sheet: row.SheetName, Ref: "A" + strconv.Itoa(row.Number)}
	j := &judge{Set: v.set, report: v.report, day: v.day, values: map[string]any{},
		cells: map[string]finding.Cell{}, pcts: map[string]int32{}}
	id := map[string]string{SheetProgress: "commitment_id", SheetMilestones: "milestone_id"}[row.Sheet]
	if c, ok := row.Get("commitment_id"); ok && c.Kind == workbook.Text {
		j.values["commitment_id"] = clean(c.Text) // so that findings of other cells can name it
	}
	var places []string
	entered := false
	for i, key := range row.Keys {
		c := row.Cells[i]
		if c.Kind == workbook.Empty || !v.judged(row.Sheet, key) {
			continue
		}
		cell := finding.Cell{Sheet: row.SheetName, Ref: c.Ref()}
		j.cells[key] = cell
		value, ok := j.coerce(key, c, cell)
		if !ok {
			continue
		}
		j.values[key] = value
		places = append(places, key+"="+c.Ref())
		entered = entered || key != id && key != "commitment_id"
	}
	if !entered && !j.failed {
		return // prefilled, waiting to be filled
	}
	if !j.failed { // a cell without a value would only be blamed twice
		j.checkSchema(v.set.rows[row.Sheet], at)
	}
	place := plan.Place{Sheet: row.SheetName, Row: row.Number, Cells: strings.Join(places, " ")}
	v.judgeRow(j, row.Sheet, id, at, place)
}

// judged tells whether a column of the workbook is part of a submission; titles
// that the template prefills, earlier values or the check column are not.
func (v *validation) judged(sheet, key string) bool {
	schema := v.set.rows[sheet]
	if _, ok := schema.Properties[key]; ok {
		return true
	}
	for pattern := range schema.PatternProperties {
		if pattern.MatchString(key) {
			return true
		}
	}
	return false
}

func (v *validation) judgeRow(j *judge, sheet, idColumn string, at finding.Cell, place plan.Place) {
	for _, rule := range rowRules {
		if rule.sheet == "" || rule.sheet == sheet {
			rule.check(v, j, at)
		}
	}
	commitment, _ := j.values["commitment_id"].(string)
	if id, _ := j.values[idColumn].(string); id != "" {
		v.once(j, sheet, id, place.Row)
	}
	if j.failed {
		v.heldRows++
		if v.plan.Commitment(commitment) != nil && sheet == SheetProgress {
			v.held[commitment] = true
		}
		return
	}
	v.taken++
	if sheet == SheetProgress {
		v.sub.Progress = append(v.sub.Progress, progressOf(j, place))
	} else {
		v.sub.Milestones = append(v.sub.Milestones, milestoneOf(j, place))
	}
}

// once holds back rows whose id stood in an earlier row, the earlier one too.
func (v *validation) once(j *judge, sheet, id string, row int) {
	key := sheet + "\x00" + id
	first, again := v.firstRow[key]
	if !again {
		v.firstRow[key] = row
		return
	}
	rule := "commitment-duplicate"
	at := j.cells["commitment_id"]
	if sheet == SheetMilestones {
		rule, at = "milestone-duplicate", j.cells["milestone_id"]
	}
	j.add(rule, at, id, map[string]string{"first": strconv.Itoa(first), "second": strconv.Itoa(row)})
	if v.twice == nil {
		v.twice = map[string]bool{}
	}
	v.twice[key] = true
}

func (v *validation) dropDuplicates() {
	if len(v.twice) == 0 {
		return
	}
	n := len(v.sub.Progress) + len(v.sub.Milestones)
	v.sub.Progress = slices.DeleteFunc(v.sub.Progress, func(p plan.Progress) bool {
		return v.twice[SheetProgress+"\x00"+p.Commitment]
	})
	v.sub.Milestones = slices.DeleteFunc(v.sub.Milestones, func(m plan.MilestoneReport) bool {
		return v.twice[SheetMilestones+"\x00"+m.Milestone]
	})
	dropped := n - len(v.sub.Progress) - len(v.sub.Milestones)
	v.taken, v.heldRows = v.taken-dropped, v.heldRows+dropped
	v.sub.Notes = slices.DeleteFunc(v.sub.Notes, func(n plan.Note) bool {
		return v.twice[SheetProgress+"\x00"+n.Commitment]
	})
}

func progressOf(j *judge, place plan.Place) plan.Progress {
	p := plan.Progress{
		Commitment: j.text("commitment_id"), Pct: j.percent("progress_pct"), Status: j.text("status"),
		ReferenceDate: j.text("reference_date"), Narrative: j.inLanguages("narrative_"),
		Difficulties: j.text("difficulties"), NextSteps: j.text("next_steps"),
		RevisionReason: j.text("revision_reason"), EvidenceURLs: j.urls(), Place: place,
	}
	p.NothingToReport, _ = j.values["nothing_to_report"].(bool)
	return p
}

func milestoneOf(j *judge, place plan.Place) plan.MilestoneReport {
	return plan.MilestoneReport{
		Milestone: j.text("milestone_id"), Commitment: j.text("commitment_id"), Title: j.inLanguages("title_"),
		PlannedStart: j.text("planned_start_date"), PlannedEnd: j.text("planned_end_date"),
		ActualStart: j.text("actual_start_date"), ActualEnd: j.text("actual_end_date"),
		Pct: j.percent("completion_pct"), Status: j.text("status"), EvidenceURLs: j.urls(), Place: place,
	}
}

func (j *judge) text(key string) string {
	s, _ := j.values[key].(string)
	return s
}

func (j *judge) percent(key string) *plan.Percent {
	n, ok := j.pcts[key]
	if _, valued := j.values[key]; !ok || !valued {
		return nil
	}
	p := plan.Percent(n)
	return &p
}

func (j *judge) inLanguages(stem string) map[string]string {
	var m map[string]string
	for key := range j.values {
		if lang, ok := strings.CutPrefix(key, stem); ok {
			if m == nil {
				m = map[string]string{}
			}
			m[lang] = j.text(key)
		}
	}
	return m
}

func (j *judge) urls() []string {
	if u := j.text("evidence_url"); u != "" {
		return []string{u}
	}
	return nil
}

func pctText(p int32) string { return table.Dec(int64(p), 2).String() }
