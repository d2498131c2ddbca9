package rules

import (
	"slices"
	"unicode/utf16"
)

// nothingNew tells the sender of a row that brings nothing new, and remarks on one
// that says so and brings something.
func nothingNew(j *judge) {
	i := j.column("nothing_to_report")
	if i == noColumn || j.blamed[i] || j.values[i].kind != isTruth || j.values[i].n == 0 {
		return
	}
	switch {
	case j.hasNews():
		j.note("nothing-to-report-with-value", "nothing_to_report", "", nil)
	case j.failed: // nothing of it is taken
	case j.answersForAll(i):
		j.apply("nothing-to-report", i, "", map[string]string{"where": "@nothing-all"})
	default:
		j.apply("nothing-to-report", i, "", map[string]string{"where": "@nothing-row"})
	}
}

// hasNews tells of a row with something new, be it held back.
func (j *judge) hasNews() bool {
	for _, key := range [...]string{"progress_pct", "status", "reference_date"} {
		if j.value(key).kind != isNothing || j.isBlamed(key) {
			return true
		}
	}
	return slices.ContainsFunc(j.narratives(), func(t twin) bool { return j.values[t.column].kind == isText || j.blamed[t.column] })
}

// textsAreShort tells of texts that are longer than the form asks for.
func textsAreShort(j *judge) {
	for i := range j.values {
		col := &j.sheet.columns[i]
		if col.read != asText || len(j.values[i].text) <= col.advised || col.advised == 0 {
			continue
		}
		if n := len(utf16.Encode([]rune(j.values[i].text))); n > col.advised && !j.blamed[i] {
			j.apply("text-longer-than-advised", i, j.values[i].text, map[string]string{"column": col.key, "max": whole(col.advised)})
		}
	}
}
