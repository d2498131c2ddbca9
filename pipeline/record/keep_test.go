package record

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
)

// verdict makes a record of words: "c1=50@6" takes commitment c1 at 50 in row 6,
// "c1/m1=50@9" a milestone, "-c2@7" holds c2 back, "?m2" tells nothing of m2,
// "block" refuses; rulings are named by "!rule". Each row bears a note of its name.
func verdict(contract string, words ...string) *Record {
	r := &Record{JudgedBy: JudgedBy{Contract: contract}, Plan: "p", Period: "h1"}
	s := &plan.Submission{Plan: "p", Institution: "i", Period: "h1"}
	for _, w := range words {
		if w == "block" {
			r.Findings = append(r.Findings, finding.Finding{Rule: contract, Severity: finding.Block})
			return &Record{JudgedBy: r.JudgedBy, Plan: "q", Period: "h9", Findings: r.Findings}
		}
		kind, rest := w[0], w[1:]
		switch kind {
		case '-':
			id, row, _ := strings.Cut(rest, "@")
			s.Held = append(s.Held, id)
			r.Findings = append(r.Findings, finding.Finding{Rule: contract, Severity: finding.Error, At: finding.Cell{Sheet: "S", Ref: "D" + row}})
			r.RowsHeld++
			continue
		case '?':
			s.Untold = append(s.Untold, rest)
			continue
		case '!':
			s.Rulings = map[string]plan.Ruling{rest: {Severity: "error"}}
			continue
		}
		var pct plan.Percent
		var row int
		id, numbers, _ := strings.Cut(w, "=")
		if n, err := fmt.Sscanf(numbers, "%d@%d", &pct, &row); n != 2 {
			panic(err)
		}
		place := plan.Place{Sheet: "S", Row: row, Index: row}
		note := plan.Note{Rule: contract, Commitment: id}
		if c, m, ok := strings.Cut(id, "/"); ok {
			note.Commitment, note.Milestone = c, m
			s.Milestones = append(s.Milestones, plan.MilestoneReport{Milestone: m, Commitment: c, Pct: &pct, Place: place})
		} else {
			s.Progress = append(s.Progress, plan.Progress{Commitment: id, Pct: &pct, Place: place})
		}
		s.Notes = append(s.Notes, note)
		r.Findings = append(r.Findings, finding.Finding{Rule: contract, Severity: finding.Warning, At: finding.Cell{Sheet: "S", Ref: fmt.Sprint("D", row)}})
		r.RowsTaken++
	}
	slices.Sort(s.Held)
	r.Submission = s
	return r
}

func inWords(r *Record) string {
	out := []string{fmt.Sprintf("%d+%d", r.RowsTaken, r.RowsHeld)}
	for _, f := range r.Findings {
		if f.Severity >= finding.Error {
			out = append(out, f.Severity.String()+f.At.Ref)
		}
	}
	s := r.Submission
	if s == nil {
		return strings.Join(append(out, "refused"), " ")
	}
	for _, p := range s.Progress {
		out = append(out, fmt.Sprintf("%s=%d", p.Commitment, *p.Pct))
	}
	for _, m := range s.Milestones {
		out = append(out, fmt.Sprintf("%s/%s=%d", m.Commitment, m.Milestone, *m.Pct))
	}
	for _, n := range s.Notes {
		out = append(out, fmt.Sprintf("(%s %s%s)", n.Rule, n.Commitment, n.Milestone))
	}
	for _, id := range s.Held {
		out = append(out, "-"+id)
	}
	for _, id := range s.Untold {
		out = append(out, "?"+id)
	}
	for id := range s.Rulings {
		out = append(out, "!"+id)
	}
	return strings.Join(out, " ")
}

// What was once taken stays as it was taken; what is taken besides is added.
func TestKeep(t *testing.T) {
	for name, c := range map[string]struct {
		before, after []string
		want          string
	}{
		"refused twice":        {[]string{"block"}, []string{"block"}, "0+0 block refused"},
		"refused, then taken":  {[]string{"block"}, []string{"c1=50@6", "-c2@7"}, "1+1 errorD7 c1=50 (B c1) -c2"},
		"taken, then refused":  {[]string{"c1=50@6", "-c2@7", "!old"}, []string{"block"}, "1+1 errorD7 c1=50 (A c1) -c2 !old"},
		"the same":             {[]string{"c1=50@6", "-c2@7"}, []string{"c1=50@6", "-c2@7"}, "1+1 errorD7 c1=50 (A c1) -c2"},
		"a row more":           {[]string{"c2=50@7", "-c1@6"}, []string{"c1=40@6", "c2=50@7"}, "2+0 c1=40 c2=50 (A c2) (B c1)"},
		"a row less":           {[]string{"c1=50@6", "c2=60@7"}, []string{"c1=50@6", "-c2@7"}, "2+0 c1=50 c2=60 (A c1) (A c2)"},
		"one for another":      {[]string{"c1=50@6", "-c2@7", "-c3@8"}, []string{"-c1@6", "c2=60@7", "-c3@8"}, "2+1 errorD8 c1=50 c2=60 (A c1) (B c2) -c3"},
		"read otherwise":       {[]string{"c1=50@6"}, []string{"c1=5000@6"}, "1+0 c1=50 (A c1)"},
		"rulings of their day": {[]string{"c1=50@6", "-c2@7", "!old"}, []string{"c1=50@6", "c2=60@7", "!strict"}, "2+0 c1=50 c2=60 (A c1) (B c2) !old"},
		"a milestone more":     {[]string{"c1=50@6", "?m1"}, []string{"c1=50@6", "c1/m1=10@9"}, "2+0 c1=50 c1/m1=10 (A c1) (B c1m1)"},
		"a milestone less":     {[]string{"c1=50@6", "c1/m2=20@10"}, []string{"c1=50@6", "c1/m1=10@9", "?m2"}, "3+0 c1=50 c1/m1=10 c1/m2=20 (A c1) (A c1m2) (B c1m1)"},
	} {
		before, after := verdict("A", c.before...), verdict("B", c.after...)
		untouched := verdict("A", c.before...)
		after.Keep(before)
		if got := inWords(after); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if after.JudgedBy.Contract != "B" {
			t.Errorf("%s: judged by %s", name, after.JudgedBy.Contract)
		}
		if !reflect.DeepEqual(before, untouched) {
			t.Errorf("%s: the earlier verdict was changed: %s", name, inWords(before))
		}
		// Once more with the same: nothing is added twice.
		again := verdict("C", c.after...)
		again.Keep(after)
		if got := inWords(again); strings.ReplaceAll(got, "(C ", "(B ") != c.want {
			t.Errorf("%s: in the third round %s", name, got)
		}
	}
}

// A workbook that is now read as one of another period is no reason to take the
// values from where they stand.
func TestKeepInItsPlace(t *testing.T) {
	for name, move := range map[string]func(*plan.Submission){
		"plan": func(s *plan.Submission) { s.Plan = "q" }, "period": func(s *plan.Submission) { s.Period = "h2" },
		"institution": func(s *plan.Submission) { s.Institution = "j" }} {
		before, after := verdict("A", "c1=50@6"), verdict("B", "c1=60@6", "c2=70@7")
		move(after.Submission)
		after.Keep(before)
		if got, want := inWords(after), "1+0 c1=50 (A c1)"; got != want || after.Plan != "p" || after.Period != "h1" {
			t.Errorf("another %s: %s of %s %s", name, got, after.Plan, after.Period)
		}
	}
}
