package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"iltizam/pipeline"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook"
	"iltizam/pipeline/workbook/workbooktest"
	"iltizam/schemas"
)

// lifeEvent is a workbook that comes: a line of testdata/life/events.txt.
type lifeEvent struct {
	lifeWords
	day, folder, period string
	file                string // its name in the folder
	bytes               []byte
}

// digest is the workbook's SHA-256 in hex.
func (e *lifeEvent) digest() string {
	sum := sha256.Sum256(e.bytes)
	return hex.EncodeToString(sum[:])
}

// scribe fills in the forms of the life's plan.
type scribe struct {
	t        testing.TB
	contract *pipeline.Contract
	plan     *plan.ActionPlan
	forms    map[string][]byte // made so far
}

// lifeEvents reads the events with their workbooks, in the order of their days:
// all of them, or those of some days.
func lifeEvents(t testing.TB, plans string, days ...string) []*lifeEvent {
	t.Helper()
	c, err := pipeline.LoadContract(schemas.FS)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := c.LoadPlans(os.DirFS(plans), ".")
	if err != nil {
		t.Fatal(err)
	}
	s := &scribe{t, c, loaded[0].ActionPlan, map[string][]byte{}}
	var out []*lifeEvent
	named := map[string]*lifeEvent{}
	nth := map[string]int{}
	for _, w := range wordLines(t, "testdata/life/events.txt") {
		if len(w.plain) < 3 {
			t.Fatalf("events.txt: %q is no day, folder and period", w.plain)
		}
		e := &lifeEvent{lifeWords: w, day: w.plain[0], folder: w.plain[1], period: w.plain[2]}
		key := e.folder + "/" + e.period
		nth[key]++
		e.file = fmt.Sprintf("%s_%d.xlsx", e.period, nth[key])
		if len(days) > 0 && !slices.Contains(days, e.day) {
			continue
		}
		if again := w.keyed["@again"]; again != "" {
			e.bytes = named[again].bytes
		} else {
			e.bytes = s.write(e)
		}
		for n := 0; w.keyed["@over"] != "" && e.digest() < named[w.keyed["@over"]].digest(); n++ {
			e.keyed["@variant"] = strconv.Itoa(n)
			e.bytes = s.write(e)
		}
		named[w.keyed["@as"]] = e
		out = append(out, e)
	}
	slices.SortStableFunc(out, func(a, b *lifeEvent) int { return strings.Compare(a.day, b.day) })
	return out
}

// write makes the workbook of an event.
func (s *scribe) write(e *lifeEvent) []byte {
	code, period := cmp.Or(e.keyed["@form"], e.folder), cmp.Or(e.keyed["@of"], e.period)
	edits := s.edits(e, code, period)
	if period != e.period {
		meta, _ := s.contract.Layout.Sheet("meta")
		edits = append(edits, workbook.Edit{Sheet: "meta", Cell: fmt.Sprintf("B%d", slices.Index(meta.Keys, "period")+1), Value: e.period})
	}
	if variant := e.keyed["@variant"]; variant != "" { // in a sheet that nobody reads
		edits = append(edits, workbook.Edit{Sheet: "instructions", Cell: "A99", Value: variant})
	}
	b, err := workbook.ApplyEdits(s.form(code, period), s.contract.Layout, edits)
	if err != nil {
		s.t.Fatalf("%s %s %s: %v", e.day, e.folder, e.period, err)
	}
	switch e.keyed["@file"] {
	case "":
	case "junk":
		b = fmt.Appendf(nil, "Not a workbook: %s %s.", e.folder, e.period)
	case "cut":
		b = b[:len(b)/2]
	case "bomb":
		parts, err := workbooktest.Unzip(b)
		if err != nil {
			s.t.Fatal(err)
		}
		b = parts.With("xl/media/image1.png", strings.Repeat("\x00", 6<<20)).Zip()
	default:
		s.t.Fatalf("events.txt: @file=%s is not known", e.keyed["@file"])
	}
	return b
}

func (s *scribe) form(code, period string) []byte {
	key := code + "/" + period
	if s.forms[key] == nil {
		var buf bytes.Buffer
		spec := s.contract.TemplateSpec(s.plan, code, s.plan.Period(period), "fr")
		if err := workbook.Template(&buf, s.contract.Layout, spec); err != nil {
			s.t.Fatal(err)
		}
		s.forms[key] = buf.Bytes()
	}
	return s.forms[key]
}

// places tells in which rows a form has its commitments and milestones.
func (s *scribe) places(code, period string) (rows, steps map[string]int, next int) {
	rows, steps = map[string]int{}, map[string]int{}
	first := s.contract.Layout.FirstRow
	next = first
	for _, c := range s.plan.LedFor(code, s.plan.Period(period)) {
		rows[c.ID] = next
		next++
		for _, m := range c.Milestones {
			steps[m.ID] = first + len(steps)
		}
	}
	return rows, steps, next
}

func (s *scribe) edits(e *lifeEvent, code, period string) []workbook.Edit {
	rows, steps, next := s.places(code, period)
	var out []workbook.Edit
	for _, key := range slices.Sorted(maps.Keys(e.keyed)) {
		value := e.keyed[key]
		number, step, milestone := strings.Cut(strings.TrimPrefix(key, "c"), "m")
		n, err := strconv.Atoi(number)
		id := plan.CommitmentID(lifePlanID, n)
		switch {
		case strings.HasPrefix(key, "@"):
		case key == "all":
			out = append(out, workbook.Edit{Sheet: "progress", Key: "nothing_to_report", Row: 3, Value: "Oui"})
		case err != nil:
			s.t.Fatalf("events.txt: %s=%s is not known", key, value)
		case milestone:
			i, _ := strconv.Atoi(step)
			row := steps[fmt.Sprintf("%s-m%02d", id, i)]
			if row == 0 {
				s.t.Fatalf("events.txt: %s: there is no such milestone of %s", key, code)
			}
			out = append(out, s.stepRow(e, row, id, value)...)
		default:
			if rows[id] == 0 { // not in this form: written below
				rows[id], next = next, next+1
				out = append(out, workbook.Edit{Sheet: "progress", Key: "commitment_id", Row: rows[id], Value: id})
			}
			out = append(out, s.row(e, rows[id], n, value)...)
		}
	}
	for _, w := range e.plain[3:] { // rows deleted at last, so that the others stand where they stood
		n, err := strconv.Atoi(strings.TrimPrefix(w, "-c"))
		if row := rows[plan.CommitmentID(lifePlanID, n)]; err == nil && row > 0 {
			out = append(out, workbook.Edit{Op: workbook.DeleteRow, Sheet: "progress", Row: row})
			continue
		}
		s.t.Fatalf("events.txt: %s is not known", w)
	}
	return out
}

// valueAndOptions reads 25,reason,date=2030-03-31.
func valueAndOptions(value string) (first string, options map[string]string) {
	options = map[string]string{}
	first, rest, _ := strings.Cut(value, ",")
	for o := range strings.SplitSeq(rest, ",") {
		name, text, _ := strings.Cut(o, "=")
		options[name] = text
	}
	return first, options
}

// day is the period's last day, or the day of the event where that is not over.
func (s *scribe) day(e *lifeEvent) string {
	if p := s.plan.Period(e.period); p != nil && p.End < e.day {
		return p.End
	}
	return e.day
}

func statusOf(pct string) string {
	switch pct {
	case "0":
		return "not_started"
	case "100":
		return "completed"
	}
	return "in_progress"
}

func (s *scribe) row(e *lifeEvent, row, number int, value string) []workbook.Edit {
	pct, options := valueAndOptions(value)
	cell := func(key string, v any) workbook.Edit {
		return workbook.Edit{Sheet: "progress", Key: key, Row: row, Value: v}
	}
	if pct == "none" {
		return []workbook.Edit{cell("nothing_to_report", "Oui")}
	}
	date, status := s.day(e), statusOf(pct)
	if options["date"] != "" {
		date = options["date"]
	}
	if options["status"] != "" {
		status = options["status"]
	}
	fr := fmt.Sprintf("Engagement %d, période %s : travaux menés à %s %%.", number, e.period[:4]+"/"+e.period[6:], pct)
	ar := fmt.Sprintf("الالتزام %d، الفترة %s: أنجزت الأشغال بنسبة %s %%.", number, e.period[:4]+"/"+e.period[6:], pct)
	if text := options["text"]; text != "" {
		fr, ar = fmt.Sprintf("Engagement %d : les travaux de l’étape %s se poursuivent sans changement notable.", number, text), fmt.Sprintf("الالتزام %d: تتواصل أشغال المرحلة %s دون تغيير يذكر.", number, text)
	}
	if _, ok := options["email"]; ok {
		fr += " Écrire à personne@fictif.example."
	}
	out := []workbook.Edit{cell("status", status), {Sheet: "progress", Key: "reference_date", Row: row, Value: date, Date: true},
		cell("narrative_fr", fr), cell("narrative_ar", ar)}
	if n, err := strconv.ParseFloat(pct, 64); err == nil {
		out = append(out, cell("progress_pct", n))
	} else {
		out = append(out, cell("progress_pct", workbook.Formula("="+pct))) // that nobody computed
	}
	if n, err := strconv.ParseFloat(pct, 64); err != nil || n > 0 {
		out = append(out, cell("evidence_url", fmt.Sprintf("https://fictif.example/c%02d/%s", number, e.period)))
	}
	if _, ok := options["reason"]; ok {
		out = append(out, cell("revision_reason", "Données recomptées (exemple fictif)."))
	}
	return out
}

// stepRow fills in a milestone; end= moves its planned end.
func (s *scribe) stepRow(e *lifeEvent, row int, commitment, value string) []workbook.Edit {
	pct, options := valueAndOptions(value)
	cell := func(key string, v any, date bool) workbook.Edit {
		return workbook.Edit{Sheet: "milestones", Key: key, Row: row, Value: v, Date: date}
	}
	n, err := strconv.ParseFloat(pct, 64)
	if err != nil {
		s.t.Fatalf("events.txt: a milestone is at %q", pct)
	}
	out := []workbook.Edit{cell("completion_pct", n, false), cell("status", statusOf(pct), false)}
	if n == 100 {
		out = append(out, cell("actual_end_date", s.day(e), true), cell("evidence_url", "https://fictif.example/"+commitment+"/"+e.period, false))
	}
	if options["end"] != "" {
		out = append(out, cell("planned_end_date", options["end"], true))
	}
	return out
}
