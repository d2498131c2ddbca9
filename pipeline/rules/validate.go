// Package rules judges documents: by the JSON Schemas of a submission first,
// then by what a schema cannot say.
package rules

import (
	"cmp"
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
	RulesOn    string // ISO date whose rules judge, "" for the day of receipt; dates are held against that day all the same
}

// Judgement is the outcome of judging one document.
type Judgement struct {
	Submission *plan.Submission // nil where the workbook is refused; of Inspect, without rows and notes
	RowsTaken  int
	RowsHeld   int
	Plan       string // as far as the header of a refused workbook tells
	Period     string // likewise
}

// Validate judges a document by the rules in force on the day of receipt, or on
// the day that the receipt names instead, each as severe as it is then; each
// finding goes to the report. Plans are the known action plans. An error means
// that the file could not be read to its end, through no fault of its sender.
func (s *Set) Validate(doc *workbook.Document, plans []*plan.ActionPlan, rc Receipt, report *finding.Report) (Judgement, error) {
	return s.judge(doc, plans, rc, report, true)
}

// Inspect judges as Validate does and keeps no row: what it holds on to grows
// with the ids of the document alone.
func (s *Set) Inspect(doc *workbook.Document, plans []*plan.ActionPlan, rc Receipt, report *finding.Report) (Judgement, error) {
	return s.judge(doc, plans, rc, report, false)
}

func (s *Set) judge(doc *workbook.Document, plans []*plan.ActionPlan, rc Receipt, report *finding.Report, keep bool) (Judgement, error) {
	day, _, _ := strings.Cut(rc.ReceivedAt, "T")
	v := &validation{set: s, report: report, receipt: rc, day: day, rulesDay: cmp.Or(rc.RulesOn, day), keep: keep,
		ids: map[string]*idTable{}, held: map[string]bool{}}
	v.rules = s.rulesOn(v.rulesDay)
	if !v.header(doc, plans) {
		return v.refusal(), nil
	}
	j := &judge{validation: v}
	for row := range doc.Rows(s.AsSevereAsOn(v.rulesDay, report.Add)) {
		if len(row.Behind) > 0 {
			j.holdBehind(row)
		} else {
			j.judgeRow(row)
		}
	}
	if err := doc.Err(); err != nil {
		return Judgement{}, err
	}
	if report.Blocked() {
		return v.refusal(), nil
	}
	v.dropDuplicates()
	for _, r := range v.rules {
		if r.all != nil {
			r.all(v)
		}
	}
	if v.taken == 0 && v.heldRows == 0 {
		v.remark("submission-empty", finding.Cell{})
	}
	if report.Blocked() {
		return v.refusal(), nil
	}
	v.sub.Held, v.sub.Untold = slices.Sorted(maps.Keys(v.held)), slices.Sorted(maps.Keys(v.untold))
	return Judgement{Submission: v.sub, RowsTaken: v.taken, RowsHeld: v.heldRows}, nil
}

// refusal is the outcome of a workbook of which nothing is taken.
func (v *validation) refusal() Judgement {
	j := Judgement{Period: v.period}
	if v.plan != nil {
		j.Plan = v.plan.ID
	}
	return j
}

// validation is the judging of one document.
type validation struct {
	set      *Set
	report   *finding.Report
	receipt  Receipt
	day      string // ISO date of receipt
	rulesDay string // ISO date whose rules judge
	plan     *plan.ActionPlan
	*planIndex
	dayOf     func(serial float64) (iso string, ok bool)
	lead      string // institution code
	period    string // of the plan, "" where it is not known
	sub       *plan.Submission
	keep      bool                // the rows that pass go into sub
	ids       map[string]*idTable // by sheet: where each id stands
	twice     int                 // ids of which no row is to stay: in two rows or more, or behind a merge
	held      map[string]bool     // commitments with a refused row
	untold    map[string]bool     // milestones whose row is there and says nothing that is taken
	dropped   map[string]bool     // rows that were taken and then held back, by sheet and id
	earliest  string              // date that may mean what it says, once asked for
	latest    string              // planned date that may be meant
	prefilled map[string]string   // by milestone: the mark of its row as it was filled in beforehand
	rules     []rule              // in force on the day of receipt
	personal  []*pattern          // what is personal data in the plan's country
	accounts  map[string]*account // by commitment
	listed    string              // the progress sheet's name, once it has a row
	links     map[uint64]*use     // by their hash
	reused    []uint64            // links that stand in several rows, in the order of the second
	taken     int
	heldRows  int
}

// remark files a finding about the workbook as a whole.
func (v *validation) remark(rule string, at finding.Cell) {
	if v.inForce(rule) {
		v.report.Add(finding.Finding{Rule: rule, Severity: v.severity(rule, finding.Warning), At: at})
	}
}

func whole(n int) string { return strconv.Itoa(n) }
