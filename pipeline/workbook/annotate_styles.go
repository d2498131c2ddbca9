package workbook

import (
	"bytes"
	"strconv"
)

// styleOrder is the order that the format wants the sections of the styles in.
var styleOrder = [...]string{"numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors"}

// styleBook adds looks to a workbook's styles. What is there already, from an
// earlier round or by chance, is used again.
type styleBook struct {
	lay      *Layout
	sections map[string]*styleSection
	looks    map[look]int
}

type styleSection struct {
	open  []byte
	items [][]byte
	index map[string]int // of an item, by how it is written
}

// look is how a cell of the feedback sheet looks, in the names of the layout's
// colours.
type look struct {
	fill, ink        string
	size             int
	bold, line, link bool
	centre, rtl, ltr bool // rtl: at the right-hand side; ltr: its text runs to the right all the same
	indent           int
}

// newStyleBook reads a styles part; nil is a workbook without one.
func newStyleBook(part []byte, lay *Layout) (*styleBook, error) {
	b := &styleBook{lay: lay, sections: map[string]*styleSection{}, looks: map[look]int{}}
	if part != nil {
		r, err := root(part)
		if err != nil {
			return nil, err
		}
		all, err := elements(r.inner)
		if err != nil {
			return nil, err
		}
		for _, e := range all {
			items, err := elements(e.inner)
			if err != nil {
				return nil, err
			}
			s := b.section(e.name)
			s.open = e.open
			for _, item := range items {
				s.keep(item.append(nil))
			}
		}
	}
	// What a format is made of in a workbook that has none.
	for _, d := range []struct{ section, item string }{
		{"fonts", `<font><sz val="11"></sz><name val="Calibri"></name></font>`},
		{"fills", `<fill><patternFill patternType="none"></patternFill></fill>`},
		{"fills", `<fill><patternFill patternType="gray125"></patternFill></fill>`},
		{"borders", `<border><left></left><right></right><top></top><bottom></bottom><diagonal></diagonal></border>`},
		{"cellStyleXfs", `<xf numFmtId="0" fontId="0" fillId="0" borderId="0"></xf>`},
		{"cellXfs", `<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"></xf>`},
	} {
		if s := b.section(d.section); len(s.items) == 0 || d.section == "fills" && len(s.items) == 1 {
			s.keep([]byte(d.item))
		}
	}
	return b, nil
}

func (b *styleBook) section(name string) *styleSection {
	s := b.sections[name]
	if s == nil {
		s = &styleSection{open: []byte("<" + name + ">"), index: map[string]int{}}
		b.sections[name] = s
	}
	return s
}

func (s *styleSection) keep(item []byte) {
	if _, known := s.index[string(item)]; !known {
		s.index[string(item)] = len(s.items)
	}
	s.items = append(s.items, item)
}

// add gives the number of an item, which it adds if there is none such.
func (b *styleBook) add(section, item string) int {
	s := b.section(section)
	i, known := s.index[item]
	if !known {
		i = len(s.items)
		s.keep([]byte(item))
	}
	return i
}

func rgb(colour string) string { return `rgb="FF` + escape(colour) + `"` }

func (b *styleBook) fill(name string) int {
	if name == "" {
		return 0
	}
	c := rgb(b.lay.Colours[name])
	return b.add("fills", `<fill><patternFill patternType="solid"><fgColor `+c+`></fgColor><bgColor indexed="64"></bgColor></patternFill></fill>`)
}

func (b *styleBook) font(k look) int {
	f := "<font>"
	if k.bold {
		f += "<b></b>"
	}
	if k.link {
		f += "<u></u>"
	}
	return b.add("fonts", f+`<sz val="`+strconv.Itoa(k.size)+`"></sz><color `+rgb(b.lay.Colours[k.ink])+`></color><name val="`+
		escape(b.lay.Font)+`"></name><family val="2"></family></font>`)
}

func (b *styleBook) border(line bool) int {
	if !line {
		return 0
	}
	item := "<border>"
	for _, side := range []string{"left", "right", "top", "bottom"} {
		item += "<" + side + ` style="thin"><color ` + rgb(b.lay.Colours["line"]) + "></color></" + side + ">"
	}
	return b.add("borders", item+"<diagonal></diagonal></border>")
}

// textNumFmt is the number format @: what is typed into such a cell stays text.
const textNumFmt = "49"

// cell gives the format of a look.
func (b *styleBook) cell(k look) int {
	if id, known := b.looks[k]; known {
		return id
	}
	horizontal, order := "left", "1"
	if k.rtl {
		horizontal, order = "right", "2"
	}
	if k.ltr {
		order = "1"
	}
	if k.centre {
		horizontal, k.indent = "center", 0
	}
	alignment := `<alignment horizontal="` + horizontal + `" vertical="center" wrapText="1"`
	if k.indent > 0 {
		alignment += ` indent="` + strconv.Itoa(k.indent) + `"`
	}
	alignment += ` readingOrder="` + order + `"></alignment>`
	id := b.add("cellXfs", `<xf numFmtId="`+textNumFmt+`" fontId="`+strconv.Itoa(b.font(k))+`" fillId="`+strconv.Itoa(b.fill(k.fill))+
		`" borderId="`+strconv.Itoa(b.border(k.line))+`" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1">`+
		alignment+"</xf>")
	b.looks[k] = id
	return id
}

// mark gives the conditional look of a fill and an ink.
func (b *styleBook) mark(fill, ink string) int {
	c := rgb(b.lay.Colours[fill])
	return b.add("dxfs", `<dxf><font><color `+rgb(b.lay.Colours[ink])+`></color></font><fill><patternFill patternType="solid"><fgColor `+c+
		`></fgColor><bgColor `+c+`></bgColor></patternFill></fill></dxf>`)
}

// part writes the styles.
func (b *styleBook) part() []byte {
	out := []byte(xmlProlog + rootTag("styleSheet"))
	for _, name := range styleOrder {
		s := b.sections[name]
		if s == nil {
			continue
		}
		open := s.open
		if name != "colors" {
			open = withAttr(open, "count", strconv.Itoa(len(s.items)))
		}
		out = append(out, open...)
		out = append(out, bytes.Join(s.items, nil)...)
		out = append(append(append(out, "</"...), name...), '>')
	}
	return append(out, "</styleSheet>"...)
}
