// Package pipeline runs the stages that lead from an inbox to tables, in their order.
package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"iltizam/pipeline/aggregate"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/intake"
	"iltizam/pipeline/merge"
	"iltizam/pipeline/plan"
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
	Now        time.Time // the clock, read once by the caller
	AsOf       string    // ISO date that the figures speak about, "" for the newest event up to Now
	ReceivedAt time.Time // of workbooks that are seen for the first time
	Limits     workbook.Limits
	// Tick, if set, is called after each workbook that was judged; calls come
	// from several goroutines.
	Tick func(done, total int)
}

// Verdict is what became of one workbook.
type Verdict struct {
	Workbook *intake.Workbook
	Report   *finding.Report
	rules.Judgement
}

// Refused tells whether nothing of the workbook was taken.
func (v *Verdict) Refused() bool { return v.Submission == nil }

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
}

// ErrNothing says that there is nothing that could be published.
var ErrNothing = errors.New("no workbook was accepted")

// Run fetches, reads, judges, merges. A bad workbook is a finding in its
// verdict; an error means that the run itself could not go on.
func Run(ctx context.Context, in Input) (*Result, error) {
	books, err := intake.Fetch(ctx, in.Inbox, in.Archive, in.ReceivedAt.UTC().Format(time.RFC3339))
	if err != nil {
		return nil, err
	}
	res := &Result{contract: in.Contract, Verdicts: make([]*Verdict, len(books))}
	plans := make([]*plan.ActionPlan, len(in.Plans))
	for i, p := range in.Plans {
		plans[i] = p.ActionPlan
	}
	res.plans, res.limits = plans, in.Limits
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	var done atomic.Int64
	for i, w := range books {
		g.Go(func() error {
			v, err := judge(gctx, in.Contract, plans, w, in.Limits)
			res.Verdicts[i] = v
			if in.Tick != nil {
				in.Tick(int(done.Add(1)), len(books))
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	res.AsOf = in.AsOf
	if res.AsOf == "" {
		res.AsOf = newestEvent(plans, res.Verdicts, in.Now.UTC().Format(time.DateOnly))
	}
	res.merge(plans)
	return res, nil
}

func judge(ctx context.Context, c *Contract, plans []*plan.ActionPlan, w *intake.Workbook, lim workbook.Limits) (*Verdict, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	v := &Verdict{Workbook: w, Report: &finding.Report{File: w.Name()}}
	b, err := w.Bytes(ctx, lim.FileBytes)
	if errors.Is(err, intake.ErrTooLarge) {
		v.Report.Add(c.TooLarge(lim))
		return v, nil
	}
	if err != nil {
		return nil, err
	}
	v.Judgement, err = c.Check(b, plans, rules.Receipt{Digest: w.Digest, Folder: w.Institution, ReceivedAt: w.ReceivedAt},
		lim, v.Report)
	if err != nil {
		return nil, fmt.Errorf("read workbook %s: %w", w.Path, err)
	}
	return v, nil
}

// Check reads one workbook and judges it; findings go to the report.
func (c *Contract) Check(b []byte, plans []*plan.ActionPlan, rc rules.Receipt, lim workbook.Limits,
	report *finding.Report) (rules.Judgement, error) {
	return c.look(bytes.NewReader(b), int64(len(b)), plans, rc, lim, report, c.Rules.Validate)
}

// Inspect judges one workbook as Check does, from where it lies: it holds
// neither the file nor its rows. src must stay as it is meanwhile.
func (c *Contract) Inspect(src io.ReaderAt, size int64, plans []*plan.ActionPlan, rc rules.Receipt, lim workbook.Limits,
	report *finding.Report) (rules.Judgement, error) {
	return c.look(src, size, plans, rc, lim, report, c.Rules.Inspect)
}

func (c *Contract) look(src io.ReaderAt, size int64, plans []*plan.ActionPlan, rc rules.Receipt, lim workbook.Limits, report *finding.Report,
	judge func(*workbook.Document, []*plan.ActionPlan, rules.Receipt, *finding.Report) (rules.Judgement, error)) (rules.Judgement, error) {
	doc, err := c.reader.Read(src, size, report.File, c.Layout, lim, report.Add)
	if doc != nil {
		defer doc.Close()
	}
	if err != nil || doc == nil || report.Blocked() {
		return rules.Judgement{}, err
	}
	return judge(doc, plans, rc, report)
}

// newestEvent is the day of the newest event that is not after today, so that
// eventless days change nothing: a submission was accepted, a workbook of a known
// institution was refused, a deadline passed.
func newestEvent(plans []*plan.ActionPlan, verdicts []*Verdict, today string) string {
	newest := ""
	event := func(day string) {
		if day > newest && day <= today {
			newest = day
		}
	}
	for _, v := range verdicts {
		switch {
		case v.Submission != nil:
			event(v.Submission.Source.ReceivedAt[:len(time.DateOnly)])
		case slices.ContainsFunc(plans, func(p *plan.ActionPlan) bool { return p.Institution(v.Workbook.Institution) != nil }):
			event(v.Workbook.ReceivedAt[:len(time.DateOnly)])
		}
	}
	for _, p := range plans {
		for _, r := range p.Periods {
			if r.DueDate != "" && r.DueDate < today {
				event(nextDay(r.DueDate))
			}
		}
	}
	return newest
}

// nextDay is the first day on which a deadline has passed.
func nextDay(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return t.AddDate(0, 0, 1).Format(time.DateOnly)
}

// refusal is what is known of a refused workbook.
func (v *Verdict) refusal() plan.Refusal {
	return plan.Refusal{Institution: v.Workbook.Institution, Plan: v.Plan, Period: v.Period,
		Digest: v.Workbook.Digest, ReceivedAt: v.Workbook.ReceivedAt}
}

func (r *Result) merge(plans []*plan.ActionPlan) {
	var subs []*plan.Submission
	verdictOf := map[*plan.Submission]*Verdict{}
	var refusals []plan.Refusal
	for _, v := range r.Verdicts {
		if v.Refused() && v.Workbook.Institution != "" {
			refusals = append(refusals, v.refusal())
		}
		if v.Submission != nil {
			subs = append(subs, v.Submission)
			verdictOf[v.Submission] = v
		}
	}
	for _, p := range plans {
		snap, superseded := merge.Snapshot(p, subs, r.AsOf, refusals...)
		r.Snapshots = append(r.Snapshots, snap)
		for _, s := range superseded {
			v := verdictOf[s.Older]
			rule, _ := r.contract.Rules.Catalogue.Rule("submission-superseded")
			v.Report.Add(finding.Finding{Rule: rule.ID, Severity: rule.Severity, Args: map[string]string{
				"later": s.Later.Source.SubmissionID + ", " + s.Later.Source.ReceivedAt}})
		}
	}
	for _, v := range r.Verdicts {
		v.Report.Sort()
	}
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
	return aggregate.Tables(snap, r.contract.Tables, func(n plan.Note, lang string) string {
		return r.contract.sayNote(snap.Plan, n, lang)
	})
}

// sayNote renders a public note; a period in it is called by its label.
func (c *Contract) sayNote(p *plan.ActionPlan, n plan.Note, lang string) string {
	if period := p.Period(n.Args["from"]); period != nil {
		if label, _ := period.Label.First(append([]string{lang}, p.Languages...)); label.Text != "" {
			n.Args = maps.Clone(n.Args)
			n.Args["from"] = label.Text
		}
	}
	return c.Rules.Catalogue.Message(finding.Finding{Rule: n.Rule, Value: n.Value, Args: n.Args,
		At: finding.Cell{Sheet: n.Sheet, Ref: n.Cell}}, lang)
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
	for _, v := range r.Verdicts {
		if v.Workbook.ReceivedAt > bad.Workbook.ReceivedAt && v.Workbook.Institution == bad.Workbook.Institution &&
			!v.Refused() && !v.Report.Has(finding.Error) && (bad.Refused() || v.Submission.Period == bad.Submission.Period) {
			return true
		}
	}
	return false
}

// Contract is what the run was judged by.
func (r *Result) Contract() *Contract { return r.contract }
