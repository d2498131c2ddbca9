package main

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"iltizam/pipeline"
	"iltizam/pipeline/table"
)

// tellRehearsal tells people who would newly fail, and why.
func (v *view) tellRehearsal(in pipeline.Input, to pipeline.Candidate, r *pipeline.Rehearsal) {
	n := v.count("workbooks", r.Workbooks)
	if to.RulesOn != "" {
		v.line("", v.text("rehearse.on", "workbooks", n, "today", v.own(day(in.Now.UTC().Format(time.RFC3339))), "day", v.own(day(to.RulesOn))))
	} else {
		v.line("", v.text("rehearse.schemas", "workbooks", n))
	}
	for _, books := range byInstitution(r) {
		v.say("")
		v.line("", v.own(books[0].Institution))
		told := 0
		for _, x := range books {
			told += v.replayed(x, maxTold-told)
		}
	}
	v.say("")
	t := r.Totals()
	if t.Institutions == 0 {
		v.line("", v.text("rehearse.nobody"))
	} else {
		var list []string
		for _, code := range slices.Sorted(maps.Keys(t.ByInstitution)) {
			list = append(list, v.own(code))
		}
		v.line("", v.text("rehearse.somebody", "institutions", v.count("institutions", t.Institutions), "list", v.list(list)))
	}
	count := strconv.Itoa
	v.line("", v.text("rehearse.total", "refused", count(t.Refused), "held", count(t.Held), "accepted", count(t.Accepted),
		"freed", count(t.Freed), "warnings", count(t.Warnings)))
	if t.Warnings > 0 {
		v.line("", v.text("rehearse.warnings", "rules", v.counted(r.NewWarnings)))
	}
	v.coming(r.Later)
	v.line("", v.text("rehearse.read"))
}

// replayed tells of one workbook; no more complaints than most, of which it gives
// how many it told.
func (v *view) replayed(x pipeline.Replayed, most int) (told int) {
	v.line("  ", v.text("rehearse.file", "file", table.Isolate(x.Path), "day", v.own(day(x.ReceivedAt)),
		"before", v.text("outcome."+x.Before), "after", v.text("outcome."+x.After)))
	for _, part := range [...]struct {
		key string
		all []pipeline.Complaint
	}{{"rehearse.refused", x.Refusal}, {"rehearse.held", x.Held}, {"rehearse.freed", x.Freed}} {
		if len(part.all) == 0 {
			continue
		}
		v.line("    ", v.text(part.key))
		n := v.complaints("      ", part.all, most-told)
		v.more("      ", len(part.all)-n)
		told += n
	}
	if len(x.Warnings) > 0 {
		v.line("    ", v.text("rehearse.warnings", "rules", v.counted(x.Warnings)))
	}
	return told
}

// counted gives rules with how often each spoke.
func (v *view) counted(rules map[string]int) string {
	var list []string
	for _, rule := range sortedNames(rules) {
		list = append(list, v.own(rule+" "+strconv.Itoa(rules[rule])))
	}
	return v.list(list)
}

// coming tells of rules that were not tried, since their day has not come.
func (v *view) coming(later []pipeline.Coming) {
	var list []string
	newest := ""
	for _, x := range later {
		list = append(list, v.text("rehearse.since", "rule", v.own(x.Rule), "day", v.own(day(x.From))))
		newest = max(newest, x.From)
	}
	if len(list) > 0 {
		v.line("", v.text("rehearse.later", "rules", strings.Join(list, v.text("comma")), "flag", v.own("--on "+newest)))
	}
}
