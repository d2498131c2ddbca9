package scan

import (
	"bytes"
	"math"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// sharedStrings are all in one string, so that a cell's text costs nothing.
type sharedStrings struct {
	all  string
	ends []uint32
}

func (s *sharedStrings) at(i int) (string, bool) {
	if i < 0 || i >= len(s.ends) {
		return "", false
	}
	from := uint32(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	return s.all[from:s.ends[i]], true
}

func (b *Book) loadStrings(name string) error {
	if b.strings.ends != nil {
		return damaged(ReasonDuplicate, validText(name))
	}
	p, err := b.zip.open(name, b.lim.StringsBytes)
	if err != nil {
		return err
	}
	var all strings.Builder
	all.Grow(int(min(p.size/2, math.MaxUint32/2)))
	b.strings.ends = []uint32{}
	l := newLexer(p, b.lim, nsMain, nsMainStrict)
	for {
		ev, err := l.next()
		if err != nil {
			return err
		}
		switch {
		case ev == evEOF:
			b.strings.all = all.String()
			return nil
		case ev == evText && !blank(l.text):
			return damaged(ReasonElement, p.name)
		case ev != evStart:
		case len(l.open) == 1:
			if l.name != "sst" {
				return damaged(ReasonElement, p.name)
			}
		case l.name == "si":
			text, err := l.richText(b.lim.TextUnits)
			if err != nil {
				return err
			}
			if len(b.strings.ends) >= b.lim.Strings {
				return hostile(UnsafeCount, p.name)
			}
			all.Write(text)
			b.strings.ends = append(b.strings.ends, uint32(all.Len()))
		case l.name == "extLst":
			if err := l.skip(); err != nil {
				return err
			}
		default:
			return l.misplaced()
		}
	}
}

// misplaced refuses the element just started.
func (l *lexer) misplaced() error {
	if l.outside == nsCompat {
		return damaged(ReasonAlternate, l.part)
	}
	return damaged(ReasonElement, l.part)
}

// richText reads an <si> or <is>: the text of its runs joined, without the
// phonetic guides. The result holds until the next call.
func (l *lexer) richText(units int) ([]byte, error) {
	l.rich = l.rich[:0]
	used := 0
	base := len(l.open)
	for {
		ev, err := l.next()
		switch {
		case err != nil:
			return nil, err
		case ev == evEnd && len(l.open) < base:
			return l.rich, nil
		case ev == evText && !blank(l.text):
			return nil, damaged(ReasonElement, l.part)
		case ev != evStart:
		case l.name == "t":
			run, err := l.leaf()
			if err != nil {
				return nil, err
			}
			from := len(l.rich)
			l.rich = appendUnescaped(l.rich, run)
			if used += utf16Units(l.rich[from:]); used > units {
				return nil, tooLarge(limitText, int64(units), l.part)
			}
		case l.name == "r" && len(l.open) == base+1:
		case l.name == "rPh", l.name == "rPr", l.name == "phoneticPr", l.name == "extLst":
			if err := l.skip(); err != nil {
				return nil, err
			}
		default:
			return nil, l.misplaced()
		}
	}
}

// leaf reads the text of an element that holds nothing else. The result holds
// until the next call.
func (l *lexer) leaf() ([]byte, error) {
	l.leaves = l.leaves[:0]
	base := len(l.open)
	for {
		ev, err := l.next()
		switch {
		case err != nil:
			return nil, err
		case ev == evStart:
			return nil, l.misplaced()
		case ev == evEnd && len(l.open) < base:
			return l.leaves, nil
		case ev == evText:
			if l.leaves = append(l.leaves, l.text...); len(l.leaves) > l.lim.TokenBytes {
				return nil, hostile(UnsafeToken, l.part)
			}
		}
	}
}

func blank(b []byte) bool { return len(bytes.TrimSpace(b)) == 0 }

// utf16Units counts a text as Excel does.
func utf16Units(b []byte) int {
	n := utf8.RuneCount(b)
	for _, c := range b {
		if c >= 0xf0 {
			n++
		}
	}
	return n
}

var escapeMark = []byte("_x")

// appendUnescaped reads _xHHHH_, by which the format writes characters that XML
// cannot hold; a surrogate pair comes as two of them.
func appendUnescaped(dst, s []byte) []byte {
	for {
		i := bytes.Index(s, escapeMark)
		if i < 0 {
			return append(dst, s...)
		}
		unit, ok := hexUnit(s[i:])
		if !ok {
			dst = append(dst, s[:i+2]...)
			s = s[i+2:]
			continue
		}
		dst = append(dst, s[:i]...)
		s = s[i+7:]
		r := rune(unit)
		if utf16.IsSurrogate(r) {
			low, ok := hexUnit(s)
			if r = utf16.DecodeRune(r, rune(low)); ok && r != utf8.RuneError {
				s = s[7:]
			} else {
				r = utf8.RuneError
			}
		}
		dst = utf8.AppendRune(dst, r)
	}
}

func hexUnit(s []byte) (uint16, bool) {
	if len(s) < 7 || s[0] != '_' || s[1] != 'x' || s[6] != '_' {
		return 0, false
	}
	var n uint16
	for _, c := range s[2:6] {
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | uint16(c-'0')
		case c >= 'a' && c <= 'f':
			n = n<<4 | uint16(c-'a'+10)
		case c >= 'A' && c <= 'F':
			n = n<<4 | uint16(c-'A'+10)
		default:
			return 0, false
		}
	}
	return n, true
}
