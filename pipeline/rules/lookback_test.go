package rules_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/merge"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/rules"
)

// said folds submissions and gives what is said of the last one, with its severity.
func said(t *testing.T, p *plan.ActionPlan, subs ...*plan.Submission) []string {
	t.Helper()
	set := mustContract(t).Rules
	f := merge.NewFold(p, "9999-12-31", func(s *plan.Submission, past plan.Past) []plan.Remark { return set.LookBack(p, s, past) })
	var out []string
	for _, s := range subs {
		out = nil
		for _, r := range f.Add(s) {
			out = append(out, flat(rules.FindingOf(r)))
		}
	}
	return out
}

func hundredths(n int) *plan.Percent { p := plan.Percent(n); return &p }

// told is a submission of water's on c01.
func told(t *testing.T, period, at string, row plan.Progress) *plan.Submission {
	t.Helper()
	row.Commitment = "xx-plan-c01"
	return &plan.Submission{Plan: "xx-plan", Institution: "water", Period: period, Progress: []plan.Progress{row},
		Source:  plan.Source{Digest: at, SubmissionID: at[:10], ReceivedAt: at, Origin: plan.OriginMinistry},
		Rulings: mustContract(t).Rules.RulingsOn("2023-01-01")}
}

// A submission is judged by the rulings that it carries, whatever the contract says
// by now: none of it, mildly, or by other limits.
func TestLookingBackGoesByTheRulingsOfTheDay(t *testing.T) {
	first := told(t, "2022-h1", "2022-07-01T00:00:00Z", plan.Progress{Pct: hundredths(40_00), Status: "in_progress"})
	next := func(ruling ...plan.Ruling) *plan.Submission {
		s := told(t, "2022-h2", "2023-01-10T00:00:00Z", plan.Progress{Pct: hundredths(30_00), Status: "in_progress"})
		s.Rulings = map[string]plan.Ruling{}
		for _, r := range ruling {
			s.Rulings["progress-regression"] = r
		}
		return s
	}
	for want, s := range map[string]*plan.Submission{
		"": next(), `warning progress-regression "30"`: next(plan.Ruling{Severity: "warning"}), `error progress-regression "30"`: next(plan.Ruling{Severity: "error"}),
	} {
		if got := strings.Join(said(t, testPlan(), first, s), ", "); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	high := told(t, "2022-h2", "2023-01-10T00:00:00Z", plan.Progress{Pct: hundredths(60_00), Status: "in_progress"})
	high.Rulings = map[string]plan.Ruling{"progress-jump": {Severity: "warning", Limits: map[string]int{"points": 20}}}
	if got := said(t, testPlan(), first, high); !slices.Equal(got, []string{`warning progress-jump "60"`}) {
		t.Errorf("by the limit of its day: %v", got)
	}
	if r := rules.FindingOf(plan.Remark{Rule: "x", Severity: "worse"}); r.Severity != finding.Error {
		t.Errorf("%v", r.Severity)
	}
}

func TestWhatLookingBackLetsBe(t *testing.T) {
	row := func(n int, status string) plan.Progress {
		return plan.Progress{Pct: hundredths(n), Status: status, Narrative: map[string]string{"fr": "Fait."}}
	}
	nothing := plan.Progress{NothingToReport: true, Narrative: map[string]string{"fr": "Fait."}}
	reasoned := row(30_00, "in_progress")
	reasoned.RevisionReason = "recount"
	for _, x := range []struct {
		name string
		subs []*plan.Submission
		want []string
	}{
		{"nothing new copies no account and falls nowhere", []*plan.Submission{told(t, "2022-h1", "2022-07-01T00:00:00Z", row(40_00, "in_progress")),
			told(t, "2022-h2", "2023-01-10T00:00:00Z", nothing)}, nil},
		{"a fall that was explained is not asked about again", []*plan.Submission{told(t, "2022-h1", "2022-07-01T00:00:00Z", row(40_00, "in_progress")),
			told(t, "2022-h2", "2023-01-10T00:00:00Z", reasoned), told(t, "2022-h2", "2023-01-11T00:00:00Z", row(30_00, "in_progress"))},
			[]string{`warning narrative-copied "Fait."`}},
		{"a first report after the due date restates nothing", []*plan.Submission{told(t, "2022-h1", "2022-09-01T00:00:00Z", row(40_00, "in_progress"))}, nil},
		{"nothing new instead of a value of the past takes nothing away", []*plan.Submission{told(t, "2022-h1", "2022-07-01T00:00:00Z", row(40_00, "in_progress")),
			told(t, "2022-h1", "2022-09-01T00:00:00Z", nothing)}, nil},
	} {
		if got := said(t, testPlan(), x.subs...); !slices.Equal(got, x.want) {
			t.Errorf("%s: %v", x.name, got)
		}
	}
	// Nobody answers for a copy of a page; it is what later reports are held against.
	page := told(t, "page", "2022-01-01T00:00:00Z", row(40_00, "in_progress"))
	again := told(t, "page", "2022-02-01T00:00:00Z", row(30_00, "not_started"))
	page.Source.Origin, again.Source.Origin = plan.OriginTranscription, plan.OriginTranscription
	if got := said(t, testPlan(), page, again); got != nil {
		t.Errorf("of a transcription: %v", got)
	}
	if got := said(t, testPlan(), page, told(t, "2022-h1", "2022-07-01T00:00:00Z", plan.Progress{Pct: hundredths(39_00), Status: "in_progress"})); !slices.Equal(got, []string{`error progress-regression "39"`}) {
		t.Errorf("against a transcription: %v", got)
	}
}

// The lead's word that nothing is new takes a supporting institution's value of the
// past away, for which there must be a reason.
func TestTheLeadTakesAwayAValueOfThePast(t *testing.T) {
	p := testPlan()
	p.Commitments[0].Supporting = []string{"roads"}
	supporter := told(t, "2022-h1", "2022-07-01T00:00:00Z", plan.Progress{Pct: hundredths(40_00), Status: "in_progress"})
	supporter.Institution = "roads"
	lead := told(t, "2022-h1", "2022-09-01T00:00:00Z", plan.Progress{NothingToReport: true})
	if got := said(t, p, supporter, lead); !slices.Equal(got, []string{"error value-restated", "error value-restated"}) {
		t.Errorf("%v", got)
	}
	lead.Progress[0].RevisionReason = "ours to tell"
	if got := said(t, p, supporter, lead); got != nil {
		t.Errorf("with a reason: %v", got)
	}
}

// Every remark is filed by a rule of the table and can be said; the rulings name
// just the rules that look around and back.
func TestRulingsNameTheRulesThatLookBack(t *testing.T) {
	c := mustContract(t).Rules
	want := []string{"commitment-reported-by-lead", "deadline-moved", "narrative-copied", "period-gap", "progress-flat", "progress-jump", "progress-regression",
		"record-dropped", "value-above-later", "value-restated"}
	if got := slices.Sorted(maps.Keys(c.RulingsOn("2023-01-01"))); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if got := c.RulingsOn("2020-12-31"); len(got) != 0 {
		t.Errorf("before they were: %v", got)
	}
}
