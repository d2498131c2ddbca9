package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/intake"
	"iltizam/pipeline/plan"
)

// Candidate is a change that is not live yet. What it leaves out stays as it is.
type Candidate struct {
	Contract *Contract // the changed schemas, rules or messages
	Plans    []Plan    // all plans, the changed ones among them
	RulesOn  string    // ISO date: the rules in force by then instead of those of the day of receipt
}

// Rehearsal is what a change would do to every workbook of the archive.
type Rehearsal struct {
	Workbooks   int        // that were judged both ways
	Changed     []Replayed // those that fare otherwise, by institution, then in order of receipt
	NewWarnings map[string]int
	Later       []Coming // rules of the candidate that judged none of the workbooks, being not in force yet
}

// Coming is a rule with the day from which it judges as it says.
type Coming struct{ Rule, From string }

// Replayed is a workbook that fares otherwise under a candidate.
type Replayed struct {
	Institution   string // code, or the folder's name where the workbook tells none
	Plan, Period  string // as far as the header tells
	Path          string
	Digest        string      // SHA-256, lower-case hex
	ReceivedAt    string      // RFC 3339, UTC
	Before, After string      // accepted, accepted_in_part or refused
	Taken, Takes  int         // rows taken by the present contract, by the candidate
	Refusal       []Complaint // why it is newly refused, empty where it is not
	Held          []Complaint // what newly holds rows back, in workbooks that are not refused
	HeldRows      int         // rows that these are about
	Freed         []Complaint // what held rows back that would be taken
	FreedRows     int
	Warnings      map[string]int // new ones by rule
}

// Refused tells of a workbook that was taken and would be refused as a whole.
func (r *Replayed) Refused() bool { return r.Before != refusedOutcome && r.After == refusedOutcome }

// Accepted tells of a workbook that was refused and would be taken.
func (r *Replayed) Accepted() bool { return r.Before == refusedOutcome && r.After != refusedOutcome }

// Fails tells of a workbook that would newly fail, as a whole or in some rows.
func (r *Replayed) Fails() bool { return r.Refused() || r.HeldRows > 0 }

// Fails tells whether anybody would newly fail.
func (r *Rehearsal) Fails() bool {
	return slices.ContainsFunc(r.Changed, func(x Replayed) bool { return x.Fails() })
}

const refusedOutcome = "refused"

// ErrNoWorkbook says that there is nothing to rehearse a change on.
var ErrNoWorkbook = errors.New("the archive holds no workbook")

// Rehearse judges each workbook of the archive by the present contract of the
// input, then by the candidate, as if the archive were received anew, and tells
// what differs. Nothing is written. Where the candidate names a day for the rules,
// the present ones are those of the input's clock.
func Rehearse(ctx context.Context, in Input, to Candidate) (*Rehearsal, error) {
	in.Archive, in.Afresh = Unwritten(in.Archive), true
	if in.AsOf == "" {
		in.AsOf = farDay
	}
	if to.RulesOn != "" {
		in.RulesOn = in.Now.UTC().Format(time.DateOnly)
	}
	now, _, err := replay(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("judge by the present contract: %w", err)
	}
	if len(now) == 0 {
		return nil, ErrNoWorkbook
	}
	if to.Contract != nil {
		in.Contract = to.Contract
	}
	if to.Plans != nil {
		in.Plans = to.Plans
	}
	in.RulesOn = to.RulesOn
	candidates, newest, err := replay(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("judge by the changed contract: %w", err)
	}
	then := make(map[receiptOf]replayed, len(candidates))
	for _, x := range candidates {
		then[x.key()] = x
	}
	out := &Rehearsal{Workbooks: len(now), NewWarnings: map[string]int{}, Later: in.Contract.coming(cmp.Or(to.RulesOn, newest))}
	var plans []*plan.ActionPlan
	for _, p := range in.Plans {
		plans = append(plans, p.ActionPlan)
	}
	for _, before := range now {
		after, ok := then[before.key()]
		if !ok {
			continue // it came or went between the two readings
		}
		if x, differs := compare(in.Contract, plans, before, after); differs {
			out.Changed = append(out.Changed, x)
			for rule, n := range x.Warnings {
				out.NewWarnings[rule] += n
			}
		}
	}
	slices.SortStableFunc(out.Changed, func(a, b Replayed) int { return strings.Compare(a.Institution, b.Institution) })
	return out, nil
}

// farDay is after every receipt: a rehearsal leaves no workbook out.
const farDay = "9999-12-31"

// replayed is what is kept of a workbook's verdict to hold another one against it.
type replayed struct {
	book         *intake.Workbook
	institution  string
	plan, period string
	outcome      string
	taken        int
	report       finding.Report // worst first, as sorted; nothing milder than warnings
}

func (x *replayed) key() receiptOf { return receiptOf{x.book.Digest, x.book.Institution} }

// replay judges the archive and gives its verdicts in order of receipt, with the
// day of the newest receipt.
func replay(ctx context.Context, in Input) (all []replayed, newest string, err error) {
	res, err := Known(ctx, in)
	if err != nil {
		return nil, "", err
	}
	for _, v := range res.Verdicts {
		x := replayed{book: v.Workbook, institution: v.Workbook.Institution, plan: v.Plan, period: v.Period, outcome: v.Outcome(),
			taken: v.RowsTaken, report: finding.Report{File: v.Report.File, Cut: v.Report.Cut}}
		if v.Submission != nil {
			x.institution, x.plan, x.period = v.Submission.Institution, v.Submission.Plan, v.Submission.Period
		}
		for _, f := range v.Report.Findings {
			if f.Severity >= finding.Warning {
				x.report.Findings = append(x.report.Findings, f)
			}
		}
		all = append(all, x)
		newest = max(newest, v.Workbook.ReceivedAt[:len(time.DateOnly)])
	}
	return all, newest, nil
}

// compare holds two verdicts on a workbook against one another; the sentences are
// those of the candidate.
func compare(c *Contract, plans []*plan.ActionPlan, now, then replayed) (x Replayed, differs bool) {
	w := now.book
	x = Replayed{Institution: cmp.Or(now.institution, then.institution), Plan: cmp.Or(now.plan, then.plan), Period: cmp.Or(now.period, then.period),
		Path: w.Path, Digest: w.Digest, ReceivedAt: w.ReceivedAt,
		Before: now.outcome, After: then.outcome, Taken: now.taken, Takes: then.taken, Warnings: map[string]int{}}
	naming := namingIn(x.Plan, x.Period, plans)
	if x.Refused() {
		x.Refusal = c.Complaints(only(&then.report, finding.Block), naming)
		return x, true
	}
	if now.outcome == refusedOutcome || then.outcome == refusedOutcome {
		return x, x.Accepted()
	}
	heldNow, heldThen := rowsHeld(&now.report), rowsHeld(&then.report)
	x.Held, x.HeldRows = c.newly(&then.report, naming, heldThen, heldNow)
	x.Freed, x.FreedRows = c.newly(&now.report, naming, heldNow, heldThen)
	x.Warnings = newWarnings(&now.report, &then.report)
	return x, x.HeldRows > 0 || x.FreedRows > 0 || len(x.Warnings) > 0
}

// rowKey is where a row that is held back stands, as far as its finding tells.
type rowKey struct {
	sheet      string
	row        int
	commitment string // where it has no cell
}

func rowOf(f finding.Finding) rowKey {
	if _, row := finding.SplitRef(f.At.Ref); row > 0 {
		return rowKey{sheet: f.At.Sheet, row: row}
	}
	return rowKey{sheet: f.At.Sheet, commitment: f.Commitment}
}

func rowsHeld(r *finding.Report) map[rowKey]bool {
	held := map[rowKey]bool{}
	for _, f := range r.Findings {
		if f.Severity == finding.Error {
			held[rowOf(f)] = true
		}
	}
	return held
}

// newly gives the complaints about the rows that are held in the one report and
// not in the other, with the number of the rows.
func (c *Contract) newly(r *finding.Report, naming Naming, held, other map[rowKey]bool) ([]Complaint, int) {
	errs := only(r, finding.Error)
	errs.Findings = slices.DeleteFunc(errs.Findings, func(f finding.Finding) bool { return other[rowOf(f)] })
	n := 0
	for k := range held {
		if !other[k] {
			n++
		}
	}
	return c.Complaints(errs, naming), n
}

// newWarnings counts by rule the warnings that were not there before.
func newWarnings(now, then *finding.Report) map[string]int {
	type key struct{ rule, sheet, cell, commitment string }
	count := map[key]int{}
	for _, f := range now.Findings {
		if f.Severity == finding.Warning {
			count[key{f.Rule, f.At.Sheet, f.At.Ref, f.Commitment}]++
		}
	}
	out := map[string]int{}
	for _, f := range then.Findings {
		if f.Severity != finding.Warning {
			continue
		}
		k := key{f.Rule, f.At.Sheet, f.At.Ref, f.Commitment}
		if count[k]--; count[k] < 0 {
			out[f.Rule]++
		}
	}
	for cut, n := range then.Cut {
		rule, _, _ := strings.Cut(cut, "\x00")
		if more := n - now.Cut[cut]; more > 0 && out[rule] > 0 {
			out[rule] += more
		}
	}
	return out
}

// coming gives the rules that begin to judge, or judge more severely, after a day.
func (c *Contract) coming(day string) []Coming {
	var out []Coming
	for _, r := range c.Rules.Catalogue.Rules() {
		if r.ValidFrom > day {
			out = append(out, Coming{r.ID, r.ValidFrom})
		}
		for _, b := range r.Becomes {
			if b.From > day {
				out = append(out, Coming{r.ID, b.From})
			}
		}
	}
	return out
}

// Totals counts what a rehearsal found.
type Totals struct {
	Institutions  int // of which a workbook would newly fail
	Refused       int // workbooks newly refused
	Accepted      int // workbooks newly taken
	Held, Freed   int // rows newly held back, newly taken
	Warnings      int
	ByInstitution map[string]int // workbooks that would newly fail
}

// Totals counts what the rehearsal found.
func (r *Rehearsal) Totals() Totals {
	t := Totals{ByInstitution: map[string]int{}}
	for _, x := range r.Changed {
		if x.Fails() {
			t.ByInstitution[x.Institution]++
		}
		if x.Refused() {
			t.Refused++
		}
		if x.Accepted() {
			t.Accepted++
		}
		t.Held, t.Freed = t.Held+x.HeldRows, t.Freed+x.FreedRows
	}
	for _, n := range r.NewWarnings {
		t.Warnings += n
	}
	t.Institutions = len(slices.Collect(maps.Keys(t.ByInstitution)))
	return t
}

// Unwritten is a store of which nothing is ever changed: what would be written to
// it is dropped.
func Unwritten(s intake.Store) intake.Store { return unwritten{s} }

func isUnwritten(s intake.Store) bool { _, ok := s.(unwritten); return ok }

type unwritten struct{ intake.Source }

func (unwritten) PutNew(context.Context, string, int64, string, func() (io.ReadSeekCloser, error)) error {
	return nil
}

func (unwritten) Replace(context.Context, string, []byte) error { return nil }
