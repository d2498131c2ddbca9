package scan

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// What a byte may be to the tokenizer, none of these if nothing special.
const (
	charSpecial = 1 << iota // & ] or a carriage return
	charBad                 // a control character, which XML forbids
	charHigh                // part of a longer character
	charLess                // <
)

var charClass = classes(func(c byte) byte {
	switch {
	case c >= 0x80:
		return charHigh
	case c == '<':
		return charLess
	case c == '&', c == ']', c == '\r':
		return charSpecial
	case c < 0x20 && c != '\t' && c != '\n':
		return charBad
	}
	return 0
})

// What a byte may be in a name.
const (
	nameNever = iota
	nameLater // not as the first
	nameAny
)

var nameClass = classes(func(c byte) byte {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == ':', c >= 0x80:
		return nameAny
	case c >= '0' && c <= '9', c == '-', c == '.':
		return nameLater
	}
	return nameNever
})

func classes(of func(byte) byte) (table [256]byte) {
	for c := range table {
		table[c] = of(byte(c))
	}
	return table
}

// nameLen is how many bytes at the start of b can be a name.
func nameLen(b []byte) int {
	if len(b) == 0 || nameClass[b[0]] != nameAny {
		return 0
	}
	n := 1
	for n < len(b) && nameClass[b[n]] != nameNever {
		n++
	}
	return n
}

// nameText refuses a name that is not UTF-8 or has two colons.
func (t *tokenizer) nameText(name []byte) error {
	var high byte
	colons := 0
	for _, c := range name {
		high |= c
		if c == ':' {
			colons++
		}
	}
	if high >= 0x80 {
		if _, err := t.resolve(name, inCDATA); err != nil {
			return err
		}
	}
	if colons > 1 {
		return t.bad()
	}
	return nil
}

type place uint8

const (
	inText place = iota
	inValue
	inCDATA
)

// resolve judges the characters of a text, then gives it with references
// replaced and line ends made one. The result is raw itself where nothing was
// to be done.
func (t *tokenizer) resolve(raw []byte, where place) ([]byte, error) {
	var seen byte
	for _, c := range raw {
		seen |= charClass[c]
	}
	if seen == 0 {
		return raw, nil
	}
	if seen&charHigh != 0 {
		if !utf8.Valid(raw) {
			return nil, damaged(ReasonEncoding, t.part)
		}
		// U+FFFE, U+FFFF are no characters of XML.
		if bytes.Contains(raw, []byte("\xef\xbf\xbe")) || bytes.Contains(raw, []byte("\xef\xbf\xbf")) {
			return nil, t.bad()
		}
	}
	if seen&charBad != 0 || seen&charLess != 0 && where != inCDATA {
		return nil, t.bad()
	}
	if seen&charSpecial == 0 {
		return raw, nil
	}
	if where == inText && bytes.Contains(raw, []byte("]]>")) {
		return nil, t.bad()
	}
	from := len(t.scratch)
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '\r':
			t.scratch = append(t.scratch, '\n')
			if i++; i < len(raw) && raw[i] == '\n' {
				i++
			}
		case c == '&' && where != inCDATA:
			n, err := t.reference(raw[i:])
			if err != nil {
				return nil, err
			}
			i += n
		default:
			plain := i
			for i++; i < len(raw) && charClass[raw[i]]&charSpecial == 0; i++ {
			}
			t.scratch = append(t.scratch, raw[plain:i]...)
		}
	}
	return t.scratch[from:], nil
}

// reference resolves one &…; to the scratch and gives its length.
func (t *tokenizer) reference(b []byte) (int, error) {
	const longest = 64
	j := bytes.IndexByte(b[:min(len(b), longest)], ';')
	if j < 2 {
		return 0, t.bad()
	}
	name := b[1:j]
	if name[0] != '#' {
		if c := entity(name); c != 0 {
			t.scratch = append(t.scratch, c)
			return j + 1, nil
		}
		return 0, t.bad()
	}
	digits, base := string(name[1:]), 10
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	if digits == "" || digits[0] == '+' || digits[0] == '-' || strings.Contains(digits, "_") {
		return 0, t.bad()
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !isXMLChar(n) {
		return 0, t.bad()
	}
	t.scratch = utf8.AppendRune(t.scratch, rune(n))
	return j + 1, nil
}

// entity gives what stands behind one of the five names that XML knows.
func entity(name []byte) byte {
	switch string(name) {
	case "lt":
		return '<'
	case "gt":
		return '>'
	case "amp":
		return '&'
	case "apos":
		return '\''
	case "quot":
		return '"'
	}
	return 0
}

func isXMLChar(n uint64) bool {
	return n == '\t' || n == '\n' || n == '\r' || n >= 0x20 && n <= 0xd7ff || n >= 0xe000 && n <= 0xfffd || n >= 0x10000 && n <= 0x10ffff
}
