package rules

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// clean drops what has no meaning in a typed value: bidi marks, tatweel, other
// invisible marks, white space around and doubled within.
func clean(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || r == '\u00a0' || r == '\u202f' || r == '\u2007':
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

// asciiDigits turns Arabic-Indic or Persian digits, separators or percent signs
// into their ASCII twins.
func asciiDigits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		case r == '٫':
			return '.'
		case r == '٬':
			return -1
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
	s = asciiDigits(clean(s))
	if strings.HasSuffix(s, "%") {
		percent, s = true, strings.TrimSpace(strings.TrimSuffix(s, "%"))
	} else if strings.HasPrefix(s, "%") {
		percent, s = true, strings.TrimSpace(strings.TrimPrefix(s, "%"))
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
	return v, percent, err == nil
}

// hundredths rounds a number half up, exactly, to hundredths; rounded tells
// that digits were lost which a person typed.
func hundredths(v float64) (n int32, rounded, ok bool) {
	if math.Abs(v) > 1e6 {
		return 0, false, false
	}
	// The shortest decimal that reads back as v is what was typed: 0.58, not
	// 0.57999999999999996.
	exact, good := new(big.Rat).SetString(strconv.FormatFloat(v, 'f', -1, 64))
	if !good {
		return 0, false, false
	}
	exact.Mul(exact, big.NewRat(100, 1))
	if exact.IsInt() {
		return int32(exact.Num().Int64()), false, true
	}
	near := math.Round(v * 100)
	// Binary noise such as 28.999999999999996 is not a digit anybody typed.
	if math.Abs(v*100-near) < 1e-7 {
		return int32(near), false, true
	}
	return int32(math.Floor(v*100 + 0.5)), true, true
}

var dateLayouts = []string{"2006-01-02", "2/1/2006", "2-1-2006", "2.1.2006", "2006/1/2"}

// date reads a day typed as text, day before month, into ISO form.
func date(s string) (string, bool) {
	s = asciiDigits(clean(s))
	s = strings.TrimSuffix(s, " 00:00:00")
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format(time.DateOnly), true
		}
	}
	return "", false
}

// fold brings labels that a person would call the same to one form: case,
// accents of French, hamza, final ya, ta marbuta, spacing.
func fold(s string) string {
	s = strings.ToLower(clean(s))
	return strings.Map(func(r rune) rune {
		switch r {
		case 'أ', 'إ', 'آ', 'ٱ':
			return 'ا'
		case 'ى':
			return 'ي'
		case 'ة':
			return 'ه'
		case 'ؤ':
			return 'و'
		case 'ئ':
			return 'ي'
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
		}
		if r >= '\u064b' && r <= '\u0652' { // Arabic vowel signs
			return -1
		}
		return r
	}, s)
}
