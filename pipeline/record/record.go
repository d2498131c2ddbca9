// Package record keeps the verdict on a workbook as bytes.
package record

import (
	"cmp"
	"slices"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
)

// Record is the verdict on one workbook by itself: what was taken of it, what was
// held back, and why. It is made once, by the rules in force on the day of
// receipt, and holds from then on, whatever becomes of the rules.
type Record struct {
	JudgedBy   JudgedBy
	Plan       string // as far as the workbook tells
	Period     string // likewise
	RowsTaken  int
	RowsHeld   int
	Findings   []finding.Finding
	Cut        map[string]int   // as in finding.Report
	Submission *plan.Submission // nil where the workbook was refused
}

// JudgedBy names what a verdict was made with.
type JudgedBy struct {
	Contract string // SHA-256 of the schemas, lower-case hex
	Rules    string // version of the rules in code
	Plans    string // SHA-256 over the plans, lower-case hex
}

// Tally counts the findings of a rule that do the same.
type Tally struct {
	Rule     string
	Severity finding.Severity
	N        int // those that were cut included
}

// Brief is what a run needs of a record again and again.
type Brief struct {
	Digest     string // SHA-256 of the record as JSON, lower-case hex
	JudgedBy   JudgedBy
	Plan       string
	Period     string
	RowsTaken  int
	RowsHeld   int
	Tallies    []Tally          // in the order of the findings
	Submission *plan.Submission // nil where the workbook was refused; without its header's place
}

// Refused tells whether nothing of the workbook was taken.
func (b *Brief) Refused() bool { return b.Submission == nil }

// Brief gives what a run needs of a record whose JSON has a digest.
func (r *Record) Brief(digest string) *Brief {
	b := &Brief{Digest: digest, JudgedBy: r.JudgedBy, Plan: r.Plan, Period: r.Period, RowsTaken: r.RowsTaken, RowsHeld: r.RowsHeld,
		Tallies: TallyOf(r.Findings, r.Cut)}
	if r.Submission != nil {
		s := *r.Submission
		s.Header = plan.HeaderPlace{}
		b.Submission = &s
	}
	return b
}

// TallyOf counts findings, and those cut of them, by rule and severity.
func TallyOf(findings []finding.Finding, cut map[string]int) []Tally {
	var out []Tally
	type kind struct {
		rule     string
		severity finding.Severity
	}
	at := map[kind]int{}
	counted := map[string]bool{}
	for i := range findings {
		f := &findings[i]
		k := kind{f.Rule, f.Severity}
		n, ok := at[k]
		if !ok {
			n = len(out)
			at[k] = n
			out = append(out, Tally{Rule: f.Rule, Severity: f.Severity})
		}
		out[n].N++
		if key := f.Rule + "\x00" + f.At.Sheet; len(cut) > 0 && !counted[key] {
			counted[key] = true
			out[n].N += cut[key]
		}
	}
	return out
}

// Keep brings back the rows that an earlier verdict on the same workbook took and
// this one does not: what was once taken stays.
func (r *Record) Keep(before *Record) {
	old := before.Submission
	if old == nil {
		return
	}
	if r.Submission == nil {
		r.Submission, r.Plan, r.Period, r.RowsTaken, r.RowsHeld = old, before.Plan, before.Period, before.RowsTaken, before.RowsHeld
		return
	}
	s := *r.Submission
	n := len(s.Progress) + len(s.Milestones)
	for _, row := range old.Progress {
		if !slices.ContainsFunc(s.Progress, func(p plan.Progress) bool { return p.Commitment == row.Commitment }) {
			s.Progress = append(slices.Clip(s.Progress), row)
			s.Held = slices.DeleteFunc(slices.Clone(s.Held), func(id string) bool { return id == row.Commitment })
			s.Notes = append(slices.Clip(s.Notes), notesOn(old, row.Commitment, "")...)
		}
	}
	for _, row := range old.Milestones {
		if !slices.ContainsFunc(s.Milestones, func(m plan.MilestoneReport) bool { return m.Milestone == row.Milestone }) {
			s.Milestones = append(slices.Clip(s.Milestones), row)
			s.Untold = slices.DeleteFunc(slices.Clone(s.Untold), func(id string) bool { return id == row.Milestone })
			s.Notes = append(slices.Clip(s.Notes), notesOn(old, row.Commitment, row.Milestone)...)
		}
	}
	slices.SortFunc(s.Progress, func(a, b plan.Progress) int { return cmp.Compare(a.Place.Index, b.Place.Index) })
	slices.SortFunc(s.Milestones, func(a, b plan.MilestoneReport) int { return cmp.Compare(a.Place.Index, b.Place.Index) })
	n = len(s.Progress) + len(s.Milestones) - n
	r.RowsTaken, r.RowsHeld = r.RowsTaken+n, max(0, r.RowsHeld-n)
	r.Submission = &s
}

func notesOn(s *plan.Submission, commitment, milestone string) []plan.Note {
	var out []plan.Note
	for _, n := range s.Notes {
		if n.Commitment == commitment && n.Milestone == milestone {
			out = append(out, n)
		}
	}
	return out
}
