package pipeline

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/rules"
)

// maxLetter is how many findings a receipt in words tells; the copy and the
// other receipt have more.
const maxLetter = 50

// letter is the receipt as a text, in each language of the plan's form.
func (r *Result) letter(v *Verdict, marked string) []byte {
	langs := rules.Languages()[:2]
	if s := v.Submission; s != nil {
		for _, p := range r.plans {
			if p.ID == s.Plan {
				langs = written(p)
			}
		}
	}
	var b strings.Builder
	for i, lang := range langs {
		if i > 0 {
			b.WriteString("\n\n")
		}
		r.letterIn(&b, lang, v, marked)
	}
	return []byte(b.String())
}

// written gives the languages of a plan's form that messages exist in.
func written(p *plan.ActionPlan) []string {
	var out []string
	for _, lang := range p.TemplateLanguages {
		if slices.Contains(rules.Languages(), lang) {
			out = append(out, lang)
		}
	}
	if len(out) == 0 {
		out = rules.Languages()[:2]
	}
	return out
}

func (r *Result) letterIn(b *strings.Builder, lang string, v *Verdict, marked string) {
	lay := r.contract.Layout
	mark := "" // starts each line, so that it runs in the language's direction
	if slices.Contains(lay.RTL, lang) {
		mark = "\u200f"
	}
	line := func(text string) { fmt.Fprintf(b, "%s%s\n", mark, strings.ReplaceAll(text, "\n", "\n"+mark)) }
	say := func(key string, pairs ...string) { line(lay.Say("letter."+key, lang, pairs...)) }
	line(lay.Say("feedback."+v.Outcome(), lang, "taken", strconv.Itoa(v.RowsTaken), "held", strconv.Itoa(v.RowsHeld)))
	say("file", "file", ltr(v.Workbook.Path))
	say("received", "at", ltr(minute(v.Workbook.ReceivedAt)))
	say("digest", "digest", ltr(v.Workbook.Digest))
	if marked != "" {
		say("copy", "name", ltr(marked))
		if v.Outcome() == "accepted_in_part" {
			say("mend")
		}
	}
	var counts []string
	for s := finding.Block; s >= finding.Info; s-- {
		if n := v.Report.Count(s); n > 0 {
			counts = append(counts, lay.Count("feedback.count."+s.String(), lang, n))
		}
	}
	if len(counts) > 0 {
		line("")
		line(strings.Join(counts, lay.Text("feedback.comma", lang)))
	}
	told, last, n := 0, "", NamingOf(v, r.plans)
	for _, f := range v.Report.Findings {
		at := ""
		if f.At.Sheet != "" {
			at = " [" + f.At.Sheet
			if f.At.Ref != "" {
				at += "!" + f.At.Ref
			}
			at = " " + ltr(at[1:]+"]")
		}
		message, remedy := r.contract.Say(f, n, lang)
		text := "- " + lay.Text("feedback.severity."+f.Severity.String(), lang) + at + lay.Text("colon", lang) +
			message + " " + remedy
		if text == last { // one cell that answers for all rows
			continue
		}
		if told == maxLetter {
			say("more")
			break
		}
		line(text)
		told, last = told+1, text
	}
}

// minute writes an instant (RFC 3339) as a person reads it, in UTC; what is no
// instant stays as it is.
func minute(at string) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return at
	}
	return t.UTC().Format("02/01/2006 15:04")
}

// ltr keeps a name, a number or a digest in its own order within any line.
func ltr(s string) string { return "\u2066" + s + "\u2069" }
