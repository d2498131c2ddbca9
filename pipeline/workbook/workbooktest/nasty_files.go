package workbooktest

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// otherFiles are no .xlsx at all, whatever their name says.
func otherFiles() []Case {
	const refused = "workbook-not-xlsx"
	zipOf := func(pairs ...string) func() []byte {
		return func() []byte {
			var ms []Member
			for i := 0; i < len(pairs); i += 2 {
				ms = append(ms, Member{Name: pairs[i], Data: pairs[i+1], Store: pairs[i] == "mimetype"})
			}
			return Zip(ms)
		}
	}
	return []Case{
		{ID: "file-empty", About: "a file of no bytes", Rules: "workbook-empty", File: bytesOf("")},
		{ID: "file-zeros", About: "a file of zero bytes only, as a failed copy leaves it", Rules: "workbook-empty", File: bytesOf(strings.Repeat("\x00", 5000))},
		{ID: "file-blank", About: "a file of blanks", Rules: "workbook-empty", File: bytesOf(" \r\n \r\n")},
		{ID: "file-xls", About: "an Excel 97 workbook named .xlsx", Rules: refused, File: compound("Root Entry", "Workbook")},
		{ID: "file-xls-95", About: "an Excel 95 workbook", Rules: refused, File: compound("Root Entry", "Book")},
		{ID: "file-xls-bare", About: "a bare stream of Excel 4", Rules: refused, File: bytesOf("\x09\x04\x06\x00\x00\x00\x10\x00")},
		{ID: "file-doc", About: "a Word 97 document", Rules: refused, File: compound("Root Entry", "WordDocument")},
		{ID: "file-ole", About: "an OLE file of something else", Rules: refused, File: compound("Root Entry", "Contents")},
		{ID: "file-ole-cut", About: "the first bytes of an OLE file", Rules: refused, File: bytesOf("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....")},
		{ID: "file-ole-loop", About: "an OLE file whose directory points to itself", Rules: refused, File: func() []byte {
			b := compound("Root Entry", "Contents")()
			binary.LittleEndian.PutUint32(b[512+4:], 1)
			return b
		}},
		{ID: "file-encrypted", About: "a workbook with a password", Rules: "workbook-encrypted", File: compound("Root Entry", "EncryptionInfo", "EncryptedPackage")},
		{ID: "file-encrypted-spin", About: "a workbook with a password and two thousand million rounds of hashing", Rules: "workbook-encrypted", File: func() []byte {
			return append(compound("Root Entry", "EncryptionInfo", "EncryptedPackage")(), `<keyEncryptors><encryptedKey spinCount="2000000000"/></keyEncryptors>`...)
		}},
		{ID: "file-xlsb", About: "a binary workbook", Rules: refused, File: zipOf(Types, "<Types/>", "xl/workbook.bin", "\x83\x01\x00")},
		{ID: "file-xlsb-other-path", About: "a binary workbook with its main part elsewhere", Rules: refused,
			File: zipOf(Types, "<Types/>", Root, head+`<Relationships xmlns="`+linkNS+`">`+link(1, "officeDocument", "b/main.bin", "")+`</Relationships>`, "b/main.bin", "\x83\x01\x00")},
		{ID: "file-ods", About: "an OpenDocument spreadsheet", Rules: refused, File: zipOf("mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", "<x/>")},
		{ID: "file-odt", About: "an OpenDocument text", Rules: refused, File: zipOf("mimetype", "application/vnd.oasis.opendocument.text", "content.xml", "<x/>")},
		{ID: "file-docx", About: "a Word document", Rules: refused, File: zipOf(Types, "<Types/>", "word/document.xml", "<x/>")},
		{ID: "file-pptx", About: "a PowerPoint presentation", Rules: refused, File: zipOf(Types, "<Types/>", "ppt/presentation.xml", "<x/>")},
		{ID: "file-numbers", About: "a workbook of Apple Numbers", Rules: refused, File: zipOf("Index/Document.iwa", "x")},
		{ID: "file-zip", About: "a zip of photographs", Rules: refused, File: zipOf("IMG_1.JPG", "x", "IMG_2.JPG", "y")},
		{ID: "file-zip-in-zip", About: "the workbook inside a zip", Rules: refused, File: zipOf("suivi.xlsx", string(NewForm().Parts().Zip()))},
		{ID: "file-csv", About: "CSV with semicolons, as Excel in French saves it", Rules: refused, File: bytesOf("Engagement;Taux\r\nxx-plan-c01;65\r\n")},
		{ID: "file-csv-utf16", About: "Unicode text with tabs, as Excel saves it", Rules: refused, File: bytesOf("\xff\xfeA\x00\t\x00B\x00\r\x00\n\x00")},
		{ID: "file-text", About: "plain text", Rules: refused, File: bytesOf("Bonjour, voici le fichier.")},
		{ID: "file-letter", About: "a letter, with commas as in any prose", Rules: refused, File: bytesOf("Rabat, le 20 janvier 2023\n\nMadame, Monsieur,\n\nVeuillez trouver ci-joint, comme convenu, le suivi ; il est complet.\n")},
		{ID: "file-html", About: "a web page named .xlsx, as many information systems export it", Rules: refused, File: bytesOf("\xef\xbb\xbf<html><body><table><tr><td>65</td></tr></table></body></html>")},
		{ID: "file-html-fragment", About: "a table of HTML after an XML declaration", Rules: refused, File: bytesOf(`<?xml version="1.0"?><!DOCTYPE html><html xmlns:x="urn:x"><table/></html>`)},
		{ID: "file-mht", About: "a web archive of Excel", Rules: refused, File: bytesOf("MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n")},
		{ID: "file-xml-2003", About: "an XML spreadsheet of 2003", Rules: refused, File: bytesOf(`<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>`)},
		{ID: "file-pdf", About: "a PDF", Rules: refused, File: bytesOf("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")},
		{ID: "file-rtf", About: "rich text", Rules: refused, File: bytesOf(`{\rtf1\ansi x}`)},
		{ID: "file-png", About: "a screenshot of the workbook", Rules: refused, File: bytesOf("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")},
		{ID: "file-gzip", About: "something compressed in another way", Rules: refused, File: bytesOf("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x01\x02")},
	}
}

// compound is an OLE compound file of three sectors whose directory has the
// given entries.
func compound(entries ...string) func() []byte {
	return func() []byte {
		b := make([]byte, 512*3)
		copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
		le := binary.LittleEndian
		le.PutUint16(b[26:], 3)
		le.PutUint16(b[28:], 0xfffe)
		le.PutUint16(b[30:], 9)
		le.PutUint32(b[44:], 1)
		le.PutUint32(b[48:], 1) // the directory is in the second sector
		le.PutUint32(b[76:], 0) // the allocation table in the first
		for i := 80; i < 512; i += 4 {
			le.PutUint32(b[i:], 0xffffffff)
		}
		for i := 512; i < 1024; i += 4 {
			le.PutUint32(b[i:], 0xffffffff)
		}
		le.PutUint32(b[512:], 0xfffffffd)
		le.PutUint32(b[516:], 0xfffffffe)
		for i, name := range entries {
			e := b[1024+128*i:]
			units := utf16.Encode([]rune(name))
			for k, u := range units {
				le.PutUint16(e[2*k:], u)
			}
			le.PutUint16(e[64:], uint16(2*len(units)+2))
			e[66] = 2
			if i == 0 {
				e[66] = 5
			}
		}
		return bytes.Clone(b)
	}
}
