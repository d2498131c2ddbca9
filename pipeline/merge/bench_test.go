package merge_test

import (
	"fmt"
	"testing"

	"iltizam/pipeline/merge"
	"iltizam/pipeline/plan"
)

// manySubmissions are 10,000 submissions on a plan of 24 commitments, 12 periods
// and 12 institutions: each two rows of progress and four milestones, most values as in the
// submission before.
func manySubmissions(rulings map[string]plan.Ruling) (*plan.ActionPlan, []*plan.Submission) {
	p := &plan.ActionPlan{ID: "xx-plan"}
	for i := range 12 {
		p.Institutions = append(p.Institutions, plan.Institution{Code: fmt.Sprint("i", i)})
		p.Periods = append(p.Periods, plan.ReportingPeriod{ID: fmt.Sprintf("p%02d", i), Kind: plan.KindSubmission,
			Start: fmt.Sprintf("20%02d-01-01", 20+i), DueDate: fmt.Sprintf("20%02d-12-31", 20+i)})
	}
	for n := 1; n <= 24; n++ {
		p.Commitments = append(p.Commitments, plan.Commitment{ID: plan.CommitmentID(p.ID, n), Number: n, LeadInstitution: fmt.Sprint("i", (n-1)/2)})
	}
	var subs []*plan.Submission
	for i := range 10_000 {
		institution, period := i%12, i*12/10_000
		digest := fmt.Sprintf("%064x", i)
		reading := &plan.Reading{List: "progress", Columns: "commitment_id=A progress_pct=D status=E"}
		s := &plan.Submission{Plan: p.ID, Institution: fmt.Sprint("i", institution), Period: p.Periods[period].ID, Rulings: rulings,
			Source: plan.Source{SubmissionID: digest[:16], Digest: digest, Origin: plan.OriginMinistry}}
		s.Source.ReceivedAt = fmt.Sprintf("20%02d-%02d-01T%02d:%02d:%02dZ", 20+period, 1+(i-period*834)/84%12, i/3600%24, i/60%60, i%60)
		for k := range 2 {
			r := row(1, period*800, "in_progress")
			r.Commitment = plan.CommitmentID(p.ID, institution*2+k+1)
			r.Narrative = map[string]string{"fr": fmt.Sprintf("Rapport %d de la période %d, avec ce qui a été fait.", i, period), "ar": fmt.Sprintf("%d: ما أنجز خلال الفترة", period)}
			r.Place = plan.Place{Sheet: "Avancement", Row: 6 + k, Index: k, Reading: reading}
			s.Progress = append(s.Progress, r)
			for m := range 2 {
				pct := plan.Percent(period * 800)
				s.Milestones = append(s.Milestones, plan.MilestoneReport{Milestone: fmt.Sprintf("%s-m%02d", r.Commitment, m+1), Commitment: r.Commitment,
					Title: map[string]string{"fr": "Jalon"}, PlannedEnd: "2031-12-31", Pct: &pct, Status: "in_progress", Place: r.Place})
			}
		}
		subs = append(subs, s)
	}
	return p, subs
}

func BenchmarkFold(b *testing.B) {
	c, err := contract()
	if err != nil {
		b.Fatal(err)
	}
	p, subs := manySubmissions(c.Rules.RulingsOn("2022-01-01"))
	for name, judge := range map[string]merge.Judge{"alone": nil,
		"judged": func(s *plan.Submission, past plan.Past) []plan.Remark { return c.Rules.LookBack(p, s, past) }} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f := merge.NewFold(p, "2040-01-01", judge)
				for _, s := range subs {
					f.Add(s)
				}
				f.Snapshot()
			}
		})
	}
}
