package workbooktest

import (
	"encoding/binary"
	"regexp"
	"strings"
)

// dialects are sound workbooks as programs other than Excel write them, or as
// the standard allows and nobody expects. Each must be read as the plain form.
func dialects() []Case {
	each := func(p Parts, change func(string) string) Parts {
		q := Parts{}
		for name, content := range p {
			q[name] = change(content)
		}
		return q
	}
	sheets := []string{Progress, Milestones, Meta}
	inSheets := func(change func(string) string) func() []byte {
		return packed(func(p Parts) Parts {
			for _, name := range sheets {
				p = p.With(name, change(p[name]))
			}
			return p
		})
	}
	cases := []Case{
		{ID: "libreoffice", About: "as LibreOffice writes: formats on every cell, aca on formulas, customFormat rows, an extension list", Rules: "formula-value-read", File: filled(func(f *Form) {
			f.Cells["C6"] = ` s="0"><f aca="false">60+5</f><v>65</v>`
			f.Rows[6] = ` customFormat="false" ht="12.8" hidden="false" customHeight="false" outlineLevel="0" collapsed="false"`
			f.Before = `<sheetPr filterMode="false"><pageSetUpPr fitToPage="false"/></sheetPr><dimension ref="A1:H8"/><sheetViews><sheetView workbookViewId="0"/></sheetViews>`
			f.After = `<printOptions headings="false"/><extLst><ext xmlns:loext="http://schemas.libreoffice.org/" uri="{7626C862-2A13-11E5-B345-FEFF819CDC9F}"><loext:extCalcPr stringRefSyntax="ExcelA1"/></ext></extLst>`
		})},
		{ID: "google-sheets", About: "as Google Sheets writes: foreign prefixes, no spans, heights on every row, a drawing", File: packed(func(p Parts) Parts {
			return p.Replace(Progress, `<worksheet `, `<worksheet xmlns:mx="http://schemas.microsoft.com/office/mac/excel/2008/main" xmlns:mc="`+mcNS+`" xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac" mc:Ignorable="x14ac" `).
				Replace(Progress, `<row r="6">`, `<row r="6" ht="15.75" customHeight="1" x14ac:dyDescent="0.25">`).
				Replace(Progress, `</sheetData>`, `</sheetData><drawing r:id="rId1"/>`).
				With("xl/worksheets/_rels/sheet1.xml.rels", head+`<Relationships xmlns="`+linkNS+`">`+link(1, "drawing", "../drawings/drawing1.xml", "")+`</Relationships>`).
				With("xl/drawings/drawing1.xml", `<x/>`)
		})},
		{ID: "wps", About: "as WPS writes: its own properties and extensions, customXml, texts told to keep their blanks", File: packed(func(p Parts) Parts {
			return p.Replace(Strings, "<t>", `<t xml:space="preserve">`).
				Replace(Book, "<sheets>", `<bookViews><workbookView windowWidth="28800" windowHeight="12375"/></bookViews><sheets>`).
				Replace(Book, "</workbook>", `<calcPr calcId="144525"/></workbook>`).
				With("customXml/item1.xml", "<x/>").With("docProps/custom.xml", "<Properties><property name=\"KSOProductBuildVer\"/></Properties>")
		})},
		{ID: "sheetjs", About: `as SheetJS writes: texts of type "str" in the cells, no shared strings`, File: inlined(` t="str"><v>`, `</v>`)},
		{ID: "openpyxl", About: "as openpyxl writes row by row: texts of the cells' own, absolute targets, no spans", File: func() []byte {
			p, err := Unzip(inlined(` t="inlineStr"><is><t>`, `</t></is>`)())
			if err != nil {
				panic(err)
			}
			return p.Replace(Links, `Target="worksheets/`, `Target="/xl/worksheets/`).Replace(Root, `Target="xl/`, `Target="/xl/`).Zip()
		}},
		{ID: "excelize", About: "as excelize writes: long end tags, truth values as words", File: inSheets(func(s string) string {
			s = regexp.MustCompile(`<(c|row)([^<>]*)/>`).ReplaceAllString(s, `<$1$2></$1>`)
			return strings.Replace(s, "<sheetData>", `<sheetPr><pageSetUpPr fitToPage="true"></pageSetUpPr></sheetPr><sheetData>`, 1)
		})},
		{ID: "prefixed", About: "as ClosedXML and some exporters write: every element with a prefix", File: packed(func(p Parts) Parts {
			prefix := func(s string) string {
				s = regexp.MustCompile(`<(/?)([a-zA-Z])`).ReplaceAllString(s, `<${1}x:$2`)
				return strings.Replace(s, `xmlns="`, `xmlns:x="`, 1)
			}
			return each(p, prefix).With(Types, p[Types])
		})},
		{ID: "prefix-other", About: "the namespace of relationships under another prefix", File: packed(func(p Parts) Parts {
			return p.Replace(Book, "xmlns:r=", "xmlns:d3p1=").Replace(Book, " r:id", " d3p1:id")
		})},
		{ID: "references-none", About: "rows and cells without their numbers", File: func() []byte {
			f := NewForm()
			for row, n := 1, ""; row < 9; row++ { // every cell in its turn, the empty ones too
				n = string(rune('0' + row))
				for _, c := range "ABCDEFGH" {
					if _, ok := f.Cells[string(c)+n]; !ok {
						f.Cells[string(c)+n] = ">"
					}
				}
			}
			p := f.Parts()
			return p.With(Progress, regexp.MustCompile(` r="[A-Z]*[0-9]+"`).ReplaceAllString(p[Progress], "")).Zip()
		}},
		{ID: "styles-none", About: "no part of styles, dates as text", Rules: "date-read-from-text date-read-from-text date-read-from-text", File: func() []byte {
			f := NewForm()
			for _, ref := range []string{"E6", "E7", "E8"} {
				f.Cells[ref] = f.Shared("31/12/2022")
			}
			return f.Parts().Without(Styles).Replace(Links, link(8, "styles", "styles.xml", ""), "").Zip()
		}},
		{ID: "style-empty", About: `cells with s="", as one exporter writes: excelize reads no row`, File: filled(func(f *Form) {
			for ref, content := range f.Cells {
				if !strings.HasPrefix(content, " s=") {
					f.Cells[ref] = ` s=""` + content
				}
			}
		})},
		{ID: "strings-elsewhere", About: "shared strings at a path that nobody uses: excelize reads blanks", File: packed(func(p Parts) Parts {
			return p.With("data/texts.xml", p[Strings]).Without(Strings).Replace(Links, `Target="sharedStrings.xml"`, `Target="../data/texts.xml"`)
		})},
		{ID: "book-elsewhere", About: "the workbook part at another path", File: packed(func(p Parts) Parts {
			q := Parts{}
			for name, content := range p {
				q[strings.Replace(strings.Replace(name, "xl/", "other/", 1), "workbook.xml", "book.xml", 1)] = content
			}
			return q.With(Root, strings.Replace(p[Root], "xl/workbook.xml", "other/book.xml", 1))
		})},
		{ID: "targets-backslash", About: "targets with the other slash", File: replaced(Links, "worksheets/", `worksheets\`)},
		{ID: "members-backslash", About: "members with the other slash, as some programs on Windows name them", File: packed(func(p Parts) Parts {
			q := Parts{}
			for name, content := range p {
				q[strings.ReplaceAll(name, "/", `\`)] = content
			}
			return q
		})},
		{ID: "members-capitals", About: "members named in capitals", File: packed(func(p Parts) Parts {
			q := Parts{}
			for name, content := range p {
				q[strings.ToUpper(name)] = content
			}
			return q
		})},
		{ID: "strict", About: "strict Office Open XML", File: packed(func(p Parts) Parts { return each(p, strict) })},
		{ID: "strict-dates", About: "strict Office Open XML with ISO dates", File: func() []byte {
			f := NewForm()
			for _, ref := range []string{"E6", "E7", "E8"} {
				f.Cells[ref] = ` s="2" t="d"><v>2022-12-31</v>`
			}
			return each(f.Parts(), strict).Zip()
		}},
		{ID: "stored", About: "nothing compressed", File: func() []byte {
			ms := NewForm().Parts().Members()
			for i := range ms {
				ms[i].Store = true
			}
			return Zip(ms)
		}},
		{ID: "streamed", About: "sizes and check sums behind the members, as programs write that do not go back", File: func() []byte { return Stream(NewForm().Parts()) }},
		{ID: "folders", About: "folders as members, and what macOS puts beside", File: packed(func(p Parts) Parts {
			return p.With("xl/", "").With("xl/worksheets/", "").With("__MACOSX/._suivi.xlsx", "x").With(".DS_Store", "x")
		})},
		{ID: "comment", About: "an archive with a comment", File: func() []byte {
			b := NewForm().Parts().Zip()
			binary.LittleEndian.PutUint16(b[len(b)-2:], 7)
			return append(b, "bonjour"...)
		}},
		{ID: "bom", About: "byte order marks before the XML", File: packed(func(p Parts) Parts { return each(p, func(s string) string { return "\ufeff" + s }) })},
		{ID: "no-declaration", About: "XML without its declaration", File: packed(func(p Parts) Parts { return each(p, func(s string) string { return strings.TrimPrefix(s, head) }) })},
		{ID: "single-quotes", About: "attributes in single quotes", File: inSheets(func(s string) string { return strings.ReplaceAll(s, `"`, `'`) })},
		{ID: "indented", About: "XML on many lines with comments and instructions", File: inSheets(func(s string) string {
			s = regexp.MustCompile(`(<row|<c |<v>|</c>|</row>|</sheetData>)`).ReplaceAllString(s, "\r\n\t$1")
			return strings.Replace(s, "<sheetData>", "<!-- début --><?x y?><sheetData>", 1)
		})},
		{ID: "cdata-values", About: "values in CDATA sections", File: inSheets(func(s string) string {
			return regexp.MustCompile(`<v>([^<]*)</v>`).ReplaceAllString(s, `<v><![CDATA[$1]]></v>`)
		})},
		{ID: "references-in-values", About: "numbers by the numbers of their characters", File: replaced(Progress, "<v>65</v>", "<v>&#54;&#x35;</v>")},
		{ID: "alternate-beside", About: "alternate content in the workbook part, beside the sheets", File: replaced(Book, "<sheets>",
			`<mc:AlternateContent xmlns:mc="`+mcNS+`"><mc:Choice Requires="x15"><x15ac:absPath xmlns:x15ac="urn:x" url="C:\"/></mc:Choice></mc:AlternateContent><sheets>`)},
		{ID: "value-and-inline", About: "cells with a value beside a text of their own", File: cell("D6", ` t="inlineStr"><v>En cours</v><is><t>En cours</t></is>`)},
		{ID: "type-n", About: "numbers that say so", File: replaced(Progress, `<c r="C6">`, `<c r="C6" t="n">`)},
		{ID: "calcchain-beta", About: "a calculation chain of a beta version: excelize opens nothing", File: packed(func(p Parts) Parts {
			return p.With("xl/calcChain.xml", `<calcChain xmlns="http://schemas.microsoft.com/office/excel/2006/2"/>`).linked(20, "calcChain", "calcChain.xml", "")
		})},
		{ID: "picture-broken", About: "a picture with a wrong check sum: excelize opens nothing", File: func() []byte {
			ms := append(NewForm().Parts().Members(), Member{Name: "xl/media/image1.png", Data: "x", CRC: ptr(uint32(1))})
			return Zip(ms)
		}},
		{ID: "xlsm-type", About: "the content type of a workbook that could have macros and has none", File: replaced(Types, workbookType, "application/vnd.ms-excel.sheet.macroEnabled.main+xml")},
		{ID: "xltx-type", About: "the content type of a template of Excel", File: replaced(Types, workbookType, "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml")},
		{ID: "protected", About: "sheets and structure locked with a password, which hides nothing", File: packed(func(p Parts) Parts {
			return p.Replace(Book, "<sheets>", `<workbookProtection workbookPassword="CC1A" lockStructure="1"/><sheets>`).
				Replace(Progress, "</sheetData>", `</sheetData><sheetProtection password="CC1A" sheet="1"/>`)
		})},
		{ID: "extensions", About: "extension lists in a row, in a cell and behind the strings", File: packed(func(p Parts) Parts {
			return p.Replace(Progress, `<c r="C6">`, `<c r="C6"><extLst><ext><v>9</v></ext></extLst>`).Replace(Strings, "</sst>", "<extLst><ext><si><t>x</t></si></ext></extLst></sst>")
		})},
		{ID: "foreign-attributes", About: "attributes of other namespaces with the names of ours", File: packed(func(p Parts) Parts {
			return p.Replace(Progress, `<c r="C6">`, `<c r="C6" xmlns:q="urn:q" q:t="s" q:r="D6" q:s="1">`)
		})},
	}
	for i := range cases {
		cases[i].ID, cases[i].Same = "dialect-"+cases[i].ID, true
	}
	return cases
}

func strict(s string) string {
	return strings.NewReplacer(mainNS, "http://purl.oclc.org/ooxml/spreadsheetml/main",
		relNS, "http://purl.oclc.org/ooxml/officeDocument/relationships").Replace(s)
}

// inlined is the plain form with its shared strings in the cells, without the
// part that holds them.
func inlined(before, after string) func() []byte {
	return func() []byte {
		f := NewForm()
		p := f.Parts()
		value := regexp.MustCompile(` t="s"><v>([0-9]+)</v>`)
		inline := func(s string) string {
			return value.ReplaceAllStringFunc(s, func(m string) string {
				n := 0
				for _, c := range value.FindStringSubmatch(m)[1] {
					n = n*10 + int(c-'0')
				}
				text := strings.TrimSuffix(strings.TrimPrefix(f.strings[n], "<t>"), "</t>")
				return before + text + after
			})
		}
		return p.With(Progress, inline(p[Progress])).With(Milestones, inline(p[Milestones])).Without(Strings).
			Replace(Links, link(9, "sharedStrings", "sharedStrings.xml", ""), "").Zip()
	}
}
