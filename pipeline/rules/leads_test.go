package rules_test

import (
	"slices"
	"strings"
	"testing"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook"
)

// Whose word on a commitment is taken, and whose row is missed, follow from who
// leads it for the period. The workbook is water's, of 2022-h2, whose end is not
// known: it was due on 2023-01-31 and came on 2023-01-20 or late.
func TestWhoLedForThePeriod(t *testing.T) {
	ended := func(p *plan.ActionPlan, by, day string) {
		p.Institutions[0].ReplacedBy, p.Institutions[0].Names[0].ValidTo = by, plan.PartialDate{Date: day, Basis: plan.Sourced}
	}
	for name, c := range map[string]struct {
		change          func(p *plan.ActionPlan)
		refused, missed string
	}{
		"nothing moved": {func(*plan.ActionPlan) {}, "", "xx-plan-c02 xx-plan-c03"},
		"it moved before": {func(p *plan.ActionPlan) {
			p.Commitments[0].LeadInstitution, p.Commitments[0].EarlierLeads = "roads", []plan.EarlierLead{{Institution: "water", Until: "2022-12-31"}}
		}, "xx-plan-c01", "xx-plan-c02 xx-plan-c03"},
		"it moved after": {func(p *plan.ActionPlan) {
			p.Commitments[0].LeadInstitution, p.Commitments[0].EarlierLeads = "roads", []plan.EarlierLead{{Institution: "water", Until: "2023-01-31"}}
		}, "", "xx-plan-c02 xx-plan-c03"},
		"another one moved before": {func(p *plan.ActionPlan) {
			p.Commitments[1].LeadInstitution, p.Commitments[1].EarlierLeads = "roads", []plan.EarlierLead{{Institution: "water", Until: "2022-12-31"}}
		}, "", "xx-plan-c03"},
		"another one moves later": {func(p *plan.ActionPlan) {
			p.Commitments[1].LeadInstitution, p.Commitments[1].EarlierLeads = "roads", []plan.EarlierLead{{Institution: "water", Until: "2023-03-31"}}
		}, "", "xx-plan-c02 xx-plan-c03"},
		"late for its own period": {func(p *plan.ActionPlan) { ended(p, "roads", "2023-01-31") }, "", "xx-plan-c02 xx-plan-c03"},
		"one came to it": {func(p *plan.ActionPlan) {
			p.Commitments[3].LeadInstitution, p.Commitments[3].EarlierLeads = "water", []plan.EarlierLead{{Institution: "roads", Until: "2022-12-31"}}
		}, "", "xx-plan-c02 xx-plan-c03 xx-plan-c04"},
		"it was replaced before":                      {func(p *plan.ActionPlan) { ended(p, "roads", "2022-12-31") }, "xx-plan-c01", ""},
		"it still led when that came, though not for": {func(p *plan.ActionPlan) { ended(p, "roads", "2023-01-20") }, "", ""},
	} {
		p := testPlan()
		c.change(p)
		src := bareBook(t, "progress", []string{"commitment_id", "progress_pct", "status", "reference_date"}, 1,
			func(int) []string { return []string{str("xx-plan-c01"), num("10"), str("in_progress"), ""} })
		report, rc := &finding.Report{}, receipt
		if strings.HasPrefix(name, "late") {
			rc.ReceivedAt = "2023-02-10T09:00:00Z"
		}
		j, err := mustContract(t).Check(src, []*plan.ActionPlan{p}, rc, workbook.DefaultLimits(), report)
		if err != nil {
			t.Fatal(err)
		}
		var refused, missed []string
		for _, f := range report.Findings {
			switch f.Rule {
			case "commitment-not-yours":
				refused = append(refused, f.Value)
			case "commitment-missing":
				missed = append(missed, f.Value)
			}
		}
		if slices.Sort(missed); strings.Join(refused, " ") != c.refused || strings.Join(missed, " ") != c.missed {
			t.Errorf("%s: refused %v, missed %v", name, refused, missed)
		}
		if taken := len(j.Submission.Progress) == 1; taken != (c.refused == "") {
			t.Errorf("%s: taken %t", name, taken)
		}
	}
}
