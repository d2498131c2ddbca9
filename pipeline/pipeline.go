// Package pipeline runs the stages that lead from an inbox to tables, in their order.
package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/intake"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/record"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/table"
	"iltizam/pipeline/workbook"
)

// Input is everything that a run depends on.
type Input struct {
	Contract   *Contract
	Plans      []Plan
	Inbox      intake.Source
	Archive    intake.Store
	Outbox     intake.Store // if set, Answer puts there what each sender is told
	Now        time.Time    // the clock, read once by the caller
	AsOf       string       // ISO date that the figures speak about, "" for the newest event up to Now
	ReceivedAt time.Time    // of workbooks that are seen for the first time
	Limits     workbook.Limits
	// Afresh judges every workbook anew, whatever is on record, and records nothing.
	Afresh bool
	// RulesOn is an ISO date: the rules in force on it judge, not those of the day
	// of receipt. It makes sense with Afresh alone.
	RulesOn string
	// Tick, if set, is called after each workbook that was judged; calls come
	// from several goroutines.
	Tick func(done, total int)
}

// Verdict is what became of one workbook.
type Verdict struct {
	Workbook *intake.Workbook
	// Report has the findings of a workbook that this run judged or answers; it is
	// nil for another one, of which Result.Report reads them.
	Report *finding.Report
	// Judgement's submission has rows, less those that were held back in the light
	// of other workbooks, where Report is set; else it is bare.
	rules.Judgement
	Tallies []record.Tally    // of all findings
	Later   []finding.Finding // what later workbooks made of it; its sender was not told in the receipt
	remarks []plan.Remark     // of the rules that look around and back
}

// Refused tells whether nothing of the workbook was taken.
func (v *Verdict) Refused() bool { return v.Submission == nil }

// Has tells whether a finding of at least this severity was filed.
func (v *Verdict) Has(s finding.Severity) bool {
	return slices.ContainsFunc(v.Tallies, func(t record.Tally) bool { return t.Severity >= s })
}

// Count gives how many findings of this severity were filed.
func (v *Verdict) Count(s finding.Severity) int {
	n := 0
	for _, t := range v.Tallies {
		if t.Severity == s {
			n += t.N
		}
	}
	return n
}

// Result is a run's state after merging; its tables are computed on demand, so
// that a run that finds nothing new need not.
type Result struct {
	AsOf      string // ISO date
	Verdicts  []*Verdict
	Snapshots []*plan.Snapshot // one for each plan, in the order of the input
	Uncopied  []Uncopied       // after Answer: the workbooks that could not be copied, through no fault of theirs
	contract  *Contract
	plans     []*plan.ActionPlan
	limits    workbook.Limits
	archive   intake.Store
	cutoff    string          // ISO date: what was received later is not merged, so its sender is not told yet
	answered  map[string]bool // keys of the outbox
	records   map[receiptOf]string
	mended    map[string]string // by institution and period: the newest receipt without errors
}

// ErrNothing says that there is nothing that could be published.
var ErrNothing = errors.New("no workbook was accepted")

// Run fetches, reads, judges, merges. A bad workbook is a finding in its
// verdict; an error means that the run itself could not go on. What is on record
// of a workbook is not judged again.
func Run(ctx context.Context, in Input) (*Result, error) {
	r := &run{Input: in, res: &Result{contract: in.Contract, limits: in.Limits, archive: in.Archive, records: map[receiptOf]string{}}}
	for _, p := range in.Plans {
		r.res.plans = append(r.res.plans, p.ActionPlan)
	}
	known := intake.LoadKnown(ctx, in.Archive)
	books, err := intake.Fetch(ctx, in.Inbox, in.Archive, in.ReceivedAt.UTC().Format(time.RFC3339), known)
	if err != nil {
		return nil, err
	}
	if in.Outbox != nil {
		if r.res.answered, err = keysOf(ctx, in.Outbox); err != nil {
			return nil, fmt.Errorf("list outbox: %w", err)
		}
	}
	if err := r.judgeAll(ctx, books); err != nil {
		return nil, err
	}
	if err := r.fold(ctx); err != nil {
		return nil, err
	}
	if in.Afresh {
		return r.res, nil
	}
	// Caches come last: without them a run takes longer, that is all.
	if err := known.Save(ctx, in.Archive); err != nil {
		return nil, fmt.Errorf("write cache: %w", err)
	}
	if err := r.shelf.save(ctx, in.Archive, r.order); err != nil {
		return nil, fmt.Errorf("write cache: %w", err)
	}
	return r.res, nil
}

func keysOf(ctx context.Context, s intake.Source) (map[string]bool, error) {
	entries, err := s.List(ctx, "")
	if err != nil {
		return nil, err
	}
	keys := make(map[string]bool, len(entries))
	for _, e := range entries {
		keys[e.Key] = true
	}
	return keys, nil
}

// Inspect judges one workbook as Check does, from where it lies: it holds
// neither the file nor its rows. src must stay as it is meanwhile.
func (c *Contract) Inspect(src io.ReaderAt, size int64, plans []*plan.ActionPlan, rc rules.Receipt, lim workbook.Limits,
	report *finding.Report) (rules.Judgement, error) {
	return c.look(src, size, plans, rc, lim, report, c.Rules.Inspect)
}

func (c *Contract) look(src io.ReaderAt, size int64, plans []*plan.ActionPlan, rc rules.Receipt, lim workbook.Limits, report *finding.Report,
	judge func(*workbook.Document, []*plan.ActionPlan, rules.Receipt, *finding.Report) (rules.Judgement, error)) (rules.Judgement, error) {
	day, _, _ := strings.Cut(rc.ReceivedAt, "T")
	doc, err := c.reader.Read(src, size, report.File, c.Layout, lim, c.Rules.AsSevereAsOn(cmp.Or(rc.RulesOn, day), report.Add))
	if doc != nil {
		defer doc.Close()
	}
	if err != nil || doc == nil || report.Blocked() {
		return rules.Judgement{}, err
	}
	return judge(doc, plans, rc, report)
}

// Accepted gives the submissions that the snapshots are made of.
func (r *Result) Accepted() []*plan.Submission {
	var out []*plan.Submission
	for _, s := range r.Snapshots {
		out = append(out, s.Submissions...)
	}
	return out
}

// Tables computes the core tables of one snapshot.
func (r *Result) Tables(snap *plan.Snapshot) ([]*table.Table, error) {
	return r.tablesOf(r.contract.public(snap))
}

// TooLarge is the finding about a file that is not even opened.
func (c *Contract) TooLarge(lim workbook.Limits) finding.Finding {
	return finding.Finding{Rule: "workbook-too-large", Severity: finding.Block,
		Args: map[string]string{"what": "@limit-file", "limit": megabytes(lim.FileBytes)}}
}

func megabytes(n int64) string {
	return table.Int(n>>20).String() + " MiB"
}

// Mended tells whether a workbook with errors was followed by one without, from
// the same institution for the same period; of a refused workbook the period
// may not be known, then any later one will do.
func (r *Result) Mended(bad *Verdict) bool {
	if r.mended == nil {
		r.mended = map[string]string{}
		for _, v := range r.Verdicts {
			if !v.Refused() && !v.Has(finding.Error) {
				for _, key := range [...]string{v.Workbook.Institution, v.Workbook.Institution + "/" + v.Submission.Period} {
					r.mended[key] = max(r.mended[key], v.Workbook.ReceivedAt)
				}
			}
		}
	}
	key := bad.Workbook.Institution
	if !bad.Refused() {
		key += "/" + bad.Submission.Period
	}
	return r.mended[key] > bad.Workbook.ReceivedAt
}

// Report gives what was found in a workbook, in the light of the others received
// before it too. It is not to be changed.
func (r *Result) Report(ctx context.Context, v *Verdict) (*finding.Report, error) {
	if v.Report != nil {
		return v.Report, nil
	}
	rec, err := readRecord(ctx, r.archive, v.Workbook)
	if err != nil {
		return nil, err
	}
	return reportOf(v.Workbook, rec, v.remarks), nil
}

// RecordOf gives the SHA-256 of the verdict on a workbook as it is recorded: of an
// institution's accepted workbook, or of one refused in its folder.
func (r *Result) RecordOf(digest, institution string) string {
	return r.records[receiptOf{digest, institution}]
}

// Contract is what the run was judged by.
func (r *Result) Contract() *Contract { return r.contract }
