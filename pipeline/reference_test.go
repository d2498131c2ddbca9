package pipeline_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"iltizam/pipeline/rules"
)

const rulesPage = "../docs/rules.md"

// docs/rules.md is what the rules say: `make docs` writes it.
func TestRulesPageIsWhatTheRulesSay(t *testing.T) {
	c := mustContract(t)
	var buf bytes.Buffer
	if err := c.WriteRules(&buf); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(rulesPage, buf.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(rulesPage)
	if err != nil {
		t.Fatal(err)
	}
	want, got := strings.Split(buf.String(), "\n"), strings.Split(string(kept), "\n")
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("docs/rules.md, line %d, is not what the rules say; run `make docs`. Want\n%s", i+1, want[i])
		}
	}
	if len(got) != len(want) {
		t.Errorf("docs/rules.md has %d lines too many; run `make docs`", len(got)-len(want))
	}
	for _, r := range c.Rules.Catalogue.Rules() {
		if n := strings.Count(string(kept), "\n### "+r.ID+"\n"); n != 1 {
			t.Errorf("%s stands %d times on the page", r.ID, n)
		}
	}
	if a, b := strings.Count(string(kept), `<div dir="rtl" lang="ar">`), strings.Count(string(kept), "</div>"); a != b || a != len(c.Rules.Catalogue.Rules()) {
		t.Errorf("%d Arabic parts begin, %d end", a, b)
	}
}

// Each rule is of a group, and what it judges is there.
func TestEveryRuleIsOfAGroup(t *testing.T) {
	c := mustContract(t)
	groups := map[string]int{}
	for _, g := range c.Rules.Catalogue.Groups() {
		groups[g.ID] = 0
		for _, lang := range rules.Languages() {
			if g.Label[lang] == "" {
				t.Errorf("the group %s has no name in %s", g.ID, lang)
			}
		}
	}
	for _, r := range c.Rules.Catalogue.Rules() {
		if _, known := groups[r.Group]; !known {
			t.Errorf("%s is of the group %q, which there is not", r.ID, r.Group)
		}
		groups[r.Group]++
		for _, on := range r.On {
			for _, lang := range rules.Languages() {
				if said := c.Judged([]string{on}, lang); said == "" || strings.Contains(said, "_") || strings.Contains(said, "{") {
					t.Errorf("%s judges %s: %q in %s", r.ID, on, said, lang)
				}
			}
		}
		if r.Example.Column != "" && !strings.Contains(c.Judged(r.On, "fr"), c.Fields[r.Example.Column].Title["fr"]) && !slices.Contains(r.On, "progress") {
			t.Errorf("%s: its example is of %s, and it judges %v", r.ID, r.Example.Column, r.On)
		}
	}
	for id, n := range groups {
		if n == 0 {
			t.Errorf("no rule is of the group %s", id)
		}
	}
}
