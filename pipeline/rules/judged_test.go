package rules_test

import (
	"slices"
	"strings"
	"testing"

	"iltizam/pipeline/workbook"
)

// A rule files its findings where its page says that it does.
func TestRulesJudgeWhatTheySay(t *testing.T) {
	c := mustContract(t)
	names := map[string]workbook.SheetLayout{}
	for _, s := range c.Layout.Sheets {
		if s.Kind == workbook.KindData {
			names[s.AnyName([]string{"fr"})] = s
		}
	}
	placed := map[string]bool{}
	for _, file := range fixtureFiles(t) {
		for _, f := range parseFixtures(t, file) {
			if slices.ContainsFunc(f.edits, func(e workbook.Edit) bool { return e.Op != workbook.Set }) {
				continue // the columns lie elsewhere
			}
			_, report := f.judge(t)
			for _, f := range report.Findings {
				r, _ := c.Rules.Catalogue.Rule(f.Rule)
				s, ofRows := names[f.At.Sheet]
				letter := strings.TrimRight(f.At.Ref, "0123456789")
				columns := s.Expand([]string{"ar", "fr"})
				if !ofRows || len(letter) != 1 || int(letter[0]-'A') >= len(columns) || slices.Contains(r.On, s.Key) {
					continue
				}
				column := columns[letter[0]-'A']
				title := c.Fields[column.Key].Title["fr"]
				if title == "" {
					title = column.Label["fr"]
				}
				placed[f.Rule] = true
				if judged := c.Judged(r.On, "fr"); !strings.Contains(judged, title) {
					t.Errorf("%s found something in %s of %s (%s); it is said to judge %q", f.Rule, column.Key, f.At.Sheet, file, judged)
				}
			}
		}
	}
	if len(placed) < 30 {
		t.Errorf("only %d rules found something in a column", len(placed))
	}
}
