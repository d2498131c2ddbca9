package workbook

import (
	"slices"
	"strconv"
	"strings"

	"iltizam/pipeline/table"
)

// FeedbackLayout is the form of what an annotated copy has besides the sender's
// own sheets.
type FeedbackLayout struct {
	Names   table.Labels     `json:"names"`   // of the first sheet
	Record  string           `json:"record"`  // name of the very hidden sheet by which a copy is known again
	Columns []FeedbackColumn `json:"columns"` // those that end in _second are of the second language
}

// FeedbackColumn is one column of the first sheet.
type FeedbackColumn struct {
	Key   string  `json:"key"`
	Width float64 `json:"width"`
}

// The columns of the first sheet. Below the findings stand the values that were
// taken, in the same columns.
const (
	columnType       = "type"
	columnCell       = "cell"
	columnValue      = "value"
	columnWhat       = "what"
	columnHow        = "how"
	columnCommitment = "commitment"
	columnSheet      = "sheet"
	secondColumn     = "_second"
)

// check holds the names against those of the form's sheets, by lower case.
func (f FeedbackLayout) check(taken map[string]string, fallback []string, bad func(string, ...any)) {
	if (SheetLayout{Names: f.Names}).AnyName(fallback) == "" || f.Record == "" {
		bad("the feedback sheet or its record has no name")
	}
	for _, name := range append(f.names(), f.Record) {
		if !takenByExcel(name) {
			bad("sheet name %q is not one that Excel takes", name)
		}
		if other, twice := taken[strings.ToLower(name)]; twice {
			bad("the feedback and sheet %q are both named %q", other, name)
		}
	}
	want := []string{columnType, columnCell, columnValue, columnWhat, columnHow, columnWhat + secondColumn,
		columnHow + secondColumn, columnCommitment, columnSheet}
	var have []string
	for _, c := range f.Columns {
		have = append(have, c.Key)
		if c.Width <= 0 || c.Width > 255 {
			bad("column %q has width %v", c.Key, c.Width)
		}
	}
	if slices.Sort(have); !slices.Equal(have, slices.Sorted(slices.Values(want))) {
		bad("the feedback sheet has the columns %v, not %v", have, want)
	}
}

func (f FeedbackLayout) names() []string { return SheetLayout{Names: f.Names}.names() }

// takenByExcel tells whether a sheet may be named so.
func takenByExcel(name string) bool {
	n := len([]rune(name))
	return n > 0 && n <= maxSheetName && !strings.ContainsAny(name, `:\/?*[]`) && strings.Trim(name, "'") == name
}

// maxSheetName is how long a sheet's name may be.
const maxSheetName = 31

// Say gives a text of the form in a language with its places filled in: the
// pairs are a place's name and what stands there.
func (l *Layout) Say(key, lang string, pairs ...string) string {
	args := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		args = append(args, "{"+pairs[i]+"}", pairs[i+1])
	}
	return strings.NewReplacer(args...).Replace(l.Text(key, lang))
}

// Count gives a counted noun of the form in the plural that the language wants.
func (l *Layout) Count(key, lang string, n int) string {
	text := l.Texts[key+"."+table.Plural(lang, n)][lang]
	if text == "" {
		text = l.Text(key+"."+table.PluralOther, lang)
	}
	return strings.ReplaceAll(text, "{n}", strconv.Itoa(n))
}

// writtenRight tells whether a language is written from right to left.
func (l *Layout) writtenRight(lang string) bool { return slices.Contains(l.RTL, lang) }
