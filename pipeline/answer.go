package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/intake"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/workbook"
	"iltizam/pipeline/workbook/scan"
)

// Uncopied is a workbook whose copy could not be made; its receipt was written.
type Uncopied struct {
	File string
	Err  error
}

// Answer puts into the outbox, one folder for each institution, what became of
// each workbook: a receipt, the same as a text, and the workbook with each
// finding marked. A workbook received after the day that the run speaks about is
// answered by a run that knows what came before it. What was once written stays as it is; the receipt is written
// last, so that a workbook with a receipt has all three.
func (r *Result) Answer(ctx context.Context, outbox intake.Store) error {
	answered := r.answered
	if answered == nil {
		var err error
		if answered, err = keysOf(ctx, outbox); err != nil {
			return fmt.Errorf("list outbox: %w", err)
		}
	}
	var mu sync.Mutex
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(inFlight)
	busy := newCores()
	for _, v := range r.Verdicts {
		if answered[v.Workbook.AnswerKey()] || r.cutoff != "" && v.Workbook.ReceivedAt[:len(time.DateOnly)] > r.cutoff {
			continue
		}
		g.Go(func() error {
			trouble, err := r.answerOne(gctx, outbox, v, busy)
			if trouble != nil {
				mu.Lock()
				defer mu.Unlock()
				r.Uncopied = append(r.Uncopied, Uncopied{v.Workbook.Path, trouble})
			}
			return err
		})
	}
	err := g.Wait()
	slices.SortFunc(r.Uncopied, func(a, b Uncopied) int { return strings.Compare(a.File, b.File) })
	return err
}

// answerOne answers one workbook. trouble is why there is no copy, where it is
// not the workbook's fault.
func (r *Result) answerOne(ctx context.Context, outbox intake.Store, v *Verdict, busy cores) (trouble, err error) {
	if v.Report == nil {
		return nil, fmt.Errorf("answer %s: the run did not know its outbox", v.Workbook.Path)
	}
	letGo := busy.take()
	marked, err := r.copyOf(ctx, v)
	letGo()
	var refused *scan.Refusal
	switch {
	case errors.As(err, &refused), errors.Is(err, intake.ErrTooLarge):
		marked = nil // there is nothing that could be marked
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		marked, trouble = nil, err
	}
	name := ""
	if marked != nil {
		name = path.Base(v.Workbook.CopyKey())
		if err := intake.PutBytes(ctx, outbox, v.Workbook.CopyKey(), marked); err != nil {
			return trouble, fmt.Errorf("write marked copy of %s: %w", v.Workbook.Path, err)
		}
	}
	if err := intake.PutBytes(ctx, outbox, v.Workbook.LetterKey(), r.letter(v, name)); err != nil {
		return trouble, fmt.Errorf("write receipt of %s: %w", v.Workbook.Path, err)
	}
	b, err := r.receipt(v, name)
	if err == nil {
		err = intake.PutBytes(ctx, outbox, v.Workbook.AnswerKey(), b)
	}
	if err != nil {
		return trouble, fmt.Errorf("write receipt of %s: %w", v.Workbook.Path, err)
	}
	return trouble, nil
}

// copyOf makes the marked copy of a workbook.
func (r *Result) copyOf(ctx context.Context, v *Verdict) ([]byte, error) {
	src, err := v.Workbook.Bytes(ctx, r.limits.FileBytes)
	if err != nil {
		return nil, err
	}
	return r.contract.Annotate(src, r.limits, r.plans, v)
}

// Annotate gives the copy of a workbook with each finding of its verdict marked.
// A *scan.Refusal means that there is nothing that could be copied.
func (c *Contract) Annotate(src []byte, lim workbook.Limits, plans []*plan.ActionPlan, v *Verdict) ([]byte, error) {
	var buf bytes.Buffer
	err := c.reader.Annotate(&buf, bytes.NewReader(src), int64(len(src)), c.Layout, lim,
		func(h *workbook.Header) workbook.Feedback {
			return c.feedback(v, NamingOf(v, plans), editions(plans, h, c.Layout))
		})
	if err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// editions gives the languages of a workbook's answer: that of the edition, then
// the plan's first other one.
func editions(plans []*plan.ActionPlan, h *workbook.Header, lay *workbook.Layout) []string {
	known := rules.Languages()
	langs := []string{h.Text("language")}
	for _, p := range plans {
		if p.ID == h.Text("plan") {
			known = p.TemplateLanguages
		}
	}
	langs = append(append(langs, known...), lay.Fallback...)
	var out []string
	for _, lang := range langs {
		if slices.Contains(rules.Languages(), lang) && !slices.Contains(out, lang) {
			out = append(out, lang)
		}
	}
	return out[:min(2, len(out))]
}

// feedback gathers what the sender is told.
func (c *Contract) feedback(v *Verdict, n Naming, langs []string) workbook.Feedback {
	day, _, _ := strings.Cut(v.Workbook.ReceivedAt, "T")
	fb := workbook.Feedback{Answers: v.Workbook.SubmissionID(), ReceivedAt: day, Languages: langs, Outcome: v.Outcome(),
		RowsTaken: v.RowsTaken, RowsHeld: v.RowsHeld, Counts: map[finding.Severity]int{}}
	for s := finding.Info; s <= finding.Block; s++ {
		fb.Counts[s] = v.Report.Count(s)
	}
	for _, x := range c.Complaints(v.Report, n) {
		fb.Marks = append(fb.Marks, workbook.Mark{Severity: x.Severity, Sheet: x.Sheet, Ref: x.Cell, Value: x.Value,
			Commitment: x.Commitment, Message: x.Message, Remedy: x.Remedy})
	}
	if v.Submission != nil {
		fb.Held = v.Submission.Held
		fb.Taken = c.takenValues(v.Submission, langs)
	}
	return fb
}
