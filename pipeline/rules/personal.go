package rules

import (
	"regexp"
	"strings"
)

// noPersonalData screens free text; the finding does not repeat what it found.
func noPersonalData(j *judge) {
	for i := range j.values {
		col := &j.sheet.columns[i]
		if col.read != asText && !isURL(col.key) || j.values[i].text == "" {
			continue
		}
		told := ""
		for _, kind := range j.personalIn(j.values[i].text, isURL(col.key)) {
			if !strings.Contains(told, kind) { // two patterns may find one kind
				j.apply("personal-data", i, "", map[string]string{"column": col.key, "kind": "@" + kind})
				told += kind
			}
		}
	}
}

// A day has digits enough to pass for the start of a telephone number.
var day = regexp.MustCompile(`\b(?:\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{4}-\d{2}-\d{2})\b`)

// personalIn gives the kinds of personal data in a text.
func (v *validation) personalIn(text string, address bool) (kinds []string) {
	digits, tagged := figuresIn(text)
	plain := ""
	for _, p := range v.personal {
		if address && !p.Addresses || digits < p.Digits || p.Tagged && !tagged || !strings.Contains(text, p.Contains) {
			continue
		}
		if plain == "" {
			plain = asciiDigits(clean(text))
			if p.Digits > 0 {
				plain = day.ReplaceAllString(plain, "|")
			}
		}
		if p.in(plain) {
			kinds = append(kinds, p.Kind)
		}
	}
	return kinds
}

// figuresIn counts the digits of a text, of whatever kind; tagged tells whether an
// ASCII letter leads a figure.
func figuresIn(text string) (digits int, tagged bool) {
	letter := false // stands right before, or with one blank or mark between
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digits++
			tagged = tagged || letter
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			letter = true
			continue
		case c >= 0x80 && i+1 < len(text) && isFigureAt(text[i:]):
			digits++
			tagged = tagged || letter
			if i++; c == 0xef {
				i++
			}
		case (c == ' ' || c == '-' || c == '.') && i > 0 && letter && text[i-1] != c:
			continue
		}
		letter = false
	}
	return digits, tagged
}

// isFigureAt tells of an Arabic-Indic, Persian or full-width digit.
func isFigureAt(s string) bool {
	switch s[0] {
	case 0xd9:
		return s[1] >= 0xa0 && s[1] <= 0xa9
	case 0xdb:
		return s[1] >= 0xb0 && s[1] <= 0xb9
	case 0xef:
		return len(s) > 2 && s[1] == 0xbc && s[2] >= 0x90 && s[2] <= 0x99
	}
	return false
}
