package merge_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"iltizam/pipeline/merge"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
)

// thePlan has three commitments, of water and roads, and three periods, of which
// the first is a transcription.
func thePlan() *plan.ActionPlan {
	p := &plan.ActionPlan{ID: "xx-plan", Institutions: []plan.Institution{{Code: "water"}, {Code: "roads"}},
		Periods: []plan.ReportingPeriod{{ID: "page", Kind: plan.KindTranscription},
			{ID: "h1", Kind: plan.KindSubmission, DueDate: "2022-07-31"}, {ID: "h2", Kind: plan.KindSubmission, DueDate: "2023-01-31"}}}
	for n := 1; n <= 3; n++ {
		p.Commitments = append(p.Commitments, plan.Commitment{ID: plan.CommitmentID(p.ID, n), Number: n, LeadInstitution: "water"})
	}
	return p
}

func pct(n int) *plan.Percent { p := plan.Percent(n); return &p }

// sub is a submission of water's; its digest follows from name.
func sub(name, period, receivedAt string, rows ...plan.Progress) *plan.Submission {
	digest := strings.Repeat(fmt.Sprintf("%x", name[0]), 32)
	return &plan.Submission{Plan: "xx-plan", Institution: "water", Period: period, Progress: rows,
		Source: plan.Source{SubmissionID: digest[:16], Digest: digest, ReceivedAt: receivedAt, Origin: plan.OriginMinistry}}
}

func row(n, hundredths int, status string) plan.Progress {
	return plan.Progress{Commitment: plan.CommitmentID("xx-plan", n), Pct: pct(hundredths), Status: status}
}

func nothing(n int) plan.Progress {
	return plan.Progress{Commitment: plan.CommitmentID("xx-plan", n), NothingToReport: true}
}

// show is a standing on one line.
func show(s plan.Standing) string {
	value, previous := "-", "-"
	if s.Report != nil && s.Report.Pct != nil {
		value = table.Dec(int64(*s.Report.Pct), 2).String()
	}
	if s.Previous != nil {
		previous = table.Dec(int64(*s.Previous), 2).String()
	}
	return fmt.Sprintf("%s %s %s %s of %s, was %s", s.Commitment[len(s.Commitment)-3:], s.Period, s.State, value, s.ValuePeriod, previous)
}

func standings(snap *plan.Snapshot, commitment string) []string {
	var out []string
	for _, s := range snap.Standings {
		if strings.HasSuffix(s.Commitment, commitment) {
			out = append(out, show(s))
		}
	}
	return out
}

func notes(snap *plan.Snapshot, commitment string) []string {
	var out []string
	for _, n := range snap.Notes {
		if strings.HasSuffix(n.Commitment, commitment) {
			out = append(out, strings.TrimSpace(n.Rule+" "+n.Period+" "+n.Args["from"]))
		}
	}
	return out
}

func TestStandings(t *testing.T) {
	held := func(s *plan.Submission, ids ...string) *plan.Submission { s.Held = ids; return s }
	for _, c := range []struct {
		name  string
		asOf  string
		subs  []*plan.Submission
		want  []string
		notes []string
	}{
		{name: "nothing at all", asOf: "2020-01-01"},
		{name: "asOf before everything", asOf: "2020-01-01", subs: []*plan.Submission{sub("a", "h1", "2022-07-01T00:00:00Z", row(1, 6500, "in_progress"))}},
		{name: "the day of the deadline is not past it", asOf: "2022-07-31"},
		{name: "nobody reported", asOf: "2022-08-01", want: []string{"c01 h1 missing - of , was -"}},
		{name: "reported", asOf: "2022-07-01", subs: []*plan.Submission{sub("a", "h1", "2022-07-01T23:59:59Z", row(1, 6500, "in_progress"))},
			want: []string{"c01 h1 reported 65 of h1, was -"}},
		{name: "received a day too late for asOf", asOf: "2022-06-30", subs: []*plan.Submission{sub("a", "h1", "2022-07-01T00:00:00Z", row(1, 6500, ""))}},
		{name: "of another plan", asOf: "2022-07-01", subs: []*plan.Submission{func() *plan.Submission {
			s := sub("a", "h1", "2022-07-01T00:00:00Z", row(1, 6500, ""))
			s.Plan = "yy-plan"
			return s
		}()}},
		{name: "carried forward", asOf: "2023-02-01", subs: []*plan.Submission{sub("a", "page", "2022-01-01T00:00:00Z", row(1, 6500, "in_progress"))},
			want:  []string{"c01 page reported 65 of page, was -", "c01 h1 carried_forward 65 of page, was 65", "c01 h2 carried_forward 65 of page, was 65"},
			notes: []string{"value-carried-forward h1 page", "value-carried-forward h2 page"}},
		{name: "nothing to report is no gap", asOf: "2022-08-01", subs: []*plan.Submission{
			sub("a", "page", "2022-01-01T00:00:00Z", row(1, 6500, "in_progress")), sub("b", "h1", "2022-07-01T00:00:00Z", nothing(1))},
			want: []string{"c01 page reported 65 of page, was -", "c01 h1 carried_forward 65 of page, was 65"}},
		{name: "nothing to report, nothing known", asOf: "2022-07-01", subs: []*plan.Submission{sub("b", "h1", "2022-07-01T00:00:00Z", nothing(1))},
			want: []string{"c01 h1 missing - of , was -"}},
		{name: "nothing to report takes no value of its own period away", asOf: "2022-07-03", subs: []*plan.Submission{
			sub("a", "h1", "2022-07-01T00:00:00Z", row(1, 6500, "in_progress")), sub("b", "h1", "2022-07-02T00:00:00Z", nothing(1))},
			want: []string{"c01 h1 reported 65 of h1, was -"}},
		{name: "nothing to report with a value is a report", asOf: "2022-07-03", subs: []*plan.Submission{
			sub("a", "h1", "2022-07-01T00:00:00Z", plan.Progress{Commitment: "xx-plan-c01", Pct: pct(7000), Status: "in_progress", NothingToReport: true})},
			want: []string{"c01 h1 reported 70 of h1, was -"}},
		{name: "held, an older value stays", asOf: "2022-07-03", subs: []*plan.Submission{
			sub("a", "h1", "2022-07-01T00:00:00Z", row(1, 6500, "in_progress")), held(sub("b", "h1", "2022-07-02T00:00:00Z"), "xx-plan-c01")},
			want: []string{"c01 h1 held 65 of h1, was -"}, notes: []string{"value-held h1 h1"}},
		{name: "held, an earlier period's value stays", asOf: "2022-07-03", subs: []*plan.Submission{
			sub("a", "page", "2022-01-01T00:00:00Z", row(1, 6500, "in_progress")), held(sub("b", "h1", "2022-07-02T00:00:00Z"), "xx-plan-c01")},
			want:  []string{"c01 page reported 65 of page, was -", "c01 h1 held 65 of page, was 65"},
			notes: []string{"value-held h1 page"}},
		{name: "held, nothing known", asOf: "2022-07-03", subs: []*plan.Submission{held(sub("b", "h1", "2022-07-02T00:00:00Z"), "xx-plan-c01")},
			want: []string{"c01 h1 held - of , was -"}, notes: []string{"value-held h1 @no-period"}},
		{name: "held, then mended", asOf: "2022-07-04", subs: []*plan.Submission{
			held(sub("b", "h1", "2022-07-02T00:00:00Z"), "xx-plan-c01"), sub("c", "h1", "2022-07-03T00:00:00Z", row(1, 6600, "in_progress"))},
			want: []string{"c01 h1 reported 66 of h1, was -"}},
		{name: "ties go by digest", asOf: "2022-07-03", subs: []*plan.Submission{
			sub("z", "h1", "2022-07-01T00:00:00Z", row(1, 200, "in_progress")), sub("a", "h1", "2022-07-01T00:00:00Z", row(1, 100, "in_progress"))},
			want: []string{"c01 h1 reported 2 of h1, was -"}},
		{name: "a late report on an early period", asOf: "2023-02-01", subs: []*plan.Submission{
			sub("a", "h2", "2022-12-01T00:00:00Z", row(1, 9000, "in_progress")), sub("b", "h1", "2022-12-02T00:00:00Z", row(1, 5000, "in_progress"))},
			want: []string{"c01 h1 reported 50 of h1, was -", "c01 h2 reported 90 of h2, was 50"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			snap, _ := merge.Snapshot(thePlan(), c.subs, c.asOf)
			if got := standings(snap, "c01"); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if got := notes(snap, "c01"); !slices.Equal(got, c.notes) {
				t.Errorf("notes %q, want %q", got, c.notes)
			}
		})
	}
}

func TestNotesStayWithTheRowThatHolds(t *testing.T) {
	noted := func(s *plan.Submission) *plan.Submission {
		s.Notes = []plan.Note{{Rule: "evidence-missing", Commitment: "xx-plan-c01", Period: s.Period, Column: "progress_pct", Source: s.Source}}
		return s
	}
	first := noted(sub("a", "h1", "2022-07-01T00:00:00Z", row(1, 6500, "in_progress")))
	snap, _ := merge.Snapshot(thePlan(), []*plan.Submission{first, sub("b", "h1", "2022-07-02T00:00:00Z", nothing(1))}, "2022-07-03")
	if got := notes(snap, "c01"); !slices.Equal(got, []string{"evidence-missing h1"}) {
		t.Error(got)
	}
	snap, _ = merge.Snapshot(thePlan(), []*plan.Submission{first, sub("b", "h1", "2022-07-02T00:00:00Z", row(1, 6500, "in_progress"))}, "2022-07-03")
	if got := notes(snap, "c01"); len(got) > 0 {
		t.Error(got)
	}
}

func TestSuperseded(t *testing.T) {
	a, b, c := sub("a", "h1", "2022-07-01T00:00:00Z"), sub("b", "h1", "2022-07-02T00:00:00Z"), sub("c", "h1", "2022-07-03T00:00:00Z")
	_, got := merge.Snapshot(thePlan(), []*plan.Submission{c, a, b, sub("d", "h2", "2022-07-04T00:00:00Z")}, "2022-08-01")
	if want := []merge.Superseded{{Older: a, Later: c}, {Older: b, Later: c}}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

func TestAChangeThatTakesAwayIsTold(t *testing.T) {
	first := row(1, 6500, "in_progress")
	first.Narrative, first.NextSteps = map[string]string{"fr": "Fait.", "ar": "تم"}, "Suite"
	second := row(1, 7000, "in_progress")
	second.Narrative, second.RevisionReason = map[string]string{"fr": "Fait !"}, "recount"
	snap, _ := merge.Snapshot(thePlan(), []*plan.Submission{sub("a", "h1", "2022-07-01T00:00:00Z", first), sub("b", "h1", "2022-07-02T00:00:00Z", second)}, "2022-07-03")
	var got []string
	for _, c := range snap.Changes {
		got = append(got, fmt.Sprintf("%s %s %q %q %s", c.Activity, c.Column, c.Old, c.New, c.Reason))
	}
	want := []string{`created narrative_ar "" "تم" `, `created narrative_fr "" "Fait." `, `created next_steps "" "Suite" `, `created progress_pct "" "65" `, `created status "" "in_progress" `,
		`deleted narrative_ar "تم" "" recount`, `modified narrative_fr "Fait." "Fait !" recount`, `deleted next_steps "Suite" "" recount`,
		`modified progress_pct "65" "70" recount`, `created revision_reason "" "recount" recount`}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

// submissions draws submissions with few distinct values, so that they collide.
func submissions(t *rapid.T) []*plan.Submission {
	texts := rapid.SampledFrom([]string{"", "a", "b"})
	return rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) *plan.Submission {
		digest := strings.Repeat(rapid.StringMatching("[0-9a-f]").Draw(t, "digest"), 64)
		s := &plan.Submission{Plan: "xx-plan", Institution: rapid.SampledFrom([]string{"water", "roads"}).Draw(t, "institution"),
			Period: rapid.SampledFrom([]string{"page", "h1", "h2"}).Draw(t, "period"),
			Source: plan.Source{SubmissionID: digest[:16], Digest: digest, ReceivedAt: fmt.Sprintf("2022-0%d-01T00:00:00Z", rapid.IntRange(1, 4).Draw(t, "month"))}}
		for n := 1; n <= 3; n++ {
			id := plan.CommitmentID("xx-plan", n)
			switch rapid.IntRange(0, 4).Draw(t, "row") {
			case 0:
				s.Held = append(s.Held, id)
			case 1:
				s.Progress = append(s.Progress, nothing(n))
			case 2, 3:
				p := row(n, rapid.SampledFrom([]int{0, 50, 10000}).Draw(t, "pct"), rapid.SampledFrom([]string{"in_progress", "completed"}).Draw(t, "status"))
				p.NextSteps, p.RevisionReason = texts.Draw(t, "steps"), texts.Draw(t, "reason")
				if x := texts.Draw(t, "narrative"); x != "" {
					p.Narrative = map[string]string{rapid.SampledFrom([]string{"ar", "fr"}).Draw(t, "language"): x}
				}
				s.Progress = append(s.Progress, p)
				s.Notes = append(s.Notes, plan.Note{Rule: "evidence-missing", Commitment: id, Period: s.Period, Source: s.Source})
			}
			if rapid.Bool().Draw(t, "milestone") {
				s.Milestones = append(s.Milestones, plan.MilestoneReport{Milestone: id + "-m01", Commitment: id, Status: texts.Draw(t, "milestone status"),
					ActualEnd: rapid.SampledFrom([]string{"", "2022-01-01"}).Draw(t, "end")})
			}
		}
		return s
	}), 0, 8, func(s *plan.Submission) string { return s.Source.ReceivedAt + s.Source.Digest + s.Institution }).Draw(t, "submissions")
}

const late = "2023-06-01"

func TestOrderNeverMatters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		subs := submissions(t)
		snap, over := merge.Snapshot(thePlan(), subs, late)
		shuffled := rapid.Permutation(subs).Draw(t, "shuffled")
		again, overAgain := merge.Snapshot(thePlan(), shuffled, late)
		if !reflect.DeepEqual(snap, again) || !slices.Equal(over, overAgain) {
			t.Fatalf("%+v\n%+v", snap, again)
		}
		// The same submission once more changes nothing.
		if twice, _ := merge.Snapshot(thePlan(), append(shuffled, subs...), late); !reflect.DeepEqual(snap, twice) {
			t.Fatal("a submission that came twice counts twice")
		}
	})
}

// What was merged as of a day is what is merged later of the submissions of
// that day: the past is a prefix, and adding the rest gives the whole.
func TestThePastIsAPrefix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		subs := submissions(t)
		day := fmt.Sprintf("2022-0%d-01", rapid.IntRange(1, 5).Draw(t, "month"))
		var until []*plan.Submission
		for _, s := range subs {
			if s.Source.ReceivedAt[:10] <= day {
				until = append(until, s)
			}
		}
		all, _ := merge.Snapshot(thePlan(), subs, day)
		some, _ := merge.Snapshot(thePlan(), until, day)
		if !reflect.DeepEqual(all, some) {
			t.Fatal("what came later changes the past")
		}
		whole, _ := merge.Snapshot(thePlan(), subs, late)
		if len(some.Changes) > len(whole.Changes) || !slices.Equal(some.Changes, whole.Changes[:len(some.Changes)]) {
			t.Fatal("the earlier changes are not a prefix of the later ones")
		}
	})
}

// A held row takes nothing away: without its Held list a submission leaves the
// same values.
func TestAHeldRowRemovesNoValue(t *testing.T) {
	values := func(snap *plan.Snapshot) []string {
		var out []string
		for _, s := range snap.Standings {
			s.State = ""
			out = append(out, show(s))
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		subs := submissions(t)
		with, _ := merge.Snapshot(thePlan(), subs, late)
		bare := make([]*plan.Submission, len(subs))
		for i, s := range subs {
			c := *s
			c.Held = nil
			bare[i] = &c
		}
		without, _ := merge.Snapshot(thePlan(), bare, late)
		if !slices.Equal(values(with), values(without)) || !reflect.DeepEqual(with.Changes, without.Changes) {
			t.Fatalf("%v\n%v", values(with), values(without))
		}
	})
}

// The changes, replayed, are the values that stand.
func TestChangesReplayToTheStandings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		snap, _ := merge.Snapshot(thePlan(), submissions(t), late)
		state := map[string]string{}
		for _, c := range snap.Changes {
			k := c.Commitment + "/" + c.Milestone + "/" + c.Period + "/" + c.Column
			if state[k] != c.Old || c.Old == c.New ||
				c.Activity != map[bool]string{true: "created", false: map[bool]string{true: "deleted", false: "modified"}[c.New == ""]}[c.Old == ""] {
				t.Fatalf("%+v does not follow %q", c, state[k])
			}
			state[k] = c.New
		}
		for _, s := range snap.Standings {
			if s.Report == nil || s.ValuePeriod != s.Period {
				continue
			}
			is := func(column, want string) {
				if got := state[s.Commitment+"//"+s.Period+"/"+column]; got != want {
					t.Fatalf("%s of %s in %s replays to %q, stands at %q", column, s.Commitment, s.Period, got, want)
				}
			}
			is("progress_pct", table.Dec(int64(*s.Report.Pct), 2).String())
			is("status", s.Report.Status)
			is("next_steps", s.Report.NextSteps)
			is("revision_reason", s.Report.RevisionReason)
			is("narrative_ar", s.Report.Narrative["ar"])
			is("narrative_fr", s.Report.Narrative["fr"])
			is("nothing_to_report", map[bool]string{true: "true"}[s.Report.NothingToReport])
		}
		for _, m := range snap.Milestones {
			if state[m.Report.Commitment+"/"+m.Report.Milestone+"/"+m.Period+"/actual_end_date"] != m.Report.ActualEnd {
				t.Fatalf("%+v does not replay", m)
			}
		}
	})
}

// Of the accepted rows of a commitment and period the lead's come first, then the
// last one that says something.
func TestTheLeadThenTheLaterReceiptWins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		subs := submissions(t)
		snap, _ := merge.Snapshot(thePlan(), subs, late)
		for _, s := range snap.Standings {
			var want *plan.Submission
			says := false
			rank := func(sub *plan.Submission, says bool) string {
				return fmt.Sprint(sub.Institution == "water", says, sub.Source.ReceivedAt, sub.Source.Digest)
			}
			for _, sub := range subs {
				for _, r := range sub.Progress {
					if r.Commitment != s.Commitment || sub.Period != s.Period {
						continue
					}
					if want == nil || rank(sub, r.Pct != nil) > rank(want, says) {
						want, says = sub, r.Pct != nil
					}
				}
			}
			if says && (s.ValuePeriod != s.Period || s.Source != want.Source || s.Institution != want.Institution) {
				t.Fatalf("%s is from %+v, not %+v", show(s), s.Source, want.Source)
			}
			if want != nil && !says && s.ValuePeriod == s.Period {
				t.Fatalf("%s: whoever speaks for it says that nothing is new", show(s))
			}
		}
	})
}

// A workbook refused as a whole leaves the values of its institution standing, and
// marks them until another one comes.
func TestRefusedWorkbooksLeaveTheLastValuesMarked(t *testing.T) {
	p := thePlan()
	p.Commitments[2].LeadInstitution = "roads"
	good := sub("a", "h1", "2022-07-01T00:00:00Z", row(1, 50_00, "in_progress"), row(3, 10_00, "in_progress"))
	refusal := func(period, at string) plan.Refusal {
		return plan.Refusal{Institution: "water", Period: period, Digest: strings.Repeat("f", 64), ReceivedAt: at}
	}
	const held, stands = "c01 h1 held 50 of h1, was -", "c01 h1 reported 50 of h1, was -"
	for name, c := range map[string]struct {
		refusals []plan.Refusal
		more     []*plan.Submission
		want     string
		marks    int
	}{
		"none":                    {nil, nil, stands, 0},
		"of its period":           {[]plan.Refusal{refusal("h1", "2022-07-02T00:00:00Z")}, nil, held, 1},
		"of no known period":      {[]plan.Refusal{refusal("", "2022-07-02T00:00:00Z")}, nil, held, 1},
		"of a period to come":     {[]plan.Refusal{refusal("h2", "2022-07-02T00:00:00Z")}, nil, held, 1},
		"twice":                   {[]plan.Refusal{refusal("h1", "2022-07-02T00:00:00Z"), refusal("h1", "2022-07-02T00:00:00Z")}, nil, held, 1},
		"before the good one":     {[]plan.Refusal{refusal("h1", "2022-06-30T00:00:00Z")}, nil, stands, 0},
		"with the good one":       {[]plan.Refusal{refusal("h1", "2022-07-01T00:00:00Z")}, nil, stands, 0},
		"after the day of report": {[]plan.Refusal{refusal("h1", "2022-07-31T00:00:00Z")}, nil, stands, 0},
		"of another plan":         {[]plan.Refusal{{Institution: "water", Plan: "yy-plan", ReceivedAt: "2022-07-02T00:00:00Z"}}, nil, stands, 0},
		"of another institution":  {[]plan.Refusal{{Institution: "roads", ReceivedAt: "2022-07-02T00:00:00Z"}}, nil, stands, 1},
		"of nobody":               {[]plan.Refusal{{Institution: "magic", ReceivedAt: "2022-07-02T00:00:00Z"}}, nil, stands, 0},
		"mended without the row": {[]plan.Refusal{refusal("h1", "2022-07-02T00:00:00Z")},
			[]*plan.Submission{sub("b", "h1", "2022-07-03T00:00:00Z", row(2, 5_00, "in_progress"))}, stands, 0},
	} {
		snap, _ := merge.Snapshot(p, append([]*plan.Submission{good}, c.more...), "2022-07-20", c.refusals...)
		got := standings(snap, "xx-plan-c01")
		if len(snap.Refusals) != c.marks || !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: %v, %d refusals mark something; want %s, %d", name, got, len(snap.Refusals), c.want, c.marks)
		}
		notes := 0
		for _, n := range snap.Notes {
			if n.Rule == "value-held" && n.Commitment == "xx-plan-c01" {
				notes++
			}
		}
		if (notes == 1) != (c.want == held) {
			t.Errorf("%s: %d notes", name, notes)
		}
	}
}

// A note on a milestone stands as long as what it is about, and no longer.
func TestNotesOnMilestonesFollowTheirMilestone(t *testing.T) {
	report := func(name, at string, notes ...plan.Note) *plan.Submission {
		s := sub(name, "h1", at)
		s.Milestones = []plan.MilestoneReport{{Milestone: "xx-plan-c01-m01", Commitment: "xx-plan-c01", Pct: pct(100_00)}}
		s.Notes = notes
		return s
	}
	note := plan.Note{Rule: "evidence-missing", Commitment: "xx-plan-c01", Milestone: "xx-plan-c01-m01", Period: "h1"}
	first, second := report("a", "2022-07-01T00:00:00Z", note), report("b", "2022-07-02T00:00:00Z")
	for _, c := range []struct {
		subs []*plan.Submission
		want int
	}{{[]*plan.Submission{first}, 1}, {[]*plan.Submission{first, second}, 0}} {
		snap, _ := merge.Snapshot(thePlan(), c.subs, "2022-07-20")
		got := 0
		for _, n := range snap.Notes {
			if n.Milestone != "" {
				got++
			}
		}
		if got != c.want {
			t.Errorf("%d notes on the milestone, want %d", got, c.want)
		}
	}
}
