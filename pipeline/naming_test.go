package pipeline_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/workbook"
	"iltizam/pipeline/workbook/scan"
)

// The ids of periods and institutions stay in what programs read; people are told
// names, in the receipt, in the copy, in status and in what is published.
func TestSentencesNamePeriodsAndInstitutions(t *testing.T) {
	o := newOffice(t)
	form, _ := o.form("2030-h1", "2030-07-01")
	o.send(form, "2030-07-10", append(progressOf(6, 40, "in_progress", "2030-06-30"), progressOf(7, 5, "in_progress", "2030-06-30")...)...)
	form, _ = o.form("2030-h2", "2031-01-01")
	o.send(form, "2031-01-10", append(progressOf(6, 30, "in_progress", "2030-12-31"), progressOf(7, 95, "in_progress", "2030-12-31")...)...)
	outbox := memory{}
	in := o.input("2031-02-01")
	in.Outbox = outbox
	res, err := pipeline.Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Answer(t.Context(), outbox); err != nil {
		t.Fatal(err)
	}
	v := res.Verdicts[slices.IndexFunc(res.Verdicts, func(v *pipeline.Verdict) bool { return strings.HasPrefix(v.Workbook.ReceivedAt, "2031") })]
	seen := map[string]bool{}
	for _, c := range o.c.Complaints(v.Report, pipeline.NamingOf(v, []*plan.ActionPlan{o.plans[0].ActionPlan})) {
		for _, lang := range rules.Languages() {
			if said := c.Message[lang] + c.Remedy[lang]; strings.Contains(said, "2030-h1") {
				t.Errorf("%s is told of an id: %s", lang, said)
			} else if strings.Contains(said, map[string]string{"en": "First half of 2030"}[lang]) {
				seen[c.Rule] = true
			}
		}
	}
	if !seen["progress-regression"] || !seen["progress-jump"] {
		t.Errorf("the sentences name the periods of %v; %v", seen, v.Report.Findings)
	}
	for _, key := range []string{v.Workbook.AnswerKey(), v.Workbook.LetterKey()} {
		if text := string(outbox[key]); !strings.Contains(text, "First half of 2030") || strings.Contains(text, "2030-h1") {
			t.Errorf("%s: %s", key, text)
		}
	}
	copied := outbox[v.Workbook.CopyKey()]
	book, err := scan.Open(bytes.NewReader(copied), int64(len(copied)), workbook.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	var marked strings.Builder
	for _, s := range book.Sheets {
		notes, err := book.Notes(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range notes {
			marked.WriteString(n.Text)
		}
	}
	if text := marked.String(); !strings.Contains(text, "First half of 2030") || strings.Contains(text, "2030-h1") {
		t.Errorf("the copy says %s", text)
	}
	tables, err := res.Tables(res.Snapshots[0])
	if err != nil {
		t.Fatal(err)
	}
	published := ""
	for _, tab := range tables {
		for row := range tab.Rows {
			if text := fmt.Sprint(row); tab.Name == "data_quality" && strings.Contains(text, "progress-jump") {
				published += text
			}
		}
	}
	if !strings.Contains(published, "First half of 2030") || strings.Contains(published, "2030-h1") {
		t.Errorf("published: %s", published)
	}
	for _, row := range res.Snapshots[0].Notes {
		if row.Rule == "progress-jump" && row.Args["from"] != "2030-h1" {
			t.Errorf("the note itself was changed: %v", row.Args)
		}
	}
}

func TestNaming(t *testing.T) {
	o := newOffice(t)
	naming := pipeline.Naming{Plan: o.plans[0].ActionPlan}
	for _, c := range []struct {
		f            finding.Finding
		with, unless []string
	}{
		{finding.Finding{Rule: "period-gap", Value: "2030-h2", Args: map[string]string{"from": "2030-h2"}}, []string{"Second half of 2030"}, []string{"2030-h2"}},
		{finding.Finding{Rule: "period-not-begun", Value: "2030-h2", Args: map[string]string{"start": "2030-07-01"}}, []string{"Second half of 2030"}, []string{"2030-h2"}},
		{finding.Finding{Rule: "commitment-reported-by-lead", Value: c01, Args: map[string]string{"lead": "aguas", "values": "@same-values"}},
			[]string{"Fictitious Water Institute", c01}, []string{"aguas"}},
		{finding.Finding{Rule: "deadline-moved", Args: map[string]string{"from": "@the-plan", "old": "2030-07-01", "new": "2030-08-01", "column": "planned_end_date"}}, []string{"the plan"}, nil},
		{finding.Finding{Rule: "period-gap", Value: "nobody’s"}, []string{"nobody’s"}, nil},
	} {
		id := c.f.Args["lead"]
		said, _ := o.c.Say(c.f, naming, "en")
		for _, s := range c.with {
			if !strings.Contains(said, s) {
				t.Errorf("%q does not name %s", said, s)
			}
		}
		for _, s := range c.unless {
			if strings.Contains(said, s) {
				t.Errorf("%q names %s", said, s)
			}
			if bare, _ := o.c.Say(c.f, pipeline.Naming{}, "en"); !strings.Contains(bare, s) {
				t.Errorf("without a plan: %q", bare)
			}
		}
		if c.f.Args["lead"] != id {
			t.Error("the finding was changed")
		}
	}
}
