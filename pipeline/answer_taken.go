package pipeline

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook"
)

// takenValues gives what was taken of a workbook, value by value.
func (c *Contract) takenValues(s *plan.Submission, langs []string) []workbook.Taken {
	t := takenList{contract: c, langs: langs}
	for _, p := range s.Progress {
		t.row(p.Place, p.Commitment)
		t.percent("progress_pct", p.Pct)
		t.code("status", "status", p.Status)
		t.date("reference_date", p.ReferenceDate)
		t.texts("narrative_", p.Narrative)
		t.text("difficulties", p.Difficulties)
		t.text("next_steps", p.NextSteps)
		t.text("revision_reason", p.RevisionReason)
		if p.NothingToReport {
			t.code("nothing_to_report", "boolean", "true")
		}
		t.text("evidence_url", strings.Join(p.EvidenceURLs, "\n"))
	}
	for _, m := range s.Milestones {
		t.row(m.Place, m.Commitment)
		t.texts("title_", m.Title)
		t.date("planned_start_date", m.PlannedStart)
		t.date("planned_end_date", m.PlannedEnd)
		t.date("actual_start_date", m.ActualStart)
		t.date("actual_end_date", m.ActualEnd)
		t.percent("completion_pct", m.Pct)
		t.code("status", "status", m.Status)
		t.text("evidence_url", strings.Join(m.EvidenceURLs, "\n"))
	}
	return t.out
}

// takenList gathers the values of the rows that were taken.
type takenList struct {
	contract   *Contract
	langs      []string
	place      plan.Place
	commitment string
	out        []workbook.Taken
}

func (t *takenList) row(p plan.Place, commitment string) { t.place, t.commitment = p, commitment }

func (t *takenList) add(key string, read func(lang string) string) {
	v := workbook.Taken{Sheet: t.place.Sheet, Ref: t.place.Cell(key), Commitment: t.commitment,
		Field: map[string]string{}, Read: map[string]string{}}
	for _, lang := range t.langs {
		v.Read[lang] = read(lang)
		if v.Field[lang] = t.contract.Fields[key].Title[lang]; v.Field[lang] == "" {
			v.Field[lang] = key
		}
	}
	v.Received = v.Read[t.langs[0]]
	if text, ok := t.place.AsReceived(key); ok {
		v.Received = text
	}
	t.out = append(t.out, v)
}

func (t *takenList) text(key, value string) {
	if value != "" {
		t.add(key, func(string) string { return value })
	}
}

func (t *takenList) texts(stem string, values map[string]string) {
	for _, lang := range slices.Sorted(maps.Keys(values)) {
		t.text(stem+lang, values[lang])
	}
}

func (t *takenList) date(key, iso string) {
	if iso != "" {
		t.text(key, slashed(iso))
	}
}

func (t *takenList) percent(key string, p *plan.Percent) {
	if p != nil {
		t.add(key, func(lang string) string { return percentText(*p, lang) })
	}
}

// code gives the label of a list's code as the template has it.
func (t *takenList) code(key, list, code string) {
	if code == "" {
		return
	}
	t.add(key, func(lang string) string {
		for _, x := range t.contract.CodeLists[list].Codes {
			if x.Code == code && x.Label[lang] != "" {
				return x.Label[lang]
			}
		}
		return code
	})
}

// percentText writes a percentage as a language does.
func percentText(p plan.Percent, lang string) string {
	text := fmt.Sprintf("%d.%02d", p/100, p%100)
	text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	switch lang {
	case "ar":
		return strings.Replace(text, ".", ",", 1) + "%"
	case "fr":
		return strings.Replace(text, ".", ",", 1) + "\u00a0%"
	}
	return text + "%"
}

// slashed writes a day so that it keeps its order in either direction.
func slashed(iso string) string {
	d, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return d.Format("02/01/2006")
}
