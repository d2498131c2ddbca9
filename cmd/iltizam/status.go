package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"iltizam/pipeline"
	"iltizam/pipeline/plan"
)

type statusFlags struct{ plan, period, format string }

func (a *app) statusCommand() *cobra.Command {
	var f statusFlags
	c := &cobra.Command{
		Use:   "status",
		Short: "Tell who reported, who is late, what is held back",
		Long: `status tells, for a reporting period, which institutions reported, which are late,
what is held back with the reason, which values are carried forward, which
workbooks were refused. It reads the archive alone, writes nothing and publishes
nothing.

Without --period it tells of the newest period that has ended, with --period all
of each one that a report is owed for. Days are counted up to --as-of; what was
received later is left out.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.status(cmd.Context(), f) },
	}
	c.Flags().StringVar(&f.plan, "plan", "", "action plan (default: each)")
	c.Flags().StringVar(&f.period, "period", "", `reporting period, or "all" (default: the newest that has ended)`)
	c.Flags().StringVar(&a.flags.archive, "archive", "", "where every workbook is kept (private)")
	c.Flags().StringVar(&a.flags.asOf, "as-of", "", "day to tell the state of, YYYY-MM-DD (default: today)")
	formatFlag(c, &f.format)
	return c
}

func (a *app) status(ctx context.Context, f statusFlags) error {
	c, err := a.configure()
	if err != nil {
		return err
	}
	if err := checkFormat(f.format); err != nil {
		return err
	}
	in := pipeline.Input{Now: a.now()}
	if in.AsOf, err = a.flags.day(); err != nil {
		return err
	}
	in.AsOf = cmp.Or(in.AsOf, in.Now.UTC().Format(time.DateOnly))
	if in.Contract, in.Plans, err = load(c); err != nil {
		return err
	}
	if err := knownPlan(in.Plans, f.plan); err != nil {
		return err
	}
	if err := a.fromArchive(ctx, c, &in); err != nil {
		return err
	}
	res, err := pipeline.Known(ctx, in)
	if err != nil {
		return fmt.Errorf("read archive: %w", err)
	}
	if len(res.Verdicts) == 0 {
		return emptyArchive(c)
	}
	told, err := statuses(ctx, res, f)
	if err != nil {
		return err
	}
	strays, err := res.Strays(ctx)
	if err != nil {
		return err
	}
	switch f.format {
	case asJSON:
		return printJSON(a.out, statusAsJSON(in.AsOf, told, strays))
	case asCSV:
		return writeStatusCSV(a.out, told)
	}
	v, err := a.view(c, in.Contract)
	if err != nil {
		return err
	}
	v.tellStatus(told, strays)
	return nil
}

// fromArchive lets an input read the archive, which stays as it is.
func (a *app) fromArchive(ctx context.Context, c config, in *pipeline.Input) error {
	if absent(c.Archive) {
		return usageError{hintf("name the folder with --archive or `archive:` in iltizam.yaml; `iltizam run` makes it",
			"open archive %s: there is no such folder", c.Archive)}
	}
	store, err := openStore(ctx, c.Archive)
	if err != nil {
		return fmt.Errorf("open archive: %w", err)
	}
	in.Archive, in.ReceivedAt, in.Limits = pipeline.Unwritten(store), in.Now, c.reading()
	return nil
}

func emptyArchive(c config) error {
	return usageError{hintf("`iltizam run` puts there what lies in the inbox; name another place with --archive",
		"read archive %s: no workbook was ever received there", c.Archive)}
}

func knownPlan(plans []pipeline.Plan, id string) error {
	var ids []string
	for _, p := range plans {
		if p.ID == id {
			return nil
		}
		ids = append(ids, p.ID)
	}
	if id == "" {
		return nil
	}
	return usageError{hintf("choose one of: "+strings.Join(ids, ", "), "read --plan: there is no plan %q", id)}
}

// statuses gives the status of each plan that is asked for. A period that no plan
// has is a mistake; of several plans those that have it are told of.
func statuses(ctx context.Context, res *pipeline.Result, f statusFlags) ([]*pipeline.Status, error) {
	var out []*pipeline.Status
	var known []string
	for _, snap := range res.Snapshots {
		if f.plan != "" && snap.Plan.ID != f.plan {
			continue
		}
		s, err := res.Status(ctx, snap, f.period)
		if errors.Is(err, pipeline.ErrNoPeriod) {
			known = append(known, periodIDs(snap.Plan)...)
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, usageError{hintf("choose one of: "+strings.Join(append(known, pipeline.EveryPeriod), ", "),
			"read --period: there is no reporting period %q", f.period)}
	}
	return out, nil
}

func periodIDs(p *plan.ActionPlan) []string {
	var ids []string
	for _, r := range p.Periods {
		ids = append(ids, r.ID)
	}
	return ids
}
