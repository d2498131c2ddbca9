package record

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
)

var update = flag.Bool("update", false, "write the golden files")

const received = "2030-07-10T08:00:00Z"

var digest = strings.Repeat("0123456789abcdef", 4)

func some[T any](t *rapid.T, name string, g *rapid.Generator[T], most int) []T {
	list := rapid.SliceOfN(g, 0, most).Draw(t, name)
	if len(list) == 0 {
		return nil
	}
	return list
}

func texts() *rapid.Generator[string] {
	return rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "قانون", "<b>&\u2028\"\\\x00", strings.Repeat("long ", 200)}))
}

func pairs(t *rapid.T, name string) map[string]string {
	m := rapid.MapOfN(texts(), texts(), 0, 3).Draw(t, name)
	if len(m) == 0 {
		return nil
	}
	return m
}

func percentages() *rapid.Generator[*plan.Percent] {
	return rapid.Custom(func(t *rapid.T) *plan.Percent {
		if rapid.Bool().Draw(t, "nil") {
			return nil
		}
		p := plan.Percent(rapid.Int32().Draw(t, "hundredths"))
		return &p
	})
}

// anyRecord is any verdict that a run could make, and some that it could not.
func anyRecord() *rapid.Generator[*Record] {
	return rapid.Custom(func(t *rapid.T) *Record {
		text := func(name string) string { return texts().Draw(t, name) }
		number := rapid.IntRange(-1, 1<<40)
		r := &Record{JudgedBy: JudgedBy{rapid.StringMatching(`([0-9a-f]{2}){0,4}|x.*`).Draw(t, "contract"), text("rules"), text("plans")},
			Plan: text("plan"), Period: text("period"), RowsTaken: number.Draw(t, "taken"), RowsHeld: number.Draw(t, "heldrows")}
		rules := rapid.SampledFrom([]string{"a-rule", "b-rule", "c-rule"})
		sheets := rapid.SampledFrom([]string{"", "S", "T"})
		severities := rapid.SampledFrom([]finding.Severity{finding.Info, finding.Warning, finding.Error, finding.Block})
		r.Findings = some(t, "findings", rapid.Custom(func(t *rapid.T) finding.Finding {
			return finding.Finding{Rule: rules.Draw(t, "rule"), Severity: severities.Draw(t, "severity"),
				At: finding.Cell{Sheet: sheets.Draw(t, "sheet"), Ref: text("ref")}, Pointer: text("pointer"), Value: text("value"),
				Args: pairs(t, "args"), Commitment: text("commitment")}
		}), 5)
		for _, rule := range some(t, "cut", rules, 2) {
			if r.Cut == nil {
				r.Cut = map[string]int{}
			}
			r.Cut[rule+"\x00"+sheets.Draw(t, "cutsheet")] = number.Draw(t, "cutn")
		}
		if rapid.Bool().Draw(t, "refused") {
			return r
		}
		s := &plan.Submission{Plan: r.Plan, Period: r.Period, Institution: text("institution"),
			Source: plan.Source{SubmissionID: digest[:16], Digest: digest, ReceivedAt: received, Origin: text("origin"), URL: text("url"), Template: text("template")},
			Header: plan.HeaderPlace{Sheet: text("headersheet"), Cells: pairs(t, "headercells")},
			Held:   some(t, "held", texts(), 3), Untold: some(t, "untold", texts(), 3)}
		readings := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *plan.Reading {
			return &plan.Reading{List: text("list"), Columns: text("columns"),
				Received: some(t, "received", rapid.Custom(func(t *rapid.T) plan.Received { return plan.Received{Key: text("key"), Text: text("as")} }), 3)}
		}), 1, 3).Draw(t, "readings")
		place := func(t *rapid.T) plan.Place {
			p := plan.Place{Sheet: text("sheet"), Row: number.Draw(t, "row"), Index: number.Draw(t, "index")}
			if n := rapid.IntRange(-1, len(readings)-1).Draw(t, "reading"); n >= 0 {
				p.Reading = readings[n]
			}
			return p
		}
		s.Progress = some(t, "progress", rapid.Custom(func(t *rapid.T) plan.Progress {
			return plan.Progress{Commitment: text("c"), Pct: percentages().Draw(t, "pct"), Status: text("status"), ReferenceDate: text("date"),
				Narrative: pairs(t, "narrative"), Difficulties: text("difficulties"), NextSteps: text("next"), RevisionReason: text("reason"),
				NothingToReport: rapid.Bool().Draw(t, "nothing"), EvidenceURLs: some(t, "urls", texts(), 3), Place: place(t)}
		}), 4)
		s.Milestones = some(t, "milestones", rapid.Custom(func(t *rapid.T) plan.MilestoneReport {
			return plan.MilestoneReport{Milestone: text("m"), Commitment: text("c"), Title: pairs(t, "title"), PlannedStart: text("ps"), PlannedEnd: text("pe"),
				ActualStart: text("as"), ActualEnd: text("ae"), Pct: percentages().Draw(t, "pct"), Status: text("status"),
				EvidenceURLs: some(t, "urls", texts(), 3), Place: place(t)}
		}), 4)
		s.Notes = some(t, "notes", rapid.Custom(func(t *rapid.T) plan.Note {
			return plan.Note{Rule: text("rule"), Severity: text("severity"), Commitment: text("c"), Milestone: text("m"), Period: s.Period, Column: text("column"),
				Value: text("value"), Args: pairs(t, "args"), Source: s.Source, Sheet: text("sheet"), Cell: text("cell")}
		}), 3)
		for _, id := range some(t, "rulings", texts(), 3) {
			if s.Rulings == nil {
				s.Rulings = map[string]plan.Ruling{}
			}
			limits := rapid.MapOfN(texts(), number, 0, 2).Draw(t, "limits")
			if len(limits) == 0 {
				limits = nil
			}
			s.Rulings[id] = plan.Ruling{Severity: text("ruling"), Limits: limits}
		}
		r.Submission = s
		return r
	})
}

// What is archived is read again as it was, and the same record gives the same
// bytes; what the cache keeps of it is what the archive tells.
func TestRecordsSurviveBothForms(t *testing.T) {
	var d Decoder // one for all, as in a run
	rapid.Check(t, func(t *rapid.T) {
		r := anyRecord().Draw(t, "record")
		text, err := r.JSON(digest, received)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(text, digest, received)
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Fatalf("%v: of %s\nwas read %+v", err, text, again)
		}
		if twice, _ := again.JSON(digest, received); string(twice) != string(text) {
			t.Fatalf("then\n%s\nnow\n%s", text, twice)
		}
		want := again.Brief(digest)
		b := want.AppendBinary([]byte("before"))[len("before"):]
		got, err := d.Decode(string(b))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%v\nwrote %+v\nread %+v", err, want, got)
		}
		if got.Refused() != (r.Submission == nil) {
			t.Fatal("the verdict differs")
		}
		if string(got.AppendBinary(nil)) != string(b) {
			t.Fatal("written again it differs")
		}
		if s := got.Submission; s != nil { // rows that were read alike share their reading
			list, _ := readingsOf(s)
			if was, _ := readingsOf(r.Submission); len(list) != len(was) {
				t.Fatalf("%d readings of %d", len(list), len(was))
			}
			if len(s.Header.Cells) > 0 || s.Header.Sheet != "" {
				t.Fatal("a brief keeps its header's place")
			}
		}
		cut := rapid.IntRange(0, len(b)-1).Draw(t, "cut")
		if _, err := d.Decode(string(b[:cut])); err == nil {
			t.Fatalf("%d of %d bytes are decoded", cut, len(b))
		}
		if _, err := d.Decode(string(b) + "\x00"); err == nil {
			t.Fatal("a byte more is decoded")
		}
	})
}

// golden is a record with one of everything, as a person would make one up.
func golden() *Record {
	pct, part := plan.Percent(8250), plan.Percent(0)
	source := plan.Source{SubmissionID: digest[:16], Digest: digest, ReceivedAt: received, Origin: plan.OriginExample, URL: "https://example.org/page", Template: "3"}
	reading := &plan.Reading{List: "progress", Columns: "progress_pct=D status=E", Received: []plan.Received{{Key: "progress_pct", Text: "82,5 %"}}}
	return &Record{JudgedBy: JudgedBy{strings.Repeat("c0", 32), "7", strings.Repeat("a1", 32)}, Plan: "xx-demo", Period: "2030-h1", RowsTaken: 2, RowsHeld: 1,
		Findings: []finding.Finding{
			{Rule: "pct-out-of-bounds", Severity: finding.Error, At: finding.Cell{Sheet: "التقدم", Ref: "D7"}, Pointer: "/progress/1/progress_pct",
				Value: "145", Args: map[string]string{"max": "100", "min": "0"}, Commitment: "xx-demo-c02"},
			{Rule: "workbook-macros", Severity: finding.Warning}},
		Cut: map[string]int{"text-truncated\x00Avancement": 12, "text-truncated\x00": 3},
		Submission: &plan.Submission{Plan: "xx-demo", Institution: "aguas", Period: "2030-h1", Source: source,
			Header: plan.HeaderPlace{Sheet: "Accueil", Cells: map[string]string{"plan": "B2", "period": "B4"}},
			Progress: []plan.Progress{{Commitment: "xx-demo-c01", Pct: &pct, Status: "in_progress", ReferenceDate: "2030-06-30",
				Narrative: map[string]string{"fr": "Le puits est <creusé> & rempli.", "ar": "حُفر البئر."}, Difficulties: "la pluie", NextSteps: "le toit",
				RevisionReason: "une erreur", NothingToReport: true, EvidenceURLs: []string{"https://example.org/a?b=1&c=2"},
				Place: plan.Place{Sheet: "التقدم", Row: 6, Index: 0, Reading: reading}}},
			Milestones: []plan.MilestoneReport{{Milestone: "xx-demo-c01-m01", Commitment: "xx-demo-c01", Title: map[string]string{"fr": "Creuser"},
				PlannedStart: "2030-01-01", PlannedEnd: "2030-03-31", ActualStart: "2030-01-02", ActualEnd: "2030-04-01", Pct: &part, Status: "completed",
				EvidenceURLs: []string{"https://example.org/m"}, Place: plan.Place{Sheet: "Étapes", Row: 9, Index: 3}}},
			Notes: []plan.Note{{Rule: "no-evidence", Severity: "warning", Commitment: "xx-demo-c01", Milestone: "xx-demo-c01-m01", Period: "2030-h1",
				Column: "evidence_url", Value: "x", Args: map[string]string{"n": "1"}, Source: source, Sheet: "Étapes", Cell: "H9"}},
			Held: []string{"xx-demo-c02"}, Untold: []string{"xx-demo-c01-m02"},
			Rulings: map[string]plan.Ruling{"progress-jump": {Severity: "warning", Limits: map[string]int{"points": 50}}, "progress-back": {Severity: "error"}}}}
}

// The two files are what archives hold: a change in them is a change of the format.
func TestGolden(t *testing.T) {
	refused := golden()
	refused.Submission, refused.RowsTaken, refused.RowsHeld, refused.Cut = nil, 0, 0, nil
	refused.Findings = []finding.Finding{{Rule: "plan-unknown", Severity: finding.Block, Value: "yy"}}
	for name, r := range map[string]*Record{"accepted": golden(), "refused": refused} {
		got, err := r.JSON(digest, received)
		if err != nil {
			t.Fatal(err)
		}
		file := "testdata/" + name + ".json"
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || string(got) != string(want) {
			t.Errorf("%v: %s is\n%s", err, file, got)
		}
		if again, err := Parse(want, digest, received); err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%s is read as %+v, %v", file, again, err)
		}
	}
	// No field of what is kept may be left out of the example, and so of the format.
	var empty []string
	blanks(reflect.ValueOf(*golden()), "Record", &empty)
	want := []string{"Record.Findings[0].At.File", "Record.Findings[1].At.File"} // that of the receipt
	empty = slices.DeleteFunc(empty, func(s string) bool {
		return strings.HasPrefix(s, "Record.Findings[1]") && s != want[1] || strings.HasSuffix(s, ".Index") || strings.HasSuffix(s, "Place.Reading") ||
			strings.HasSuffix(s, "Milestones[0].Pct") || strings.HasSuffix(s, "[progress-back].Limits")
	})
	if !slices.Equal(empty, want) {
		t.Errorf("the example lacks %q", empty)
	}
}

// blanks lists the fields that are not set.
func blanks(v reflect.Value, at string, out *[]string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			blanks(v.Elem(), at, out)
			return
		}
	case reflect.Struct:
		for i := range v.NumField() {
			blanks(v.Field(i), at+"."+v.Type().Field(i).Name, out)
		}
		return
	case reflect.Slice:
		for i := range v.Len() {
			blanks(v.Index(i), fmt.Sprintf("%s[%d]", at, i), out)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			blanks(v.MapIndex(k), fmt.Sprintf("%s[%s]", at, k), out)
		}
	}
	if v.IsZero() {
		*out = append(*out, at)
	}
}

func TestParseRefuses(t *testing.T) {
	text, err := golden().JSON(digest, received)
	if err != nil {
		t.Fatal(err)
	}
	change := func(old, new string) string {
		if strings.Count(string(text), old) != 1 {
			t.Fatalf("%q stands %d times", old, strings.Count(string(text), old))
		}
		return strings.Replace(string(text), old, new, 1)
	}
	refusal := change(`"verdict": "accepted"`, `"verdict": "refused"`)
	noValues := `{"version":1,"sha256":"` + digest + `","received_at":"` + received + `","verdict":"accepted"}`
	for name, c := range map[string]struct{ text, want string }{
		"nothing":            {"", "EOF"},
		"cut":                {string(text[:len(text)/2]), "EOF"},
		"another workbook":   {change(digest, strings.Repeat("f", 64)), "it is that of ffff"},
		"another receipt":    {change(received, "2030-07-11T08:00:00Z"), "received 2030-07-11"},
		"version":            {change(`"version": 1`, `"version": 2`), "version 2"},
		"no version":         {change(`"version": 1,`, ``), "version 0"},
		"new version, field": {change(`"version": 1`, `"version": 2, "signature": "x"`), "version 2"},
		"field":              {change(`"version": 1`, `"version": 1, "signature": "x"`), "signature"},
		"inner field":        {change(`"origin"`, `"orign"`), "orign"},
		"refused, values":    {refusal, "contradict"},
		"accepted, nothing":  {noValues, "contradict"},
		"no such verdict":    {strings.Replace(noValues, "accepted", "undecided", 1), "undecided"},
		"severity": {change(`"severity": "error",
   "sheet"`, `"severity": "fatal",
   "sheet"`), "fatal"},
		"reading":      {change(`"reading": 0`, `"reading": 1`), "does not tell"},
		"reading -2":   {change(`"reading": -1`, `"reading": -2`), "does not tell"},
		"percentage":   {change(`8250`, `82.5`), "82.5"},
		"large number": {change(`8250`, `99999999999`), "99999999999"},
		"twice":        {string(text) + string(text), "follows"},
		"a bracket":    {string(text) + "}", "follows"},
		"null":         {"null", "version 0"},
	} {
		r, err := Parse([]byte(c.text), digest, received)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		if newer := strings.HasPrefix(c.want, "version"); errors.Is(err, ErrVersion) != newer {
			t.Errorf("%s: of another version: %v", name, err)
		}
	}
}

func TestTallies(t *testing.T) {
	f := func(rule string, s finding.Severity, sheet string) finding.Finding {
		return finding.Finding{Rule: rule, Severity: s, At: finding.Cell{Sheet: sheet}}
	}
	got := TallyOf([]finding.Finding{f("b", finding.Error, "S"), f("a", finding.Info, "S"), f("b", finding.Warning, "T"), f("b", finding.Error, "S"), f("b", finding.Error, "T")},
		map[string]int{"b\x00S": 10, "b\x00T": 100, "a\x00T": 1000})
	want := []Tally{{"b", finding.Error, 13}, {"a", finding.Info, 1}, {"b", finding.Warning, 101}}
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// Whatever the bytes, decoding ends in a brief or in errCut, and takes no more
// memory than a multiple of them.
func FuzzDecode(f *testing.F) {
	b := golden().Brief(digest).AppendBinary(nil)
	f.Add(string(b))
	f.Add(string(b[:len(b)/2]))
	f.Add(strings.Repeat("\x00", 200))
	f.Add(strings.Repeat("\xfe\x01", 500))
	f.Fuzz(func(t *testing.T, s string) {
		var d Decoder
		x, err := d.Decode(s)
		if err != nil {
			return
		}
		again, err := d.Decode(string(x.AppendBinary(nil)))
		if err != nil || !reflect.DeepEqual(again, x) {
			t.Errorf("%v: %+v, then %+v", err, x, again)
		}
	})
}

// One byte that claims more than there is costs no memory: each place of a brief
// is told in turn that a billion things follow.
func TestHostileCountsCostNothing(t *testing.T) {
	b := string(golden().Brief(digest).AppendBinary(nil))
	huge := string([]byte{0x80, 0xa8, 0xd6, 0xb9, 0x07}) // a billion, as Int writes it
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n := 0
	for i := range b {
		var d Decoder
		if _, err := d.Decode(b[:i] + huge + b[i+1:]); err != nil {
			n++
		}
		if _, err := d.Decode(b[:i] + huge + huge + strings.Repeat("\x02", 500)); err == nil {
			t.Errorf("byte %d: hostile bytes pass", i)
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / uint64(2*len(b)); each > 1<<20 {
		t.Errorf("%d bytes of memory for %d bytes", each, len(b))
	}
	if n < len(b)/4 {
		t.Errorf("only %d of %d claims were noticed", n, len(b))
	}
}
