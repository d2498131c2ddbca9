package scan

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
)

// member is one entry of a zip that may lie about itself.
type member struct {
	name   string
	data   string
	store  bool
	crc    *uint32             // stated instead of the true one
	size   *uint32             // stated instead of the true one
	flags  uint16              //
	method *uint16             // stated instead of the true one
	twist  func([]byte) []byte // changes the deflated bytes
	shares *int                // its central entry points to the local header of this member
	head   func([]byte) []byte // changes the local header, the name and extra field included
	extra  string              // extra field of the central entry
	after  string              // bytes between this member and the next
}

// makeZip writes members as they say.
func makeZip(members []member) []byte {
	var out bytes.Buffer
	var central bytes.Buffer
	offsets := make([]int, len(members))
	w16 := func(b *bytes.Buffer, vs ...uint16) {
		for _, v := range vs {
			binary.Write(b, binary.LittleEndian, v)
		}
	}
	w32 := func(b *bytes.Buffer, vs ...uint32) {
		for _, v := range vs {
			binary.Write(b, binary.LittleEndian, v)
		}
	}
	for i, m := range members {
		raw, method := []byte(m.data), uint16(0)
		if !m.store {
			var buf bytes.Buffer
			fw, _ := flate.NewWriter(&buf, flate.BestCompression)
			io.WriteString(fw, m.data)
			fw.Close()
			raw, method = buf.Bytes(), 8
		}
		if m.twist != nil {
			raw = m.twist(slices.Clone(raw))
		}
		crc, size := crc32.ChecksumIEEE([]byte(m.data)), uint32(len(m.data))
		if m.crc != nil {
			crc = *m.crc
		}
		if m.size != nil {
			size = *m.size
		}
		if m.method != nil {
			method = *m.method
		}
		offsets[i] = out.Len()
		if m.shares != nil {
			offsets[i] = offsets[*m.shares]
		} else {
			var head bytes.Buffer
			w32(&head, 0x04034b50)
			w16(&head, 20, m.flags, method, 0, 0x21)
			w32(&head, crc, uint32(len(raw)), size)
			w16(&head, uint16(len(m.name)), 0)
			head.WriteString(m.name)
			if m.head != nil {
				head = *bytes.NewBuffer(m.head(head.Bytes()))
			}
			out.Write(head.Bytes())
			out.Write(raw)
			out.WriteString(m.after)
		}
		w32(&central, 0x02014b50)
		w16(&central, 20, 20, m.flags, method, 0, 0x21)
		w32(&central, crc, uint32(len(raw)), size)
		w16(&central, uint16(len(m.name)), uint16(len(m.extra)), 0, 0, 0)
		w32(&central, 0, uint32(offsets[i]))
		central.WriteString(m.name)
		central.WriteString(m.extra)
	}
	start := out.Len()
	out.Write(central.Bytes())
	w32(&out, 0x06054b50)
	w16(&out, 0, 0, uint16(len(members)), uint16(len(members)))
	w32(&out, uint32(central.Len()), uint32(start))
	w16(&out, 0)
	return out.Bytes()
}

const (
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainAttr  = ` xmlns="` + nsMain + `"`
	sheetName = "Data"
)

// parts are the members of a workbook by name.
type parts map[string]string

// workbookOf gives the parts of a well-formed workbook with one sheet.
func workbookOf(sheetData string) parts {
	return parts{
		"[Content_Types].xml": xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
		"_rels/.rels": xmlHead + `<Relationships xmlns="` + nsPackage + `"><Relationship Id="rId1" Type="` + nsRel +
			`/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": xmlHead + `<workbook` + mainAttr + ` xmlns:r="` + nsRel + `"><sheets><sheet name="` + sheetName +
			`" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": xmlHead + `<Relationships xmlns="` + nsPackage + `"><Relationship Id="rId1" Type="` + nsRel +
			`/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="` + nsRel + `/styles" Target="styles.xml"/>` +
			`<Relationship Id="rId3" Type="` + nsRel + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/styles.xml": stylesOf(`<xf numFmtId="0"/><xf numFmtId="9"/><xf numFmtId="14"/><xf numFmtId="164"/>`,
			`<numFmt numFmtId="164" formatCode="General&quot;%&quot;"/>`),
		"xl/sharedStrings.xml": xmlHead + `<sst` + mainAttr + ` count="9" uniqueCount="2"><si><t>alpha</t></si>` +
			`<si><t>beta</t></si></sst>`,
		"xl/worksheets/sheet1.xml": sheetOf(sheetData),
	}
}

func sheetOf(sheetData string) string {
	return xmlHead + `<worksheet` + mainAttr + `><sheetData>` + sheetData + `</sheetData></worksheet>`
}

func stylesOf(xfs, numFmts string) string {
	return xmlHead + `<styleSheet` + mainAttr + `><numFmts>` + numFmts + `</numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs>` +
		`<cellXfs>` + xfs + `</cellXfs></styleSheet>`
}

func (p parts) with(name, content string) parts {
	q := maps.Clone(p)
	q[name] = content
	return q
}

// replace changes a part's text; the old text must be there.
func (p parts) replace(t *testing.T, name, old, with string) parts {
	t.Helper()
	if !strings.Contains(p[name], old) {
		t.Fatalf("%s does not hold %q", name, old)
	}
	return p.with(name, strings.Replace(p[name], old, with, 1))
}

func (p parts) members() []member {
	var ms []member
	for _, name := range slices.Sorted(maps.Keys(p)) {
		ms = append(ms, member{name: name, data: p[name]})
	}
	return ms
}

func (p parts) zip() []byte { return makeZip(p.members()) }

// lie makes the members of a workbook with one changed.
func (p parts) lie(name string, change func(*member)) []byte {
	ms := p.members()
	for i := range ms {
		if ms[i].name == name {
			change(&ms[i])
		}
	}
	return makeZip(ms)
}

// scanAll opens a workbook and reads its first sheet whole.
func scanAll(b []byte, lim Limits) ([]Cell, error) {
	book, err := Open(bytes.NewReader(b), int64(len(b)), lim)
	if err != nil || len(book.Sheets) == 0 {
		return nil, err
	}
	var cells []Cell
	err = book.Each(book.Sheets[0], func(_ int, row []Cell) bool {
		cells = append(cells, row...)
		return true
	})
	return cells, err
}

// wantRefusal fails unless a workbook is refused for a reason, or at a place.
func wantRefusal(t *testing.T, err error, rule, reason, place string) {
	t.Helper()
	var r *Refusal
	if !errors.As(err, &r) {
		t.Fatalf("got %v, want a refusal %s %s", err, rule, reason)
	}
	f := r.Finding
	got := f.Args["reason"] + f.Args["format"] + f.Args["what"]
	if f.Rule != rule || got != reason || f.At.Ref != place {
		t.Errorf("got %s %s at %q, want %s %s at %q", f.Rule, got, f.At.Ref, rule, reason, place)
	}
}
