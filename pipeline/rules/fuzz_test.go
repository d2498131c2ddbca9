package rules

import (
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"iltizam/pipeline/table"
	"iltizam/schemas"
)

// Each fuzz target holds one normaliser to what it promises of any text: its
// alphabet, its length, no figure lost or made up, nothing done twice, and where
// there is a slower way to say the same, the same.

func seed(f *testing.F) {
	for _, s := range []string{"", "65 %", "٦٥٪", "۶۵", "72,5", "65\u00a0%", "65\u202f%", "\u200e65", "1,234.5", "-5", "−5", "abc", "65%%", "٦٥٫٥ ٪", "١٬٢٣٤٫٥", "６５％", "65 pour cent",
		"٦٥ في المائة", "0.57999999999999996", "1E+400", "NaN", "½", "65²", "٦ـ٥", "31/12/2022", "٣١/١٢/٢٠٢٢", "31 أكتوبر 2026", "1er mars 2022", "October 31, 2026", "samedi 31 octobre 2026",
		"15 كانون الثاني 2022", "فاتح مارس 2022", "31-10-2026 14:30", "2022-12-31T00:00:00", "31/02/2026", "15/13/2026", "fin 2026", "1 رمضان 1444", "45292", "in__progress", "-a", "Achevé",
		"e\u0301", "إنجـاز", "ﻣﻨﺠﺰﺓ", "فى طور الانجاز", "En  COURS", "l’État", "a\r\nb", "\r\x00\n", "_x000D_", "\v\f\u0085\u2028", "\xff\xfe", "\ufeffa", "İ", "ẞ", "Œuvre", " \u0085 ", "ﷺ",
		"\u202e\u2066a\u2069", "\u200b", "ـ", "a\u0301\u200d\u0316", "\U000e0041", "\ufdd0\uffff", "١٢٣ 06 12 34 56 78"} {
		f.Add(s)
	}
}

// figures0 gives the figures of a text, of whatever script that is read, as ASCII.
func figures0(s string) string {
	return strings.Map(func(r rune) rune {
		for _, zero := range [...]rune{'0', '٠', '۰', '０'} {
			if r >= zero && r <= zero+9 {
				return r - zero + '0'
			}
		}
		return -1
	}, s)
}

// promises are those of every normaliser of texts.
func promises(t *testing.T, in, out string, again func(string) string, growth int) {
	t.Helper()
	if utf8.ValidString(in) && !utf8.ValidString(out) {
		t.Errorf("%q becomes %q, which is not UTF-8", in, out)
	}
	if figures0(out) != figures0(in) {
		t.Errorf("%q becomes %q: other figures", in, out)
	}
	if twice := again(out); twice != out {
		t.Errorf("%q becomes %q, then %q", in, out, twice)
	}
	if !utf8.ValidString(in) {
		growth *= 3 // a broken byte becomes U+FFFD
	}
	if len(out) > growth*len(in) {
		t.Errorf("%q becomes %q: %d bytes of %d", in, out, len(out), len(in))
	}
}

func FuzzClean(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		for name, c := range map[string]struct {
			clean func(string) string
			drop  func(rune) bool
		}{
			"clean":   {clean, invisible},
			"address": {cleanAddress, func(r rune) bool { return invisible(r) && !strings.ContainsRune("\u0640\u200c\u200d", r) }},
		} {
			out := c.clean(s)
			promises(t, s, out, c.clean, 1)
			slow := strings.Join(strings.Fields(strings.Map(func(r rune) rune {
				switch {
				case unicode.IsSpace(r):
					return ' '
				case c.drop(r):
					return -1
				}
				return r
			}, s)), " ")
			if out != slow {
				t.Errorf("%s: %q becomes %q, the slow way %q", name, s, out, slow)
			}
			if took := taken(s, out); (took == tookNothing) != (strings.Trim(s, " \t\r\n") == out) {
				t.Errorf("%s: %q becomes %q, which is told as %d", name, s, out, took)
			}
		}
	})
}

func FuzzCleanText(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		out := cleanText(s)
		promises(t, s, out, cleanText, 1)
		if strings.IndexFunc(out, func(r rune) bool { return r != '\t' && r != '\n' && (spills(r) || isLineEnd(r)) }) >= 0 {
			t.Errorf("%q becomes %q", s, out)
		}
		slow := strings.TrimSpace(strings.Map(func(r rune) rune {
			switch {
			case strings.ContainsRune("\r\v\f\u0085\u2028\u2029", r):
				return '\n'
			case r != '\n' && r != '\t' && spills(r):
				return -1
			}
			return r
		}, strings.ReplaceAll(s, "\r\n", "\n")))
		if clean(slow) == "" {
			slow = ""
		}
		if out != slow && utf8.ValidString(s) {
			t.Errorf("%q becomes %q, the slow way %q", s, out, slow)
		}
		if v := visible(s); strings.IndexFunc(v, func(r rune) bool { return r != '\t' && r != '\n' && spills(r) }) >= 0 || visible(v) != v {
			t.Errorf("%q is shown as %q", s, v)
		}
	})
}

func FuzzASCIIDigits(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		out := asciiDigits(s)
		promises(t, s, out, asciiDigits, 1)
		if utf8.RuneCountInString(out) != utf8.RuneCountInString(s) {
			t.Errorf("%q becomes %q", s, out)
		}
		in := []rune(s)
		for i, r := range []rune(out) {
			switch {
			case r != in[i] && (r >= 0x80 || !strings.ContainsRune("0123456789.,%/-", r)):
				t.Errorf("%q becomes %q", s, out)
			case r >= '٠' && r <= '٩' || r >= '۰' && r <= '۹' || strings.ContainsRune("٫٪٠۰０９", r):
				t.Errorf("%q keeps %q", s, r)
			}
		}
	})
}

// typedNumber is the grammar of a typed number, its figures in ASCII.
var typedNumber = regexp.MustCompile(`^(?:(%) ?)?(-?(?:[1-9][0-9]{0,2}(?:٬[0-9]{3})+|[0-9]*)(?:[.,][0-9]*)?) ?(%|\pL.*)?$`)

// slowNumber reads a number by its grammar, as a fraction.
func slowNumber(s string) (v *big.Rat, percent, ok bool) {
	var pairs []string
	for i, d := range "0123456789" {
		for _, zero := range [...]int{'٠', '۰', '０'} {
			pairs = append(pairs, string(rune(zero+i)), string(d))
		}
	}
	for ascii, twins := range map[string]string{".": "٫．", ",": "،，", "%": "٪％﹪", "-": "−‐‑‒–﹣－", "/": "؍／"} {
		for _, r := range twins {
			pairs = append(pairs, string(r), ascii)
		}
	}
	m := typedNumber.FindStringSubmatch(strings.NewReplacer(pairs...).Replace(clean(s)))
	if m == nil || m[1] != "" && m[3] != "" || !strings.ContainsAny(m[2], "0123456789") {
		return nil, false, false
	}
	percent = m[1] != "" || m[3] == "%"
	if m[3] != "" && !percent {
		if percent = isPercentWord(m[3]); !percent {
			return nil, false, false
		}
	}
	v, ok = new(big.Rat).SetString(strings.TrimSuffix(strings.Replace(strings.ReplaceAll(m[2], "٬", ""), ",", ".", 1), "."))
	return v, percent, ok
}

func FuzzNumber(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 300 { // of more figures than a float has room for
			return
		}
		v, percent, ok := number(s, isPercentWord)
		slow, slowPercent, slowOK := slowNumber(s)
		if ok != slowOK || ok && percent != slowPercent {
			t.Fatalf("number(%q) = %v, %v, %v; the slow way %v, %v, %v", s, v, percent, ok, slow, slowPercent, slowOK)
		}
		if !ok {
			return
		}
		if want, _ := slow.Float64(); v != want {
			t.Errorf("number(%q) = %v, not %v", s, v, want)
		}
		again, _, ok := number(strconv.FormatFloat(v, 'f', -1, 64), isPercentWord)
		if !ok || again != v {
			t.Errorf("number(%q) = %v, which is read as %v, %v", s, v, again, ok)
		}
	})
}

func FuzzDecimals(f *testing.F) {
	for _, v := range []float64{0, 65, 0.65, 0.57999999999999996, 33.3333333333333, 1.005, 0.285, -0.005, 1e15, 1e-300, 5e-3, math.MaxFloat64, math.Inf(1), math.NaN(), 4.9e-324} {
		f.Add(v, true)
		f.Add(v, false)
	}
	f.Fuzz(func(t *testing.T, v float64, percentCell bool) {
		shift := 2
		if percentCell {
			shift = 4
		}
		n, lost, ok := decimals(v, shift)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			if ok {
				t.Errorf("decimals(%v) = %d", v, n)
			}
			return
		}
		// What was typed: fifteen figures, moved, then rounded half away from zero.
		typed, _ := new(big.Rat).SetString(strconv.FormatFloat(v, 'e', 14, 64))
		typed.Mul(typed, new(big.Rat).SetInt64(int64(math.Pow10(shift))))
		want, _ := new(big.Int).SetString(typed.FloatString(0), 10)
		large := new(big.Rat).Abs(typed).Cmp(new(big.Rat).SetInt64(1e15)) >= 0
		if ok == large || ok && (n != want.Int64() || lost == typed.IsInt()) {
			t.Errorf("decimals(%v, %d) = %d, %v, %v; the slow way %s", v, shift, n, lost, ok, want)
		}
	})
}

var (
	dayFirst  = regexp.MustCompile(`^([0-9]{1,2}) ?(?:/ ?([0-9]{1,2}) ?/|- ?([0-9]{1,2}) ?-|\. ?([0-9]{1,2}) ?\.) ?([0-9]{4})$`)
	yearFirst = regexp.MustCompile(`^([0-9]{4}) ?(?:/ ?([0-9]{1,2}) ?/|- ?([0-9]{1,2}) ?-|\. ?([0-9]{1,2}) ?\.) ?([0-9]{1,2})$`)
	clockOnly = regexp.MustCompile(`[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?$`)
	runs      = regexp.MustCompile(`[0-9]+`)
)

func FuzzDate(f *testing.F) {
	seed(f)
	w := dateWords(f)
	f.Fuzz(func(t *testing.T, s string) {
		iso, clock, ok := w.date(s)
		if !ok && iso+clock != "" {
			t.Errorf("date(%q) is refused and %q %q", s, iso, clock)
		}
		text := asciiDigits(clean(s))
		rest := text
		if at := clockOnly.FindStringIndex(text); at != nil {
			rest = strings.TrimRight(text[:at[0]], " ,")
		}
		if len(s) <= longestDate && strings.IndexFunc(rest, unicode.IsLetter) < 0 && rest == text {
			want := slowDate(rest)
			if ok != (want != "") || iso != want {
				t.Errorf("date(%q) = %q, %v; the slow way %q", s, iso, ok, want)
			}
		}
		if !ok {
			return
		}
		day, err := time.Parse(time.DateOnly, iso)
		if again, _, ok := w.date(iso); err != nil || !ok || again != iso || day.Year() < firstYear || day.Year() > lastYear {
			t.Errorf("date(%q) = %q, then %q %v", s, iso, again, err)
		}
		// Each figure of the text says the year, the month or the day.
		year := false
		for _, run := range runs.FindAllString(rest, -1) {
			n, _ := strconv.Atoi(run)
			year = year || len(run) == 4 && n == day.Year()
			if n != day.Year() && n != int(day.Month()) && n != day.Day() {
				t.Errorf("date(%q) = %q, which does not say %s", s, iso, run)
			}
		}
		named := strings.IndexFunc(rest, unicode.IsLetter) < 0
		words := strings.Join(tokenise(rest), " ")
		for word, month := range w.months {
			named = named || month == int(day.Month()) && strings.Contains(words, word)
		}
		if !year || !named {
			t.Errorf("date(%q) = %q: names the year %v, the month %v", s, iso, year, named)
		}
	})
}

// slowDate reads a date in figures by its grammar and the standard library.
func slowDate(s string) string {
	for form, re := range map[string]*regexp.Regexp{"2 1 2006": dayFirst, "2006 1 2": yearFirst} {
		if m := re.FindStringSubmatch(s); m != nil {
			if day, err := time.Parse(form, m[1]+" "+m[2]+m[3]+m[4]+" "+m[5]); err == nil && day.Year() >= firstYear && day.Year() <= lastYear {
				return day.Format(time.DateOnly)
			}
		}
	}
	return ""
}

func FuzzFold(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		out := fold(s)
		promises(t, s, out, fold, 12)
		if strings.IndexFunc(out, func(r rune) bool {
			return r >= 'A' && r <= 'Z' || strings.ContainsRune("_-أإآٱىئؤةéèêàçôûîœ’\u00a0", r) || invisible(r) || unshape(string(r)) != string(r) ||
				r >= '\u0300' && r <= '\u036f' || r >= '\u064b' && r <= '\u065f'
		}) >= 0 || strings.Contains(out, "  ") || strings.TrimSpace(out) != out {
			t.Errorf("%q is folded to %q", s, out)
		}
		if isASCII(s) && fold(strings.ToUpper(s)) != out {
			t.Errorf("%q is folded to %q, its capitals to %q", s, out, fold(strings.ToUpper(s)))
		}
	})
}

// However marks that nobody sees, vowel signs, capitals, tatweel are strewn over a
// label, it is read as its code; nothing but a label is.
func FuzzLabel(f *testing.F) {
	lists, err := CodeLists(schemas.FS)
	if err != nil {
		f.Fatal(err)
	}
	status := lists["status"]
	labels, err := spellings(status)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"", "\u200f", "ـ", "\u064e\u0651", "\u0301", "\ufeff\u202e", "منجزة", "EN COURS", "قيد التنفيذ"} {
		f.Add(s, uint8(0))
		f.Add(s, uint8(9))
	}
	f.Fuzz(func(t *testing.T, s string, n uint8) {
		code := status.Codes[int(n)%len(status.Codes)]
		noise := strings.Map(func(r rune) rune {
			if r == utf8.RuneError || unicode.IsSpace(r) || !invisible(r) && (r < '\u0300' || r > '\u036f') && (r < '\u064b' || r > '\u0652') {
				return -1
			}
			return r
		}, s)
		for _, label := range append([]string{code.Label["ar"], code.LabelOne["fr"], code.Label["en"]}, code.Aliases...) {
			var b strings.Builder
			for _, r := range strings.ToUpper(label) {
				b.WriteRune(r)
				b.WriteString(noise)
			}
			if got := labels[fold(b.String())]; got.code != code.Code {
				t.Errorf("%q, %q with %q, is read as %q", b.String(), label, noise, got.code)
			}
		}
		// No letter is overlooked: what is read as a code has as many as one of its labels.
		if got, ok := labels[fold(s)]; ok {
			as := slices.ContainsFunc(status.Codes, func(c table.Code) bool {
				return c.Code == got.code && slices.ContainsFunc(append([]string{c.Code, c.Label["ar"], c.Label["fr"], c.Label["en"], c.LabelOne["ar"], c.LabelOne["fr"]}, c.Aliases...),
					func(label string) bool { return letters(label) == letters(s) })
			})
			if !as {
				t.Errorf("%q is read as %s", s, got.code)
			}
		}
	})
}

func letters(s string) int {
	n := 0
	for _, r := range unshape(s) {
		if unicode.IsLetter(r) && r != tatweel {
			n++
		}
	}
	return n
}
