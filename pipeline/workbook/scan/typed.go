package scan

import (
	"math"
	"strconv"
	"strings"
)

// cellType gives the types that cells have without making them anew.
func cellType(t []byte) string {
	switch string(t) {
	case "":
		return ""
	case "s":
		return "s"
	case "n":
		return "n"
	case "str":
		return "str"
	case "inlineStr":
		return "inlineStr"
	case "b":
		return "b"
	}
	return string(t)
}

// typed gives the cell its value. A formula without a saved result is a kind of
// its own, never a blank.
func (w *walker) typed(c *Cell, kind string, f format, v content) error {
	part, value := w.lex.part, w.value
	if v.formula && (!v.hasValue || len(value) == 0 && kind != "str") {
		c.Raw, c.Kind = string(value), FormulaUncached
		return nil
	}
	switch kind {
	case "", "n":
		return w.number(c, f, value)
	case "s":
		if !v.hasValue {
			return nil
		}
		i, ok := digits(value)
		if !ok {
			return damaged(ReasonStringRef, part)
		}
		text, ok := w.book.strings.at(i)
		if !ok && w.book.strings.tooLong(i) {
			w.raw = nil
			return tooLarge(limitText, int64(w.book.lim.TextUnits), part)
		}
		if !ok {
			return damaged(ReasonStringRef, part)
		}
		c.setText(text)
	case "str":
		text := string(appendUnescaped(nil, value))
		if utf16Units([]byte(text)) > w.book.lim.TextUnits {
			return tooLarge(limitText, int64(w.book.lim.TextUnits), part)
		}
		c.setText(text)
	case "inlineStr":
		if v.hasValue && !v.hasInline {
			return damaged(ReasonElement, part)
		}
		c.setText(v.inline)
	case "b":
		return w.boolean(c, value)
	case "e":
		c.Raw = string(value)
		if !v.hasValue {
			return nil
		}
		if !strings.HasPrefix(c.Raw, "#") {
			return damaged(ReasonErrorCode, part)
		}
		c.Kind, c.Text = Error, c.Raw
	case "d":
		return w.isoDate(c, value)
	default:
		w.raw = []byte(kind)
		return damaged(ReasonCellType, part)
	}
	return nil
}

func (c *Cell) setText(text string) {
	c.Raw, c.Text = text, text
	if text != "" {
		c.Kind = Text
	}
}

func (w *walker) number(c *Cell, f format, value []byte) error {
	if len(value) == 0 {
		return nil
	}
	n, ok := parseNumber(value)
	if !ok {
		return damaged(ReasonNumber, w.lex.part)
	}
	w.setNumber(c, f, n, value)
	return nil
}

func (w *walker) setNumber(c *Cell, f format, n float64, value []byte) {
	c.Raw = w.keep(value)
	c.Kind, c.Number, c.Percent = Number, n, f&formatPercent != 0
	if f&formatDate == 0 {
		return
	}
	if day, ok := w.day(n); ok {
		c.Kind, c.Text = Date, day
	}
}

// textChunk is how many bytes of numbers as received share one allocation.
const textChunk = 4 << 10

// keep gives a string of its own for a number as received. Many share one
// allocation: the bytes that a Builder has given out never change.
func (w *walker) keep(value []byte) string {
	if w.texts.Cap()-w.texts.Len() < len(value) {
		w.texts.Reset()
		w.texts.Grow(max(textChunk, len(value)))
	}
	from := w.texts.Len()
	w.texts.Write(value)
	return w.texts.String()[from:]
}

// powers are the powers of ten that a float64 holds exactly.
var powers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
	1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// decimal reads digits, with a point or without, at the start of b where a
// float64 holds exactly both the digits and the power of ten to divide them by:
// the one division then rounds as it should. n is how many bytes they take, 0
// where they are not of that kind.
func decimal(b []byte) (v float64, n int) {
	var mantissa uint64
	i := 0
	if i < len(b) && b[i] == '-' {
		i++
	}
	from := i
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		mantissa = mantissa*10 + uint64(b[i]-'0')
	}
	whole, places := i-from, 0
	if i < len(b) && b[i] == '.' {
		for i++; i < len(b) && b[i]-'0' <= 9; i++ {
			mantissa = mantissa*10 + uint64(b[i]-'0')
		}
		if places = i - from - whole - 1; places == 0 {
			return 0, 0
		}
	}
	// Nineteen digits cannot overflow; a mantissa up to 2^53 is exact.
	if whole == 0 || whole+places > 19 || mantissa > 1<<53 {
		return 0, 0
	}
	v = float64(mantissa)
	if places > 0 {
		v /= powers[places]
	}
	if from > 0 {
		v = -v
	}
	return v, i
}

// parseNumber reads a number as spreadsheets write them.
func parseNumber(value []byte) (float64, bool) {
	if v, n := decimal(value); n == len(value) && n > 0 {
		return v, true
	}
	if !isNumber(value) {
		return 0, false
	}
	v, err := strconv.ParseFloat(string(value), 64)
	return v, err == nil
}

// days remembers how the days of sheets are written: they are few.
type days struct {
	date1904 bool
	at       [1 << 10]struct {
		serial int32 // plus two: 0 is nothing yet
		text   string
	}
}

// day is serialDay with a memory.
func (w *walker) day(serial float64) (string, bool) {
	key := int32(math.Floor(max(min(serial, lastSerial+1), -1))) + 2
	if w.days == nil || w.days.date1904 != w.book.Date1904 {
		w.days = &days{date1904: w.book.Date1904}
	}
	known := &w.days.at[key&(1<<10-1)]
	if known.serial != key {
		known.serial = key
		known.text, _ = serialDay(serial, w.book.Date1904)
	}
	return known.text, known.text != ""
}
