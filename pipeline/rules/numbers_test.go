package rules

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		in      string
		v       float64
		percent bool
	}{
		{"65", 65, false}, {"65 %", 65, true}, {"65%", 65, true}, {"% 65", 65, true}, {"٪٦٥", 65, true}, {"٦٥٪", 65, true},
		{"۶۵", 65, false}, {"72,5", 72.5, false}, {"72.5", 72.5, false}, {"٧٢٫٥", 72.5, false}, {"٧٢،٥", 72.5, false},
		{"65\u00a0%", 65, true}, {"\u202f65\u202f%", 65, true}, {"\u200e65\u200e", 65, false}, {"\u200f٦٥\u200f", 65, false},
		{"６５％", 65, true}, {"６５．５", 65.5, false}, {"-5", -5, false}, {"−5", -5, false}, {".5", .5, false}, {"100.", 100, false}, {"0,655", 0.655, false},
		{"۶۵٫۵٪", 65.5, true}, {"65\u200b\u00a0%", 65, true}, {"\ufeff65", 65, false}, {"\u202b٦٥\u202c", 65, false}, {"\u206665\u2069", 65, false},
		{"٦ـ٥", 65, false}, {"–5", -5, false}, {"－5", -5, false}, {"65﹪", 65, true}, {"٦٥،٥", 65.5, false},
		{"65 pour cent", 65, true}, {"65 Percent", 65, true}, {"٦٥ في المائة", 65, true}, {"65 بالمائة", 65, true}, {"65,5 per cent", 65.5, true},
		{"١٬٢٣٤", 1234, false}, {"1٬234٫5", 1234.5, false}, {"-12٬345٬678", -12345678, false},
	} {
		v, percent, ok := number(c.in, isPercentWord)
		if !ok || v != c.v || percent != c.percent {
			t.Errorf("number(%q) = %v, %v, %v; want %v, %v", c.in, v, percent, ok, c.v, c.percent)
		}
	}
	for _, in := range []string{"", " ", "abc", "65%%", "%65%", "1,234.5", "1.234,5", "1,2,3", "7٬5", "0٬655", "1234٬567", "1٬23", "1٬2345", "٬123", "1٬", "1٬234,5,6", "1.5٬000", "6 5", "- 5", "5-", "+5",
		"1e3", "0x10", "inf", "NaN", "%", "-", ".", "65 points", "65 %%", "65 % في المائة", "pour cent", "65²", "½", "①", "٦٥ﹺ", "65e", "六五", "६५", "65\n66", "1 234", "١٢٣٤٥٦٧٨٩٠a", strings.Repeat("9", 400)} {
		if v, _, ok := number(in, isPercentWord); ok {
			t.Errorf("%q is read as %v", in, v)
		}
	}
}

func TestDecimals(t *testing.T) {
	for _, c := range []struct {
		v     float64
		shift int
		n     int64
		lost  bool
	}{
		{65, 2, 6500, false}, {0.58, 4, 5800, false}, {0.57999999999999996, 4, 5800, false}, {0.285, 4, 2850, false},
		{28.999999999999996, 2, 2900, false}, {0.1 + 0.2, 4, 3000, false}, {72.5, 2, 7250, false},
		{33.3333333333333, 2, 3333, true}, {66.6666666666667, 2, 6667, true}, {0.005, 2, 1, true}, {0.004999, 2, 0, true},
		{1.005, 2, 101, true}, {2.675, 2, 268, true}, {-0.001, 2, 0, true}, {-0.005, 2, -1, true}, {100.004, 2, 10000, true},
		{0, 2, 0, false}, {1e-300, 2, 0, true}, {1, 4, 10000, false}, {1.00000000000000022, 4, 10000, false},
	} {
		n, lost, ok := decimals(c.v, c.shift)
		if !ok || n != c.n || lost != c.lost {
			t.Errorf("decimals(%v, %d) = %d, %v, %v; want %d, %v", c.v, c.shift, n, lost, ok, c.n, c.lost)
		}
	}
	for _, v := range []float64{1e15, 1e300, -1e300} {
		if n, _, ok := decimals(v, 2); ok {
			t.Errorf("decimals(%v) = %d", v, n)
		}
	}
}

// What has at most fifteen digits is rounded exactly half up, as fractions say.
func TestDecimalsIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unscaled, scale := rapid.Int64Range(0, 1e14).Draw(t, "digits"), rapid.IntRange(0, 14).Draw(t, "scale")
		text := new(big.Rat).SetFrac(big.NewInt(unscaled), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
		v, _ := text.Float64()
		want, _ := new(big.Int).SetString(strings.Replace(text.FloatString(2), ".", "", 1), 10)
		n, lost, ok := decimals(v, 2)
		hundred := new(big.Rat).Mul(text, big.NewRat(100, 1))
		if v < 1e12 && (!ok || n != want.Int64() || lost == hundred.IsInt()) {
			t.Fatalf("decimals(%v) = %d, %v, %v; want %s", v, n, lost, ok, want)
		}
	})
}

// Every third percentage of two decimals is read back from every way in which it is
// written.
func TestEveryPercentageIsReadBack(t *testing.T) {
	for n := int64(1); n <= 100_00; n += 3 {
		plain := hundredths(n)
		comma := strings.Replace(plain, ".", ",", 1)
		full := strings.Map(func(r rune) rune {
			if isFigure(r) {
				return r - '0' + '０'
			}
			return r
		}, plain)
		for _, s := range []string{plain, comma, arabic(comma), strings.Replace(arabic(plain), ".", "٫", 1), full, "\u200f" + arabic(comma) + "\u200f"} {
			for _, form := range []string{s, s + " %", s + "\u00a0%", s + "٪", "% " + s, s + " pour cent", s + " في المائة"} {
				v, percent, ok := number(form, isPercentWord)
				got, lost, fits := decimals(v, 2)
				if !ok || !fits || lost || got != n || percent != (form != s) {
					t.Fatalf("%q is read as %v (%d), %v, %v", form, v, got, percent, ok)
				}
			}
		}
	}
}
