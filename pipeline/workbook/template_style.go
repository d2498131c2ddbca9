package workbook

import "github.com/xuri/excelize/v2"

// styleKey says all that a cell's look depends on.
type styleKey struct {
	fill, ink, numFmt    string
	size                 float64
	bold, wrap, border   bool
	unlocked, rtl, ltr   bool
	horizontal, vertical string
}

// style gives the id of a look, made once.
func (b *builder) style(k styleKey) (int, error) {
	if id, ok := b.styles[k]; ok {
		return id, nil
	}
	s := &excelize.Style{
		Font:       &excelize.Font{Family: b.lay.Font, Size: k.size, Bold: k.bold, Color: b.colour(k.ink)},
		Alignment:  &excelize.Alignment{Horizontal: k.horizontal, Vertical: k.vertical, WrapText: k.wrap},
		Protection: &excelize.Protection{Locked: !k.unlocked},
	}
	switch {
	case k.rtl:
		s.Alignment.ReadingOrder = 2
	case k.ltr:
		s.Alignment.ReadingOrder = 1
	}
	if k.fill != "" {
		s.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{b.colour(k.fill)}}
	}
	if k.border {
		for _, side := range []string{"left", "right", "top", "bottom"} {
			s.Border = append(s.Border, excelize.Border{Type: side, Color: b.colour("line"), Style: 1})
		}
	}
	if k.numFmt != "" {
		s.CustomNumFmt = &k.numFmt
	}
	id, err := b.f.NewStyle(s)
	if err != nil {
		return 0, err
	}
	b.styles[k] = id
	return id, nil
}

func (b *builder) colour(name string) string { return b.lay.Colours[name] }

// Number formats. The percent sign is a literal: a real percent format would
// make 0.65 of a typed 65.
const (
	percentFormat = `General"%"`
	dateFormat    = `dd/mm/yyyy`
	textFormat    = `@`
)

// inLanguage sets the direction and the alignment that a language is written in.
func (b *builder) inLanguage(k styleKey, lang string) styleKey {
	k.rtl = false
	for _, r := range b.lay.RTL {
		k.rtl = k.rtl || r == lang
	}
	k.ltr = !k.rtl
	if k.horizontal == "" {
		// "left" and "right" are the page's own, whichever way the sheet runs.
		k.horizontal = "left"
		if k.rtl {
			k.horizontal = "right"
		}
	}
	return k
}

// put writes a value with a look.
func (b *builder) put(sheet, cell string, value any, k styleKey) error {
	if value != nil {
		if err := b.f.SetCellValue(sheet, cell, value); err != nil {
			return err
		}
	}
	id, err := b.style(k)
	if err != nil {
		return err
	}
	return b.f.SetCellStyle(sheet, cell, cell, id)
}
