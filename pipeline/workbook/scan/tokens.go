package scan

import (
	"bytes"
	"io"
)

type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokStart
	tokEnd
	tokText
	tokDirective
	tokNone // a comment or a processing instruction: passed over
)

// tokenizer splits a part into XML 1.0 tokens, each well-formed by itself. Name,
// attributes, text point into its buffers: they hold until the next call. The
// tests hold it against encoding/xml's strict decoder; it is stricter in what
// XML forbids and that decoder lets pass: attributes without a blank between
// them, references to characters that are none, a declaration that comes late.
type tokenizer struct {
	r       io.Reader
	part    string // its name, for refusals
	buf     []byte
	pos     int // of the token in hand
	end     int // of what was read
	limit   int // of one token, in bytes
	err     error
	head    bool // nothing but a byte order mark was passed
	marked  bool // a byte order mark was passed
	closing bool // the start just given was an empty element

	name    []byte
	attrs   []attribute
	text    []byte
	scratch []byte // texts of the token in hand, references resolved
}

type attribute struct{ name, value []byte }

// newTokenizer reads a part of about size bytes; a token longer than limit
// bytes is refused.
func newTokenizer(r io.Reader, part string, size int64, limit int) *tokenizer {
	t := &tokenizer{buf: make([]byte, min(firstBuffer, max(512, size+1)))}
	t.reset(r, part, limit)
	return t
}

func (t *tokenizer) reset(r io.Reader, part string, limit int) {
	buf := t.buf
	if cap(buf) > keptBuffer {
		buf = nil
	}
	if buf == nil {
		buf = make([]byte, firstBuffer)
	}
	*t = tokenizer{r: r, part: part, buf: buf, limit: limit, head: true, attrs: t.attrs[:0], scratch: kept(t.scratch)}
}

// more makes the token in hand longer by what can be read; false at the end of
// the part or on an error, which err tells apart. It moves the buffer.
func (t *tokenizer) more() bool {
	if t.err != nil {
		return false
	}
	if t.pos > 0 {
		t.end = copy(t.buf, t.buf[t.pos:t.end])
		t.pos = 0
	}
	if t.end == len(t.buf) {
		if t.end > t.limit {
			t.err = hostile(UnsafeToken, t.part)
			return false
		}
		t.buf = append(t.buf, make([]byte, len(t.buf))...)
	}
	for range 100 {
		n, err := t.r.Read(t.buf[t.end:])
		t.end += n
		t.err = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	t.err = io.ErrNoProgress
	return false
}

// cut is why a token ends too early.
func (t *tokenizer) cut() error {
	if t.err != io.EOF {
		return t.err
	}
	return damaged(ReasonTruncated, t.part)
}

// take passes over the n bytes of the token in hand.
func (t *tokenizer) take(n int) error {
	t.pos += n
	if n > t.limit {
		return hostile(UnsafeToken, t.part)
	}
	return nil
}

func (t *tokenizer) bad() error { return damaged(ReasonXML, t.part) }

func (t *tokenizer) next() (tokenKind, error) {
	if t.closing {
		t.closing = false
		return tokEnd, nil
	}
	t.scratch = t.scratch[:0]
	for {
		if t.pos == t.end && !t.more() {
			if t.err != io.EOF {
				return tokEOF, t.err
			}
			return tokEOF, nil
		}
		if t.buf[t.pos] != '<' {
			if t.head && !t.marked && t.buf[t.pos] == 0xef && t.mark() {
				continue
			}
			t.head = false
			return tokText, t.chars()
		}
		kind, err := t.markup()
		t.head = false
		if kind != tokNone || err != nil {
			return kind, err
		}
	}
}

// mark passes over a byte order mark.
func (t *tokenizer) mark() bool {
	for t.end-t.pos < 3 {
		if !t.more() {
			return false
		}
	}
	if !bytes.HasPrefix(t.buf[t.pos:t.end], []byte("\xef\xbb\xbf")) {
		return false
	}
	t.pos += 3
	t.marked = true
	return true
}

// until finds a mark at or after offset from of the token in hand; the token
// then ends before it.
func (t *tokenizer) until(from int, mark string) (int, error) {
	for {
		if i := bytes.Index(t.buf[t.pos+from:t.end], []byte(mark)); i >= 0 {
			return from + i, nil
		}
		if seen := t.end - t.pos - len(mark) + 1; seen > from {
			from = seen
		}
		if !t.more() {
			return 0, t.cut()
		}
	}
}

// chars reads text up to the next markup.
func (t *tokenizer) chars() error {
	n := 0
	for {
		i := bytes.IndexByte(t.buf[t.pos+n:t.end], '<')
		if i >= 0 {
			n += i
			break
		}
		n = t.end - t.pos
		if !t.more() {
			if t.err != io.EOF {
				return t.err
			}
			break
		}
	}
	raw := t.buf[t.pos : t.pos+n]
	err := t.take(n)
	if err != nil {
		return err
	}
	t.text, err = t.resolve(raw, inText)
	return err
}

// markup reads a token that starts with '<'.
func (t *tokenizer) markup() (tokenKind, error) {
	for t.end-t.pos < 2 {
		if !t.more() {
			return tokEOF, t.cut()
		}
	}
	switch t.buf[t.pos+1] {
	case '/':
		return tokEnd, t.endTag()
	case '?':
		return tokNone, t.instruction()
	case '!':
		return t.declaration()
	}
	for {
		n, whole, err := t.startTag(t.buf[t.pos:t.end])
		if err != nil {
			return tokEOF, err
		}
		if whole {
			return tokStart, t.take(n)
		}
		if !t.more() { // the buffer moved or grew: the tag is read again from its start
			return tokEOF, t.cut()
		}
	}
}

func (t *tokenizer) endTag() error {
	n, err := t.until(2, ">")
	if err != nil {
		return err
	}
	b := t.buf[t.pos+2 : t.pos+n]
	if err := t.take(n + 1); err != nil {
		return err
	}
	k := nameLen(b)
	if k == 0 || len(bytes.TrimLeft(b[k:], " \t\r\n")) > 0 {
		return t.bad()
	}
	t.name = b[:k]
	return t.nameText(t.name)
}

// startTag reads a whole tag or tells that it is not all there.
func (t *tokenizer) startTag(b []byte) (n int, whole bool, err error) {
	k := nameLen(b[1:])
	i := 1 + k
	if i == len(b) {
		return 0, false, nil
	}
	if k == 0 {
		return 0, false, t.bad()
	}
	t.name, t.attrs, t.scratch = b[1:i], t.attrs[:0], t.scratch[:0]
	if err := t.nameText(t.name); err != nil {
		return 0, false, err
	}
	for {
		blanks := i
		for i < len(b) && isSpace(b[i]) {
			i++
		}
		if i == len(b) {
			return 0, false, nil
		}
		switch b[i] {
		case '>':
			return i + 1, true, nil
		case '/':
			if i+1 == len(b) {
				return 0, false, nil
			}
			if b[i+1] != '>' {
				return 0, false, t.bad()
			}
			t.closing = true
			return i + 2, true, nil
		}
		if i == blanks {
			return 0, false, t.bad()
		}
		next, done, err := t.attribute(b, i)
		if err != nil || !done {
			return 0, false, err
		}
		i = next
	}
}

func (t *tokenizer) attribute(b []byte, i int) (next int, done bool, err error) {
	k := nameLen(b[i:])
	name := b[i : i+k]
	if i += k; i == len(b) {
		return 0, false, nil
	}
	if k == 0 {
		return 0, false, t.bad()
	}
	if err := t.nameText(name); err != nil {
		return 0, false, err
	}
	for _, want := range [...]bool{true, false} { // the sign, then the quote
		for i < len(b) && isSpace(b[i]) {
			i++
		}
		if i == len(b) {
			return 0, false, nil
		}
		if want {
			if b[i] != '=' {
				return 0, false, t.bad()
			}
			i++
		}
	}
	quote := b[i]
	if quote != '"' && quote != '\'' {
		return 0, false, t.bad()
	}
	i++
	j := bytes.IndexByte(b[i:], quote)
	if j < 0 {
		return 0, false, nil
	}
	if len(t.attrs) >= maxAttrs {
		return 0, false, hostile(UnsafeCount, t.part)
	}
	value, err := t.resolve(b[i:i+j], inValue)
	if err != nil {
		return 0, false, err
	}
	t.attrs = append(t.attrs, attribute{name, value})
	return i + j + 1, true, nil
}
