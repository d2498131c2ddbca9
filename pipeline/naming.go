package pipeline

import (
	"maps"
	"strings"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
)

// Naming is what names the periods and institutions in the sentences of findings;
// without a plan they go by their ids.
type Naming struct {
	Plan *plan.ActionPlan
	Day  string // ISO date: institutions have the names that held on it, "" for those of the plan's text
}

// NamingOf gives the naming for a workbook's findings; plans are the known ones.
func NamingOf(v *Verdict, plans []*plan.ActionPlan) Naming {
	id, period := v.Plan, v.Period
	if v.Submission != nil {
		id, period = v.Submission.Plan, v.Submission.Period
	}
	return namingIn(id, period, plans)
}

func namingIn(id, period string, plans []*plan.ActionPlan) Naming {
	for _, p := range plans {
		if p.ID == id {
			return namingOn(p, period)
		}
	}
	return Naming{}
}

// namingOn gives the naming for a period of a plan.
func namingOn(p *plan.ActionPlan, period string) Naming {
	n := Naming{Plan: p}
	if at := p.Period(period); at != nil {
		n.Day = at.LastDay()
	}
	return n
}

// Say gives in a language what is wrong and how to mend it.
func (c *Contract) Say(f finding.Finding, n Naming, lang string) (message, remedy string) {
	f = n.named(f, lang)
	return c.Rules.Catalogue.Message(f, lang), c.Rules.Catalogue.Remedy(f, lang)
}

// Say gives in a language what is wrong with a workbook of the run and how to mend
// it.
func (r *Result) Say(v *Verdict, f finding.Finding, lang string) (message, remedy string) {
	return r.contract.Say(f, NamingOf(v, r.plans), lang)
}

// sayNote renders a public note.
func (c *Contract) sayNote(p *plan.ActionPlan, n plan.Note, lang string) string {
	message, _ := c.Say(finding.Finding{Rule: n.Rule, Value: n.Value, Args: n.Args, At: finding.Cell{Sheet: n.Sheet, Ref: n.Cell}},
		namingOn(p, n.Period), lang)
	return message
}

// named gives a finding as its sentences want it: the ids of periods and of
// institutions, which nobody outside the plan's folder knows, as names.
func (n Naming) named(f finding.Finding, lang string) finding.Finding {
	if n.Plan == nil {
		return f
	}
	if tellsPeriod(f.Rule) {
		f.Value = n.period(f.Value, lang)
	}
	cloned := false
	for key, id := range f.Args {
		name := id
		switch key {
		case "from":
			name = n.period(id, lang)
		case "lead":
			name = n.institution(id, lang)
		}
		if name == id {
			continue
		}
		if !cloned {
			f.Args, cloned = maps.Clone(f.Args), true
		}
		f.Args[key] = name
	}
	return f
}

// tellsPeriod tells of the rules whose value is a period.
func tellsPeriod(rule string) bool { return rule == "period-gap" || rule == "period-not-begun" }

// period gives the label of a period, its id where it has none.
func (n Naming) period(id, lang string) string {
	if p := n.Plan.Period(id); p != nil {
		return n.text(p.Label, lang, id)
	}
	return id
}

// institution gives the name of an institution, its code where it has none.
func (n Naming) institution(code, lang string) string {
	if i := n.Plan.Institution(code); i != nil {
		return n.text(i.NameOn(n.Day), lang, code)
	}
	return code
}

// text gives a text in the reader's language, else in one of the plan's.
func (n Naming) text(t plan.Texts, lang, otherwise string) string {
	if text, _ := t.First(append([]string{lang}, n.Plan.Languages...)); strings.TrimSpace(text.Text) != "" {
		return text.Text
	}
	return otherwise
}
