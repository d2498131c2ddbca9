package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/table"
)

// Rule is one reason for a finding. Its id is stable; its sentences are data.
type Rule struct {
	ID        string
	Severity  finding.Severity
	ValidFrom string   // ISO date of receipt from which it holds
	ValidTo   string   // last such date, "" while it holds
	Group     string   // of rules that belong together
	On        []string // what it judges: a sheet, "sheet.column", or "@" and a kind of columns; none is the file
	Message   table.Labels
	Remedy    table.Labels
	Doc       table.Labels // why the rule exists
	Example   Example
	Limits    map[string]int // the numbers that it judges by
	Becomes   []Becoming     // how its severity changes, the earliest first
}

// Becoming is a severity that a rule has from a day of receipt on.
type Becoming struct {
	From     string           `json:"from"` // ISO date
	Severity finding.Severity `json:"severity"`
}

// SeverityOn gives the rule's severity for a workbook received on a day (ISO).
func (r Rule) SeverityOn(day string) finding.Severity {
	severity := r.Severity
	for _, b := range r.Becomes {
		if b.From <= day {
			severity = b.Severity
		}
	}
	return severity
}

// Example is a value of a column that breaks a rule, beside one that keeps it,
// as they would be typed: of no language. It is empty where no single value
// says it.
type Example struct {
	Column string `json:"column"`
	Bad    string `json:"bad"`
	Good   string `json:"good"`
}

// Group is a kind of rules, as the reference pages list them.
type Group struct {
	ID    string       `json:"id"`
	Label table.Labels `json:"label"`
}

// Catalogue holds every rule, by id, with what is needed to say it to a person.
type Catalogue struct {
	rules  map[string]Rule
	groups []Group
	terms  map[string]table.Labels
	fields map[string]table.Field
	codes  map[string]table.CodeList
}

// Languages are those that every message exists in.
func Languages() []string { return []string{"ar", "fr", "en"} }

type ruleJSON struct {
	Severity  finding.Severity `json:"severity"`
	ValidFrom string           `json:"valid_from"`
	ValidTo   string           `json:"valid_to"`
	Group     string           `json:"group"`
	On        []string         `json:"on"`
	Message   table.Labels     `json:"message"`
	Remedy    table.Labels     `json:"remedy"`
	Doc       table.Labels     `json:"doc"`
	Example   Example          `json:"example"`
	Limits    map[string]int   `json:"limits"`
	Becomes   []Becoming       `json:"becomes"`
}

// ParseCatalogue reads the messages file. Fields and code lists give the labels
// that placeholders such as {column} stand for. A rule without a sentence in
// one of the languages is an error.
func ParseCatalogue(b []byte, fields map[string]table.Field, codes map[string]table.CodeList) (*Catalogue, error) {
	var file struct {
		Version int                     `json:"version"`
		Groups  []Group                 `json:"groups"`
		Rules   map[string]ruleJSON     `json:"rules"`
		Terms   map[string]table.Labels `json:"terms"`
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	c := &Catalogue{rules: map[string]Rule{}, groups: file.Groups, terms: file.Terms, fields: fields, codes: codes}
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(file.Rules)) {
		r := file.Rules[id]
		for _, lang := range Languages() {
			if r.Message[lang] == "" || r.Remedy[lang] == "" || r.Doc[lang] == "" {
				errs = append(errs, fmt.Errorf("read messages: rule %s has no %s sentence", id, lang))
			}
		}
		if e := r.Example; e != (Example{}) && (e.Column == "" || e.Bad == "" || e.Good == "") {
			errs = append(errs, fmt.Errorf("read messages: rule %s has half an example", id))
		}
		if err := datesFollow(r); err != nil {
			errs = append(errs, fmt.Errorf("read messages: rule %s: %w", id, err))
		}
		c.rules[id] = Rule{ID: id, Severity: r.Severity, ValidFrom: r.ValidFrom, ValidTo: r.ValidTo,
			Group: r.Group, On: r.On, Message: r.Message, Remedy: r.Remedy, Doc: r.Doc, Example: r.Example, Limits: r.Limits, Becomes: r.Becomes}
	}
	return c, errors.Join(errs...)
}

// datesFollow demands that each severity starts on a day, after the one before it.
func datesFollow(r ruleJSON) error {
	since, was := r.ValidFrom, r.Severity
	for _, b := range r.Becomes {
		if _, err := time.Parse(time.DateOnly, b.From); err != nil {
			return fmt.Errorf("becomes %s: %w", b.Severity, err)
		}
		if b.From <= since || b.Severity == was || r.ValidTo != "" && b.From > r.ValidTo {
			return fmt.Errorf("becomes %s on %s: not a change after %s while it holds", b.Severity, b.From, since)
		}
		since, was = b.From, b.Severity
	}
	return nil
}

// Rule finds a rule by id.
func (c *Catalogue) Rule(id string) (Rule, bool) {
	r, ok := c.rules[id]
	return r, ok
}

// Rules gives all rules, sorted by id.
func (c *Catalogue) Rules() []Rule {
	var all []Rule
	for _, id := range slices.Sorted(maps.Keys(c.rules)) {
		all = append(all, c.rules[id])
	}
	return all
}

// Groups gives the kinds of rules, in the order in which they are told.
func (c *Catalogue) Groups() []Group { return c.groups }

// limit gives a number that a rule judges by.
func (c *Catalogue) limit(id, name string) int { return c.rules[id].Limits[name] }

// InForce tells whether a rule judges a workbook received on a day (ISO).
func (c *Catalogue) InForce(id, day string) bool {
	r, ok := c.rules[id]
	return ok && (r.ValidFrom == "" || r.ValidFrom <= day) && (r.ValidTo == "" || day <= r.ValidTo)
}

// Message says in a language what is wrong; Remedy says how to mend it.
func (c *Catalogue) Message(f finding.Finding, lang string) string {
	return c.say(c.rules[f.Rule].Message, f, lang)
}

// Remedy says in a language how to mend what the finding is about.
func (c *Catalogue) Remedy(f finding.Finding, lang string) string {
	return c.say(c.rules[f.Rule].Remedy, f, lang)
}

func (c *Catalogue) say(text table.Labels, f finding.Finding, lang string) string {
	sentence := text[lang]
	if sentence == "" {
		sentence = text["en"]
	}
	if sentence == "" {
		return f.Rule
	}
	pairs := make([]string, 0, 2*len(f.Args)+4)
	for _, k := range slices.Sorted(maps.Keys(f.Args)) {
		text := c.written(k, f.Args, lang)
		if k != "only" { // a list, which runs as the sentence does
			text = apart(text, lang)
		}
		pairs = append(pairs, "{"+k+"}", text)
	}
	pairs = append(pairs, "{value}", apart(c.value(f, lang), lang), "{sheet}", apart(f.At.Sheet, lang))
	for _, code := range c.codes["status"].Codes { // as the drop-down of the template has it
		pairs = append(pairs, "{status:"+code.Code+"}", firstNonEmpty(code.Label[lang], code.Code))
	}
	return strings.NewReplacer(pairs...).Replace(sentence)
}

// value is what a finding is about: a day, or a number of a column of numbers, as
// the reader writes it; anything else as it was received.
func (c *Catalogue) value(f finding.Finding, lang string) string {
	if c.fields[path.Base(f.Pointer)].Type == table.Decimal && f.Rule != "number-read-from-text" { // which quotes a text
		if _, err := strconv.ParseFloat(f.Value, 64); err == nil && lang != "en" { // its sign and its zeros as received
			return strings.Replace(f.Value, ".", ",", 1)
		}
	}
	return table.ShortDate(f.Value)
}

// apart keeps what is written in the other direction, or would fall apart in this
// one, in its own order within a sentence.
func apart(s, lang string) string {
	right, left, digits := false, false, false
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			if unicode.In(r, unicode.Arabic, unicode.Hebrew) {
				right = true
			} else {
				left = true
			}
		case r >= '0' && r <= '9':
			digits = true
		}
	}
	if lang == "ar" && (left || digits && strings.ContainsAny(s, " %+-:")) || lang != "ar" && right && (left || digits) {
		return table.Isolate(s)
	}
	return s
}

// written is label, with numbers and days as the reader writes them.
func (c *Catalogue) written(key string, args map[string]string, lang string) string {
	value := args[key]
	switch key {
	case "pct", "percent", "mean":
		return table.Number(lang, value)
	case "start", "end", "as_of":
		return table.ShortDate(value)
	case "old", "new":
		if args["column"] == "status" {
			return c.label("status", value, lang)
		}
		fallthrough
	case "read": // as the column takes it: a text that looks like a number is one
		switch c.fields[args["column"]].Type {
		case table.Decimal:
			return table.Number(lang, value)
		case table.Date:
			return table.ShortDate(value)
		}
	}
	return c.label(key, value, lang)
}

// label gives an argument as the reader's language has it: a column by its
// title, a status by its label, a term that starts with @ by its translation.
func (c *Catalogue) label(key, value, lang string) string {
	switch {
	case key == "column" || key == "other":
		if f, ok := c.fields[value]; ok && f.Title[lang] != "" {
			return f.Title[lang]
		}
	case key == "status":
		for _, code := range c.codes["status"].Codes {
			if code.Code == value {
				return firstNonEmpty(code.LabelOne[lang], code.Label[lang], value)
			}
		}
	case key == "code": // of a list: status/completed
		list, code, _ := strings.Cut(value, "/")
		for _, x := range c.codes[list].Codes {
			if x.Code == code {
				return firstNonEmpty(x.LabelOne[lang], x.Label[lang], code)
			}
		}
	case key == "allowed":
		var labels []string
		for _, code := range c.codes[value].Codes {
			labels = append(labels, firstNonEmpty(code.Label[lang], code.Code))
		}
		if len(labels) > 0 {
			sep := ", "
			if lang == "ar" {
				sep = "، "
			}
			return strings.Join(labels, sep)
		}
	case strings.HasPrefix(value, "@"):
		if t := c.terms[value[1:]]; t[lang] != "" {
			return t[lang]
		}
		return value[1:]
	}
	return value
}

func firstNonEmpty(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
