package pipeline_test

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"iltizam/pipeline/workbook/scan"
	"iltizam/pipeline/workbook/workbooktest"
)

// form is a template as Excel would see it: its validations and its lists, read
// from the XML and not by what wrote it.
type form struct {
	sheets      []string // names, in their order
	validations map[string][]validation
	lists       map[string][]string // by defined name
	today       string
}

// validation is a data validation of a range.
type validation struct {
	Type       string `xml:"type,attr"`
	Operator   string `xml:"operator,attr"`
	Style      string `xml:"errorStyle,attr"`
	AllowBlank bool   `xml:"allowBlank,attr"`
	ShowError  bool   `xml:"showErrorMessage,attr"`
	Sqref      string `xml:"sqref,attr"`
	Prompt     string `xml:"prompt,attr"`
	Error      string `xml:"error,attr"`
	Formula1   string `xml:"formula1"`
	Formula2   string `xml:"formula2"`
}

type sheetXML struct {
	Cells []struct {
		Ref    string `xml:"r,attr"`
		Type   string `xml:"t,attr"`
		Value  string `xml:"v"`
		Inline string `xml:"is>t"`
	} `xml:"sheetData>row>c"`
	Validations []validation `xml:"dataValidations>dataValidation"`
}

// openForm reads a template; today is the day on which it is filled in.
func openForm(file []byte, today string) (*form, error) {
	parts, err := workbooktest.Unzip(file)
	if err != nil {
		return nil, err
	}
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
		} `xml:"sheets>sheet"`
		Names []struct {
			Name string `xml:"name,attr"`
			Text string `xml:",chardata"`
		} `xml:"definedNames>definedName"`
	}
	if err := xml.Unmarshal([]byte(parts["xl/workbook.xml"]), &book); err != nil {
		return nil, err
	}
	var shared struct {
		Items []struct {
			Text string `xml:"t"`
		} `xml:"si"`
	}
	if err := xml.Unmarshal([]byte(parts["xl/sharedStrings.xml"]), &shared); err != nil {
		return nil, err
	}
	f := &form{validations: map[string][]validation{}, lists: map[string][]string{}, today: today}
	texts := map[string]string{} // by sheet!cell
	for i, s := range book.Sheets {
		f.sheets = append(f.sheets, s.Name)
		var sheet sheetXML
		if err := xml.Unmarshal([]byte(parts[fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1)]), &sheet); err != nil {
			return nil, err
		}
		f.validations[s.Name] = sheet.Validations
		for _, c := range sheet.Cells {
			if n, err := strconv.Atoi(c.Value); c.Type == "s" && err == nil && n < len(shared.Items) {
				texts[s.Name+"!"+c.Ref] = shared.Items[n].Text
			}
		}
	}
	for _, n := range book.Names {
		sheet, area, _ := strings.Cut(strings.ReplaceAll(n.Text, "$", ""), "!")
		first, last, ok := strings.Cut(area, ":")
		col, from := split(first)
		_, to := split(last)
		for row := from; ok && row <= to && strings.HasPrefix(n.Name, "list_"); row++ {
			f.lists[n.Name] = append(f.lists[n.Name], texts[strings.Trim(sheet, "'")+"!"+scan.Ref(col, row)])
		}
	}
	return f, nil
}

// split parts an A1 name into numbers.
func split(ref string) (col, row int) {
	letters := strings.TrimRight(ref, "0123456789")
	for _, r := range letters {
		col = col*26 + int(r-'A') + 1
	}
	row, _ = strconv.Atoi(ref[len(letters):])
	return col, row
}

// of gives the validation of a cell, and the row that its formulas are written for.
func (f *form) of(sheet, ref string) (v validation, first int, ok bool) {
	col, row := split(ref)
	for _, v := range f.validations[sheet] {
		for area := range strings.FieldsSeq(v.Sqref) {
			from, to, ranged := strings.Cut(area, ":")
			if !ranged {
				to = from
			}
			c1, r1 := split(from)
			c2, r2 := split(to)
			if col >= c1 && col <= c2 && row >= r1 && row <= r2 {
				return v, r1, true
			}
		}
	}
	return validation{}, 0, false
}

// takes tells whether Excel lets a value be typed into a cell: nil, a float64, a
// bool or a string. cells gives what stands in the other cells of the sheet.
func (f *form) takes(sheet, ref string, value any, cells func(ref string) any) (bool, error) {
	v, first, ok := f.of(sheet, ref)
	if !ok || v.Type == "" || v.Type == "none" || !v.ShowError || v.Style != "" && v.Style != "stop" || value == nil && v.AllowBlank {
		return true, nil
	}
	_, row := split(ref)
	x := &excel{form: f, shift: row - first, cells: func(at string) any {
		if at == ref {
			return value
		}
		return cells(at)
	}}
	switch v.Type {
	case "list":
		items, ok := f.lists[v.Formula1]
		if !ok {
			return false, fmt.Errorf("list %q is not defined", v.Formula1)
		}
		for _, item := range items {
			if strings.EqualFold(item, text(value)) { // Excel minds no case in a list made from cells
				return true, nil
			}
		}
		return false, nil
	case "custom":
		got, err := x.evaluate(v.Formula1)
		return number(got) != 0, err
	case "textLength":
		return x.within(v, float64(len(utf16.Encode([]rune(text(value))))))
	case "decimal", "whole", "date":
		n, ok := value.(float64)
		if !ok || v.Type == "whole" && n != math.Trunc(n) {
			return false, nil
		}
		return x.within(v, n)
	}
	return false, fmt.Errorf("a validation of type %q", v.Type)
}

// excel computes the formulas of validations.
type excel struct {
	*form
	shift int // rows from where the formula was written
	cells func(ref string) any
	rest  string
}

func (x *excel) within(v validation, n float64) (bool, error) {
	one, err := x.evaluate(v.Formula1)
	if err != nil {
		return false, err
	}
	low := number(one)
	switch v.Operator {
	case "", "between", "notBetween":
		two, err := x.evaluate(v.Formula2)
		inside := n >= low && n <= number(two)
		return inside == (v.Operator != "notBetween"), err
	case "lessThanOrEqual":
		return n <= low, nil
	case "greaterThanOrEqual":
		return n >= low, nil
	case "lessThan":
		return n < low, nil
	case "greaterThan":
		return n > low, nil
	}
	return false, fmt.Errorf("operator %q", v.Operator)
}

func (x *excel) evaluate(formula string) (any, error) {
	x.rest = formula
	v, err := x.comparison()
	if err == nil && x.rest != "" {
		err = fmt.Errorf("left over: %s", x.rest)
	}
	if err != nil {
		return nil, fmt.Errorf("formula %s: %w", formula, err)
	}
	return v, nil
}

func (x *excel) comparison() (any, error) {
	left, err := x.sum()
	for _, op := range []string{"<=", ">=", "<>", "=", "<", ">"} {
		if err != nil || !strings.HasPrefix(x.rest, op) {
			continue
		}
		x.rest = x.rest[len(op):]
		right, err := x.sum()
		if err != nil {
			return nil, err
		}
		order := compare(left, right)
		return map[string]bool{"<=": order <= 0, ">=": order >= 0, "<>": order != 0, "=": order == 0, "<": order < 0, ">": order > 0}[op], nil
	}
	return left, err
}

// compare orders as Excel does: numbers before texts before truths, texts
// without case.
func compare(a, b any) int {
	rank := func(v any) int {
		switch v.(type) {
		case string:
			return 1
		case bool:
			return 2
		}
		return 0
	}
	if _, is := b.(string); a == nil && is {
		a = ""
	}
	if rank(a) != rank(b) {
		return rank(a) - rank(b)
	}
	if s, ok := a.(string); ok {
		return strings.Compare(strings.ToLower(s), strings.ToLower(b.(string)))
	}
	switch d := number(a) - number(b); {
	case d < 0:
		return -1
	case d > 0:
		return 1
	}
	return 0
}

func (x *excel) sum() (any, error) {
	v, err := x.term()
	for err == nil && x.rest != "" && strings.ContainsRune("+-", rune(x.rest[0])) {
		sign := 1.0
		if x.rest[0] == '-' {
			sign = -1
		}
		x.rest = x.rest[1:]
		var w any
		if w, err = x.term(); err == nil {
			v = number(v) + sign*number(w)
		}
	}
	return v, err
}

// wrong is what a formula gives that cannot be computed, such as #VALUE!; a
// validation refuses it.
type wrong struct{}

func (x *excel) term() (any, error) {
	switch {
	case x.rest == "":
		return nil, fmt.Errorf("it ends too early")
	case x.rest[0] == '-':
		x.rest = x.rest[1:]
		v, err := x.term()
		if n, is := asNumber(v); is {
			return -n, err
		}
		return wrong{}, err
	case x.rest[0] == '"':
		end := strings.IndexByte(x.rest[1:], '"')
		if end < 0 {
			return nil, fmt.Errorf("an open text")
		}
		v := x.rest[1 : end+1]
		x.rest = x.rest[end+2:]
		return v, nil
	case x.rest[0] == '(':
		x.rest = x.rest[1:]
		v, err := x.comparison()
		if err == nil && !strings.HasPrefix(x.rest, ")") {
			err = fmt.Errorf("a bracket is missing")
		}
		x.rest = strings.TrimPrefix(x.rest, ")")
		return v, err
	}
	end := strings.IndexFunc(x.rest, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '$' && r != '_'
	})
	if end < 0 {
		end = len(x.rest)
	}
	word := x.rest[:end]
	x.rest = x.rest[end:]
	if n, err := strconv.ParseFloat(word, 64); err == nil {
		return n, nil
	}
	if !strings.HasPrefix(x.rest, "(") {
		if items, ok := x.lists[word]; ok {
			return items, nil
		}
		if !strings.ContainsAny(word, "0123456789") {
			return nil, fmt.Errorf("an unknown name %q", word)
		}
		col, row := split(strings.ReplaceAll(word, "$", ""))
		if !strings.Contains(strings.TrimPrefix(word, "$"), "$") {
			row += x.shift
		}
		return x.cells(scan.Ref(col, row)), nil
	}
	x.rest = x.rest[1:]
	var args []any
	for !strings.HasPrefix(x.rest, ")") {
		v, err := x.comparison()
		if err != nil {
			return nil, err
		}
		args = append(args, v)
		if x.rest == "" {
			return nil, fmt.Errorf("a bracket is missing")
		}
		x.rest = strings.TrimPrefix(x.rest, ",")
	}
	x.rest = x.rest[1:]
	return x.call(word, args)
}

func (x *excel) call(name string, args []any) (any, error) {
	if name == "ISERROR" && len(args) == 1 {
		return args[0] == any(wrong{}), nil
	}
	for _, a := range args {
		if _, is := a.(wrong); is {
			return wrong{}, nil
		}
	}
	units := func(i int) []uint16 { return utf16.Encode([]rune(text(args[i]))) }
	switch of := fmt.Sprintf("%s/%d", name, len(args)); of {
	case "NOT/1":
		return args[0] != true, nil
	case "ISNUMBER/1":
		_, is := args[0].(float64)
		return is, nil
	case "EXACT/2":
		return text(args[0]) == text(args[1]), nil
	case "LOWER/1":
		return strings.ToLower(text(args[0])), nil
	case "LEN/1":
		return float64(len(units(0))), nil
	case "LEFT/2", "RIGHT/2":
		s, n := units(0), int(number(args[1]))
		if n < 0 {
			return wrong{}, nil
		}
		if n = min(n, len(s)); name == "RIGHT" {
			return string(utf16.Decode(s[len(s)-n:])), nil
		}
		return string(utf16.Decode(s[:n])), nil
	case "MID/3":
		s, from, n := units(0), int(number(args[1]))-1, int(number(args[2]))
		if from < 0 || n < 0 {
			return wrong{}, nil
		}
		from = min(from, len(s))
		return string(utf16.Decode(s[from:min(len(s), from+n)])), nil
	case "FIND/3":
		s, from := text(args[1]), int(number(args[2]))-1
		if from < 0 || from > len(s) || !strings.Contains(s[from:], text(args[0])) {
			return wrong{}, nil
		}
		return float64(from + strings.Index(s[from:], text(args[0])) + 1), nil
	case "COUNTIF/2":
		n := 0.0
		items, _ := args[0].([]string)
		for _, item := range items {
			if strings.EqualFold(item, text(args[1])) {
				n++
			}
		}
		return n, nil
	case "TODAY/0":
		return serial(x.today), nil
	case "DATE/3":
		return serial(fmt.Sprintf("%04d-%02d-%02d", int(number(args[0])), int(number(args[1])), int(number(args[2])))), nil
	}
	switch name {
	case "AND", "OR":
		all := name == "AND"
		for _, a := range args {
			if (a == true) != all {
				return !all, nil
			}
		}
		return all, nil
	case "MAX", "MIN":
		best, found := 0.0, false
		for _, a := range args { // what is no number does not count
			if n, is := a.(float64); is && (!found || (n > best) == (name == "MAX")) {
				best, found = n, true
			}
		}
		return best, nil
	}
	return nil, fmt.Errorf("an unknown function %s of %d values", name, len(args))
}

// asNumber gives what arithmetic makes of a value.
func asNumber(v any) (float64, bool) {
	s, is := v.(string)
	if !is {
		_, failed := v.(wrong)
		return number(v), !failed
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

// serial counts a day as Excel does; 0 is no day.
func serial(iso string) float64 {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return 0
	}
	return t.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strings.ToUpper(strconv.FormatBool(v))
	}
	return ""
}

func number(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case bool:
		if v {
			return 1
		}
	}
	return 0
}
