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

// Keep brings back what an earlier verdict on the same workbook took: it stays as
// it was taken, with the rulings that it is judged by, and bears no finding that
// would hold it back. What this verdict takes besides is added.
func (r *Record) Keep(before *Record) {
	old, s := before.Submission, r.Submission
	if old == nil {
		return
	}
	if s == nil || s.Plan != old.Plan || s.Institution != old.Institution || s.Period != old.Period {
		by := r.JudgedBy
		*r = *before
		r.JudgedBy = by
		return
	}
	merged := *old
	merged.Progress, merged.Milestones, merged.Notes = slices.Clip(old.Progress), slices.Clip(old.Milestones), slices.Clip(old.Notes)
	told, steps := map[string]bool{}, map[string]bool{}
	type row struct {
		sheet string
		n     int
	}
	taken := map[row]bool{}
	for i := range old.Progress {
		told[old.Progress[i].Commitment] = true
		taken[row{old.Progress[i].Place.Sheet, old.Progress[i].Place.Row}] = true
	}
	for i := range old.Milestones {
		steps[old.Milestones[i].Milestone] = true
		taken[row{old.Milestones[i].Place.Sheet, old.Milestones[i].Place.Row}] = true
	}
	for _, p := range s.Progress {
		if !told[p.Commitment] {
			told[p.Commitment] = true
			merged.Progress, merged.Notes = append(merged.Progress, p), append(merged.Notes, notesOn(s, p.Commitment, "")...)
		}
	}
	for _, m := range s.Milestones {
		if !steps[m.Milestone] {
			steps[m.Milestone] = true
			merged.Milestones, merged.Notes = append(merged.Milestones, m), append(merged.Notes, notesOn(s, m.Commitment, m.Milestone)...)
		}
	}
	slices.SortStableFunc(merged.Progress, func(a, b plan.Progress) int { return cmp.Compare(a.Place.Index, b.Place.Index) })
	slices.SortStableFunc(merged.Milestones, func(a, b plan.MilestoneReport) int { return cmp.Compare(a.Place.Index, b.Place.Index) })
	merged.Held = slices.DeleteFunc(slices.Clone(s.Held), func(id string) bool { return told[id] })
	merged.Untold = slices.DeleteFunc(slices.Clone(s.Untold), func(id string) bool { return steps[id] })
	rows := r.RowsTaken + r.RowsHeld
	r.RowsTaken = before.RowsTaken + len(merged.Progress) + len(merged.Milestones) - len(old.Progress) - len(old.Milestones)
	r.RowsHeld = max(0, rows-r.RowsTaken)
	r.Findings = slices.DeleteFunc(slices.Clone(r.Findings), func(f finding.Finding) bool {
		_, n := finding.SplitRef(f.At.Ref)
		return f.Severity >= finding.Error && taken[row{f.At.Sheet, n}]
	})
	r.Submission = &merged
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
