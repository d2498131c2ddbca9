package merge

import (
	"maps"
	"slices"
	"strings"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
)

// changeLog tells, row by row in order of receipt, which values each one set,
// set anew or took away. Replayed, it gives the values that hold.
type changeLog []plan.Change

// progress files what a row changes of the row before it, nil where it is the first.
func (c *changeLog) progress(s *plan.Submission, before, now *plan.Progress) {
	c.compare(progressValues(before), progressValues(now),
		plan.Change{Commitment: now.Commitment, Period: s.Period, Reason: now.RevisionReason, Source: s.Source})
}

func (c *changeLog) milestone(s *plan.Submission, before, now *plan.MilestoneReport) {
	c.compare(milestoneValues(before), milestoneValues(now),
		plan.Change{Commitment: now.Commitment, Milestone: now.Milestone, Period: s.Period, Source: s.Source})
}

// compare files each value that differs. A column that the row no longer has is
// one that it takes away.
func (c *changeLog) compare(old, values map[string]string, base plan.Change) {
	columns := slices.AppendSeq(slices.Collect(maps.Keys(values)), maps.Keys(old))
	slices.Sort(columns)
	for _, column := range slices.Compact(columns) {
		change := base
		change.Column, change.Old, change.New = column, old[column], values[column]
		switch {
		case change.Old == change.New:
			continue
		case change.Old == "":
			change.Activity = "created"
		case change.New == "":
			change.Activity = "deleted"
		default:
			change.Activity = "modified"
		}
		*c = append(*c, change)
	}
}

func progressValues(p *plan.Progress) map[string]string {
	if p == nil {
		return nil
	}
	v := map[string]string{
		"progress_pct": percentText(p.Pct), "status": p.Status, "reference_date": p.ReferenceDate,
		"difficulties": p.Difficulties, "next_steps": p.NextSteps, "revision_reason": p.RevisionReason,
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
	if m == nil {
		return nil
	}
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
	return table.Dec(int64(*p), 2).String()
}
