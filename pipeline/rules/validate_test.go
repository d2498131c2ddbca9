package rules_test

import (
	"slices"
	"strings"
	"testing"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/workbook"
)

// judgeText judges a fixture given line by line.
func judgeText(t *testing.T, lines ...string) (rules.Judgement, *finding.Report) {
	t.Helper()
	f := &fixture{receipt: receipt}
	for _, line := range lines {
		if line == "unsorted" {
			f.unsorted = true
			continue
		}
		if err := f.line(t, line); err != nil {
			t.Fatal(err)
		}
	}
	return f.judge(t)
}

const goodRow = "progress_pct = n:82.5 | status = En cours | reference_date = d:2022-12-31 | narrative_ar = تم. | narrative_fr = Fait. | evidence_url = https://example.org/1"

func TestAnAcceptedRowIsReadInFull(t *testing.T) {
	j, report := judgeText(t, "progress 6: "+goodRow, "milestones 6: completion_pct = %:0.8 | status = in_progress")
	if got := flatAll(report); !slices.Equal(got, []string{`info percent-cell-read Jalons!I6 "0.8"`}) || j.RowsTaken != 2 || j.RowsHeld != 0 {
		t.Fatal(flatAll(report), j)
	}
	p := j.Submission.Progress[0]
	if p.Commitment != "xx-plan-c01" || *p.Pct != 8250 || p.Status != "in_progress" || p.ReferenceDate != "2022-12-31" ||
		p.Narrative["fr"] != "Fait." || p.Narrative["ar"] != "تم." || len(p.Narrative) != 2 || !slices.Equal(p.EvidenceURLs, []string{"https://example.org/1"}) {
		t.Errorf("%+v", p)
	}
	if want := "commitment_id=A6 progress_pct=D6 status=E6 reference_date=F6 narrative_ar=G6 narrative_fr=H6 evidence_url=M6"; p.Place.Cells() != want || p.Place.Row != 6 || p.Place.Sheet != "Avancement" {
		t.Errorf("%+v", p.Place)
	}
	m := j.Submission.Milestones[0]
	if m.Milestone != "xx-plan-c01-m01" || *m.Pct != 8000 || m.PlannedEnd != "2022-03-31" || m.Title["ar"] != "دليل" {
		t.Errorf("%+v", m)
	}
	src := j.Submission.Source
	if src.SubmissionID != receipt.Digest[:16] || src.Digest != receipt.Digest || src.ReceivedAt != receivedAt || src.Origin != plan.OriginMinistry {
		t.Errorf("%+v", src)
	}
}

func TestAPrefilledMilestoneIsNoReport(t *testing.T) {
	j, _ := judgeText(t, "progress 6: "+goodRow)
	if len(j.Submission.Milestones) != 0 || j.RowsTaken != 1 {
		t.Errorf("taken: %+v", j.Submission.Milestones)
	}
	// A date that is not the plan's own was typed by somebody.
	j, _ = judgeText(t, "milestones 6: planned_end_date = d:2022-06-30")
	if len(j.Submission.Milestones) != 1 || j.Submission.Milestones[0].PlannedEnd != "2022-06-30" {
		t.Errorf("taken: %+v", j.Submission.Milestones)
	}
}

func TestThreeRowsOfOneCommitmentAreAllHeld(t *testing.T) {
	j, report := judgeText(t, "progress 6: progress_pct = n:65 | status = in_progress", "progress 7: "+goodRow,
		"progress 9: commitment_id = xx-plan-c01 | "+goodRow, "progress 10: commitment_id = xx-plan-c01 | "+goodRow)
	if j.RowsTaken != 1 || j.RowsHeld != 3 || len(j.Submission.Progress) != 1 || len(j.Submission.Notes) != 0 ||
		!slices.Equal(j.Submission.Held, []string{"xx-plan-c01"}) {
		t.Errorf("%+v %v", j.Submission, flatAll(report))
	}
}

func TestAHeldRowFlagsOnlyOnesOwnCommitment(t *testing.T) {
	j, _ := judgeText(t, "progress 6: progress_pct = n:145 | status = in_progress", "progress 9: commitment_id = xx-plan-c04 | "+goodRow)
	if !slices.Equal(j.Submission.Held, []string{"xx-plan-c01"}) || j.RowsHeld != 2 {
		t.Errorf("held: %v", j.Submission.Held)
	}
}

func TestNothingToReportWithAndWithoutAValue(t *testing.T) {
	j, report := judgeText(t, "progress 6: nothing_to_report = oui", "progress 7: nothing_to_report = oui | "+goodRow)
	if got := flatAll(report); !slices.Equal(got, []string{"warning nothing-to-report-with-value Avancement!L7", "info nothing-to-report Avancement!L6"}) || len(j.Submission.Progress) != 2 {
		t.Fatal(got)
	}
	without, with := j.Submission.Progress[0], j.Submission.Progress[1]
	if !without.NothingToReport || without.Pct != nil || !with.NothingToReport || *with.Pct != 8250 {
		t.Errorf("%+v %+v", without, with)
	}
}

func TestNotesStandOnTakenRowsOnly(t *testing.T) {
	j, _ := judgeText(t, "progress 6: progress_pct = n:100 | status = in_progress | narrative_ar = تم. | narrative_fr = Fait.", "progress 7: progress_pct = n:100 | status = in_progress | narrative_fr = a@b.ma")
	var got []string
	for _, n := range j.Submission.Notes {
		got = append(got, n.Rule+" "+n.Commitment+" "+n.Sheet+"!"+n.Cell+" "+n.Value)
	}
	if !slices.Equal(got, []string{"progress-full-not-completed xx-plan-c01 Avancement!E6 in_progress", "evidence-missing xx-plan-c01 Avancement!D6 100"}) {
		t.Error(got)
	}
}

// A rule with dates does not judge what came before it; a schema always does,
// and nothing ever fails on the way.
func TestRulesHoldFromTheirDay(t *testing.T) {
	bad := []string{"progress 6: progress_pct = n:0.5 | status = completed", "progress 7: progress_pct = n:145 | status = in_progress"}
	j, report := judgeText(t, append(bad, "received 2019-01-01T00:00:00Z")...)
	if got := flatAll(report); !slices.Equal(got, []string{`error value-out-of-range Avancement!D7 "145"`}) {
		t.Error(got)
	}
	if len(j.Submission.Progress) != 1 || *j.Submission.Progress[0].Pct != 50 {
		t.Errorf("%+v", j.Submission.Progress)
	}
	_, report = judgeText(t, "header period = 2031-h1", "received 2019-01-01T00:00:00Z")
	if !report.Blocked() {
		t.Error("a workbook of no known period is taken")
	}
	if c := mustContract(t).Rules.Catalogue; c.InForce("evidence-missing", "2020-12-31") || !c.InForce("evidence-missing", "2021-01-01") || c.InForce("no-such-rule", receivedAt) {
		t.Error("the days of a rule are not kept")
	}
}

func TestErrorCells(t *testing.T) {
	src := bareBook(t, "progress", []string{"commitment_id", "progress_pct", "status", "reference_date", "difficulties"}, 2, func(i int) []string {
		return [][]string{
			{str("xx-plan-c01"), ` t="e"><v>#REF!</v>`, str("in_progress")},
			{str("xx-plan-c02"), num("65"), ` t="e"><v>#N/A</v>`, "", str("x")},
		}[i]
	})
	j, report := check(t, src, receipt)
	report.Sort()
	if got := but(flatAll(report), "commitment-missing"); !slices.Equal(got, []string{`error cell-error-value Avancement!B6 "#REF!"`, `error cell-error-value Avancement!C7 "#N/A"`,
		`warning evidence-missing Avancement!B7 "65"`}) {
		t.Error(got)
	}
	if j.RowsHeld != 2 || report.Findings[1].Commitment != "xx-plan-c02" {
		t.Errorf("%+v", report.Findings)
	}
	sayAll(t, report)
}

// The validator walks rows in random order; what is told must not be.
func TestTheSameWorkbookGetsTheSameFindings(t *testing.T) {
	lines := []string{"unsorted", "progress 6: progress_pct = n:145 | status = fini | reference_date = d:2022-01-01 | evidence_url = x y | narrative_fr = repeat:4001:a | narrative_ar = repeat:4001:b",
		"milestones 7: milestone_id = A | commitment_id = B | status = C | evidence_url = D"}
	_, first := judgeText(t, lines...)
	if len(first.Findings) != 9 {
		t.Errorf("%d findings: %v", len(first.Findings), flatAll(first))
	}
	for range 20 {
		if _, again := judgeText(t, lines...); !slices.Equal(flatAll(again), flatAll(first)) {
			t.Fatalf("%v, then %v", flatAll(first), flatAll(again))
		}
	}
}

func TestAMessageTakesNoPlaceholderFromAValue(t *testing.T) {
	c := mustContract(t).Rules.Catalogue
	said := c.Message(finding.Finding{Rule: "value-not-in-list", Value: "{column}", Args: map[string]string{"column": "status", "allowed": "status"}}, "en")
	if !strings.Contains(said, `"{column}"`) {
		t.Error(said)
	}
}

func TestBoundsAreTheSchemas(t *testing.T) {
	s := mustContract(t).Rules
	if b := s.Bounds("progress_pct"); b.Min == nil || *b.Min != 0 || b.Max == nil || *b.Max != 100 {
		t.Errorf("%+v", b)
	}
	if b := s.Bounds("difficulties"); b.Min != nil || b.MaxLength != 4000 {
		t.Errorf("%+v", b)
	}
	if b := s.Bounds("no_such_column"); b != (workbook.Bounds{}) {
		t.Errorf("%+v", b)
	}
}

func TestMessagesThatLackALanguageAreRefused(t *testing.T) {
	for _, src := range []string{`{`, `{"version":1,"rules":{"a-b":{"severity":"error","message":{"en":"x"},"remedy":{"en":"x"},"doc":"d"}}}`, `{"what":1}`,
		`{"version":1,"rules":{"a-b":{"severity":"awful"}}}`} {
		if _, err := rules.ParseCatalogue([]byte(src), nil, nil); err == nil {
			t.Errorf("%s is taken", src)
		}
	}
}

// What is wrong with a row is told in one round: its warnings beside its errors,
// but for those that hang on a value that is refused. None of it is published.
func TestHeldRowsAreToldTheirWarningsToo(t *testing.T) {
	same := "narrative_ar = Le travail prévu est achevé | narrative_fr = Le travail prévu est achevé"
	for name, c := range map[string]struct {
		lines []string
		want  []string
	}{
		"a wrong date": {[]string{"progress 6: progress_pct = n:100 | status = in_progress | reference_date = 31/02/2022 | " + same},
			[]string{"date-invalid F6", "evidence-missing D6", "progress-full-not-completed E6", "text-not-translated H6"}},
		"a wrong percentage": {[]string{"progress 6: progress_pct = n:145 | status = not_started | narrative_fr = \"\" | narrative_ar = \"\""},
			[]string{"narrative-missing G6", "value-out-of-range D6"}},
		"a wrong link": {[]string{"progress 6: progress_pct = n:65 | status = in_progress | narrative_ar = تم | evidence_url = ftp://intranet/a"},
			[]string{"narrative-language-missing H6", "url-invalid M6"}},
		"a wrong answer": {[]string{"progress 6: nothing_to_report = peut-être | progress_pct = n:65 | status = in_progress | narrative_fr = \"\" | evidence_url = http://intranet/a"},
			[]string{"evidence-not-public M6", "value-not-in-list L6"}},
		"nothing new, and a wrong date": {[]string{"progress 6: nothing_to_report = oui | reference_date = 31/02/2022"},
			[]string{"date-invalid F6", "nothing-to-report-with-value L6"}},
		"personal data in a text": {[]string{"progress 6: progress_pct = n:65 | status = in_progress | narrative_fr = écrire à a@b.ma pour 2045 | narrative_ar = ٣٧ | evidence_url = https://example.org/1"},
			[]string{"personal-data H6"}},
		"numbers that differ, in a row that stands twice": {[]string{"progress 6: progress_pct = n:65 | status = in_progress | narrative_fr = 45 agents formés | narrative_ar = 54 | evidence_url = https://example.org/1",
			"progress 7: commitment_id = xx-plan-c01 | nothing_to_report = oui"},
			[]string{"commitment-duplicate A7", "numbers-differ H6", "title-mismatch B7"}},
		"another's row": {[]string{"progress 9: commitment_id = xx-plan-c04 | progress_pct = n:65 | status = in_progress"},
			[]string{"commitment-not-yours A9"}},
		"milestones": {[]string{"milestones 6: completion_pct = n:60 | status = not_started | actual_start_date = 31/02/2022 | planned_end_date = d:2030-01-01 | actual_end_date = d:2022-11-01"},
			[]string{"date-invalid G6", "date-outside-plan F6", "status-not-started-with-date H6", "status-not-started-with-progress J6"}},
	} {
		j, report := judgeText(t, c.lines...)
		var got []string
		for _, f := range report.Findings {
			if f.Rule != "commitment-missing" {
				got = append(got, f.Rule+" "+f.At.Ref)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if j.RowsHeld == 0 || len(j.Submission.Notes) > 0 {
			t.Errorf("%s: %d held, to be published: %+v", name, j.RowsHeld, j.Submission.Notes)
		}
	}
}
