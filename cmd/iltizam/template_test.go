package main

import (
	"slices"
	"strings"
	"testing"

	"iltizam/pipeline/plan"
)

// Only the institution that leads a commitment gets a workbook: a commitment has
// one value for each period, and the lead declares it.
func TestOnlyTheLeadReports(t *testing.T) {
	p := &plan.ActionPlan{ID: "xx", Institutions: []plan.Institution{{Code: "water"}, {Code: "roads"}, {Code: "parks"}},
		Commitments: []plan.Commitment{{ID: "xx-c01", LeadInstitution: "water", Supporting: []string{"roads"}}, {ID: "xx-c02", LeadInstitution: "parks"}}}
	for institution, want := range map[string][]string{"": {"water", "parks"}, "parks": {"parks"}} {
		if got, err := reporters(p, &plan.ReportingPeriod{ID: "h1"}, institution); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v", institution, got, err)
		}
	}
	for institution, want := range map[string]string{"roads": "only the lead reports", "magic": "no institution"} {
		if _, err := reporters(p, &plan.ReportingPeriod{ID: "h1"}, institution); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", institution, err)
		}
	}
}

// Who led it for the period gets the workbook of a commitment that moved.
func TestTheLeadOfThePeriodReports(t *testing.T) {
	p := &plan.ActionPlan{ID: "xx", Institutions: []plan.Institution{{Code: "water"}, {Code: "roads"}},
		Commitments: []plan.Commitment{{ID: "xx-c01", LeadInstitution: "roads", EarlierLeads: []plan.EarlierLead{{Institution: "water", Until: "2030-06-30"}}}}}
	for end, want := range map[string]string{"2030-06-30": "water", "2030-12-31": "roads"} {
		if got, err := reporters(p, &plan.ReportingPeriod{ID: "h", End: end}, ""); err != nil || !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %v, %v", end, got, err)
		}
	}
}
