package rules

import (
	"math"
	"strconv"
	"strings"

	"iltizam/pipeline/table"
	"iltizam/pipeline/workbook"
)

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
	switch col.read {
	case asCode:
		return j.code(col, c)
	case asTruth:
		return j.truth(i, c)
	case asPercent:
		return j.percentage(i, c)
	case asDate:
		return j.date(i, c)
	case asToken:
		return textValue(clean(received(c)))
	}
	return textValue(cleanText(received(c)))
}

// received is the text of a cell whatever its kind.
func received(c *workbook.Cell) string {
	switch c.Kind {
	case workbook.Number:
		return numberText(c.Number)
	case workbook.Bool:
		return strconv.FormatBool(c.Number != 0)
	}
	return c.Text
}

func numberText(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// code reads a code or its label in any language; the schema refuses the rest.
func (j *judge) code(col *column, c *workbook.Cell) value {
	text := clean(received(c))
	if code, ok := col.labels[text]; ok {
		return textValue(code)
	}
	if code, ok := col.labels[fold(text)]; ok {
		return textValue(code)
	}
	return textValue(text)
}

func (j *judge) truth(i int, c *workbook.Cell) value {
	if c.Kind == workbook.Bool || c.Kind == workbook.Number && (c.Number == 0 || c.Number == 1) {
		return truthValue(c.Number != 0)
	}
	v := j.code(&j.sheet.columns[i], c)
	switch v.text {
	case "":
		return value{}
	case "true", "false":
		return truthValue(v.text == "true")
	}
	j.refuse("value-not-in-list", i, v.text, map[string]string{"column": j.sheet.columns[i].key, "allowed": booleanList})
	return value{}
}

// percentage reads 65, 0.65 in a percent cell or "65 %" as 65. A bare number
// between 0 and 1 is asked about, never guessed. The bounds judge the number as
// it was typed, not as it was rounded.
func (j *judge) percentage(i int, c *workbook.Cell) value {
	key := j.sheet.columns[i].key
	v, text, explicit, shift := c.Number, "", false, 2
	switch c.Kind {
	case workbook.Number:
		text = numberText(v)
		if c.Percent {
			explicit, shift = true, 4
		}
	case workbook.Text:
		if text = clean(c.Text); text == "" {
			return value{}
		}
		var ok bool
		if v, explicit, ok = number(text); !ok {
			j.refuse("value-wrong-type", i, text, map[string]string{"column": key, "expected": "@number"})
			return value{}
		}
	default:
		j.refuse("value-wrong-type", i, received(c), map[string]string{"column": key, "expected": "@number"})
		return value{}
	}
	if !explicit && v > 0 && v < 1 && j.inForce("progress-scale-doubtful") {
		n, _, _ := decimals(v, 4)
		j.refuse("progress-scale-doubtful", i, text, map[string]string{"column": key, "percent": hundredths(n)})
		return value{}
	}
	n, lost, ok := decimals(v, shift)
	if !ok || n > math.MaxInt32 || n < math.MinInt32 {
		// Far beyond any bound that the schema has, which refuses it.
		return value{kind: isNumber, n: math.Copysign(math.MaxInt32, v)}
	}
	out := value{kind: isNumber, hund: int32(n), n: float64(n) / 100}
	if lost {
		if out.n = v; shift == 4 {
			out.n = v * 100
		}
	}
	if q := j.sheet.columns[i].quick; q != nil && !q.valid(&out) {
		return out // refused as it is; how it was read is no matter
	}
	if shift == 4 {
		text = strconv.FormatFloat(v*100, 'g', digits15, 64) + " %"
	}
	if c.Kind == workbook.Text {
		j.apply("number-read-from-text", i, c.Text, map[string]string{"column": key, "read": hundredths(n)})
	}
	if lost {
		j.apply("number-rounded", i, text, map[string]string{"column": key, "read": hundredths(n)})
	}
	return out
}

// hundredths is the text of a number given in hundredths.
func hundredths[N int32 | int64](n N) string { return table.Dec(int64(n), 2).String() }

func (j *judge) date(i int, c *workbook.Cell) value {
	args := func() map[string]string { return map[string]string{"column": j.sheet.columns[i].key} }
	switch c.Kind {
	case workbook.Date:
		return textValue(c.Text)
	case workbook.Text:
		text := clean(c.Text)
		if text == "" {
			return value{}
		}
		iso, ok := date(text)
		if !ok {
			break
		}
		if iso != text {
			a := args()
			a["read"] = iso
			j.apply("date-read-from-text", i, text, a)
		}
		return textValue(iso)
	}
	j.refuse("date-invalid", i, strings.TrimSpace(received(c)), args())
	return value{}
}
