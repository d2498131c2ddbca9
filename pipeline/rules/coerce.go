package rules

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/table"
	"iltizam/pipeline/workbook"
)

// judge carries what is needed to judge one row.
type judge struct {
	*Set
	report *finding.Report
	day    string // ISO date of receipt
	failed bool   // a finding of error severity was added to this row
	values map[string]any
	cells  map[string]finding.Cell
	pcts   map[string]int32 // exact hundredths of each percentage
}

// add files a finding about a cell of the row.
func (j *judge) add(rule string, at finding.Cell, value string, args map[string]string) {
	if !j.Catalogue.InForce(rule, j.day) {
		return
	}
	r, _ := j.Catalogue.Rule(rule)
	if r.Severity >= finding.Error {
		j.failed = true
	}
	commitment, _ := j.values["commitment_id"].(string)
	j.report.Add(finding.Finding{Rule: rule, Severity: r.Severity, At: at, Value: value, Args: args, Commitment: commitment})
}

// coerce brings a cell to the JSON value that its column's type wants; what was
// changed on reading is told. ok is false where there is no value to judge.
func (j *judge) coerce(key string, c workbook.Cell, at finding.Cell) (v any, ok bool) {
	col := map[string]string{"column": key}
	switch c.Kind {
	case workbook.Empty:
		return nil, false
	case workbook.Error:
		j.add("cell-error-value", at, c.Text, nil)
		return nil, false
	case workbook.FormulaUncached:
		j.add("formula-without-value", at, "", nil)
		return nil, false
	}
	f := j.fieldOf(key)
	switch {
	case f.CodeList != "" && f.Type == table.String:
		return j.code(f.CodeList, c)
	case f.Type == table.Boolean:
		return j.truth(key, c, at)
	case f.Type == table.Decimal || f.Type == table.Integer || f.Type == table.Double:
		return j.percentage(key, c, at)
	case f.Type == table.Date:
		return j.date(c, at, col)
	}
	text := cleanText(received(c))
	if strings.HasSuffix(key, "_id") || strings.HasSuffix(key, "_url") {
		text = clean(text)
	}
	return text, text != ""
}

// fieldOf finds a column's description; a narrative in any other language is
// described as the English one.
func (j *judge) fieldOf(key string) table.Field {
	if f, ok := j.fields[key]; ok {
		return f
	}
	for _, stem := range []string{"narrative_", "title_"} {
		if strings.HasPrefix(key, stem) {
			return j.fields[stem+"en"]
		}
	}
	return table.Field{Name: key, Type: table.String}
}

// received is the text of a cell whatever its kind.
func received(c workbook.Cell) string {
	switch c.Kind {
	case workbook.Number:
		return strconv.FormatFloat(c.Number, 'f', -1, 64)
	case workbook.Bool:
		return strconv.FormatBool(c.Number != 0)
	}
	return c.Text
}

func (j *judge) code(list string, c workbook.Cell) (any, bool) {
	text := clean(received(c))
	if text == "" {
		return nil, false
	}
	if code, ok := j.labels[list][fold(text)]; ok {
		return code, true
	}
	return text, true // the schema refuses it
}

func (j *judge) truth(key string, c workbook.Cell, at finding.Cell) (any, bool) {
	if c.Kind == workbook.Bool || c.Kind == workbook.Number && (c.Number == 0 || c.Number == 1) {
		return c.Number != 0, true
	}
	text := clean(received(c))
	if text == "" {
		return nil, false
	}
	switch j.labels["boolean"][fold(text)] {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	j.add("value-not-in-list", at, text, map[string]string{"column": key, "allowed": "boolean"})
	return nil, false
}

// percentage reads 65, 0.65 in a percent cell or "65 %" as 65. A bare number
// between 0 and 1 is asked about, never guessed.
func (j *judge) percentage(key string, c workbook.Cell, at finding.Cell) (any, bool) {
	var v float64
	explicit := false
	switch c.Kind {
	case workbook.Number:
		v = c.Number
		if c.Percent {
			v, explicit = v*100, true
			if near := math.Round(v*1e9) / 1e9; math.Abs(near-v) < 1e-9 {
				v = near
			}
		}
	case workbook.Text:
		text := clean(c.Text)
		if text == "" {
			return nil, false
		}
		n, percent, ok := number(text)
		if !ok {
			j.add("value-wrong-type", at, text, map[string]string{"column": key, "expected": "@number"})
			return nil, false
		}
		v, explicit = n, percent
	default:
		j.add("value-wrong-type", at, received(c), map[string]string{"column": key, "expected": "@number"})
		return nil, false
	}
	if !explicit && v > 0 && v < 1 {
		j.add("progress-scale-doubtful", at, clean(received(c)), map[string]string{"column": key,
			"percent": strconv.FormatFloat(math.Round(v*1e4)/1e2, 'f', -1, 64)})
		return nil, false
	}
	n, rounded, ok := hundredths(v)
	if !ok {
		return v, true // the schema's bounds refuse it
	}
	j.pcts[key] = n
	read := table.Dec(int64(n), 2).String()
	if c.Kind == workbook.Text {
		j.add("number-read-from-text", at, c.Text, map[string]string{"column": key, "read": read})
	}
	if rounded {
		j.add("number-rounded", at, received(c), map[string]string{"column": key, "read": read})
	}
	return float64(n) / 100, true
}

func (j *judge) date(c workbook.Cell, at finding.Cell, col map[string]string) (any, bool) {
	switch c.Kind {
	case workbook.Date:
		return c.Text, true
	case workbook.Text:
		text := clean(c.Text)
		if text == "" {
			return nil, false
		}
		iso, ok := date(text)
		if !ok {
			j.add("date-invalid", at, text, col)
			return nil, false
		}
		if iso != text {
			j.add("date-read-from-text", at, text, map[string]string{"column": col["column"], "read": iso})
		}
		return iso, true
	}
	j.add("date-invalid", at, received(c), col)
	return nil, false
}

func bound(r fmt.Stringer) string { return strings.TrimSuffix(r.String(), "/1") }
