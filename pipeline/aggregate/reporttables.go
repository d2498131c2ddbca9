package aggregate

import (
	"cmp"
	"fmt"
	"strings"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
)

func (b *builder) progress() []record {
	var out []record
	for _, s := range b.snap.Standings {
		r := record{
			"commitment_id":         table.Str(s.Commitment),
			"reporting_period":      table.Str(s.Period),
			"value_state":           table.Str(s.State),
			"value_period":          table.StrOrNull(s.ValuePeriod),
			"previous_progress_pct": percent(s.Previous),
			"basis":                 table.Str(string(plan.Unknown)),
		}
		if s.Report != nil {
			b.reported(r, s)
		}
		out = append(out, r)
	}
	return out
}

func (b *builder) reported(r record, s plan.Standing) {
	p := s.Report
	r["value_age_periods"] = table.Int(int64(s.Age))
	r["progress_pct"] = percent(p.Pct)
	r["status"] = table.StrOrNull(p.Status)
	r["reference_date"] = table.ISODate(p.ReferenceDate)
	r["reference_date_precision"] = table.Str("unknown")
	if p.ReferenceDate != "" {
		r["reference_date_precision"] = table.Str("day")
	}
	if p.Pct != nil && s.Previous != nil {
		r["change_pct"] = table.Dec(int64(*p.Pct)-int64(*s.Previous), 2)
	}
	for _, lang := range coreLanguages {
		r["narrative_"+lang] = table.StrOrNull(p.Narrative[lang])
	}
	r["difficulties"] = table.StrOrNull(p.Difficulties)
	r["next_steps"] = table.StrOrNull(p.NextSteps)
	r["revision_reason"] = table.StrOrNull(p.RevisionReason)
	r["nothing_to_report"] = table.Bool(p.NothingToReport)
	r["source_url"] = table.StrOrNull(s.Source.URL)
	r["basis"] = table.Str(string(plan.Sourced))
	r.provenance(s.Source, s.Institution, p.Place)
}

func (b *builder) milestones() []record {
	var out []record
	for _, c := range b.plan.Commitments {
		for _, m := range c.Milestones {
			r := record{
				"milestone_id": table.Str(m.ID), "reporting_period": table.Str(plan.PlanPeriod),
				"commitment_id":      table.Str(c.ID),
				"planned_start_date": table.ISODate(m.PlannedStart), "planned_end_date": table.ISODate(m.PlannedEnd),
			}
			basis := plan.Sourced
			for _, lang := range coreLanguages {
				if title := m.Title.In(lang); title.Text != "" {
					r["title_"+lang] = table.Str(title.Text)
					basis = plan.Weakest(basis, title.Basis)
				}
			}
			r["basis"] = table.Str(string(basis))
			out = append(out, r)
		}
	}
	for _, s := range b.snap.Milestones {
		m := s.Report
		r := record{
			"milestone_id": table.Str(m.Milestone), "reporting_period": table.Str(s.Period),
			"commitment_id":      table.Str(m.Commitment),
			"planned_start_date": table.ISODate(m.PlannedStart), "planned_end_date": table.ISODate(m.PlannedEnd),
			"actual_start_date": table.ISODate(m.ActualStart), "actual_end_date": table.ISODate(m.ActualEnd),
			"completion_pct": percent(m.Pct), "status": table.StrOrNull(m.Status),
			"source_url": table.StrOrNull(s.Source.URL),
			"basis":      table.Str(string(plan.Sourced)),
		}
		for _, lang := range coreLanguages {
			r["title_"+lang] = table.StrOrNull(m.Title[lang])
		}
		r.provenance(s.Source, s.Institution, m.Place)
		out = append(out, r)
	}
	return out
}

func (b *builder) evidence() []record {
	var out []record
	add := func(stem, commitment, milestone, period, institution string, urls []string, s plan.Source, place plan.Place) {
		for i, url := range urls {
			r := record{
				"evidence_id":   table.Str(fmt.Sprintf("%s/%s/e%02d", stem, period, i+1)),
				"commitment_id": table.Str(commitment), "milestone_id": table.StrOrNull(milestone),
				"reporting_period": table.Str(period), "evidence_url": table.Str(url),
			}
			r.provenance(s, institution, place)
			out = append(out, r)
		}
	}
	for _, s := range b.snap.Standings {
		if s.Report != nil && s.ValuePeriod == s.Period {
			add(s.Commitment, s.Commitment, "", s.Period, s.Institution, s.Report.EvidenceURLs, s.Source, s.Report.Place)
		}
	}
	for _, m := range b.snap.Milestones {
		add(m.Report.Milestone, m.Report.Commitment, m.Report.Milestone, m.Period, m.Institution,
			m.Report.EvidenceURLs, m.Source, m.Report.Place)
	}
	return out
}

// obligations tells who owed a report by a due date, or owes it soon. Nobody
// owes a transcription.
func (b *builder) obligations() []record {
	var out []record
	for _, p := range b.plan.Periods {
		if p.DueDate == "" || p.Kind != plan.KindSubmission || p.Start > b.snap.AsOf {
			continue
		}
		for _, i := range b.plan.Institutions {
			if led := b.plan.LedFor(i.Code, &p); len(led) > 0 {
				out = append(out, b.obligation(&p, i.Code, led))
			}
		}
	}
	return out
}

func (b *builder) obligation(p *plan.ReportingPeriod, institution string, led []*plan.Commitment) record {
	r := record{
		"reporting_period": table.Str(p.ID), "institution_code": table.Str(institution),
		"due_date": table.ISODate(p.DueDate), "commitments_owed": table.Int(int64(len(led))),
	}
	state := "not_due"
	if p.DueDate < b.snap.AsOf {
		state = "missing"
	}
	// The first row that came on any commitment owed met the obligation, whoever was
	// allowed to send it; what came after corrected it.
	var met *plan.First
	reported := 0
	for _, c := range led {
		first := b.firsts[[2]string{c.ID, p.ID}]
		if first == nil {
			continue
		}
		reported++
		if met == nil || cmp.Or(strings.Compare(first.Source.ReceivedAt, met.Source.ReceivedAt), strings.Compare(first.Source.Digest, met.Source.Digest)) < 0 {
			met = first
		}
	}
	if met != nil {
		state = "received"
		if met.Source.ReceivedAt[:10] > p.DueDate {
			state = "received_late"
		}
		r["received_at"] = table.ISOInstant(met.Source.ReceivedAt)
		r["submission_id"] = table.Str(met.Source.SubmissionID)
	}
	r["commitments_reported"] = table.Int(int64(reported))
	r["obligation_state"] = table.Str(state)
	return r
}

func (b *builder) dataQuality() []record {
	var out []record
	for _, n := range b.snap.Notes {
		r := record{
			"note_id":          table.Str(strings.Join([]string{cmp.Or(n.Milestone, n.Commitment), n.Period, n.Rule, n.Column}, "/")),
			"reporting_period": table.StrOrNull(n.Period), "commitment_id": table.StrOrNull(n.Commitment),
			"milestone_id": table.StrOrNull(n.Milestone),
			"column_name":  table.StrOrNull(n.Column), "rule": table.Str(n.Rule), "severity": table.Str(n.Severity),
			"value": table.StrOrNull(n.Value), "source_sheet": table.StrOrNull(n.Sheet), "source_cell": table.StrOrNull(n.Cell),
		}
		for _, lang := range coreLanguages {
			r["message_"+lang] = table.Str(b.say(n, lang))
		}
		r.source(n.Source)
		delete(r, "received_at")
		out = append(out, r)
	}
	return out
}
