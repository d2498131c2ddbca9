package aggregate_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"iltizam/pipeline/merge"
	"iltizam/pipeline/plan"
)

var hostile = rapid.OneOf(
	rapid.SampledFrom([]string{"", "=1+1", "a,b\"c\nd", "\x1f", "\x00", "{value}", "\u202etxt", "<b>", "'; --", "خطة", "\xff", "a;b", "-", "é\u0301"}),
	rapid.StringN(0, 20, 60))

var anyBasis = rapid.SampledFrom([]plan.Basis{plan.Sourced, plan.Translated, plan.Inferred, plan.Unknown, ""})

func texts(t *rapid.T, label string) plan.Texts {
	return rapid.MapOfN(rapid.SampledFrom([]string{"ar", "fr", "en", "es", "ber"}), rapid.Custom(func(t *rapid.T) plan.Text {
		return plan.Text{Text: hostile.Draw(t, "text"), Basis: rapid.SampledFrom([]plan.Basis{plan.Sourced, plan.Inferred}).Draw(t, "basis")}
	}), 0, 4).Draw(t, label)
}

// anyPlan draws a plan that Load would take, with texts that nobody would write.
func anyPlan(t *rapid.T) *plan.ActionPlan {
	p := named(&plan.ActionPlan{Title: texts(t, "title"), Note: hostile.Draw(t, "note"), Languages: []string{"ar"}, Coordinator: "i0",
		StartDate: plan.PartialDate{Text: hostile.Draw(t, "start")}, PeriodLabel: hostile.Draw(t, "label")})
	for i := range rapid.IntRange(0, 3).Draw(t, "axes") {
		p.Axes = append(p.Axes, plan.Axis{Code: fmt.Sprintf("a%d", i), Number: i, Name: texts(t, "axis")})
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "institutions") {
		p.Institutions = append(p.Institutions, plan.Institution{Code: fmt.Sprintf("i%d", i), Note: hostile.Draw(t, "note"),
			Names: []plan.InstitutionName{{Name: texts(t, "name")}, {Name: texts(t, "new name")}}})
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "periods") {
		p.Periods = append(p.Periods, plan.ReportingPeriod{ID: fmt.Sprintf("p%d", i), Label: texts(t, "period"), Note: hostile.Draw(t, "note"),
			Kind: rapid.SampledFrom([]string{plan.KindSubmission, plan.KindTranscription}).Draw(t, "kind"), DueDate: rapid.SampledFrom([]string{"", "2022-01-31", "2023-01-31"}).Draw(t, "due")})
	}
	for n := range rapid.IntRange(0, 7).Draw(t, "commitments") {
		c := plan.Commitment{ID: plan.CommitmentID("xx", n+1), Number: n + 1, Title: texts(t, "commitment"), Description: texts(t, "description"),
			AxisBasis: anyBasis.Draw(t, "basis"), LeadInstitutionBasis: anyBasis.Draw(t, "basis"), PolicyAreas: []string{hostile.Draw(t, "area")}}
		if len(p.Axes) > 0 && rapid.Bool().Draw(t, "has axis") {
			c.Axis = rapid.SampledFrom(p.Axes).Draw(t, "axis").Code
		}
		if rapid.Bool().Draw(t, "has lead") {
			c.LeadInstitution = rapid.SampledFrom(p.Institutions).Draw(t, "lead").Code
		}
		for m := range rapid.IntRange(0, 2).Draw(t, "milestones") {
			c.Milestones = append(c.Milestones, plan.Milestone{ID: fmt.Sprintf("%s-m%02d", c.ID, m+1), Title: texts(t, "milestone"), PlannedEnd: "2022-05-05"})
		}
		p.Commitments = append(p.Commitments, c)
	}
	return p
}

func anySubmissions(t *rapid.T, p *plan.ActionPlan) []*plan.Submission {
	if len(p.Periods) == 0 {
		return nil
	}
	var subs []*plan.Submission
	for i := range rapid.IntRange(0, 5).Draw(t, "submissions") {
		digest := fmt.Sprintf("%064x", i)
		s := &plan.Submission{Plan: p.ID, Institution: rapid.SampledFrom(p.Institutions).Draw(t, "institution").Code,
			Period: rapid.SampledFrom(p.Periods).Draw(t, "period").ID, Source: plan.Source{SubmissionID: digest[:16], Digest: digest,
				ReceivedAt: fmt.Sprintf("2022-%02d-01T00:00:00Z", rapid.IntRange(1, 12).Draw(t, "month")), URL: hostile.Draw(t, "url"),
				Origin: rapid.SampledFrom([]string{plan.OriginMinistry, plan.OriginTranscription, plan.OriginExample}).Draw(t, "origin")}}
		for _, c := range p.Commitments {
			switch rapid.IntRange(0, 4).Draw(t, "row") {
			case 0:
				s.Held = append(s.Held, c.ID)
			case 1:
				s.Progress = append(s.Progress, plan.Progress{Commitment: c.ID, NothingToReport: true})
			case 2, 3:
				pct := plan.Percent(rapid.IntRange(0, 10000).Draw(t, "pct"))
				s.Progress = append(s.Progress, plan.Progress{Commitment: c.ID, Pct: &pct, Status: rapid.SampledFrom([]string{"not_started", "in_progress", "completed", ""}).Draw(t, "status"),
					Narrative: map[string]string{"fr": hostile.Draw(t, "fr"), "es": hostile.Draw(t, "es")}, Difficulties: hostile.Draw(t, "difficulties"),
					EvidenceURLs: []string{hostile.Draw(t, "url")}, Place: plan.Place{Sheet: hostile.Draw(t, "sheet"), Row: 6}})
				s.Notes = append(s.Notes, plan.Note{Rule: "evidence-missing", Severity: "warning", Commitment: c.ID, Period: s.Period, Column: "progress_pct", Value: hostile.Draw(t, "value"), Source: s.Source})
			}
			if rapid.Bool().Draw(t, "milestone") {
				pct := plan.Percent(rapid.IntRange(0, 10000).Draw(t, "pct"))
				s.Milestones = append(s.Milestones, plan.MilestoneReport{Milestone: c.ID + "-m01", Commitment: c.ID, Pct: &pct, Title: map[string]string{"ar": hostile.Draw(t, "title")},
					EvidenceURLs: []string{"https://example.org"}})
			}
		}
		subs = append(subs, s)
	}
	return subs
}

// Every table of every snapshot keeps to its schema, keys included, and every
// figure is its fraction.
func TestTablesOfAnySnapshot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPlan(t)
		asOf := rapid.SampledFrom([]string{"2021-01-01", "2022-06-01", "2023-06-01"}).Draw(t, "as of")
		snap, _ := merge.Snapshot(p, anySubmissions(t, p), asOf)
		for _, r := range rowsOf(tables(t, snap)["summary"]) {
			if (r["value"] == "") != (r["numerator"] == "") || (r["value"] == "") != (r["value_display"] == "") {
				t.Fatalf("half a figure: %v", r)
			}
			if r["value"] != "" && !exactly(r["value"], r["numerator"], r["denominator"]) {
				t.Fatalf("%s is not %s / %s: %v", r["value"], r["numerator"], r["denominator"], r)
			}
			if r["unit"] == "percent" && (strings.HasPrefix(r["value"], "-") || len(r["value"]) > 3 && r["value"][:3] == "100" && r["value"] != "100") {
				t.Fatalf("out of 0 to 100: %v", r)
			}
		}
	})
}

// The tables are the same whatever the order of the submissions.
func TestTablesDoNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPlan(t)
		subs := anySubmissions(t, p)
		dump := func(subs []*plan.Submission) string {
			snap, _ := merge.Snapshot(p, subs, "2023-06-01")
			var b strings.Builder
			got := tables(t, snap)
			for _, name := range []string{"progress", "summary", "changes", "data_quality", "evidence", "milestones", "texts", "obligations"} {
				for row := range got[name].Rows {
					fmt.Fprintln(&b, name, row)
				}
			}
			return b.String()
		}
		if dump(subs) != dump(rapid.Permutation(subs).Draw(t, "shuffled")) {
			t.Fatal("the order of the submissions changes the tables")
		}
	})
}
