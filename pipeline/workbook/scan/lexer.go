package scan

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
)

// The lexer is the seam to the XML tokenizer: the parsers below know only next,
// skip, name, text and attr. It is strict where encoding/xml is not: one root
// and nothing after it, end tags that match, no attribute twice, no document
// type, no token or nesting without end.

type event uint8

const (
	evEnd event = iota
	evStart
	evText
	evEOF
)

type binding struct {
	prefix, uri string
	depth       int
}

type lexer struct {
	part     string
	lim      Limits
	guard    *guard
	dec      *xml.Decoder
	main     []string // the namespaces whose elements are known by their bare name
	name     string   // of the element just started or ended; "" outside the main namespaces
	outside  string   // the namespace of an element outside
	text     []byte   // of the text event, valid until the next one
	attrs    []xml.Attr
	open     []xml.Name
	known    []bool // for each open element, whether it is of a main namespace
	bindings []binding
	rooted   bool
	leaves   []byte // scratch of leaf
	rich     []byte // scratch of richText
}

func newLexer(p *part, lim Limits, namespaces ...string) *lexer {
	g := &guard{r: p, left: lim.TokenBytes, limit: lim.TokenBytes}
	l := &lexer{part: p.name, lim: lim, guard: g, main: namespaces, dec: xml.NewDecoder(g)}
	l.dec.Strict = true
	return l
}

// next moves to the next start, end or text. Comments and processing
// instructions pass unseen. evEOF comes only after the whole part was read and
// its check sum agreed.
func (l *lexer) next() (event, error) {
	for {
		l.guard.left = l.guard.limit
		tok, err := l.dec.RawToken()
		if err == io.EOF {
			if len(l.open) > 0 || !l.rooted {
				return evEOF, damaged(ReasonTruncated, l.part)
			}
			return evEOF, nil
		}
		if err != nil {
			return evEOF, l.broken(err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			return evStart, l.start(t)
		case xml.EndElement:
			return evEnd, l.end(t)
		case xml.CharData:
			if len(l.open) == 0 {
				if strings.Trim(string(t), " \t\r\n\ufeff") != "" {
					return evEOF, damaged(ReasonXML, l.part)
				}
				continue
			}
			l.text = t
			return evText, nil
		case xml.Directive:
			return evEOF, damaged(ReasonDTD, l.part)
		}
	}
}

func (l *lexer) start(t xml.StartElement) error {
	if len(l.open) == 0 && l.rooted {
		return damaged(ReasonXML, l.part)
	}
	l.rooted = true
	if len(l.open) >= l.lim.Depth {
		return hostile(UnsafeDepth, l.part)
	}
	if len(t.Attr) > maxAttrs {
		return hostile(UnsafeCount, l.part)
	}
	l.open = append(l.open, t.Name)
	for i, a := range t.Attr {
		for _, b := range t.Attr[:i] {
			if a.Name == b.Name {
				return damaged(ReasonXML, l.part)
			}
		}
		if a.Name.Space == "xmlns" {
			l.bindings = append(l.bindings, binding{a.Name.Local, a.Value, len(l.open)})
		} else if a.Name.Space == "" && a.Name.Local == "xmlns" {
			l.bindings = append(l.bindings, binding{"", a.Value, len(l.open)})
		}
	}
	l.attrs = t.Attr
	uri, ok := l.lookup(t.Name.Space)
	if !ok {
		return damaged(ReasonXML, l.part)
	}
	known := slices.Contains(l.main, uri)
	l.known = append(l.known, known)
	if l.name, l.outside = t.Name.Local, ""; !known {
		l.name, l.outside = "", uri
	}
	return nil
}

func (l *lexer) end(t xml.EndElement) error {
	n := len(l.open) - 1
	if n < 0 || l.open[n] != t.Name {
		return damaged(ReasonXML, l.part)
	}
	for len(l.bindings) > 0 && l.bindings[len(l.bindings)-1].depth > n {
		l.bindings = l.bindings[:len(l.bindings)-1]
	}
	if l.name = t.Name.Local; !l.known[n] {
		l.name = ""
	}
	l.open, l.known = l.open[:n], l.known[:n]
	return nil
}

func (l *lexer) lookup(prefix string) (uri string, ok bool) {
	for i := len(l.bindings) - 1; i >= 0; i-- {
		if l.bindings[i].prefix == prefix {
			return l.bindings[i].uri, true
		}
	}
	return "", prefix == "" || prefix == "xml"
}

// skip passes over the rest of the element just started.
func (l *lexer) skip() error {
	for depth := len(l.open); len(l.open) >= depth; {
		if _, err := l.next(); err != nil {
			return err
		}
	}
	return nil
}

// attr gives an attribute of the element just started that has no prefix.
func (l *lexer) attr(name string) (string, bool) {
	for i := range l.attrs {
		if l.attrs[i].Name.Local == name && l.attrs[i].Name.Space == "" {
			return l.attrs[i].Value, true
		}
	}
	return "", false
}

// attrIn gives an attribute of one of the namespaces.
func (l *lexer) attrIn(name string, namespaces ...string) string {
	for _, a := range l.attrs {
		if a.Name.Local != name || a.Name.Space == "" {
			continue
		}
		if uri, ok := l.lookup(a.Name.Space); ok && slices.Contains(namespaces, uri) {
			return a.Value
		}
	}
	return ""
}

const maxAttrs = 256

// broken turns a failure of the tokenizer into a refusal.
func (l *lexer) broken(err error) error {
	var r *Refusal
	if errors.As(err, &r) {
		return err
	}
	if l.guard.err != nil && l.guard.err != io.EOF {
		return l.guard.err
	}
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return damaged(ReasonTruncated, l.part)
	case !errors.As(err, &syntax):
		return damaged(ReasonEncoding, l.part) // a declared encoding other than UTF-8
	case strings.Contains(syntax.Msg, "EOF"):
		return damaged(ReasonTruncated, l.part)
	case strings.Contains(syntax.Msg, "UTF-8"):
		return damaged(ReasonEncoding, l.part)
	}
	return damaged(ReasonXML, l.part)
}

// guard feeds the tokenizer byte by byte and stops a token that has no end,
// because the tokenizer would gather it whole.
type guard struct {
	r     *part
	buf   [8 << 10]byte
	i, n  int
	left  int
	limit int
	err   error
}

func (g *guard) ReadByte() (byte, error) {
	if g.left--; g.left < 0 {
		g.err = hostile(UnsafeToken, g.r.name)
		return 0, g.err
	}
	for g.i == g.n {
		if g.err != nil {
			return 0, g.err
		}
		g.i = 0
		g.n, g.err = g.r.Read(g.buf[:])
	}
	b := g.buf[g.i]
	g.i++
	return b, nil
}

func (g *guard) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b, err := g.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}
