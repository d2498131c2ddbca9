package aggregate_test

import (
	"fmt"
	"strings"
	"testing"

	"iltizam/pipeline/merge"
	"iltizam/pipeline/plan"
)

// moved is the small plan in which water was replaced by roads after h1 ended and
// c02 went to rail a month later.
func moved() *plan.ActionPlan {
	p := small()
	p.Institutions = []plan.Institution{
		{Code: "water", ReplacedBy: "roads", Names: []plan.InstitutionName{{ValidTo: plan.PartialDate{Date: "2022-06-30", Basis: plan.Inferred}}}},
		{Code: "roads", Names: []plan.InstitutionName{{}}}, {Code: "rail", Names: []plan.InstitutionName{{}}}}
	p.Periods[0].End, p.Periods[1].End = "2022-06-30", "2022-12-31"
	p.Commitments[1].LeadInstitution = "rail"
	p.Commitments[1].EarlierLeads = []plan.EarlierLead{{Institution: "water", Until: "2022-06-30", Basis: plan.Sourced},
		{Institution: "roads", Until: "2022-07-31", Basis: plan.Translated, Note: "decree"}}
	return p
}

func TestEachPeriodHasItsLeads(t *testing.T) {
	from := func(institution string, s *plan.Submission) *plan.Submission { s.Institution = institution; return s }
	subs := []*plan.Submission{
		from("roads", report('a', "h1", "2022-07-20T00:00:00Z", at("xx-c01", 20_00, "in_progress"))), // for water, which it has replaced
		from("roads", report('b', "h2", "2023-01-10T00:00:00Z", at("xx-c01", 50_00, "in_progress"))),
	}
	snap, _ := merge.Snapshot(moved(), subs, "2023-02-01")
	all := tables(t, snap)
	columns := func(table string, names ...string) string {
		var lines []string
		for _, r := range rowsOf(all[table]) {
			var cells []string
			for _, n := range names {
				cells = append(cells, r[n])
			}
			lines = append(lines, strings.Join(cells, " "))
		}
		return strings.Join(lines, "\n")
	}
	for _, c := range []struct{ got, want string }{
		{columns("obligations", "reporting_period", "institution_code", "obligation_state", "commitments_reported", "commitments_owed"),
			"h1 water received 1 2\nh2 rail missing 0 1\nh2 roads received 1 1"},
		{columns("commitment_leads", "commitment_id", "lead_seq", "institution_code", "lead_from", "lead_to", "basis", "basis_note"),
			"xx-c01 1 water  2022-06-30 sourced \nxx-c01 2 roads 2022-07-01  inferred \n" +
				"xx-c02 1 water  2022-06-30 sourced \nxx-c02 2 roads 2022-07-01 2022-07-31 translated decree\nxx-c02 3 rail 2022-08-01  sourced "},
		{columns("commitments", "commitment_id", "lead_institution_code", "lead_institution_basis"), "xx-c01 roads inferred\nxx-c02 rail sourced\nxx-c03  unknown"},
		{columns("institutions", "institution_code", "commitment_count"), "rail 1\nroads 1\nwater 0"},
	} {
		if c.got != c.want {
			t.Errorf("got\n%s\nwant\n%s", c.got, c.want)
		}
	}
	var means []string
	for _, r := range find(rowsOf(all["summary"]), "scope", "institution", "measure", "institution_progress") {
		means = append(means, fmt.Sprint(r["reporting_period"], " ", r["scope_code"], " ", r["value"], " ", r["basis"]))
	}
	if got := strings.Join(means, ", "); got != "h1 water 20 sourced, h2 rail  sourced, h2 roads 50 inferred" {
		t.Error(got)
	}
}

// What an institution gained is not comparable where it led other commitments before.
func TestAChangeOfCommitmentsIsTold(t *testing.T) {
	p := small()
	p.Periods[0].End, p.Periods[1].End = "2022-06-30", "2022-12-31"
	p.Commitments[1].LeadInstitution, p.Commitments[1].EarlierLeads = "roads", []plan.EarlierLead{{Institution: "water", Until: "2022-07-31"}}
	subs := []*plan.Submission{report('a', "h1", "2022-07-01T00:00:00Z", at("xx-c01", 20_00, "in_progress"), at("xx-c02", 80_00, "in_progress")),
		report('b', "h2", "2022-12-01T00:00:00Z", at("xx-c01", 25_00, "in_progress"))}
	snap, _ := merge.Snapshot(p, subs, "2023-02-01")
	rows := rowsOf(tables(t, snap)["summary"])
	for scope, want := range map[string]bool{"institution": true, "plan": false} {
		r := find(rows, "scope", scope, "measure", "change_since_previous_period")
		if len(r) != 1 || strings.Contains(r[0]["basis_note"], "other commitments") != want {
			t.Errorf("%s: %v", scope, r)
		}
	}
}
