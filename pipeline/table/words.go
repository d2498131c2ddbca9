package table

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Marks that keep a run in its order among text of the other direction. They do
// what an element with a direction does where there is no markup.
const (
	isolateFirst = "\u2068" // runs as its first letter does
	isolateLeft  = "\u2066" // runs from left to right
	endIsolate   = "\u2069"
	leftMark     = "\u200e"
	minus        = "\u2212"
	noBreak      = "\u00a0"
)

// Isolate parts a text from what stands around it: it runs in its own direction,
// and neither changes the order of the other.
func Isolate(s string) string { return within(isolateFirst, s, endIsolate) }

// IsolateLeft is Isolate for what always runs from left to right: a number with a
// sign, a cell, a version, an address.
func IsolateLeft(s string) string { return within(isolateLeft, s, endIsolate) }

// MarkLeft is IsolateLeft where isolates are not known, such as in a title.
func MarkLeft(s string) string { return within(leftMark, s, leftMark) }

func within(before, s, after string) string {
	if s == "" {
		return ""
	}
	return before + s + after
}

// Number writes a decimal, as data has it, in a language: with its decimal sign,
// without zeros at its end, with the minus of mathematics. Figures stand in no
// groups. Where it has a sign it is one run in Arabic. What is no decimal stays as
// it is.
func Number(lang, decimal string) string {
	s := plainNumber(lang, decimal)
	if lang == "ar" && strings.HasPrefix(s, minus) {
		return IsolateLeft(s)
	}
	return s
}

// Change writes a difference: a Number with its sign, but for zero.
func Change(lang, decimal string) string {
	s := plainNumber(lang, decimal)
	if !strings.HasPrefix(s, minus) && s != "0" {
		s = "+" + s
	}
	if lang == "ar" && s != "0" {
		return IsolateLeft(s)
	}
	return s
}

// Percent writes a percentage from 0 to 100: 82,8% as one run in Arabic, 82,8 %
// with a blank that does not break in French, 82.8% in English.
func Percent(lang, decimal string) string {
	s := plainNumber(lang, decimal)
	switch lang {
	case "ar":
		return IsolateLeft(s + "%")
	case "fr":
		return s + noBreak + "%"
	}
	return s + "%"
}

func plainNumber(lang, decimal string) string {
	if _, err := strconv.ParseFloat(decimal, 64); err != nil || strings.Trim(decimal, "-.0123456789") != "" {
		return decimal
	}
	whole, fraction, _ := strings.Cut(decimal, ".")
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		sign := "."
		if lang == "ar" || lang == "fr" {
			sign = ","
		}
		whole += sign + fraction
	}
	if after, negative := strings.CutPrefix(whole, "-"); negative {
		if after == "0" {
			return after
		}
		whole = minus + after
	}
	return whole
}

// ShortDate writes a day as 31/10/2026, a month as 10/2026, which keep their order
// in either direction. What is neither stays as it is.
func ShortDate(iso string) string {
	if t, err := time.Parse("2006-01", iso); err == nil {
		return t.Format("01/2006")
	}
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return t.Format("02/01/2006")
}

// Months are the names of the months by language, as Morocco has them.
type Months map[string][]string

// ParseMonths reads the names out of the words for dates, where the first of each
// month's is the one to write.
func ParseMonths(b []byte) (Months, error) {
	var file struct {
		Months []map[string][]string `json:"months"`
	}
	if err := json.NewDecoder(bytes.NewReader(b)).Decode(&file); err != nil {
		return nil, fmt.Errorf("read months: %w", err)
	}
	m := Months{}
	for _, names := range file.Months {
		for lang, all := range names {
			if len(all) == 0 {
				return nil, fmt.Errorf("read months: one has no name in %s", lang)
			}
			m[lang] = append(m[lang], all[0])
		}
	}
	if len(m) == 0 {
		return nil, errors.New("read months: there are none")
	}
	for lang, names := range m {
		if len(names) != 12 {
			return nil, fmt.Errorf("read months: %d in %s", len(names), lang)
		}
	}
	return m, nil
}

// Date writes a day as 31 octobre 2026; a month alone, such as 2026-10, as octobre
// 2026. What is neither, or a language without names, leaves it as it is.
func (m Months) Date(lang, iso string) string {
	names := m[lang]
	if len(names) != 12 {
		return iso
	}
	if t, err := time.Parse("2006-01", iso); err == nil {
		return names[t.Month()-1] + " " + t.Format("2006")
	}
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	day := strconv.Itoa(t.Day())
	if lang == "fr" && day == "1" {
		day = "1er"
	}
	return day + " " + names[t.Month()-1] + " " + t.Format("2006")
}
