package scan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf16"
)

// compoundFile makes an OLE file whose directory, in its second sector, holds
// the names.
func compoundFile(names ...string) []byte {
	b := make([]byte, 512*4)
	copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	binary.LittleEndian.PutUint16(b[30:], 9)
	binary.LittleEndian.PutUint32(b[48:], 1)
	for i := range 109 {
		binary.LittleEndian.PutUint32(b[76+4*i:], 0xffffffff)
	}
	binary.LittleEndian.PutUint32(b[76:], 0)
	for i, next := range []uint32{0xfffffffd, 2, 0xfffffffe} {
		binary.LittleEndian.PutUint32(b[512+4*i:], next)
	}
	for i, name := range names {
		entry := b[512*2+128*i:]
		for j, u := range utf16.Encode([]rune(name)) {
			binary.LittleEndian.PutUint16(entry[2*j:], u)
		}
		binary.LittleEndian.PutUint16(entry[64:], uint16(2*len(name)+2))
	}
	return b
}

func TestSniff(t *testing.T) {
	utf16le := func(s string) []byte {
		b := []byte("\xff\xfe")
		for _, u := range utf16.Encode([]rune(s)) {
			b = binary.LittleEndian.AppendUint16(b, u)
		}
		return b
	}
	cases := []struct {
		name, rule string
		format     Format
		file       []byte
	}{
		{"nothing", RuleEmpty, "", nil},
		{"noughts", RuleEmpty, "", make([]byte, 9000)},
		{"blanks", RuleEmpty, "", []byte("\ufeff \n")},
		{"password", RuleEncrypted, "", compoundFile("Root Entry", "EncryptionInfo", "EncryptedPackage")},
		{"password, second directory sector", RuleEncrypted, "", compoundFile("Root Entry", "a", "b", "c", "EncryptedPackage")},
		{"old xls", RuleNotXLSX, FormatXLS, compoundFile("Root Entry", "Workbook")},
		{"older xls", RuleNotXLSX, FormatXLS, compoundFile("Root Entry", "Book")},
		{"oldest xls", RuleNotXLSX, FormatXLS, []byte("\x09\x04\x06\x00\x00\x00\x10\x00")},
		{"old doc", RuleNotXLSX, FormatDOC, compoundFile("Root Entry", "WordDocument")},
		{"other compound file", RuleNotXLSX, FormatOLE, compoundFile("Root Entry")},
		{"compound file cut short", RuleNotXLSX, FormatOLE, compoundFile("Root Entry", "Workbook")[:600]},
		{"compound head", RuleNotXLSX, FormatOLE, compoundFile()[:8]},
		{"pdf", RuleNotXLSX, FormatPDF, []byte("%PDF-1.7\n")},
		{"html", RuleNotXLSX, FormatHTML, []byte("\ufeff <!DOCTYPE HTML><html>")},
		{"html table", RuleNotXLSX, FormatHTML, []byte("<table><tr><td>1</td></tr></table>")},
		{"mhtml", RuleNotXLSX, FormatHTML, []byte("MIME-Version: 1.0\nX: y")},
		{"spreadsheetml 2003", RuleNotXLSX, FormatXML2003, []byte(`<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>`)},
		{"other xml", RuleNotXLSX, FormatXML, []byte(`<?xml version="1.0"?><rss/>`)},
		{"flat opendocument", RuleNotXLSX, FormatODF, []byte(`<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>`)},
		{"csv", RuleNotXLSX, FormatCSV, []byte("رمز;نسبة\n1;65\n")},
		{"csv utf-16", RuleNotXLSX, FormatCSV, utf16le("رمز\tنسبة\n")},
		{"csv with commas in quotes", RuleNotXLSX, FormatCSV, []byte("id,text\r\n1,\"un, deux,trois\"\r\n2,trois\r\n")},
		{"csv under a title", RuleNotXLSX, FormatCSV, []byte("Suivi\n\na|b\n1|2\n3|4\n5|6\n")},
		{"csv in another encoding", RuleNotXLSX, FormatCSV, []byte("R\xe9f;\xe9\n1;\xe9\n")},
		{"text", RuleNotXLSX, FormatText, []byte("مرحبا\n")},
		{"letter", RuleNotXLSX, FormatText, []byte("Rabat, le 3 mars\n\nMadame, Monsieur,\n\nVeuillez trouver ci-joint, comme convenu, le fichier ;\nil est complet.\n\nCordialement,\n")},
		{"one line", RuleNotXLSX, FormatText, []byte("a,b;c")},
		{"rtf", RuleNotXLSX, FormatRTF, []byte(`{\rtf1`)},
		{"picture", RuleNotXLSX, FormatImage, []byte("\x89PNG\r\n")},
		{"bytes", RuleNotXLSX, FormatUnknown, []byte("\x01\x02\x03")},
		{"junk before the zip", RuleNotXLSX, FormatUnknown, append([]byte("\x00junk"), workbookOf("").zip()...)},
		{"plain zip", RuleNotXLSX, FormatZip, parts{"a.txt": "a"}.zip()},
		{"ods", RuleNotXLSX, FormatODS, parts{"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}.zip()},
		{"odt", RuleNotXLSX, FormatODF, parts{"mimetype": "application/vnd.oasis.opendocument.text"}.zip()},
		{"xlsb", RuleNotXLSX, FormatXLSB, parts{"[Content_Types].xml": "", "xl/workbook.bin": ""}.zip()},
		{"docx", RuleNotXLSX, FormatDOCX, parts{"[Content_Types].xml": "", "word/document.xml": ""}.zip()},
		{"pptx", RuleNotXLSX, FormatPPTX, parts{"[Content_Types].xml": "", "ppt/presentation.xml": ""}.zip()},
		{"numbers", RuleNotXLSX, FormatNumbers, parts{"Index/Document.iwa": ""}.zip()},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			reason := ""
			if c.format != "" {
				reason = formatTerm + string(c.format)
			}
			_, err := Open(bytes.NewReader(c.file), int64(len(c.file)), DefaultLimits())
			wantRefusal(t, err, c.rule, reason, "")
		})
	}
}

func TestMacrosAndLinksAreSeen(t *testing.T) {
	p := workbookOf("")
	rels := "xl/_rels/workbook.xml.rels"
	add := func(kind, target string) parts {
		return p.replace(t, rels, "</Relationships>", `<Relationship Id="rId8" Type="`+kind+`" Target="`+target+`"/></Relationships>`)
	}
	cases := []struct {
		name             string
		file             parts
		macros, external bool
	}{
		{"neither", p, false, false},
		{"macros", add("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "vbaProject.bin"), true, false},
		{"macro sheet", p.with("xl/macrosheets/sheet1.xml", ""), true, false},
		{"link", add(nsRel+"/externalLink", "externalLinks/externalLink1.xml"), false, true},
	}
	for _, c := range cases {
		b := c.file.zip()
		book, err := Open(bytes.NewReader(b), int64(len(b)), DefaultLimits())
		if err != nil || book.Macros != c.macros || book.External != c.external {
			t.Errorf("%s: got %+v, %v", c.name, book, err)
		}
	}
}

// failing fails from some offset on: that is our disk, not their workbook.
type failing struct {
	io.ReaderAt
	from int64
}

var errDisk = errors.New("disk on fire")

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.from {
		return 0, errDisk
	}
	return f.ReaderAt.ReadAt(p, off)
}

func TestOurOwnTroubleIsNoRefusal(t *testing.T) {
	b := workbookOf(rows(100)).zip()
	for from := 0; from < len(b); from += 50 {
		book, err := Open(failing{bytes.NewReader(b), int64(from)}, int64(len(b)), DefaultLimits())
		if err == nil {
			err = book.Each(book.Sheets[0], func(int, []Cell) bool { return true })
		}
		if !errors.Is(err, errDisk) {
			t.Fatalf("failing from %d: got %v", from, err)
		}
	}
}

func TestTermsAreTold(t *testing.T) {
	terms := Terms()
	if want := len(Reasons()) + len(Unsafes()) + len(Formats()) + 4 + len(advices()); len(terms) != want {
		t.Errorf("%d terms, want %d", len(terms), want)
	}
	seen := map[string]bool{}
	for _, term := range terms {
		if seen[term] || strings.HasPrefix(term, "@") {
			t.Errorf("term %q", term)
		}
		seen[term] = true
	}
}

// What the sender is to do depends on what was sent.
func TestEachFormatHasItsAdvice(t *testing.T) {
	for want, files := range map[advice][][]byte{
		adviceSave:     {compoundFile("Root Entry", "Workbook"), parts{"[Content_Types].xml": "", "xl/workbook.bin": ""}.zip(), []byte(`<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>`)},
		adviceOffice:   {parts{"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}.zip()},
		adviceNumbers:  {parts{"Index/Document.iwa": ""}.zip()},
		adviceUnzip:    {parts{"suivi/Suivi.XLSX": string(workbookOf("").zip())}.zip(), parts{"a.xlsm": "", "__MACOSX/._a.xlsm": ""}.zip()},
		adviceTemplate: {[]byte("%PDF-1.7"), []byte("a;b\n"), parts{"a.txt": ""}.zip(), parts{"a.xlsx.txt": "", "._a.xlsx": ""}.zip()},
	} {
		for i, b := range files {
			_, err := Open(bytes.NewReader(b), int64(len(b)), DefaultLimits())
			var r *Refusal
			if !errors.As(err, &r) || r.Finding.Rule != RuleNotXLSX || r.Finding.Args["advice"] != adviceTerm+string(want) {
				t.Errorf("%s, file %d: %v", want, i, err)
			}
		}
	}
	used := map[advice]bool{adviceUnzip: true}
	for _, f := range Formats() {
		used[adviceFor(f)] = true
	}
	for _, a := range advices() {
		if !used[a] {
			t.Errorf("nobody is given the advice %s", a)
		}
	}
}
