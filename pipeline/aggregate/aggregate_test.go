package aggregate_test

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"

	"iltizam/pipeline"
	"iltizam/pipeline/aggregate"
	"iltizam/pipeline/merge"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
	"iltizam/schemas"
)

var contract = sync.OnceValues(func() (*pipeline.Contract, error) { return pipeline.LoadContract(schemas.FS) })

func say(n plan.Note, lang string) string { return lang + ": " + n.Rule }

// tables computes every table; each must keep to its schema.
func tables(t fatal, snap *plan.Snapshot) map[string]*table.Table {
	c, err := contract()
	if err != nil {
		t.Fatalf("%v", err)
	}
	all, err := aggregate.Tables(snap, c.Tables, say)
	if err != nil {
		t.Fatalf("%v", err)
	}
	byName := map[string]*table.Table{}
	for _, tab := range all {
		if err := tab.Check(); err != nil {
			t.Fatalf("%v", err)
		}
		byName[tab.Name] = tab
	}
	return byName
}

type fatal interface{ Fatalf(string, ...any) }

// rowsOf gives a table's rows as text by column.
func rowsOf(tab *table.Table) []map[string]string {
	var out []map[string]string
	for row := range tab.Rows {
		m := map[string]string{}
		for i, v := range row {
			m[tab.Fields[i].Name] = v.String()
		}
		out = append(out, m)
	}
	return out
}

func find(rows []map[string]string, want ...string) []map[string]string {
	return slices.DeleteFunc(slices.Clone(rows), func(r map[string]string) bool {
		for i := 0; i < len(want); i += 2 {
			if r[want[i]] != want[i+1] {
				return true
			}
		}
		return false
	})
}

// portal is what the portal's page says of the 22 commitments, in order.
var portal = []int{65, 100, 72, 90, 85, 100, 100, 100, 90, 80, 72, 70, 87, 100, 100, 60, 57, 56, 50, 88, 100, 100}

func portalSnapshot(t *testing.T) *plan.Snapshot {
	t.Helper()
	p, err := plan.Load(schemas.FS, "plans/ma-nap-2021-2023")
	if err != nil {
		t.Fatal(err)
	}
	byLead := map[string]*plan.Submission{}
	var subs []*plan.Submission
	for i, c := range p.Commitments {
		s := byLead[c.LeadInstitution]
		if s == nil {
			digest := fmt.Sprintf("%064x", len(subs)+1)
			s = &plan.Submission{Plan: p.ID, Institution: c.LeadInstitution, Period: "portal-page", Source: plan.Source{
				SubmissionID: digest[:16], Digest: digest, ReceivedAt: "2026-01-01T00:00:00Z", Origin: plan.OriginTranscription, URL: p.SourceURL}}
			byLead[c.LeadInstitution] = s
			subs = append(subs, s)
		}
		pct := plan.Percent(portal[i] * 100)
		s.Progress = append(s.Progress, plan.Progress{Commitment: c.ID, Pct: &pct, Status: "in_progress", Place: plan.Place{Sheet: "x", Row: i + 1}})
	}
	snap, _ := merge.Snapshot(p, subs, "2026-01-01")
	return snap
}

func TestPortalFigures(t *testing.T) {
	snap := portalSnapshot(t)
	rows := rowsOf(tables(t, snap)["summary"])
	for _, c := range []struct{ scope, code, measure, method, num, den, value, display, missing string }{
		{"plan", "", "overall_progress", "mean_of_commitments", "1822", "22", "82.8181818182", "82.8", "0"},
		{"plan", "", "overall_progress", "mean_of_axis_means", "24837", "300", "82.79", "82.8", "0"},
		{"plan", "", "commitments", "count_of_commitments", "22", "1", "22", "22", "0"},
		{"plan", "", "not_started", "count_by_declared_status", "0", "1", "0", "0", "0"},
		{"plan", "", "in_progress", "count_by_declared_status", "22", "1", "22", "22", "0"},
		{"plan", "", "completed", "count_by_declared_status", "0", "1", "0", "0", "0"},
		{"plan", "", "status_missing", "count_by_declared_status", "0", "1", "0", "0", "0"},
		{"plan", "", "at_100_not_completed", "count_at_100_by_status", "8", "1", "8", "8", "0"},
		{"plan", "", "lowest_progress", "minimum", "50", "1", "50", "50", "0"},
		{"plan", "", "highest_progress", "maximum", "100", "1", "100", "100", "0"},
		{"plan", "", "median_progress", "median", "175", "2", "87.5", "87.5", "0"},
		{"plan", "", "progress_50_74", "count_in_range", "8", "1", "8", "8", "0"},
		{"plan", "", "progress_75_99", "count_in_range", "6", "1", "6", "6", "0"},
		{"plan", "", "progress_100", "count_in_range", "8", "1", "8", "8", "0"},
	} {
		got := find(rows, "scope", c.scope, "measure", c.measure, "method", c.method)
		if len(got) != 1 {
			t.Errorf("%s by %s: %d rows", c.measure, c.method, len(got))
			continue
		}
		r := got[0]
		if r["numerator"] != c.num || r["denominator"] != c.den || r["value"] != c.value || r["value_display"] != c.display || r["n_missing"] != c.missing {
			t.Errorf("%s by %s: %v", c.measure, c.method, r)
		}
	}
	var means []string
	for _, a := range snap.Plan.Axes {
		r := find(rows, "scope", "axis", "scope_code", a.Code, "measure", "axis_progress")[0]
		means = append(means, r["value"])
		if r["basis"] == "sourced" || r["basis_note"] == "" {
			t.Errorf("the axis of %s is inferred, which its mean does not say: %v", a.Code, r)
		}
	}
	if want := []string{"88.2", "76.3333333333", "86.6666666667", "62.75", "100"}; !slices.Equal(means, want) {
		t.Errorf("axis means %v, want %v", means, want)
	}
	if h := aggregate.Headline(snap); h != (aggregate.Counters{Period: "portal-page", Progress: "82.8", Commitments: 22, InProgress: 22}) {
		t.Errorf("headline %+v", h)
	}
	progress := rowsOf(tables(t, snap)["progress"])
	if len(progress) != 22 || len(find(progress, "source_kind", "portal-transcription", "reported_by", "")) != 22 {
		t.Error("a transcription names somebody who reported it")
	}
	if rows := rowsOf(tables(t, snap)["obligations"]); len(rows) > 0 {
		t.Errorf("a transcription is owed by %v", rows)
	}
}

func TestAPlanWithNothingInIt(t *testing.T) {
	for _, p := range []*plan.ActionPlan{named(&plan.ActionPlan{}), named(&plan.ActionPlan{Periods: []plan.ReportingPeriod{{ID: "h1", Kind: plan.KindSubmission, DueDate: "2022-01-01"}}})} {
		snap, _ := merge.Snapshot(p, nil, "2022-06-01")
		got := tables(t, snap)
		if h := aggregate.Headline(snap); h.Progress != "" || h.Commitments != 0 {
			t.Errorf("%+v", h)
		}
		for _, r := range rowsOf(got["summary"]) {
			if (r["value"] == "") != (r["denominator"] == "") || r["unit"] != "commitments" && r["value"] != "" {
				t.Errorf("a figure of nothing: %v", r)
			}
		}
	}
}

// named gives a plan what no table can do without.
func named(p *plan.ActionPlan) *plan.ActionPlan {
	p.ID, p.CountryCode, p.OGPCountryPrefix, p.ActionPlanCycle = "xx", "XX", "XX", 2021
	p.SourceURL, p.Licence.URL, p.Coordinator = "https://example.org", "https://example.org/licence", "water"
	if p.PeriodLabel == "" {
		p.PeriodLabel = "2021-2023"
	}
	if len(p.Languages) == 0 {
		p.Languages = []string{"ar"}
	}
	return p
}

// small is a plan of two axes, of which one has no commitment; c03 has neither
// axis nor lead.
func small() *plan.ActionPlan {
	return named(&plan.ActionPlan{Institutions: []plan.Institution{{Code: "water", Names: []plan.InstitutionName{{}}}, {Code: "roads"}},
		Axes: []plan.Axis{{Code: "a", Number: 1}, {Code: "b", Number: 2}},
		Periods: []plan.ReportingPeriod{{ID: "h1", Kind: plan.KindSubmission, Start: "2022-01-01", DueDate: "2022-07-31"},
			{ID: "h2", Kind: plan.KindSubmission, Start: "2022-07-01", DueDate: "2023-01-31"}},
		Commitments: []plan.Commitment{
			{ID: "xx-c01", Number: 1, Axis: "a", AxisBasis: plan.Sourced, LeadInstitution: "water", LeadInstitutionBasis: plan.Sourced},
			{ID: "xx-c02", Number: 2, Axis: "a", AxisBasis: plan.Inferred, LeadInstitution: "water", LeadInstitutionBasis: plan.Sourced},
			{ID: "xx-c03", Number: 3}}})
}

func report(digest byte, period, receivedAt string, rows ...plan.Progress) *plan.Submission {
	d := strings.Repeat(string(digest), 64)
	return &plan.Submission{Plan: "xx", Institution: "water", Period: period, Progress: rows,
		Source: plan.Source{SubmissionID: d[:16], Digest: d, ReceivedAt: receivedAt, Origin: plan.OriginMinistry}}
}

func at(id string, hundredths int, status string) plan.Progress {
	p := plan.Percent(hundredths)
	return plan.Progress{Commitment: id, Pct: &p, Status: status, Narrative: map[string]string{"fr": "Fait.", "es": "Hecho."}}
}

func TestMissingValuesAreCountedNotGuessed(t *testing.T) {
	subs := []*plan.Submission{report('a', "h1", "2022-07-01T00:00:00Z", at("xx-c01", 33_33, "in_progress"), at("xx-c03", 100_00, "in_progress")),
		report('b', "h2", "2022-12-01T00:00:00Z", at("xx-c01", 25_00, "in_progress"))}
	snap, _ := merge.Snapshot(small(), subs, "2023-02-01")
	rows := rowsOf(tables(t, snap)["summary"])
	for _, c := range []struct{ period, scope, code, measure, method, num, den, value, display, missing, basis string }{
		{"h1", "plan", "xx", "overall_progress", "mean_of_commitments", "133.33", "2", "66.665", "66.7", "1", "sourced"},
		{"h1", "plan", "xx", "overall_progress", "mean_of_axis_means", "33.33", "1", "33.33", "33.3", "2", "inferred"},
		{"h1", "plan", "xx", "at_100_not_completed", "count_at_100_by_status", "1", "1", "1", "1", "1", "sourced"},
		{"h1", "plan", "xx", "status_missing", "count_by_declared_status", "1", "1", "1", "1", "1", "sourced"},
		{"h1", "axis", "a", "axis_progress", "mean_of_commitments", "33.33", "1", "33.33", "33.3", "1", "inferred"},
		{"h1", "axis", "b", "axis_progress", "mean_of_commitments", "", "", "", "", "0", "sourced"},
		{"h1", "axis", "b", "median_progress", "median", "", "", "", "", "0", "sourced"},
		{"h1", "institution", "water", "institution_progress", "mean_of_commitments", "33.33", "1", "33.33", "33.3", "1", "sourced"},
		{"h2", "plan", "xx", "overall_progress", "mean_of_commitments", "125", "2", "62.5", "62.5", "1", "sourced"},
		{"h2", "plan", "xx", "change_since_previous_period", "difference_of_means", "-833", "200", "-4.165", "-4.2", "1", "sourced"},
	} {
		if r := find(rows, "reporting_period", c.period, "scope", c.scope, "scope_code", c.code, "measure", c.measure, "method", c.method); c.period == "h1" && len(r) == 1 && r[0]["n_carried_forward"] != "0" {
			t.Errorf("%s %s: nothing is older than the first period: %v", c.period, c.measure, r[0])
		}
		got := find(rows, "reporting_period", c.period, "scope", c.scope, "scope_code", c.code, "measure", c.measure, "method", c.method)
		if len(got) != 1 {
			t.Errorf("%s %s: %d rows", c.period, c.measure, len(got))
			continue
		}
		if r := got[0]; r["numerator"] != c.num || r["denominator"] != c.den || r["value"] != c.value || r["value_display"] != c.display ||
			r["n_missing"] != c.missing || r["basis"] != c.basis {
			t.Errorf("%s %s %s: %v", c.period, c.scope, c.measure, r)
		}
	}
	if got := find(rows, "scope", "institution", "scope_code", "roads"); len(got) > 0 {
		t.Errorf("figures of an institution that leads nothing: %v", got)
	}
}

func TestHeldValuesKeepTheirTexts(t *testing.T) {
	refused := report('b', "h1", "2022-07-02T00:00:00Z")
	refused.Held = []string{"xx-c01"}
	snap, _ := merge.Snapshot(small(), []*plan.Submission{report('a', "h1", "2022-07-01T00:00:00Z", at("xx-c01", 33_33, "in_progress")), refused}, "2022-07-03")
	got := tables(t, snap)
	if r := find(rowsOf(got["progress"]), "commitment_id", "xx-c01")[0]; r["value_state"] != "held" || r["progress_pct"] != "33.33" || r["workbook_sha256"] != strings.Repeat("a", 64) {
		t.Errorf("%v", r)
	}
	if r := find(rowsOf(got["texts"]), "entity_id", "xx-c01/h1", "language", "es"); len(r) != 1 || r[0]["text"] != "Hecho." {
		t.Errorf("the texts of a value that stays are gone: %v", rowsOf(got["texts"]))
	}
}

func TestObligations(t *testing.T) {
	for _, c := range []struct {
		asOf string
		subs []*plan.Submission
		want string
	}{
		{"2021-12-31", nil, ""},
		{"2022-02-01", nil, "h1 not_due 0/2"},
		{"2022-07-31", nil, "h1 not_due 0/2, h2 not_due 0/2"},
		{"2022-08-01", nil, "h1 missing 0/2, h2 not_due 0/2"},
		{"2022-08-01", []*plan.Submission{report('a', "h1", "2022-07-31T23:59:59Z", at("xx-c01", 100, "in_progress"))}, "h1 received 1/2, h2 not_due 0/2"},
		{"2022-08-01", []*plan.Submission{report('a', "h1", "2022-08-01T00:00:00Z", at("xx-c01", 100, "in_progress"))}, "h1 received_late 1/2, h2 not_due 0/2"},
		{"2022-08-01", []*plan.Submission{report('a', "h1", "2022-07-01T00:00:00Z")}, "h1 missing 0/2, h2 not_due 0/2"},
		{"2022-08-05", []*plan.Submission{report('b', "h1", "2022-08-02T00:00:00Z", at("xx-c02", 100, "in_progress")), report('a', "h1", "2022-07-01T00:00:00Z", at("xx-c01", 100, "in_progress"))},
			"h1 received 2/2, h2 not_due 0/2"},
	} {
		snap, _ := merge.Snapshot(small(), c.subs, c.asOf)
		var got []string
		for _, r := range rowsOf(tables(t, snap)["obligations"]) {
			got = append(got, fmt.Sprintf("%s %s %s/%s", r["reporting_period"], r["obligation_state"], r["commitments_reported"], r["commitments_owed"]))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("as of %s: %s, want %s", c.asOf, s, c.want)
		}
	}
}

// exactly tells whether value is num/den rounded half up to ten decimals.
func exactly(value, num, den string) bool {
	n, ok1 := new(big.Rat).SetString(num)
	d, ok2 := new(big.Rat).SetString(den)
	v, ok3 := new(big.Rat).SetString(value)
	if !ok1 || !ok2 || !ok3 || d.Sign() <= 0 {
		return false
	}
	want, _ := new(big.Rat).SetString(n.Quo(n, d).FloatString(10))
	return v.Cmp(want) == 0
}
