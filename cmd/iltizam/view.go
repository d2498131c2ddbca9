package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
	"iltizam/schemas"
)

// The formats of a view.
const (
	asTable = "table"
	asJSON  = "json"
	asCSV   = "csv"
)

func viewFormats() []string { return []string{asTable, asJSON, asCSV} }

// formatFlag lets a command choose among the formats of a view.
func formatFlag(c *cobra.Command, format *string) {
	c.Flags().StringVar(format, "format", asTable, "table for people, json or csv for programs")
}

func checkFormat(format string) error {
	if !slices.Contains(viewFormats(), format) {
		return usageError{hintf("choose one of: "+strings.Join(viewFormats(), ", "), "read --format %q: there is no such format", format)}
	}
	return nil
}

// view tells people what a command found, in their language.
type view struct {
	*app
	words    *pipeline.Words
	contract *pipeline.Contract
	lang     string
	mark     string // starts each line, so that it runs in the language's direction
}

func (a *app) view(c config, contract *pipeline.Contract) (*view, error) {
	words, err := pipeline.LoadWords(schemas.FS)
	if err != nil {
		return nil, err
	}
	return &view{app: a, words: words, contract: contract, lang: c.Language, mark: checkWords(c.Language).mark}, nil
}

func (v *view) line(indent, text string) { v.say("%s%s%s", indent, v.mark, text) }

// text gives words with what they are about; a placeholder's value runs in its own
// direction.
func (v *view) text(key string, pairs ...string) string { return v.words.Text(v.lang, key, pairs...) }

func (v *view) count(key string, n int) string { return v.words.Count(v.lang, key, n) }

// own keeps a name or a figure in its own order where the line runs the other way.
func (v *view) own(s string) string {
	if v.mark == "" {
		return s
	}
	return table.Isolate(s)
}

// first gives a text of a plan in the language, or else in the plan's own.
func (v *view) first(t plan.Texts, p *plan.ActionPlan) string {
	text, _ := t.First(append([]string{v.lang}, p.Languages...))
	return text.Text
}

// list puts names into one line.
func (v *view) list(names []string) string { return strings.Join(names, v.text("comma")) }

// columns prints rows under one another, each cell as wide as its column, the last
// one as it is.
func (v *view) columns(indent string, rows [][]string) {
	var wide []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(wide) {
				wide = append(wide, 0)
			}
			wide[i] = max(wide[i], width(cell))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			b.WriteString(v.own(cell))
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", wide[i]-width(cell)+2))
			}
		}
		v.line(indent, b.String())
	}
}

// width is how many places a text takes: marks take none.
func width(s string) int {
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
			n--
		}
	}
	return n
}

// complaints tells findings: the place and the rule, then what is wrong with how to
// mend it. No more than most; it gives how many it told.
func (v *view) complaints(indent string, all []pipeline.Complaint, most int) int {
	told := all[:min(len(all), max(most, 0))]
	for _, c := range told {
		var head []string
		if c.Commitment != "" {
			head = append(head, v.own(c.Commitment))
		}
		if at := place(finding.Cell{Sheet: c.Sheet, Ref: c.Cell}, ""); at != "" {
			head = append(head, at)
		}
		head = append(head, table.Isolate(c.File), v.own("("+c.Rule+")"))
		v.line(indent, strings.Join(head, " "))
		v.line(indent+"  ", table.Isolate(c.Message[v.lang])+" "+table.Isolate(c.Remedy[v.lang]))
	}
	return len(told)
}

// more says that some were not told.
func (v *view) more(indent string, n int) {
	if n > 0 {
		v.line(indent, strings.ReplaceAll(v.count("more", n), "{flag}", v.own("--format json")))
	}
}

// day is the day of an instant, as people write it.
func day(instant string) string {
	if len(instant) < len(time.DateOnly) {
		return instant
	}
	return table.ShortDate(instant[:len(time.DateOnly)])
}

// days counts those from one day to another (ISO).
func days(from, to string) int {
	a, err := time.Parse(time.DateOnly, from)
	if err != nil {
		return 0
	}
	b, err := time.Parse(time.DateOnly, to)
	if err != nil {
		return 0
	}
	return int(b.Sub(a).Hours() / 24)
}

// printJSON writes a value as people can read it too.
func printJSON(w io.Writer, v any) error {
	b, err := indented(v, "")
	if err == nil {
		_, err = fmt.Fprintf(w, "%s\n", b)
	}
	return err
}

// plainCell keeps a spreadsheet from taking a text that others wrote for a formula.
func plainCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
