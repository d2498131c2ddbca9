package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/semaphore"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/workbook"
)

func (a *app) checkCommand() *cobra.Command {
	all := false
	explain := ""
	c := &cobra.Command{
		Use:   "check FILE... | --explain RULE",
		Short: "Check workbooks or folders of them; write nothing",
		Long: `check tells what is wrong with workbooks, rule by rule, the worst first, and how
to mend it. It writes nothing. Folders are walked.`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch explains := cmd.Flags().Changed("explain"); {
			case explains && len(args) > 0:
				return errors.New("check: --explain tells of a rule and reads no workbook: name one or the other")
			case explains:
				return nil
			}
			return cobra.MinimumNArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("explain") {
				return a.explain(explain)
			}
			return a.check(cmd.Context(), args, all)
		},
	}
	c.Flags().BoolVar(&a.flags.json, "json", false, "print it as JSON")
	c.Flags().BoolVar(&all, "all", false, "list each finding instead of grouping them by rule")
	c.Flags().StringVar(&explain, "explain", "", "tell of a rule: what it wants, why, an example; \"all\" lists the rules")
	c.Flags().StringVar(&a.flags.receivedAt, "received-at", "", "judge as if received at this instant (default: now)")
	// Registering fails only for a flag that is not there.
	_ = c.RegisterFlagCompletionFunc("explain", completeRules)
	return c
}

func (a *app) check(ctx context.Context, args []string, all bool) error {
	c, err := a.configure()
	if err != nil {
		return err
	}
	received, err := a.flags.received(a.now())
	if err != nil {
		return err
	}
	contract, plans, err := load(c)
	if err != nil {
		return err
	}
	files, skipped, err := expand(ctx, args)
	if err != nil {
		return err
	}
	k := &checker{contract: contract, plans: bare(plans), inbox: c.Inbox, received: received.UTC().Format(time.RFC3339), lim: c.reading()}
	defer debug.SetGCPercent(debug.SetGCPercent(100)) // one huge workbook lowers it
	var t teller = &textTeller{app: a, words: checkWords(c.Language), contract: contract, plans: k.plans, all: all}
	if a.flags.json {
		t = &jsonTeller{out: a.out, contract: contract, plans: k.plans}
	}
	return k.run(ctx, files, skipped, t)
}

// hugeGCPercent keeps what the collector has not yet freed small beside what a
// huge workbook makes the program hold: a person's machine has little memory to
// spare. Reading makes little garbage, so it costs little time there; of many
// small workbooks, which hold next to nothing, it would cost half of all.
const hugeGCPercent = 12

// teller tells what was found, workbook by workbook.
type teller interface {
	tell(r *result) error
	skip(s skipped) error // a file that was not read
	end() error
}

// result is what became of one file.
type result struct {
	pipeline.Verdict
	err error // it could not be read; there is no verdict
}

// checker judges files.
type checker struct {
	contract *pipeline.Contract
	plans    []*plan.ActionPlan
	inbox    string
	received string
	lim      workbook.Limits
}

func (k *checker) run(ctx context.Context, files []string, left []skipped, t teller) error {
	bad, unread := false, 0
	for _, s := range left {
		if err := t.skip(s); err != nil {
			return err
		}
		if s.denied {
			unread++
		}
	}
	if err := k.each(ctx, files, func(file string, r *result) error {
		if r.err != nil {
			unread++
			return t.skip(skipped{file: file, why: whyUnread(r.err), err: r.err})
		}
		bad = bad || r.Report.Has(finding.Error)
		return t.tell(r)
	}); err != nil {
		return err
	}
	switch err := t.end(); {
	case err != nil:
		return err
	case unread > 0:
		return hinted{fmt.Errorf("check: not everything could be read (%d left out)", unread), "see to those named above; the others were checked"}
	case bad:
		return outcome(exitFindings)
	}
	return nil
}

// The room for workbooks that are being read: a small one takes one core's
// share of it, a big one as much as it is big, so that big ones do not add up.
const roomOfOne = 2 << 20

// ahead bounds how many verdicts, for each core, may wait for their turn to be told.
const ahead = 4

// each judges the files on every core and gives the results in the order of the files.
func (k *checker) each(ctx context.Context, files []string, tell func(file string, r *result) error) error {
	ctx, cancel := context.WithCancel(ctx)
	var working sync.WaitGroup
	defer working.Wait()
	defer cancel()
	cores := runtime.GOMAXPROCS(0)
	room := int64(cores) * roomOfOne
	free := semaphore.NewWeighted(room)
	results := make(chan chan *result, ahead*cores)
	working.Go(func() {
		defer close(results)
		for _, file := range files {
			var size int64
			if info, err := os.Stat(file); err == nil {
				size = info.Size()
			}
			if size > roomOfOne {
				debug.SetGCPercent(hugeGCPercent)
			}
			size = min(max(size, roomOfOne), room)
			if free.Acquire(ctx, size) != nil {
				return
			}
			one := make(chan *result, 1)
			working.Go(func() {
				defer free.Release(size)
				one <- k.one(ctx, file)
			})
			select {
			case results <- one:
			case <-ctx.Done():
				return
			}
		}
	})
	for _, file := range files {
		one, more := <-results
		if !more {
			break
		}
		r := <-one
		if ctx.Err() != nil {
			break
		}
		if err := tell(file, r); err != nil {
			return fmt.Errorf("check %s: %w", file, err)
		}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("check: %w", err)
	}
	return nil
}

// errChanged says that a file did not hold still.
var errChanged = errors.New("it changed while it was read")

// one judges one file, from where it lies.
func (k *checker) one(ctx context.Context, file string) *result {
	r := &result{Verdict: pipeline.Verdict{Report: &finding.Report{File: file}}}
	f, err := os.Open(file)
	if err != nil {
		r.err = err
		return r
	}
	defer f.Close()
	before, err := f.Stat()
	switch {
	case err != nil:
		r.err = err
		return r
	case !before.Mode().IsRegular():
		r.err = errOdd
		return r
	case before.Size() > k.lim.FileBytes:
		r.Report.Add(k.contract.TooLarge(k.lim))
		return r
	}
	folder, inInbox := inboxFolder(k.inbox, file)
	r.Judgement, r.err = k.contract.Inspect(reading{ctx, f}, before.Size(), k.plans, rules.Receipt{Folder: folder, AnyFolder: !inInbox, ReceivedAt: k.received}, k.lim, r.Report)
	// What was judged must be one state of the file, not the halves of two.
	if after, err := f.Stat(); ctx.Err() == nil && (err != nil || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime())) {
		r.err = cmp.Or(err, errChanged)
	}
	r.Report.Sort()
	return r
}

// reading is a file that is no longer read once nobody waits for it.
type reading struct {
	ctx context.Context
	src io.ReaderAt
}

func (r reading) ReadAt(p []byte, off int64) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.src.ReadAt(p, off)
}

// inboxFolder gives the institution's folder that a file of the inbox lies in;
// ok is false of a file that lies elsewhere.
func inboxFolder(inbox, file string) (folder string, ok bool) {
	if isS3(inbox) {
		return "", false
	}
	root, err := filepath.Abs(folderOf(inbox))
	if err != nil {
		return "", false
	}
	if file, err = filepath.Abs(file); err != nil {
		return "", false
	}
	rel, err := filepath.Rel(root, file)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	folder, _, ok = strings.Cut(filepath.ToSlash(rel), "/")
	if !ok {
		folder = ""
	}
	return folder, true
}
