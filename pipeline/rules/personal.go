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
	digits, run := figuresIn(text)
	plain := ""
	for _, p := range v.personal {
		if address && !p.Addresses || digits < p.Digits || run < p.Run || !strings.Contains(text, p.Contains) {
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

// figuresIn counts the digits of a text, of whatever kind; run is the most of them
// that stand together right behind an ASCII letter, or one blank or mark after it.
// It may say too much, never too little: it sees the text before clean, which
// takes marks out.
func figuresIn(text string) (digits, run int) {
	letter, tag, parted := false, false, false
	length := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		figure := c >= '0' && c <= '9'
		if c >= 0x80 && i+1 < len(text) && isFigureAt(text[i:]) {
			figure = true
			if i++; c == 0xef {
				i++
			}
		}
		switch {
		case figure:
			digits++
			if length == 0 {
				tag = letter
			}
			if length++; tag {
				run = max(run, length)
			}
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			letter, length, parted = true, 0, false
		case c == ' ' || c == '-' || c == '.' || c >= '\t' && c <= '\r':
			blank := c != '-' && c != '.'
			letter = letter && length == 0 && (blank || !parted)
			length, parted = 0, true
		case c > ' ' && c < 0x7f: // other signs may be taken out
			letter, length, parted = false, 0, false
		}
	}
	return digits, run
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
