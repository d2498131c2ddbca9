package workbook

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
	"iltizam/pipeline/workbook/scan"
)

// prefill sets what is known of each row: a commitment's on the required sheet,
// a milestone's elsewhere.
func (g *grid) prefill() {
	for _, c := range g.commitments {
		if g.layout.Required {
			last := g.Previous[c.ID]
			row := map[string]any{"commitment_id": c.ID, "title": entitled{c.Title, g.lastSaid(last)}}
			if last.Pct != nil {
				row["previous_progress_pct"] = float64(*last.Pct) / 100
			}
			g.add(row, false)
			continue
		}
		for _, m := range g.milestones(c) {
			g.add(g.milestone(c.ID, m), m.Own)
		}
	}
}

func (g *grid) add(row map[string]any, own bool) {
	g.values, g.own = append(g.values, row), append(g.own, own)
}

// milestones are the plan's, as last reported where somebody did, then those
// that the institution added.
func (g *grid) milestones(c *plan.Commitment) []KnownMilestone {
	known := g.Milestones[c.ID]
	var out []KnownMilestone
	for _, m := range c.Milestones {
		k := KnownMilestone{ID: m.ID, Title: map[string]string{}, PlannedStart: m.PlannedStart, PlannedEnd: m.PlannedEnd}
		for lang := range m.Title {
			k.Title[lang] = m.Title.In(lang).Text
		}
		for _, x := range known {
			if x.ID == m.ID {
				k = x
			}
		}
		out = append(out, k)
	}
	for _, x := range known {
		if x.Own {
			out = append(out, x)
		}
	}
	return out
}

func (g *grid) milestone(commitment string, m KnownMilestone) map[string]any {
	row := map[string]any{"milestone_id": m.ID, "commitment_id": commitment}
	for lang, text := range m.Title {
		if text != "" {
			row["title_"+lang] = text
		}
	}
	for key, date := range map[string]string{"planned_start_date": m.PlannedStart, "planned_end_date": m.PlannedEnd,
		"actual_start_date": m.ActualStart, "actual_end_date": m.ActualEnd} {
		if date != "" {
			row[key] = isoDate(date)
		}
	}
	if m.Last.Pct != nil {
		row["previous_completion_pct"] = float64(*m.Last.Pct) / 100
	}
	if m.Last.Status != "" {
		row["previous_status"] = g.choiceLabel("status", m.Last.Status)
	}
	return row
}

// lastSaid tells what was last published, in the edition's language: 72 %, its
// status, the day and the period that it is from.
func (b *builder) lastSaid(l Last) string {
	var parts []string
	if l.Pct != nil {
		s := strings.Replace(number(float64(*l.Pct)/100), ".", b.lay.Text("decimal", b.Language), 1)
		parts = append(parts, isolate(s+b.lay.Text("percent", b.Language)))
	}
	if l.Status != "" {
		parts = append(parts, b.choiceLabel("status", l.Status))
	}
	if l.ReferenceDate != "" {
		parts = append(parts, isolate(table.ShortDate(l.ReferenceDate)))
	}
	if len(parts) == 0 {
		return ""
	}
	if p := b.Plan.Period(l.Period); p != nil {
		if words := b.words(p.Label, b.Language); words != "" {
			parts = append(parts, isolate(words))
		}
	}
	return b.text("last", b.Language, "value", strings.Join(parts, b.lay.Text("separator", b.Language)))
}

// aboveHeadings is the row with the cell that answers for all rows.
func (b *builder) aboveHeadings() int { return b.lay.FirstRow - headings - 1 }

// answerForAll makes the cell above the headings of a column that answers for
// every row left empty, with words before it.
func (g *grid) answerForAll() error {
	for i, c := range g.columns {
		if !c.ForAll {
			continue
		}
		row, yes := g.aboveHeadings(), g.choiceLabel(c.List, "true")
		name := scan.Ref(i+1, row)
		k := g.inLanguage(styleKey{fill: "entry", ink: "ink", size: 10, bold: true, border: true, unlocked: true,
			horizontal: "center", vertical: "center"}, g.Language)
		if err := g.put(g.name, name, nil, k); err != nil {
			return err
		}
		if i > 0 {
			words := g.inLanguage(styleKey{fill: "header", ink: "ink", size: 10, bold: true, vertical: "center", wrap: true}, g.Language)
			words.horizontal = map[bool]string{true: "left", false: "right"}[g.rtl] // beside the cell that they speak of
			if err := g.put(g.name, scan.Ref(i, row), g.lay.Text("for_all", g.Language), words); err != nil {
				return err
			}
		}
		v := excelize.NewDataValidation(true)
		v.SetSqref(name)
		v.SetSqrefDropList(g.lists[c.List])
		text := g.text("for_all.prompt", g.Language, "yes", yes)
		if second := g.text("for_all.prompt", g.second, "yes", isolate(yes)); g.second != "" && cut(text+"\n"+second, maxPrompt) == text+"\n"+second {
			text += "\n" + second
		}
		v.SetInput(cut(g.label(c, g.Language), maxPromptTitle), cut(text, maxPrompt))
		v.SetError(excelize.DataValidationErrorStyleStop, cut(g.lay.Text("error.title", g.Language), maxPromptTitle),
			cut(g.lay.Text("error.choice", g.Language), maxError))
		if err := g.f.AddDataValidation(g.name, v); err != nil {
			return fmt.Errorf("column %s: %w", c.Key, err)
		}
	}
	return nil
}
