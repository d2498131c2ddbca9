package pipeline_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook"
	"iltizam/schemas"
)

// changedSchemas is a copy of the schemas in which a JSON file is changed.
func changedSchemas(t *testing.T, change map[string]func(doc map[string]any)) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(schemas.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(schemas.FS, name)
		if err != nil {
			return err
		}
		if change[name] != nil {
			var doc map[string]any
			if err := json.Unmarshal(b, &doc); err != nil {
				return err
			}
			change[name](doc)
			if b, err = json.Marshal(doc); err != nil {
				return err
			}
		}
		out[name] = &fstest.MapFile{Data: b}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// at walks into a JSON document.
func at(doc map[string]any, path ...string) map[string]any {
	for _, step := range path {
		doc = doc[step].(map[string]any)
	}
	return doc
}

func contractOf(t *testing.T, fsys fs.FS) *pipeline.Contract {
	t.Helper()
	c, err := pipeline.LoadContract(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// failures are what keeps rows or whole workbooks back, one line for each.
func failures(t *testing.T, res *pipeline.Result) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, v := range res.Verdicts {
		report, err := res.Report(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range report.Findings {
			if v.Refused() && f.Severity == finding.Block || !v.Refused() && f.Severity == finding.Error {
				out[failure(v.Workbook.Digest, v.Outcome(), f.Rule, f.At.Sheet, f.At.Ref, f.Commitment)] = true
			}
		}
	}
	return out
}

func failure(digest, outcome, rule, sheet, cell, commitment string) string {
	return strings.Join([]string{digest[:8], outcome, rule, sheet, cell, commitment}, " ")
}

func rehearsedFailures(r *pipeline.Rehearsal) map[string]bool {
	out := map[string]bool{}
	for _, x := range r.Changed {
		for _, c := range slices.Concat(x.Refusal, x.Held) {
			out[failure(x.Digest, x.After, c.Rule, c.Sheet, c.Cell, c.Commitment)] = true
		}
	}
	return out
}

// newFailures are those in after and not in before.
func newFailures(before, after map[string]bool) []string {
	var out []string
	for f := range after {
		if !before[f] {
			out = append(out, f)
		}
	}
	slices.Sort(out)
	return out
}

// life is an archive with workbooks of three periods, good, bad, corrected ones.
func life() []parcel {
	bad := set("progress", "progress_pct", 6, 145.0)
	return slices.Concat(everybody(), []parcel{
		from("aguas", "2030-h2", "2031-01-10", bad), from("aguas", "2030-h2", "2031-01-12"), from("obras", "2030-h2", "2031-02-01"),
		junk("oficina", "2031-02-02"), junk("strangers", "2031-02-03"),
		from("aguas", "2031-h1", "2031-07-10"), from("obras", "2031-h1", "2031-07-11"),
		from("obras", "2030-h1", "2031-07-11", workbook.Edit{Sheet: "progress", Key: "narrative_es", Row: 6}),
		from("oficina", "2031-h1", "2031-07-12")})
}

func copied(m memory) memory { return maps.Clone(m) }

func sameStore(t *testing.T, before, after memory) {
	t.Helper()
	if !maps.EqualFunc(before, after, bytes.Equal) {
		t.Error("the rehearsal writes into the archive")
	}
}

func rehearse(t *testing.T, in pipeline.Input, to pipeline.Candidate) *pipeline.Rehearsal {
	t.Helper()
	r, err := pipeline.Rehearse(t.Context(), in, to)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What a rehearsal of stricter schemas tells is what a run with those schemas
// finds in the same workbooks, received when they were.
func TestRehearsalIsWhatComesTrue(t *testing.T) {
	o := newOffice(t)
	before := failures(t, o.drop(life()...))
	stricter := contractOf(t, changedSchemas(t, map[string]func(map[string]any){
		"fields.schema.json": func(doc map[string]any) { at(doc, "$defs", "progress_pct")["maximum"] = 50 },
		"messages/rules.json": func(doc map[string]any) {
			at(doc, "rules", "narrative-missing")["severity"] = "block"
			at(doc, "rules", "progress-full-not-completed")["severity"] = "error"
		},
	}))
	held := copied(o.archive)
	in := o.input("2031-08-01")
	r := rehearse(t, in, pipeline.Candidate{Contract: stricter})
	sameStore(t, held, o.archive)

	live := newOffice(t)
	live.c = stricter
	after := failures(t, live.drop(life()...))
	want := newFailures(before, after)
	if got := slices.Sorted(maps.Keys(rehearsedFailures(r))); !slices.Equal(got, want) || len(want) < 5 {
		t.Errorf("rehearsed\n%s\nfound live\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	totals := r.Totals()
	if !r.Fails() || totals.Refused != 1 || totals.Institutions != 3 || r.Workbooks != len(life()) || totals.Accepted+totals.Freed != 0 {
		t.Errorf("%d workbooks: %+v", r.Workbooks, totals)
	}
	if !slices.IsSortedFunc(r.Changed, func(a, b pipeline.Replayed) int { return strings.Compare(a.Institution, b.Institution) }) {
		t.Error("not sorted by institution")
	}
	// The other way round: what failed under the stricter schemas would be taken.
	live.c = o.c
	back := rehearse(t, pipeline.Input{Contract: stricter, Plans: live.plans, Archive: live.archive, Now: in.Now, ReceivedAt: in.ReceivedAt,
		Limits: in.Limits}, pipeline.Candidate{Contract: o.c})
	if t2 := back.Totals(); back.Fails() || t2.Accepted != totals.Refused || t2.Freed != totals.Held {
		t.Errorf("there %+v, back %+v", totals, t2)
	}
}

// Nothing changed: nobody fares otherwise.
func TestRehearsalOfNoChange(t *testing.T) {
	o := newOffice(t)
	o.drop(life()...)
	r := rehearse(t, o.input("2031-08-01"), pipeline.Candidate{Contract: contractOf(t, schemas.FS), Plans: o.plans})
	if len(r.Changed) != 0 || r.Fails() || len(r.NewWarnings) != 0 {
		t.Errorf("%+v", r)
	}
}

// A new warning is told by rule and fails nobody.
func TestRehearsalOfAWarning(t *testing.T) {
	o := newOffice(t)
	o.drop(everybody()...)
	milder := contractOf(t, changedSchemas(t, map[string]func(map[string]any){
		"messages/rules.json": func(doc map[string]any) { at(doc, "rules", "narrative-missing")["valid_to"] = "2029-12-31" }}))
	in := o.input("2031-08-01")
	in.Contract = milder
	o.drop(from("obras", "2030-h2", "2031-01-10", workbook.Edit{Sheet: "progress", Key: "narrative_es", Row: 6}))
	r := rehearse(t, in, pipeline.Candidate{Contract: o.c})
	if r.Fails() || len(r.Changed) != 1 || !maps.Equal(r.NewWarnings, map[string]int{"narrative-missing": 1}) {
		t.Errorf("%+v", r)
	}
}

// A rule with a date is rehearsed by that date alone, and what is told then is
// what comes true when the day has come: of a rule that begins, and of a warning
// that becomes an error.
func TestRehearsalOfADay(t *testing.T) {
	for name, rule := range map[string]func(map[string]any){
		"begins": func(r map[string]any) { r["severity"], r["valid_from"] = "error", "2032-01-01" },
		"becomes": func(r map[string]any) {
			r["becomes"] = []any{map[string]any{"from": "2032-01-01", "severity": "error"}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dated := contractOf(t, changedSchemas(t, map[string]func(map[string]any){
				"messages/rules.json": func(doc map[string]any) { rule(at(doc, "rules", "progress-full-not-completed")) }}))
			o := newOffice(t)
			o.c = dated
			before := failures(t, o.drop(from("oficina", "2031-h1", "2031-07-12"), from("obras", "2031-h1", "2031-07-13")))
			if len(before) != 0 {
				t.Fatalf("held already: %v", before)
			}
			in := o.input("2031-08-01")
			if r := rehearse(t, in, pipeline.Candidate{RulesOn: "2031-12-31"}); r.Fails() {
				t.Errorf("before its day: %+v", r)
			}
			r := rehearse(t, in, pipeline.Candidate{RulesOn: "2032-01-01"})
			live := newOffice(t)
			live.c = dated
			after := failures(t, live.drop(from("oficina", "2031-h1", "2032-01-01"), from("obras", "2031-h1", "2032-01-02")))
			want := newFailures(before, after)
			if got := slices.Sorted(maps.Keys(rehearsedFailures(r))); !slices.Equal(got, want) || len(want) != 1 {
				t.Errorf("rehearsed %q, found live %q", got, want)
			}
			// Without a day it tells that the rule waits for its own.
			later := rehearse(t, in, pipeline.Candidate{Contract: dated})
			if later.Fails() || !slices.Contains(later.Later, pipeline.Coming{Rule: "progress-full-not-completed", From: "2032-01-01"}) {
				t.Errorf("%+v", later)
			}
		})
	}
}

// Whoever would fail today already does not newly fail, whenever the workbook came.
func TestRehearsalOfADayHoldsItAgainstToday(t *testing.T) {
	o := newOffice(t)
	o.c = contractOf(t, changedSchemas(t, map[string]func(map[string]any){"messages/rules.json": func(doc map[string]any) {
		r := at(doc, "rules", "progress-full-not-completed")
		r["severity"], r["valid_from"] = "error", "2031-08-15"
	}}))
	o.drop(from("oficina", "2031-h1", "2031-07-12"))
	for today, fails := range map[string]bool{"2031-08-14": true, "2031-08-15": false} {
		if r := rehearse(t, o.input(today), pipeline.Candidate{RulesOn: "2032-01-01"}); r.Fails() != fails {
			t.Errorf("on %s: %+v", today, r)
		}
	}
}

// A changed plan is rehearsed like changed schemas.
func TestRehearsalOfAPlan(t *testing.T) {
	o := newOffice(t)
	o.drop(everybody()...)
	changed := *o.plans[0].ActionPlan
	changed.Commitments = slices.Clone(changed.Commitments)
	for i := range changed.Commitments {
		if c := &changed.Commitments[i]; c.ID == c02 {
			c.LeadInstitution = "obras"
		}
	}
	r := rehearse(t, o.input("2030-08-15"), pipeline.Candidate{Plans: []pipeline.Plan{{ActionPlan: &changed, Digest: "other"}}})
	// The one reports on what is no longer its own, the other leaves it out.
	if len(r.Changed) != 2 || r.Changed[0].Institution != "aguas" || r.Changed[0].HeldRows != 1 || r.Changed[0].Held[0].Commitment != c02 ||
		r.Changed[1].Institution != "obras" || r.Changed[1].Fails() || r.Changed[1].Warnings["commitment-missing"] != 1 {
		t.Errorf("%+v", r)
	}
}

func TestRehearsalOfNothing(t *testing.T) {
	o := newOffice(t)
	if _, err := pipeline.Rehearse(t.Context(), o.input("2031-08-01"), pipeline.Candidate{RulesOn: "2032-01-01"}); err != pipeline.ErrNoWorkbook {
		t.Errorf("%v", err)
	}
	if len(o.archive) != 0 {
		t.Error("an archive was made")
	}
}

// Words are whole or not read at all.
func TestWords(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"whole":          {`{"version":1,"texts":{"a":{"ar":"x","fr":"{n} y","en":"z"}},"counts":{}}`, ""},
		"a language":     {`{"version":1,"texts":{"a":{"ar":"x","fr":"y"}},"counts":{}}`, "a has no en text"},
		"a form":         {`{"version":1,"texts":{},"counts":{"a":{"ar":{"other":"x"},"fr":{"one":"x","other":"x"},"en":{"one":"x","other":"x"}}}}`, `no ar form "two"`},
		"an unknown key": {`{"version":1,"word":{}}`, "unknown field"},
	} {
		w, err := pipeline.LoadWords(fstest.MapFS{"messages/status.json": {Data: []byte(c.text)}})
		if c.want == "" {
			if err != nil || w.Text("fr", "a", "n", "{n}") != "{n} y" || w.Text("fr", "b") != "b" {
				t.Errorf("%s: %v", name, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
