package scan

import (
	"math"
	"strings"
	"time"
)

const maxCol = 16384

// digits reads a number of nothing but digits, without a sign, below a billion.
func digits[T string | []byte](s T) (int, bool) {
	if len(s) == 0 || len(s) > 9 {
		return 0, false
	}
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// splitRef reads "D7"; lower-case letters, signs, dollars or a leading zero are
// no reference.
func splitRef[T string | []byte](ref T) (col, row int, ok bool) {
	i := 0
	for ; i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z' && i < 4; i++ {
		col = col*26 + int(ref[i]-'A') + 1
	}
	if i == 0 || i > 3 || i == len(ref) || ref[i] == '0' {
		return 0, 0, false
	}
	row, ok = digits(ref[i:])
	return col, row, ok && row <= maxRow && col <= maxCol
}

// isNumber holds a number to the grammar that spreadsheets write: it takes no
// blanks, comma, hexadecimal, underscore, NaN or infinity.
func isNumber(s []byte) bool {
	i := 0
	run := func() bool {
		from := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(s) && s[i] == '-' {
		i++
	}
	if !run() {
		return false
	}
	if i < len(s) && s[i] == '.' {
		if i++; !run() {
			return false
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		if i++; i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if !run() {
			return false
		}
	}
	return i == len(s)
}

// lastSerial is 9999-12-31 in the 1900 system.
const lastSerial = 2958465

// serialDay gives the calendar day of a serial number, cut to whole days. The
// 1900 system counts a 29 February 1900 that never was: serial 60 is no day,
// neither is anything before the first.
func serialDay(serial float64, date1904 bool) (string, bool) {
	day := math.Floor(serial)
	if date1904 {
		if day < 0 || day > lastSerial-1462 {
			return "", false
		}
		return addDays(1904, 1, 1, int(day)), true
	}
	if day < 1 || day == 60 || day > lastSerial {
		return "", false
	}
	if day < 60 {
		day++
	}
	return addDays(1899, 12, 30, int(day)), true
}

func addDays(year int, month time.Month, day, n int) string {
	return time.Date(year, month, day+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// boolean reads 0, 1, false, true.
func (w *walker) boolean(c *Cell, value []byte) error {
	c.Raw = string(value)
	switch c.Raw {
	case "":
		return nil
	case "1", "true":
		c.Number = 1
	case "0", "false":
	default:
		return damaged(ReasonBoolean, w.lex.part)
	}
	c.Kind = Bool
	return nil
}

// isoDate reads a cell of type d: an ISO 8601 day, or a day with a time that is
// cut off. A time alone stays text.
func (w *walker) isoDate(c *Cell, value []byte) error {
	c.Raw = string(value)
	if c.Raw == "" {
		return nil
	}
	day, clock, timed := strings.Cut(c.Raw, "T")
	if timed && day == "" && clock != "" {
		c.Kind, c.Text = Text, c.Raw
		return nil
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return damaged(ReasonDate, w.lex.part)
	}
	c.Kind, c.Text = Date, day
	return nil
}
