package scan

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// ours flattens the tokens of a document; texts that touch are one.
func ours(r io.Reader, size int) ([]string, error) {
	t := newTokenizer(r, "test", int64(size), 1<<20)
	var out tokens
	for {
		kind, err := t.next()
		if err != nil {
			return out.list, err
		}
		switch kind {
		case tokEOF:
			return out.list, nil
		case tokStart:
			s := "<" + string(t.name)
			for _, a := range t.attrs {
				s += fmt.Sprintf(" %s=%q", a.name, a.value)
			}
			out.add(s)
		case tokEnd:
			out.add("</" + string(t.name))
		case tokText:
			out.write(t.text)
		case tokDirective:
			return out.list, errDirective
		}
	}
}

var errDirective = errors.New("directive")

type tokens struct {
	list []string
	text bool
}

func (o *tokens) add(s string) { o.list, o.text = append(o.list, s), false }

func (o *tokens) write(b []byte) {
	switch {
	case len(b) == 0:
	case o.text:
		o.list[len(o.list)-1] += string(b)
	default:
		o.list, o.text = append(o.list, "#"+string(b)), true
	}
}

// theirs is the same by encoding/xml.
func theirs(doc []byte) ([]string, error) {
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(doc, []byte("\xef\xbb\xbf"))))
	var out tokens
	name := func(n xml.Name) string {
		if n.Space != "" {
			return n.Space + ":" + n.Local
		}
		return n.Local
	}
	for {
		tok, err := d.RawToken()
		if err == io.EOF {
			return out.list, nil
		}
		if err != nil {
			return out.list, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			s := "<" + name(tok.Name)
			for _, a := range tok.Attr {
				s += fmt.Sprintf(" %s=%q", name(a.Name), a.Value)
			}
			out.add(s)
		case xml.EndElement:
			out.add("</" + name(tok.Name))
		case xml.CharData:
			out.write(tok)
		case xml.Directive:
			return out.list, errDirective
		}
	}
}

var documents = []string{
	``, `<a/>`, "\xef\xbb\xbf<a/>", `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><a b="c" d='e"'>x</a>`,
	`<a:b xmlns:a="u"><c/>t &amp; u &#65;&#x42; <![CDATA[<raw> ]] ]]]]><![CDATA[>]]></a:b>`, "<a>x\r\ny\rz</a>", "<a b=\"x\r\ny\"/>",
	`<a><!-- c --><?pi x?>t</a>`, `<a ><b / ></a>`, `<a></a >`, `<a b = "c"/>`, `<!DOCTYPE a><a/>`, `<a>&lol;</a>`, `<a>&#0;</a>`,
	`<a>]]></a>`, `<a b="<"/>`, `<a b=c/>`, `<a b/>`, `<a b="c"d="e"/>`, `<a`, `<a b="`, `<a><!-- -- --></a>`, `<a><!--`, `<![CDATA[x`,
	`<1/>`, `</>`, `< a/>`, `<a>` + "\x01" + `</a>`, `<a>` + "\xff" + `</a>`, `<a>` + "\xef\xbf\xbf" + `</a>`, `<é è="ê">ü</é>`, `<a>التقدم</a>`,
	`<?xml version="1.1"?><a/>`, `<?xml version="1.0" encoding="latin1"?><a/>`, `<a><?xml version="1.0"?></a>`, `<a:b:c/>`, `<a>&#xD800;</a>`,
	`<a>` + strings.Repeat(" ", 70000) + `</a>`, `<a b="` + strings.Repeat("x", 70000) + `"/>`, `<a>&#;</a>`, `<a>&;</a>`, `<a>&#+65;</a>`, `<a>&`,
}

// Whatever the decoder refuses is refused here too; what both take is the same.
func held(t testing.TB, doc []byte) {
	want, theirErr := theirs(doc)
	got, ourErr := ours(bytes.NewReader(doc), len(doc))
	if ourErr == nil && theirErr != nil && !strangeName(theirErr, doc) {
		t.Fatalf("%.200q is taken as %.200q, but: %v", doc, got, theirErr)
	}
	if ourErr == nil && theirErr == nil && strings.Join(got, "\x00") != strings.Join(want, "\x00") {
		t.Fatalf("%.200q is\n%.300q, not\n%.300q", doc, got, want)
	}
	bytewise, err := ours(iotest.OneByteReader(bytes.NewReader(doc)), len(doc))
	if (err == nil) != (ourErr == nil) || strings.Join(bytewise, "\x00") != strings.Join(got, "\x00") {
		t.Fatalf("%.200q byte by byte is\n%.300q %v, at once\n%.300q %v", doc, bytewise, err, got, ourErr)
	}
}

// strangeName: which letters beyond ASCII a name may have is not looked up here.
// No element or attribute that is read has any.
func strangeName(err error, doc []byte) bool {
	return bytes.ContainsFunc(doc, func(r rune) bool { return r >= 0x80 }) &&
		(strings.Contains(err.Error(), "invalid XML name") || strings.Contains(err.Error(), "name"))
}

func TestTokensAreThoseOfEncodingXML(t *testing.T) {
	for _, doc := range documents {
		held(t, []byte(doc))
	}
}

// What XML forbids and encoding/xml lets pass.
func TestTokensAreStricter(t *testing.T) {
	for _, doc := range []string{`<a b="c"d="e"/>`, `<a>&#xD800;</a>`, `<a/><?xml version="1.0"?>`, ` <?xml version="1.0"?><a/>`} {
		if _, err := theirs([]byte(doc)); err != nil {
			t.Errorf("%q: encoding/xml refuses it too: %v", doc, err)
		}
		if _, err := ours(strings.NewReader(doc), len(doc)); err == nil {
			t.Errorf("%q is taken", doc)
		}
	}
}

func TestWellFormedTokensAreTaken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var doc bytes.Buffer
		var want tokens
		var element func(depth int)
		name := rapid.StringMatching(`[a-zA-Z_][a-zA-Z0-9_.-]{0,8}`)
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab<>&'\"]ي٪ é\t\n😀\u200f")))
		element = func(depth int) {
			n := name.Draw(t, "name")
			doc.WriteString("<" + n)
			s := "<" + n
			for i := range rapid.IntRange(0, 3).Draw(t, "attrs") {
				a, v := fmt.Sprintf("%s%d", name.Draw(t, "attr"), i), text.Draw(t, "value")
				doc.WriteString(" " + a + `="`)
				_ = xml.EscapeText(&doc, []byte(v))
				doc.WriteString(`"`)
				s += fmt.Sprintf(" %s=%q", a, v)
			}
			want.add(s)
			doc.WriteString(">")
			v := text.Draw(t, "text")
			_ = xml.EscapeText(&doc, []byte(v))
			want.write([]byte(v))
			for range rapid.IntRange(0, 2).Draw(t, "children") {
				if depth < 4 {
					element(depth + 1)
				}
			}
			doc.WriteString("</" + n + " >")
			want.add("</" + n)
		}
		element(0)
		got, err := ours(iotest.HalfReader(bytes.NewReader(doc.Bytes())), 1)
		if err != nil || strings.Join(got, "\x00") != strings.Join(want.list, "\x00") {
			t.Fatalf("%s\nis %q, want %q, %v", doc.String(), got, want.list, err)
		}
	})
}

func FuzzTokens(f *testing.F) {
	for _, doc := range documents {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) { held(t, doc) })
}
