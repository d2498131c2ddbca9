package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"iltizam/output/release"

	"iltizam/pipeline"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook"
)

type templateFlags struct {
	plan, institution, period, edition, out string
	force                                   bool
}

func (a *app) templateCommand() *cobra.Command {
	var f templateFlags
	c := &cobra.Command{
		Use:   "template",
		Short: "Make the workbooks that institutions fill in",
		Long: `template makes the workbook of one institution for one reporting period, or,
without --institution, those of every institution that leads a commitment, each
in a folder of its own, ready to be sent.

What the archive holds of earlier periods is filled in: the value last published
of each commitment, locked, and the milestones as last reported. An archive that
is not there yet is one in which nothing is known.

Only the institution that leads a commitment reports on it; one that supports it
tells the lead what it did.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.template(cmd.Context(), f) },
	}
	c.Flags().StringVar(&f.plan, "plan", "", "action plan (default: the only one there is)")
	c.Flags().StringVar(&f.institution, "institution", "", "institution code (default: every lead institution)")
	c.Flags().StringVar(&f.period, "period", "", "reporting period (default: the plan's newest)")
	c.Flags().StringVar(&f.edition, "edition", "", "language of the workbook (default: the plan's first)")
	c.Flags().StringVarP(&f.out, "out", "o", "templates", "folder to write to, or a file name that ends in .xlsx")
	c.Flags().StringVar(&a.flags.archive, "archive", "", "where the earlier workbooks are kept (private)")
	a.flags.publicPlace(c)
	c.Flags().StringVar(&a.flags.asOf, "as-of", "", "date that the earlier values are of, YYYY-MM-DD (default: now)")
	c.Flags().BoolVar(&f.force, "force", false, "overwrite workbooks that are there, filled or not")
	return c
}

func (a *app) template(ctx context.Context, f templateFlags) error {
	c, err := a.configure()
	if err != nil {
		return err
	}
	contract, plans, err := load(c)
	if err != nil {
		return err
	}
	p, period, err := choose(plans, f)
	if err != nil {
		return err
	}
	if f.edition == "" {
		f.edition = p.TemplateLanguages[0]
	}
	if !slices.Contains(p.TemplateLanguages, f.edition) {
		return usageError{hintf("choose one of: "+strings.Join(p.TemplateLanguages, ", "), "make template: %s has no edition %q", p.ID, f.edition)}
	}
	codes, err := reporters(p, period, f.institution)
	if err != nil {
		return err
	}
	if isWorkbookName(f.out) && len(codes) > 1 {
		return usageError{hintf("name a folder, or one --institution", "make template: %d workbooks do not fit into %s", len(codes), f.out)}
	}
	names := make([]string, len(codes))
	var there []string
	for i, code := range codes {
		names[i] = f.out
		if !isWorkbookName(f.out) {
			names[i] = filepath.Join(f.out, code, fmt.Sprintf("%s_%s_%s.xlsx", p.ID, period.ID, code))
		}
		if _, err := os.Lstat(names[i]); err == nil {
			there = append(there, names[i])
		}
	}
	if len(there) > 0 && !f.force {
		return usageError{hintf("it may be filled in already: name another folder with --out, or overwrite with --force",
			"make template: %s there already, nothing was written: %s", isOrAre(len(there)), strings.Join(there, ", "))}
	}
	snap, base, err := a.known(ctx, c, contract, plans, p)
	if err != nil {
		return fmt.Errorf("make template: %w", err)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, code := range codes {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			spec := contract.TemplateSpec(p, code, period, f.edition)
			if snap != nil {
				pipeline.Prefill(&spec, snap)
				spec.BaseRelease = base
			}
			if err := writeTemplate(names[i], contract.Layout, spec); err != nil {
				return fmt.Errorf("make template of %s: %w", code, err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, name := range names {
		a.say("%s", name)
	}
	return nil
}

func writeTemplate(name string, lay *workbook.Layout, spec workbook.TemplateSpec) error {
	var buf bytes.Buffer
	if err := workbook.Template(&buf, lay, spec); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, buf.Bytes(), 0o644)
}

// reporters gives the institutions that get a workbook for a period: the one that
// is named, or all that lead a commitment for it.
func reporters(p *plan.ActionPlan, period *plan.ReportingPeriod, institution string) ([]string, error) {
	if institution == "" {
		return leads(p, period), nil
	}
	hint := "choose one of: " + strings.Join(leads(p, period), ", ")
	if p.Institution(institution) == nil {
		return nil, usageError{hintf(hint, "make template: %s has no institution %q", p.ID, institution)}
	}
	if len(p.LedFor(institution, period)) == 0 {
		return nil, usageError{hintf(hint, "make template: %s leads no commitment of %s for %s, and only the lead reports", institution, p.ID, period.ID)}
	}
	return []string{institution}, nil
}

// known gives what the archive holds of a plan as of now, and the release that
// the public reads of it; nil where nothing is known.
func (a *app) known(ctx context.Context, c config, contract *pipeline.Contract, plans []pipeline.Plan, p *plan.ActionPlan) (*plan.Snapshot, string, error) {
	if absent(c.Archive) {
		return nil, "", nil
	}
	in := pipeline.Input{Contract: contract, Plans: plans, Now: a.now(), Limits: c.reading()}
	var err error
	if in.AsOf, err = a.flags.day(); err != nil {
		return nil, "", err
	}
	in.ReceivedAt = in.Now
	if in.Archive, err = openStore(ctx, c.Archive); err != nil {
		return nil, "", fmt.Errorf("open archive: %w", err)
	}
	res, err := pipeline.Known(ctx, in)
	if err != nil {
		return nil, "", fmt.Errorf("read archive: %w", err)
	}
	if len(res.Accepted()) == 0 {
		return nil, "", nil
	}
	base := ""
	if !absent(c.Bucket) {
		b, err := openBucket(ctx, c.Bucket)
		if err != nil {
			return nil, "", fmt.Errorf("open bucket: %w", err)
		}
		head, _, err := release.Current(ctx, b)
		if err != nil {
			return nil, "", err
		}
		if head != nil {
			base = head.Release
		}
	}
	for _, snap := range res.Snapshots {
		if snap.Plan.ID == p.ID {
			return snap, base, nil
		}
	}
	return nil, "", nil
}

// absent tells of a folder that is not there; of a place on S3 only reading it
// tells.
func absent(place string) bool {
	if isS3(place) {
		return false
	}
	_, err := os.Stat(folderOf(place))
	return errors.Is(err, fs.ErrNotExist)
}

func isOrAre(n int) string {
	if n == 1 {
		return "1 workbook is"
	}
	return plural(n, "workbook") + " are"
}

// choose finds the plan and the period that the flags name.
func choose(plans []pipeline.Plan, f templateFlags) (*plan.ActionPlan, *plan.ReportingPeriod, error) {
	var p *plan.ActionPlan
	var ids []string
	for _, x := range plans {
		ids = append(ids, x.ID)
		if x.ID == f.plan || f.plan == "" && len(plans) == 1 {
			p = x.ActionPlan
		}
	}
	if p == nil && f.plan == "" {
		return nil, nil, usageError{hintf("name one with --plan", "make template: there are several plans: %s", strings.Join(ids, ", "))}
	}
	if p == nil {
		return nil, nil, usageError{hintf("choose one of: "+strings.Join(ids, ", "), "make template: there is no plan %q", f.plan)}
	}
	if len(p.Periods) == 0 {
		return nil, nil, usageError{errors.New("make template: the plan " + p.ID + " has no reporting period")}
	}
	period := &p.Periods[len(p.Periods)-1]
	if f.period != "" {
		if period = p.Period(f.period); period == nil {
			var known []string
			for _, r := range p.Periods {
				known = append(known, r.ID)
			}
			return nil, nil, usageError{hintf("choose one of: "+strings.Join(known, ", "), "make template: %s has no reporting period %q", p.ID, f.period)}
		}
	}
	return p, period, nil
}

// leads gives the institutions that lead a commitment for a period.
func leads(p *plan.ActionPlan, period *plan.ReportingPeriod) []string {
	var codes []string
	for _, i := range p.Institutions {
		if len(p.LedFor(i.Code, period)) > 0 {
			codes = append(codes, i.Code)
		}
	}
	return codes
}
