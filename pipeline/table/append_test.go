package table_test

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"iltizam/pipeline/table"
)

func TestCanonicalText(t *testing.T) {
	for want, v := range map[string]table.Value{
		"":                      table.Null(),
		"a\n":                   table.Str("a\n"),
		"-9223372036854775808":  table.Int(math.MinInt64),
		"0":                     table.Dec(0, 10),
		"82.8181818182":         table.Dec(828181818182, 10),
		"-0.0000000001":         table.Dec(-1, 10),
		"0.5":                   table.Dec(50, 2),
		"-922337203.6854775808": table.Dec(math.MinInt64, 10),
		"1000":                  table.Dec(1000, 0),
		"1e+21":                 table.Dbl(1e21),
		"0.1":                   table.Dbl(0.1),
		"true":                  table.Bool(true),
		"false":                 table.Bool(false),
		"1899-12-30":            table.ISODate("1899-12-30"),
		"0001-01-01":            table.ISODate("0001-01-01"),
		"9999-12-31T23:59:59Z":  table.ISOInstant("9999-12-31T23:59:59Z"),
	} {
		if got := v.String(); got != want {
			t.Errorf("got %q, not %q", got, want)
		}
		if got := string(v.Append([]byte("x"))); got != "x"+want {
			t.Errorf("appended %q to x: %q", want, got)
		}
	}
}

// Arbitrary precision knows no shortcut that our decimals could share.
func TestDecimalTextIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, scale := rapid.Int64().Draw(t, "unscaled"), rapid.IntRange(0, 18).Draw(t, "scale")
		want := new(big.Rat).SetFrac(big.NewInt(n), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)).FloatString(scale)
		if strings.Contains(want, ".") {
			want = strings.TrimRight(strings.TrimRight(want, "0"), ".")
		}
		if got := table.Dec(n, scale).String(); got != want {
			t.Fatalf("%d at scale %d is %s, not %s", n, scale, got, want)
		}
	})
}
