package rules_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/workbook"
	"iltizam/schemas"
)

// patched is the contract with some of its files replaced.
type patched struct {
	fs.FS
	files fstest.MapFS
}

func (p patched) Open(name string) (fs.File, error) {
	if _, ok := p.files[name]; ok {
		return p.files.Open(name)
	}
	return p.FS.Open(name)
}

// turning is the contract with rules that turn into others of this severity from
// March 2023 on.
func turning(t *testing.T, severity string, ids ...string) *pipeline.Contract {
	t.Helper()
	b, err := fs.ReadFile(schemas.FS, "messages/rules.json")
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]any
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		rule := file["rules"].(map[string]any)[id].(map[string]any)
		rule["becomes"] = []any{map[string]any{"from": "2023-03-01", "severity": severity}}
	}
	if b, err = json.Marshal(file); err != nil {
		t.Fatal(err)
	}
	c, err := pipeline.LoadContract(patched{schemas.FS, fstest.MapFS{"messages/rules.json": {Data: b}}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const (
	dayBefore = "received 2023-02-28T23:59:59Z"
	dayAfter  = "received 2023-03-01T00:00:00Z"
)

// judgedBy judges a fixture by a contract, for what it keeps and by Inspect alike.
func judgedBy(t *testing.T, c *pipeline.Contract, rulesOn string, lines ...string) (rules.Judgement, *finding.Report) {
	t.Helper()
	f := &fixture{receipt: receipt}
	for _, line := range lines {
		if err := f.line(t, narrated(line)); err != nil {
			t.Fatal(err)
		}
	}
	src, err := form()
	if err != nil {
		t.Fatal(err)
	}
	if src, err = workbook.ApplyEdits(src, c.Layout, f.edits); err != nil {
		t.Fatal(err)
	}
	f.receipt.RulesOn = rulesOn
	report, inspected := &finding.Report{}, &finding.Report{}
	j, err := c.Check(src, []*plan.ActionPlan{testPlan()}, f.receipt, workbook.DefaultLimits(), report)
	if err != nil {
		t.Fatal(err)
	}
	i, err := c.Inspect(bytes.NewReader(src), int64(len(src)), []*plan.ActionPlan{testPlan()}, f.receipt, workbook.DefaultLimits(), inspected)
	if err != nil || i.RowsTaken != j.RowsTaken || i.RowsHeld != j.RowsHeld || !slices.Equal(flatAll(report), flatAll(inspected)) {
		t.Errorf("Inspect says %d taken, %d held (%v), Validate %d and %d\n%v\n%v", i.RowsTaken, i.RowsHeld, err, j.RowsTaken, j.RowsHeld,
			flatAll(inspected), flatAll(report))
	}
	return j, report
}

// A dated warning turns into an error by itself: from its day on it holds its row
// back, whether it looks at a row alone or at what all rows say together, and the
// public note goes with it.
func TestAWarningBecomesAnErrorFromItsDayOn(t *testing.T) {
	const row = "progress 6: progress_pct = n:65.01 | status = in_progress | reference_date = d:2022-12-31"
	evidence := " | evidence_url = https://example.org/6"
	milestones := []string{"milestones 6: completion_pct = n:90 | status = in_progress",
		"milestones 7: milestone_id = xx-plan-c01-m02 | commitment_id = xx-plan-c01 | completion_pct = n:0 | status = not_started"}
	for _, x := range []struct {
		rule       string
		lines      []string
		progress   []int // rows left before and after
		milestones []int
		notes      []int
		held       string
	}{
		{"evidence-missing", []string{row}, []int{1, 0}, []int{0, 0}, []int{1, 0}, "xx-plan-c01"},
		{"progress-milestones-mismatch", append(milestones, row+evidence), []int{1, 0}, []int{2, 2}, []int{1, 0}, "xx-plan-c01"},
		{"evidence-reused", []string{row + evidence, strings.Replace(row, "6:", "7:", 1) + evidence}, []int{2, 1}, []int{0, 0}, []int{0, 0}, "xx-plan-c02"},
		{"commitment-missing", []string{row + evidence, `progress 8: commitment_id = "" | title = ""`}, []int{1, 1}, []int{0, 0}, []int{0, 0}, "xx-plan-c03"},
	} {
		c := turning(t, "error", x.rule)
		for i, day := range []string{dayBefore, dayAfter} {
			j, report := judgedBy(t, c, "", append(slices.Clone(x.lines), day)...)
			wantHeld := ""
			if i == 1 {
				wantHeld = x.held
			}
			if len(j.Submission.Progress) != x.progress[i] || len(j.Submission.Milestones) != x.milestones[i] || len(j.Submission.Notes) != x.notes[i] ||
				strings.Join(j.Submission.Held, " ") != wantHeld || j.RowsTaken != x.progress[i]+x.milestones[i] {
				t.Errorf("%s, %s: %d rows of progress, %d of milestones, notes %v, held %v, %d taken", x.rule, day,
					len(j.Submission.Progress), len(j.Submission.Milestones), j.Submission.Notes, j.Submission.Held, j.RowsTaken)
			}
			for _, f := range report.Findings {
				if f.Rule == x.rule && (f.Severity == finding.Error) != (i == 1) {
					t.Errorf("%s, %s: %s", x.rule, day, flat(f))
				}
			}
		}
	}
}

// What the reader finds and what is told of the workbook as a whole is as severe
// as on the day; a block refuses even then.
func TestEveryKindOfRuleHasDatedSeverity(t *testing.T) {
	c := turning(t, "block", "submission-empty", "columns-by-label")
	for day, refused := range map[string]bool{dayBefore: false, dayAfter: true} {
		if j, report := judgedBy(t, c, "", day); (j.Submission == nil) != refused || report.Blocked() != refused {
			t.Errorf("%s: %v", day, flatAll(report))
		}
	}
	tell := c.Rules.AsSevereAsOn("2023-03-01", func(f finding.Finding) {
		if f.Severity != map[string]finding.Severity{"columns-by-label": finding.Block, "sheet-renamed": finding.Info}[f.Rule] {
			t.Errorf("%s", flat(f))
		}
	})
	tell(finding.Finding{Rule: "columns-by-label", Severity: finding.Warning})
	tell(finding.Finding{Rule: "sheet-renamed", Severity: finding.Info})
}

// A workbook may be judged by the rules of another day; its dates are held against
// the day of receipt all the same.
func TestRulesOfAnotherDay(t *testing.T) {
	c := turning(t, "error", "evidence-missing", "progress-jump")
	const row = "progress 6: progress_pct = n:65 | status = in_progress | reference_date = d:2023-02-10"
	j, report := judgedBy(t, c, "2024-01-01", dayBefore, row)
	if len(j.Submission.Progress) != 0 || j.Submission.Rulings["progress-jump"].Severity != "error" || j.Submission.Rulings["progress-jump"].Limits["points"] != 50 {
		t.Errorf("%v, %v", flatAll(report), j.Submission.Rulings)
	}
	j, report = judgedBy(t, c, "2024-01-01", "received 2023-01-20T09:00:00Z", row)
	if !slices.ContainsFunc(report.Findings, func(f finding.Finding) bool { return f.Rule == "date-after-as-of" }) || j.Submission.Source.ReceivedAt[:4] != "2023" {
		t.Errorf("%v", flatAll(report))
	}
	if j, _ = judgedBy(t, c, "2020-01-01", dayAfter, row); len(j.Submission.Progress) != 1 || len(j.Submission.Rulings) != 0 {
		t.Errorf("%+v", j.Submission)
	}
}

// Whoever asks what a rule means is told what it will do, and from when.
func TestAComingSeverityIsExplained(t *testing.T) {
	c := turning(t, "error", "evidence-missing")
	for lang, want := range map[string]string{"en": "From 01/03/2023 on", "fr": "À partir du 01/03/2023", "ar": "ابتداء من 01/03/2023"} {
		p, _ := c.Rules.Catalogue.Explain("evidence-missing", lang)
		error, _ := c.Rules.Catalogue.Explain("value-out-of-range", lang)
		if len(p.Coming) != 1 || p.Coming[0].Label != error.Label || p.Coming[0].Effect != error.Effect || p.Coming[0].Severity != finding.Error || p.Label == error.Label {
			t.Fatalf("%s: %+v", lang, p)
		}
		if got := pipeline.HeadingsOf(lang).Becomes(p.Coming[0]); got != want {
			t.Errorf("%s: %s", lang, got)
		}
		var b bytes.Buffer
		if err := c.WriteRules(&b); err != nil || strings.Count(b.String(), want) != 1 {
			t.Errorf("the reference says it %d times in %s (%v)", strings.Count(b.String(), want), lang, err)
		}
	}
}

func TestASeverityThatDoesNotChangeInOrderIsRefused(t *testing.T) {
	for becomes, good := range map[string]bool{
		`[{"from":"2023-01-01","severity":"error"}]`:                                            true,
		`[{"from":"2023-01-01","severity":"error"},{"from":"2024-01-01","severity":"warning"}]`: true,
		`[{"from":"2023-01-01","severity":"warning"}]`:                                          false, // it is
		`[{"from":"2023-13-01","severity":"error"}]`:                                            false,
		`[{"from":"","severity":"error"}]`:                                                      false,
		`[{"from":"2021-01-01","severity":"error"}]`:                                            false, // when it starts
		`[{"from":"2026-01-01","severity":"error"}]`:                                            false, // it holds no longer
		`[{"from":"2024-01-01","severity":"error"},{"from":"2023-01-01","severity":"info"}]`:    false,
		`[{"from":"2024-01-01","severity":"worse"}]`:                                            false,
	} {
		src := `{"version":1,"rules":{"a-b":{"severity":"warning","valid_from":"2021-01-01","valid_to":"2025-12-31",
			"message":{"ar":"x","fr":"x","en":"x"},"remedy":{"ar":"x","fr":"x","en":"x"},"doc":{"ar":"x","fr":"x","en":"x"},"becomes":` + becomes + `}}}`
		c, err := rules.ParseCatalogue([]byte(src), nil, nil)
		if (err == nil) != good {
			t.Errorf("%s: %v", becomes, err)
		}
		if r, _ := c0(c).Rule("a-b"); good && (r.SeverityOn("2022-12-31") != finding.Warning || r.SeverityOn("2023-01-01") != finding.Error) {
			t.Errorf("%s: %v", becomes, r)
		}
	}
}

func c0(c *rules.Catalogue) *rules.Catalogue {
	if c == nil {
		return &rules.Catalogue{}
	}
	return c
}

// A row that is held back already is not held back again by what all rows say
// together, be that an error by now; it is told all the same.
func TestARowIsHeldBackOnce(t *testing.T) {
	const row = "progress 6: progress_pct = n:66 | status = in_progress | reference_date = d:2022-12-31 | evidence_url = https://example.org/6"
	wrong := strings.Replace(row, "d:2022-12-31", "31/02/2022", 1)
	milestones := []string{"milestones 6: completion_pct = n:90 | status = in_progress",
		"milestones 7: milestone_id = xx-plan-c01-m02 | commitment_id = xx-plan-c01 | completion_pct = n:0 | status = not_started"}
	for rule, lines := range map[string][]string{
		"evidence-reused":              {row, strings.Replace(wrong, "6:", "7:", 1)},
		"progress-milestones-mismatch": append(milestones, wrong),
	} {
		c := turning(t, "error", rule)
		for _, day := range []string{dayBefore, dayAfter} {
			j, report := judgedBy(t, c, "", append(slices.Clone(lines), day)...)
			if j.RowsHeld != 1 || j.RowsTaken != len(lines)-1 || len(j.Submission.Progress)+len(j.Submission.Milestones) != len(lines)-1 || len(j.Submission.Notes) > 0 {
				t.Errorf("%s, %s: %d held, %d taken, %v", rule, day, j.RowsHeld, j.RowsTaken, j.Submission.Notes)
			}
			if !strings.Contains(strings.Join(flatAll(report), "\n"), rule) {
				t.Errorf("%s, %s: not told: %v", rule, day, flatAll(report))
			}
		}
	}
}

// A looking-back rule about a whole workbook has no row to hold.
func TestAWholeWorkbookIsNotHeldByThePast(t *testing.T) {
	b, err := fs.ReadFile(schemas.FS, "messages/rules.json")
	if err != nil {
		t.Fatal(err)
	}
	const start = `"period-gap": {
      "severity": "warning",`
	text := strings.Replace(string(b), start, start+`
      "becomes": [{"from": "2027-01-01", "severity": "error"}],`, 1)
	if text == string(b) {
		t.Fatal("period-gap is not where it was")
	}
	if _, err := pipeline.LoadContract(patched{schemas.FS, fstest.MapFS{"messages/rules.json": {Data: []byte(text)}}}); err == nil || !strings.Contains(err.Error(), "period-gap") {
		t.Errorf("got %v", err)
	}
}
