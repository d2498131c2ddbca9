// Package rules judges documents: by the JSON Schemas of a submission first,
// then by what a schema cannot say.
package rules

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
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
		rowsOf: map[string]map[string]int{}, twice: map[sheetID]bool{}, held: map[string]bool{}}
	if !v.header(doc, plans) {
		return Judgement{}, nil
	}
	j := &judge{validation: v}
	for row := range doc.Rows(report.Add) {
		j.judgeRow(row)
	}
	if err := doc.Err(); err != nil {
		return Judgement{}, err
	}
	v.dropDuplicates()
	if report.Blocked() {
		return Judgement{}, nil
	}
	if v.taken == 0 && v.heldRows == 0 {
		v.remark("submission-empty", finding.Cell{})
	}
	v.sub.Held = slices.Sorted(maps.Keys(v.held))
	return Judgement{Submission: v.sub, RowsTaken: v.taken, RowsHeld: v.heldRows}, nil
}

// validation is the judging of one document.
type validation struct {
	set         *Set
	report      *finding.Report
	receipt     Receipt
	day         string // ISO date of receipt
	plan        *plan.ActionPlan
	commitments map[string]*plan.Commitment // of the plan, by id
	milestones  map[string]*plan.Milestone  // of the plan, by id
	lead        string                      // institution code
	sub         *plan.Submission
	rowsOf      map[string]map[string]int // sheet -> id -> row that it first stood in
	twice       map[sheetID]bool          // ids that stand in two rows or more
	held        map[string]bool           // commitments with a refused row
	taken       int
	heldRows    int
}

type sheetID struct{ sheet, id string }

// block refuses the workbook: what it says of itself cannot be made sense of,
// on whatever day.
func (v *validation) block(rule string, at finding.Cell, value string, args map[string]string) {
	v.report.Add(finding.Finding{Rule: rule, Severity: v.severity(rule, finding.Block), At: at, Value: value, Args: args})
}

// remark files a finding about the workbook as a whole.
func (v *validation) remark(rule string, at finding.Cell) {
	if v.inForce(rule) {
		v.report.Add(finding.Finding{Rule: rule, Severity: v.severity(rule, finding.Warning), At: at})
	}
}

func whole(n int) string { return strconv.Itoa(n) }
