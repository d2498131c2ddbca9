package aggregate

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
)

// decimal rounds as big.Rat does, half away from zero, whatever the sign.
func TestDecimalRoundsHalfUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := big.NewRat(rapid.Int64Range(-1e6, 1e6).Draw(t, "num"), rapid.Int64Range(1, 2000).Draw(t, "den"))
		scale := rapid.IntRange(0, 10).Draw(t, "scale")
		got, ok := decimal(r, scale)
		want, _ := new(big.Int).SetString(strings.Replace(r.FloatString(scale), ".", "", 1), 10)
		if !ok || got != table.Dec(want.Int64(), scale) {
			t.Fatalf("decimal(%s, %d) = %s, %v; want %s", r, scale, got, ok, r.FloatString(scale))
		}
	})
	for _, r := range []*big.Rat{big.NewRat(1e9, 1), big.NewRat(-1e9, 1)} {
		if v, ok := decimal(r, 10); ok {
			t.Errorf("%s has more digits than decimal(18,10), not %s", r, v)
		}
	}
}

func TestDisplay(t *testing.T) {
	for _, c := range []struct {
		unit     string
		num, den int64
		want     string
	}{
		{unitPercent, 1822, 22, "82.8"}, {unitPercent, 165, 2, "82.5"}, {unitPercent, 8285, 100, "82.9"}, {unitPercent, 100, 1, "100"}, {unitPercent, 0, 1, "0"},
		{unitPercent, 9996, 100, "100"}, {unitPercent, 9995, 100, "100"}, {unitPercent, 9994, 100, "99.9"},
		{unitPoints, 25, 10, "+2.5"}, {unitPoints, -25, 10, "-2.5"}, {unitPoints, 4, 100, "0"}, {unitPoints, -4, 100, "0"}, {unitPoints, 5, 100, "+0.1"}, {unitPoints, -5, 100, "-0.1"},
		{unitCommitments, 22, 1, "22"},
	} {
		if got := (figure{unit: c.unit}).display(big.NewRat(c.num, c.den)); got != c.want {
			t.Errorf("%d/%d %s prints %q, want %q", c.num, c.den, c.unit, got, c.want)
		}
	}
}

func TestAFractionTooLongToPrintSaysSo(t *testing.T) {
	for _, f := range []figure{
		{num: big.NewRat(1, 1000), den: rat(1)},
		{num: rat(1), den: big.NewRat(1, 3)},
		{num: rat(1), den: new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), 70))},
	} {
		r, err := f.record("h1")
		if err != nil || !r["numerator"].IsNull() || !r["denominator"].IsNull() || r["value"].IsNull() || r["basis_note"].IsNull() {
			t.Errorf("%v %v", r, err)
		}
	}
	if _, err := (figure{num: rat(1e9), den: rat(1)}).record("h1"); err == nil {
		t.Error("a value of 10^9 fits decimal(18,10)")
	}
}

func TestTheWeakestBasisIsTheFigures(t *testing.T) {
	s := scope{members: []member{{basis: plan.Sourced}, {basis: plan.Inferred}, {basis: plan.Translated}}}
	if s.basis() != plan.Inferred {
		t.Error(s.basis())
	}
	s.members = append(s.members, member{basis: ""})
	if s.basis() != plan.Unknown {
		t.Error(s.basis())
	}
}
