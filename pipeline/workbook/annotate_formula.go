package workbook

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// markSign is true in every spreadsheet and stands in the condition of each of
// our colours: by it they are known again, whoever saved the file meanwhile.
const markSign = `N("iltizam-mark")=0`

// maxCompared is how much of a text a condition holds, in characters: what comes
// after is judged by the length of the whole.
const maxCompared = 200

// unchanged gives a condition that is true while a cell holds what was received.
func unchanged(ref string, c Cell, date1904 bool) string {
	return "AND(" + sameValue(ref, c, date1904) + "," + markSign + ")"
}

func sameValue(ref string, c Cell, date1904 bool) string {
	switch c.Kind {
	case Number:
		return sameNumber(ref, c.Number)
	case Date:
		if c.Number != 0 {
			return sameNumber(ref, c.Number)
		}
		return sameNumber("INT("+ref+")", daySerial(c.Text, date1904))
	case Bool:
		if c.Number == 1 {
			return ref + "=TRUE"
		}
		return ref + "=FALSE,LEN(" + ref + ")>0"
	case Text:
		return "ISTEXT(" + ref + ")," + sameText(ref, c.Text)
	case Error:
		return "ISERROR(" + ref + ")"
	case FormulaUncached:
		return "_xlfn.ISFORMULA(" + ref + ")"
	}
	return "LEN(" + ref + ")=0"
}

func sameNumber(ref string, f float64) string {
	cell := strings.TrimSuffix(strings.TrimPrefix(ref, "INT("), ")")
	return "ISNUMBER(" + cell + ")," + ref + "=" + strconv.FormatFloat(f, 'G', -1, 64)
}

// daySerial gives the number of a day that was written as ISO has it.
func daySerial(iso string, date1904 bool) float64 {
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if date1904 {
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return 0
	}
	days := float64(t.Unix()-first.Unix()) / 86400
	if !date1904 && days < 61 {
		days-- // the 29 February 1900 that never was
	}
	return days
}

// sameText takes no account of carriage returns, which some programs drop.
func sameText(ref, text string) string {
	if strings.Contains(text, "\r") {
		text = strings.ReplaceAll(text, "\r", "")
		ref = "SUBSTITUTE(" + ref + ",CHAR(13),\"\")"
	}
	runes := []rune(text)
	if len(runes) <= maxCompared {
		return "EXACT(" + ref + "," + literal(text) + ")"
	}
	units := len(utf16.Encode(runes))
	head := string(runes[:maxCompared])
	condition := "EXACT(LEFT(" + ref + "," + strconv.Itoa(len(utf16.Encode(runes[:maxCompared]))) + ")," + literal(head) + ")"
	if units == len(runes) { // beyond, programs do not count alike
		condition += ",LEN(" + ref + ")=" + strconv.Itoa(units)
	}
	return condition
}

// literal gives a text as formulas have it: control characters by their number,
// and nothing that the format itself would read as a mark.
func literal(s string) string {
	var b strings.Builder
	quoted := false
	piece := func(open bool) {
		if quoted != open {
			b.WriteByte('"')
			quoted = open
		}
	}
	next := func() {
		if b.Len() > 0 {
			piece(false)
			b.WriteByte('&')
		}
	}
	var before rune
	for _, r := range s {
		switch {
		case r < ' ':
			next()
			b.WriteString("CHAR(" + strconv.Itoa(int(r)) + ")")
		default:
			if !quoted || before == '_' && r == 'x' {
				next()
				piece(true)
			}
			if r == '"' {
				b.WriteByte('"')
			}
			b.WriteRune(r)
		}
		before = r
	}
	if b.Len() == 0 {
		return `""`
	}
	piece(false)
	return b.String()
}
