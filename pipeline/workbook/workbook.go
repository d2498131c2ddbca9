// Package workbook turns an institution's workbook into a Document of typed rows.
//
// The cells are read by package scan. Excelize writes the templates that the
// institutions fill in; it never reads what they send.
package workbook

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook/scan"
)

// Limits bound what a workbook may ask of the machine.
type Limits = scan.Limits

// DefaultLimits fit every workbook that Excel itself can write for a form.
func DefaultLimits() Limits { return scan.DefaultLimits() }

// Cell is one typed cell.
type Cell = scan.Cell

// ColumnName gives a column's letters: 4 is D.
func ColumnName(col int) string { return scan.Ref(col, 0) }

// Kind is what a cell holds.
type Kind = scan.Kind

// The kinds of a cell.
const (
	Empty           = scan.Empty
	Number          = scan.Number
	Text            = scan.Text
	Bool            = scan.Bool
	Date            = scan.Date
	Error           = scan.Error
	FormulaUncached = scan.FormulaUncached
)

// HalfPair stands in a text for half a character.
const HalfPair = scan.HalfPair

// The rule ids of this package's findings, beside those of package scan.
const (
	RuleTemplateUnknown = "template-unknown"
	RuleTemplateVersion = "template-version-unknown"
	RuleTemplateOld     = "template-version-old"
	RuleSheetMissing    = "sheet-missing"
	RuleSheetAbsent     = "sheet-absent"
	RuleSheetDuplicate  = "sheet-duplicate"
	RuleColumnMissing   = "column-missing"
	RuleColumnDuplicate = "column-duplicate"
	RuleColumnUnknown   = "column-unknown"
	RuleMacros          = "workbook-macros"
	RuleExternalLinks   = "workbook-external-links"
	RuleDDE             = "workbook-dde"
	RuleEmbeddedFiles   = "workbook-embedded-files"
	RuleCountWrong      = "workbook-count-wrong"
	RuleSheetUnknown    = "sheet-unknown"
	RuleSheetRenamed    = "sheet-renamed"
	RuleColumnRenamed   = "column-renamed"
	RuleColumnShifted   = "column-shifted"
	RuleColumnsByLabel  = "columns-by-label"
	RuleRowsHidden      = "rows-hidden"
	RuleFilterActive    = "filter-active"
	RuleCellsMerged     = "cells-merged"
	RuleValueBehind     = "value-behind-merge"
	RuleDataOutside     = "data-outside-table"
)

// Document is a workbook as an institution sent it: a header, and rows that are
// read from the file each time they are asked for. It is for one goroutine.
type Document struct {
	Header  Header
	book    *scan.Book
	file    string
	lay     *Layout
	older   Older // of which version the workbook is, where it is not the present one
	sheets  []dataSheet
	renamed []scan.Sheet // recognised under another name
	copy    copyOf       // what it answers, where it is a copy of ours
	err     error
}

// Read opens a workbook; what is wrong with it goes to found. A nil Document
// means that the workbook was blocked; an error, that reading it failed. src
// must stay readable for as long as the Document is used.
func (r *Reader) Read(src io.ReaderAt, size int64, name string, lay *Layout, lim Limits, found func(finding.Finding)) (doc *Document, err error) {
	d := &Document{file: name, lay: lay}
	tell := d.telling(found)
	book, err := r.space.Open(src, size, lim)
	if err != nil {
		return nil, d.blame(err, tell)
	}
	d.book = book
	defer func() {
		if doc == nil {
			d.Close()
		}
	}()
	d.tellBook(tell)
	if err := d.findCopy(); err != nil {
		return nil, d.blame(err, tell)
	}
	d.tellCopy(tell)
	blocked := false
	judge := func(f finding.Finding) {
		blocked = blocked || f.Severity == finding.Block
		tell(f)
	}
	if err := d.open(judge); err != nil {
		return nil, d.blame(err, tell)
	}
	if blocked {
		return nil, nil
	}
	d.tellStrangers(tell)
	return d, nil
}

// tellBook tells what the workbook carries that is never run, followed, opened
// or believed.
func (d *Document) tellBook(tell func(finding.Finding)) {
	b := d.book
	for _, w := range []struct {
		is   bool
		rule finding.Finding
	}{
		{b.Macros, finding.Finding{Rule: RuleMacros}},
		{b.External, finding.Finding{Rule: RuleExternalLinks}},
		{b.DDE > 0, finding.Finding{Rule: RuleDDE, Args: map[string]string{"count": strconv.Itoa(b.DDE)}}},
		{b.Embedded > 0, finding.Finding{Rule: RuleEmbeddedFiles, Args: map[string]string{"count": strconv.Itoa(b.Embedded)}}},
		{b.Miscount, finding.Finding{Rule: RuleCountWrong}},
	} {
		if w.is {
			w.rule.Severity = finding.Warning
			tell(w.rule)
		}
	}
}

// telling adds the file's name to every finding.
func (d *Document) telling(found func(finding.Finding)) func(finding.Finding) {
	return func(f finding.Finding) {
		if f.At.File == "" {
			f.At.File = d.file
		}
		found(f)
	}
}

// blame tells a refusal; any other error is ours and given back.
func (d *Document) blame(err error, tell func(finding.Finding)) error {
	var r *scan.Refusal
	if errors.As(err, &r) {
		tell(r.Finding)
		return nil
	}
	return fmt.Errorf("read workbook %s: %w", d.file, err)
}

// open finds the header and the data sheets. It judges all of them before it
// gives up, so that the sender hears of everything at once; the header comes
// first, for the language in which to name the others.
func (d *Document) open(judge func(finding.Finding)) error {
	for _, kind := range []string{KindMeta, KindData} {
		for _, layout := range d.lay.Sheets {
			if layout.Kind != kind {
				continue
			}
			if err := d.openSheet(layout, judge); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Document) openSheet(layout SheetLayout, judge func(finding.Finding)) error {
	sheet, n := d.find(layout)
	if n == 0 {
		renamed, ok, err := d.recognise(layout)
		if err != nil {
			return err
		}
		if ok {
			sheet, n = renamed, 1
			d.renamed = append(d.renamed, renamed)
			defer func() {
				judge(finding.Finding{Rule: RuleSheetRenamed, Severity: finding.Info, At: finding.Cell{Sheet: sheet.Name},
					Args: map[string]string{"name": d.name(layout)}})
			}()
		}
	}
	if n == 1 && layout.Kind == KindMeta {
		return d.readHeader(sheet, layout, judge)
	}
	if n == 1 {
		return d.readKeys(sheet, layout, judge)
	}
	f := finding.Finding{Rule: RuleSheetAbsent, Severity: finding.Info, Args: map[string]string{
		"sheet": d.name(layout)}}
	switch {
	case n > 1:
		f.Rule, f.Severity, f.At = RuleSheetDuplicate, finding.Block, finding.Cell{Sheet: sheet.Name}
	case layout.Kind == KindMeta:
		f.Rule, f.Severity = RuleTemplateUnknown, finding.Block
	case layout.Required:
		f.Rule, f.Severity = RuleSheetMissing, finding.Block
	}
	judge(f)
	return nil
}

// name is what the sheet is called in the language of the form that was sent.
func (d *Document) name(layout SheetLayout) string {
	return layout.AnyName(append([]string{d.Header.Text("language")}, d.lay.Fallback...))
}

// Err gives the failure to read the file, if one ended an iteration early. It is
// our trouble, not the workbook's.
func (d *Document) Err() error { return d.err }
