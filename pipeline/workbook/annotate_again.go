package workbook

import (
	"bytes"
	"errors"
	"strings"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook/scan"
)

// RuleMendedCopy tells that a workbook is a copy that we had annotated.
const RuleMendedCopy = "mended-copy"

// The keys of the record that makes a copy known again.
const (
	recordAnswers = "answers" // id of the submission that was annotated
	recordSheet   = "sheet"   // name of the first sheet
)

// copyOf is what a workbook that came back says of itself.
type copyOf struct {
	answers string
	sheets  []scan.Sheet // those that are ours
}

// record writes the sheet that makes a copy known again.
func (a *annotator) record() []byte {
	var b bytes.Buffer
	b.WriteString(xmlProlog + rootTag("worksheet") + "<sheetData>")
	for i, pair := range [][2]string{{recordAnswers, a.fb.Answers}, {recordSheet, a.name}} {
		row := scan.Ref(0, i+1)
		b.WriteString(`<row r="` + row + `"><c r="A` + row + `" t="inlineStr"><is><t>` + cellText(pair[0]) + `</t></is></c><c r="B` + row +
			`" t="inlineStr"><is><t>` + cellText(pair[1]) + "</t></is></c></row>")
	}
	b.WriteString("</sheetData></worksheet>")
	return b.Bytes()
}

// findCopy recognises a copy of ours by its record. Saved by other programs the
// record may be hidden no more, or only hidden.
func (d *Document) findCopy() error {
	record, n := d.find(named(d.lay.Feedback.Record))
	if n != 1 || !record.Readable() {
		return nil
	}
	values := map[string]string{}
	err := d.book.Each(record, func(row int, cells []Cell) bool {
		if len(cells) > 1 && cells[0].Col == 1 && cells[1].Col == 2 {
			values[strings.TrimSpace(cells[0].Text)] = strings.TrimSpace(strings.Clone(cells[1].Text))
		}
		return row < maxRecordRows
	})
	var refused *scan.Refusal
	if errors.As(err, &refused) {
		return nil // a damaged sheet of a name that only we give is no record
	}
	if err != nil || values[recordAnswers] == "" {
		return err
	}
	d.copy = copyOf{answers: values[recordAnswers], sheets: []scan.Sheet{record}}
	if page, n := d.find(named(values[recordSheet])); n == 1 && !d.ofTheForm(page) {
		d.copy.sheets = append(d.copy.sheets, page)
	}
	return nil
}

// maxRecordRows bounds the record: what stands below is not ours.
const maxRecordRows = 20

// ofTheForm tells whether a sheet bears the name of one of the form's.
func (d *Document) ofTheForm(s scan.Sheet) bool {
	for _, l := range d.lay.Sheets {
		if bears(s, l) {
			return true
		}
	}
	return false
}

// ours tells whether a sheet was put into the workbook by us, to be taken out.
func (d *Document) ours(s scan.Sheet) bool {
	for _, o := range d.copy.sheets {
		if o == s {
			return true
		}
	}
	return false
}

// tellCopy tells the sender that the marks of the copy were passed over.
func (d *Document) tellCopy(tell func(finding.Finding)) {
	if d.copy.answers != "" {
		tell(finding.Finding{Rule: RuleMendedCopy, Severity: finding.Info, Args: map[string]string{"answers": d.copy.answers}})
	}
}
