package rules_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/rules"
)

// latin is a name of a placeholder that no Arabic term stands for.
var latin = regexp.MustCompile(`‹[^‹›]*[a-z][^‹›]*›`)

// Every rule has a whole page in every language, and no placeholder is left
// without a name in it.
func TestEveryRuleIsExplained(t *testing.T) {
	c := mustContract(t).Rules.Catalogue
	for _, r := range c.Rules() {
		for _, lang := range rules.Languages() {
			p, ok := c.Explain(r.ID, lang)
			if !ok || p.ID != r.ID || p.Severity != r.Severity || p.Label == "" || p.Effect == "" || p.Since == "" || p.Wrong == "" || p.Mend == "" || p.Why == "" {
				t.Errorf("%s in %s: %+v", r.ID, lang, p)
			}
			said := p.Wrong + p.Mend + p.Why
			if strings.ContainsAny(said, "{}") || lang == "ar" && latin.MatchString(said) {
				t.Errorf("%s in %s: a placeholder has no term arg-… to name it: %s", r.ID, lang, said)
			}
			if (p.Column != "") != (p.Example != rules.Example{}) || p.Column != "" && p.Column == p.Example.Column {
				t.Errorf("%s in %s: the column of the example is called %q", r.ID, lang, p.Column)
			}
		}
	}
	if _, ok := c.Explain("no-such-rule", "en"); ok {
		t.Error("a rule that is none is explained")
	}
}

// An example that does not break its rule, or that mends nothing, would mislead.
func TestExamplesAreTrue(t *testing.T) {
	c := mustContract(t).Rules.Catalogue
	examples := 0
	for _, r := range c.Rules() {
		e := r.Example
		if e == (rules.Example{}) || strings.HasPrefix(e.Bad, "#") { // no one types an error cell
			continue
		}
		examples++
		breaks := func(value string) bool {
			_, report := judgeText(t, exampleLine(e.Column, value))
			return slices.ContainsFunc(report.Findings, func(f finding.Finding) bool { return f.Rule == r.ID })
		}
		if !breaks(e.Bad) {
			t.Errorf("%s: %q does not break it", r.ID, e.Bad)
		}
		if breaks(e.Good) {
			t.Errorf("%s: %q breaks it", r.ID, e.Good)
		}
	}
	if examples < 10 {
		t.Errorf("only %d rules have an example", examples)
	}
}

// exampleLine is a row with a value in it, as a person would type it.
func exampleLine(column, value string) string {
	if _, err := strconv.ParseFloat(value, 64); err == nil {
		value = "n:" + value
	}
	cells := map[string]string{"progress_pct": "n:65", "status": "in_progress", "reference_date": "d:2022-12-31", "evidence_url": "https://example.org/1"}
	row := "progress 6: "
	if column == "milestone_id" {
		cells, row = map[string]string{"status": "in_progress", "commitment_id": "xx-plan-c01"}, "milestones 7: "
	}
	if strings.HasPrefix(column, "planned_") {
		cells, row = map[string]string{"status": "in_progress"}, "milestones 6: "
	}
	cells[column] = value
	var parts []string
	for key, v := range cells {
		parts = append(parts, key+" = "+v)
	}
	slices.Sort(parts)
	return row + strings.Join(parts, " | ")
}

func TestNearestRules(t *testing.T) {
	c := mustContract(t).Rules.Catalogue
	for id, want := range map[string]string{"value-out-of-rang": "value-out-of-range", "VALUE_RANGE": "value-out-of-range", "personal": "personal-data",
		"progres-scale-doubtfull": "progress-scale-doubtful", " date-invalid\n": "date-invalid"} {
		if near := c.Nearest(id); len(near) == 0 || len(near) > 3 || near[0] != want {
			t.Errorf("%q: %v", id, near)
		}
	}
	for _, id := range []string{"", "---", "qqq", strings.Repeat("x", 10_000)} {
		if near := c.Nearest(id); len(near) > 0 {
			t.Errorf("%.10q: %v", id, near)
		}
	}
}

func TestACatalogueThatLacksSomethingIsRefused(t *testing.T) {
	const whole = `{"ar":"x","fr":"x","en":"x"}`
	catalogue := func(message, remedy, doc, more string) string {
		return `{"version":1,"rules":{"a-b":{"severity":"error","message":` + message + `,"remedy":` + remedy + `,"doc":` + doc + more + `}}}`
	}
	if _, err := rules.ParseCatalogue([]byte(catalogue(whole, whole, whole, `,"example":{"column":"c","bad":"1","good":"2"}`)), nil, nil); err != nil {
		t.Fatal(err)
	}
	for _, src := range []string{
		catalogue(`{"ar":"x","fr":"x"}`, whole, whole, ""),
		catalogue(whole, `{"ar":"x","en":"x"}`, whole, ""),
		catalogue(whole, whole, `{"fr":"x","en":"x"}`, ""),
		catalogue(whole, whole, `"x"`, ""),
		catalogue(whole, whole, whole, `,"example":{"column":"c","bad":"1"}`),
		catalogue(whole, whole, whole, `,"example":{"bad":"1","good":"2"}`),
	} {
		if _, err := rules.ParseCatalogue([]byte(src), nil, nil); err == nil {
			t.Errorf("%s is taken", src)
		}
	}
}
