package rules_test

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/rules"
)

var update = flag.Bool("update", false, "write the findings that the fixtures yield into them; read the difference before you commit it")

func ruleOf(file string) string { return strings.TrimSuffix(filepath.Base(file), ".txt") }

func TestFixtures(t *testing.T) {
	for _, file := range fixtureFiles(t) {
		rule := ruleOf(file)
		t.Run(rule, func(t *testing.T) {
			got := map[string][]string{}
			for part, f := range parseFixtures(t, file) {
				_, report := f.judge(t)
				got[part] = flatAll(report)
				found := slices.ContainsFunc(report.Findings, func(f finding.Finding) bool { return f.Rule == rule })
				if found != (part == "bad") {
					t.Errorf("the %s case: found %v", part, got[part])
				}
				if !*update && !slices.Equal(got[part], f.expected) {
					t.Errorf("the %s case yields\n> %s\nwant\n> %s", part, strings.Join(got[part], "\n> "), strings.Join(f.expected, "\n> "))
				}
				sayAll(t, report)
			}
			if parts := slices.Sorted(maps.Keys(got)); !slices.Equal(parts, []string{"bad", "good"}) {
				t.Errorf("the parts are %v", parts)
			}
			if *update {
				rewrite(t, file, got)
			}
		})
	}
}

// sayAll demands that every finding can be said, with nothing left to fill in.
func sayAll(t *testing.T, r *finding.Report) {
	t.Helper()
	c := mustContract(t).Rules.Catalogue
	for _, f := range r.Findings {
		for _, lang := range rules.Languages() {
			for _, text := range []string{c.Message(f, lang), c.Remedy(f, lang)} {
				if text == "" || text == f.Rule || strings.ContainsAny(text, "{}@") || strings.Contains(text, "«»") || strings.Contains(text, `""`) {
					t.Errorf("%s in %s: %s", f.Rule, lang, text)
				}
			}
		}
	}
}

// rewrite puts the findings into the fixture file, leaving the rest as it is.
func rewrite(t *testing.T, file string, got map[string][]string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	part := ""
	flush := func() {
		for _, f := range got[part] {
			out = append(out, "> "+f)
		}
	}
	for line := range strings.SplitSeq(strings.TrimSpace(string(b)), "\n") {
		if strings.HasPrefix(line, ">") {
			continue
		}
		if strings.HasPrefix(line, "[") {
			flush()
			part = strings.Trim(line, "[]")
		}
		out = append(out, line)
	}
	flush()
	if err := os.WriteFile(file, []byte(strings.Join(out, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}
