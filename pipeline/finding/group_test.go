package finding

import (
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// What a person reads by rule adds up to what a program counts, cut or not.
func TestGroupsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := &Report{File: "in.xlsx"}
		severities := map[string]Severity{"a-a": Info, "b-b": Warning, "c-c": Error, "d-d": Error, "e-e": Block}
		added, total := map[string]int{}, 0
		rules := []string{"a-a", "b-b", "c-c", "d-d", "e-e"}
		for range rapid.IntRange(0, 8).Draw(t, "runs") {
			rule := rapid.SampledFrom(rules).Draw(t, "rule")
			sheet := rapid.SampledFrom([]string{"", "S", "T"}).Draw(t, "sheet")
			n := rapid.SampledFrom([]int{1, 2, 7, Limit - 1, Limit, Limit + 1, 2*Limit + 5}).Draw(t, "n")
			for i := range n {
				r.Add(Finding{Rule: rule, Severity: severities[rule], At: Cell{Sheet: sheet, Ref: "A" + strconv.Itoa(i+1)}})
			}
			added[rule], total = added[rule]+n, total+n
		}
		r.Sort()
		kept, counts := 0, map[Severity]int{}
		groups := r.Groups()
		for _, g := range groups {
			if g.Count != added[g.Rule] || g.Severity != severities[g.Rule] {
				t.Fatalf("%d findings of %s (%s), %d were added", g.Count, g.Rule, g.Severity, added[g.Rule])
			}
			delete(added, g.Rule)
			kept += len(g.Findings)
			counts[g.Severity] += g.Count
			for _, f := range g.Findings {
				if f.Rule != g.Rule {
					t.Fatalf("%s stands among %s", f.Rule, g.Rule)
				}
			}
		}
		if len(added) > 0 || kept != len(r.Findings) {
			t.Fatalf("groups lack %v and hold %d of %d findings", added, kept, len(r.Findings))
		}
		for s := Info; s <= Block; s++ {
			if counts[s] != r.Count(s) {
				t.Fatalf("%d %s in groups, %d in the report", counts[s], s, r.Count(s))
			}
			total -= counts[s]
		}
		if total != 0 {
			t.Fatalf("%d findings are in no group", total)
		}
		if !slices.IsSortedFunc(groups, func(a, b Group) int {
			if a.Severity != b.Severity {
				return int(b.Severity - a.Severity)
			}
			return b.Count - a.Count
		}) {
			t.Fatal("the worst does not come first")
		}
	})
}

func TestGroupsKeepTheReportsOrder(t *testing.T) {
	r := &Report{}
	for _, ref := range []string{"D9", "D10", "C9"} {
		r.Add(Finding{Rule: "a-a", Severity: Error, At: Cell{Sheet: "S", Ref: ref}})
	}
	r.Sort()
	var refs []string
	for _, f := range r.Groups()[0].Findings {
		refs = append(refs, f.At.Ref)
	}
	if !slices.Equal(refs, []string{"C9", "D9", "D10"}) {
		t.Error(refs)
	}
	if (&Report{}).Groups() != nil {
		t.Error("an empty report has groups")
	}
}
