package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
)

// screens are what free text is held against, read from the contract: words that
// stand for no text, for a sum; names of hosts that nobody outside reaches; the
// script of each language; what is personal data in each country.
type screens struct {
	placeholders map[string]bool // folded
	longest      int             // letters of the longest of them
	totals       map[string]bool // folded
	localHosts   map[string]bool // the last part of a host's name
	localLabels  map[string]bool // any other part of it
	scripts      map[string]*unicode.RangeTable
	personal     map[string][]*pattern // by country code, "any" for all
}

// anyCountry names the patterns that hold everywhere.
const anyCountry = "any"

// wordLists are words by language.
type wordLists map[string][]string

type screensJSON struct {
	Version      int                      `json:"version"`
	Placeholders wordLists                `json:"placeholders"`
	Totals       wordLists                `json:"totals"`
	LocalHosts   []string                 `json:"local_hosts"`
	LocalLabels  []string                 `json:"local_labels"`
	Scripts      map[string]string        `json:"scripts"` // ISO 15924 code -> Unicode's name
	PersonalData map[string][]patternJSON `json:"personal_data"`
	IBANLengths  map[string]int           `json:"iban_lengths"`
}

func parseScreens(b []byte) (*screens, error) {
	var file screensJSON
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("read screens: %w", err)
	}
	s := &screens{placeholders: foldedWords(file.Placeholders), totals: foldedWords(file.Totals), localHosts: map[string]bool{}, localLabels: map[string]bool{},
		scripts: map[string]*unicode.RangeTable{}, personal: map[string][]*pattern{}}
	for _, host := range file.LocalHosts {
		s.localHosts[host] = true
	}
	for _, label := range file.LocalLabels {
		s.localLabels[label] = true
	}
	for word := range s.placeholders {
		s.longest = max(s.longest, utf8.RuneCountInString(word))
	}
	var errs []error
	for code, name := range file.Scripts {
		t, ok := unicode.Scripts[name]
		if !ok {
			errs = append(errs, fmt.Errorf("read screens: Unicode has no script %q", name))
		}
		s.scripts[code] = t
	}
	for _, country := range slices.Sorted(maps.Keys(file.PersonalData)) {
		for _, p := range file.PersonalData[country] {
			compiled, err := p.compile(file.IBANLengths)
			if err != nil {
				errs = append(errs, fmt.Errorf("read screens: %s of %s: %w", p.Kind, country, err))
				continue
			}
			s.personal[country] = append(s.personal[country], compiled)
		}
	}
	return s, errors.Join(errs...)
}

func foldedWords(languages wordLists) map[string]bool {
	m := map[string]bool{}
	for _, words := range languages {
		for _, w := range words {
			m[fold(w)] = true
		}
	}
	return m
}

// personalIn gives what is personal data in a plan of a country.
func (s *screens) personalIn(country string) []*pattern {
	return slices.Concat(s.personal[anyCountry], s.personal[country])
}

// scriptOf gives the letters that a language is written in, nil where that is
// not known.
func (s *screens) scriptOf(lang string) *unicode.RangeTable {
	tag, err := language.Parse(lang)
	if err != nil {
		return nil
	}
	script, sure := tag.Script()
	if sure == language.No {
		return nil
	}
	return s.scripts[script.String()]
}

// The checks on the digits of a pattern.
const (
	checkMod97 = "mod97" // of a national account number: divided by 97, nothing is left
	checkIBAN  = "iban"  // of an international one, with the length of its country
)

type patternJSON struct {
	Kind      string `json:"kind"`      // a term of the messages
	Pattern   string `json:"pattern"`   // of the text in ASCII digits, days taken out
	Contains  string `json:"contains"`  // no text without it is looked at
	Digits    int    `json:"digits"`    // nor one with fewer digits
	Run       int    `json:"run"`       // nor one without so many digits together right behind an ASCII letter
	Addresses bool   `json:"addresses"` // looked for in addresses too
	Near      string `json:"near"`      // must stand shortly before
	NotNear   string `json:"not_near"`  // must not
	Alone     bool   `json:"alone"`     // no mark such as / or - may touch it
	Unless    string `json:"unless"`    // what was found must not match it
	Check     string `json:"check"`
}

// pattern finds one kind of personal data.
type pattern struct {
	patternJSON
	find, near, notNear, unless *regexp.Regexp // the last three may be nil
	lengths                     map[string]int
}

func (p patternJSON) compile(lengths map[string]int) (*pattern, error) {
	out := &pattern{patternJSON: p, lengths: lengths}
	if p.Check != "" && p.Check != checkMod97 && p.Check != checkIBAN {
		return nil, fmt.Errorf("check %q is not known", p.Check)
	}
	for _, x := range []struct {
		into **regexp.Regexp
		src  string
	}{{&out.find, p.Pattern}, {&out.near, p.Near}, {&out.notNear, p.NotNear}, {&out.unless, p.Unless}} {
		if x.src == "" {
			continue
		}
		var err error
		if *x.into, err = regexp.Compile(x.src); err != nil {
			return nil, err
		}
	}
	if out.find == nil {
		return nil, errors.New("no pattern")
	}
	return out, nil
}

const (
	nearby   = 48 // bytes before a find that say what it is
	mostLook = 64 // finds in one text that are looked into
)

// in tells whether the text, in ASCII digits, holds what the pattern is of.
func (p *pattern) in(text string) bool {
	for from, looks := 0, 0; from < len(text) && looks < mostLook; looks++ {
		at := p.find.FindStringIndex(text[from:])
		if at == nil {
			return false
		}
		start, end := from+at[0], from+at[1]
		if (start == from && from > 0 && joins(text, from)) || !p.holds(text, start, end) {
			from = start + 1
			continue
		}
		return true
	}
	return false
}

// joins tells of a place inside a word, where a search that goes on must not
// take a word to begin.
func joins(text string, at int) bool { return isWordByte(text[at-1]) && isWordByte(text[at]) }

func isWordByte(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80
}

func (p *pattern) holds(text string, start, end int) bool {
	found, before := text[start:end], text[max(0, start-nearby):start]
	switch {
	case p.near != nil && !p.near.MatchString(before),
		p.notNear != nil && p.notNear.MatchString(before),
		p.unless != nil && p.unless.MatchString(found),
		p.Alone && (touched(text[:start], false) || touched(text[end:], true)):
		return false
	}
	switch p.Check {
	case checkMod97:
		return mod97(bare(found)) == 0
	case checkIBAN:
		account := strings.ToUpper(bare(found))
		n := p.lengths[account[:2]]
		return n > 4 && len(account) >= n && mod97(account[4:n]+account[:4]) == 1
	}
	return true
}

// touched tells of a mark that makes a reference of a number: AB123456/2022.
func touched(beside string, after bool) bool {
	const marks = "/-_#=°"
	if beside == "" {
		return false
	}
	if !after {
		return strings.ContainsAny(beside[len(beside)-1:], marks) || strings.HasSuffix(beside, "°")
	}
	return strings.IndexByte(marks, beside[0]) >= 0 || beside[0] == '.' && len(beside) > 1 && isWordByte(beside[1])
}

// bare is what is left of a number without the marks that part its groups.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '.' || r == '-' {
			return -1
		}
		return r
	}, s)
}

// mod97 is what is left of a number divided by 97, as ISO 7064 has it; letters
// count from ten.
func mod97(s string) int {
	n := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			n = (n*10 + int(c-'0')) % 97
		default:
			n = (n*100 + int(c-'A') + 10) % 97
		}
	}
	return n
}
