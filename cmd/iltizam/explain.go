package main

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/table"
	"iltizam/schemas"
)

// allRules asks --explain for the list of rules instead of one page.
const allRules = "all"

// ruleJSON is a rule in the JSON of --explain: all that is known of it, in every language.
type ruleJSON struct {
	ID        string           `json:"id"`
	Severity  finding.Severity `json:"severity"`
	Becomes   []rules.Becoming `json:"becomes,omitempty"`
	Group     string           `json:"group"`
	On        []string         `json:"on,omitempty"`
	ValidFrom string           `json:"valid_from"`
	ValidTo   string           `json:"valid_to,omitempty"`
	Message   table.Labels     `json:"message"`
	Remedy    table.Labels     `json:"remedy"`
	Doc       table.Labels     `json:"doc"`
	Example   *rules.Example   `json:"example,omitempty"`
}

// explain prints a rule's page, or the list of the rules.
func (a *app) explain(id string) error {
	c, err := a.configure()
	if err != nil {
		return err
	}
	contract, err := pipeline.LoadContract(schemas.FS)
	if err != nil {
		return err
	}
	cat := contract.Rules.Catalogue
	id = strings.TrimFunc(id, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }) // copied from a report
	chosen := cat.Rules()
	if id != allRules {
		r, known := cat.Rule(id)
		if !known {
			hint := "`iltizam check --explain all` lists the rules"
			if near := cat.Nearest(id); len(near) > 0 {
				hint = "did you mean " + strings.Join(near, " or ") + "? " + hint
			}
			return usageError{hinted{fmt.Errorf("explain %q: there is no such rule", id), hint}}
		}
		chosen = []rules.Rule{r}
	}
	w := checkWords(c.Language)
	switch {
	case a.flags.json:
		return a.explainJSON(chosen)
	case id == allRules:
		a.listRules(cat, w)
		return nil
	}
	page, _ := cat.Explain(id, c.Language)
	a.tellPage(page, contract.Judged(page.On, c.Language), w)
	return nil
}

// tellPage prints what the reference page of the rule says too.
func (a *app) tellPage(p rules.Page, judged string, w *words) {
	h := pipeline.HeadingsOf(w.lang)
	line := func(indent, format string, args ...any) {
		a.say("%s%s%s", indent, w.mark, fmt.Sprintf(format, args...))
	}
	line("", w.oneGroup, w.id(p.ID), p.Label)
	line("", "%s", p.Effect)
	for _, part := range [...]struct{ heading, text string }{{h.Wrong, p.Wrong}, {h.Mend, p.Mend}, {h.Why, p.Why}, {h.Judged, judged}} {
		if part.text == "" {
			continue
		}
		a.say("")
		line("", "%s", part.heading)
		line("  ", "%s", table.Isolate(part.text))
	}
	if p.Column != "" {
		a.say("")
		line("", h.Example, p.Column)
		line("  ", "%s %s", h.Bad, table.Isolate(p.Example.Bad))
		line("  ", "%s %s", h.Good, table.Isolate(p.Example.Good))
	}
	a.say("")
	line("", "%s", h.Force(p, w.lang))
	for _, x := range p.Coming {
		line("", "%s", h.Becomes(x))
		line("  ", w.oneGroup, x.Label, table.Isolate(x.Effect))
	}
}

// listRules prints the rules under what they do, the worst first.
func (a *app) listRules(cat *rules.Catalogue, w *words) {
	for s := finding.Block; s >= finding.Info; s-- {
		headed := false
		for _, r := range cat.Rules() {
			p, _ := cat.Explain(r.ID, w.lang)
			if p.Severity != s {
				continue
			}
			if !headed {
				headed = true
				if s < finding.Block {
					a.say("")
				}
				a.say("%s"+w.oneGroup, w.mark, p.Label, p.Effect)
			}
			a.say("  %s%-28s %s", w.mark, r.ID, table.Isolate(p.Wrong))
		}
	}
}

func (a *app) explainJSON(chosen []rules.Rule) error {
	all := make([]ruleJSON, len(chosen))
	for i, r := range chosen {
		all[i] = ruleJSON{ID: r.ID, Severity: r.Severity, Becomes: r.Becomes, Group: r.Group, On: r.On, ValidFrom: r.ValidFrom, ValidTo: r.ValidTo, Message: r.Message, Remedy: r.Remedy, Doc: r.Doc}
		if r.Example != (rules.Example{}) {
			all[i].Example = &r.Example
		}
	}
	b, err := indented(map[string]any{"version": 1, "rules": all}, "")
	if err == nil {
		_, err = fmt.Fprintf(a.out, "%s\n", b)
	}
	return err
}

// completeRules offers the rules' ids to the shell, with what they say.
func completeRules(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	contract, err := pipeline.LoadContract(schemas.FS)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	cat := contract.Rules.Catalogue
	var ids []cobra.Completion
	if strings.HasPrefix(allRules, typed) {
		ids = append(ids, cobra.CompletionWithDesc(allRules, "the list of the rules"))
	}
	for _, r := range cat.Rules() {
		if strings.HasPrefix(r.ID, typed) {
			p, _ := cat.Explain(r.ID, "en")
			ids = append(ids, cobra.CompletionWithDesc(r.ID, p.Wrong))
		}
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
