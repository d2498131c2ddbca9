package rules

import (
	"errors"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook"
)

// header judges who reports for which period of which plan; false means that
// nothing of the workbook may be taken.
func (v *validation) header(doc *workbook.Document, plans []*plan.ActionPlan) bool {
	h := map[string]any{}
	for key, value := range doc.Header.Values() {
		if value != "" {
			h[key] = value
		}
	}
	v.checkHeader(doc, h)
	if v.report.Blocked() {
		return false
	}
	get := func(key string) string { s, _ := h[key].(string); return s }
	for _, p := range plans {
		if p.ID == get("plan") {
			v.plan = p
		}
	}
	if v.plan == nil {
		v.blame("plan-unknown", doc.Header.At("plan"), get("plan"), nil)
		return false
	}
	v.lead = get("institution")
	if v.plan.Institution(v.lead) == nil {
		v.blame("institution-unknown", doc.Header.At("institution"), v.lead, nil)
	}
	period := v.plan.Period(get("period"))
	if period == nil {
		v.blame("period-unknown", doc.Header.At("period"), get("period"), nil)
	} else if !originFits(get("origin"), period.Kind, v.plan.Fictitious) {
		v.blame("origin-mismatch", doc.Header.At("origin"), get("origin"), map[string]string{"period": period.ID})
	}
	switch {
	case v.receipt.AnyFolder || v.receipt.Folder == v.lead:
	case v.receipt.Folder == "":
		v.blame("workbook-outside-folder", finding.Cell{}, "", nil)
	default:
		v.blame("institution-folder-mismatch", doc.Header.At("institution"), v.lead,
			map[string]string{"folder": v.receipt.Folder})
	}
	if v.report.Blocked() {
		return false
	}
	v.sub = &plan.Submission{Plan: v.plan.ID, Institution: v.lead, Period: period.ID, Source: plan.Source{
		SubmissionID: v.receipt.Digest[:16], Digest: v.receipt.Digest, ReceivedAt: v.receipt.ReceivedAt,
		Origin: get("origin"), URL: get("source_url"), Template: get("template_version")}}
	return true
}

// originFits tells whether workbooks of an origin belong to a kind of period.
// An example is only ever read into a plan that is an example itself.
func originFits(origin, periodKind string, fictitious bool) bool {
	switch origin {
	case plan.OriginTranscription:
		return periodKind == plan.KindTranscription
	case plan.OriginExample:
		return fictitious
	}
	return periodKind == plan.KindSubmission && !fictitious
}

func (v *validation) checkHeader(doc *workbook.Document, h map[string]any) {
	err := v.set.header.Validate(h)
	var failure *jsonschema.ValidationError
	if !errors.As(err, &failure) {
		return
	}
	var walk func(e *jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		for _, cause := range e.Causes {
			walk(cause)
		}
		if len(e.Causes) > 0 {
			return
		}
		if missing, ok := e.ErrorKind.(*kind.Required); ok {
			for _, key := range missing.Missing {
				v.blame("header-missing", doc.Header.At(key), "", map[string]string{"key": key})
			}
			return
		}
		if len(e.InstanceLocation) == 0 {
			return
		}
		key := e.InstanceLocation[0]
		value, _ := h[key].(string)
		v.blame("header-invalid", doc.Header.At(key), value, map[string]string{"key": key})
	}
	walk(failure)
}
