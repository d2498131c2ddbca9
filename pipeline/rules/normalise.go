package rules

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// clean drops what has no meaning in a typed value: bidi marks, tatweel, other
// invisible marks, white space around and doubled within.
func clean(s string) string {
	if isClean(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		case r == '\u0640' || unicode.Is(unicode.Cf, r) || unicode.IsControl(r):
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// isClean tells of the common text that clean would give back as it is.
func isClean(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == ' ' && (i == 0 || i == len(s)-1 || s[i+1] == ' ') {
			return false
		}
	}
	return true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// cleanText keeps a narrative as written but for control characters other than
// line breaks, line ends other than LF, white space at its ends.
func cleanText(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
	return strings.TrimFunc(s, unicode.IsSpace)
}

// asciiDigits turns Arabic-Indic or Persian digits, decimal marks or percent
// signs into their ASCII twins. The Arabic thousands mark stays: no percentage
// has one, so who types it means something else.
func asciiDigits(s string) string {
	if isASCII(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		case r == '٫':
			return '.'
		case r == '٪' || r == '％':
			return '%'
		case r == '−':
			return '-'
		}
		return r
	}, s)
}

// number reads a number that was typed as text: "65 %", "٦٥٪", "72,5".
// percent tells that a percent sign stood there. A text with two separators is
// refused: what it means is not known.
func number(s string) (v float64, percent, ok bool) {
	s = strings.ReplaceAll(asciiDigits(clean(s)), "،", ",")
	if rest, found := strings.CutSuffix(s, "%"); found {
		percent, s = true, strings.TrimSpace(rest)
	} else if rest, found := strings.CutPrefix(s, "%"); found {
		percent, s = true, strings.TrimSpace(rest)
	}
	if strings.Count(s, ",")+strings.Count(s, ".") > 1 {
		return 0, percent, false
	}
	s = strings.Replace(s, ",", ".", 1)
	for i, r := range s {
		if (r < '0' || r > '9') && r != '.' && (r != '-' || i > 0) {
			return 0, percent, false
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, percent, false
	}
	return v, percent, true
}

// digits15 is how many digits of a number Excel keeps; what binary fractions
// add beyond them nobody typed.
const digits15 = 15

// decimals reads a number as times 10^shift: rounded half up to a whole number,
// with whether that lost digits. ok is false where the result has more than
// fifteen digits.
func decimals(v float64, shift int) (n int64, lost, ok bool) {
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], math.Abs(v), 'e', digits15-1, 64)
	i := slices.Index(text, 'e')
	if i < 0 {
		return 0, false, false // not a number, or endless
	}
	exp, err := strconv.Atoi(string(text[i+1:]))
	if err != nil || exp+shift >= digits15 {
		return 0, false, false
	}
	for _, c := range text[:i] {
		if c != '.' {
			n = n*10 + int64(c-'0')
		}
	}
	down := digits15 - 1 - exp - shift // n / 10^down is the result, down > -1
	if down > digits15 {
		return 0, n != 0, true
	}
	unit := int64(1)
	for range down {
		unit *= 10
	}
	lost = n%unit != 0
	n = (n + unit/2) / unit
	if v < 0 {
		n = -n
	}
	return n, lost, true
}

// dateLayouts put the day before the month, as Morocco does.
func dateLayouts() []string {
	return []string{time.DateOnly, "2/1/2006", "2-1-2006", "2.1.2006", "2006/1/2"}
}

// date reads a day typed as text into ISO form.
func date(s string) (string, bool) {
	s = asciiDigits(clean(s))
	s = strings.TrimSuffix(s, " 00:00:00")
	for _, layout := range dateLayouts() {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format(time.DateOnly), true
		}
	}
	return "", false
}

// fold brings labels that a person would call the same to one form: case,
// accents of French, hamza, final ya, ta marbuta, vowel signs, spacing.
func fold(s string) string {
	return clean(strings.Map(folded, strings.ToLower(s)))
}

func folded(r rune) rune {
	switch r {
	case 'أ', 'إ', 'آ', 'ٱ':
		return 'ا'
	case 'ى', 'ئ':
		return 'ي'
	case 'ة':
		return 'ه'
	case 'ؤ':
		return 'و'
	case 'é', 'è', 'ê', 'ë':
		return 'e'
	case 'à', 'â':
		return 'a'
	case 'î', 'ï':
		return 'i'
	case 'ô':
		return 'o'
	case 'û', 'ù', 'ü':
		return 'u'
	case 'ç':
		return 'c'
	case '’':
		return '\''
	case '_', '-':
		return ' '
	case '\u0670': // the dagger alif
		return -1
	}
	// Accents that stand apart from their letter, as some programs write them.
	if r >= '\u0300' && r <= '\u036f' || r >= '\u064b' && r <= '\u065f' {
		return -1
	}
	return r
}
