package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"iltizam/output/bucket"
	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/intake"
)

func (a *app) runCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "run",
		Short: "Read the inbox, check it, publish a release",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.configure()
			if err != nil {
				return err
			}
			return a.job(cmd.Context(), c)
		},
	}
	a.flags.places(c)
	a.flags.times(c)
	return c
}

// job is one batch run: inbox to release. It is what `run` does once and
// `serve` does on its schedule.
func (a *app) job(ctx context.Context, c config) error {
	in, err := a.input(ctx, c)
	if err != nil {
		return err
	}
	return a.carryOut(ctx, c, in)
}

// carryOut runs the job on an input.
func (a *app) carryOut(ctx context.Context, c config, in pipeline.Input) error {
	b, err := openBucket(ctx, c.Bucket)
	if err != nil {
		return fmt.Errorf("open bucket: %w", err)
	}
	outbox, err := openStore(ctx, c.Outbox)
	if err != nil {
		return fmt.Errorf("open outbox: %w", err)
	}
	bar := newProgress(a.err)
	defer bar.done()
	in.Tick, in.Outbox = bar.tick, outbox
	a.skipped = nil
	res, err := pipeline.Run(ctx, in)
	if err != nil {
		return err
	}
	bar.done()
	if err := a.tellRead(ctx, c, res); err != nil {
		return err
	}
	denied := a.tellSkipped(c)
	a.tellFuture(in, res)
	if err := res.Answer(ctx, outbox); err != nil {
		return err
	}
	for _, u := range res.Uncopied {
		a.say("warning    %s: its marked copy could not be made: %v; its receipt was written", u.File, u.Err)
	}
	if len(res.Accepted()) == 0 {
		return fmt.Errorf("publish: %w", a.nothing(c, in, res))
	}
	out, err := publish(ctx, b, c, in.Contract, in.Plans, res, in.Now, bar.phase)
	bar.done()
	if err != nil {
		return fmt.Errorf("publish: %w", foreign(c.Bucket, err))
	}
	a.tellPublished(c, b, res, out)
	if denied {
		return outcome(exitPartial)
	}
	for _, v := range res.Verdicts {
		if v.Workbook.InInbox && v.Has(finding.Error) && !res.Mended(v) {
			return outcome(exitPartial)
		}
	}
	return nil
}

// nothing says why there is nothing to publish.
func (a *app) nothing(c config, in pipeline.Input, res *pipeline.Result) error {
	if len(res.Verdicts) == 0 && len(a.skipped) > 0 {
		return hinted{fmt.Errorf("nothing in the inbox %s could be read: %w", c.Inbox, pipeline.ErrNothing),
			"see to the files and folders named above"}
	}
	if len(res.Verdicts) == 0 {
		return hinted{fmt.Errorf("the inbox %s is empty: %w", c.Inbox, pipeline.ErrNothing),
			"put filled workbooks into " + c.Inbox + ", one folder for each institution; `iltizam template` makes them"}
	}
	late := 0
	for _, v := range res.Verdicts {
		if !v.Refused() {
			late++
		}
	}
	if late > 0 {
		day := cmp.Or(res.AsOf, in.Now.UTC().Format(time.DateOnly))
		return hinted{fmt.Errorf("%s received after %s, none before: %w", plural(late, "workbook"), day, pipeline.ErrNothing),
			"give a later --as-of, or tell with --received-at when the workbooks came"}
	}
	return hinted{fmt.Errorf("%s received, all refused: %w", plural(len(res.Verdicts), "workbook"), pipeline.ErrNothing),
		"`iltizam check " + c.Inbox + "` tells each finding with its remedy; the last release stays as it was"}
}

// input gathers what a run depends on.
func (a *app) input(ctx context.Context, c config) (pipeline.Input, error) {
	var in pipeline.Input
	var err error
	if isS3(c.Bucket) && c.BaseURL == exampleBaseURL {
		return in, usageError{hintf("give it with --base-url or `base_url:` in iltizam.yaml",
			"base_url is required to publish into an S3 bucket: the address that the public reads it under")}
	}
	in.Now = a.now()
	if in.AsOf, err = a.flags.day(); err != nil {
		return in, err
	}
	if in.ReceivedAt, err = a.flags.received(in.Now); err != nil {
		return in, err
	}
	// What is received stays received: a slip of the keyboard would keep a
	// workbook out of every release until that day.
	if in.ReceivedAt.After(in.Now) && in.ReceivedAt.UTC().Format(time.DateOnly) > in.AsOf {
		return in, usageError{hintf("workbooks are received now or were before; to try out a later day, give --as-of of that day too",
			"read --received-at %q: it lies in the future", a.flags.receivedAt)}
	}
	if in.Contract, in.Plans, err = load(c); err != nil {
		return in, err
	}
	if in.Inbox, err = openInbox(ctx, c.Inbox, a.skip); err != nil {
		return in, err
	}
	if in.Archive, err = openStore(ctx, c.Archive); err != nil {
		return in, fmt.Errorf("open archive: %w", err)
	}
	in.Limits = c.reading()
	return in, nil
}

// tellRead says what was read and found.
func (a *app) tellRead(ctx context.Context, c config, res *pipeline.Result) error {
	inInbox, refused, partly, counts := 0, 0, 0, map[finding.Severity]int{}
	for _, v := range res.Verdicts {
		if v.Workbook.InInbox {
			inInbox++
		}
		switch v.Outcome() {
		case "refused":
			refused++
		case "accepted_in_part":
			partly++
		}
		for s := finding.Info; s <= finding.Block; s++ {
			if timely(res, v) {
				counts[s] += v.Count(s)
			}
		}
	}
	a.say("read       %s in %s, %s in the archive", plural(inInbox, "workbook"), c.Inbox, plural(len(res.Verdicts), "workbook"))
	line := fmt.Sprintf("checked    %d accepted", len(res.Verdicts)-refused-partly)
	if partly > 0 {
		line += fmt.Sprintf(", %d accepted in part", partly)
	}
	a.say("%s, %d refused; %s, %s, %s", line, refused, plural(counts[finding.Error]+counts[finding.Block], "error"),
		plural(counts[finding.Warning], "warning"), plural(counts[finding.Info], "remark"))
	a.tellAgain(res)
	return a.tellFindings(ctx, c, res)
}

// tellAgain names files that are the same as one received before.
func (a *app) tellAgain(res *pipeline.Result) {
	for _, v := range res.Verdicts {
		for _, key := range v.Workbook.Again {
			a.say("           %s is the same file as %s, received %s: nothing is read twice", key, v.Workbook.Path, v.Workbook.ReceivedAt)
		}
	}
}

// skip notes an entry of the inbox that was passed over.
func (a *app) skip(s intake.Skip) { a.skipped = append(a.skipped, s) }

// tellSkipped names what was passed over in the inbox, and tells whether some of
// it may hold workbooks that nobody read.
func (a *app) tellSkipped(c config) (denied bool) {
	for _, s := range a.skipped {
		name := filepath.Join(folderOf(c.Inbox), filepath.FromSlash(s.Key))
		if isS3(c.Inbox) {
			address, _, _ := strings.Cut(c.Inbox, "?")
			name = strings.TrimRight(address, "/") + "/" + s.Key
		}
		a.say("not read: %s %s", name, s.Reason)
		denied = denied || s.Denied
	}
	return denied
}

// tellFuture warns of figures about a day that nothing speaks of yet.
func (a *app) tellFuture(in pipeline.Input, res *pipeline.Result) {
	now := in.Now.UTC().Format(time.RFC3339)
	if in.AsOf <= now[:len(time.DateOnly)] {
		return
	}
	for _, v := range res.Verdicts {
		if v.Workbook.ReceivedAt > now {
			return
		}
	}
	a.say("warning    --as-of %s lies in the future: deadlines until then are taken as passed", in.AsOf)
}

// timely tells whether a workbook's findings still ask for something: it lies in
// the inbox, and no later one without errors took its place.
func timely(res *pipeline.Result, v *pipeline.Verdict) bool {
	return v.Workbook.InInbox && !res.Mended(v)
}

// maxTold bounds how many findings a run prints, maxReplaced how many workbooks that
// a later one took the place of.
const (
	maxTold     = 20
	maxReplaced = 3
)

// personalData is the rule whose findings the coordinator is told of by themselves.
const personalData = "personal-data"

// superseded is the remark that a later workbook took the place of one.
const superseded = "submission-superseded"

func (a *app) tellFindings(ctx context.Context, c config, res *pipeline.Result) error {
	told, left, replaced, unnamed := 0, 0, 0, 0
	warnings := map[string]int{}
	personal, where := 0, []string{}
	for _, v := range slices.Backward(res.Verdicts) { // the newest first
		if !v.Workbook.InInbox {
			continue
		}
		mended := !timely(res, v)
		serious := 0
		for _, t := range v.Tallies {
			if t.Rule == personalData && !mended {
				personal += t.N
				where = append(where, v.Workbook.Path)
			}
			switch {
			case mended || t.Severity == finding.Info:
			case t.Severity == finding.Warning:
				warnings[t.Rule] += t.N
			default:
				serious += t.N
			}
		}
		var findings []finding.Finding
		if serious > 0 && told < maxTold {
			report, err := res.Report(ctx, v)
			if err != nil {
				return err
			}
			findings = report.Findings
		} else {
			left += serious
		}
		for _, f := range append(slices.Clip(findings), v.Later...) {
			switch {
			case f.Severity < finding.Error && f.Rule != superseded:
			case f.Rule == superseded && replaced == maxReplaced:
				unnamed++
			case f.Rule != superseded && told == maxTold:
				left++
			default:
				if f.Rule == superseded {
					replaced++
				} else {
					told++
				}
				a.say("           %-7s %s: %s", f.Severity, f.At, a.sentence(c, res, v, f))
			}
		}
	}
	if left > 0 {
		a.say("           … %s; the receipts in %s tell them all", plural(left, "more finding"), c.Outbox)
	}
	if unnamed > 0 {
		a.say("           … %s more had a later one take its place", plural(unnamed, "workbook"))
	}
	if personal > 0 { // told whatever else was cut
		a.say("           personal data in %s, the rows held back: %s", plural(personal, "cell"), strings.Join(slices.Compact(where), ", "))
	}
	for _, rule := range sortedNames(warnings) {
		a.say("           warning %s: %s", rule, plural(warnings[rule], "value"))
	}
	return nil
}

func (a *app) sentence(c config, res *pipeline.Result, v *pipeline.Verdict, f finding.Finding) string {
	message, remedy := res.Say(v, f, c.Language)
	return message + " " + remedy
}

// tellPublished says what was published and where to look.
func (a *app) tellPublished(c config, b bucket.Bucket, res *pipeline.Result, out published) {
	for _, snap := range res.Snapshots {
		a.say("plan       %s: %s", snap.Plan.ID, headline(snap))
	}
	if !out.Changed {
		a.say("published  nothing new: release %s is current already (as of %s)", out.Release, res.AsOf)
	} else {
		a.say("published  release %s, as of %s: %s, %s uploaded (%s)", out.Release, res.AsOf,
			plural(out.Files, "file"), plural(out.Uploaded, "object"), size(out.Bytes))
	}
	if out.Behind != nil {
		a.say("           latest/ is behind: %v; the next run mends it", out.Behind)
	}
	if c.BaseURL == exampleBaseURL {
		a.say("           base_url is not set, so links in the data start with %s", exampleBaseURL)
	}
	if isS3(c.Bucket) {
		a.say("look at    %slatest/", c.BaseURL)
		return
	}
	dir := folderOf(c.Bucket)
	for _, snap := range res.Snapshots {
		name := filepath.Join(dir, "latest", snap.Plan.ID)
		a.say("look at    %s%c", name, filepath.Separator)
	}
	a.say("           `iltizam preview --bucket %s` shows it in a browser, `iltizam verify --bucket %s` checks it", c.Bucket, c.Bucket)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return plural(int(n), "byte")
}

func isWorkbookName(name string) bool {
	return strings.HasSuffix(strings.ToLower(name), ".xlsx")
}
