package scan

// Nearly all that a large workbook holds is written in one way, byte for byte.
// What stands here reads that way straight from the tokenizer's buffer. It takes
// a cell or a text whole, as the lexer and the walker would, or leaves it to them
// untouched: it refuses nothing, and a test holds the two against each other.

import (
	"bytes"
	"strconv"
)

// window gives what is in hand of the next tokens, where they begin in the
// buffer and elements without a prefix are of the part's own namespace.
func (l *lexer) window() []byte {
	t := l.tok
	return t.buf[t.pos:min(t.end, t.pos+t.limit)]
}

// bare tells whether so many more elements may open here and go by their bare
// name.
func (l *lexer) bare(more int) bool {
	known, _, ok := l.lookup(nil)
	return ok && known && len(l.open)+more <= l.lim.Depth && !l.tok.closing
}

// plainRow readies the short cut for the row just started.
func (w *walker) plainRow() bool {
	if w.book.zip.space.careful || !w.lex.bare(3) {
		return false
	}
	w.digits = append(strconv.AppendInt(w.digits[:0], int64(w.row), 10), '"')
	return true
}

// plainCells reads cells for as long as they are plain.
func (w *walker) plainCells() {
	b := w.lex.window()
	for {
		n := w.plainCell(b)
		if n == 0 {
			return
		}
		b = b[n:]
		w.lex.tok.pos += n
	}
}

const closeCell = "</v></c>"

// plainCell reads one cell at the start of b, with a number, a text or nothing
// in it, and gives its length; 0 where it is anything else.
func (w *walker) plainCell(b []byte) int {
	if len(b) < 16 || b[0] != '<' || b[1] != 'c' || b[2] != ' ' {
		return 0
	}
	const room = 16 // what may be looked at without asking whether it is there
	var kind byte
	col, style, seen := 0, 0, 0
	i := 2
	for b[i] == ' ' {
		if len(b)-i < room || b[i+2] != '=' || b[i+3] != '"' {
			return 0
		}
		var bit int
		name := b[i+1]
		i += 4
		switch name {
		case 'r':
			bit = 1
			for k := 0; k < 3 && b[i]-'A' < 26; k++ {
				col = col*26 + int(b[i]-'A') + 1
				i++
			}
			if len(b)-i < len(w.digits)+room || string(b[i:i+len(w.digits)]) != string(w.digits) || col == 0 {
				return 0
			}
			i += len(w.digits)
		case 's':
			bit = 2
			from := i
			for ; i-from < 6 && b[i]-'0' <= 9; i++ {
				style = style*10 + int(b[i]-'0')
			}
			if i == from || b[i] != '"' {
				return 0
			}
			i++
		case 't':
			bit = 4
			kind = b[i]
			switch {
			case (kind == 's' || kind == 'n') && b[i+1] == '"':
				i += 2
			case string(b[i:i+4]) == `str"`:
				kind = 'r'
				i += 4
			case string(b[i:i+10]) == `inlineStr"`:
				i += 10
			default:
				return 0
			}
		default:
			return 0
		}
		if seen&bit != 0 {
			return 0
		}
		seen |= bit
	}
	if col <= w.col || col > w.book.lim.Columns || col > maxCol || style >= max(len(w.book.styles), 1) || len(b)-i < room {
		return 0
	}
	switch {
	case b[i] == '/' && b[i+1] == '>':
		w.col = col
		return i + 2
	case string(b[i:i+5]) == "></c>":
		w.col = col
		return i + 5
	}
	c := Cell{Col: col, Row: w.row}
	if kind == 'i' || kind == 'r' {
		open, close := "><v>", closeCell
		if kind == 'i' {
			open, close = "><is><t>", "</t></is></c>"
		}
		if !has(b, i, open) {
			return 0
		}
		i += len(open)
		k := bytes.IndexByte(b[i:], '<')
		if k < 1 || !has(b, i+k, close) {
			return 0
		}
		text, ok := w.lex.whole(b[i:i+k], w.book.lim.TextUnits)
		if !ok {
			return 0
		}
		c.setText(w.keep(text))
		w.col, w.cells = col, append(w.cells, c)
		return i + k + len(close)
	}
	if string(b[i:i+4]) != "><v>" {
		return 0
	}
	i += 4
	if kind == 's' {
		from, at := i, 0
		for ; i-from < 9 && i < len(b) && b[i]-'0' <= 9; i++ {
			at = at*10 + int(b[i]-'0')
		}
		text, ok := w.book.strings.at(at)
		if i == from || !ok || !closes(b, i) {
			return 0
		}
		c.setText(text)
	} else {
		from := i
		v, n := decimal(b[i:])
		if n == 0 || !closes(b, i+n) {
			// A number of seventeen digits, or with an exponent.
			if n = bytes.IndexByte(b[i:], '<'); n < 1 {
				return 0
			}
			var ok bool
			if v, ok = parseNumber(b[i : i+n]); !ok {
				return 0
			}
		}
		if i += n; !closes(b, i) {
			return 0
		}
		var f format
		if style < len(w.book.styles) {
			f = w.book.styles[style]
		}
		w.setNumber(&c, f, v, b[from:i])
	}
	w.col = col
	if c.Kind != Empty {
		w.cells = append(w.cells, c)
	}
	return i + len(closeCell)
}

func closes(b []byte, i int) bool {
	return len(b)-i >= len(closeCell) && string(b[i:i+len(closeCell)]) == closeCell
}

// plainText reads one shared string at the start of b that is a single text, and
// gives it with its length; 0 where it is anything else. The text holds until
// the next token.
func (l *lexer) plainText(units int) (text []byte, n int) {
	const (
		open  = "<si><t>"
		kept  = `<si><t xml:space="preserve">`
		close = "</t></si>"
	)
	b := l.window()
	i := len(open)
	if !has(b, 0, open) {
		if i = len(kept); !has(b, 0, kept) {
			return nil, 0
		}
	}
	k := bytes.IndexByte(b[i:], '<')
	if k < 0 || !has(b, i+k, close) {
		return nil, 0
	}
	text, ok := l.whole(b[i:i+k], units)
	if !ok {
		return nil, 0
	}
	return text, i + k + len(close)
}

// whole reads a text that stands between two tags. It holds until the next token.
func (l *lexer) whole(raw []byte, units int) (text []byte, ok bool) {
	t := l.tok
	t.scratch = t.scratch[:0]
	text, err := t.resolve(raw, inText)
	if err != nil {
		return nil, false
	}
	if bytes.Contains(text, escapeMark) {
		l.rich = appendUnescaped(l.rich[:0], text)
		text = l.rich
	}
	return text, len(text) <= units || utf16Units(text) <= units
}

func has(b []byte, i int, mark string) bool {
	return len(b)-i >= len(mark) && string(b[i:i+len(mark)]) == mark
}
