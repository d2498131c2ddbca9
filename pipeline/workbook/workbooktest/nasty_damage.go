package workbooktest

import "strings"

// damaged are files that broke on their way, or whose maker was wrong: others
// read them as shorter tables, or put values in other columns, without a word.
func damaged() []Case {
	const rule = "workbook-damaged"
	at := func(p Parts, old, text string) Parts { return p.Replace(Progress, old, text) }
	row := func(cells string) func() []byte {
		return replaced(Progress, "</sheetData>", `<row r="9">`+cells+`</row></sheetData>`)
	}
	const middle = `<c r="B500">`
	in500 := func(with string) func() []byte {
		return longly(func(p Parts) Parts { return at(p, middle+"<v>", middle+"<v>"+with) })
	}
	lie := func(name string, change func(m *Member)) func() []byte {
		return func() []byte { return Long().Parts().Lie(name, change) }
	}
	cases := []Case{
		{ID: "crc", About: "the check sum of the sheet is wrong", File: lie(Progress, func(m *Member) { m.CRC = ptr(uint32(1)) })},
		{ID: "crc-strings", About: "the check sum of the shared strings is wrong", File: lie(Strings, func(m *Member) { m.CRC = ptr(uint32(1)) })},
		{ID: "crc-styles", About: "the check sum of the styles is wrong", File: lie(Styles, func(m *Member) { m.CRC = ptr(uint32(1)) })},
		{ID: "flip-stored", About: "one changed byte in a sheet that is not compressed", File: lie(Progress, func(m *Member) {
			m.Store, m.Twist = true, func(b []byte) []byte { b[strings.Index(string(b), "<v>40.5")+3] = '9'; return b }
		})},
		{ID: "flip-deflated", About: "one changed byte in a compressed sheet: others read 479 rows of 1,000", File: lie(Progress, func(m *Member) {
			m.Twist = func(b []byte) []byte { b[len(b)/2] ^= 0x10; return b }
		})},
		{ID: "size-small", About: "a sheet that declares fewer bytes than it has", File: lie(Progress, func(m *Member) { m.Size = ptr(uint32(18000)) })},
		{ID: "size-large", About: "a sheet that declares more bytes than it has", File: lie(Progress, func(m *Member) { m.Size = ptr(uint32(1 << 19)) })},
		{ID: "deflate-tail", About: "bytes after the end of a compressed sheet", File: lie(Progress, func(m *Member) {
			m.Twist = func(b []byte) []byte { return append(b, 1, 2, 3) }
		})},
		{ID: "xml-cut", About: "a sheet whose XML ends in the middle of a row", File: longly(func(p Parts) Parts { return p.With(Progress, cutAfter(p[Progress], middle)) })},
		{ID: "xml-cut-tag", About: "a sheet without its last tag", File: longly(func(p Parts) Parts { return p.With(Progress, cutAfter(p[Progress], "</sheetData>")) })},
		{ID: "xml-empty", About: "a sheet part of no bytes", File: with(Progress, "")},
		{ID: "xml-control", About: "a control character in a number", File: in500("\x01")},
		{ID: "xml-ampersand", About: "a bare ampersand", File: in500("&")},
		{ID: "xml-utf8", About: "a byte that is not UTF-8", File: in500("\xff")},
		{ID: "xml-utf8-long", About: "a character in more bytes than it needs", File: shared("F6", "\xc0\xaf")},
		{ID: "xml-utf8-surrogate", About: "half a character of UTF-16 written as UTF-8", File: shared("F6", "\xed\xa0\x80")},
		{ID: "xml-tags", About: "tags that cross", File: longly(func(p Parts) Parts { return at(p, "</c></row><row r=\"501\">", "</row></c><row r=\"501\">") })},
		{ID: "xml-attribute-twice", About: "a row with two numbers", File: longly(func(p Parts) Parts { return at(p, `<row r="500">`, `<row r="500" r="501">`) })},
		{ID: "xml-prefix", About: "a prefix that nobody declared", File: longly(func(p Parts) Parts { return at(p, `<row r="500">`, `<q:row/><row r="500">`) })},
		{ID: "xml-namespace", About: "a sheet in a namespace of its own", File: replaced(Progress, mainNS, "urn:x")},
		{ID: "xml-roots", About: "two roots in one part", File: packed(func(p Parts) Parts { return p.With(Progress, p[Progress]+"<worksheet/>") })},
		{ID: "xml-utf16", About: "a sheet that declares UTF-16", File: replaced(Progress, "UTF-8", "UTF-16")},
		{ID: "xml-utf16-true", About: "a sheet in UTF-16: legal XML that no spreadsheet program writes", File: packed(func(p Parts) Parts { return p.With(Progress, utf16of(p[Progress])) })},
		{ID: "xml-windows-1256", About: "a sheet in the Arabic code page of Windows", File: replaced(Progress, "UTF-8", "windows-1256")},
		{ID: "strings-cut", About: "shared strings that end in the middle", File: longly(func(p Parts) Parts { return p.With(Strings, cutAfter(p[Strings], "<si><t>xx-pl")) })},
		{ID: "string-99", About: "a reference to a shared string beyond the last", File: cell("D6", ` t="s"><v>99</v>`)},
		{ID: "string-minus-1", About: "a reference to a shared string before the first", File: cell("D6", ` t="s"><v>-1</v>`)},
		{ID: "string-x", About: "a reference to a shared string that is no number", File: cell("D6", ` t="s"><v>x</v>`)},
		{ID: "string-1.0", About: "a reference to a shared string that is no whole number", File: cell("D6", ` t="s"><v>1.0</v>`)},
		{ID: "string-nothing", About: "a reference to no shared string", File: cell("D6", ` t="s"><v></v>`)},
		{ID: "cells-unordered", About: "cells C9, A9, B9 in this order: others put the values in other columns", File: row(`<c r="C9"><v>3</v></c><c r="A9"><v>1</v></c>`)},
		{ID: "cells-twice", About: "one cell twice", File: row(`<c r="C9"><v>3</v></c><c r="C9"><v>9</v></c>`)},
		{ID: "row-twice", About: "one row twice", File: replaced(Progress, "</sheetData>", `<row r="8"><c r="C8"><v>5</v></c></row></sheetData>`)},
		{ID: "rows-unordered", About: "a row after a later one: others merge them", File: replaced(Progress, "</sheetData>", `<row r="7"><c r="C7"><v>5</v></c></row></sheetData>`)},
		{ID: "row-0", About: "a row before the first", File: replaced(Progress, "<sheetData>", `<sheetData><row r="0"/>`)},
		{ID: "row-huge", About: "a row number of twenty digits", File: replaced(Progress, "</sheetData>", `<row r="99999999999999999999"/></sheetData>`)},
		{ID: "row-negative", About: "a row of a negative number", File: replaced(Progress, "</sheetData>", `<row r="-9"/></sheetData>`)},
		{ID: "ref-other-row", About: "a cell that says it stands in another row", File: row(`<c r="C7"><v>5</v></c>`)},
		{ID: "ref-none", About: "a cell reference that is none", File: row(`<c r="280"><v>5</v></c>`)},
		{ID: "ref-lower", About: "a cell reference in small letters", File: row(`<c r="c9"><v>5</v></c>`)},
		{ID: "ref-dollar", About: "a cell reference with dollars", File: row(`<c r="$C$9"><v>5</v></c>`)},
		{ID: "ref-beyond", About: "a column after the last", File: row(`<c r="XFE9"><v>5</v></c>`)},
		{ID: "style-beyond", About: "a cell format that is not there: it might be a percentage", File: row(`<c r="C9" s="77"><v>0.5</v></c>`)},
		{ID: "style-x", About: "a cell format that is no number", File: row(`<c r="C9" s="x"><v>0.5</v></c>`)},
		{ID: "type-unknown", About: "a cell of an unknown type", File: row(`<c r="C9" t="z"><v>5</v></c>`)},
		{ID: "value-twice", About: "a cell with two values", File: row(`<c r="C9"><v>5</v><v>6</v></c>`)},
		{ID: "value-foreign", About: "a value in an element that cells do not have", File: row(`<c r="C9"><w>5</w></c>`)},
		{ID: "value-loose", About: "a value outside any element", File: row(`<c r="C9">5</c>`)},
		{ID: "number-blanks", About: "a number with blanks around it", File: cell("C6", Num(" 65 "))},
		{ID: "number-comma", About: "a number with a comma", File: cell("C6", Num("0,65"))},
		{ID: "number-nan", About: "a number that is not one", File: cell("C6", Num("NaN"))},
		{ID: "number-endless", About: "a number beyond all bounds", File: cell("C6", Num("1E+400"))},
		{ID: "number-hex", About: "a number in hexadecimal", File: cell("C6", Num("0x41"))},
		{ID: "number-arabic", About: "a number in Arabic digits where the format wants others", File: cell("C6", Num("٦٥"))},
		{ID: "boolean-2", About: "a truth value of two", File: cell("C6", ` t="b"><v>2</v>`)},
		{ID: "error-none", About: "an error value without an error's name", File: cell("C6", ` t="e"><v>oops</v>`)},
		{ID: "iso-date-none", About: "an ISO date that is no day", File: cell("E6", ` t="d"><v>2022-02-30</v>`)},
		{ID: "alternate", About: "two branches of content among the cells: others read both", File: replaced(Progress, `</sheetData>`,
			`<mc:AlternateContent xmlns:mc="`+mcNS+`"><mc:Choice Requires="x"><row r="9"><c r="C9"><v>1</v></c></row></mc:Choice></mc:AlternateContent></sheetData>`)},
		{ID: "alternate-in-row", About: "two branches of content within a row", File: row(`<mc:AlternateContent xmlns:mc="` + mcNS + `"><mc:Choice Requires="x"><c r="C9"><v>1</v></c></mc:Choice></mc:AlternateContent>`)},
		{ID: "data-twice", About: "a sheet with two tables", File: replaced(Progress, "</sheetData>", "</sheetData><sheetData/>")},
		{ID: "data-none", About: "a sheet without a table", File: with(Progress, head+`<worksheet xmlns="`+mainNS+`"/>`)},
		{ID: "sheet-other-kind", About: "a chart where the sheet should be", File: with(Progress, head+`<chartsheet xmlns="`+mainNS+`"/>`)},
		{ID: "part-sheet-gone", About: "the sheet's part is not there", File: packed(func(p Parts) Parts { return p.Without(Progress) })},
		{ID: "part-strings-gone", About: "the part of shared strings is not there: others read blanks", File: packed(func(p Parts) Parts { return p.Without(Strings) })},
		{ID: "part-styles-gone", About: "the part of styles is pointed to and not there", File: packed(func(p Parts) Parts { return p.Without(Styles) })},
		{ID: "part-book-gone", About: "the workbook part is not there", File: packed(func(p Parts) Parts { return p.Without(Book) })},
		{ID: "part-links-gone", About: "the workbook's relationships are not there", File: packed(func(p Parts) Parts { return p.Without(Links) })},
		{ID: "part-root-gone", About: "the package's relationships are not there", File: packed(func(p Parts) Parts { return p.Without(Root) })},
		{ID: "link-twice", About: "two relationships of one id", File: replaced(Links, `Id="rId2"`, `Id="rId1"`)},
		{ID: "link-nowhere", About: "a sheet whose relationship is not there", File: replaced(Book, `r:id="rId1"`, `r:id="rId7"`)},
		{ID: "strings-two", About: "two parts of shared strings", File: packed(func(p Parts) Parts {
			return p.With("xl/other.xml", p[Strings]).linked(20, "sharedStrings", "other.xml", "")
		})},
		{ID: "books-two", About: "two workbook parts", File: replaced(Root, "</Relationships>", link(2, "officeDocument", "xl/other.xml", "")+"</Relationships>")},
		{ID: "archive-cut", About: "the last bytes of the file are gone", File: func() []byte { b := NewForm().Parts().Zip(); return b[:len(b)-30] }},
		{ID: "archive-head", About: "the first half of the file, as a broken download leaves it", File: func() []byte { b := NewForm().Parts().Zip(); return b[:len(b)/2] }},
		{ID: "archive-zeros", About: "the middle of the file overwritten with zeros", File: func() []byte {
			b := Long().Parts().Zip()
			clear(b[len(b)/3 : len(b)/2])
			return b
		}},
		{ID: "archive-text-mode", About: "a file that went through a transfer of text, CR before each LF", File: func() []byte {
			return []byte(strings.ReplaceAll(string(Long().Parts().Zip()), "\n", "\r\n"))
		}},
	}
	for i := range cases {
		cases[i].ID, cases[i].Rules = "damage-"+cases[i].ID, rule
	}
	return cases
}

func utf16of(s string) string {
	var b strings.Builder
	b.WriteString("\xff\xfe")
	for _, r := range strings.Replace(s, "UTF-8", "UTF-16", 1) {
		b.WriteByte(byte(r))
		b.WriteByte(byte(r >> 8))
	}
	return b.String()
}
