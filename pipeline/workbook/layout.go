package workbook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"iltizam/pipeline/table"
)

// The kinds of a sheet.
const (
	KindInstructions = "instructions"
	KindData         = "data"
	KindLists        = "lists"
	KindMeta         = "meta"
)

// The roles of a column.
const (
	RoleLocked  = "locked"  // filled in beforehand, not to be changed
	RolePrefill = "prefill" // locked where filled in beforehand, free elsewhere
	RoleEntry   = "entry"   // filled in by the institution
	RoleFormula = "formula" // computed in the sheet, never read
)

// The ways to enter a value.
const (
	InputText    = "text"
	InputPercent = "percent"
	InputDate    = "date"
	InputChoice  = "choice"
	InputURL     = "url"
	InputCheck   = "check"
)

// Layout is the form of the workbook, as data: its sheets, columns and texts.
type Layout struct {
	Template string                  `json:"template"`
	Version  string                  `json:"template_version"`
	Accepted []string                `json:"accepted_versions"`
	Older    map[string]Older        `json:"older_versions,omitempty"` // how the accepted ones but the present differ from it
	KeyRow   int                     `json:"key_row"`                  // holds the machine keys, hidden
	FirstRow int                     `json:"first_data_row"`           //
	RTL      []string                `json:"right_to_left"`            // languages written from right to left
	Fallback []string                `json:"fallback_languages"`
	Font     string                  `json:"font"`
	Colours  map[string]string       `json:"colours"`
	Sheets   []SheetLayout           `json:"sheets"`
	Feedback FeedbackLayout          `json:"feedback"`
	Texts    map[string]table.Labels `json:"texts"`

	fold   func(string) string
	labels map[string]map[string][]string // sheet -> folded label -> keys of the columns that go by it
}

// SheetLayout is one sheet of the form.
type SheetLayout struct {
	Key      string       `json:"key"`
	Kind     string       `json:"kind"`
	Names    table.Labels `json:"names"`
	Required bool         `json:"required,omitempty"`
	Rows     int          `json:"rows,omitempty"` // at least so many data rows
	Height   float64      `json:"row_height,omitempty"`
	Freeze   string       `json:"freeze,omitempty"`     // the first cell that scrolls
	Wide     int          `json:"pages_wide,omitempty"` // printed pages side by side
	Columns  []Column     `json:"columns,omitempty"`
	Keys     []string     `json:"keys,omitempty"` // of a meta sheet
}

// Column is one column of a data sheet. A key that ends in {lang} stands for one
// column in each of the plan's languages.
type Column struct {
	Key      string       `json:"key"`
	Label    table.Labels `json:"label,omitempty"` // where the schemas give the column none
	Width    float64      `json:"width"`
	Role     string       `json:"role"`
	Input    string       `json:"input"`
	Required bool         `json:"required,omitempty"`   // a workbook without it is refused
	Waiting  bool         `json:"waiting,omitempty"`    // coloured until filled in
	List     string       `json:"list,omitempty"`       // of a choice: the list it is made from
	Past     bool         `json:"past,omitempty"`       // of a date: not after today
	ForAll   bool         `json:"for_all,omitempty"`    // the cell above the headings answers for every row left empty
	From     string       `json:"not_before,omitempty"` // of a date: the column that it may not come before
	Lang     string       `json:"-"`                    // of an expanded column
}

const langMark = "{lang}"

var langTag = regexp.MustCompile(`^[a-z]{2,3}$`)

// ParseLayout reads a layout. Keys that it does not know, or that contradict
// one another, are errors.
func ParseLayout(b []byte) (*Layout, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	l := &Layout{}
	if err := d.Decode(l); err != nil {
		return nil, fmt.Errorf("read workbook layout: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("read workbook layout: more than one JSON value")
	}
	if err := l.check(); err != nil {
		return nil, fmt.Errorf("read workbook layout: %w", err)
	}
	return l, nil
}

func (l *Layout) check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if l.Template == "" || l.Version == "" || !slices.Contains(l.Accepted, l.Version) {
		bad("accepted_versions %v lacks template_version %q of template %q", l.Accepted, l.Version, l.Template)
	}
	l.checkOlder(bad)
	if l.KeyRow < 1 || l.FirstRow <= l.KeyRow {
		bad("first_data_row %d is not below key_row %d", l.FirstRow, l.KeyRow)
	}
	if len(l.Fallback) == 0 {
		bad("fallback_languages is empty")
	}
	kinds := map[string]int{}
	names := map[string]string{}
	for _, s := range l.Sheets {
		kinds[s.Kind]++
		if !slices.Contains([]string{KindInstructions, KindData, KindLists, KindMeta}, s.Kind) {
			bad("sheet %q has kind %q", s.Key, s.Kind)
		}
		if s.AnyName(l.Fallback) == "" {
			bad("sheet %q has no name in %v", s.Key, l.Fallback)
		}
		for _, name := range s.Names {
			if n := len([]rune(name)); n > 31 || strings.ContainsAny(name, `:\/?*[]`) || strings.Trim(name, "'") != name {
				bad("sheet name %q is not one that Excel takes", name)
			}
			low := strings.ToLower(name)
			if other, taken := names[low]; taken && other != s.Key {
				bad("sheets %q and %q are both named %q", other, s.Key, name)
			}
			names[low] = s.Key
		}
		s.check(bad)
	}
	if kinds[KindMeta] != 1 || kinds[KindLists] != 1 || kinds[KindInstructions] != 1 || kinds[KindData] == 0 {
		bad("it needs one sheet of instructions, one of lists, one of kind meta and at least one of data")
	}
	l.Feedback.check(names, l.Fallback, bad)
	for key, labels := range l.Texts {
		if l.pick(labels, "") == "" {
			bad("text %q is not in %v", key, l.Fallback)
		}
	}
	return errors.Join(errs...)
}

func (s SheetLayout) check(bad func(string, ...any)) {
	if s.Kind == KindMeta && len(s.Keys) == 0 {
		bad("sheet %q has no keys", s.Key)
	}
	if s.Kind == KindData && len(s.Columns) == 0 {
		bad("sheet %q has no columns", s.Key)
	}
	seen := map[string]bool{}
	for _, c := range s.Columns {
		if c.Key == "" || seen[c.Key] {
			bad("sheet %q has column %q twice, or one without a key", s.Key, c.Key)
		}
		seen[c.Key] = true
		if c.Width <= 0 || c.Width > 255 {
			bad("column %q has width %v", c.Key, c.Width)
		}
		if !slices.Contains([]string{RoleLocked, RolePrefill, RoleEntry, RoleFormula}, c.Role) {
			bad("column %q has role %q", c.Key, c.Role)
		}
		if !slices.Contains([]string{InputText, InputPercent, InputDate, InputChoice, InputURL, InputCheck}, c.Input) {
			bad("column %q has input %q", c.Key, c.Input)
		}
		if (c.Input == InputChoice) != (c.List != "") {
			bad("column %q has input %q with list %q", c.Key, c.Input, c.List)
		}
		if c.ForAll && c.Input != InputChoice {
			bad("column %q answers for all rows, but is no choice", c.Key)
		}
		if c.From != "" && !seen[c.From] {
			bad("column %q may not come before %q, which does not stand before it", c.Key, c.From)
		}
		if strings.Contains(c.Key, "{") && (!strings.HasSuffix(c.Key, langMark) || c.Required) {
			bad("column %q must end in %s and not be required", c.Key, langMark)
		}
	}
}

// Sheet gives the layout of a sheet by key.
func (l *Layout) Sheet(key string) (SheetLayout, bool) {
	for _, s := range l.Sheets {
		if s.Key == key {
			return s, true
		}
	}
	return SheetLayout{}, false
}

// Text gives a text of the form in a language, or in the first fallback there is.
func (l *Layout) Text(key, lang string) string { return l.pick(l.Texts[key], lang) }

func (l *Layout) pick(labels table.Labels, lang string) string {
	if s := labels[lang]; s != "" {
		return s
	}
	for _, f := range l.Fallback {
		if s := labels[f]; s != "" {
			return s
		}
	}
	return ""
}

// AnyName gives the sheet's name in the first of the languages that has one.
func (s SheetLayout) AnyName(langs []string) string {
	for _, lang := range langs {
		if s.Names[lang] != "" {
			return s.Names[lang]
		}
	}
	return s.Names[""]
}

// names gives the sheet's names in every language.
func (s SheetLayout) names() []string {
	var names []string
	for _, n := range s.Names {
		names = append(names, n)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// column finds the column that a machine key means.
func (s SheetLayout) column(key string) (Column, bool) {
	for _, c := range s.Columns {
		if c.Key == key {
			return c, true
		}
		if stem, ok := strings.CutSuffix(c.Key, langMark); ok {
			if lang, ok := strings.CutPrefix(key, stem); ok && langTag.MatchString(lang) {
				c.Key, c.Lang = key, lang
				return c, true
			}
		}
	}
	return Column{}, false
}

// Expand gives the columns with one for each language where {lang} stands.
func (s SheetLayout) Expand(langs []string) []Column {
	var out []Column
	for _, c := range s.Columns {
		stem, ok := strings.CutSuffix(c.Key, langMark)
		if !ok {
			out = append(out, c)
			continue
		}
		for _, lang := range langs {
			one := c
			one.Key, one.Lang = stem+lang, lang
			out = append(out, one)
		}
	}
	return out
}
