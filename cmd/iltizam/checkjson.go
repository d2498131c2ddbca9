package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/rules"
)

// checked is one workbook's part of check's JSON.
type checked struct {
	File      string               `json:"file"`
	Verdict   string               `json:"verdict"`
	RowsTaken int                  `json:"rows_taken"`
	RowsHeld  int                  `json:"rows_held"`
	Counts    map[string]int       `json:"counts"`
	Cut       int                  `json:"findings_cut"`
	Findings  []pipeline.Complaint `json:"findings"`
	Groups    []checkedGroup       `json:"groups"`
}

// checkedGroup is all that one rule found in a workbook.
type checkedGroup struct {
	Rule     string            `json:"rule"`
	Severity finding.Severity  `json:"severity"`
	Count    int               `json:"count"`
	Message  map[string]string `json:"message"` // of the first place
	Remedy   map[string]string `json:"remedy"`
	Places   []checkedPlace    `json:"places"` // the first of them
}

type checkedPlace struct {
	Sheet string `json:"sheet,omitempty"`
	Cell  string `json:"cell,omitempty"`
	Value string `json:"value,omitempty"`
}

// checkedSummary is what the workbooks add up to.
type checkedSummary struct {
	Workbooks int           `json:"workbooks"`
	Accepted  int           `json:"accepted"`
	InPart    int           `json:"accepted_in_part"`
	Refused   int           `json:"refused"`
	Rules     []checkedRule `json:"rules"` // the most often broken first
}

type checkedRule struct {
	Rule      string           `json:"rule"`
	Severity  finding.Severity `json:"severity"`
	Findings  int              `json:"findings"`
	Workbooks int              `json:"workbooks"`
}

type checkedSkip struct {
	File   string `json:"file"`
	Reason string `json:"reason"` // link, odd, unreadable, changed or failed
	Detail string `json:"detail,omitempty"`
}

// jsonTeller tells programs: one object, written as the workbooks come, so that
// many of them need no more memory than one.
type jsonTeller struct {
	out      io.Writer
	contract *pipeline.Contract
	plans    []*plan.ActionPlan
	tally    tally
	skipped  []checkedSkip
	told     int
	err      error
}

func (t *jsonTeller) print(format string, args ...any) error {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.out, format, args...)
	}
	return t.err
}

// indented is v as it stands some levels deep in an object.
func indented(v any, prefix string) ([]byte, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, "  ")
	err := e.Encode(v)
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), err
}

func (t *jsonTeller) tell(r *result) error {
	groups := r.Report.Groups()
	t.tally.add(r, groups)
	b, err := indented(t.describe(r, groups), "    ")
	if err != nil {
		return err
	}
	before := ",\n    "
	if t.told == 0 {
		before = "{\n  \"version\": 1,\n  \"workbooks\": [\n    "
	}
	t.told++
	return t.print("%s%s", before, b)
}

func (t *jsonTeller) skip(s skipped) error {
	one := checkedSkip{File: s.file, Reason: string(s.why)}
	if s.err != nil {
		one.Detail = s.err.Error()
	}
	t.skipped = append(t.skipped, one)
	return nil
}

func (t *jsonTeller) end() error {
	sum := checkedSummary{Workbooks: t.tally.checked(), Accepted: t.tally.outcomes["accepted"],
		InPart: t.tally.outcomes["accepted_in_part"], Refused: t.tally.outcomes["refused"], Rules: []checkedRule{}}
	for _, b := range t.tally.brokenMost() {
		sum.Rules = append(sum.Rules, checkedRule{b.rule, b.severity, b.findings, b.workbooks})
	}
	if t.skipped == nil {
		t.skipped = []checkedSkip{}
	}
	left, err := indented(t.skipped, "  ")
	if err != nil {
		return err
	}
	b, err := indented(sum, "  ")
	if err != nil {
		return err
	}
	before := "\n  ]"
	if t.told == 0 {
		before = "{\n  \"version\": 1,\n  \"workbooks\": []"
	}
	return t.print("%s,\n  \"skipped\": %s,\n  \"summary\": %s\n}\n", before, left, b)
}

func (t *jsonTeller) describe(r *result, groups []finding.Group) checked {
	naming := pipeline.NamingOf(&r.Verdict, t.plans)
	one := checked{File: r.Report.File, Verdict: r.Outcome(), RowsTaken: r.RowsTaken, RowsHeld: r.RowsHeld,
		Counts: map[string]int{}, Findings: t.contract.Complaints(r.Report, naming), Groups: []checkedGroup{}}
	for s := finding.Info; s <= finding.Block; s++ {
		one.Counts[s.String()] = r.Report.Count(s)
	}
	for _, n := range r.Report.Cut {
		one.Cut += n
	}
	for _, g := range groups {
		first := g.Findings[0]
		said := checkedGroup{Rule: g.Rule, Severity: g.Severity, Count: g.Count, Message: map[string]string{}, Remedy: map[string]string{}}
		for _, lang := range rules.Languages() {
			said.Message[lang], said.Remedy[lang] = t.contract.Say(first, naming, lang)
		}
		for _, f := range g.Findings[:min(len(g.Findings), maxPlaces)] {
			said.Places = append(said.Places, checkedPlace{f.At.Sheet, f.At.Ref, f.Value})
		}
		one.Groups = append(one.Groups, said)
	}
	return one
}
