package merge_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"iltizam/pipeline"
	"iltizam/pipeline/merge"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
	"iltizam/schemas"
)

var contract = sync.OnceValues(func() (*pipeline.Contract, error) { return pipeline.LoadContract(schemas.FS) })

// lifePlan has more periods than thePlan, a commitment that moved to another lead
// and one that another institution supports.
func lifePlan() *plan.ActionPlan {
	p := thePlan()
	p.Periods[1].End, p.Periods[2].End = "2022-06-30", "2022-12-31"
	p.Periods = append(p.Periods, plan.ReportingPeriod{ID: "h3", Kind: plan.KindSubmission, Start: "2023-01-01", End: "2023-06-30", DueDate: "2023-07-31"})
	p.Commitments[1].LeadInstitution = "roads"
	p.Commitments[1].EarlierLeads = []plan.EarlierLead{{Institution: "water", Until: "2022-09-30"}}
	p.Commitments[2].Supporting = []string{"roads"}
	p.Commitments[0].Milestones = []plan.Milestone{{ID: "xx-plan-c01-m01", PlannedEnd: "2022-12-31"}}
	return p
}

// life draws submissions over two years with few distinct values, so that they
// fall, stand still, come late, early and again. Each carries the rulings of its
// day, some harsher ones.
func life(t *rapid.T, p *plan.ActionPlan) []*plan.Submission {
	c, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	rulings := c.Rules.RulingsOn("2022-01-01")
	harsh := maps.Clone(rulings)
	for id, r := range harsh {
		r.Severity = "error"
		harsh[id] = r
	}
	texts := rapid.SampledFrom([]string{"", "a", "b"})
	days := rapid.SampledFrom([]string{"", "2022-10-31", "2022-12-31", "2023-03-31"})
	percent := rapid.SampledFrom([]int{20_00, 20_00, 20_00, 70_00, 100_00})
	status := rapid.SampledFrom([]string{"not_started", "in_progress", "in_progress", "completed"})
	subs := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) *plan.Submission {
		digest := strings.Repeat(rapid.StringMatching("[0-9a-f]").Draw(t, "digest"), 64)
		s := &plan.Submission{Plan: "xx-plan", Institution: rapid.SampledFrom([]string{"water", "roads"}).Draw(t, "institution"),
			Period: rapid.SampledFrom([]string{"page", "h1", "h2", "h3"}).Draw(t, "period"),
			Source: plan.Source{SubmissionID: digest[:16], Digest: digest, Origin: plan.OriginMinistry,
				ReceivedAt: fmt.Sprintf("%d-%02d-15T00:00:00Z", rapid.IntRange(2022, 2023).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month"))},
			Rulings: rapid.SampledFrom([]map[string]plan.Ruling{nil, rulings, rulings, rulings, harsh}).Draw(t, "rulings")}
		if s.Period == "page" {
			s.Source.Origin = plan.OriginTranscription
		}
		for n := 1; n <= 3; n++ {
			id := plan.CommitmentID("xx-plan", n)
			switch rapid.IntRange(0, 5).Draw(t, "row") {
			case 0:
				s.Held = append(s.Held, id)
			case 1:
				s.Progress = append(s.Progress, nothing(n))
			case 2, 3, 4:
				r := row(n, percent.Draw(t, "pct"), status.Draw(t, "status"))
				r.NextSteps, r.RevisionReason = texts.Draw(t, "steps"), texts.Draw(t, "reason")
				r.Narrative = map[string]string{"fr": texts.Draw(t, "narrative")}
				s.Progress = append(s.Progress, r)
				s.Notes = append(s.Notes, plan.Note{Rule: "evidence-missing", Commitment: id, Period: s.Period, Source: s.Source})
			}
			for m := 1; m <= 2; m++ {
				step := fmt.Sprintf("%s-m%02d", id, m)
				switch rapid.IntRange(0, 3).Draw(t, "milestone") {
				case 0:
					pct := plan.Percent(percent.Draw(t, "step pct"))
					s.Milestones = append(s.Milestones, plan.MilestoneReport{Milestone: step, Commitment: id, Status: status.Draw(t, "step status"),
						Pct: &pct, PlannedEnd: days.Draw(t, "end")})
				case 1:
					s.Untold = append(s.Untold, step)
				}
			}
		}
		return s
	}), 0, 24, func(s *plan.Submission) string {
		return s.Source.ReceivedAt + s.Source.Digest + s.Institution + s.Period
	}).Draw(t, "submissions")
	if rapid.Bool().Draw(t, "stands still") {
		for i, at := range []string{"2022-07-16", "2023-01-16", "2023-07-16"} {
			s := sub(fmt.Sprint(i), p.Periods[i+1].ID, at+"T00:00:00Z", row(1, 20_00, "in_progress"))
			s.Rulings = rulings
			subs = append(subs, s)
		}
	}
	return subs
}

// lookBack is the judge of the contract.
func lookBack(t *rapid.T, p *plan.ActionPlan) merge.Judge {
	c, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	return func(s *plan.Submission, past plan.Past) []plan.Remark { return c.Rules.LookBack(p, s, past) }
}

// deep copies submissions with all that they hold.
func deep(subs []*plan.Submission) []*plan.Submission {
	out := make([]*plan.Submission, len(subs))
	for i, s := range subs {
		c := *s
		c.Progress, c.Milestones = slices.Clone(s.Progress), slices.Clone(s.Milestones)
		for k := range c.Progress {
			c.Progress[k].Narrative = maps.Clone(c.Progress[k].Narrative)
			if pct := c.Progress[k].Pct; pct != nil {
				own := *pct
				c.Progress[k].Pct = &own
			}
		}
		c.Notes, c.Held, c.Untold = slices.Clone(s.Notes), slices.Clone(s.Held), slices.Clone(s.Untold)
		out[i] = &c
	}
	return out
}

// outcome is all that a fold tells: the state, what is said of each submission, who
// was superseded or overruled.
type outcome struct {
	snap       *plan.Snapshot
	remarks    map[string][]plan.Remark
	superseded []merge.Superseded
	overruled  []merge.Overruled
}

func outcomeOf(p *plan.ActionPlan, asOf string, judge merge.Judge, subs []*plan.Submission, refusals ...plan.Refusal) outcome {
	f := merge.NewFold(p, asOf, judge)
	o := outcome{remarks: map[string][]plan.Remark{}}
	for _, s := range slices.SortedStableFunc(slices.Values(subs), merge.InOrder) {
		if r := f.Add(s); len(r) > 0 {
			o.remarks[s.Source.ReceivedAt+s.Source.Digest+s.Institution+s.Period] = r
		}
	}
	for _, r := range refusals {
		f.Refuse(r)
	}
	o.snap, o.superseded, o.overruled = f.Snapshot(), f.Superseded(), f.Overruled()
	return o
}

const end = "2024-01-01"

// With the rules that look around and back judging, the order in which submissions
// are read does not matter, reading one again changes nothing, and without one the
// state is exactly that of the others: nothing of it stays behind anywhere.
func TestWhatIsJudgedByThePastDependsOnTheSetAlone(t *testing.T) {
	said := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		p := lifePlan()
		subs := life(t, p)
		pristine := deep(subs)
		all := outcomeOf(p, end, lookBack(t, p), subs)
		for _, remarks := range all.remarks {
			for _, r := range remarks {
				said[r.Rule] = true
			}
		}
		shuffled := rapid.Permutation(subs).Draw(t, "shuffled")
		if again := outcomeOf(p, end, lookBack(t, p), append(shuffled, subs...)); !reflect.DeepEqual(all, again) {
			t.Fatalf("read in another order, and twice:\n%+v\n%+v", all, again)
		}
		if len(subs) > 0 {
			gone := rapid.IntRange(0, len(subs)-1).Draw(t, "gone")
			less := outcomeOf(p, end, lookBack(t, p), slices.Delete(slices.Clone(subs), gone, gone+1))
			fresh := outcomeOf(lifePlan(), end, lookBack(t, p), slices.Delete(deep(pristine), gone, gone+1))
			if !reflect.DeepEqual(less, fresh) {
				t.Fatalf("without one of them:\n%+v\n%+v", less, fresh)
			}
		}
		if !reflect.DeepEqual(subs, pristine) {
			t.Fatal("a submission was changed")
		}
	})
	for _, rule := range []string{"commitment-reported-by-lead", "value-restated", "progress-regression", "value-above-later", "progress-jump",
		"progress-flat", "narrative-copied", "deadline-moved", "record-dropped", "period-gap"} {
		if !said[rule] {
			t.Errorf("%s never said anything: the property was not tried with it", rule)
		}
	}
}

// The state as of a day is the state of what was received by then.
func TestThePastStaysAsItWasKnown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := lifePlan()
		subs := life(t, p)
		day := fmt.Sprintf("%d-%02d-20", rapid.IntRange(2022, 2023).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month"))
		until := slices.DeleteFunc(slices.Clone(subs), func(s *plan.Submission) bool { return s.Source.ReceivedAt[:10] > day })
		if all, some := outcomeOf(p, day, lookBack(t, p), subs), outcomeOf(p, day, lookBack(t, p), until); !reflect.DeepEqual(all, some) {
			t.Fatalf("as of %s:\n%+v\n%+v", day, all, some)
		}
	})
}

// Stricter rules that come into force later never take away what was accepted
// before: what earlier submissions set is set, and changes only by an accepted row.
func TestAStricterRuleTakesNothingAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := lifePlan()
		p.Periods[3].Start = "" // an early report would be told in between
		subs := life(t, p)
		day := fmt.Sprintf("%d-%02d-20", rapid.IntRange(2022, 2023).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month"))
		lax := deep(subs)
		for _, s := range lax {
			if s.Source.ReceivedAt[:10] > day {
				s.Rulings = nil
			}
		}
		strict, free := outcomeOf(p, end, lookBack(t, p), subs), outcomeOf(p, end, lookBack(t, p), lax)
		before := func(o outcome) []plan.Change {
			return slices.DeleteFunc(o.snap.Changes, func(c plan.Change) bool { return c.Source.ReceivedAt[:10] > day })
		}
		if !slices.Equal(before(strict), before(free)) {
			t.Fatalf("the rules of later submissions change what earlier ones set:\n%+v\n%+v", before(strict), before(free))
		}
	})
}

// The changes, replayed, are the values that hold, however rows were held back or
// overruled on the way.
func TestChangesReplayToWhatHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := lifePlan()
		snap := outcomeOf(p, end, lookBack(t, p), life(t, p)).snap
		state := map[string]string{}
		for _, c := range snap.Changes {
			k := strings.Join([]string{c.Commitment, c.Milestone, c.Period, c.Column}, "/")
			if state[k] != c.Old || c.Old == c.New {
				t.Fatalf("%+v does not follow %q", c, state[k])
			}
			period := p.Period(c.Period)
			if c.Restated != (period.PastDue(c.Source.ReceivedAt[:10]) && plan.Restates(c.Column, c.Old, c.New)) {
				t.Fatalf("%+v is restated: %v", c, c.Restated)
			}
			if state[k] = c.New; c.New == "" {
				delete(state, k)
			}
		}
		for _, s := range snap.Standings {
			if s.Report != nil && s.ValuePeriod == s.Period {
				plan.Differ(nil, s.Report, func(column, _, value string) {
					if got := state[s.Commitment+"//"+s.Period+"/"+column]; got != value {
						t.Fatalf("%s of %s in %s replays to %q, stands at %q", column, s.Commitment, s.Period, got, value)
					}
				})
			}
		}
		for _, m := range snap.Milestones {
			plan.DifferSteps(nil, m.Report, func(column, _, value string) {
				k := strings.Join([]string{m.Report.Commitment, m.Report.Milestone, m.Period, column}, "/")
				if state[k] != value {
					t.Fatalf("%s replays to %q, stands at %q", k, state[k], value)
				}
				delete(state, k)
			})
		}
		for k := range state {
			if !strings.Contains(k, "//") {
				t.Fatalf("%s = %q is replayed and stands nowhere", k, state[k])
			}
		}
	})
}

// What is told of a value that was restated without a reason, or fell without one,
// is never published in its place.
func TestNothingIsRestatedInSilence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := lifePlan()
		subs := life(t, p)
		free := map[string]bool{} // of whose source one at least is not judged
		for _, s := range subs {
			if s.Rulings == nil || s.Source.Origin == plan.OriginTranscription {
				free[s.Source.SubmissionID+s.Source.ReceivedAt] = true
			}
		}
		for _, c := range outcomeOf(p, end, lookBack(t, p), subs).snap.Changes {
			if c.Restated && c.Reason == "" && !free[c.Source.SubmissionID+c.Source.ReceivedAt] {
				t.Fatalf("%+v", c)
			}
		}
	})
}

// A percentage reads in the table of changes as in the others.
func TestPercentagesAreWrittenAsTheTablesDo(t *testing.T) {
	for n := plan.Percent(-150); n <= 100_00; n++ {
		if got, want := n.Text(), table.Dec(int64(n), 2).String(); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
}
