package rules

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"iltizam/pipeline/table"
	"iltizam/pipeline/workbook"
)

// reading is what was changed when a value was read, as a finding tells it. One
// for a cell: what it says covers all that happened to the value.
type reading struct {
	rule  string // "" where the value is as the cell has it
	value string // as received
	read  string // as read, in a form to show
	code  string // "list/code" of what a label was read as
	took  took
}

// coerce brings a cell to the value that its column wants; what was changed on
// reading is told. Nothing comes back where there is no value to judge.
func (j *judge) coerce(i int, c *workbook.Cell) value {
	col := &j.sheet.columns[i]
	switch c.Kind {
	case workbook.Empty:
		return value{}
	case workbook.Error:
		j.refuse("cell-error-value", i, c.Text, nil)
		return value{}
	case workbook.FormulaUncached:
		j.refuse("formula-without-value", i, "", nil)
		return value{}
	}
	var v value
	var how reading
	switch col.read {
	case asCode:
		v, how = j.code(col, c)
	case asTruth:
		v, how = j.truth(i, c)
	case asPercent:
		v, how = j.percentage(i, c)
	case asDate:
		v, how = j.date(i, c)
	case asToken:
		v, how = token(col, c)
	default:
		v, how = free(c)
	}
	if v.kind == isNothing {
		return v
	}
	if c.Formula {
		how = reading{rule: "formula-value-read", value: received(c), read: shown(col, c, &v)}
	}
	// A value that is refused is refused as it is; how it was read is no matter.
	if how.rule != "" && (col.quick == nil || col.quick.valid(&v)) {
		j.readings = append(j.readings, cellReading{i, how})
	}
	return v
}

// cellReading is a reading of the row in hand.
type cellReading struct {
	column int
	reading
}

// tellReadings files what was changed on reading the row.
func (j *judge) tellReadings() {
	for _, r := range j.readings {
		if j.sheet.columns[r.column].read == asText && j.personalIn(j.values[r.column].text, false) != nil {
			continue // it would be repeated
		}
		args := map[string]string{"column": j.sheet.columns[r.column].key}
		if r.read != "" {
			args["read"] = brief(r.read)
		}
		if r.code != "" {
			args["code"] = r.code
		}
		if r.took != tookNothing {
			args["what"] = [...]string{tookInvisible: "@took-invisible", tookBlanks: "@took-blanks", tookBoth: "@took-both", tookHalf: "@took-half"}[r.took]
		}
		j.apply(r.rule, r.column, visible(r.value), args)
	}
}

// received is the text of a cell whatever its kind. Of a whole number with more
// digits than a float holds it is the digits that stand there.
func received(c *workbook.Cell) string {
	switch c.Kind {
	case workbook.Number:
		if digits := strings.TrimPrefix(c.Raw, "-"); len(digits) > digits15 && digits[0] != '0' && strings.Trim(digits, "0123456789") == "" {
			return c.Raw
		}
		return numberText(c.Number)
	case workbook.Bool:
		return strconv.FormatBool(c.Number != 0)
	}
	return c.Text
}

func numberText(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// shown is a value as a person would write it.
func shown(col *column, c *workbook.Cell, v *value) string {
	switch {
	case v.kind == isNumber:
		return hundredths(v.hund)
	case v.kind == isTruth:
		return strconv.FormatBool(v.n != 0)
	case col.read == asCode:
		return clean(received(c))
	}
	return v.text
}

// generalWidth is how many characters of a number a spreadsheet shows before it
// rounds or writes an exponent.
const generalWidth = 11

// free reads a text that is kept as it was written. A number, date or truth value
// in its place is written out, and told where a sheet may show it otherwise.
func free(c *workbook.Cell) (value, reading) {
	text := received(c)
	if c.Kind == workbook.Text {
		return cleaned(text, cleanText(text))
	}
	was := text
	if c.Kind == workbook.Number {
		if c.Percent {
			text = numberText(shortest(c.Number*100)) + " %"
		} else if text != c.Raw {
			text = numberText(shortest(c.Number))
		}
		if was = c.Raw; text == was && len(text) <= generalWidth {
			return textValue(text), reading{}
		}
	}
	v := textValue(text)
	if v.was = was; was == text {
		v.was = ""
	}
	return v, reading{rule: "text-read-from-number", value: was, read: text}
}

// cleaned is a text with what was taken out of it.
func cleaned(text, kept string) (value, reading) {
	v := textValue(kept)
	if kept == text || kept == "" {
		return v, reading{}
	}
	t := taken(text, kept)
	if t == tookNothing {
		return v, reading{}
	}
	v.was = text
	return v, reading{rule: "text-cleaned", value: text, took: t}
}

// token reads an id or the addresses of a cell, which any blanks may part.
func token(col *column, c *workbook.Cell) (value, reading) {
	text := received(c)
	if !isURL(col.key) {
		return cleaned(text, clean(text))
	}
	v, how := cleaned(text, cleanAddress(text))
	if how.took == tookBlanks {
		return v, reading{}
	}
	return v, how
}

// code reads a code or its label in any language; the schema refuses the rest.
func (j *judge) code(col *column, c *workbook.Cell) (value, reading) {
	text := received(c)
	if s, ok := col.labels[trimPlain(text)]; ok && s.exact {
		v := textValue(s.code)
		if s.code != text {
			v.was = text
		}
		return v, reading{}
	}
	if s, ok := col.labels[fold(text)]; ok {
		v := textValue(s.code)
		v.was = text
		return v, reading{rule: "label-read-as-code", value: text, code: col.list + "/" + s.code}
	}
	return textValue(clean(text)), reading{}
}

func (j *judge) truth(i int, c *workbook.Cell) (value, reading) {
	if c.Kind == workbook.Bool || c.Kind == workbook.Number && (c.Number == 0 || c.Number == 1) {
		return truthValue(c.Number != 0), reading{}
	}
	v, how := j.code(&j.sheet.columns[i], c)
	switch v.text {
	case "":
		return value{}, reading{}
	case "true", "false":
		truth := truthValue(v.text == "true")
		truth.was = v.was
		return truth, how
	}
	j.refuse("value-not-in-list", i, v.text, map[string]string{"column": j.sheet.columns[i].key, "allowed": booleanList})
	return value{}, reading{}
}

// percentage reads 65, 0.65 in a percent cell or "65 %" as 65. A bare number
// between 0 and 1 is asked about, never guessed. The bounds judge the number as
// it was typed, not as it was rounded.
func (j *judge) percentage(i int, c *workbook.Cell) (value, reading) {
	key := j.sheet.columns[i].key
	v, explicit, shift, was := c.Number, false, 2, c.Raw
	switch c.Kind {
	case workbook.Number:
		if c.Percent {
			explicit, shift = true, 4
		}
	case workbook.Text:
		was = c.Text
		text := clean(c.Text)
		if text == "" {
			return value{}, reading{}
		}
		var ok bool
		if v, explicit, ok = number(text, j.set.isPercent); !ok {
			j.refuse("value-wrong-type", i, text, map[string]string{"column": key, "expected": "@number"})
			return value{}, reading{}
		}
	default:
		j.refuse("value-wrong-type", i, received(c), map[string]string{"column": key, "expected": "@number"})
		return value{}, reading{}
	}
	if !explicit && v > 0 && v < 1 && j.inForce("progress-scale-doubtful") {
		n, _, _ := decimals(v, 4)
		if n == 0 { // nothing on either scale
			return value{kind: isNumber, was: was}, reading{rule: "number-rounded", value: received(c), read: hundredths(n)}
		}
		j.refuse("progress-scale-doubtful", i, clean(received(c)), map[string]string{"column": key, "percent": hundredths(n)})
		return value{}, reading{}
	}
	n, lost, ok := decimals(v, shift)
	if !ok || n > math.MaxInt32 || n < math.MinInt32 {
		// Far beyond any bound that the schema has, which refuses it.
		out := value{kind: isNumber, n: v, text: clean(received(c))}
		if c.Percent {
			out.n, out.text = v*100, numberText(v*100)+" %"
		}
		return out, reading{}
	}
	out := value{kind: isNumber, hund: int32(n), n: float64(n) / 100}
	if lost {
		if out.n = v; shift == 4 {
			out.n = v * 100
		}
	}
	var how reading
	switch {
	case lost:
		how.rule, how.value = "number-rounded", received(c)
		if shift == 4 {
			how.value = strconv.FormatFloat(v*100, 'g', digits15, 64) + " %"
		}
	case c.Kind == workbook.Text:
		how.rule, how.value = "number-read-from-text", c.Text
	case shift == 4 && n != 0:
		how.rule, how.value = "percent-cell-read", received(c)
	default:
		return out, reading{}
	}
	out.was, how.read = was, hundredths(n)
	return out, how
}

// hundredths is the text of a number given in hundredths.
func hundredths[N int32 | int64](n N) string { return table.Dec(int64(n), 2).String() }

// date reads a day: of a date cell, of a text that names one, of a number that
// can be nothing else.
func (j *judge) date(i int, c *workbook.Cell) (value, reading) {
	switch c.Kind {
	case workbook.Date:
		v := textValue(c.Text)
		if clock := clockOf(c); clock != "" {
			v.was = c.Raw
			return v, reading{rule: "date-time-dropped", value: c.Text + " " + clock, read: c.Text}
		}
		return v, reading{}
	case workbook.Text:
		if clean(c.Text) == "" {
			return value{}, reading{}
		}
		iso, clock, ok := j.set.words.date(c.Text)
		if !ok {
			if namesHijriYear(c.Text) {
				return j.hijri(i, c)
			}
			break
		}
		if isHijriYear(iso[:4]) {
			return j.hijri(i, c)
		}
		v, how := textValue(iso), reading{value: c.Text, read: iso}
		switch {
		case clock != "":
			how.rule = "date-time-dropped"
		case iso != trimPlain(c.Text):
			how.rule = "date-read-from-text"
		default:
			return v, reading{}
		}
		v.was = c.Text
		return v, how
	case workbook.Number:
		if iso, ok := j.believable(c); ok {
			v := textValue(iso)
			v.was = c.Raw
			return v, reading{rule: "date-read-from-number", value: received(c), read: iso}
		}
	}
	j.refuse("date-invalid", i, strings.TrimSpace(received(c)), map[string]string{"column": j.sheet.columns[i].key})
	return value{}, reading{}
}

// hijri refuses a day of the calendar of the Hijra, which no day of ours answers
// to beyond doubt.
func (j *judge) hijri(i int, c *workbook.Cell) (value, reading) {
	j.refuse("date-hijri", i, strings.TrimSpace(c.Text), map[string]string{"column": j.sheet.columns[i].key})
	return value{}, reading{}
}

// namesHijriYear tells of a text whose only year is one of that calendar.
func namesHijriYear(text string) bool {
	found := false
	for n := range strings.FieldsSeq(string(appendNumbers(nil, text))) {
		if len(n) >= 4 && !isHijriYear(n) {
			return false
		}
		found = found || isHijriYear(n)
	}
	return found
}

// clockOf gives the time of day of a date cell, "" where it is midnight.
func clockOf(c *workbook.Cell) string {
	if _, clock, ok := strings.Cut(c.Raw, "T"); ok { // an ISO date
		if strings.Trim(clock, "0:.Z") == "" {
			return ""
		}
		return clock
	}
	fraction := c.Number - math.Floor(c.Number)
	if fraction == 0 {
		return ""
	}
	const aDay = 24 * 60 * 60
	seconds := min(int(math.Round(fraction*aDay)), aDay-1)
	if seconds == 0 {
		return ""
	}
	return fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}

// yearsAfter is how long after the plan's cycle a date may still be meant:
// longer than any plan lasts.
const yearsAfter = 10

// believable reads a whole number in a date column as the day that the
// spreadsheet would show for it, if that lies in the years of the plan.
func (j *judge) believable(c *workbook.Cell) (iso string, ok bool) {
	cycle := j.plan.ActionPlanCycle
	if cycle == 0 || c.Percent || c.Number != math.Floor(c.Number) {
		return "", false
	}
	if iso, ok = j.dayOf(c.Number); !ok {
		return "", false
	}
	year, err := strconv.Atoi(iso[:4])
	return iso, err == nil && year >= cycle-yearsBefore && year <= cycle+yearsAfter
}
