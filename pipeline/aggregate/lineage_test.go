package aggregate_test

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"iltizam/pipeline/aggregate"
	"iltizam/pipeline/merge"
	"iltizam/pipeline/plan"
)

// part is an input of a figure with its row of the published progress.
type part struct {
	aggregate.Part
	row map[string]string
}

func (p part) value() *big.Rat {
	v, _ := new(big.Rat).SetString(p.row["progress_pct"])
	return v // nil where there is none
}

// Every figure of the summary can be computed anew from the rows of progress that
// its lineage names, by what its method says and nothing else.
func TestFiguresFollowFromTheirLineage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPlan(t)
		snap, _ := merge.Snapshot(p, anySubmissions(t, p), rapid.SampledFrom([]string{"2021-01-01", "2022-06-01", "2023-06-01"}).Draw(t, "as of"))
		all := tables(t, snap)
		progress := map[string]map[string]string{}
		for _, r := range rowsOf(all["progress"]) {
			progress[r["commitment_id"]+"/"+r["reporting_period"]] = r
		}
		for _, r := range rowsOf(all["summary"]) {
			listed, ok := aggregate.Lineage(snap, aggregate.FigureKey{Period: r["reporting_period"], Scope: r["scope"],
				Code: r["scope_code"], Measure: r["measure"], Method: r["method"]})
			if !ok {
				t.Fatalf("no lineage of %v", r)
			}
			var parts []part
			for _, l := range listed {
				row, ok := progress[l.Commitment+"/"+l.Period]
				if !ok {
					t.Fatalf("%v comes from %v, which is no row of progress", r, l)
				}
				parts = append(parts, part{l, row})
			}
			checkFigure(t, r, parts)
		}
	})
	if _, ok := aggregate.Lineage(portalSnapshot(t), aggregate.FigureKey{Measure: "overall_progress"}); ok {
		t.Error("a figure that there is not has a lineage")
	}
}

func checkFigure(t fatal, r map[string]string, parts []part) {
	now := slices.DeleteFunc(slices.Clone(parts), func(p part) bool { return p.Period != r["reporting_period"] })
	before := slices.DeleteFunc(slices.Clone(parts), func(p part) bool { return p.Period == r["reporting_period"] })
	for _, p := range parts {
		if p.Counted != counts(r, p, now) {
			t.Fatalf("%v: %v counts: %v", r, p, p.Counted)
		}
	}
	want := recompute(r, now, before)
	got, has := new(big.Rat).SetString(r["numerator"])
	if has {
		den, _ := new(big.Rat).SetString(r["denominator"])
		got.Quo(got, den)
	}
	if has != (want != nil) || has && got.Cmp(want) != 0 {
		t.Fatalf("%v is %v by its lineage", r, want)
	}
	missing, older := 0, 0
	for _, p := range now {
		switch {
		case r["method"] == "count_of_commitments":
		case r["method"] == "count_by_declared_status":
			if p.row["status"] == "" {
				missing++
			}
		case p.value() == nil, r["method"] == "mean_of_axis_means" && p.Axis == "":
			missing++
		}
		if p.value() != nil && p.row["value_period"] != p.Period && (r["method"] != "mean_of_axis_means" || p.Axis != "") && r["method"] != "count_of_commitments" {
			older++
		}
	}
	if r["n_missing"] != strconv.Itoa(missing) || r["n_carried_forward"] != strconv.Itoa(older) {
		t.Fatalf("%v: by its lineage %d are missing, %d carried forward", r, missing, older)
	}
}

// counts tells by the definitions of the code lists whether a row makes up a figure.
func counts(r map[string]string, p part, now []part) bool {
	v := p.value()
	is := func(n int64) bool { return v != nil && v.Cmp(big.NewRat(n, 1)) == 0 }
	beyond := func(sign int) int { // how many values lie to that side
		n := 0
		for _, other := range now {
			if v != nil && other.value() != nil && other.value().Cmp(v) == sign {
				n++
			}
		}
		return n
	}
	switch status := p.row["status"]; r["method"] {
	case "count_of_commitments":
		return true
	case "count_by_declared_status":
		return status == r["measure"] || status == "" && r["measure"] == "status_missing"
	case "count_at_100_by_status":
		return is(100) && status != "" && status != "completed"
	case "count_in_range":
		if r["measure"] == "progress_100" {
			return is(100)
		}
		var from, to int64
		if _, err := fmt.Sscanf(r["measure"], "progress_%d_%d", &from, &to); err != nil {
			panic(err)
		}
		return v != nil && v.Cmp(big.NewRat(from, 1)) >= 0 && v.Cmp(big.NewRat(to+1, 1)) < 0
	case "minimum":
		return v != nil && beyond(-1) == 0
	case "maximum":
		return v != nil && beyond(1) == 0
	case "median":
		n := 0
		for _, other := range now {
			if other.value() != nil {
				n++
			}
		}
		return v != nil && 2*beyond(-1) <= n && 2*beyond(1) <= n
	case "mean_of_axis_means":
		return v != nil && p.Axis != ""
	}
	return v != nil
}

// recompute gives a figure's value by its method, nil for none.
func recompute(r map[string]string, now, before []part) *big.Rat {
	counted := func(parts []part) []part {
		return slices.DeleteFunc(slices.Clone(parts), func(p part) bool { return !p.Counted })
	}
	mean := func(parts []part) *big.Rat {
		if len(parts) == 0 {
			return nil
		}
		total := new(big.Rat)
		for _, p := range parts {
			total.Add(total, p.value())
		}
		return total.Quo(total, big.NewRat(int64(len(parts)), 1))
	}
	in := counted(now)
	switch r["method"] {
	case "mean_of_commitments":
		return mean(in)
	case "difference_of_means":
		return new(big.Rat).Sub(mean(in), mean(counted(before)))
	case "mean_of_axis_means":
		byAxis := map[string][]part{}
		for _, p := range in {
			byAxis[p.Axis] = append(byAxis[p.Axis], p)
		}
		if len(byAxis) == 0 {
			return nil
		}
		total := new(big.Rat)
		for _, parts := range byAxis {
			total.Add(total, mean(parts))
		}
		return total.Quo(total, big.NewRat(int64(len(byAxis)), 1))
	case "minimum", "maximum":
		if len(in) == 0 {
			return nil
		}
		return in[0].value() // those counted are equal, and the extreme
	case "median":
		if len(in) == 0 {
			return nil
		}
		low, high := in[0].value(), in[0].value()
		for _, p := range in {
			if p.value().Cmp(low) < 0 {
				low = p.value()
			}
			if p.value().Cmp(high) > 0 {
				high = p.value()
			}
		}
		return new(big.Rat).Mul(new(big.Rat).Add(low, high), big.NewRat(1, 2))
	}
	if !strings.HasPrefix(r["method"], "count_") {
		return nil
	}
	return big.NewRat(int64(len(in)), 1)
}

// The rows that a figure comes from follow from the published columns alone, as
// docs/lineage.md joins them, whoever led what when.
func TestLineageFollowsFromTheColumns(t *testing.T) {
	institutions := 0
	rapid.Check(t, func(t *rapid.T) {
		p := anyPlan(t)
		days := []string{"", "2021-12-31", "2022-06-30", "2022-12-31"}
		for i := range p.Periods {
			p.Periods[i].End = rapid.SampledFrom(days).Draw(t, "end")
		}
		for i := range p.Commitments {
			for _, until := range days[1:rapid.IntRange(1, len(days)).Draw(t, "earlier")] {
				p.Commitments[i].EarlierLeads = append(p.Commitments[i].EarlierLeads, plan.EarlierLead{
					Institution: rapid.SampledFrom(p.Institutions).Draw(t, "earlier lead").Code, Until: until, Basis: plan.Sourced})
			}
		}
		snap, _ := merge.Snapshot(p, anySubmissions(t, p), "2023-06-01")
		all := tables(t, snap)
		read := func(name string) []map[string]string { return rowsOf(all[name]) }
		progress, commitments, leads, periods := read("progress"), read("commitments"), read("commitment_leads"), read("reporting_periods")
		for _, s := range read("summary") {
			period := find(periods, "reporting_period", s["reporting_period"])[0]
			var joined []string
			for _, r := range find(progress, "reporting_period", s["reporting_period"]) {
				c := find(commitments, "commitment_id", r["commitment_id"])[0]
				led := slices.ContainsFunc(find(leads, "commitment_id", r["commitment_id"], "institution_code", s["scope_code"]), func(l map[string]string) bool {
					day := cmp.Or(period["end_date"], period["due_date"])
					return (l["lead_to"] == "" || day != "" && day <= l["lead_to"]) && (l["lead_from"] == "" || day == "" || l["lead_from"] <= day)
				})
				if s["scope"] == "plan" || s["scope"] == "axis" && c["axis_code"] == s["scope_code"] || s["scope"] == "institution" && led {
					joined = append(joined, r["commitment_id"])
				}
			}
			parts, _ := aggregate.Lineage(snap, aggregate.FigureKey{Period: s["reporting_period"], Scope: s["scope"],
				Code: s["scope_code"], Measure: s["measure"], Method: s["method"]})
			var want []string
			for _, x := range parts {
				if x.Period == s["reporting_period"] {
					want = append(want, x.Commitment)
				}
			}
			slices.Sort(want)
			if slices.Sort(joined); !slices.Equal(joined, want) {
				t.Fatalf("%v: the columns join %v, it is computed of %v", s, joined, want)
			}
			if s["scope"] == "institution" {
				institutions++
			}
		}
	})
	if institutions == 0 {
		t.Error("no figure of an institution was joined")
	}
}
