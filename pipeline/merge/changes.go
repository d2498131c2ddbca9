package merge

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"iltizam/pipeline/plan"
)

// changes tells, submission by submission in order of receipt, which values
// each one set or set anew.
func changes(subs []*plan.Submission) []plan.Change {
	known := map[string]map[string]string{}
	var out []plan.Change
	compare := func(id string, base plan.Change, values map[string]string) {
		old, again := known[id]
		if !again {
			old = map[string]string{}
			known[id] = old
		}
		for _, column := range slices.Sorted(maps.Keys(values)) {
			was, had := old[column]
			now := values[column]
			if was == now {
				continue
			}
			c := base
			c.Column, c.Old, c.New, c.Activity = column, was, now, "modified"
			switch {
			case !had || was == "":
				c.Activity = "created"
			case now == "":
				c.Activity = "deleted"
			}
			out = append(out, c)
			old[column] = now
		}
	}
	for _, s := range subs {
		for i := range s.Progress {
			p := &s.Progress[i]
			compare("p\x00"+p.Commitment+"\x00"+s.Period,
				plan.Change{Commitment: p.Commitment, Period: s.Period, Reason: p.RevisionReason, Source: s.Source},
				progressValues(p))
		}
		for i := range s.Milestones {
			ms := &s.Milestones[i]
			compare("m\x00"+ms.Milestone+"\x00"+s.Period,
				plan.Change{Commitment: ms.Commitment, Milestone: ms.Milestone, Period: s.Period, Source: s.Source},
				milestoneValues(ms))
		}
	}
	return out
}

func progressValues(p *plan.Progress) map[string]string {
	v := map[string]string{
		"progress_pct": percentText(p.Pct), "status": p.Status, "reference_date": p.ReferenceDate,
		"difficulties": p.Difficulties, "next_steps": p.NextSteps,
		"evidence_url": strings.Join(p.EvidenceURLs, " "),
	}
	if p.NothingToReport {
		v["nothing_to_report"] = "true"
	}
	for lang, text := range p.Narrative {
		v["narrative_"+lang] = text
	}
	return v
}

func milestoneValues(m *plan.MilestoneReport) map[string]string {
	v := map[string]string{
		"completion_pct": percentText(m.Pct), "status": m.Status,
		"planned_start_date": m.PlannedStart, "planned_end_date": m.PlannedEnd,
		"actual_start_date": m.ActualStart, "actual_end_date": m.ActualEnd,
		"evidence_url": strings.Join(m.EvidenceURLs, " "),
	}
	for lang, text := range m.Title {
		v["title_"+lang] = text
	}
	return v
}

// percentText is the canonical text of a percentage, as the tables print it.
func percentText(p *plan.Percent) string {
	if p == nil {
		return ""
	}
	return strconv.FormatFloat(float64(*p)/100, 'f', -1, 64)
}
