package scan

import (
	"bytes"
	"slices"
	"strings"
)

// instruction passes over <?…?>. A declaration must come first, must not name
// another version or encoding.
func (t *tokenizer) instruction() error {
	n, err := t.until(2, "?>")
	if err != nil {
		return err
	}
	b := t.buf[t.pos+2 : t.pos+n]
	if err := t.take(n + 2); err != nil {
		return err
	}
	k := nameLen(b)
	if k == 0 {
		return t.bad()
	}
	if err := t.nameText(b[:k]); err != nil {
		return err
	}
	if !bytes.EqualFold(b[:k], []byte("xml")) {
		return nil
	}
	if !t.head || string(b[:k]) != "xml" {
		return t.bad()
	}
	return t.xmlDeclaration(b[k:])
}

// xmlDeclaration judges what a declaration says: version, encoding, standalone,
// each at most once, in any order, as some programs write them.
func (t *tokenizer) xmlDeclaration(b []byte) error {
	seen := 0
	for {
		rest := bytes.TrimLeft(b, " \t\r\n")
		if len(rest) == 0 {
			return nil
		}
		k := nameLen(rest)
		which := slices.Index([]string{"version", "encoding", "standalone"}, string(rest[:k]))
		if which < 0 || len(rest) == len(b) || seen&(1<<which) != 0 {
			return t.bad()
		}
		seen |= 1 << which
		value, after, ok := quoted(rest[k:])
		if !ok {
			return t.bad()
		}
		if which == 0 && value != "1.0" || which == 1 && !strings.EqualFold(value, "utf-8") {
			return damaged(ReasonEncoding, t.part)
		}
		if which == 2 && value != "yes" && value != "no" {
			return t.bad()
		}
		b = after
	}
}

// quoted reads a sign of equality and a value in quotes.
func quoted(b []byte) (value string, after []byte, ok bool) {
	b = bytes.TrimLeft(b, " \t\r\n")
	if len(b) == 0 || b[0] != '=' {
		return "", nil, false
	}
	b = bytes.TrimLeft(b[1:], " \t\r\n")
	if len(b) == 0 || b[0] != '"' && b[0] != '\'' {
		return "", nil, false
	}
	j := bytes.IndexByte(b[1:], b[0])
	if j < 0 {
		return "", nil, false
	}
	return string(b[1 : 1+j]), b[2+j:], true
}

// declaration reads what starts with <!: a comment, a CDATA section, or the
// start of something that no spreadsheet needs.
func (t *tokenizer) declaration() (tokenKind, error) {
	const comment, cdata = "<!--", "<![CDATA["
	for t.end-t.pos < len(cdata) && t.more() {
	}
	b := t.buf[t.pos:t.end]
	switch {
	case bytes.HasPrefix(b, []byte(comment)):
		n, err := t.until(len(comment), "--")
		if err != nil {
			return tokEOF, err
		}
		for t.end-t.pos < n+3 {
			if !t.more() {
				return tokEOF, t.cut()
			}
		}
		if t.buf[t.pos+n+2] != '>' {
			return tokEOF, t.bad()
		}
		return tokNone, t.take(n + 3)
	case bytes.HasPrefix(b, []byte(cdata)):
		n, err := t.until(len(cdata), "]]>")
		if err != nil {
			return tokEOF, err
		}
		raw := t.buf[t.pos+len(cdata) : t.pos+n]
		if err := t.take(n + 3); err != nil {
			return tokEOF, err
		}
		t.text, err = t.resolve(raw, inCDATA)
		return tokText, err
	case len(b) < len(cdata) && (bytes.HasPrefix([]byte(cdata), b) || bytes.HasPrefix([]byte(comment), b)):
		return tokEOF, t.cut()
	}
	return tokDirective, nil
}

// orWide names what is wrong with a part in UTF-16 that has no byte order mark:
// its encoding, rather than the first byte that is no XML.
func (l *lexer) orWide(err error) error {
	if t := l.tok; !l.rooted && t.pos <= 1 && t.end > 1 && (t.buf[0] == 0 && t.buf[1] == '<' || t.buf[0] == '<' && t.buf[1] == 0) {
		return damaged(ReasonEncoding, l.part)
	}
	return err
}
