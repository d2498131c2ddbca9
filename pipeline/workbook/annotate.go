package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook/scan"
)

// Feedback is what the sender of a workbook is told of it.
type Feedback struct {
	Answers             string   // id of the submission
	ReceivedAt          string   // YYYY-MM-DD
	Languages           []string // one or two: that of the edition first
	Outcome             string   // accepted, accepted_in_part or refused
	RowsTaken, RowsHeld int
	Counts              map[finding.Severity]int // of all the findings
	Marks               []Mark                   // worst first
	Taken               []Taken
	Held                []string // commitments of which a row was held back
}

// Mark is a finding with its sentences by language.
type Mark struct {
	Severity        finding.Severity
	Sheet, Ref      string // "" where the whole workbook or sheet is meant
	Value           string // as received
	Commitment      string
	Message, Remedy map[string]string
}

// Taken is a value that was taken: what was received, what was read, by language.
type Taken struct {
	Sheet, Ref, Commitment string
	Received               string
	Field, Read            map[string]string
}

// MaxMarked is the size of a workbook's sheets, inflated, up to which a copy is
// marked: a form of 5,000 rows is 4 MiB. Of a larger one the sender gets the
// first sheet alone. What marking takes of memory grows with the file and the
// marks, not with the rows.
const MaxMarked = 32 << 20

// Findings and values that a copy lists; more are only counted.
const (
	maxListed      = 1000
	maxTakenListed = 2000
)

// Annotate writes a copy of a workbook with each finding marked at its cell and
// listed on a first sheet. Nothing but what the scanner verified goes into the
// copy; the marks of an earlier round are taken out. tell is given the header of
// the workbook as far as it could be read. The error is a *scan.Refusal where
// there is nothing that could be copied. The same workbook and feedback give the
// same bytes.
func (r *Reader) Annotate(w io.Writer, src io.ReaderAt, size int64, lay *Layout, lim Limits, tell func(*Header) Feedback) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("annotate workbook: panic: %v", p)
		}
	}()
	book, err := r.space.Open(src, size, lim)
	if err != nil {
		return fmt.Errorf("annotate workbook: %w", err)
	}
	d := &Document{lay: lay, book: book}
	if err := d.findCopy(); err != nil {
		return fmt.Errorf("annotate workbook: %w", err)
	}
	if err := d.headerAlone(); err != nil {
		return fmt.Errorf("annotate workbook: %w", err)
	}
	a := &annotator{lay: lay, book: book, fb: tell(&d.Header)}
	a.fit()
	var weight int64
	for _, s := range book.Sheets {
		if !d.ours(s) {
			a.sheets = append(a.sheets, &annotated{Sheet: s, from: slices.Index(book.Sheets, s), foreign: !d.ofTheForm(s)})
			weight += book.Weight(s)
		}
	}
	if a.alone = weight > MaxMarked; a.alone {
		a.sheets = nil
	}
	if err := a.write(w); err != nil {
		return fmt.Errorf("annotate workbook: %w", err)
	}
	return nil
}

// headerAlone reads the header, whatever else is wrong with the workbook.
func (d *Document) headerAlone() error {
	d.Header.cells = map[string]Cell{}
	for _, layout := range d.lay.Sheets {
		if layout.Kind != KindMeta {
			continue
		}
		err := d.openSheet(layout, func(finding.Finding) {})
		var refused *scan.Refusal
		if err != nil && !errors.As(err, &refused) {
			return err
		}
	}
	return nil
}

// annotator makes one copy.
type annotator struct {
	lay     *Layout
	book    *scan.Book
	fb      Feedback
	sheets  []*annotated // of the sender, in order
	alone   bool         // the workbook cannot be marked
	damaged []string     // sheets that were left blank
	listed  []Mark
	styles  *styleBook
	name    string // of the first sheet
	headRow int    // that each printed page of it repeats
}

// annotated is a sheet of the sender in the copy.
type annotated struct {
	scan.Sheet
	from    int  // its place in the workbook received
	foreign bool // none of the form's
	damaged bool // and left blank
	notes   []*cellNote
	cells   map[string]Cell // those that are marked
	patch   sheetPatch
}

// fit bounds what is listed.
func (a *annotator) fit() {
	if len(a.fb.Languages) == 0 {
		a.fb.Languages = a.lay.Fallback[:1]
	}
	a.fb.Languages = a.fb.Languages[:min(2, len(a.fb.Languages))]
	a.listed = a.fb.Marks[:min(maxListed, len(a.fb.Marks))]
}

func (a *annotator) write(w io.Writer) error {
	parts, err := a.rebuilt()
	var refused *scan.Refusal
	if errors.As(err, &refused) && a.fb.Outcome != outcomeRefused { // it was read, but cannot be written
		a.alone, a.sheets = true, nil
		parts, err = a.rebuilt()
	}
	if err != nil {
		return err
	}
	look, err := parts.bytes("xl/styles.xml")
	if err != nil {
		return err
	}
	if a.styles, err = newStyleBook(look, a.lay); err != nil {
		return err
	}
	if err := a.trim(parts); err != nil {
		return err
	}
	a.name = a.freeName()
	for _, s := range a.sheets {
		if err := a.mark(s); err != nil {
			return err
		}
	}
	page := a.page()
	p := newPackage(w)
	p.add("xl/worksheets/sheet1.xml", typeWorksheet, page)
	group := 1
	for i, s := range a.sheets {
		if group, err = a.sheet(p, parts, s, i+2, group); err != nil {
			return err
		}
	}
	p.add("xl/worksheets/sheet"+strconv.Itoa(len(a.sheets)+2)+".xml", typeWorksheet, a.record())
	p.add("xl/styles.xml", typeStyles, a.styles.part())
	var links []link
	for i := range len(a.sheets) + 2 {
		links = append(links, link{"worksheet", "worksheets/sheet" + strconv.Itoa(i+1) + ".xml"})
	}
	links = append(links, link{"styles", "styles.xml"})
	for _, o := range []struct{ name, contentType, kind, target string }{
		{"xl/sharedStrings.xml", typeStrings, "sharedStrings", "sharedStrings.xml"},
		{"xl/theme/theme1.xml", typeTheme, "theme", "theme/theme1.xml"},
	} {
		if f := parts.files[o.name]; f != nil {
			p.copy(o.name, o.contentType, f)
			links = append(links, link{o.kind, o.target})
		}
	}
	main, err := parts.bytes("xl/workbook.xml")
	if err != nil {
		return err
	}
	if main, err = a.workbook(main); err != nil {
		return err
	}
	p.add("xl/workbook.xml", typeWorkbook, main)
	p.add("xl/_rels/workbook.xml.rels", "", relsPart(links...))
	p.add("_rels/.rels", "", relsPart(link{"officeDocument", "xl/workbook.xml"}))
	return p.close()
}

// trim drops the formats that no sheet of the sender uses at the end.
func (a *annotator) trim(parts *partSet) error {
	used := usedStyles{cell: -1, mark: -1}
	for _, s := range a.sheets {
		in, err := parts.open(s.part())
		if err != nil {
			return err
		}
		err = used.read(in)
		in.Close()
		if err != nil {
			return err
		}
	}
	a.styles.trim(used)
	return nil
}

// part is where the rebuilt workbook has the sheet.
func (s *annotated) part() string { return "xl/worksheets/sheet" + strconv.Itoa(s.from+1) + ".xml" }

// rebuilt gives the parts of the workbook, written anew by the scanner. A sheet
// that is damaged and none of the form's comes back blank.
func (a *annotator) rebuilt() (*partSet, error) {
	var buf bytes.Buffer
	keep := func(s scan.Sheet) bool {
		return slices.ContainsFunc(a.sheets, func(x *annotated) bool { return x.Sheet == s && !x.damaged })
	}
	for {
		buf.Reset()
		err := a.book.Rebuild(&buf, keep)
		if err == nil {
			break
		}
		if !a.leaveOut(err) {
			return nil, err
		}
	}
	zr, err := zip.NewReader(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		return nil, err
	}
	set := &partSet{files: map[string]*zip.File{}}
	for _, f := range zr.File {
		set.files[f.Name] = f
	}
	return set, nil
}

// outcomeRefused is the outcome of a workbook of which nothing was taken.
const outcomeRefused = "refused"

// maxDamaged is how many damaged sheets a copy may leave out: of more the
// workbook is not worth a copy.
const maxDamaged = 8

// leaveOut blanks the sheet that an error is about, if it may be left out.
func (a *annotator) leaveOut(err error) bool {
	var refused *scan.Refusal
	if !errors.As(err, &refused) || a.fb.Outcome == outcomeRefused || len(a.damaged) == maxDamaged {
		return false
	}
	for _, s := range a.sheets {
		if s.Name == refused.Finding.At.Sheet && s.foreign && !s.damaged {
			s.damaged = true
			a.damaged = append(a.damaged, s.Name)
			return true
		}
	}
	return false
}

// freeName is what the first sheet is called: where the sender has a sheet of
// that name, a number tells them apart.
func (a *annotator) freeName() string {
	name := SheetLayout{Names: a.lay.Feedback.Names}.AnyName(append(slices.Clone(a.fb.Languages), a.lay.Fallback...))
	for n := 2; ; n++ {
		free := name
		if n > 2 {
			free = fmt.Sprintf("%s %d", name, n-1)
		}
		if !slices.ContainsFunc(a.sheets, func(s *annotated) bool { return bears(s.Sheet, named(free)) }) {
			return free
		}
	}
}

// named is a layout of nothing but a name.
func named(name string) SheetLayout { return SheetLayout{Names: map[string]string{"": name}} }
