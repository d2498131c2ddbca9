package scan

import (
	"bytes"
	"slices"
)

// The lexer makes a document of tokens: the parsers below know only next, skip,
// name, text and attr. It holds the document to one root and nothing after it,
// end tags that match, no attribute twice, no document type, no nesting without
// end.

type event uint8

const (
	evEnd event = iota
	evStart
	evText
	evEOF
)

// binding is a namespace prefix in force; known tells that the namespace is one
// whose elements go by their bare name.
type binding struct {
	prefix, uri string
	depth       int
	known       bool
}

type lexer struct {
	part     string
	lim      Limits
	tok      *tokenizer
	main     []string // the namespaces whose elements are known by their bare name
	name     string   // of the element just started or ended; "" outside the main namespaces
	outside  string   // the namespace of an element outside
	text     []byte   // of the text event, valid until the next one
	open     []int    // for each open element, where its name starts in names
	names    []byte
	known    []bool // for each open element, whether it is of a main namespace
	bindings []binding
	rooted   bool
	leaves   []byte // scratch of leaf
	rich     []byte // scratch of richText
	interned map[string]string
}

// newLexer reads a part, which close gives back.
func newLexer(p *part, lim Limits, namespaces ...string) *lexer {
	l, t := &p.g.lex, &p.g.tok
	t.reset(p, p.name, lim.TokenBytes)
	l.reset(t, lim, namespaces...)
	return l
}

func (l *lexer) reset(t *tokenizer, lim Limits, namespaces ...string) {
	for i, b := range l.bindings[:cap(l.bindings)] {
		if len(b.uri)+len(b.prefix) > keptName {
			l.bindings[:cap(l.bindings)][i] = binding{}
		}
	}
	*l = lexer{lim: lim, tok: t, main: append(l.main[:0], namespaces...), open: l.open[:0], names: kept(l.names),
		known: l.known[:0], bindings: l.bindings[:0], leaves: kept(l.leaves), rich: kept(l.rich),
		interned: l.interned}
	if t != nil {
		l.part = t.part
	}
}

// next moves to the next start, end or text. Comments and processing
// instructions pass unseen. evEOF comes only after the whole part was read and
// its check sum agreed.
func (l *lexer) next() (event, error) {
	for {
		kind, err := l.tok.next()
		if err != nil {
			return evEOF, l.orWide(err)
		}
		switch kind {
		case tokStart:
			return evStart, l.start()
		case tokEnd:
			return evEnd, l.end()
		case tokText:
			if len(l.open) == 0 {
				if !blank(l.tok.text) {
					return evEOF, damaged(ReasonXML, l.part)
				}
				continue
			}
			l.text = l.tok.text
			return evText, nil
		case tokDirective:
			return evEOF, damaged(ReasonDTD, l.part)
		default:
			if len(l.open) > 0 || !l.rooted {
				return evEOF, damaged(ReasonTruncated, l.part)
			}
			return evEOF, nil
		}
	}
}

const xmlns = "xmlns"

func (l *lexer) start() error {
	if len(l.open) == 0 && l.rooted {
		return damaged(ReasonXML, l.part)
	}
	l.rooted = true
	if len(l.open) >= l.lim.Depth {
		return hostile(UnsafeDepth, l.part)
	}
	l.open = append(l.open, len(l.names))
	l.names = append(l.names, l.tok.name...)
	for i, a := range l.tok.attrs {
		for _, b := range l.tok.attrs[:i] {
			if bytes.Equal(a.name, b.name) {
				return damaged(ReasonXML, l.part)
			}
		}
		if len(a.name) >= len(xmlns) && string(a.name[:len(xmlns)]) == xmlns {
			l.bind(a.name[len(xmlns):], a.value)
		}
	}
	prefix, local := splitName(l.tok.name)
	known, uri, ok := l.lookup(prefix)
	if !ok {
		return damaged(ReasonXML, l.part)
	}
	l.known = append(l.known, known)
	if l.name, l.outside = "", uri; known {
		l.name, l.outside = l.intern(local), ""
	}
	return nil
}

func (l *lexer) bind(prefix, uri []byte) {
	switch {
	case len(prefix) == 0:
	case prefix[0] == ':':
		prefix = prefix[1:]
	default:
		return // an attribute that only starts like xmlns
	}
	n := len(l.bindings)
	if n < cap(l.bindings) {
		// Rows bind the same prefix over and over: the one that was here last may serve.
		l.bindings = l.bindings[:n+1]
		if b := &l.bindings[n]; b.uri == string(uri) && b.prefix == string(prefix) {
			b.depth, b.known = len(l.open), slices.Contains(l.main, b.uri)
			return
		}
		l.bindings = l.bindings[:n]
	}
	l.bindings = append(l.bindings, binding{string(prefix), string(uri), len(l.open), slices.Contains(l.main, string(uri))})
}

// splitName cuts a name at its colon, unless that is its first or last byte.
func splitName(name []byte) (prefix, local []byte) {
	i := bytes.IndexByte(name, ':')
	if i <= 0 || i == len(name)-1 {
		return nil, name
	}
	return name[:i], name[i+1:]
}

const (
	keptNames = 256 // different names of elements, each made a string once
	shortName = 32
)

// intern gives a name without making it anew.
func (l *lexer) intern(name []byte) string {
	switch string(name) {
	case "c":
		return "c"
	case "v":
		return "v"
	case "row":
		return "row"
	case "t":
		return "t"
	case "si":
		return "si"
	}
	if known, ok := l.interned[string(name)]; ok {
		return known
	}
	s := string(name)
	if len(s) <= shortName && len(l.interned) < keptNames {
		if l.interned == nil {
			l.interned = map[string]string{}
		}
		l.interned[s] = s
	}
	return s
}

func (l *lexer) end() error {
	n := len(l.open) - 1
	if n < 0 || string(l.names[l.open[n]:]) != string(l.tok.name) {
		return damaged(ReasonXML, l.part)
	}
	for len(l.bindings) > 0 && l.bindings[len(l.bindings)-1].depth > n {
		l.bindings = l.bindings[:len(l.bindings)-1]
	}
	if l.name = ""; l.known[n] {
		_, local := splitName(l.tok.name)
		l.name = l.intern(local)
	}
	l.names, l.open, l.known = l.names[:l.open[n]], l.open[:n], l.known[:n]
	return nil
}

func (l *lexer) lookup(prefix []byte) (known bool, uri string, ok bool) {
	for i := len(l.bindings) - 1; i >= 0; i-- {
		if b := &l.bindings[i]; b.prefix == string(prefix) {
			return b.known, b.uri, true
		}
	}
	return false, "", len(prefix) == 0 || string(prefix) == "xml"
}

// skip passes over the rest of the element just started.
func (l *lexer) skip() error { return l.leave(len(l.open)) }

// leave passes over what is left of the element that lies so deep.
func (l *lexer) leave(depth int) error {
	for len(l.open) >= depth {
		if _, err := l.next(); err != nil {
			return err
		}
	}
	return nil
}

// attr gives an attribute of the element just started that has no prefix.
func (l *lexer) attr(name string) (string, bool) {
	v, ok := l.raw(name)
	return string(v), ok
}

// raw is attr without a copy: the value holds until the next event.
func (l *lexer) raw(name string) ([]byte, bool) {
	for i := range l.tok.attrs {
		if string(l.tok.attrs[i].name) == name {
			return l.tok.attrs[i].value, true
		}
	}
	return nil, false
}

// attrIn gives an attribute of one of the namespaces.
func (l *lexer) attrIn(name string, namespaces ...string) string {
	for _, a := range l.tok.attrs {
		prefix, local := splitName(a.name)
		if len(prefix) == 0 || string(local) != name {
			continue
		}
		if _, uri, ok := l.lookup(prefix); ok && slices.Contains(namespaces, uri) {
			return string(a.value)
		}
	}
	return ""
}

const maxAttrs = 256
