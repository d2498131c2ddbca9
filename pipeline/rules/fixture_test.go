package rules_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/merge"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/workbook"
)

// A fixture is one workbook as text: the French form of testPlan, with what was
// done to it before it came back, and the findings that it must yield.
//
//	header KEY = VALUE              in the hidden sheet; no value clears it
//	folder NAME                     the inbox folder; no name is outside any
//	received INSTANT                the receipt
//	delete sheet KEY                deletes a sheet
//	delete column SHEET KEY         deletes a column
//	SHEET ROW: KEY = VALUE | …      fills in cells of a row
//	then                            what stands above is an earlier workbook, what follows another one
//	> SEVERITY RULE SHEET!CELL "…"  a finding about the last workbook, with its value, in the report's order
//
// A row of progress with a percentage is given a narrative in each language that it
// does not mention; narrative_fr = "" leaves it empty.
//
// A VALUE is text, in quotes where it has blanks around it or escapes; n:0.65 a
// number, g:44926 one in a cell without the form's format, %:0.65 one in a
// percent cell, d:2022-12-31 a date, b:true a truth value, =A1+1 a formula
// without its result, repeat:4001:é a text of that length.
type fixture struct {
	edits    []workbook.Edit
	receipt  rules.Receipt
	expected []string
	before   []*fixture // the workbooks that came earlier, in order of receipt
	unsorted bool       // the findings are wanted in the order in which they were made
}

// form is the template that every fixture starts from.
var form = sync.OnceValues(func() ([]byte, error) {
	c, err := contract()
	if err != nil {
		return nil, err
	}
	p := testPlan()
	var buf bytes.Buffer
	err = workbook.Template(&buf, c.Layout, c.TemplateSpec(p, "water", p.Period("2022-h2"), "fr"))
	return buf.Bytes(), err
})

// parseFixtures reads the [bad] and [good] parts of a fixture file.
func parseFixtures(t *testing.T, name string) map[string]*fixture {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*fixture{}
	var now *fixture
	part := ""
	for n, line := range strings.Split(string(b), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			part, now = strings.Trim(line, "[]"), &fixture{receipt: receipt}
			all[part] = now
		case line == "then":
			next := &fixture{receipt: receipt, before: append(now.before, now)}
			next.receipt.Digest = strings.Repeat(fmt.Sprintf("%02x", 0xab+len(next.before)), 32)
			now, all[part] = next, next
		case now == nil:
			t.Fatalf("%s:%d: stands before [bad] or [good]", name, n+1)
		default:
			if err := now.line(t, narrated(line)); err != nil {
				t.Fatalf("%s:%d: %v", name, n+1, err)
			}
		}
	}
	return all
}

// narrated gives a row of progress an account of what was done in each language
// that it says nothing of.
func narrated(line string) string {
	if strings.HasPrefix(line, "progress ") && strings.Contains(line, "progress_pct = ") {
		for key, text := range map[string]string{"narrative_ar": "أنجز ما كان مبرمجا", "narrative_fr": "Le travail prévu est fait"} {
			if !strings.Contains(line, key+" = ") {
				line += " | " + key + " = " + text
			}
		}
	}
	return line
}

func (f *fixture) line(t *testing.T, line string) error {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case ">":
		f.expected = append(f.expected, rest)
		return nil
	case "folder":
		f.receipt.Folder = rest
		return nil
	case "received":
		f.receipt.ReceivedAt = rest
		return nil
	case "delete":
		words := strings.Fields(rest)
		if words[0] == "sheet" {
			f.edits = append(f.edits, workbook.Edit{Op: workbook.DeleteSheet, Sheet: words[1]})
		} else {
			f.edits = append(f.edits, workbook.Edit{Op: workbook.DeleteColumn, Sheet: words[1], Key: words[2]})
		}
		return nil
	case "header":
		key, value, _ := strings.Cut(rest, "=")
		e, err := cell(strings.TrimSpace(value))
		if err != nil {
			return err
		}
		e.Sheet, e.Cell = "meta", headerCell(t, strings.TrimSpace(key))
		f.edits = append(f.edits, e)
		return nil
	}
	row, cells, ok := strings.Cut(rest, ": ")
	n, err := strconv.Atoi(row)
	if !ok || err != nil {
		return fmt.Errorf("want SHEET ROW: KEY = VALUE | …, not %q", line)
	}
	for one := range strings.SplitSeq(cells, " | ") {
		key, value, _ := strings.Cut(one, " = ")
		e, err := cell(value)
		if err != nil {
			return err
		}
		e.Sheet, e.Key, e.Row = word, key, n
		f.edits = append(f.edits, e)
	}
	return nil
}

// cell reads a VALUE.
func cell(s string) (e workbook.Edit, err error) {
	kind, rest, _ := strings.Cut(s, ":")
	switch {
	case s == "":
		return e, nil
	case s[0] == '"':
		e.Value, err = strconv.Unquote(s)
		return e, err
	case s[0] == '=':
		e.Value = workbook.Formula(s)
		return e, nil
	case kind == "n" || kind == "%" || kind == "g":
		switch kind {
		case "%":
			e.NumFmt = "0.00%"
		case "g":
			e.NumFmt = "0"
		}
		e.Value, err = strconv.ParseFloat(rest, 64)
		return e, err
	case kind == "d":
		e.Value, e.Date = rest, true
		return e, nil
	case kind == "b":
		e.Value, err = strconv.ParseBool(rest)
		return e, err
	case kind == "repeat":
		count, text, _ := strings.Cut(rest, ":")
		n, err := strconv.Atoi(count)
		e.Value = strings.Repeat(text, n)
		return e, err
	}
	e.Value = s
	return e, nil
}

// headerCell finds the cell of a key in the form's hidden sheet.
func headerCell(t *testing.T, key string) string {
	t.Helper()
	src, err := form()
	if err != nil {
		t.Fatal(err)
	}
	h := open(t, src, nil).Header
	if !h.Has(key) {
		t.Fatalf("the form's header has no %s", key)
	}
	return h.At(key).Ref
}

func (f *fixture) judge(t *testing.T) (rules.Judgement, *finding.Report) {
	t.Helper()
	j, report := f.judgeAlone(t)
	if len(f.before) > 0 {
		set := mustContract(t).Rules
		p := testPlan()
		fold := merge.NewFold(p, "9999-12-31", func(s *plan.Submission, past plan.Past) []plan.Remark { return set.LookBack(p, s, past) })
		for _, earlier := range f.before {
			if was, _ := earlier.judgeAlone(t); was.Submission != nil {
				fold.Add(was.Submission)
			}
		}
		if j.Submission != nil {
			for _, r := range fold.Add(j.Submission) {
				report.Add(rules.FindingOf(r))
			}
		}
	}
	if !f.unsorted {
		report.Sort()
	}
	return j, report
}

func (f *fixture) judgeAlone(t *testing.T) (rules.Judgement, *finding.Report) {
	t.Helper()
	src, err := form()
	if err != nil {
		t.Fatal(err)
	}
	if src, err = workbook.ApplyEdits(src, mustContract(t).Layout, f.edits); err != nil {
		t.Fatal(err)
	}
	return check(t, src, f.receipt)
}

// flat is a finding on one line.
func flat(f finding.Finding) string {
	s := f.Severity.String() + " " + f.Rule
	if f.At.Sheet != "" {
		s += " " + f.At.Sheet + "!" + f.At.Ref
	}
	if f.Value != "" {
		s += " " + strconv.Quote(f.Value)
	}
	return s
}

func flatAll(r *finding.Report) []string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, flat(f))
	}
	return out
}

// but gives the findings other than those of some rules, which a workbook of a few
// cells cannot help.
func but(findings []string, rules ...string) []string {
	return slices.DeleteFunc(findings, func(line string) bool {
		return slices.ContainsFunc(rules, func(rule string) bool { return strings.Contains(line, " "+rule+" ") })
	})
}

func fixtureFiles(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("testdata/rules/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatal("no fixtures", err)
	}
	return names
}
