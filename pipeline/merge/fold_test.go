package merge_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"iltizam/pipeline/merge"
	"iltizam/pipeline/plan"
)

// from gives a submission another sender.
func from(institution string, s *plan.Submission) *plan.Submission {
	s.Institution = institution
	return s
}

// folded gives the state after these submissions, in order of receipt.
func folded(p *plan.ActionPlan, asOf string, judge merge.Judge, subs ...*plan.Submission) (*plan.Snapshot, *merge.Fold) {
	f := merge.NewFold(p, asOf, judge)
	for _, s := range slices.SortedFunc(slices.Values(subs), merge.InOrder) {
		f.Add(s)
	}
	return f.Snapshot(), f
}

// One commitment, one lead: a supporting institution's row stands only where the
// lead has none, whichever came first; the lead's word that nothing is new counts.
func TestTheLeadComesFirst(t *testing.T) {
	one, two := "2022-07-01T00:00:00Z", "2022-07-02T00:00:00Z"
	for _, c := range []struct {
		name      string
		lead      *plan.Submission
		supporter *plan.Submission
		want      string
		overruled int
	}{
		{"the lead later", sub("b", "h1", two, row(1, 6000, "")), sub("a", "h1", one, row(1, 5000, "")), "c01 h1 reported 60 of h1, was - by water", 1},
		{"the lead first", sub("a", "h1", one, row(1, 6000, "")), sub("b", "h1", two, row(1, 5000, "")), "c01 h1 reported 60 of h1, was - by water", 0},
		{"the lead alone", sub("a", "h1", one, row(1, 6000, "")), sub("b", "h1", two), "c01 h1 reported 60 of h1, was - by water", 0},
		{"the supporter alone", sub("a", "h1", one, row(2, 6000, "")), sub("b", "h1", two, row(1, 5000, "")), "c01 h1 reported 50 of h1, was - by roads", 0},
		{"nothing new, later", sub("b", "h1", two, nothing(1)), sub("a", "h1", one, row(1, 5000, "")), "c01 h1 missing - of , was - by ", 1},
		{"nothing new, first", sub("a", "h1", one, nothing(1)), sub("b", "h1", two, row(1, 5000, "")), "c01 h1 missing - of , was - by ", 0},
	} {
		from("roads", c.supporter).Rulings = map[string]plan.Ruling{plan.RuleReportedByLead: {Severity: "warning"}}
		snap, f := folded(thePlan(), "2022-07-20", nil, c.lead, c.supporter)
		if got := show(snap.Standings[0]) + " by " + snap.Standings[0].Institution; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		over := f.Overruled()
		if len(over) != c.overruled || len(over) > 0 && (over[0].Submission.Institution != "roads" || over[0].Remark.Args["lead"] != "water" ||
			over[0].Remark.Args["values"] != "@other-values" || over[0].Remark.Severity != "warning") {
			t.Errorf("%s: overruled %+v", c.name, over)
		}
	}
	// A milestone follows the lead of its commitment.
	m := func(s *plan.Submission, status string) *plan.Submission {
		s.Milestones = []plan.MilestoneReport{{Milestone: "xx-plan-c01-m01", Commitment: "xx-plan-c01", Status: status}}
		return s
	}
	snap, _ := folded(thePlan(), "2022-07-20", nil, m(sub("a", "h1", one), "lead"), from("roads", m(sub("b", "h1", two), "supporter")))
	if len(snap.Milestones) != 1 || snap.Milestones[0].Report.Status != "lead" {
		t.Errorf("%+v", snap.Milestones)
	}
}

// Who leads now corrects what its forerunner reported, as a lead.
func TestThePresentLeadCorrectsTheFormerOne(t *testing.T) {
	p := thePlan()
	p.Periods[1].End = "2022-06-30"
	c := &p.Commitments[0]
	c.LeadInstitution, c.EarlierLeads = "roads", []plan.EarlierLead{{Institution: "water", Until: "2022-12-31"}}
	old := sub("a", "h1", "2022-07-01T00:00:00Z", row(1, 5000, ""))
	early := from("roads", sub("b", "h1", "2022-12-31T00:00:00Z", row(1, 6000, "")))
	snap, _ := folded(p, late, nil, old, early)
	if snap.Standings[1].Source != old.Source || snap.Standings[1].Age != 1 {
		t.Errorf("while it did not lead: %s, %d", show(snap.Standings[1]), snap.Standings[1].Age)
	}
	after := from("roads", sub("b", "h1", "2023-01-01T00:00:00Z", row(1, 6000, "")))
	if snap, _ = folded(p, late, nil, old, after); snap.Standings[0].Source != after.Source {
		t.Errorf("once it led: %s", show(snap.Standings[0]))
	}
}

// A report that comes before its period began waits for it: until then nothing
// tells that it came.
func TestAnEarlyReportWaitsForItsPeriod(t *testing.T) {
	p := thePlan()
	p.Periods[2].Start = "2022-07-01"
	early := sub("a", "h2", "2022-05-01T00:00:00Z", row(1, 6000, ""))
	other := sub("b", "h1", "2022-06-01T00:00:00Z", row(1, 5000, ""))
	with, _ := folded(p, "2022-06-30", nil, early, other)
	without, _ := folded(p, "2022-06-30", nil, other)
	if !reflect.DeepEqual(with, without) {
		t.Errorf("the day before: %+v", with)
	}
	with, _ = folded(p, "2022-07-01", nil, early, other)
	if got := show(with.Standings[1]); got != "c01 h2 reported 60 of h2, was 50" || len(with.Submissions) != 2 {
		t.Errorf("on its first day: %s", got)
	}
}

// The age of a value is counted in the periods that the snapshot tells of.
func TestTheAgeOfAValue(t *testing.T) {
	p := thePlan()
	p.Periods = append(p.Periods, plan.ReportingPeriod{ID: "h3", Kind: plan.KindSubmission, DueDate: "2023-07-31"})
	first := sub("a", "page", "2022-01-01T00:00:00Z", row(1, 6000, ""), row(2, 10, ""))
	third := sub("b", "h3", "2023-07-01T00:00:00Z", nothing(1), row(2, 20, ""))
	for asOf, want := range map[string][]int{"2022-07-31": {0, 0, 0}, "2022-08-01": {0, 1, 0, 1, 0, 0}, "2023-07-31": {0, 1, 2, 3, 0, 1, 2, 0, 0, 0, 0, 0}} {
		snap, _ := folded(p, asOf, nil, first, third)
		var got []int
		for _, s := range snap.Standings {
			got = append(got, s.Age)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", asOf, got, want)
		}
	}
}

// What met an obligation is the first accepted row, whoever sent it, whatever came
// of it later; a row that was held back met nothing.
func TestFirsts(t *testing.T) {
	a := from("roads", sub("a", "h1", "2022-07-01T00:00:00Z", row(1, 5000, "")))
	b := sub("b", "h1", "2022-07-02T00:00:00Z", row(1, 6000, ""), row(2, 10, ""))
	c := sub("c", "h1", "2022-07-03T00:00:00Z", row(1, 7000, ""), nothing(3))
	hold := func(s *plan.Submission, _ plan.Past) []plan.Remark {
		if s == b {
			return []plan.Remark{{Rule: "x", Severity: "error", Commitment: "xx-plan-c02"}}
		}
		return nil
	}
	snap, _ := folded(thePlan(), "2022-07-20", hold, c, b, a)
	want := []plan.First{{Commitment: "xx-plan-c01", Period: "h1", Institution: "roads", Source: a.Source},
		{Commitment: "xx-plan-c03", Period: "h1", Institution: "water", Source: c.Source}}
	if !slices.Equal(snap.Firsts, want) {
		t.Errorf("%+v", snap.Firsts)
	}
}

// A remark with an error holds its row back: an earlier row stays, marked, until one
// comes that may stand. A warning is published with its row, an info is not.
func TestRemarks(t *testing.T) {
	remark := func(severity string) merge.Judge {
		return func(s *plan.Submission, _ plan.Past) []plan.Remark {
			if s.Source.SubmissionID[:1] != "6" || s.Source.SubmissionID[1:2] != "2" { // b
				return nil
			}
			return []plan.Remark{{Rule: "some-rule", Severity: severity, Commitment: "xx-plan-c01", Column: "status", Cell: "E6"},
				{Rule: "some-rule", Severity: severity, Commitment: "xx-plan-c01", Milestone: "xx-plan-c01-m01"},
				{Rule: "of-the-whole", Severity: severity}, {Rule: "no-row", Severity: severity, Commitment: "xx-plan-c03"}}
		}
	}
	with := func(s *plan.Submission, status string) *plan.Submission {
		s.Milestones = []plan.MilestoneReport{{Milestone: "xx-plan-c01-m01", Commitment: "xx-plan-c01", Status: status}}
		return s
	}
	a := with(sub("a", "h1", "2022-07-01T00:00:00Z", row(1, 5000, "")), "old")
	b := with(sub("b", "h1", "2022-07-02T00:00:00Z", row(1, 6000, ""), row(2, 10, "")), "new")
	c := sub("c", "h1", "2022-07-03T00:00:00Z", row(1, 7000, ""))
	for _, x := range []struct {
		severity string
		more     []*plan.Submission
		want     string
		status   string
		notes    int
	}{
		{"info", nil, "c01 h1 reported 60 of h1, was -", "new", 0},
		{"warning", nil, "c01 h1 reported 60 of h1, was -", "new", 2},
		{"error", nil, "c01 h1 held 50 of h1, was -", "old", 2}, // held: also of c03, of which a row should have come
		{"error", []*plan.Submission{c}, "c01 h1 reported 70 of h1, was -", "old", 1},
	} {
		snap, _ := folded(thePlan(), "2022-07-20", remark(x.severity), append(x.more, a, b)...)
		if got := standings(snap, "c01")[0]; got != x.want || snap.Milestones[0].Report.Status != x.status {
			t.Errorf("%s: %s, %s", x.severity, got, snap.Milestones[0].Report.Status)
		}
		if got := standings(snap, "c02")[0]; got != "c02 h1 reported 0.1 of h1, was -" {
			t.Errorf("%s: %s", x.severity, got)
		}
		if len(snap.Notes) != x.notes {
			t.Errorf("%s: %+v", x.severity, snap.Notes)
		}
	}
}

// What changes or takes away a value after its period's due date is an erratum, with
// the reason that stands beside the commitment.
func TestRestatements(t *testing.T) {
	first := row(1, 5000, "in_progress")
	first.EvidenceURLs, first.NextSteps = []string{"https://example.org/1"}, "Suite"
	second := row(1, 6000, "in_progress")
	second.EvidenceURLs, second.RevisionReason, second.Difficulties = []string{"https://example.org/1", "https://example.org/2"}, "recount", "d"
	step := func(s *plan.Submission, end string) *plan.Submission {
		s.Milestones = []plan.MilestoneReport{{Milestone: "xx-plan-c01-m01", Commitment: "xx-plan-c01", PlannedEnd: end}}
		return s
	}
	for at, want := range map[string][]string{
		"2022-07-31T23:59:59Z": nil,
		"2022-08-01T00:00:00Z": {"deleted next_steps recount", "modified progress_pct recount", "modified planned_end_date recount"},
	} {
		snap, _ := folded(thePlan(), late, nil, step(sub("a", "h1", "2022-07-01T00:00:00Z", first), "2022-12-31"), step(sub("b", "h1", at, second), "2023-03-31"))
		var got []string
		for _, c := range snap.Changes {
			if c.Restated {
				got = append(got, fmt.Sprint(c.Activity, " ", c.Column, " ", c.Reason))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v", at, got)
		}
	}
	// Of a transcription nothing is due, so nothing is restated.
	snap, _ := folded(thePlan(), late, nil, sub("a", "page", "2022-07-01T00:00:00Z", first), sub("b", "page", "2023-01-01T00:00:00Z", second))
	if slices.ContainsFunc(snap.Changes, func(c plan.Change) bool { return c.Restated }) {
		t.Error("a transcription is restated")
	}
}

// A snapshot stays what it is, whatever comes after it, and a fold holds no rows of
// what it folded in.
func TestASnapshotStays(t *testing.T) {
	f := merge.NewFold(thePlan(), late, nil)
	a := sub("a", "h1", "2022-07-01T00:00:00Z", row(1, 5000, "in_progress"))
	a.Notes = []plan.Note{{Rule: "evidence-missing", Commitment: "xx-plan-c01"}}
	a.Milestones = []plan.MilestoneReport{{Milestone: "xx-plan-c01-m01", Commitment: "xx-plan-c01", Status: "old"}}
	f.Add(a)
	before, same := f.Snapshot(), f.Snapshot()
	b := sub("b", "h1", "2022-07-02T00:00:00Z", row(1, 6000, "completed"))
	b.Milestones = []plan.MilestoneReport{{Milestone: "xx-plan-c01-m01", Commitment: "xx-plan-c01", Status: "new"}}
	f.Add(b)
	f.Refuse(plan.Refusal{Institution: "water", ReceivedAt: "2022-07-03T00:00:00Z"})
	if !reflect.DeepEqual(before, same) {
		t.Errorf("%+v\n%+v", before, same)
	}
	if after := f.Snapshot(); reflect.DeepEqual(before, after) || after.Standings[0].State != plan.Held && after.Standings[1].State != plan.Held {
		t.Errorf("%+v", after.Standings)
	}
	for _, s := range f.Snapshot().Submissions {
		if len(s.Progress)+len(s.Milestones)+len(s.Notes) > 0 || strings.TrimSpace(s.Source.Digest) == "" {
			t.Errorf("%+v", s)
		}
	}
}

// A supporting institution's row does not settle what the lead's held row left
// open, nor is it told that one of its own is missing where the lead's stands.
func TestHeldRowsByRank(t *testing.T) {
	one, two, three := "2022-07-01T00:00:00Z", "2022-07-02T00:00:00Z", "2022-07-03T00:00:00Z"
	held := func(s *plan.Submission) *plan.Submission { s.Held = []string{"xx-plan-c01"}; return s }
	for want, subs := range map[string][]*plan.Submission{
		"c01 h1 held 50 of h1, was -":     {held(sub("a", "h1", one)), from("roads", sub("b", "h1", two, row(1, 5000, "")))},
		"c01 h1 reported 60 of h1, was -": {from("roads", held(sub("a", "h1", one))), sub("b", "h1", two, row(1, 6000, ""))},
		"c01 h1 reported 61 of h1, was -": {sub("a", "h1", one, row(1, 6100, "")), from("roads", held(sub("b", "h1", two)))},
		"c01 h1 reported 62 of h1, was -": {held(sub("a", "h1", one)), from("roads", held(sub("b", "h1", two))), sub("c", "h1", three, row(1, 6200, ""))},
	} {
		if snap, _ := folded(thePlan(), "2022-07-20", nil, subs...); show(snap.Standings[0]) != want {
			t.Errorf("%s, want %s", show(snap.Standings[0]), want)
		}
	}
}

// A refused workbook marks values for as long as nothing better came, and what a
// snapshot said of it is not remembered.
func TestARefusalIsMendedBetweenSnapshots(t *testing.T) {
	f := merge.NewFold(thePlan(), late, nil)
	f.Add(sub("a", "h1", "2022-07-01T00:00:00Z", row(1, 5000, "")))
	f.Refuse(plan.Refusal{Institution: "water", Period: "h1", ReceivedAt: "2022-07-02T00:00:00Z"})
	if s := f.Snapshot(); s.Standings[0].State != plan.Held || len(s.Refusals) != 1 {
		t.Errorf("%s", show(s.Standings[0]))
	}
	f.Add(sub("b", "h2", "2022-07-03T00:00:00Z", row(2, 5000, "")))
	if s := f.Snapshot(); s.Standings[0].State != plan.Reported || len(s.Refusals) != 0 {
		t.Errorf("once another workbook came: %s", show(s.Standings[0]))
	}
}

// Workbooks that one run finds have one instant of receipt; a report is judged after
// the one for the period before it all the same.
func TestWhatCameTogetherIsJudgedInTheOrderOfItsPeriods(t *testing.T) {
	at := "2023-02-01T00:00:00Z"
	first, second := sub("z", "h1", at, row(1, 5000, "")), sub("a", "h2", at, row(1, 6000, ""))
	var before []string
	folded(thePlan(), late, func(s *plan.Submission, past plan.Past) []plan.Remark {
		row, _ := past.Before("xx-plan-c01", s.Period)
		before = append(before, s.Period+" after "+row.Period)
		return nil
	}, second, first)
	if want := []string{"h1 after ", "h2 after h1"}; !slices.Equal(before, want) {
		t.Errorf("%q", before)
	}
}
