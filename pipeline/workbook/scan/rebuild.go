package scan

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strconv"
)

const (
	nsTypes      = "http://schemas.openxmlformats.org/package/2006/content-types"
	nsDraw       = "http://schemas.openxmlformats.org/drawingml/2006/main"
	nsDrawStrict = "http://purl.oclc.org/ooxml/drawingml/main"

	prolog     = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	blankSheet = prolog + `<worksheet xmlns="` + nsMain + `"><sheetData/></worksheet>`

	typePrefix  = "application/vnd.openxmlformats-officedocument."
	typeRels    = "application/vnd.openxmlformats-package.relationships+xml"
	typeBook    = typePrefix + "spreadsheetml.sheet.main+xml"
	typeSheet   = typePrefix + "spreadsheetml.worksheet+xml"
	typeStyles  = typePrefix + "spreadsheetml.styles+xml"
	typeStrings = typePrefix + "spreadsheetml.sharedStrings+xml"
	typeTheme   = typePrefix + "theme+xml"
)

// Rebuild writes a new workbook of what was verified, for libraries that would
// take what was sent on trust. No byte of it is copied: every part is read to
// its end under the limits, then written anew from the tokens that were read.
//
// It holds the workbook's sheets by name, order, state and date system, its
// defined names, styles and theme; the content of the sheets for which keep is
// true, all others blank; the shared strings where a sheet is kept. Of a kept
// sheet, which is walked first as Each does, there remain its cells, formulas,
// widths, panes, protection, filter, merges, conditional formats, validations
// and page set-up.
//
// It holds no macros, embeddings, pictures, comments, tables, links, extensions,
// printer settings, properties or calculation chain; no formula, validation or
// defined name that needs one of these or calls a program (a cell keeps the
// saved value); chart sheets are blank worksheets. Parts lie where Excel puts
// them, in the transitional namespace. Empty cells stay, beyond the column limit
// too. On an error what was written so far is of no use.
func (b *Book) Rebuild(w io.Writer, keep func(Sheet) bool) (err error) {
	defer func() { rescued(recover(), &err) }()
	r := rebuilder{book: b, zip: zip.NewWriter(w)}
	book, err := r.workbook()
	if err != nil {
		return err
	}
	r.add("xl/workbook.xml", typeBook, "", "", book)
	kept := false
	for i, s := range b.Sheets {
		name := "worksheets/sheet" + strconv.Itoa(i+1) + ".xml"
		if s.part == "" || keep == nil || !keep(s) {
			r.add("xl/"+name, typeSheet, "worksheet", name, []byte(blankSheet))
			continue
		}
		kept = true
		if err := b.Each(s, func(int, []Cell) bool { return true }); err != nil {
			return err
		}
		r.addPart("xl/"+name, typeSheet, "worksheet", name, s.part, b.lim.SheetBytes, &copier{book: b, sections: sheetSections})
	}
	if b.look != "" {
		r.addPart("xl/styles.xml", typeStyles, "styles", "styles.xml", b.look, b.lim.SmallBytes,
			&copier{book: b, sections: styleSections, most: b.lim.Styles})
	}
	if b.text != "" && kept {
		r.addPart("xl/sharedStrings.xml", typeStrings, "sharedStrings", "sharedStrings.xml", b.text, b.lim.StringsBytes, &copier{book: b})
	}
	r.theme()
	r.add("xl/_rels/workbook.xml.rels", "", "", "", r.links())
	r.add("_rels/.rels", "", "", "", []byte(prolog+`<Relationships xmlns="`+nsPackage+`"><Relationship Id="rId1" Type="`+nsRel+
		`/officeDocument" Target="xl/workbook.xml"/></Relationships>`))
	r.add("[Content_Types].xml", "", "", "", r.contentTypes())
	if r.err != nil {
		return r.err
	}
	return r.zip.Close()
}

// rebuilder is a workbook in the making. Its first error ends the writing.
type rebuilder struct {
	book  *Book
	zip   *zip.Writer
	parts []newPart
	err   error
}

type newPart struct{ name, contentType, kind, target string }

// create starts a part; one with a kind is linked to by the workbook, in the
// order of its making.
func (r *rebuilder) create(p newPart) io.Writer {
	if r.err != nil {
		return io.Discard
	}
	out, err := r.zip.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate})
	if r.err = err; err != nil {
		return io.Discard
	}
	r.parts = append(r.parts, p)
	return out
}

func (r *rebuilder) add(name, contentType, kind, target string, content []byte) {
	if _, err := r.create(newPart{name, contentType, kind, target}).Write(content); err != nil && r.err == nil {
		r.err = err
	}
}

// addPart writes a part of the workbook anew.
func (r *rebuilder) addPart(name, contentType, kind, target, from string, most int64, c *copier) {
	out := r.create(newPart{name, contentType, kind, target})
	if r.err == nil {
		r.err = c.part(out, from, most, nsMain, nsMainStrict)
	}
}

// theme adds the theme where it holds together without pictures.
func (r *rebuilder) theme() {
	b := r.book
	if r.err != nil || b.theme == "" || !b.zip.has(b.theme) {
		return
	}
	var buf bytes.Buffer
	c := copier{book: b}
	switch err := c.part(&buf, b.theme, b.lim.SmallBytes, nsDraw, nsDrawStrict); {
	case b.zip.src.err != nil:
		r.err = b.zip.src.err
	case err == nil && !c.linked: // a damaged theme is left out: no value needs it
		r.add("xl/theme/theme1.xml", typeTheme, "theme", "theme/theme1.xml", buf.Bytes())
	}
}

func (r *rebuilder) links() []byte {
	b := []byte(prolog + `<Relationships xmlns="` + nsPackage + `">`)
	n := 0
	for _, p := range r.parts {
		if p.kind != "" {
			n++
			b = append(b, `<Relationship Id="rId`+strconv.Itoa(n)+`" Type="`+nsRel+"/"+p.kind+`" Target="`+p.target+`"/>`...)
		}
	}
	return append(b, `</Relationships>`...)
}

func (r *rebuilder) contentTypes() []byte {
	b := []byte(prolog + `<Types xmlns="` + nsTypes + `"><Default Extension="rels" ContentType="` + typeRels +
		`"/><Default Extension="xml" ContentType="application/xml"/>`)
	for _, p := range r.parts {
		if p.contentType != "" {
			b = append(b, `<Override PartName="/`+p.name+`" ContentType="`+p.contentType+`"/>`...)
		}
	}
	return append(b, `</Types>`...)
}

// workbook writes the part that lists the sheets.
func (r *rebuilder) workbook() ([]byte, error) {
	b := r.book
	before, names, err := r.aroundSheets()
	if err != nil {
		return nil, err
	}
	out := []byte(prolog + `<workbook xmlns="` + nsMain + `" xmlns:r="` + nsRel + `"><workbookPr`)
	if b.Date1904 {
		out = append(out, ` date1904="1"`...)
	}
	out = append(append(append(out, "/>"...), before...), "<sheets>"...)
	for i, s := range b.Sheets {
		n := strconv.Itoa(i + 1)
		out = appendEscaped(append(out, `<sheet name="`...), []byte(s.Name), true)
		out = append(out, `" sheetId="`+n+`"`...)
		switch {
		case s.VeryHidden:
			out = append(out, ` state="veryHidden"`...)
		case s.Hidden:
			out = append(out, ` state="hidden"`...)
		}
		out = append(out, ` r:id="rId`+n+`"/>`...)
	}
	return append(append(append(out, "</sheets>"...), names...), "</workbook>"...), nil
}

// aroundSheets gives what stands before and after the list of sheets.
func (r *rebuilder) aroundSheets() (before, names []byte, err error) {
	b := r.book
	p, err := b.zip.open(b.main, b.lim.SmallBytes)
	if err != nil {
		return nil, nil, err
	}
	defer p.close()
	l := newLexer(p, b.lim, nsMain, nsMainStrict)
	c := copier{book: b, lex: l}
	n := 0
	for {
		ev, err := l.next()
		if err != nil {
			return nil, nil, err
		}
		switch {
		case ev == evEOF:
			if n > 0 {
				names = append(append([]byte("<definedNames>"), names...), "</definedNames>"...)
			}
			return before, names, nil
		case ev != evStart || len(l.open) == 1 || len(l.open) == 2 && l.name == "definedNames":
		case len(l.open) == 2 && (l.name == "bookViews" || l.name == "workbookProtection"):
			before, err = c.tree(before)
		case len(l.open) == 3 && l.name == "definedName":
			if n++; n > b.lim.Styles {
				return nil, nil, hostile(UnsafeCount, p.name)
			}
			from := len(names)
			c.broken = false
			if names, err = c.tree(names); c.broken {
				names, n = names[:from], n-1
			}
		default:
			err = l.skip()
		}
		if err != nil {
			return nil, nil, err
		}
	}
}

var (
	sheetSections = []string{"sheetPr", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetProtection", "protectedRanges", "autoFilter",
		"mergeCells", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks"}
	styleSections = []string{"numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors"}
)

// whole are the elements that go as a whole where a formula in them cannot stay.
func whole(name string) bool {
	return slices.Contains([]string{"f", "dataValidations", "conditionalFormatting"}, name)
}
