package scan

import (
	"bytes"
	"io"
	"slices"
)

// copier writes the elements of one part anew, by their bare names. What lies
// outside of the part's namespace, extensions, and attributes with a prefix are
// left out: they point to what is not kept.
type copier struct {
	book     *Book
	lex      *lexer
	sections []string // below the root only these, where there are any
	most     int      // of the children of a section, where it is not 0
	linked   bool     // an attribute pointed to another part
	broken   bool     // a formula needs what is not kept
	orphans  map[string]bool
	out      []byte
}

// flushAt is how much is gathered before it is written.
const flushAt = 64 << 10

func (c *copier) part(w io.Writer, name string, most int64, namespaces ...string) error {
	p, err := c.book.zip.open(name, most)
	if err != nil {
		return err
	}
	defer p.close()
	l := newLexer(p, c.book.lim, namespaces...)
	c.lex = l
	c.out = append(c.out[:0], prolog...)
	children := 0
	for {
		ev, err := l.next()
		if err != nil {
			return err
		}
		switch ev {
		case evEOF:
			_, err := w.Write(c.out)
			return err
		case evText:
			c.out = appendEscaped(c.out, l.text, false)
		case evEnd:
			c.out = append(append(append(c.out, "</"...), l.name...), '>')
		case evStart:
			depth := len(l.open)
			if depth == 2 {
				children = 0
			}
			if depth == 3 {
				if children++; c.most > 0 && children > c.most {
					return hostile(UnsafeCount, p.name)
				}
			}
			switch {
			case depth == 1 && l.name == "":
				return damaged(ReasonElement, p.name)
			case depth == 1:
				c.start(namespaces[0])
			case !c.wanted() || depth == 2 && c.sections != nil && !slices.Contains(c.sections, l.name):
				err = l.skip()
			case depth == 2 && l.name == "hyperlinks":
				err = c.innerLinks()
			case whole(l.name):
				err = c.wholeOrNothing()
			default:
				c.start("")
			}
			if err != nil {
				return err
			}
		}
		if len(c.out) >= flushAt {
			if _, err := w.Write(c.out); err != nil {
				return err
			}
			c.out = c.out[:0]
		}
	}
}

// wanted tells whether the element just started may stay.
func (c *copier) wanted() bool {
	l := c.lex
	for _, a := range l.tok.attrs {
		if prefix, _ := splitName(a.name); len(prefix) > 0 {
			_, uri, _ := l.lookup(prefix)
			c.linked = c.linked || uri == nsRel || uri == nsRelStrict
		}
	}
	return l.name != "" && l.name != "extLst"
}

// start writes the start of the element in hand.
func (c *copier) start(namespace string) {
	l := c.lex
	c.out = append(append(c.out, '<'), l.name...)
	if namespace != "" {
		c.out = append(append(append(c.out, ` xmlns="`...), namespace...), '"')
	}
	for _, a := range l.tok.attrs {
		if !c.stays(a) {
			continue
		}
		c.out = append(append(append(c.out, ' '), a.name...), `="`...)
		c.out = append(appendEscaped(c.out, a.value, true), '"')
	}
	c.out = append(c.out, '>')
}

// stays tells whether an attribute may stay: not one with a prefix, nor one that
// points to a part or a format that is not there.
func (c *copier) stays(a attribute) bool {
	switch string(a.name) {
	case "xml:space":
		return true
	case "xmlns", "codeName", "cm", "vm":
		return false
	case "s":
		return c.lex.name != "row" || c.hasFormat(a.value)
	case "style":
		return c.lex.name != "col" || c.hasFormat(a.value)
	}
	return bytes.IndexByte(a.name, ':') < 0
}

func (c *copier) hasFormat(v []byte) bool {
	n, ok := digits(v)
	return ok && n < max(len(c.book.styles), 1)
}

// innerLinks writes the links that lead to a place in the workbook itself; where
// there are none, not even their list.
func (c *copier) innerLinks() error {
	l := c.lex
	from := len(c.out)
	base := len(l.open)
	c.start("")
	some := false
	for {
		ev, err := l.next()
		if err != nil {
			return err
		}
		switch {
		case ev == evEnd && len(l.open) < base:
			if c.out = append(c.out, "</hyperlinks>"...); !some || int64(len(c.out)-from) > c.book.lim.SmallBytes {
				c.out = c.out[:from]
			}
			return nil
		case ev != evStart:
		case l.name == "hyperlink" && c.leadsInside() && int64(len(c.out)-from) <= c.book.lim.SmallBytes:
			some = true
			c.start("")
			c.out = append(c.out, "</hyperlink>"...)
			fallthrough
		default:
			if err := l.skip(); err != nil {
				return err
			}
		}
	}
}

// leadsInside tells whether the link just started needs nothing but the workbook.
func (c *copier) leadsInside() bool {
	place, ok := c.lex.raw("location")
	id := c.lex.attrIn("id", nsRel, nsRelStrict)
	return ok && id == "" && !outward(place)
}

// wholeOrNothing writes the element just started, unless a formula in it needs
// what is not kept.
func (c *copier) wholeOrNothing() error {
	l := c.lex
	group := ""
	if l.name == "f" {
		group, _ = l.attr("si")
		if group != "" && c.orphans[group] {
			return l.skip()
		}
	}
	from := len(c.out)
	c.broken = false
	out, err := c.tree(c.out)
	if err != nil {
		return err
	}
	if c.out = out; c.broken {
		c.out = c.out[:from]
		if group != "" {
			if c.orphans == nil {
				c.orphans = map[string]bool{}
			}
			c.orphans[group] = true
		}
	}
	return nil
}

// tree appends the element just started with all that it holds. It sets broken
// where a formula in it refers to another workbook or to a table, calls a
// program, or where it grows beyond a small part.
func (c *copier) tree(dst []byte) ([]byte, error) {
	l := c.lex
	kept := c.out
	defer func() { c.out = kept }()
	c.out = dst
	from := len(dst)
	base := len(l.open)
	c.start("")
	var formula []byte
	for len(l.open) >= base {
		ev, err := l.next()
		if err != nil {
			return nil, err
		}
		switch ev {
		case evStart:
			formula = formula[:0]
			if !c.wanted() {
				if err := l.skip(); err != nil {
					return nil, err
				}
				continue
			}
			c.start("")
		case evText:
			formula = append(formula, l.text...)
			if !c.broken {
				c.out = appendEscaped(c.out, l.text, false)
			}
		case evEnd:
			c.broken = c.broken || outward(formula)
			formula = formula[:0]
			c.out = append(append(append(c.out, "</"...), l.name...), '>')
		}
		if int64(len(c.out)-from) > c.book.lim.SmallBytes {
			c.broken = true
		}
		if c.broken {
			c.out = c.out[:from]
		}
	}
	return c.out, nil
}

// outward tells whether a formula refers to another workbook or to a table, in
// brackets outside of texts, or calls a program.
func outward(formula []byte) bool {
	if callsProgram(formula) {
		return true
	}
	for i := 0; i < len(formula); i++ {
		switch formula[i] {
		case '[':
			return true
		case '"':
			n := bytes.IndexByte(formula[i+1:], '"')
			if n < 0 {
				return true
			}
			i += n + 1
		}
	}
	return false
}

// appendEscaped appends a text as XML has it.
func appendEscaped(dst, s []byte, value bool) []byte {
	for _, ch := range s {
		switch {
		case ch == '&':
			dst = append(dst, "&amp;"...)
		case ch == '<':
			dst = append(dst, "&lt;"...)
		case ch == '>':
			dst = append(dst, "&gt;"...)
		case ch == '"' && value:
			dst = append(dst, "&quot;"...)
		case ch == '\r':
			dst = append(dst, "&#13;"...)
		case ch == '\n' && value:
			dst = append(dst, "&#10;"...)
		case ch == '\t' && value:
			dst = append(dst, "&#9;"...)
		default:
			dst = append(dst, ch)
		}
	}
	return dst
}
