package rules

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// twin is one column of a text that a sheet has in several languages.
type twin struct {
	column int
	lang   string
	script *unicode.RangeTable // nil: any
}

// twinsOf gives the columns of each text that the sheet has in several languages,
// in the order of the sheet.
func (s *Set) twinsOf(keys []string) [][]twin {
	var all [][]twin
	for _, stem := range [...]string{narrativeStem, titleStem} {
		var one []twin
		for i, key := range keys {
			if lang, ok := strings.CutPrefix(key, stem); ok {
				one = append(one, twin{i, lang, s.screens.scriptOf(lang)})
			}
		}
		if len(one) > 0 {
			all = append(all, one)
		}
	}
	return all
}

// narratives are the columns of the account of a row, nil where there are none.
func (j *judge) narratives() []twin {
	for _, twins := range j.sheet.twins {
		if strings.HasPrefix(j.sheet.columns[twins[0].column].key, narrativeStem) {
			return twins
		}
	}
	return nil
}

// narrated asks for an account of what was done, in each language of the form.
func narrated(j *judge) {
	pct := j.value("progress_pct").kind != isNothing || j.isBlamed("progress_pct") // mended, it is one
	if j.transcribed() || !pct || j.value("nothing_to_report").n != 0 || j.isBlamed("nothing_to_report") {
		return
	}
	twins := j.narratives()
	written := slices.ContainsFunc(twins, func(t twin) bool { return j.values[t.column].kind == isText || j.blamed[t.column] })
	switch {
	case len(twins) == 0:
	case !written:
		j.noteAt("narrative-missing", twins[0].column, "", nil)
	default:
		for _, t := range twins {
			if j.values[t.column].kind == isNothing && !j.blamed[t.column] && slices.Contains(j.plan.TemplateLanguages, t.lang) {
				j.noteAt("narrative-language-missing", t.column, "", map[string]string{"column": j.sheet.columns[t.column].key})
			}
		}
	}
}

// languagesAgree compares the texts that say the same in several languages.
func languagesAgree(j *judge) {
	if j.transcribed() {
		return
	}
	for _, twins := range j.sheet.twins {
		for n, t := range twins {
			text := j.values[t.column].text
			if text == "" || j.blamed[t.column] || j.fromThePlan(t) {
				continue
			}
			key := j.sheet.columns[t.column].key
			switch first := j.firstOf(twins[:n]); {
			case first != noColumn && text == j.values[first].text && hasLetters(text, fewLetters):
				j.noteAt("text-not-translated", t.column, brief(text), map[string]string{"column": key, "other": j.sheet.columns[first].key})
				continue // so one of the two is in the wrong script
			case first != noColumn && numbersDiffer(j.values[first].text, text):
				only, others := unmatched(j.values[first].text, text)
				j.noteAt("numbers-differ", t.column, "", map[string]string{"column": key, "other": j.sheet.columns[first].key,
					"only": brief(strings.Join(append(others, only...), " · "))})
			}
			if t.script != nil && mostlyOther(text, t.script) && !j.sameElsewhere(twins, n) {
				j.noteAt("script-unexpected", t.column, brief(text), map[string]string{"column": key})
			}
		}
	}
}

// firstOf gives the first column with a text that nothing was said against.
func (j *judge) firstOf(twins []twin) int {
	for _, t := range twins {
		if j.values[t.column].text != "" && !j.blamed[t.column] {
			return t.column
		}
	}
	return noColumn
}

// sameElsewhere tells of a text that stands in another language's column too,
// which is told by itself.
func (j *judge) sameElsewhere(twins []twin, n int) bool {
	return slices.ContainsFunc(twins, func(t twin) bool {
		return t.column != twins[n].column && j.values[t.column].text == j.values[twins[n].column].text
	})
}

// fromThePlan tells of a title that is the plan's own, which the institution
// cannot mend.
func (j *judge) fromThePlan(t twin) bool {
	m := j.milestones[j.text("milestone_id")]
	return m != nil && saysThePlan(m, j.sheet.columns[t.column].key, j.values[t.column].text)
}

// fewLetters is how many letters a text may have and still be of no language: a
// name, an abbreviation.
const fewLetters = 12

func hasLetters(text string, most int) bool {
	n := 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			if n++; n > most {
				return true
			}
		}
	}
	return false
}

// looked is how many letters tell a text's script.
const looked = 120

// mostlyOther tells of a text most of whose letters are of another script. Short
// texts, which may be a name, are let be.
func mostlyOther(text string, script *unicode.RangeTable) bool {
	own, other := 0, 0
	latin := script == unicode.Latin
	for i := 0; i < len(text) && own+other < looked; {
		c := text[i]
		if c < utf8.RuneSelf {
			if i++; c|0x20 >= 'a' && c|0x20 <= 'z' {
				if latin {
					own++
				} else {
					other++
				}
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		switch i += size; {
		case !unicode.IsLetter(r):
		case unicode.Is(script, r):
			own++
		default:
			other++
		}
	}
	return other > fewLetters && other > own
}

// numbersDiffer tells whether two accounts of the same give other numbers. Small
// ones that only one of them has may stand in words in the other, as months or
// ordinals do; years of another calendar have no twin to look for.
func numbersDiffer(a, b string) bool {
	var ha, hb [96]byte
	na, nb := appendNumbers(ha[:0], a), appendNumbers(hb[:0], b)
	if bytes.Equal(na, nb) {
		return false
	}
	onlyA, onlyB := unmatched(a, b)
	if slices.ContainsFunc(onlyA, isHijriYear) || slices.ContainsFunc(onlyB, isHijriYear) {
		return false
	}
	return len(onlyA) > 0 && len(onlyB) > 0 || slices.ContainsFunc(onlyA, inFigures) || slices.ContainsFunc(onlyB, inFigures)
}

// inFigures tells of a number too great to be written as a word.
func inFigures(n string) bool { return len(n) > 2 || len(n) == 2 && n > "12" }

// isHijriYear tells of a year of our time in the calendar of the Hijra.
func isHijriYear(n string) bool { return len(n) == 4 && n >= "1390" && n <= "1500" }

// unmatched gives the numbers that only one of two texts has.
func unmatched(a, b string) (onlyA, onlyB []string) {
	inA, inB := strings.Fields(string(appendNumbers(nil, a))), strings.Fields(string(appendNumbers(nil, b)))
	less := func(all, than []string) (out []string) {
		for _, n := range all {
			if !slices.Contains(than, n) && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
		return out
	}
	return less(inA, inB), less(inB, inA)
}

// mostNumbers bounds how many numbers of a text are compared.
const mostNumbers = 200

// appendNumbers adds the numbers of a text in order, in ASCII digits, a blank
// after each. Groups of three digits are one number, whatever parts them; any
// other mark parts two, so that 31.13 is the same as 31-13.
func appendNumbers(out []byte, text string) []byte {
	numbers := 0
	for i := 0; i < len(text) && numbers < mostNumbers; {
		if d, _ := digitAt(text, i); d < 0 {
			_, size := utf8.DecodeRuneInString(text[i:])
			i += size
			continue
		}
		start, digits := len(out), 0
		for i < len(text) {
			d, size := digitAt(text, i)
			if d >= 0 {
				out, digits, i = append(out, byte('0'+d)), digits+1, i+size
				continue
			}
			gap := groupGap(text, i)
			if gap == 0 || digits > 3 || !threeDigits(text, i+gap) {
				break
			}
			digits, i = 0, i+gap
		}
		for len(out)-start > 1 && out[start] == '0' { // 05 is 5
			out = slices.Delete(out, start, start+1)
		}
		out = append(out, ' ')
		numbers++
	}
	return out
}

// digitAt gives the digit at a place of a text, -1 where there is none.
func digitAt(s string, i int) (digit, size int) {
	c := s[i]
	if c < utf8.RuneSelf {
		if c >= '0' && c <= '9' {
			return int(c - '0'), 1
		}
		return -1, 1
	}
	if i+1 >= len(s) || !isFigureAt(s[i:]) {
		return -1, 1
	}
	switch c {
	case 0xd9:
		return int(s[i+1] - 0xa0), 2
	case 0xdb:
		return int(s[i+1] - 0xb0), 2
	}
	return int(s[i+2] - 0x90), 3
}

// groupGap gives the size of a mark that may part the groups of a number's
// digits, 0 where there is none.
func groupGap(s string, i int) int {
	switch c := s[i]; {
	case c == ' ' || c == '.' || c == ',':
		return 1
	case c < utf8.RuneSelf:
		return 0
	}
	switch r, size := utf8.DecodeRuneInString(s[i:]); r {
	case '\u00a0', '\u202f', '\u2009', '٬', '٫', '،', '’':
		return size
	}
	return 0
}

// threeDigits tells of exactly three digits at a place of a text.
func threeDigits(s string, i int) bool {
	for n := 0; ; n++ {
		d, size := -1, 0
		if i < len(s) {
			d, size = digitAt(s, i)
		}
		if d < 0 || n == 3 {
			return d < 0 && n == 3
		}
		i += size
	}
}
