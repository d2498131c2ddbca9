package finding

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSeverityNames(t *testing.T) {
	for s := Info; s <= Block; s++ {
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var again Severity
		if err := json.Unmarshal(b, &again); err != nil || again != s {
			t.Errorf("%s: %v %v", b, again, err)
		}
	}
	for _, bad := range []string{`"fatal"`, `""`, `3`, `"severity(9)"`} {
		var s Severity
		if err := json.Unmarshal([]byte(bad), &s); err == nil {
			t.Errorf("%s is read as %s", bad, s)
		}
	}
	if Severity(9).String() != "severity(9)" || Severity(-1).String() != "severity(-1)" {
		t.Error("a severity that is none has a name")
	}
}

func TestReportCutsAndCounts(t *testing.T) {
	r := &Report{File: "in.xlsx"}
	for i := range Limit + 5 {
		r.Add(Finding{Rule: "a", Severity: Error, At: Cell{Sheet: "S", Ref: fmt.Sprintf("A%d", i+1)}})
	}
	r.Add(Finding{Rule: "a", Severity: Error, At: Cell{Sheet: "T"}})
	r.Add(Finding{Rule: "b", Severity: Info, At: Cell{Sheet: "S"}})
	if len(r.Findings) != Limit+2 || r.Cut["a\x00S"] != 5 || len(r.Cut) != 1 {
		t.Errorf("%d kept, cut %v", len(r.Findings), r.Cut)
	}
	if r.Count(Error) != Limit+6 || r.Count(Info) != 1 || r.Count(Block) != 0 {
		t.Error(r.Count(Error), r.Count(Info), r.Count(Block))
	}
	if r.Blocked() || !r.Has(Error) || r.Has(Block) || r.Findings[0].At.File != "in.xlsx" {
		t.Error("the worst is not known")
	}
	r.Add(Finding{Rule: "c", Severity: Block})
	if !r.Blocked() {
		t.Error("a block does not block")
	}
	if (&Report{}).Has(Info) || (&Report{}).Blocked() {
		t.Error("an empty report has findings")
	}
}

// A finding beyond the limit still blocks.
func TestACutFindingStillCounts(t *testing.T) {
	r := &Report{}
	for range Limit {
		r.Add(Finding{Rule: "a", Severity: Warning})
	}
	r.Add(Finding{Rule: "a", Severity: Block})
	if !r.Blocked() {
		t.Error("the cut finding is forgotten")
	}
}

func TestSortPutsTheWorstFirst(t *testing.T) {
	r := &Report{}
	for _, f := range []struct {
		s        Severity
		sheet, c string
	}{{Info, "A", "A1"}, {Error, "B", "A2"}, {Error, "A", "B10"}, {Error, "A", "AA2"}, {Error, "A", "B2"}, {Block, "", ""}, {Error, "A", ""}} {
		r.Add(Finding{Rule: "r", Severity: f.s, At: Cell{Sheet: f.sheet, Ref: f.c}})
	}
	r.Sort()
	var got []string
	for _, f := range r.Findings {
		got = append(got, f.At.Sheet+"!"+f.At.Ref)
	}
	if want := []string{"!", "A!", "A!B2", "A!AA2", "A!B10", "B!A2", "A!A1"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestSplitRef(t *testing.T) {
	for ref, want := range map[string][2]int{"A1": {1, 1}, "Z9": {26, 9}, "AA10": {27, 10}, "XFD1048576": {16384, 1048576}, "A": {1, 0}, "7": {0, 7}, "": {0, 0}, "D6:E8": {4, 6},
		"a1": {0, 0}, "A1B": {0, 0}, "A-1": {0, 0}, strings.Repeat("Z", 40) + "1": {0, 0}, "A" + strings.Repeat("9", 40): {0, 0}} {
		if col, row := SplitRef(ref); col != want[0] || row != want[1] {
			t.Errorf("SplitRef(%q) = %d, %d; want %v", ref, col, row, want)
		}
	}
}

func TestLongValuesAreShortened(t *testing.T) {
	r := &Report{}
	r.Add(Finding{Value: strings.Repeat("é", maxValue)})
	r.Add(Finding{Value: strings.Repeat("é", maxValue+1)})
	if r.Findings[0].Value != strings.Repeat("é", maxValue) || r.Findings[1].Value != strings.Repeat("é", maxValue)+"…" || !utf8.ValidString(r.Findings[1].Value) {
		t.Error(r.Findings)
	}
}

func TestCellString(t *testing.T) {
	for want, c := range map[string]Cell{"f": {File: "f"}, "f [S]": {File: "f", Sheet: "S"}, "f [S!D7]": {File: "f", Sheet: "S", Ref: "D7"}} {
		if c.String() != want {
			t.Errorf("%s, want %s", c, want)
		}
	}
}
