package workbook

import (
	"fmt"
	"strconv"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook/scan"
)

// mark decides what is marked on a sheet: each cell gets one colour and one note.
func (a *annotator) mark(s *annotated) error {
	byRef := map[string][]Mark{}
	var order []string
	for _, m := range a.listed {
		col, row := finding.SplitRef(m.Ref)
		if m.Sheet != s.Name || col < 1 || col > maxColumn || row < 1 || row > maxRow || !s.Readable() || s.VeryHidden || s.damaged {
			continue
		}
		ref := scan.Ref(col, row)
		if byRef[ref] == nil {
			order = append(order, ref)
		}
		byRef[ref] = append(byRef[ref], m)
	}
	own, err := a.book.Notes(s.Sheet)
	if err != nil {
		return err
	}
	theirs := map[string]*cellNote{}
	for _, n := range own {
		if text := withoutMarks(n.Text); text != "" && theirs[n.Ref] == nil {
			theirs[n.Ref] = &cellNote{ref: n.Ref, author: n.Author, runs: []noteRun{{text: text, ink: "ink"}}}
			if byRef[n.Ref] == nil {
				s.notes = append(s.notes, theirs[n.Ref])
			}
		}
	}
	for _, ref := range order {
		s.notes = append(s.notes, a.note(ref, byRef[ref], theirs[ref]))
	}
	if len(s.notes) > 0 {
		sortNotes(s.notes)
		s.patch.notes = true
		s.patch.rows = map[int]int{}
		noteRows(s.notes, s.patch.rows)
	}
	return a.colours(s, order, byRef)
}

// The last column and row of a worksheet.
const (
	maxColumn = 16384
	maxRow    = 1 << 20
)

// colours gives each marked cell the colour of its worst finding, for as long as
// it holds what was received. What was read and corrected is not coloured.
func (a *annotator) colours(s *annotated, order []string, byRef map[string][]Mark) error {
	if len(order) == 0 {
		return nil
	}
	wanted := map[[2]int]string{}
	for _, ref := range order {
		col, row := finding.SplitRef(ref)
		wanted[[2]int{col, row}] = ref
	}
	s.cells = map[string]Cell{}
	err := a.book.Each(s.Sheet, func(_ int, cells []Cell) bool {
		for _, c := range cells {
			if ref, ok := wanted[[2]int{c.Col, c.Row}]; ok {
				s.cells[ref] = c
			}
		}
		return true
	})
	if err != nil {
		return err
	}
	for _, ref := range order {
		fill, ink := "warning_mark", "warning_ink"
		switch w := worst(byRef[ref]); {
		case w == finding.Info:
			continue
		case w > finding.Warning:
			fill, ink = "error_mark", "warning"
		}
		s.patch.colours = append(s.patch.colours, colourMark{ref: ref, format: a.styles.mark(fill, ink),
			condition: unchanged(ref, s.cells[ref], a.book.Date1904)})
	}
	return nil
}

func worst(marks []Mark) finding.Severity {
	w := finding.Info
	for _, m := range marks {
		w = max(w, m.Severity)
	}
	return w
}

// sheet writes a sheet of the sender with its notes; group is the first group of
// shape ids that is free.
func (a *annotator) sheet(p *packager, parts *partSet, s *annotated, number, group int) (int, error) {
	in, err := parts.open(s.part())
	if err != nil {
		return group, err
	}
	defer in.Close()
	n := strconv.Itoa(number)
	if err := s.patch.write(p.create("xl/worksheets/sheet"+n+".xml", typeWorksheet), in); err != nil {
		return group, fmt.Errorf("sheet %q: %w", s.Name, err)
	}
	if len(s.notes) == 0 {
		return group, p.err
	}
	drawing, group := drawingPart(s.notes, s.patch.grid, a.lay.writtenRight(a.fb.Languages[0]), group)
	p.add("xl/comments"+n+".xml", typeComments, commentsPart(s.notes, a.lay))
	p.add("xl/drawings/vmlDrawing"+n+".vml", "", drawing)
	p.add("xl/worksheets/_rels/sheet"+n+".xml.rels", "",
		relsPart(link{"vmlDrawing", "../drawings/vmlDrawing" + n + ".vml"}, link{"comments", "../comments" + n + ".xml"}))
	return group, p.err
}
