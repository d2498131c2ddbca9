package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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
