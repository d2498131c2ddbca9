package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

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
in a folder of its own, ready to be sent.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.template(cmd.Context(), f) },
	}
	c.Flags().StringVar(&f.plan, "plan", "", "action plan (default: the only one there is)")
	c.Flags().StringVar(&f.institution, "institution", "", "institution code (default: every lead institution)")
	c.Flags().StringVar(&f.period, "period", "", "reporting period (default: the plan's newest)")
	c.Flags().StringVar(&f.edition, "edition", "", "language of the workbook (default: the plan's first)")
	c.Flags().StringVarP(&f.out, "out", "o", "templates", "folder to write to, or a file name that ends in .xlsx")
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
	codes := []string{f.institution}
	if f.institution == "" {
		codes = leads(p)
	} else if p.Institution(f.institution) == nil {
		return usageError{hintf("choose one of: "+strings.Join(leads(p), ", "), "make template: %s has no institution %q", p.ID, f.institution)}
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
	for i, code := range codes {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("make template of %s: %w", code, err)
		}
		name := names[i]
		var buf bytes.Buffer
		if err := workbook.Template(&buf, contract.Layout, contract.TemplateSpec(p, code, period, f.edition)); err != nil {
			return fmt.Errorf("make template of %s: %w", code, err)
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return fmt.Errorf("make template of %s: %w", code, err)
		}
		if err := os.WriteFile(name, buf.Bytes(), 0o644); err != nil {
			return fmt.Errorf("make template of %s: %w", code, err)
		}
		a.say("%s", name)
	}
	return nil
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

func leads(p *plan.ActionPlan) []string {
	var codes []string
	for _, i := range p.Institutions {
		if len(p.Led(i.Code)) > 0 {
			codes = append(codes, i.Code)
		}
	}
	return codes
}
