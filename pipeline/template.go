package pipeline

import (
	"cmp"
	"context"
	"io"
	"io/fs"
	"slices"

	"iltizam/pipeline/intake"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/workbook"
)

// TemplateSpec says what the workbook of an institution for a period holds. The
// origin follows from the period: of a transcription we are the ones who fill
// it in; a fictitious plan only ever makes examples.
func (c *Contract) TemplateSpec(p *plan.ActionPlan, institution string, period *plan.ReportingPeriod, language string) workbook.TemplateSpec {
	spec := workbook.TemplateSpec{Plan: p, Institution: institution, Period: period.ID, Language: language,
		Origin: plan.OriginMinistry, Fields: c.Fields, Bounds: map[string]workbook.Bounds{},
		Lists: map[string][]workbook.Choice{}, Earliest: rules.Earliest(p), Latest: c.Rules.Latest(p)}
	switch {
	case p.Fictitious:
		spec.Origin = plan.OriginExample
	case period.Kind == plan.KindTranscription:
		spec.Origin, spec.SourceURL = plan.OriginTranscription, p.SourceURL
	}
	for _, s := range c.Layout.Sheets {
		for _, column := range s.Expand(p.TemplateLanguages) {
			if b := c.Rules.Bounds(column.Key); b != (workbook.Bounds{}) {
				spec.Bounds[column.Key] = b
			}
		}
	}
	for name, list := range c.CodeLists {
		for _, code := range list.Codes {
			spec.Lists[name] = append(spec.Lists[name], workbook.Choice{Code: code.Code, Label: code.Label, Description: code.Definition})
		}
	}
	return spec
}

// Prefill takes from what was reported so far what the institution would
// otherwise look up or type again.
func Prefill(spec *workbook.TemplateSpec, known *plan.Snapshot) {
	order := map[string]int{}
	for i, p := range spec.Plan.Periods {
		order[p.ID] = i
	}
	now := order[spec.Period]
	led := map[string]*plan.Commitment{}
	for _, c := range spec.Plan.LedFor(spec.Institution, spec.Plan.Period(spec.Period)) {
		led[c.ID] = c
	}
	spec.Previous = map[string]workbook.Last{}
	for _, s := range known.Standings { // by commitment, then period: the last one before stays
		if r := s.Report; r != nil && order[s.Period] < now && led[s.Commitment] != nil {
			spec.Previous[s.Commitment] = workbook.Last{Pct: r.Pct, Status: r.Status, ReferenceDate: r.ReferenceDate, Period: s.ValuePeriod}
		}
	}
	spec.Milestones = milestones(known, led, order, now)
	spec.Prefilled = rules.Prefilled(spec.Milestones)
}

// milestones gives those of the institution's commitments as last reported for
// the period or before, by commitment, each list by id.
func milestones(known *plan.Snapshot, led map[string]*plan.Commitment, order map[string]int, now int) map[string][]workbook.KnownMilestone {
	reports := slices.Clone(known.Milestones)
	slices.SortStableFunc(reports, func(a, b plan.MilestoneStanding) int {
		return cmp.Or(cmp.Compare(a.Report.Milestone, b.Report.Milestone), cmp.Compare(order[a.Period], order[b.Period]))
	})
	out := map[string][]workbook.KnownMilestone{}
	for _, s := range reports {
		c := led[s.Report.Commitment]
		if c == nil || order[s.Period] > now {
			continue
		}
		list := out[c.ID]
		m := knownMilestone(c, s.Report, known.Plan.TemplateLanguages)
		if n := len(list); n > 0 && list[n-1].ID == m.ID {
			m.Last = list[n-1].Last
			list = list[:n-1]
		}
		if order[s.Period] < now {
			m.Last = workbook.Last{Pct: s.Report.Pct, Status: s.Report.Status, Period: s.Period}
		}
		out[c.ID] = append(list, m)
	}
	return out
}

// knownMilestone gives a milestone as it was reported; what the report leaves out
// is as the plan says. It has its title in the form's languages alone.
func knownMilestone(c *plan.Commitment, r *plan.MilestoneReport, langs []string) workbook.KnownMilestone {
	m := workbook.KnownMilestone{ID: r.Milestone, Title: map[string]string{}, PlannedStart: r.PlannedStart, PlannedEnd: r.PlannedEnd,
		ActualStart: r.ActualStart, ActualEnd: r.ActualEnd, Own: true}
	for _, lang := range langs {
		m.Title[lang] = r.Title[lang]
	}
	for _, x := range c.Milestones {
		if x.ID != m.ID {
			continue
		}
		m.Own = false
		for _, lang := range langs {
			m.Title[lang] = cmp.Or(m.Title[lang], x.Title.In(lang).Text)
		}
		m.PlannedStart, m.PlannedEnd = cmp.Or(m.PlannedStart, x.PlannedStart), cmp.Or(m.PlannedEnd, x.PlannedEnd)
	}
	return m
}

// Known is what the archive holds as of now, merged: a run without an inbox,
// which changes nothing.
func Known(ctx context.Context, in Input) (*Result, error) {
	in.Inbox, in.Archive = nothing{}, Unwritten(in.Archive)
	return Run(ctx, in)
}

// nothing is an inbox in which nothing lies.
type nothing struct{}

func (nothing) List(context.Context, string) ([]intake.Entry, error) { return nil, nil }

func (nothing) Open(context.Context, string) (io.ReadCloser, error) { return nil, fs.ErrNotExist }
