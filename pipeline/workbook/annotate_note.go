package workbook

import (
	"regexp"
	"strings"

	"iltizam/pipeline/finding"
)

// note says in the one note of a cell all that is to be said of it, the worst
// first, then what the sender had written there.
func (a *annotator) note(ref string, marks []Mark, own *cellNote) *cellNote {
	n := &cellNote{ref: ref, author: a.lay.Template}
	for i, m := range marks[:min(maxInNote, len(marks))] {
		title := noteStart
		if i > 0 {
			title = "\n\n"
		}
		var severities []string
		for _, lang := range a.fb.Languages {
			severities = append(severities, a.lay.Text("feedback.severity."+m.Severity.String(), lang))
		}
		ink := "brand"
		switch {
		case m.Severity > finding.Warning:
			ink = "warning"
		case m.Severity == finding.Warning:
			ink = "warning_ink"
		}
		n.runs = append(n.runs, noteRun{text: title + strings.Join(severities, " · "), bold: true, ink: ink})
		for j, lang := range a.fb.Languages {
			text := "\n"
			if j > 0 {
				text = "\n\n"
			}
			mark := "\u200e"
			if a.lay.writtenRight(lang) {
				mark = "\u200f"
			}
			remedy := a.lay.Say("feedback.note.mend", lang, "remedy", m.Remedy[lang])
			for k, line := range strings.Split(a.ordered(clip(m.Message[lang])+"\n"+clip(remedy), lang), "\n") {
				if k > 0 {
					text += "\n"
				}
				text += mark + line + mark
			}
			n.runs = append(n.runs, noteRun{text: text, ink: "ink"})
		}
	}
	last := &n.runs[len(n.runs)-1]
	if own == nil {
		last.text += noteEnd
		return n
	}
	last.text += "\n\n" + a.lay.Text("feedback.note.own", a.fb.Languages[0]) + noteEnd
	n.runs = append(n.runs, noteRun{text: "\n" + own.text(), ink: "ink"})
	return n
}

// leftward are the parts of a sentence that fall apart in one written from right
// to left: addresses, days, numbers with a sign.
var leftward = regexp.MustCompile(`(?:https?://|www\.)[^\s»«،؛]*|[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?|[+-]?[0-9][0-9.,]*%|[+-][0-9][0-9.,]*`)

// ordered puts marks around these, so that they stay in their order.
func (a *annotator) ordered(text, lang string) string {
	if !a.lay.writtenRight(lang) {
		return text
	}
	return leftward.ReplaceAllStringFunc(text, func(part string) string {
		bare := strings.TrimRight(part, ".,:;)")
		return "\u200e" + bare + "\u200e" + part[len(bare):]
	})
}

// maxInNote bounds the findings that one note tells; the first sheet has them all.
const maxInNote = 5
