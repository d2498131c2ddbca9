package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"iltizam/pipeline"
	"iltizam/pipeline/plan"
)

// completions offers the shell what the flags of the commands can be told: the
// names that the plans hold, the formats.
func (a *app) completions(root *cobra.Command) {
	for _, c := range root.Commands() {
		for flag, complete := range map[string]cobra.CompletionFunc{
			"plan":        a.completePlans,
			"period":      a.completePeriods,
			"institution": a.completeInstitutions,
			"format":      completeFormats,
		} {
			if c.Flags().Lookup(flag) != nil {
				// Registering fails only for a flag that is not there.
				_ = c.RegisterFlagCompletionFunc(flag, complete)
			}
		}
	}
}

func completeFormats(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return starting(viewFormats(), typed), cobra.ShellCompDirectiveNoFileComp
}

func (a *app) completePlans(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return a.complete("", typed, func(p *plan.ActionPlan, add func(id, what string)) { add(p.ID, titleIn(p.Title, p)) })
}

func (a *app) completePeriods(c *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	all, directive := a.complete(flagOf(c, "plan"), typed, func(p *plan.ActionPlan, add func(id, what string)) {
		for _, r := range p.Periods {
			add(r.ID, titleIn(r.Label, p))
		}
	})
	if c.Name() == "status" && strings.HasPrefix(pipeline.EveryPeriod, typed) {
		all = append(all, cobra.CompletionWithDesc(pipeline.EveryPeriod, "each period that a report is owed for"))
	}
	return all, directive
}

func (a *app) completeInstitutions(c *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return a.complete(flagOf(c, "plan"), typed, func(p *plan.ActionPlan, add func(id, what string)) {
		for k := range p.Institutions {
			add(p.Institutions[k].Code, titleIn(p.Institutions[k].NameOn(""), p))
		}
	})
}

// complete offers names out of the plans that start as typed, each once.
func (a *app) complete(only, typed string, names func(p *plan.ActionPlan, add func(id, what string))) ([]cobra.Completion, cobra.ShellCompDirective) {
	c, err := a.configure()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	_, plans, err := load(c)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var out []cobra.Completion
	var told []string
	for _, p := range plans {
		if only != "" && p.ID != only {
			continue
		}
		names(p.ActionPlan, func(id, what string) {
			if strings.HasPrefix(id, typed) && !slices.Contains(told, id) {
				told = append(told, id)
				out = append(out, cobra.CompletionWithDesc(id, what))
			}
		})
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

func starting(all []string, typed string) []cobra.Completion {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return !strings.HasPrefix(s, typed) })
}

func flagOf(c *cobra.Command, name string) string {
	value, err := c.Flags().GetString(name)
	if err != nil {
		return ""
	}
	return value
}

func titleIn(t plan.Texts, p *plan.ActionPlan) string {
	text, _ := t.First(append([]string{"en"}, p.Languages...))
	return text.Text
}
