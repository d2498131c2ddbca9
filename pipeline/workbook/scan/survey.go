package scan

import (
	"bytes"
	"path"
	"strconv"
	"strings"
)

// linksFolder is where the links of a workbook lie, folded.
const linksFolder = "xl/externallinks/"

// connections is the part that says from where data would be fetched, folded.
const connections = "xl/connections.xml"

// survey tells by the members' names what a workbook carries besides cells.
// Nothing of it is opened but the start of each link.
func (b *Book) survey() {
	for name := range b.zip.files {
		switch {
		case strings.HasPrefix(name, "xl/macrosheets/"), strings.HasPrefix(name, "xl/dialogsheets/"), path.Base(name) == "vbaproject.bin":
			b.Macros = true
		case name == connections:
			b.External = true
		case strings.HasPrefix(name, linksFolder):
			b.External = true
			if path.Ext(name) == ".xml" && b.callsPrograms(name) {
				b.DDE++
			}
		case foreign(name):
			b.Embedded++
		}
	}
}

// foreignEndings are of archives, programs and documents: no part of a workbook
// is named so.
const foreignEndings = " .zip .rar .7z .gz .bz2 .xz .tar .cab .iso .jar .exe .dll .scr .com .msi .bat .cmd .ps1 .vbs .js .hta .lnk .sh" +
	" .xlsx .xlsm .xltx .xltm .xlsb .xls .xlam .ods .docx .docm .doc .odt .pptx .pptm .ppt .odp .pdf .rtf .csv .msg .eml "

// aside is how the names start of what macOS puts beside each file of an archive.
const aside = "._"

func foreign(name string) bool {
	if strings.HasPrefix(path.Base(name), aside) {
		return false
	}
	ext := path.Ext(name)
	return strings.Contains(name, "/embeddings/") && !strings.HasSuffix(name, "/") && !strings.Contains(name, "/_rels/") ||
		ext != "" && strings.Contains(foreignEndings, " "+ext+" ")
}

// holdsWorkbook tells whether a plain archive has a workbook in it, zipped for
// the way.
func (a *archive) holdsWorkbook() bool {
	for name := range a.files {
		switch path.Ext(name) {
		case ".xlsx", ".xlsm", ".xltx", ".xltm":
			if !strings.HasPrefix(path.Base(name), aside) {
				return true
			}
		}
	}
	return false
}

// callsPrograms tells whether a link's part speaks of another program rather
// than of another workbook. One that cannot be read is a link like any other.
func (b *Book) callsPrograms(name string) bool {
	if !b.zip.has(name) {
		return false
	}
	p, err := b.zip.open(name, b.lim.TotalBytes)
	if err != nil {
		return false
	}
	defer p.close()
	l := newLexer(p, b.lim, nsMain, nsMainStrict)
	for {
		ev, err := l.next()
		if err != nil || ev == evEOF {
			return false
		}
		if ev == evStart && len(l.open) == 2 {
			return l.name == "ddeLink" || l.name == "oleLink"
		}
	}
}

// callsProgram tells whether a formula asks another program, as
// cmd|'/c calc'!A1 does: a bar outside of texts, then a mark of exclamation.
func callsProgram(formula []byte) bool {
	if bytes.IndexByte(formula, '|') < 0 {
		return false
	}
	bar := false
	for i := 0; i < len(formula); i++ {
		switch c := formula[i]; c {
		case '"', '\'':
			n := bytes.IndexByte(formula[i+1:], c)
			if n < 0 {
				return false
			}
			i += n + 1
		case '|':
			bar = true
		case '!':
			if bar {
				return true
			}
		}
	}
	return false
}

// Each shared string takes at least "<si/>", each cell that shows one at least
// `<c t="s"><v>0</v></c>`.
const (
	leastString = 5
	leastCell   = 21
)

// miscounts tells whether the shared strings claim to be more than the bytes of
// the part, or of the whole workbook, can hold. The claims are not believed
// either way.
func (b *Book) miscounts(l *lexer, size int64) bool {
	total := int64(0)
	for _, f := range b.zip.files {
		total += int64(f.UncompressedSize64)
	}
	over := func(attr string, most int64) bool {
		claim, ok := l.attr(attr)
		if !ok {
			return false
		}
		n, err := strconv.ParseInt(strings.TrimSpace(claim), 10, 64)
		return err != nil || n < 0 || n > most
	}
	return over("uniqueCount", size/leastString) || over("count", max(total/leastCell, size/leastString))
}
