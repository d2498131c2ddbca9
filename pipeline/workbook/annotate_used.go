package workbook

import (
	"bufio"
	"bytes"
	"io"
)

// usedStyles are the last formats that the sender's sheets use. What stands
// behind them nobody uses: an earlier round left it.
type usedStyles struct {
	cell, mark int // -1 is none
	pending    int // that a conditional format asks for, while it may be ours
	ours       bool
}

// read notes what a sheet uses.
func (u *usedStyles) read(sheet io.Reader) error {
	in := bufio.NewReaderSize(sheet, 64<<10)
	var piece []byte
	for {
		part, err := in.ReadSlice('>')
		piece = append(piece, part...)
		switch err {
		case nil:
			u.token(piece)
			piece = piece[:0]
		case bufio.ErrBufferFull:
		case io.EOF:
			return nil
		default:
			return err
		}
	}
}

// token takes a text with the tag that follows it.
func (u *usedStyles) token(piece []byte) {
	i := bytes.LastIndexByte(piece, '<')
	if i < 0 {
		return
	}
	text, tag := piece[:i], piece[i:]
	switch {
	case bytes.HasPrefix(tag, []byte("<c ")), bytes.HasPrefix(tag, []byte("<row ")):
		u.cell = max(u.cell, attrInt(tag, "s"))
	case bytes.HasPrefix(tag, []byte("<col ")):
		u.cell = max(u.cell, attrInt(tag, "style"))
	case bytes.HasPrefix(tag, []byte("<cfRule ")):
		u.pending, u.ours = dxfOf(tag), false
	case bytes.HasPrefix(tag, []byte("</formula>")):
		u.ours = u.ours || isMark(text)
	case bytes.HasPrefix(tag, []byte("</cfRule>")):
		if !u.ours {
			u.mark = max(u.mark, u.pending)
		}
	default:
		u.mark = max(u.mark, dxfOf(tag))
	}
}

func dxfOf(tag []byte) int {
	if _, has := attr(tag, "dxfId"); !has {
		return -1
	}
	return attrInt(tag, "dxfId")
}

// isMark tells whether a condition, as XML has it, is one of ours.
func isMark(formula []byte) bool {
	return bytes.Contains(formula, []byte(markSign)) || bytes.Contains(formula, []byte(escape(markSign)))
}

// trim drops the formats behind those that are used.
func (b *styleBook) trim(u usedStyles) {
	keep := func(section string, n int) {
		if s := b.sections[section]; s != nil && n < len(s.items) {
			s.items = s.items[:n]
			for item, i := range s.index {
				if i >= n {
					delete(s.index, item)
				}
			}
		}
	}
	last := func(attribute string, sections ...string) (n int) {
		for _, name := range sections {
			if s := b.sections[name]; s != nil {
				for _, item := range s.items {
					n = max(n, attrInt(item[:bytes.IndexByte(item, '>')+1], attribute))
				}
			}
		}
		return n
	}
	for _, style := range b.section("tableStyles").items {
		if e, err := elements(cutElement(style).inner); err == nil {
			for _, x := range e {
				u.mark = max(u.mark, dxfOf(x.open))
			}
		}
	}
	keep("cellXfs", max(u.cell+1, 1))
	keep("dxfs", u.mark+1)
	keep("fonts", last("fontId", "cellXfs", "cellStyleXfs")+1)
	keep("fills", max(last("fillId", "cellXfs", "cellStyleXfs")+1, 2))
	keep("borders", last("borderId", "cellXfs", "cellStyleXfs")+1)
}
