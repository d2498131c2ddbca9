package scan

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Format is what a file turned out to be.
type Format string

// The formats that are told apart, each with its own advice to the sender.
const (
	FormatXLSX      Format = "xlsx"
	FormatEmpty     Format = "empty"
	FormatEncrypted Format = "encrypted"
	FormatXLS       Format = "xls"
	FormatXLSB      Format = "xlsb"
	FormatODS       Format = "ods"
	FormatDOC       Format = "doc"
	FormatDOCX      Format = "docx"
	FormatPPTX      Format = "pptx"
	FormatODF       Format = "odf"
	FormatNumbers   Format = "numbers"
	FormatPDF       Format = "pdf"
	FormatHTML      Format = "html"
	FormatXML2003   Format = "xml-2003"
	FormatXML       Format = "xml"
	FormatRTF       Format = "rtf"
	FormatImage     Format = "image"
	FormatCSV       Format = "csv"
	FormatText      Format = "text"
	FormatOLE       Format = "ole"
	FormatZip       Format = "zip"
	FormatUnknown   Format = "unknown"
)

// Formats lists every value that the "format" argument of workbook-not-xlsx may
// have, for whoever writes the messages.
func Formats() []Format {
	return []Format{FormatXLS, FormatXLSB, FormatODS, FormatDOC, FormatDOCX, FormatPPTX, FormatODF, FormatNumbers,
		FormatPDF, FormatHTML, FormatXML2003, FormatXML, FormatRTF, FormatImage, FormatCSV, FormatText, FormatOLE, FormatZip, FormatUnknown}
}

const headBytes = 4096

var signatures = []struct {
	magic  string
	format Format
}{
	{"%PDF", FormatPDF}, {`{\rtf`, FormatRTF}, {"\x89PNG", FormatImage}, {"\xff\xd8\xff", FormatImage},
	{"GIF8", FormatImage}, {"BM", FormatImage}, {"II*\x00", FormatImage}, {"MM\x00*", FormatImage},
}

// sniff tells a file's format by its content; FormatZip means that only the
// archive's members can say more.
func sniff(src io.ReaderAt, size int64) (Format, error) {
	if size <= 0 {
		return FormatEmpty, nil
	}
	head := make([]byte, min(size, headBytes))
	if _, err := src.ReadAt(head, 0); err != nil && err != io.EOF {
		return FormatUnknown, err
	}
	switch {
	case len(bytes.Trim(head, "\x00")) == 0:
		return FormatEmpty, nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return FormatZip, nil
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return compound(src, size, head), nil
	case len(head) >= 4 && head[0] == 0x09 && (head[1] == 0x00 || head[1] == 0x02 || head[1] == 0x04) && head[3] == 0:
		return FormatXLS, nil // a bare BIFF stream of Excel 2 to 4
	}
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.magic)) {
			return s.format, nil
		}
	}
	return sniffText(head), nil
}

func sniffText(head []byte) Format {
	text := string(head)
	switch {
	case strings.HasPrefix(text, "\xff\xfe"), strings.HasPrefix(text, "\xfe\xff"):
		text = fromUTF16(head)
	case strings.HasPrefix(text, "\xef\xbb\xbf"):
		text = text[3:]
	}
	low := strings.ToLower(strings.TrimSpace(text))
	switch {
	case low == "":
		return FormatEmpty
	case strings.HasPrefix(low, "<!doctype html"), strings.HasPrefix(low, "<html"), strings.HasPrefix(low, "<table"),
		strings.HasPrefix(low, "mime-version:"), strings.HasPrefix(low, "<") && strings.Contains(low, "<html"):
		return FormatHTML
	case strings.HasPrefix(low, "<") && strings.Contains(low, "urn:schemas-microsoft-com:office:spreadsheet"):
		return FormatXML2003
	case strings.HasPrefix(low, "<") && strings.Contains(low, "urn:oasis:names:tc:opendocument"):
		return FormatODF
	case strings.HasPrefix(low, "<"):
		return FormatXML
	}
	controls := 0
	for _, r := range text {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' {
			controls++
		}
	}
	if controls > 0 {
		return FormatUnknown
	}
	if isTable(text, len(head) == headBytes) {
		return FormatCSV
	}
	return FormatText
}

// isTable tells columns parted by one character from prose, in which commas
// stand here and there: most lines have as many of them. A single line must have
// tabs. The last line of a text that was cut says nothing.
func isTable(text string, cut bool) bool {
	lines := slices.DeleteFunc(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }),
		func(line string) bool { return strings.TrimSpace(line) == "" })
	if n := len(lines) - 1; cut && n > 0 {
		lines = lines[:n]
	}
	if len(lines) == 1 {
		return strings.Contains(lines[0], "\t")
	}
	for _, separator := range []byte("\t;,|") {
		alike, most := map[int]int{}, 0
		for _, line := range lines {
			if n := separators(line, separator); n > 0 {
				alike[n]++
				most = max(most, alike[n])
			}
		}
		if most >= 2 && 4*most >= 3*len(lines) {
			return true
		}
	}
	return false
}

// separators counts a character outside of quotation marks. One before a blank or
// at the line's end is what prose has.
func separators(line string, separator byte) (n int) {
	quoted := false
	for i := range len(line) {
		switch c := line[i]; {
		case c == '"':
			quoted = !quoted
		case c == separator && !quoted && (c == '\t' || i+1 < len(line) && line[i+1] != ' '):
			n++
		}
	}
	return n
}

func fromUTF16(b []byte) string {
	var order binary.ByteOrder = binary.LittleEndian
	if b[0] == 0xfe {
		order = binary.BigEndian
	}
	units := make([]uint16, 0, len(b)/2)
	for i := 2; i+1 < len(b); i += 2 {
		units = append(units, order.Uint16(b[i:]))
	}
	return string(utf16.Decode(units))
}

// maxDirSectors bounds the walk over a compound file's directory.
const maxDirSectors = 64

// compound tells what an OLE compound file holds, by the names in its directory.
func compound(src io.ReaderAt, size int64, head []byte) Format {
	if len(head) < 512 {
		return FormatOLE
	}
	shift := binary.LittleEndian.Uint16(head[30:])
	if shift != 9 && shift != 12 {
		return FormatOLE
	}
	sector := int64(1) << shift
	next := int64(binary.LittleEndian.Uint32(head[48:]))
	found := FormatOLE
	buf := make([]byte, sector)
	for range maxDirSectors {
		if next >= 0xfffffffa || (next+1)*sector >= size {
			break
		}
		n, err := src.ReadAt(buf, (next+1)*sector)
		if err != nil && err != io.EOF {
			break
		}
		for e := 0; e+128 <= n; e += 128 {
			switch entryName(buf[e : e+128]) {
			case "EncryptedPackage", "EncryptionInfo":
				return FormatEncrypted
			case "Workbook", "Book":
				found = FormatXLS
			case "WordDocument":
				found = FormatDOC
			}
		}
		next = chainNext(src, head, sector, next)
	}
	return found
}

func entryName(entry []byte) string {
	n := int(binary.LittleEndian.Uint16(entry[64:]))
	if n < 2 || n > 64 {
		return ""
	}
	units := make([]uint16, 0, 32)
	for i := 0; i < n-2; i += 2 {
		units = append(units, binary.LittleEndian.Uint16(entry[i:]))
	}
	return string(utf16.Decode(units))
}

// chainNext follows the file allocation table, as far as the header lists it.
func chainNext(src io.ReaderAt, head []byte, sector, at int64) int64 {
	perFAT := sector / 4
	slot := at / perFAT
	if slot >= 109 {
		return 0xfffffffe
	}
	fat := int64(binary.LittleEndian.Uint32(head[76+4*slot:]))
	var b [4]byte
	if _, err := src.ReadAt(b[:], (fat+1)*sector+4*(at%perFAT)); err != nil {
		return 0xfffffffe
	}
	return int64(binary.LittleEndian.Uint32(b[:]))
}

// archiveFormat tells apart the formats that are zip archives, by their members.
func archiveFormat(has func(name string) bool, prefix func(p string) bool, mimetype string) Format {
	switch {
	case strings.HasPrefix(mimetype, "application/vnd.oasis.opendocument.spreadsheet"):
		return FormatODS
	case strings.HasPrefix(mimetype, "application/vnd.oasis.opendocument"):
		return FormatODF
	case has("xl/workbook.bin"):
		return FormatXLSB
	case prefix("word/"):
		return FormatDOCX
	case prefix("ppt/"):
		return FormatPPTX
	case has("index/document.iwa"), prefix("index/"), has("index.zip"):
		return FormatNumbers
	case has("[content_types].xml"):
		return FormatXLSX
	}
	return FormatZip
}

// validText tells whether a short text may be repeated in a message.
func validText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\ufffd")
}
