package rules

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

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
		{"６５％", 0, true}, {"-5", -5, false}, {"−5", -5, false}, {".5", .5, false}, {"100.", 100, false}, {"0,655", 0.655, false},
	} {
		v, percent, ok := number(c.in)
		if c.in == "６５％" { // full-width digits are nobody's here: refused, not misread
			if ok {
				t.Errorf("%q is read as %v", c.in, v)
			}
			continue
		}
		if !ok || v != c.v || percent != c.percent {
			t.Errorf("number(%q) = %v, %v, %v; want %v, %v", c.in, v, percent, ok, c.v, c.percent)
		}
	}
	for _, in := range []string{"", " ", "abc", "65%%", "%65%", "1,234.5", "1.234,5", "1,2,3", "7٬5", "1٬234", "6 5", "- 5", "5-", "+5",
		"1e3", "0x10", "inf", "NaN", "%", "-", ".", "١٢٣٤٥٦٧٨٩٠a", strings.Repeat("9", 400)} {
		if v, _, ok := number(in); ok {
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

func TestDate(t *testing.T) {
	for in, want := range map[string]string{
		"2022-12-31": "2022-12-31", "31/12/2022": "2022-12-31", "1/2/2022": "2022-02-01", "01/02/2022": "2022-02-01",
		"31-12-2022": "2022-12-31", "31.12.2022": "2022-12-31", "2022/12/31": "2022-12-31", "٣١/١٢/٢٠٢٢": "2022-12-31",
		"\u200f۳۱/۱۲/۲۰۲۲": "2022-12-31", " 31/12/2022 ": "2022-12-31", "2022-12-31 00:00:00": "2022-12-31",
		"29/02/2024": "2024-02-29", "31/02/2022": "", "29/02/2023": "", "12/31/2022": "", "31/12/22": "", "2022": "", "": "",
		"2022-13-01": "", "2022-12-31T10:00:00": "", "fin 2022": "", "44926": "",
	} {
		if got, ok := date(in); got != want || ok != (want != "") {
			t.Errorf("date(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
}

func TestFold(t *testing.T) {
	for _, same := range [][]string{
		{"En cours", "EN COURS", " en  cours ", "en\u00a0cours", "en-cours", "En_cours"},
		{"Achevé", "acheve", "ACHEVÉ", "Acheve\u0301"},
		{"إنجاز", "انجاز", "أنجاز", "إنجـاز", "\u200fإنجاز\u200e", "إِنْجَاز"},
		{"منتهى", "منتهي"}, {"منجزة", "منجزه"}, {"مسؤول", "مسوول", "مسو\u0654ول"},
		{"l’État", "l'etat"},
	} {
		for _, s := range same {
			if fold(s) != fold(same[0]) {
				t.Errorf("%q folds to %q, %q to %q", s, fold(s), same[0], fold(same[0]))
			}
		}
	}
	if fold("in_progress") == fold("not_started") {
		t.Error("two codes fold to one")
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"a b": "a b", " a": "a", "a ": "a", "a  b": "a b", "a\tb": "a b", "a\u200eb": "ab", "محـمد": "محمد", "a\x00b": "ab", "": "", " ": "",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"a\r\nb\rc": "a\nb\nc", " a\tb ": "a\tb", "a\x07b": "ab", "محـمد": "محـمد", "a  b": "a  b", "\n\n": "",
	} {
		if got := cleanText(in); got != want {
			t.Errorf("cleanText(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPersonalData(t *testing.T) {
	for _, text := range []string{"0612345678", "06 12 34 56 78", "06-12-34-56-78", "0537.67.89.01", "+212612345678", "+212 6 12 34 56 78",
		"00212 537678901", "+212 (0)6 12 34 56 78", "٠٦١٢٣٤٥٦٧٨", "الهاتف:0612345678", "06\u202f12\u202f34\u202f56\u202f78", "06\u200e12345678"} {
		if !hasPhone(text) {
			t.Errorf("no telephone number is seen in %q", text)
		}
	}
	for _, text := range []string{"", "2021-2023", "1 234 567 890", "05/12/2022 10 réunions", "05-12-2022 10 12 34", "2022-05-12 14:30",
		"31.13", "0,65", "061234567", "20612345678901", "Dahir n° 1-11-91 du 29/07/2011"} {
		if hasPhone(text) {
			t.Errorf("a telephone number is seen in %q", text)
		}
	}
	for text, want := range map[string]bool{"a@b.ma": true, "prénom.nom@ministère.gov.ma": true, "@opengov": false, "a @ b": false, "a@b": false} {
		if hasEmail(text) != want {
			t.Errorf("hasEmail(%q) = %v", text, !want)
		}
	}
}

func seed(f *testing.F) {
	for _, s := range []string{"", "65 %", "٦٥٪", "۶۵", "72,5", "65\u00a0%", "\u200e65", "1,234.5", "-5", "abc", "65%%", "31/12/2022",
		"٣١/١٢/٢٠٢٢", "in__progress", "-a", "Achevé", "e\u0301", "إنجـاز", "a\r\nb", "\r\x00\n", "\xff\xfe", "İ", "ẞ", " \u0085 ", "ﷺ"} {
		f.Add(s)
	}
}

func FuzzNumber(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		v, percent, ok := number(s)
		if !ok {
			return
		}
		again, p, ok := number(fmt.Sprintf("%.20f", v))
		if diff := again - v; !ok || p || diff > 1e-9*max(1, v) || -diff > 1e-9*max(1, v) && v > 0 {
			t.Errorf("number(%q) = %v %v, which reads back as %v %v", s, v, percent, again, ok)
		}
	})
}

func FuzzDate(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		iso, ok := date(s)
		if !ok {
			if iso != "" {
				t.Errorf("date(%q) is refused and %q", s, iso)
			}
			return
		}
		if _, err := time.Parse(time.DateOnly, iso); err != nil {
			t.Error(err)
		}
		if again, ok := date(iso); !ok || again != iso {
			t.Errorf("date(%q) = %q, then %q", s, iso, again)
		}
	})
}

func FuzzFold(f *testing.F) { fuzzText(f, fold) }

func FuzzClean(f *testing.F) { fuzzText(f, clean) }

func FuzzCleanText(f *testing.F) { fuzzText(f, cleanText) }

func fuzzText(f *testing.F, clean func(string) string) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		once := clean(s)
		if !utf8.ValidString(once) && utf8.ValidString(s) {
			t.Errorf("%q becomes %q, which is not UTF-8", s, once)
		}
		if twice := clean(once); twice != once {
			t.Errorf("%q becomes %q, then %q", s, once, twice)
		}
	})
}
