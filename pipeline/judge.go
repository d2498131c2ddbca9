package pipeline

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/intake"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/record"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/workbook"
)

// run is one Run.
type run struct {
	Input
	res   *Result
	shelf *shelf
	plans string // SHA-256 over the plans
	cores cores
	order []*book
}

// inFlight is how many workbooks are on their way at a time: while some are
// judged, others are written to places that answer slowly.
const inFlight = 16

// cores bounds how many do what keeps a processor busy.
type cores chan struct{}

func newCores() cores { return make(cores, runtime.GOMAXPROCS(0)) }

// take waits for a processor; what it gives lets go of it.
func (c cores) take() (letGo func()) {
	c <- struct{}{}
	return func() { <-c }
}

// book is a workbook with what is known of its verdict.
type book struct {
	w      *intake.Workbook
	period string
	size   int64          // bytes of the record, 0 where there is none
	slot   *slot          // on the shelf, nil where it is not there
	brief  *record.Brief  // nil while it is on the shelf alone
	full   *record.Record // of a workbook that is to be answered
}

// judgeAll gives each workbook its verdict: that on the shelf, that on record, or
// one made now.
func (r *run) judgeAll(ctx context.Context, books []*intake.Workbook) error {
	h := sha256.New()
	for _, p := range r.Plans {
		fmt.Fprintf(h, "%s %s\n", p.ID, p.Digest)
	}
	r.plans = hex.EncodeToString(h.Sum(nil))
	held := map[string]recordFile{}
	r.shelf = &shelf{}
	if !r.Afresh {
		r.shelf = openShelf(ctx, r.Archive)
		var err error
		if held, err = listRecords(ctx, r.Archive); err != nil {
			return err
		}
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(inFlight)
	r.cores = newCores()
	var done atomic.Int64
	for _, w := range books {
		b := &book{w: w}
		r.order = append(r.order, b)
		file, recorded := held[recordStem(w)]
		if recorded {
			w.Round = file.round
		}
		answer := r.res.answered != nil && !r.res.answered[w.AnswerKey()]
		if s := r.shelf.slots[recordStem(w)]; recorded && !answer && s != nil && s.size == file.size && s.round == file.round && !r.again(s.plans, s.awaitsPlan) {
			b.slot, b.period, b.size = s, s.period, s.size
			if r.Tick != nil {
				r.Tick(int(done.Add(1)), len(books))
			}
			continue
		}
		g.Go(func() error {
			err := r.judgeOne(gctx, b, recorded, answer)
			if r.Tick != nil {
				r.Tick(int(done.Add(1)), len(books))
			}
			return err
		})
	}
	return g.Wait()
}

// again tells whether a verdict is to be made anew: it is the plan's fault that
// something was refused, and the plans are others now.
func (r *run) again(plans string, awaitsPlan bool) bool { return awaitsPlan && plans != r.plans }

// judgeOne reads the verdict on record, or makes one and records it.
func (r *run) judgeOne(ctx context.Context, b *book, recorded, answer bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := b.w
	if recorded {
		rec, text, err := loadRecord(ctx, r.Archive, w)
		if err != nil {
			return err
		}
		if r.again(rec.JudgedBy.Plans, awaitsPlan(record.TallyOf(rec.Findings, rec.Cut))) {
			return r.judgeAgain(ctx, b, rec, text, answer)
		}
		b.take(rec, text, answer)
		return nil
	}
	rec, err := r.judge(ctx, w)
	if err != nil {
		return err
	}
	w.Round = 1
	return r.record(ctx, b, rec, r.res.answered == nil || answer || r.Afresh)
}

// judgeAgain judges by the plans of today what was refused by those of another
// day. What was taken stays, whatever the rules say now. A verdict that says the
// same is no new one: nobody is told twice.
func (r *run) judgeAgain(ctx context.Context, b *book, before *record.Record, beforeText []byte, answer bool) error {
	rec, err := r.judge(ctx, b.w)
	if err != nil {
		return err
	}
	rec.Keep(before)
	by := rec.JudgedBy
	rec.JudgedBy = before.JudgedBy
	text, err := rec.JSON(b.w.Digest, b.w.ReceivedAt)
	if err != nil {
		return err
	}
	was, err := before.JSON(b.w.Digest, b.w.ReceivedAt)
	if err != nil {
		return err
	}
	if bytes.Equal(text, was) {
		b.take(before, beforeText, answer)
		b.brief.JudgedBy.Plans = r.plans // the shelf remembers, so that the next run need not ask again
		return nil
	}
	rec.JudgedBy = by
	b.w.Round++
	return r.record(ctx, b, rec, true)
}

// record keeps a verdict. Another run may have been first: its verdict holds.
func (r *run) record(ctx context.Context, b *book, rec *record.Record, full bool) error {
	text, err := rec.JSON(b.w.Digest, b.w.ReceivedAt)
	if err != nil {
		return err
	}
	if !r.Afresh {
		if err := intake.PutBytes(ctx, r.Archive, recordKey(b.w), text); err != nil {
			return fmt.Errorf("record verdict on %s: %w", b.w.Path, err)
		}
		held, heldText, err := loadRecord(ctx, r.Archive, b.w)
		switch {
		case err == nil:
			rec, text = held, heldText
		case !isUnwritten(r.Archive):
			return err
		}
	}
	b.take(rec, text, full)
	return nil
}

func (b *book) take(rec *record.Record, text []byte, full bool) {
	sum := sha256.Sum256(text)
	b.brief = rec.Brief(hex.EncodeToString(sum[:]))
	b.period, b.size = rec.Period, int64(len(text))
	if full {
		b.full = rec
	}
}

// judge judges one workbook by itself.
func (r *run) judge(ctx context.Context, w *intake.Workbook) (*record.Record, error) {
	defer r.cores.take()()
	report := &finding.Report{File: w.Name()}
	var j rules.Judgement
	content, err := w.Bytes(ctx, r.Limits.FileBytes)
	switch {
	case errors.Is(err, intake.ErrTooLarge):
		report.Add(r.Contract.TooLarge(r.Limits))
	case err != nil:
		return nil, err
	default:
		if j, err = r.Contract.Check(content, r.res.plans, rules.Receipt{Digest: w.Digest, Folder: w.Institution, ReceivedAt: w.ReceivedAt,
			RulesOn: r.RulesOn}, r.Limits, report); err != nil {
			return nil, fmt.Errorf("read workbook %s: %w", w.Path, err)
		}
	}
	report.Sort()
	rec := &record.Record{JudgedBy: record.JudgedBy{Contract: r.Contract.Digest, Rules: rules.Version, Plans: r.plans},
		Plan: j.Plan, Period: j.Period, RowsTaken: j.RowsTaken, RowsHeld: j.RowsHeld, Findings: report.Findings, Cut: report.Cut, Submission: j.Submission}
	if s := j.Submission; s != nil {
		rec.Plan, rec.Period = s.Plan, s.Period
	}
	return rec, nil
}

// plansFault are the rules that refuse what a plan does not say: as soon as it
// does, the workbook is as good as any.
func plansFault() []string {
	return []string{"plan-unknown", "institution-unknown", "period-unknown", "origin-mismatch", "commitment-unknown", "commitment-not-yours",
		"title-mismatch"}
}

func awaitsPlan(tallies []record.Tally) bool {
	return slices.ContainsFunc(tallies, func(t record.Tally) bool { return t.Severity >= finding.Error && slices.Contains(plansFault(), t.Rule) })
}

// Check reads one workbook and judges it; findings go to the report.
func (c *Contract) Check(b []byte, plans []*plan.ActionPlan, rc rules.Receipt, lim workbook.Limits,
	report *finding.Report) (rules.Judgement, error) {
	return c.look(bytes.NewReader(b), int64(len(b)), plans, rc, lim, report, c.Rules.Validate)
}
