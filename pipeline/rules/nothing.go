package rules

import "unicode/utf16"

// nothingNew tells the sender of a row that brings nothing new, and remarks on one
// that says so and brings something.
func nothingNew(j *judge) {
	i := j.column("nothing_to_report")
	if i == noColumn || j.failed || j.values[i].kind != isTruth || j.values[i].n == 0 {
		return
	}
	if j.value("progress_pct").kind != isNothing || j.text("status") != "" || j.text("reference_date") != "" || len(j.inLanguages(narrativeStem)) > 0 {
		j.note("nothing-to-report-with-value", "nothing_to_report", "", nil)
		return
	}
	j.apply("nothing-to-report", i, "", nil)
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
