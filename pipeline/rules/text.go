package rules

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// textsSaySomething remarks on texts that stand for none, or that lost their end.
func textsSaySomething(j *judge) {
	for i := range j.values {
		col, text := &j.sheet.columns[i], j.values[i].text
		if col.read != asText || text == "" || j.blamed[i] {
			continue
		}
		if len(text) <= longestPlaceholder && j.wantsWords(col.key) && j.value("nothing_to_report").n == 0 && j.isPlaceholder(text) {
			j.noteAt("placeholder-text", i, text, map[string]string{"column": col.key})
		}
		if limit := j.set.Catalogue.limit("text-truncated", "length"); len(text) >= limit && endsAt(j.row.Cells[i].Text, limit) {
			j.noteAt("text-truncated", i, "", map[string]string{"column": col.key, "limit": whole(limit)})
		}
	}
}

// longestPlaceholder is the size beyond which a text is one.
const longestPlaceholder = 48

// wantsWords tells of the columns in which "none" is no answer; there may be no
// difficulties.
func (j *judge) wantsWords(key string) bool {
	return strings.HasPrefix(key, narrativeStem) || strings.HasPrefix(key, titleStem) || key == "revision_reason"
}

// isPlaceholder tells of a text without letters or digits, of one letter over
// and over, of a word that stands for no text.
func (j *judge) isPlaceholder(text string) bool {
	first, same, n := rune(0), true, 0
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			return false
		case !unicode.IsLetter(r):
			continue
		}
		if n++; first == 0 {
			first = unicode.ToLower(r)
		}
		same = same && unicode.ToLower(r) == first
	}
	return n == 0 || same || n <= j.set.screens.longest &&
		(j.set.screens.placeholders[foldedWord(text)] || j.set.screens.placeholders[fold(text)])
}

// endsAt tells of a text as long as a program lets it be, and that does not end as
// a text ends.
func endsAt(text string, limit int) bool {
	if utf8.RuneCountInString(text) > limit || len(utf16.Encode([]rune(text))) != limit {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(text)
	return !strings.ContainsRune(".!?…؟۔)»\"", last)
}

var tag = regexp.MustCompile(`(?i)</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>`)

// textsAreNoCode tells the sender of texts that some program may take for more
// than a text. They are published as they are.
func textsAreNoCode(j *judge) {
	for i := range j.values {
		col, text := &j.sheet.columns[i], j.values[i].text
		if col.read != asText || text == "" || j.blamed[i] {
			continue
		}
		if strings.IndexByte("=+-@", text[0]) >= 0 && isFormulaLike(text) {
			j.apply("formula-like-text", i, brief(visible(text)), map[string]string{"column": col.key, "sign": text[:1]})
		}
		if strings.IndexByte(text, '<') >= 0 {
			if found := tag.FindString(text); found != "" {
				j.apply("html-in-text", i, brief(found), map[string]string{"column": col.key})
			}
		}
	}
}

// isFormulaLike tells of a text that a spreadsheet program may compute. A dash
// and a blank begin the items of a list; only what calls something is told then.
func isFormulaLike(text string) bool {
	if text[0] != '-' && text[0] != '+' || len(text) == 1 {
		return len(text) > 1
	}
	if r, _ := utf8.DecodeRuneInString(text[1:]); unicode.IsSpace(r) || r == '-' {
		return strings.ContainsAny(text, "|!")
	}
	return true
}

// foldedWord is a label folded, without the marks around it.
func foldedWord(s string) string { return strings.Trim(fold(s), " .…:;!?()[]-–—") }

func isTitleColumn(key string) bool { return strings.HasPrefix(key, titleStem) }
