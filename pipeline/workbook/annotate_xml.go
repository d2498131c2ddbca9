package workbook

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The parts that are annotated here were written by scan.Book.Rebuild: their
// elements have no prefixes, > stands in no text or value, no comment or
// processing instruction but the first.

const (
	mainNamespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relNamespace  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	xmlProlog     = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
)

// element is an element with all that it holds.
type element struct {
	name  string
	open  []byte // its start tag
	inner []byte // what stands between its tags
}

// append writes the element.
func (e element) append(dst []byte) []byte {
	dst = append(append(dst, e.open...), e.inner...)
	return append(append(append(dst, "</"...), e.name...), '>')
}

// elements cuts the content of an element into the elements right below it.
func elements(content []byte) ([]element, error) {
	var out []element
	for rest := content; ; {
		from := bytes.IndexByte(rest, '<')
		if from < 0 {
			return out, nil
		}
		rest = rest[from:]
		n, err := elementEnd(rest)
		if err != nil {
			return nil, err
		}
		out = append(out, cutElement(rest[:n]))
		rest = rest[n:]
	}
}

// elementEnd gives how long the element is that starts here.
func elementEnd(b []byte) (int, error) {
	depth := 0
	for i := 0; i < len(b); {
		if b[i] != '<' {
			next := bytes.IndexByte(b[i:], '<')
			if next < 0 {
				break
			}
			i += next
		}
		end := bytes.IndexByte(b[i:], '>')
		switch {
		case end < 0:
			return 0, errBroken
		case b[i+1] == '/':
			depth--
		case b[i+end-1] != '/' && b[i+1] != '?':
			depth++
		}
		i += end + 1
		if depth == 0 {
			return i, nil
		}
	}
	return 0, errBroken
}

var errBroken = fmt.Errorf("an element without its end")

func cutElement(b []byte) element {
	end := bytes.IndexByte(b, '>') + 1
	e := element{open: b[:end], name: tagName(b[:end])}
	if b[end-2] == '/' {
		e.open = append(bytes.Clone(b[:end-2]), '>')
		return e
	}
	if last := bytes.LastIndexByte(b, '<'); last >= end {
		e.inner = b[end:last]
	}
	return e
}

// tagName gives the name in a start tag.
func tagName(tag []byte) string {
	tag = bytes.TrimLeft(tag, "<")
	if i := bytes.IndexAny(tag, " />"); i >= 0 {
		tag = tag[:i]
	}
	return string(tag)
}

// root cuts a part into its root element and what stands before.
func root(part []byte) (element, error) {
	rest := part
	if bytes.HasPrefix(rest, []byte("<?")) {
		_, rest, _ = bytes.Cut(rest, []byte("?>"))
	}
	all, err := elements(rest)
	if err != nil || len(all) != 1 {
		return element{}, errBroken
	}
	return all[0], nil
}

// attr gives an attribute of a start tag as it is written.
func attr(tag []byte, name string) (string, bool) {
	from := bytes.Index(tag, []byte(" "+name+`="`))
	if from < 0 {
		return "", false
	}
	value := tag[from+len(name)+3:]
	end := bytes.IndexByte(value, '"')
	if end < 0 {
		return "", false
	}
	return string(value[:end]), true
}

// number gives an attribute that is a number; 0 where it is none.
func attrInt(tag []byte, name string) int {
	v, _ := attr(tag, name)
	n, err := strconv.Atoi(v)
	if err != nil {
		return 0
	}
	return n
}

func attrFloat(tag []byte, name string) float64 {
	v, _ := attr(tag, name)
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || !(f >= 0 && f <= 1e4) {
		return 0
	}
	return f
}

// withAttr gives a start tag with an attribute set, or taken out for "".
func withAttr(tag []byte, name, value string) []byte {
	var out []byte
	if from := bytes.Index(tag, []byte(" "+name+`="`)); from >= 0 {
		value := tag[from+len(name)+3:]
		out = append(append(out, tag[:from]...), value[bytes.IndexByte(value, '"')+1:]...)
	} else {
		out = bytes.Clone(tag)
	}
	if value == "" {
		return out
	}
	end := len(out) - 1
	return append(append(out[:end:end], (" "+name+`="`+value+`"`)...), out[end:]...)
}

// escape gives a text as XML holds it.
func escape(s string) string { return xmlEscaper.Replace(s) }

var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\r", "&#13;", "\n", "&#10;", "\t", "&#9;")

// cellText gives a text as a cell or a note of the format holds it: what XML
// cannot hold, and what would be read as such a mark, is written as a mark.
func cellText(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if !strings.Contains(s, "_x") && strings.IndexFunc(s, unwritable) < 0 && utf8.ValidString(s) {
		return escape(s)
	}
	s = escapeMark.ReplaceAllString(strings.ToValidUTF8(s, "\uFFFD"), "_x005F$0")
	var b strings.Builder
	for _, r := range s {
		if unwritable(r) {
			fmt.Fprintf(&b, "_x%04X_", r)
			continue
		}
		b.WriteRune(r)
	}
	return escape(b.String())
}

// unwritable tells of a character that XML 1.0 cannot hold, or not for sure.
func unwritable(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF
}

// spreadsheetML is the start tag of a root element.
func rootTag(name string) string { return "<" + name + ` xmlns="` + mainNamespace + `">` }
