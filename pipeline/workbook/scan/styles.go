package scan

import (
	"strconv"
	"strings"
)

// format is what a cell format says about how to read its numbers.
type format uint8

const (
	formatPercent format = 1 << iota
	formatDate
)

// loadStyles reads which cell formats show percentages and which show dates.
func (b *Book) loadStyles(name string) (err error) {
	if b.styles != nil {
		return damaged(ReasonDuplicate, validText(name))
	}
	p, err := b.zip.open(name, b.lim.SmallBytes)
	if err != nil {
		return err
	}
	defer p.done(&err)
	b.styles = []format{}
	codes := map[int]format{}
	l := newLexer(p, b.lim, nsMain, nsMainStrict)
	section := ""
	for {
		ev, err := l.next()
		if err != nil {
			return err
		}
		switch {
		case ev == evEOF:
			return nil
		case ev != evStart:
		case len(l.open) == 1:
			if l.name != "styleSheet" {
				return damaged(ReasonElement, p.name)
			}
		case len(l.open) == 2:
			section = l.name
			if section != "numFmts" && section != "cellXfs" {
				err = l.skip()
			}
		case section == "numFmts" && l.name == "numFmt":
			err = b.addCode(l, codes)
		case section == "cellXfs" && l.name == "xf":
			err = b.addFormat(l, codes)
		default:
			err = l.skip()
		}
		if err != nil {
			return err
		}
	}
}

func (b *Book) addCode(l *lexer, codes map[int]format) error {
	id, _ := l.attr("numFmtId")
	code, _ := l.attr("formatCode")
	n, err := strconv.ParseUint(id, 10, 31)
	if err != nil {
		return damaged(ReasonStyleRef, l.part)
	}
	if len(codes) >= b.lim.Styles {
		return hostile(UnsafeCount, l.part)
	}
	codes[int(n)] = readCode(code)
	return nil
}

func (b *Book) addFormat(l *lexer, codes map[int]format) error {
	if len(b.styles) >= b.lim.Styles {
		return hostile(UnsafeCount, l.part)
	}
	id, ok := l.attr("numFmtId")
	if !ok {
		id = "0"
	}
	n, err := strconv.ParseUint(id, 10, 31)
	if err != nil {
		return damaged(ReasonStyleRef, l.part)
	}
	f, ok := codes[int(n)]
	if !ok {
		f = builtin(int(n))
	}
	b.styles = append(b.styles, f)
	return nil
}

// builtin gives the formats that a file need not spell out.
func builtin(id int) format {
	switch {
	case id == 9, id == 10:
		return formatPercent
	case id >= 14 && id <= 22, id >= 45 && id <= 47:
		return formatDate
	}
	return 0
}

// readCode reads a number format's code. What stands in quotes or brackets, or
// after an escape, is decoration: 0.0" %" shows a sign and multiplies nothing.
func readCode(code string) format {
	var f format
	for _, section := range strings.Split(plainCode(code), ";") {
		if strings.Contains(section, "%") {
			f |= formatPercent
		}
		section = strings.ReplaceAll(section, "general", "")
		section = strings.ReplaceAll(strings.ReplaceAll(section, "e+", ""), "e-", "")
		if strings.ContainsAny(section, "ymdhsge") {
			f |= formatDate
		}
	}
	return f
}

// plainCode gives the code in lower case without its decoration.
func plainCode(code string) string {
	var b strings.Builder
	runes := []rune(strings.ToLower(code))
	for i := 0; i < len(runes); i++ {
		switch c := runes[i]; c {
		case '"':
			for i++; i < len(runes) && runes[i] != '"'; i++ {
			}
		case '[':
			from := i + 1
			for i++; i < len(runes) && runes[i] != ']'; i++ {
			}
			// [h], [mm], [ss] count time that has passed.
			if in := string(runes[from:min(i, len(runes))]); in != "" && strings.Trim(in, in[:1]) == "" && strings.ContainsAny(in[:1], "hms") {
				b.WriteString(in)
			}
		case '\\', '_', '*':
			i++
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// Formats gives how many cell formats the workbook has.
func (b *Book) Formats() int { return len(b.styles) }

// Format tells how a cell format shows numbers.
func (b *Book) Format(i int) (percent, date bool) {
	return b.styles[i]&formatPercent != 0, b.styles[i]&formatDate != 0
}
