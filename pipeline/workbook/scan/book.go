package scan

import (
	"io"
	"path"
	"strings"
	"unicode/utf8"
)

// Both the transitional and the strict forms of each namespace are read.
const (
	nsMain       = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	nsMainStrict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
	nsRel        = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	nsRelStrict  = "http://purl.oclc.org/ooxml/officeDocument/relationships"
	nsPackage    = "http://schemas.openxmlformats.org/package/2006/relationships"
	nsCompat     = "http://schemas.openxmlformats.org/markup-compatibility/2006"
)

// Sheet is one worksheet of a workbook.
type Sheet struct {
	Name       string
	Hidden     bool // hidden or very hidden
	VeryHidden bool // not even offered to be shown
	part       string
}

// Readable tells whether the sheet holds cells: chart and dialogue sheets do not.
func (s Sheet) Readable() bool { return s.part != "" }

// Book is a workbook whose archive, styles and shared strings were read whole.
type Book struct {
	Sheets   []Sheet
	Date1904 bool
	Macros   bool // it carries macros; they are never run
	External bool // it links to other workbooks, or to where data would be fetched; they are never followed
	DDE      int  // links and names that ask other programs; these are never called
	Embedded int  // files inside it that are no part of a workbook; they are never opened
	Miscount bool // it claims more shared strings than it can hold
	zip      *archive
	lim      Limits
	strings  sharedStrings
	styles   []format
	main     string // the workbook's part
	theme    string // the theme's part, "" where it has none
	text     string // the shared strings' part, "" where it has none
	look     string // the styles' part, "" where it has none
}

// Open reads all of a workbook but its sheets. The error is a *Refusal where
// their file is at fault, anything else where reading it failed.
func Open(r io.ReaderAt, size int64, lim Limits) (*Book, error) { return new(Space).Open(r, size, lim) }

// Open is the function Open with the buffers of the space.
func (s *Space) Open(r io.ReaderAt, size int64, lim Limits) (b *Book, err error) {
	defer func() { rescued(recover(), &err) }()
	src := &source{r: r, size: size, budget: -1}
	format, err := sniff(src, size)
	switch {
	case src.err != nil:
		return nil, src.err
	case err != nil:
		return nil, err
	case format == FormatEmpty:
		return nil, refuse(RuleEmpty)
	case format == FormatEncrypted:
		return nil, refuse(RuleEncrypted)
	case format != FormatZip:
		return nil, notXLSX(format)
	case size > lim.FileBytes:
		return nil, tooLarge(limitFile, lim.FileBytes, "")
	}
	a, err := openArchive(src, size, lim)
	if err != nil {
		return nil, err
	}
	a.space = s
	if f := archiveFormat(a.has, a.hasPrefix, a.mimetype()); f != FormatXLSX {
		if f == FormatZip && a.holdsWorkbook() {
			return nil, notThis(f, adviceUnzip)
		}
		return nil, notXLSX(f)
	}
	b = &Book{zip: a, lim: lim}
	if err := b.load(); err != nil {
		return nil, err
	}
	return b, nil
}

// rescued makes a refusal of a panic: whatever the file, the run goes on.
func rescued(panicked any, err *error) {
	if panicked != nil {
		*err = damaged(ReasonUnreadable, "")
	}
}

// mimetype gives the first bytes of the member that an OpenDocument file has.
func (a *archive) mimetype() string {
	if !a.has("mimetype") {
		return ""
	}
	p, err := a.open("mimetype", 1<<10)
	if err != nil {
		return ""
	}
	defer p.close()
	text, err := io.ReadAll(p)
	if err != nil {
		return ""
	}
	return string(text)
}

func (b *Book) load() error {
	roots, err := b.relationships("")
	if err != nil {
		return err
	}
	main := ""
	for _, r := range roots {
		if r.is("officeDocument") {
			if main != "" {
				return damaged(ReasonDuplicate, "_rels/.rels")
			}
			main = r.target
		}
	}
	switch {
	case main == "":
		return damaged(ReasonMissing, "xl/workbook.xml")
	case strings.HasSuffix(main, ".bin"):
		return notXLSX(FormatXLSB)
	}
	b.main = main
	rels, err := b.relationships(main)
	if err != nil {
		return err
	}
	if err := b.workbook(main, rels); err != nil {
		return err
	}
	b.survey()
	for _, r := range rels {
		switch {
		case r.is("styles"):
			b.look = r.target
			err = b.loadStyles(r.target)
		case r.is("sharedStrings"):
			b.text = r.target
			err = b.loadStrings(r.target)
		case strings.HasSuffix(r.kind, "/vbaProject"), strings.HasSuffix(r.kind, "/xlMacrosheet"):
			b.Macros = true
		case r.is("externalLink"):
			b.External = true
			if !strings.HasPrefix(fold(r.target), linksFolder) && b.callsPrograms(r.target) {
				b.DDE++
			}
		case r.is("connections"):
			b.External = true
		case r.is("theme"):
			b.theme = r.target
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type relationship struct {
	id, kind, target string
	external         bool
}

// is tells whether the relationship is of a standard kind and inside the file.
func (r relationship) is(kind string) bool {
	of, ok := strings.CutSuffix(r.kind, kind)
	return ok && !r.external && (of == nsRel+"/" || of == nsRelStrict+"/")
}

// relationships reads where a part points to; "" is the package itself.
func (b *Book) relationships(of string) (rels []relationship, err error) {
	name := path.Join(path.Dir(of), "_rels", path.Base(of)+".rels")
	if of == "" {
		name = "_rels/.rels"
	}
	if !b.zip.has(name) {
		return nil, damaged(ReasonMissing, name)
	}
	p, err := b.zip.open(name, b.lim.SmallBytes)
	if err != nil {
		return nil, err
	}
	defer p.done(&err)
	seen := map[string]bool{}
	l := newLexer(p, b.lim, nsPackage)
	for {
		ev, err := l.next()
		if err != nil {
			return nil, err
		}
		if ev == evEOF {
			return rels, nil
		}
		if ev != evStart {
			continue
		}
		if len(l.open) == 1 && l.name != "Relationships" {
			return nil, damaged(ReasonElement, name)
		}
		if l.name != "Relationship" {
			continue
		}
		var r relationship
		r.id, _ = l.attr("Id")
		r.kind, _ = l.attr("Type")
		r.target, _ = l.attr("Target")
		mode, _ := l.attr("TargetMode")
		r.external = mode == "External"
		if seen[r.id] {
			return nil, damaged(ReasonDuplicate, name)
		}
		seen[r.id] = true
		if !r.external {
			r.target = resolve(of, r.target)
		}
		if rels = append(rels, r); len(rels) > b.lim.Members {
			return nil, hostile(UnsafeCount, name)
		}
	}
}

// resolve gives the part that a target means, as seen from a part.
func resolve(from, target string) string {
	target = strings.ReplaceAll(target, `\`, "/")
	if !strings.HasPrefix(target, "/") {
		target = path.Join("/", path.Dir(from), target)
	}
	return strings.TrimPrefix(path.Clean(target), "/")
}

// workbook reads the list of sheets.
func (b *Book) workbook(name string, rels []relationship) (err error) {
	p, err := b.zip.open(name, b.lim.SmallBytes)
	if err != nil {
		return err
	}
	defer p.done(&err)
	targets := make(map[string]relationship, len(rels))
	for _, r := range rels {
		targets[r.id] = r
	}
	l := newLexer(p, b.lim, nsMain, nsMainStrict)
	inSheets := false
	for {
		ev, err := l.next()
		if err != nil {
			return err
		}
		switch {
		case ev == evEOF:
			return nil
		case ev == evEnd && l.name == "sheets":
			inSheets = false
		case ev != evStart:
		case len(l.open) == 1:
			if l.name != "workbook" {
				return damaged(ReasonElement, p.name)
			}
		case len(l.open) == 2 && l.name == "workbookPr":
			v, _ := l.attr("date1904")
			b.Date1904 = truth(v)
		case l.name == "definedName":
			formula, err := l.leaf()
			if err != nil {
				return err
			}
			if callsProgram(formula) {
				b.DDE++
			}
		case len(l.open) == 2 && l.name == "definedNames":
		case len(l.open) == 2 && l.name == "sheets":
			if b.Sheets != nil {
				return damaged(ReasonDuplicate, p.name)
			}
			inSheets = true
		case inSheets && l.name == "sheet":
			if err := b.addSheet(l, targets); err != nil {
				return err
			}
		case len(l.open) == 2, inSheets:
			if inSheets && l.outside == nsCompat {
				return damaged(ReasonAlternate, p.name)
			}
			if err := l.skip(); err != nil {
				return err
			}
		}
	}
}

func (b *Book) addSheet(l *lexer, targets map[string]relationship) error {
	if len(b.Sheets) >= b.lim.Sheets {
		return hostile(UnsafeCount, l.part)
	}
	name, _ := l.attr("name")
	state, _ := l.attr("state")
	if utf8.RuneCountInString(name) > 255 {
		return damaged(ReasonReference, l.part)
	}
	rel, ok := targets[l.attrIn("id", nsRel, nsRelStrict)]
	if !ok || rel.external {
		return damaged(ReasonMissing, l.part)
	}
	sheet := Sheet{Name: name, Hidden: state == "hidden" || state == "veryHidden", VeryHidden: state == "veryHidden"}
	// Chart and dialogue sheets hold no cells; they stay in the list, unreadable.
	if rel.is("worksheet") {
		sheet.part = rel.target
	}
	b.Sheets = append(b.Sheets, sheet)
	return nil
}

func truth(v string) bool { return v == "1" || v == "true" }
