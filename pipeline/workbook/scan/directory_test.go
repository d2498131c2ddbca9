package scan

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"
)

// A member whose name leads elsewhere, or that programs read in different ways.
func TestNamesThatLeadOut(t *testing.T) {
	p := workbookOf("")
	for _, name := range []string{"../../etc/passwd", "xl/../../x", `..\..\x`, `xl\..\..\x`, "/etc/passwd", `\\host\x`, `\x`, "C:/x", `c:\x`,
		"xl/styles.xml\x00.txt", "xl/a\nb", "./x", "xl/./styles.xml", "xl//styles.xml", ".."} {
		_, err := scanAll(p.with(name, "x").zip(), DefaultLimits())
		t.Run(name, func(t *testing.T) { wantRefusal(t, err, RuleUnsafe, "@unsafe-path", "") })
	}
	for _, name := range []string{"xl/", "xl/..x", "x..", "[trash]/0000.dat", "docProps/é.xml", `xl\media\a.png`, "a:b"} {
		if _, err := scanAll(p.with(name, "").zip(), DefaultLimits()); err != nil && name != "a:b" {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// An archive that says two things about a member is not read at all.
func TestTheArchiveMustAgreeWithItself(t *testing.T) {
	p := workbookOf(rows(50))
	const sheet = "xl/worksheets/sheet1.xml"
	local := func(change func([]byte) []byte) []byte {
		return p.lie(sheet, func(m *member) { m.head = change })
	}
	put := func(at int, bs string) []byte {
		return local(func(b []byte) []byte { copy(b[at:], bs); return b })
	}
	whole := p.zip()
	end := whole[bytes.LastIndex(whole, []byte(endMark)):]
	// A directory of its own after the first, just as good.
	second := whole[le.Uint32(end[16:]):]
	second = le.AppendUint32(bytes.Clone(second[:len(second)-6]), uint32(len(whole)))
	second = append(second, 0, 0)
	secret := makeZip([]member{{name: "evil.xml", data: "x"}})
	evil := string(secret[:bytes.Index(secret, []byte(centralMark))])
	unicode := string([]byte{0x75, 0x70, 9, 0, 1, 0, 0, 0, 0}) + "a.md"
	cases := []struct {
		name, rule, reason string
		file               []byte
	}{
		{"another name", RuleUnsafe, "@unsafe-header", put(30, "xl/worksheets/sheet9.xml")},
		{"another method", RuleUnsafe, "@unsafe-header", put(8, "\x00")},
		{"encrypted in one place", RuleUnsafe, "@unsafe-header", put(6, "\x01")},
		{"another check sum", RuleUnsafe, "@unsafe-header", put(14, "\x01\x02\x03\x04")},
		{"another deflated size", RuleUnsafe, "@unsafe-header", put(18, "\x01\x00\x00\x00")},
		{"another size", RuleUnsafe, "@unsafe-header", put(22, "\x01\x00\x00\x00")},
		{"sizes of nought without a descriptor", RuleUnsafe, "@unsafe-header", put(14, strings.Repeat("\x00", 12))},
		{"wide sizes that are not there", RuleUnsafe, "@unsafe-header", put(18, strings.Repeat("\xff", 8))},
		{"another name in an extra field", RuleUnsafe, "@unsafe-header", p.lie(sheet, func(m *member) { m.extra = unicode })},
		{"another name in the local extra field", RuleUnsafe, "@unsafe-header", local(func(b []byte) []byte {
			b[28] = byte(len(unicode))
			return append(b, unicode...)
		})},
		{"a member between that is not listed", RuleUnsafe, "@unsafe-header", p.lie(sheet, func(m *member) { m.after = evil })},
		{"and one after a descriptor", RuleUnsafe, "@unsafe-header", p.lie(sheet, func(m *member) { m.after = strings.Repeat("\x00", 16) + evil })},
		{"two directories", RuleUnsafe, "@unsafe-header", append(bytes.Clone(whole), second...)},
		{"two end records", RuleDamaged, "@damage-archive", append(bytes.Clone(whole), end...)},
		{"an end record in the comment", RuleDamaged, "@damage-archive", append(append(bytes.Clone(whole[:len(whole)-2]), 22, 0), end...)},
		{"one archive after another", RuleDamaged, "@damage-archive", append(bytes.Clone(secret), whole...)},
		{"no local header", RuleDamaged, "@damage-archive", put(0, "PK\x07\x08")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := scanAll(c.file, DefaultLimits())
			wantRefusal(t, err, c.rule, c.reason, "")
		})
	}
}

// What differs in form and not in meaning is read.
func TestOrdinaryArchivesAgree(t *testing.T) {
	p := workbookOf(rows(50))
	const sheet = "xl/worksheets/sheet1.xml"
	streamed := new(bytes.Buffer) // as programs write that do not seek
	zw := zip.NewWriter(streamed)
	for _, m := range p.members() {
		w, err := zw.Create(m.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(m.data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.SetComment("a comment"); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	wide := func(m *member) {
		m.head = func(b []byte) []byte {
			extra := le.AppendUint16(nil, extraZip64)
			extra = le.AppendUint16(extra, 16)
			extra = le.AppendUint64(extra, uint64(le.Uint32(b[22:])))
			extra = le.AppendUint64(extra, uint64(le.Uint32(b[18:])))
			copy(b[18:], "\xff\xff\xff\xff\xff\xff\xff\xff")
			b[28] = byte(len(extra))
			return append(b, extra...)
		}
	}
	for name, file := range map[string][]byte{
		"streamed": streamed.Bytes(),
		"backslashes": p.lie(sheet, func(m *member) {
			m.head = func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("/"), []byte(`\`)) }
		}),
		"wide sizes":           p.lie(sheet, wide),
		"a gap":                p.lie(sheet, func(m *member) { m.after = strings.Repeat("\x00", 999) }),
		"blanks after the end": append(p.zip(), make([]byte, 700)...),
		"a comment":            append(append(bytes.Clone(p.zip()[:len(p.zip())-2]), 3, 0), "abc"...),
	} {
		if cells, err := scanAll(file, DefaultLimits()); err != nil || len(cells) != 100 {
			t.Errorf("%s: %d cells, %v", name, len(cells), err)
		}
	}
}
