package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
)

// maxPlaces is how many places of a rule are named; --all names each.
const maxPlaces = 5

// maxRules is how many rules the summary of several workbooks names.
const maxRules = 5

// textTeller tells people.
type textTeller struct {
	*app
	*words
	contract *pipeline.Contract
	plans    []*plan.ActionPlan
	all      bool // each finding on a line of its own
	tally    tally
}

// tally is what the workbooks add up to.
type tally struct {
	outcomes map[string]int
	rules    map[string]*broken
}

// broken is how often a rule was.
type broken struct {
	rule                string
	severity            finding.Severity
	findings, workbooks int
}

func (t *tally) add(r *result, groups []finding.Group) {
	if t.rules == nil {
		t.outcomes, t.rules = map[string]int{}, map[string]*broken{}
	}
	t.outcomes[r.Outcome()]++
	for _, g := range groups {
		b := t.rules[g.Rule]
		if b == nil {
			b = &broken{rule: g.Rule}
			t.rules[g.Rule] = b
		}
		b.severity = max(b.severity, g.Severity)
		b.findings, b.workbooks = b.findings+g.Count, b.workbooks+1
	}
}

// brokenMost gives the rules by how many workbooks broke them, then the worst first.
func (t *tally) brokenMost() []*broken {
	return slices.SortedFunc(maps.Values(t.rules), func(a, b *broken) int {
		return cmp.Or(cmp.Compare(b.workbooks, a.workbooks), cmp.Compare(b.severity, a.severity),
			cmp.Compare(b.findings, a.findings), cmp.Compare(a.rule, b.rule))
	})
}

// checked is how many workbooks there were.
func (t *tally) checked() (n int) {
	for _, k := range t.outcomes {
		n += k
	}
	return n
}

func (t *textTeller) line(indent, format string, args ...any) {
	t.say("%s%s%s", indent, t.mark, fmt.Sprintf(format, args...))
}

func (t *textTeller) skip(s skipped) error {
	why := t.why[s.why]
	if s.why == hasFailed {
		why = fmt.Sprintf(why, s.err)
	}
	t.line("", t.unread, table.Isolate(s.file), why)
	return nil
}

func (t *textTeller) tell(r *result) error {
	groups, naming := r.Report.Groups(), pipeline.NamingOf(&r.Verdict, t.plans)
	t.tally.add(r, groups)
	t.line("", "%s: %s", table.Isolate(r.Report.File), fmt.Sprintf(t.verdict[r.Outcome()], r.RowsTaken, r.RowsHeld))
	if t.all {
		t.each(r.Report, naming)
	} else {
		for _, g := range groups {
			t.group(g, naming)
		}
	}
	t.total(r.Report)
	return nil
}

// each tells the findings one by one, in the order of the report.
func (t *textTeller) each(r *finding.Report, n pipeline.Naming) {
	for _, f := range r.Findings {
		message, remedy := t.contract.Say(f, n, t.lang)
		t.line("  ", "%-8s %s%s %s (%s)", t.severity[f.Severity], place(f.At, " "),
			table.Isolate(message), table.Isolate(remedy), t.id(f.Rule))
	}
	cut := 0
	for _, n := range r.Cut {
		cut += n
	}
	if cut > 0 {
		t.line("  ", "%s", t.count(t.moreFindings, cut))
	}
}

// group tells what one rule found: each sentence once with its places, then how
// to mend it.
func (t *textTeller) group(g finding.Group, n pipeline.Naming) {
	if g.Count == 1 {
		t.line("  ", t.words.oneGroup, t.severity[g.Severity], t.id(g.Rule))
	} else {
		t.line("  ", t.words.group, t.severity[g.Severity], t.count(t.findings, g.Count), t.id(g.Rule))
	}
	var sentences, remedies []string
	places := map[string]string{}
	shown := g.Findings[:min(len(g.Findings), maxPlaces)]
	for _, f := range shown {
		said, remedy := t.contract.Say(f, n, t.lang)
		if !slices.Contains(sentences, said) {
			sentences = append(sentences, said)
		}
		if at := place(f.At, " "); !strings.Contains(places[said], at) { // one cell may answer for many rows
			places[said] += at
		}
		if !slices.Contains(remedies, remedy) {
			remedies = append(remedies, remedy)
		}
	}
	for _, said := range sentences {
		t.line("    ", "%s%s", places[said], table.Isolate(said))
	}
	if more := g.Count - len(shown); more > 0 {
		t.line("    ", "%s", t.count(t.morePlaces, more))
	}
	for _, remedy := range remedies {
		t.line("    ", "%s %s", t.mend, table.Isolate(remedy))
	}
}

func (t *textTeller) total(r *finding.Report) {
	n := 0
	var parts []string
	for s := finding.Block; s >= finding.Info; s-- {
		if k := r.Count(s); k > 0 {
			n += k
			parts = append(parts, t.count(t.counted[s], k))
		}
	}
	if n > 0 {
		t.line("  ", t.words.total, t.count(t.findings, n), strings.Join(parts, t.comma))
	}
}

// end sums up several workbooks and says where there is more to read.
func (t *textTeller) end() error {
	often := t.tally.brokenMost()
	if n := t.tally.checked(); n > 1 {
		t.say("")
		t.line("", t.summary, t.count(t.workbooks, n), t.tally.outcomes["accepted"], t.tally.outcomes["accepted_in_part"], t.tally.outcomes["refused"])
		if len(often) > 0 {
			t.line("", "%s", t.often)
		}
		for _, b := range often[:min(len(often), maxRules)] {
			t.line("  ", t.words.group, t.severity[b.severity], t.count(t.findings, b.findings)+" "+t.count(t.inWorkbooks, b.workbooks), t.id(b.rule))
		}
		if more := len(often) - maxRules; more > 0 {
			t.line("  ", "%s", t.count(t.moreRules, more))
		}
	}
	if len(often) > 0 {
		t.line("", t.words.explain, t.id("iltizam check --explain "+often[0].rule))
	}
	return nil
}

// place gives the place of a finding and what follows it, nothing where the
// whole file is meant. It keeps its order inside a line of the other direction.
func place(at finding.Cell, after string) string {
	if at.Sheet == "" {
		return ""
	}
	return table.Isolate("["+strings.TrimSuffix(at.Sheet+"!"+at.Ref, "!")+"]") + after
}
