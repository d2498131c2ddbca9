package rules

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// number reads a number that was typed as text: "65 %", "٦٥٪", "72,5".
// percent tells that a percent sign or word stood there; isPercent knows the
// words. A text with two separators is refused: what it means is not known.
func number(s string, isPercent func(word string) bool) (v float64, percent, ok bool) {
	s = asciiDigits(clean(s))
	if rest, found := strings.CutSuffix(s, "%"); found {
		percent, s = true, strings.TrimSpace(rest)
	} else if rest, found := strings.CutPrefix(s, "%"); found {
		percent, s = true, strings.TrimSpace(rest)
	} else if at := strings.IndexFunc(s, unicode.IsLetter); at > 0 && isPercent(s[at:]) {
		percent, s = true, strings.TrimSpace(s[:at])
	}
	s, ok = ungroup(s)
	if !ok || strings.Count(s, ",")+strings.Count(s, ".") > 1 {
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

// ungroup drops Arabic thousands marks where they part a number into threes;
// who types one elsewhere means something else.
func ungroup(s string) (string, bool) {
	if !strings.Contains(s, "٬") {
		return s, true
	}
	whole, fraction := s, ""
	if i := strings.IndexAny(s, ".,"); i >= 0 {
		whole, fraction = s[:i], s[i:]
	}
	groups := strings.Split(whole, "٬")
	first := strings.TrimPrefix(groups[0], "-")
	if len(first) == 0 || len(first) > 3 || first[0] == '0' {
		return "", false
	}
	for _, g := range groups[1:] {
		if len(g) != 3 {
			return "", false
		}
	}
	return strings.Join(groups, "") + fraction, true
}

// digits15 is how many digits of a number Excel keeps; what binary fractions
// add beyond them nobody typed.
const digits15 = 15

// shortest drops from a number the digits that nobody typed.
func shortest(v float64) float64 {
	var buf [32]byte
	v, _ = strconv.ParseFloat(string(strconv.AppendFloat(buf[:0], v, 'e', digits15-1, 64)), 64)
	return v
}

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
