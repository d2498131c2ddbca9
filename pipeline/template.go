package pipeline

import (
	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook"
)

// TemplateSpec says what the workbook of an institution for a period holds. The
// origin follows from the period: of a transcription we are the ones who fill
// it in; a fictitious plan only ever makes examples.
func (c *Contract) TemplateSpec(p *plan.ActionPlan, institution string, period *plan.ReportingPeriod, language string) workbook.TemplateSpec {
	spec := workbook.TemplateSpec{Plan: p, Institution: institution, Period: period.ID, Language: language,
		Origin: plan.OriginMinistry, Fields: c.Fields, Bounds: map[string]workbook.Bounds{},
		Lists: map[string][]workbook.Choice{}}
	switch {
	case p.Fictitious:
		spec.Origin = plan.OriginExample
	case period.Kind == plan.KindTranscription:
		spec.Origin, spec.SourceURL = plan.OriginTranscription, p.SourceURL
	}
	for name := range c.Fields {
		if b := c.Rules.Bounds(name); b.Min != nil || b.Max != nil || b.MaxLength > 0 {
			spec.Bounds[name] = b
		}
	}
	for name, list := range c.CodeLists {
		for _, code := range list.Codes {
			spec.Lists[name] = append(spec.Lists[name], workbook.Choice{Code: code.Code, Label: code.Label, Description: code.Definition})
		}
	}
	return spec
}
