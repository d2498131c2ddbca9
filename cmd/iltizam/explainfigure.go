package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"iltizam/pipeline"
	"iltizam/schemas"
)

func (a *app) explainCommand() *cobra.Command {
	list := false
	c := &cobra.Command{
		Use:   "explain FIGURE",
		Short: "Walk from a published figure to the cells it comes from",
		Long: `explain tells of any published figure its exact value and method, then every
row, workbook, sheet and cell that it comes from; of a value that is missing or
held back, why.

It reads the archive, writes nothing, and is for operators and auditors: it names
private things, such as where a workbook was dropped and where it is kept.

A figure's name is the key of its row in the published tables, with slashes; a
column may follow, where another value of the row is meant:

  summary/PLAN/PERIOD/SCOPE/CODE/MEASURE/METHOD
  progress/PLAN/COMMITMENT/PERIOD
  milestones/PLAN/MILESTONE/PERIOD
  obligations/PLAN/PERIOD/INSTITUTION
  changes/CHANGE_ID, data_quality/NOTE_ID, evidence/EVIDENCE_ID
  commitments/PLAN/COMMITMENT/COLUMN   and any other table of the plan's own data

What can be told may be left out: PLAN where one plan alone has the figure, PERIOD
for the newest, METHOD for the first. A measure alone is that of the whole plan; a
commitment or a milestone alone is its progress:

  iltizam explain overall_progress
  iltizam explain PLAN-c05
  iltizam explain summary/axis/participation/axis_progress
  iltizam explain commitments/PLAN-c05/title_fr`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := ""
			if len(args) > 0 {
				// Copied from a text, it may bring the marks of its direction along.
				name = strings.TrimFunc(args[0], func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
			}
			if list {
				return a.listFigures(cmd.Context(), name)
			}
			if name == "" {
				return usageError{hintf("`iltizam explain --list` lists the figures", "explain: name a figure")}
			}
			return a.explainFigure(cmd.Context(), name)
		},
		ValidArgsFunction: a.completeFigures,
	}
	c.Flags().BoolVar(&list, "list", false, "list the figures whose whole name starts with FIGURE (default: the plan's newest)")
	c.Flags().BoolVar(&a.flags.json, "json", false, "print JSON for programs")
	c.Flags().StringVar(&a.flags.archive, "archive", "", "where every workbook is kept (private)")
	c.Flags().StringVar(&a.flags.asOf, "as-of", "", "tell the figure as it was known on that day, YYYY-MM-DD (default: the newest event)")
	return c
}

// figures reads what the archive holds.
func (a *app) figures(ctx context.Context) (config, *pipeline.Result, *pipeline.Figures, error) {
	c, err := a.configure()
	if err != nil {
		return c, nil, nil, err
	}
	contract, plans, err := load(c)
	if err != nil {
		return c, nil, nil, err
	}
	if absent(c.Archive) {
		return c, nil, nil, hinted{fmt.Errorf("explain: the archive %s is not there: %w", c.Archive, pipeline.ErrNothing),
			"name it with --archive or `archive:` in iltizam.yaml; `iltizam run` makes it"}
	}
	in := pipeline.Input{Contract: contract, Plans: plans, Now: a.now(), Limits: c.reading()}
	in.ReceivedAt = in.Now
	if in.AsOf, err = a.flags.day(); err != nil {
		return c, nil, nil, err
	}
	if in.Archive, err = openStore(ctx, c.Archive); err != nil {
		return c, nil, nil, fmt.Errorf("open archive: %w", err)
	}
	in.Archive = pipeline.Unwritten(in.Archive)
	res, err := pipeline.Known(ctx, in)
	if err != nil {
		return c, nil, nil, fmt.Errorf("read archive: %w", err)
	}
	f, err := res.Figures(plans)
	return c, res, f, err
}

func (a *app) explainFigure(ctx context.Context, name string) error {
	c, res, figures, err := a.figures(ctx)
	if err != nil {
		return err
	}
	x, err := figures.Find(name)
	var none *pipeline.NoFigureError
	if errors.As(err, &none) {
		hint := "`iltizam explain --list` lists the figures"
		switch {
		case none.Several:
			hint = "name one: " + strings.Join(none.Near, " or ")
		case len(none.Near) > 0:
			hint = "did you mean " + strings.Join(none.Near, " or ") + "? " + hint
		}
		return usageError{hinted{err, hint}}
	}
	if err != nil {
		return err
	}
	e, err := figures.Explain(ctx, x)
	if err != nil {
		return fmt.Errorf("explain %s: %w", x.Name, err)
	}
	for i := range e.Workbooks {
		e.Workbooks[i].Open = keptAt(c.Archive, e.Workbooks[i].Archived)
	}
	if a.flags.json {
		return a.printJSON(e)
	}
	words, err := pipeline.LoadLineageWords(schemas.FS)
	if err != nil {
		return err
	}
	t := &lineageTeller{app: a, words: words, lang: c.Language, contract: res.Contract(), e: e}
	t.tell()
	return nil
}

// keptAt gives where a file of a place can be opened.
func keptAt(place, key string) string {
	switch {
	case key == "":
		return ""
	case isS3(place):
		bare, _, _ := strings.Cut(place, "?")
		return strings.TrimRight(bare, "/") + "/" + key
	}
	return filepath.Join(folderOf(place), filepath.FromSlash(key))
}

func (a *app) printJSON(v any) error {
	b, err := indented(v, "")
	if err == nil {
		_, err = fmt.Fprintf(a.out, "%s\n", b)
	}
	return err
}

// listFigures prints names of figures with their values.
func (a *app) listFigures(ctx context.Context, prefix string) error {
	c, _, figures, err := a.figures(ctx)
	if err != nil {
		return err
	}
	all := figures.List(prefix)
	if a.flags.json {
		return a.printJSON(map[string]any{"version": pipeline.ExplanationVersion, "figures": slices.Concat([]pipeline.Listed{}, all)})
	}
	if len(all) == 0 && prefix != "" {
		return usageError{hintf("`iltizam explain --list` lists some, and the tables", "explain: no figure's name starts with %q", prefix)}
	}
	for _, l := range all {
		a.say("%s  %s", l.Name, l.Value)
	}
	if prefix != "" {
		return nil
	}
	words, err := pipeline.LoadLineageWords(schemas.FS)
	if err != nil {
		return err
	}
	t := &lineageTeller{app: a, words: words, lang: c.Language}
	a.say("")
	t.line("", "%s", words.Text(c.Language, "list-more", "command", t.left("iltizam explain --list TABLE/")))
	tables := figures.Tables()
	for _, name := range sortedNames(tables) {
		if tables[name] > 0 {
			t.pair("  ", t.left(name+"/"), words.Count(c.Language, "rows", tables[name]))
		}
	}
	return nil
}

// completeFigures offers names that need no archive: the measures, what is in the
// plans, the tables.
func (a *app) completeFigures(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	c, err := a.configure()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	contract, plans, err := load(c)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []cobra.Completion
	offer := func(name, description string) {
		if strings.HasPrefix(name, typed) {
			names = append(names, cobra.CompletionWithDesc(name, description))
		}
	}
	for _, code := range contract.CodeLists["measure"].Codes {
		offer(code.Code, code.Label["en"])
	}
	within, _, whole := strings.Cut(typed, "/")
	ofPlans := func(name string) bool {
		s := contract.Tables[name]
		return s.Index("plan_id") == 0
	}
	for _, p := range plans {
		for _, c := range p.Commitments {
			offer(c.ID, titleIn(c.Title, p.ActionPlan))
			if whole && (within == "progress" || within == "commitments") {
				offer(within+"/"+p.ID+"/"+c.ID, titleIn(c.Title, p.ActionPlan))
			}
		}
		if whole && ofPlans(within) {
			offer(within+"/"+p.ID+"/", titleIn(p.Title, p.ActionPlan))
		}
	}
	for _, name := range sortedNames(contract.Tables) {
		if !whole && ofPlans(name) {
			offer(name+"/", contract.Tables[name].Title["en"])
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
