package table_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"iltizam/pipeline/table"
)

func keyed(rows ...table.Row) *table.Table {
	return table.Of(table.Schema{Name: "t", Key: []string{"a", "n"}, Fields: []table.Field{
		{Name: "a", Type: table.String, Required: true}, {Name: "n", Type: table.Integer, Required: true},
		{Name: "d", Type: table.Decimal, Precision: 5, Scale: 2}}}, rows)
}

func TestCheckFindsWhatBreaksTheSchema(t *testing.T) {
	row := func(a string, n int64) table.Row { return table.Row{table.Str(a), table.Int(n), table.Null()} }
	for name, c := range map[string]struct {
		t    *table.Table
		want string // "" for nothing wrong
	}{
		"sorted":           {keyed(row("x", 2), row("x", 10), row("y", 1)), ""},
		"in another order": {keyed(row("y", 1), row("x", 10), row("x", 2)), ""},
		"no rows":          {keyed(), ""},
		"twice, sorted":    {keyed(row("x", 1), row("y", 1), row("y", 1)), "rows 2 and 3 have the same key"},
		"twice, far apart": {keyed(row("y", 1), row("x", 1), row("z", 1), row("y", 1)), "rows 1 and 4 have the same key"},
		"too narrow":       {keyed(table.Row{table.Str("x")}), "row 1 has 1 values for 3 columns"},
		"null":             {keyed(row("x", 1), table.Row{table.Str("y"), table.Null(), table.Null()}), "row 2, column n: is null"},
		"another type":     {keyed(table.Row{table.Str("y"), table.Str("1"), table.Null()}), "holds a string, not a integer"},
		"too many digits":  {keyed(table.Row{table.Str("y"), table.Int(1), table.Dec(1, 3)}), "does not fit decimal(5,2)"},
	} {
		err := c.t.Check()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	lacking := keyed()
	lacking.Key = []string{"b"}
	if err := lacking.Check(); err == nil {
		t.Error("a key that is no column is taken")
	}
}

// Whatever the order of the rows, a key that comes twice is found.
func TestCheckFindsEveryKeyThatComesTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows []table.Row
		seen, twice := map[string]bool{}, false
		for range rapid.IntRange(0, 6).Draw(t, "rows") {
			a, n := rapid.SampledFrom([]string{"", "x", "xx"}).Draw(t, "a"), rapid.SampledFrom([]int64{1, 2, 10}).Draw(t, "n")
			key := a + "/" + table.Int(n).String()
			twice = twice || seen[key]
			seen[key] = true
			rows = append(rows, table.Row{table.Str(a), table.Int(n), table.Null()})
		}
		if rapid.Bool().Draw(t, "sorted") {
			slices.SortFunc(rows, func(x, y table.Row) int {
				if c := x[0].Compare(y[0]); c != 0 {
					return c
				}
				return x[1].Compare(y[1])
			})
		}
		if err := keyed(rows...).Check(); (err != nil) != twice {
			t.Fatalf("a key comes twice: %v; got %v", twice, err)
		}
	})
}

func TestCompare(t *testing.T) {
	order := []table.Value{table.Null(), table.Int(-1), table.Int(2), table.Int(10), table.ISODate("2022-01-31"), table.ISODate("2023-01-01"), table.Str("a"), table.Str("b")}
	for i, v := range order {
		for j, w := range order {
			if got := v.Compare(w); (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%q with %q: %d", v, w, got)
			}
		}
	}
	if table.Null().Compare(table.Str("")) != 0 {
		t.Error("a null and an empty text have the same canonical text")
	}
}
