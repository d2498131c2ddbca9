package workbook

import (
	"slices"
	"strings"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook/scan"
)

// Header is what the hidden sheet says of a workbook: who reports, on which
// plan, for which period.
type Header struct {
	sheet string
	cells map[string]Cell
}

// Has tells whether the header has a value for a key.
func (h *Header) Has(key string) bool { return h.Text(key) != "" }

// Text gives the value of a key, without blanks around it; "" where there is none.
func (h *Header) Text(key string) string {
	c := h.cells[key]
	if c.Kind == Text || c.Kind == Date {
		return strings.TrimSpace(c.Text)
	}
	return strings.TrimSpace(c.Raw)
}

// Cell gives the cell that a key's value stands in.
func (h *Header) Cell(key string) (Cell, bool) {
	c, ok := h.cells[key]
	return c, ok
}

// At gives the place of a key's value; of a key that is not there, the sheet.
func (h *Header) At(key string) finding.Cell {
	c, ok := h.cells[key]
	if !ok {
		return finding.Cell{Sheet: h.sheet}
	}
	return finding.Cell{Sheet: h.sheet, Ref: c.Ref()}
}

// Values gives a copy of all values by key.
func (h *Header) Values() map[string]string {
	m := make(map[string]string, len(h.cells))
	for key := range h.cells {
		m[key] = h.Text(key)
	}
	return m
}

// maxHeaderRows bounds the hidden sheet: what stands below is not ours.
const maxHeaderRows = 200

// readHeader reads the key and value rows of the hidden sheet. Of a key that
// comes twice the workbook cannot be trusted.
func (d *Document) readHeader(s scan.Sheet, layout SheetLayout, judge func(finding.Finding)) error {
	h := Header{sheet: s.Name, cells: map[string]Cell{}}
	err := d.book.Each(s, func(row int, cells []Cell) bool {
		if row > maxHeaderRows {
			return false
		}
		key := ""
		for _, c := range cells {
			switch {
			case c.Col == 1 && c.Kind == Text:
				key = strings.TrimSpace(c.Text)
			case c.Col == 2 && (slices.Contains(layout.Keys, key) || d.lay.isOldKey(key)):
				if _, twice := h.cells[key]; twice {
					judge(finding.Finding{Rule: RuleColumnDuplicate, Severity: finding.Block,
						At: finding.Cell{Sheet: s.Name, Ref: c.Ref()}, Value: key, Args: map[string]string{"column": key}})
				}
				c.Text, c.Raw = strings.Clone(c.Text), strings.Clone(c.Raw)
				h.cells[key] = c
			}
		}
		return true
	})
	if err != nil {
		return err
	}
	d.Header = h
	if name := h.Text("template"); name != d.lay.Template {
		judge(finding.Finding{Rule: RuleTemplateUnknown, Severity: finding.Block,
			At: h.At("template"), Value: name, Args: map[string]string{"sheet": s.Name}})
		return nil
	}
	v := h.Text("template_version")
	if older, ok := d.lay.Older[v]; ok {
		d.older = older
		d.Header.rename(older.Keys)
		judge(finding.Finding{Rule: RuleTemplateOld, Severity: finding.Warning, At: h.At("template_version"), Value: v,
			Args: map[string]string{"present": d.lay.Version}})
	} else if !slices.Contains(d.lay.Accepted, v) {
		judge(finding.Finding{Rule: RuleTemplateVersion, Severity: finding.Block, At: h.At("template_version"), Value: v,
			Args: map[string]string{"accepted": strings.Join(slices.Sorted(slices.Values(d.lay.Accepted)), ", ")}})
	}
	return nil
}
