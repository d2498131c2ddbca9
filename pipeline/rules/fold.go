package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"iltizam/pipeline/table"
)

// fold brings labels that a person would call the same to one form: case,
// accents, hamza, final ya, ta marbuta, vowel signs, digits, the shapes of Arabic
// letters that old programs write, apostrophes, dashes, spacing.
func fold(s string) string {
	if isASCII(s) {
		return clean(strings.Map(folded, s))
	}
	s = strings.ToLower(norm.NFD.String(clean(unshape(s))))
	s = strings.ReplaceAll(strings.ReplaceAll(s, "œ", "oe"), "æ", "ae")
	return clean(strings.Map(folded, s))
}

// sameText tells whether two texts are one but for what fold brings together; none
// is like no other.
func sameText(a, b string) bool {
	return a != "" && b != "" && (a == b || !startApart(a, b) && fold(a) == fold(b))
}

// startApart tells of texts that a look at how they start shows to differ, as most
// do: folding keeps plain letters, or only makes them small.
func startApart(a, b string) bool {
	for {
		var x, y rune
		x, a = plainLetter(a)
		y, b = plainLetter(b)
		if x == 0 || y == 0 {
			return false
		}
		if x != y {
			return true
		}
	}
}

// plainLetter gives the first letter or digit of a text and what follows it; 0 where
// something comes first that only folding understands, or nothing is left.
func plainLetter(s string) (letter rune, rest string) {
	for i, r := range s {
		switch {
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a', s[i+1:]
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r, s[i+1:]
		case r == 'ا' || r == 'ب' || r >= 'ت' && r <= 'غ' || r >= 'ف' && r <= 'و' || r == 'ي':
			return r, s[i+utf8.RuneLen(r):]
		case r >= '\u064b' && r <= '\u065f' || r == '\u0670': // vowel signs fold to nothing
		case r >= 0x80:
			return bareLetter(r), s[i+utf8.RuneLen(r):]
		}
	}
	return 0, ""
}

// bareLetter gives what the letters with marks that Arabic and French texts are
// full of fold to, 0 of others.
func bareLetter(r rune) rune {
	switch r {
	case 'أ', 'إ', 'آ', 'ٱ':
		return 'ا'
	case 'ؤ':
		return 'و'
	case 'ئ', 'ى':
		return 'ي'
	case 'ة':
		return 'ه'
	case 'à', 'â', 'À', 'Â':
		return 'a'
	case 'ç', 'Ç':
		return 'c'
	case 'é', 'è', 'ê', 'ë', 'É', 'È', 'Ê', 'Ë':
		return 'e'
	case 'î', 'ï', 'Î', 'Ï':
		return 'i'
	case 'ô', 'Ô':
		return 'o'
	case 'ù', 'û', 'ü', 'Ù', 'Û', 'Ü':
		return 'u'
	}
	return 0
}

// unshape writes as letters what stands for letters: the positional shapes of
// Arabic, full-width forms. What Unicode calls compatible beyond these, such as
// a raised digit, means something of its own.
func unshape(s string) string {
	if strings.IndexFunc(s, isShape) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if isShape(r) {
			b.WriteString(norm.NFKC.String(string(r)))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isShape(r rune) bool {
	return r >= '\ufb00' && r <= '\ufb06' || r >= '\ufb50' && r <= '\ufdff' || r >= '\ufe70' && r <= '\ufefc' ||
		r >= '\uff01' && r <= '\uff5e'
}

// folded is one letter of a folded label, marks standing apart.
func folded(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z':
		return r - 'A' + 'a'
	case r == '_' || r == '-':
		return ' '
	case r < 0x80:
		return r
	case r >= '\u0300' && r <= '\u036f', // accents
		r >= '\u064b' && r <= '\u065f', r == '\u0670': // vowel signs, hamza, madda, dagger alif
		return -1
	case r >= '٠' && r <= '٩':
		return r - '٠' + '0'
	case r >= '۰' && r <= '۹':
		return r - '۰' + '0'
	case r >= '\u2010' && r <= '\u2015':
		return ' '
	}
	switch r {
	case 'ٱ':
		return 'ا'
	case 'ى', 'ی':
		return 'ي'
	case 'ة', 'ھ', 'ہ', 'ە':
		return 'ه'
	case 'ک':
		return 'ك'
	case '’', '‘', 'ʼ', '′', '´', 'ʹ', '‛':
		return '\''
	case '−':
		return ' '
	}
	return r
}

// spelling is the code that a person means by a label.
type spelling struct {
	code  string
	exact bool // the code, a label or an alias, letter by letter
}

// spellings gives what a person may write for each code: the code, its labels
// and aliases, as they are and folded. One that two codes share is an error.
func spellings(list table.CodeList) (map[string]spelling, error) {
	m := map[string]spelling{}
	for _, c := range list.Codes {
		for _, l := range slices.Concat([]string{c.Code}, c.Aliases,
			slices.Sorted(maps.Values(c.Label)), slices.Sorted(maps.Values(c.LabelOne))) {
			for _, written := range [...]string{l, fold(l)} {
				known, again := m[written]
				if again && known.code != c.Code {
					return nil, fmt.Errorf("read code list %s: %q may be %s or %s", list.Name, written, known.code, c.Code)
				}
				m[written] = spelling{c.Code, written == l || known.exact}
			}
		}
	}
	return m, nil
}
