package rules

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The years that a typed date may name; others are of another calendar, or slips.
const (
	firstYear = 1900
	lastYear  = 2199
)

// longestDate is more bytes than any date takes, whatever surrounds it.
const longestDate = 200

// isDay tells whether there is such a day.
func isDay(year, month, day int) bool {
	return year >= firstYear && year <= lastYear && month >= 1 && month <= 12 && day >= 1 &&
		time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Day() == day
}

// isoDay writes a day as ISO 8601 does; ok is false where there is no such day.
func isoDay(year, month, day int) (string, bool) {
	if !isDay(year, month, day) {
		return "", false
	}
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), true
}

// words are the words that dates are written with, folded.
type words struct {
	months   map[string]int          // 1 to 12
	weekdays map[string]time.Weekday //
	first    map[string]bool         // words for the first of a month
	endings  map[string]bool         // of ordinal numbers
	fillers  map[string]bool         // that say nothing
}

// parseWords reads the words that dates are written with. A word that may be two
// months is an error.
func parseWords(b []byte) (*words, error) {
	type byLanguage map[string][]string
	var file struct {
		Version  int          `json:"version"`
		Months   []byLanguage `json:"months"`
		Weekdays []byLanguage `json:"weekdays"` // Monday first
		First    byLanguage   `json:"first"`
		Endings  byLanguage   `json:"endings"`
		Fillers  byLanguage   `json:"fillers"`
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("read date words: %w", err)
	}
	if len(file.Months) != 12 || len(file.Weekdays) != 7 {
		return nil, fmt.Errorf("read date words: %d months, %d days of the week", len(file.Months), len(file.Weekdays))
	}
	w := &words{months: map[string]int{}, weekdays: map[string]time.Weekday{}}
	for i, names := range file.Months {
		for _, all := range names {
			for _, name := range all {
				if other, taken := w.months[fold(name)]; taken && other != i+1 {
					return nil, fmt.Errorf("read date words: %q may be month %d or %d", name, other, i+1)
				}
				w.months[fold(name)] = i + 1
			}
		}
	}
	for i, names := range file.Weekdays {
		for _, all := range names {
			for _, name := range all {
				if other, taken := w.weekdays[fold(name)]; taken && other != time.Weekday((i+1)%7) {
					return nil, fmt.Errorf("read date words: %q may be two days", name)
				}
				w.weekdays[fold(name)] = time.Weekday((i + 1) % 7)
			}
		}
	}
	set := func(languages byLanguage) map[string]bool {
		m := map[string]bool{}
		for _, all := range languages {
			for _, word := range all {
				m[fold(word)] = true
			}
		}
		return m
	}
	w.first, w.endings, w.fillers = set(file.First), set(file.Endings), set(file.Fillers)
	return w, nil
}

// date reads a day typed as text into ISO form: in figures with the day before
// the month, as Morocco writes it, or with the year before both; or with the
// month in words. clock is a time of day that stood there, "" where there is none
// but midnight. What is not a day beyond doubt is refused: a month alone, two
// figures of a year, a day of the week that the day is not.
func (w *words) date(s string) (iso, clock string, ok bool) {
	if len(s) > longestDate {
		return "", "", false
	}
	s, clock, ok = cutClock(asciiDigits(clean(s)))
	if !ok {
		return "", "", false
	}
	if iso, ok = figures(s); !ok {
		iso, ok = w.inWords(s)
	}
	if !ok {
		return "", "", false
	}
	return iso, clock, true
}

// cutClock parts a time of day such as "T10:30" or " 10:30:00.5" from the end. A
// time with a zone is refused: it may be another day here.
func cutClock(s string) (rest, clock string, ok bool) {
	colon := strings.IndexByte(s, ':')
	if colon < 0 {
		return s, "", true
	}
	start := strings.LastIndexAny(s[:colon], " T")
	if start < 0 {
		return "", "", false
	}
	clock = s[start+1:]
	for _, layout := range [...]string{"15:04", "15:04:05"} { // the second takes fractions too
		if t, err := time.Parse(layout, clock); err == nil {
			if t.Equal(t.Truncate(24 * time.Hour)) {
				clock = ""
			}
			return strings.TrimRight(s[:start], " ,"), clock, true
		}
	}
	return "", "", false
}

// figures reads 31/10/2026, 31-10-2026, 31.10.2026 or 2026-10-31.
func figures(s string) (string, bool) {
	var n, width [3]int
	whole, sep := s, byte(0)
	for i := range n {
		if i > 0 {
			s = strings.TrimPrefix(s, " ")
			if s == "" || strings.IndexByte("/-.", s[0]) < 0 || sep != 0 && s[0] != sep {
				return "", false
			}
			sep = s[0]
			s = strings.TrimPrefix(s[1:], " ")
		}
		for width[i] < len(s) && width[i] < 5 && s[width[i]] >= '0' && s[width[i]] <= '9' {
			n[i] = n[i]*10 + int(s[width[i]]-'0')
			width[i]++
		}
		s = s[width[i]:]
	}
	short := func(w int) bool { return w == 1 || w == 2 }
	switch {
	case s != "" || !short(width[1]):
	case sep == '-' && width == [3]int{4, 2, 2} && len(whole) == len(time.DateOnly) && isDay(n[0], n[1], n[2]):
		return whole, true // as it shall be
	case width[0] == 4 && short(width[2]):
		return isoDay(n[0], n[1], n[2])
	case width[2] == 4 && short(width[0]):
		return isoDay(n[2], n[1], n[0])
	}
	return "", false
}

// inWords reads "31 octobre 2026", "October 31, 2026", "السبت 31 أكتوبر 2026".
func (w *words) inWords(s string) (string, bool) {
	if strings.IndexFunc(s, unicode.IsLetter) < 0 {
		return "", false
	}
	var tokens []string
	for _, t := range tokenise(s) {
		if !w.fillers[t] {
			tokens = append(tokens, t)
		}
	}
	if len(tokens) > 0 { // mar. may be a Tuesday or March: what follows tells
		if weekday, ok := w.weekdays[tokens[0]]; ok {
			if iso, ok := w.day(tokens[1:]); ok {
				t, err := time.Parse(time.DateOnly, iso)
				return iso, err == nil && t.Weekday() == weekday
			}
		}
	}
	return w.day(tokens)
}

// tokenise gives the words and figures of a text, folded; figures end where
// letters begin.
func tokenise(s string) []string {
	s = fold(strings.Map(func(r rune) rune {
		if strings.ContainsRune(",./", r) {
			return ' '
		}
		return r
	}, s))
	var b strings.Builder
	before := ' '
	for _, r := range s {
		if r != ' ' && before != ' ' && isFigure(r) != isFigure(before) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		before = r
	}
	return strings.Fields(b.String())
}

func isFigure(r rune) bool { return r >= '0' && r <= '9' }

// day reads day, month in words, year; the month may come first, or all of it
// the other way round.
func (w *words) day(tokens []string) (string, bool) {
	var day, month, year int
	order := ""
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		if i+1 < len(tokens) && w.months[t+" "+tokens[i+1]] > 0 {
			t += " " + tokens[i+1] // كانون الثاني
			i++
		}
		n, err := strconv.Atoi(t)
		switch {
		case w.months[t] > 0:
			month, order = w.months[t], order+"m"
		case w.first[t]:
			day, order = 1, order+"d"
		case err == nil && len(t) == 4:
			year, order = n, order+"y"
		case err == nil && len(t) <= 2 && isFigure(rune(t[0])):
			day, order = n, order+"d"
			if i+1 < len(tokens) && w.endings[tokens[i+1]] {
				i++
			}
		default:
			return "", false
		}
	}
	switch order {
	case "dmy", "mdy", "ymd":
		return isoDay(year, month, day)
	}
	return "", false
}

// brief cuts a text to what a sentence can hold.
func brief(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
