package rules

import (
	"errors"
	"maps"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook"
)

// header judges who reports for which period of which plan; false means that
// nothing of the workbook may be taken.
func (v *validation) header(doc *workbook.Document, plans []*plan.ActionPlan) bool {
	v.dayOf = doc.Day
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
		v.block("plan-unknown", doc, "plan", get("plan"), nil)
		return false
	}
	v.planIndex = v.set.indexOf(v.plan)
	v.lead = get("institution")
	if v.plan.Institution(v.lead) == nil {
		v.block("institution-unknown", doc, "institution", v.lead, nil)
	}
	period := v.plan.Period(get("period"))
	if period != nil {
		v.period = period.ID
	}
	if period == nil {
		v.block("period-unknown", doc, "period", get("period"), nil)
	} else if !originFits(get("origin"), period.Kind, v.plan.Fictitious) {
		v.block("origin-mismatch", doc, "origin", get("origin"), map[string]string{"period": period.ID})
	}
	switch {
	case v.receipt.AnyFolder || v.receipt.Folder == v.lead:
	case v.receipt.Folder == "":
		v.remark("workbook-outside-folder", finding.Cell{})
	default:
		v.block("institution-folder-mismatch", doc, "institution", v.lead,
			map[string]string{"folder": v.receipt.Folder})
	}
	if period == nil || v.report.Blocked() {
		return false
	}
	v.sub = &plan.Submission{Plan: v.plan.ID, Institution: v.lead, Period: period.ID, Source: plan.Source{
		SubmissionID: v.receipt.Digest[:min(16, len(v.receipt.Digest))], Digest: v.receipt.Digest, ReceivedAt: v.receipt.ReceivedAt,
		Origin: get("origin"), URL: get("source_url"), Template: get("template_version")}}
	v.sub.Rulings = v.set.RulingsOn(v.rulesDay)
	v.readMarks(doc)
	v.latest = v.set.Latest(v.plan)
	v.personal = v.set.screens.personalIn(v.plan.CountryCode)
	v.sub.Header = plan.HeaderPlace{Sheet: doc.Header.At("plan").Sheet, Cells: map[string]string{}}
	for key := range h {
		v.sub.Header.Cells[key] = doc.Header.At(key).Ref
	}
	return true
}

// block refuses the workbook for what a key of its header says, which cannot be
// made sense of, on whatever day.
func (v *validation) block(rule string, doc *workbook.Document, key, value string, args map[string]string) {
	v.report.Add(finding.Finding{Rule: rule, Severity: v.severity(rule, finding.Block), At: doc.Header.At(key),
		Pointer: plan.Pointer("header", key), Value: value, Args: args})
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

// checkHeader files what the schema says against the header, key by key.
func (v *validation) checkHeader(doc *workbook.Document, h map[string]any) {
	var failure *jsonschema.ValidationError
	if !errors.As(v.set.header.Validate(h), &failure) {
		return
	}
	missing, invalid := map[string]bool{}, map[string]bool{}
	leaves(failure, func(e *jsonschema.ValidationError) {
		if k, ok := e.ErrorKind.(*kind.Required); ok {
			for _, key := range k.Missing {
				missing[key] = true
			}
		} else if len(e.InstanceLocation) > 0 {
			invalid[e.InstanceLocation[0]] = true
		}
	})
	for _, key := range slices.Sorted(maps.Keys(missing)) {
		v.block("header-missing", doc, key, "", map[string]string{"key": key})
	}
	for _, key := range slices.Sorted(maps.Keys(invalid)) {
		value, _ := h[key].(string)
		v.block("header-invalid", doc, key, value, map[string]string{"key": key})
	}
}
