package rules

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"iltizam/pipeline/workbook"
)

// The normalisers bring a text as it was typed to the form in which it can be
// compared. Each is a function of its text alone, and does nothing to what it
// gave back.

// clean drops what has no meaning in a typed value: bidi marks, tatweel, other
// invisible marks, white space around and doubled within.
func clean(s string) string { return cleanBut(s, invisible) }

// cleanAddress is clean for an address, in which a tatweel or a joiner is a
// letter like any other.
func cleanAddress(s string) string {
	return cleanBut(s, func(r rune) bool { return invisible(r) && r != tatweel && r != '\u200c' && r != '\u200d' })
}

func cleanBut(s string, drop func(rune) bool) string {
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
		case drop(r):
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

// tatweel lengthens an Arabic word and says nothing.
const tatweel = '\u0640'

// invisible tells of a character that nobody sees and that says nothing in a
// typed value.
func invisible(r rune) bool {
	switch {
	case r < 0x80:
		return r < ' ' || r == 0x7f
	case r == tatweel || r == '\u00ad' || r == '\u034f' || r == '\u061c', // soft hyphen, joiner, Arabic mark
		r < 0xa0,                       // controls
		r >= '\u180b' && r <= '\u180f', // Mongolian selectors
		r >= '\u200b' && r <= '\u200f', // zero width, marks of direction
		r >= '\ufe00' && r <= '\ufe0f', // variation selectors
		r >= '\U000e0000' && r <= '\U000e0fff':
		return true
	}
	return spills(r)
}

// spills tells of an invisible character that does harm even in a narrative: it
// changes the direction of what follows, or means nothing in a text.
func spills(r rune) bool {
	switch {
	case r < ' ' || r >= 0x7f && r < 0xa0, // controls
		r == '\u200b' || r == '\ufeff',      // zero width space, byte order mark
		r >= '\u202a' && r <= '\u202e',      // embeddings, overrides
		r >= '\u2060' && r <= '\u206f',      // isolates, unseen operators, marks long deprecated
		r >= '\ufff9' && r <= '\ufffb',      // annotations
		r >= '\ufdd0' && r <= '\ufdef',      // not characters
		r&0xfffe == 0xfffe && r <= 0x10ffff: // not characters either
		return true
	}
	return false
}

// cleanText keeps a narrative as written but for control characters other than
// line breaks, marks that turn the direction of what follows, line ends other
// than LF, white space at its ends.
func cleanText(s string) string {
	if isCleanText(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i, r := range s {
		switch {
		case r == '\n' && i > 0 && s[i-1] == '\r': // told by the CR
		case isLineEnd(r):
			b.WriteByte('\n')
		case r == '\t' || !spills(r):
			b.WriteRune(r)
		}
	}
	out := strings.TrimFunc(b.String(), unicode.IsSpace)
	if strings.IndexFunc(out, func(r rune) bool { return !invisible(r) && !unicode.IsSpace(r) }) < 0 {
		return ""
	}
	return out
}

func isLineEnd(r rune) bool {
	switch r {
	case '\n', '\v', '\f', '\r', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// isCleanText tells of the common narrative that cleanText would give back as it
// is. It looks at bytes: of the characters that begin with C2, E2, EF or F0 and
// more only a few are at issue.
func isCleanText(s string) bool {
	if s == "" {
		return true
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c < 0x7f || c >= 0xc3 && c < 0xe2 || c >= 0x80 && c < 0xc2 {
			continue
		}
		if !isCleanAt(s[i:]) {
			return false
		}
	}
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	return !unicode.IsSpace(first) && !invisible(first) && !unicode.IsSpace(last)
}

func isCleanAt(s string) bool {
	switch c := s[0]; {
	case c < 0x80:
		return c == '\n' || c == '\t'
	case len(s) < 2:
		return false
	case c == 0xc2: // U+0080 to U+00BF, French quotation marks among them
		return s[1] >= 0xa0
	case c == 0xe2 && len(s) > 2: // U+2000 to U+2FFF, dashes and apostrophes among them
		return s[1] != 0x80 && s[1] != 0x81 || s[1] == 0x80 && (s[2] < 0x8b || s[2] > 0x8f && s[2] < 0xa8 || s[2] > 0xae)
	}
	return s[0] > 0xe2 && s[0] < 0xef
}

// took is what a normaliser took out of a text.
type took uint8

const (
	tookNothing   took = iota
	tookInvisible      // marks that nobody sees
	tookBlanks         // white space within, line ends
	tookBoth
	tookHalf // a half of a character, whatever else
)

// taken tells what was taken out of a text to make kept of it. Plain blanks at
// the ends are not worth a word.
func taken(s, kept string) took {
	s = trimPlain(s)
	if s == kept {
		return tookNothing
	}
	n, invisibles := 0, 0
	for _, r := range s {
		switch {
		case r == workbook.HalfPair:
			return tookHalf
		case isLineEnd(r) || unicode.IsSpace(r):
			n++
		case invisible(r):
			invisibles++
		}
	}
	for _, r := range kept {
		switch {
		case unicode.IsSpace(r):
			n--
		case invisible(r):
			invisibles--
		}
	}
	switch {
	case invisibles == 0:
		return tookBlanks
	case n == 0:
		return tookInvisible
	}
	return tookBoth
}

// trimPlain cuts plain blanks and line ends off the ends.
func trimPlain(s string) string { return strings.Trim(s, " \t\r\n") }

// visible makes what would disturb a screen or a sheet visible: control
// characters become their pictures, marks that turn directions their numbers.
func visible(s string) string {
	if strings.IndexFunc(s, spills) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t' || !spills(r):
			b.WriteRune(r)
		case r < ' ':
			b.WriteRune('\u2400' + r)
		case r == workbook.HalfPair:
			b.WriteRune(utf8.RuneError) // as a screen shows it
		default:
			b.WriteString(unicodeName(r))
		}
	}
	return b.String()
}

func unicodeName(r rune) string {
	const hex = "0123456789ABCDEF"
	out := []byte("[U+0000]")
	for i := 6; i > 2; i, r = i-1, r>>4 {
		out[i] = hex[r&0xf]
	}
	return string(out)
}

// asciiDigits turns Arabic-Indic, Persian or full-width digits, decimal marks,
// signs into their ASCII twins, character by character. The Arabic thousands
// mark stays: number knows it.
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
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		}
		switch r {
		case '٫', '．':
			return '.'
		case '،', '，':
			return ','
		case '٪', '％', '﹪':
			return '%'
		case '؍', '／':
			return '/'
		case '−', '‐', '‑', '‒', '–', '﹣', '－':
			return '-'
		}
		return r
	}, s)
}
