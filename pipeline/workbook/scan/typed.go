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
	n, ok := w.parse(value)
	if !ok {
		return damaged(ReasonNumber, w.lex.part)
	}
	w.spans = append(w.spans, span{len(w.cells), len(w.texts), len(w.texts) + len(value)})
	w.texts = append(w.texts, value...)
	c.Kind, c.Number, c.Percent = Number, n, f&formatPercent != 0
	if f&formatDate == 0 {
		return nil
	}
	if day, ok := w.day(n); ok {
		c.Kind, c.Text = Date, day
	}
	return nil
}

func (w *walker) parse(value []byte) (float64, bool) {
	if n, ok := digits(value); ok { // exact, without the general reader
		return float64(n), true
	}
	n, err := strconv.ParseFloat(string(value), 64)
	return n, isNumber(value) && err == nil && !math.IsInf(n, 0)
}

// day is serialDay with a memory: the dates of a sheet are few.
func (w *walker) day(serial float64) (string, bool) {
	key := int(math.Floor(max(min(serial, lastSerial+1), -1)))
	if day, ok := w.days[key]; ok {
		return day, day != ""
	}
	day, ok := serialDay(serial, w.book.Date1904)
	if w.days == nil {
		w.days = map[int]string{}
	}
	if len(w.days) < maxDays {
		w.days[key] = day
	}
	return day, ok
}
