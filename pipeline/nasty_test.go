package pipeline_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/workbook"
	"iltizam/pipeline/workbook/workbooktest"
	"iltizam/schemas"
)

var update = flag.Bool("update", false, "write what the nasty workbooks yield into the listing; read the difference before you commit it")

const listing = "testdata/nasty.txt"

// contract compiles the real schemas once.
var contract = sync.OnceValues(func() (*pipeline.Contract, error) { return pipeline.LoadContract(schemas.FS) })

func mustContract(tb testing.TB) *pipeline.Contract {
	tb.Helper()
	c, err := contract()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// nastyPlan is a small invented plan: water leads the commitments 1 to 3, roads
// the fourth.
func nastyPlan() *plan.ActionPlan {
	text := func(ar, fr string) plan.Texts {
		return plan.Texts{"ar": {Text: ar, Basis: plan.Sourced}, "fr": {Text: fr, Basis: plan.Sourced}}
	}
	p := &plan.ActionPlan{ID: "xx-plan", Languages: []string{"ar", "fr"}, TemplateLanguages: []string{"ar", "fr"},
		Title: text("خطة", "Plan"), Coordinator: "roads", ActionPlanCycle: 2021, CountryCode: "MA",
		Institutions: []plan.Institution{
			{Code: "water", Names: []plan.InstitutionName{{Name: text("وزارة الماء", "Eau")}}},
			{Code: "roads", Names: []plan.InstitutionName{{Name: text("وزارة الطرق", "Routes")}}},
		},
		Periods: []plan.ReportingPeriod{
			{ID: "2022-h2", Kind: plan.KindSubmission, Label: text("2022-2", "2022-2"), DueDate: "2023-01-31"},
		}}
	for n := 1; n <= 4; n++ {
		lead := "water"
		if n == 4 {
			lead = "roads"
		}
		p.Commitments = append(p.Commitments, plan.Commitment{ID: plan.CommitmentID(p.ID, n), Number: n,
			Title: text("التزام", "Engagement"), LeadInstitution: lead})
	}
	p.Commitments[0].Milestones = []plan.Milestone{{ID: "xx-plan-c01-m01", Title: text("دليل", "Guide"),
		PlannedStart: "2021-10-01", PlannedEnd: "2022-03-31"}}
	return p
}

var nastyReceipt = rules.Receipt{Digest: strings.Repeat("ab", 32), Folder: "water", ReceivedAt: "2023-01-20T09:00:00Z"}

// smallLimits bound everything, so that a little bomb does for a big one.
func smallLimits() workbook.Limits {
	l := workbook.DefaultLimits()
	l.TotalBytes, l.SheetBytes, l.StringsBytes = 8<<20, 4<<20, 4<<20
	return l
}

// outcome is what came of one workbook.
type outcome struct {
	report    *finding.Report
	judgement rules.Judgement
	allocated uint64
}

// judge runs the reader and all rules over a workbook and counts what that took.
func judge(t testing.TB, file []byte, lim workbook.Limits) outcome {
	t.Helper()
	c, plans := mustContract(t), []*plan.ActionPlan{nastyPlan()}
	o := outcome{report: &finding.Report{File: "in.xlsx"}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	j, err := c.Check(file, plans, nastyReceipt, lim, o.report)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatalf("an error of ours: %v", err)
	}
	o.judgement, o.allocated = j, after.TotalAlloc-before.TotalAlloc
	o.report.Sort()
	for _, f := range o.report.Findings {
		if f.Args["reason"] == "@damage-unreadable" {
			t.Error("a panic had to be caught")
		}
	}
	return o
}

// values gives each value that was taken, and each row that was held, on a line.
func (o outcome) values() []string {
	s := o.judgement.Submission
	if s == nil {
		return []string{"nothing is taken"}
	}
	var out []string
	for _, p := range s.Progress {
		line := fmt.Sprintf("%s %s: %s", p.Place.Sheet, shortID(p.Commitment), percent(p.Pct))
		add := func(name, value string) {
			if value != "" {
				line += ", " + name + " " + value
			}
		}
		add("status", p.Status)
		add("on", p.ReferenceDate)
		for _, lang := range slices.Sorted(maps.Keys(p.Narrative)) {
			add(lang, quoted(p.Narrative[lang]))
		}
		add("difficulties", quoted(p.Difficulties))
		add("next", quoted(p.NextSteps))
		add("reason", quoted(p.RevisionReason))
		add("evidence", strings.Join(p.EvidenceURLs, " "))
		if p.NothingToReport {
			line += ", nothing to report"
		}
		out = append(out, line)
	}
	for _, m := range s.Milestones {
		out = append(out, fmt.Sprintf("%s %s of %s: %s, status %s", m.Place.Sheet, shortID(m.Milestone), shortID(m.Commitment), percent(m.Pct), m.Status))
	}
	for _, id := range s.Held {
		out = append(out, shortID(id)+" is held back")
	}
	if len(out) == 0 {
		out = []string{"no row is taken"}
	}
	return out
}

func shortID(id string) string { return strings.TrimPrefix(id, "xx-plan-") }

func percent(p *plan.Percent) string {
	if p == nil {
		return "no percentage"
	}
	return strconv.FormatFloat(float64(*p)/100, 'f', -1, 64) + " %"
}

func quoted(s string) string {
	switch runes := []rune(s); {
	case s == "":
		return ""
	case len(runes) > 80:
		return fmt.Sprintf("%s… (%d characters)", strconv.Quote(string(runes[:8])), len(runes))
	}
	return strconv.Quote(s)
}

// say gives a finding as a clerk who reads English would be told it.
func say(c *rules.Catalogue, f finding.Finding) string {
	s := f.Severity.String() + " " + f.Rule
	if f.At.Sheet != "" {
		s += " " + f.At.Sheet
	}
	if f.At.Ref != "" {
		s += "!" + f.At.Ref
	}
	if f.Value != "" {
		s += " " + quoted(f.Value)
	}
	return s + " — " + strings.ReplaceAll(c.Message(f, "en"), "\n", " ")
}

// block is the part of the listing that one case fills.
func (o outcome) block(tb testing.TB, id, about string, plain []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n  %s\n", id, about)
	for _, f := range o.report.Findings {
		fmt.Fprintf(&b, "    %s\n", say(mustContract(tb).Rules.Catalogue, f))
	}
	for _, n := range slices.Sorted(maps.Keys(o.report.Cut)) {
		fmt.Fprintf(&b, "    and %d more of %s\n", o.report.Cut[n], strings.ReplaceAll(n, "\x00", " in "))
	}
	values := o.values()
	if id != "plain" && slices.Equal(withoutSheet(values), withoutSheet(plain)) {
		values = []string{"every value as in the plain form"}
	}
	for _, v := range values {
		fmt.Fprintf(&b, "    = %s\n", v)
	}
	return b.String()
}

// arabic is the narrative that the real form has and the bare one has no column of.
var arabic = regexp.MustCompile(`ar "ملخص \d", `)

// withoutSheet drops the sheets' names, which a case may have changed.
func withoutSheet(values []string) []string {
	var out []string
	for _, v := range values {
		if i := strings.Index(v, " c0"); i >= 0 {
			v = v[i:]
		}
		out = append(out, arabic.ReplaceAllString(v, ""))
	}
	return out
}

func (o outcome) ruleIDs() string {
	var ids []string
	for _, f := range o.report.Findings {
		ids = append(ids, f.Rule)
	}
	return strings.Join(ids, " ")
}

// nastyCases are the set: those made byte by byte, then those made of the real
// form.
func nastyCases(tb testing.TB) []workbooktest.Case {
	return append(workbooktest.Nasty(), formCases(tb)...)
}

// TestNastyWorkbooks holds the reader with all rules to exactly the findings and
// the values of the listing, for each workbook in bounded memory and nothing on
// disk.
func TestNastyWorkbooks(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	plain := judge(t, workbooktest.NewForm().Parts().Zip(), workbook.DefaultLimits())
	cases := nastyCases(t)
	if len(cases) < 80 {
		t.Errorf("only %d cases", len(cases))
	}
	seen := map[string]bool{}
	var got []string
	for _, c := range cases {
		t.Run(c.ID, func(t *testing.T) {
			if seen[c.ID] {
				t.Error("two cases of this name")
			}
			seen[c.ID] = true
			lim := workbook.DefaultLimits()
			if c.Small {
				lim = smallLimits()
			}
			file := c.File()
			o := judge(t, file, lim)
			if ids := o.ruleIDs(); ids != c.Rules {
				t.Errorf("found %q, want %q", ids, c.Rules)
			}
			if c.Same && !slices.Equal(withoutSheet(o.values()), withoutSheet(plain.values())) {
				t.Errorf("the values are\n%s\nwant\n%s", strings.Join(o.values(), "\n"), strings.Join(plain.values(), "\n"))
			}
			if o.report.Blocked() != (o.judgement.Submission == nil) {
				t.Errorf("blocked is %v, taken is %v", o.report.Blocked(), o.judgement.Submission)
			}
			if bound := allocationBound(c, file); o.allocated > bound {
				t.Errorf("allocated %d KiB for a file of %d, more than %d", o.allocated>>10, len(file)>>10, bound>>10)
			}
			got = append(got, o.block(t, c.ID, c.About, plain.values()))
		})
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left on disk: %v, %v", left, err)
	}
	if t.Failed() && !*update || len(got) < len(cases) {
		return
	}
	text := listingHead + strings.Join(got, "\n")
	if *update {
		if err := os.MkdirAll(filepath.Dir(listing), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(listing, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(listing)
	if err != nil {
		t.Fatal(err)
	}
	compareListing(t, string(want), text)
}

const listingHead = `What the nasty workbooks yield: for each its name, what it is, the findings, worst
first, and the values that were taken. Written by go test ./pipeline -run
TestNastyWorkbooks -update; reviewed by people.

`

// compareListing names the cases that differ.
func compareListing(t *testing.T, want, got string) {
	t.Helper()
	if want == got {
		return
	}
	w, g := strings.Split(want, "\n\n"), strings.Split(got, "\n\n")
	for i := range max(len(w), len(g)) {
		a, b := "", ""
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b {
			t.Fatalf("the listing says\n%s\nbut the reader\n%s", a, b)
		}
	}
}

// allocationBound is what may be allocated in all for a workbook, hence more
// than it may ever hold at once.
func allocationBound(c workbooktest.Case, file []byte) uint64 {
	bound := 3<<20 + 2*uint64(len(file))
	if c.ID == "bomb-formats-codes" { // as many formats as may be are remembered
		bound += 3 << 20
	}
	return bound
}

// A file cut anywhere is refused: a part of a workbook is no workbook.
func TestNastyCuts(t *testing.T) {
	for name, file := range map[string][]byte{"plain": workbooktest.NewForm().Parts().Zip(), "long": workbooktest.Long().Parts().Zip(),
		"streamed": workbooktest.Stream(workbooktest.Long().Parts())} {
		for i := range 50 {
			o := judge(t, file[:len(file)*i/50], workbook.DefaultLimits())
			if !o.report.Blocked() || o.judgement.Submission != nil {
				t.Errorf("%s cut to %d/50: %s, %v", name, i, o.ruleIDs(), o.values())
			}
		}
	}
}

// A byte changed anywhere is refused, or is one that means nothing: the values
// are the true ones.
func TestNastyFlips(t *testing.T) {
	for name, file := range map[string][]byte{"plain": workbooktest.NewForm().Parts().Zip(), "long": workbooktest.Long().Parts().Zip(),
		"form": formOf(t, "ar")} {
		truth := judge(t, file, workbook.DefaultLimits())
		if truth.judgement.Submission == nil {
			t.Fatal(name, truth.ruleIDs())
		}
		read := 0
		const places = 200
		for i := range places {
			b := bytes.Clone(file)
			b[(len(b)-1)*i/(places-1)] ^= byte(1 << (i % 8))
			o := judge(t, b, workbook.DefaultLimits())
			if o.report.Blocked() {
				continue
			}
			read++
			if !slices.Equal(o.values(), truth.values()) {
				t.Errorf("%s: flipped at %d of %d: read %v, findings %s", name, i, places, o.values(), o.ruleIDs())
			}
		}
		if read > places/2 {
			t.Errorf("%s: read %d of %d damaged files: is nothing checked?", name, read, places)
		}
		t.Logf("%s: %d of %d flips touched nothing that is read", name, read, places)
	}
}
