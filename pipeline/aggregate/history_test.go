package aggregate_test

import (
	"fmt"
	"strings"
	"testing"

	"iltizam/pipeline/merge"
	"iltizam/pipeline/plan"
)

// A value carried forward says how old it is, and an old value that is changed is an
// erratum with its reason, in the published tables.
func TestAgesAndErrata(t *testing.T) {
	corrected := at("xx-c01", 40_00, "in_progress")
	corrected.RevisionReason, corrected.NextSteps = "recount", "Suite"
	snap, _ := merge.Snapshot(small(), []*plan.Submission{
		report('a', "h1", "2022-07-01T00:00:00Z", at("xx-c01", 50_00, "in_progress")),
		report('b', "h1", "2022-08-01T00:00:00Z", corrected),
	}, "2023-02-01")
	all := tables(t, snap)
	ages := ""
	for _, r := range find(rowsOf(all["progress"]), "commitment_id", "xx-c01") {
		ages += fmt.Sprintf("%s of %s, %s old; ", r["reporting_period"], r["value_period"], r["value_age_periods"])
	}
	if ages != "h1 of h1, 0 old; h2 of h1, 1 old; " {
		t.Error(ages)
	}
	if r := find(rowsOf(all["progress"]), "commitment_id", "xx-c02"); r[0]["value_age_periods"] != "" {
		t.Errorf("no value is %q old", r[0]["value_age_periods"])
	}
	var errata []string
	for _, r := range find(rowsOf(all["changes"]), "restated", "true") {
		errata = append(errata, strings.Join([]string{r["column_name"], r["old_value"], r["new_value"], r["revision_reason"], r["received_at"]}, " "))
	}
	if got := strings.Join(errata, ", "); got != "progress_pct 50 40 recount 2022-08-01T00:00:00Z" {
		t.Error(got)
	}
	if n := len(find(rowsOf(all["changes"]), "restated", "")); n > 0 {
		t.Errorf("%d changes do not say whether they restate", n)
	}
}

// Whoever was allowed to send the first row met the obligation; what came after it,
// and what was held back before, changes nothing of that.
func TestTheFirstAcceptedRowMeetsAnObligation(t *testing.T) {
	supporter := report('a', "h1", "2022-07-02T00:00:00Z", at("xx-c01", 50_00, "in_progress"))
	supporter.Institution = "roads"
	lead := report('b', "h1", "2022-08-03T00:00:00Z", at("xx-c01", 60_00, "in_progress"), at("xx-c02", 60_00, "in_progress"))
	held := report('c', "h1", "2022-07-01T00:00:00Z")
	held.Held = []string{"xx-c01"}
	for want, subs := range map[string][]*plan.Submission{
		"received 2/2 2022-07-02T00:00:00Z":      {supporter, lead, held},
		"received 1/2 2022-07-02T00:00:00Z":      {supporter, held},
		"received_late 2/2 2022-08-03T00:00:00Z": {lead, held},
		"missing 0/2 ":                           {held},
	} {
		snap, _ := merge.Snapshot(small(), subs, "2022-08-05")
		r := find(rowsOf(tables(t, snap)["obligations"]), "reporting_period", "h1")[0]
		if got := fmt.Sprintf("%s %s/%s %s", r["obligation_state"], r["commitments_reported"], r["commitments_owed"], r["received_at"]); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
