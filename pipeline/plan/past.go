package plan

import "cmp"

// Past is what held before a submission came: what was accepted of those received
// before it, as the rules that look around and back may ask for it. Periods
// follow one another as in the plan; a period or an id that is not of the plan has
// nothing. What is handed out lasts until the rules have judged and is not to be
// changed.
type Past interface {
	// Row gives the row of a commitment that holds for a period, from whichever
	// institution; ok is false where there is none.
	Row(commitment, period string) (row StandingRow[Progress], ok bool)
	// Before gives the row of a commitment for the latest period before this one for
	// which one holds that says more than that nothing is new.
	Before(commitment, period string) (row StandingRow[Progress], ok bool)
	// After gives the like of the earliest period after this one.
	After(commitment, period string) (row StandingRow[Progress], ok bool)
	// Step gives the row of a milestone that holds for a period.
	Step(milestone, period string) (row StandingRow[MilestoneReport], ok bool)
	// StepBefore gives the row of a milestone for the latest period before this one
	// for which one holds.
	StepBefore(milestone, period string) (row StandingRow[MilestoneReport], ok bool)
	// Told gives the ids of what an institution's accepted rows told of for a period,
	// sorted, be it that another row holds.
	Told(institution, period string) (commitments, milestones []string)
	// Reported tells whether a workbook of an institution was accepted for a period.
	Reported(institution, period string) bool
}

// StandingRow is a row that holds for a period.
type StandingRow[T Progress | MilestoneReport] struct {
	Period      string
	Institution string // that sent it
	Report      *T
	// Prevails tells of a row of the commitment's lead while the submission that is
	// judged is a supporting institution's: it stays, whatever that one says.
	Prevails bool
	// Yields is the reverse: it is a supporting institution's and the submission that
	// is judged the lead's, whose row takes its place, whatever it says.
	Yields bool
}

// SaysNothing tells of a row that brings no value of its own: nothing is new. It
// never takes the place of a value that the same period already has from the
// same institution.
func (p *Progress) SaysNothing() bool { return p.NothingToReport && p.Pct == nil }

// ReportsAsLead tells whether an institution speaks for a commitment and a period
// as its lead, in a workbook received on a day (YYYY-MM-DD): it led the
// commitment then, or leads it on that day.
func (p *ActionPlan) ReportsAsLead(c *Commitment, period *ReportingPeriod, institution, receivedDay string) bool {
	return institution != "" && (institution == p.LeadFor(c, period) || institution == p.LeadOn(c, receivedDay))
}

// PastDue tells whether the due date of a period had passed on a day (YYYY-MM-DD):
// what was published for it is then the past. Nothing is due of a transcription.
func (r *ReportingPeriod) PastDue(day string) bool {
	return r != nil && r.Kind == KindSubmission && r.DueDate != "" && r.DueDate < day
}

// Reason gives the reason that a submission states for what it changes of a
// commitment, its milestones included.
func (s *Submission) Reason(commitment string) string {
	for i := range s.Progress {
		if s.Progress[i].Commitment == commitment {
			return s.Progress[i].RevisionReason
		}
	}
	return ""
}

// RuleReportedByLead is the rule by which the row of a commitment's lead stands in
// the place of a supporting institution's.
const RuleReportedByLead = "commitment-reported-by-lead"

// ReportedByLead is what a supporting institution is told of a row that does not
// stand; differ tells that the two have values that differ.
func ReportedByLead(r Ruling, commitment, milestone, lead string, differ bool, place *Place) Remark {
	column, same := "commitment_id", "@same-values"
	if milestone != "" {
		column = "milestone_id"
	}
	if differ {
		same = "@other-values"
	}
	return Remark{Rule: RuleReportedByLead, Severity: r.Severity, Commitment: commitment, Milestone: milestone, Column: column,
		Value: cmp.Or(milestone, commitment), Args: map[string]string{"lead": lead, "values": same},
		Sheet: place.Sheet, Cell: place.Cell(column), Pointer: place.Pointer(column)}
}
