package scan

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klauspost/compress/s2"
)

// sharedStrings holds the texts end to end in chunks, and where each ends, in
// pages: growing copies nothing, and a cell's text costs nothing. A text lies in
// one chunk: what does not fit starts the next one, so that its beginning
// follows from the end of the one before and from its own.
//
// The first chunks stay as they are, the others are packed. Programs write the
// texts in the order of their first use, so that each chunk is unpacked about
// once; where they are used in no order, all are unpacked for good.
type sharedStrings struct {
	chunks   []chunk
	pages    [][]uint32
	n        int
	loaded   bool
	unpacked int   // how often a chunk was
	ring     []int // the packed chunks that can be read
	oldest   int   // of the ring
	scratch  []byte
	long     []int // the texts that are longer than a cell can hold, rising; none is kept
}

// chunk is so many texts; of one that is packed, text is there while it is in use.
type chunk struct {
	text   string
	packed []byte
}

func (c *chunk) unpack(scratch []byte) []byte {
	b, err := s2.Decode(scratch, c.packed)
	if err != nil {
		panic(err) // we packed it
	}
	c.text = string(b)
	return b
}

const (
	chunkBits   = 17 // 128 KiB: more than the longest text that Excel allows
	chunkSize   = 1 << chunkBits
	pageBits    = 14
	pageSize    = 1 << pageBits
	plainChunks = 8
	ringChunks  = 4
)

func (s *sharedStrings) at(i int) (string, bool) {
	if i < 0 || i >= s.n {
		return "", false
	}
	from, to := uint32(0), s.pages[i>>pageBits][i&(pageSize-1)]
	if i > 0 {
		from = s.pages[(i-1)>>pageBits][(i-1)&(pageSize-1)]
	}
	if from == to {
		return "", !s.tooLong(i)
	}
	k := (to - 1) >> chunkBits
	c := &s.chunks[k]
	if c.text == "" {
		s.unpack(int(k))
	}
	start := k << chunkBits
	return c.text[max(from, start)-start : to-start], true
}

// tooLong tells of a text that is longer than a cell can hold.
func (s *sharedStrings) tooLong(i int) bool {
	_, is := slices.BinarySearch(s.long, i)
	return is
}

// unpack makes a chunk readable, in the place of another. Texts of that one that
// were given out stay.
func (s *sharedStrings) unpack(k int) {
	s.scratch = s.chunks[k].unpack(s.scratch)
	if s.unpacked++; s.unpacked > 3*len(s.chunks) {
		for k := range s.chunks {
			if c := &s.chunks[k]; c.text == "" {
				s.scratch = c.unpack(s.scratch)
			}
			s.chunks[k].packed = nil
		}
		return
	}
	if len(s.ring) < ringChunks {
		s.ring = append(s.ring, k)
		return
	}
	s.chunks[s.ring[s.oldest]].text = ""
	s.ring[s.oldest] = k
	s.oldest = (s.oldest + 1) % ringChunks
}

// stringsBuilder adds texts to sharedStrings; end comes after the last.
type stringsBuilder struct {
	to     *sharedStrings
	most   int64           // bytes that are to come, at most
	used   int             // of the last chunk
	plain  strings.Builder // the last chunk where it will stay as it is
	bytes  []byte          // the last chunk where it will be packed
	packed []byte          // scratch
}

// add is false where the texts are too long for their places.
func (b *stringsBuilder) add(text []byte) bool {
	s := b.to
	if len(s.chunks) == 0 || b.used+len(text) > chunkSize {
		if b.end(); len(text) > chunkSize || len(s.chunks) >= 1<<(32-chunkBits)-1 {
			return false
		}
		if s.chunks = append(s.chunks, chunk{}); len(s.chunks) <= plainChunks {
			b.plain.Grow(int(min(chunkSize, b.most)))
		}
	}
	if len(s.chunks) <= plainChunks {
		b.plain.Write(text)
	} else {
		b.bytes = append(b.bytes, text...)
	}
	b.used += len(text)
	b.most -= int64(len(text))
	page := s.n >> pageBits
	if page == len(s.pages) {
		var ends []uint32
		if page > 0 {
			ends = make([]uint32, 0, pageSize)
		}
		s.pages = append(s.pages, ends)
	}
	s.pages[page] = append(s.pages[page], uint32(len(s.chunks)-1)<<chunkBits+uint32(b.used))
	s.n++
	return true
}

// end makes the last chunk readable.
func (b *stringsBuilder) end() {
	if b.used == 0 {
		return
	}
	c := &b.to.chunks[len(b.to.chunks)-1]
	if len(b.to.chunks) <= plainChunks {
		c.text = b.plain.String()
	} else {
		b.packed = s2.Encode(b.packed[:cap(b.packed)], b.bytes)
		c.packed = slices.Clone(b.packed)
		b.bytes = b.bytes[:0]
	}
	b.plain.Reset()
	b.used = 0
}

func (b *Book) loadStrings(name string) (err error) {
	if b.strings.loaded {
		return damaged(ReasonDuplicate, validText(name))
	}
	p, err := b.zip.open(name, b.lim.StringsBytes)
	if err != nil {
		return err
	}
	defer p.done(&err)
	b.strings.loaded = true
	to := stringsBuilder{to: &b.strings, most: p.size}
	add := func(text []byte) error {
		if b.strings.n >= b.lim.Strings || !to.add(text) {
			return hostile(UnsafeCount, p.name)
		}
		return nil
	}
	l := newLexer(p, b.lim, nsMain, nsMainStrict)
	plain := false
	for {
		for plain {
			text, n := l.plainText(b.lim.TextUnits)
			if n == 0 {
				break
			}
			if err := add(text); err != nil {
				return err
			}
			l.tok.pos += n
		}
		ev, err := l.next()
		if err != nil {
			return err
		}
		switch {
		case ev == evEOF:
			to.end()
			return nil
		case ev == evText && !blank(l.text):
			return damaged(ReasonElement, p.name)
		case ev == evEnd:
			plain = false
		case ev != evStart:
		case len(l.open) == 1:
			if l.name != "sst" {
				return damaged(ReasonElement, p.name)
			}
			b.Miscount = b.Miscount || b.miscounts(l, p.size)
			plain = !b.zip.space.careful && l.bare(2)
		case l.name == "si":
			base := len(l.open)
			text, err := l.richText(b.lim.TextUnits)
			if isTooLong(err) {
				// To be refused at the first cell that shows it: one that none shows
				// harms nobody.
				b.strings.long = append(b.strings.long, b.strings.n)
				text, err = nil, l.leave(base)
			}
			if err != nil {
				return err
			}
			if err := add(text); err != nil {
				return err
			}
		case l.name == "extLst":
			if err := l.skip(); err != nil {
				return err
			}
		default:
			return l.misplaced()
		}
	}
}

// isTooLong tells of the refusal of a text that no cell can hold.
func isTooLong(err error) bool {
	var r *Refusal
	return errors.As(err, &r) && r.Finding.Rule == RuleTooLarge && r.Finding.Args["what"] == limitTerm+string(limitText)
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

// HalfPair stands where a text has half a surrogate pair, as what cuts a text
// into two leaves it. No XML can hold this character itself.
const HalfPair = '\ufffe'

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
				r = HalfPair
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
