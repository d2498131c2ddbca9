package rules

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"iltizam/pipeline/table"
	"iltizam/pipeline/workbook"
	"iltizam/schemas"
)

func realSet(t *testing.T) *Set {
	t.Helper()
	b, err := fs.ReadFile(schemas.FS, "fields.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	fields, err := table.ParseFields(b)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSet(schemas.FS, fields)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// good gives a valid value of each column that the property test plays with.
func good(key string) value {
	switch key {
	case "commitment_id":
		return textValue("xx-plan-c01")
	case "milestone_id":
		return textValue("xx-plan-c01-m01")
	case "status":
		return textValue("in_progress")
	case "progress_pct", "completion_pct":
		return value{kind: isNumber, n: 65.5}
	case "nothing_to_report":
		return truthValue(true)
	case "evidence_url":
		return textValue("https://example.org/a")
	case "reference_date", "planned_start_date":
		return textValue("2022-12-31")
	}
	return textValue("texte")
}

// The short cut takes exactly what the schema takes, row after row: of rows that
// lack some values and have at most one that is odd.
func TestQuickSaysWhatTheSchemaSays(t *testing.T) {
	s := realSet(t)
	odd := []value{textValue("X"), textValue("xx-plan-c01"), textValue("done"), textValue("2022-02-30"), textValue("ftp://example.org"),
		textValue("https://exa mple"), textValue("https://example.org/" + strings.Repeat("a", 2000)), textValue(strings.Repeat("é", 500)),
		textValue(strings.Repeat("é", 501)), textValue(strings.Repeat("é", 4000)), textValue(strings.Repeat("a", 4001)), truthValue(false), truthValue(true)}
	for _, n := range []float64{0, 100, -0.001, 100.004, 1e300} {
		odd = append(odd, value{kind: isNumber, n: n})
	}
	for name, keys := range map[string][]string{
		SheetProgress: {"commitment_id", "title", "progress_pct", "status", "reference_date", "narrative_ar", "narrative_es",
			"difficulties", "nothing_to_report", "evidence_url"},
		SheetMilestones: {"milestone_id", "commitment_id", "title_fr", "planned_start_date", "completion_pct", "status", "evidence_url"},
	} {
		rapid.Check(t, func(t *rapid.T) {
			sh := s.newSheet(workbook.Row{Sheet: name, Keys: keys})
			if sh.good == nil {
				t.Fatal("the real schema is not one that can be short-cut")
			}
			for range rapid.IntRange(1, 30).Draw(t, "rows") {
				values := make([]value, len(keys))
				lacks := rapid.IntRange(0, 2).Draw(t, "lacks")
				for i, key := range keys {
					if sh.columns[i].read != notRead {
						values[i] = good(key)
					}
				}
				for range lacks {
					values[rapid.IntRange(0, len(keys)-1).Draw(t, "lacking")] = value{}
				}
				if i := rapid.IntRange(0, 2*len(keys)).Draw(t, "odd"); i < len(keys) && sh.columns[i].read != notRead {
					values[i] = rapid.SampledFrom(odd).Draw(t, "value")
				}
				row := map[string]any{}
				for i, v := range values {
					if v.kind != isNothing {
						row[keys[i]] = v.json()
					}
				}
				want := sh.schema.Validate(row)
				got := sh.valid(values, func() bool { return sh.schema.Validate(row) == nil })
				if got != (want == nil) {
					t.Fatalf("%v: the short cut says %v, the schema %v", row, got, want)
				}
			}
		})
	}
}

// Of two rows that differ in a truth value alone the schema may take one.
func TestATruthValueIsPartOfTheShape(t *testing.T) {
	s := realSet(t)
	sh := s.newSheet(workbook.Row{Sheet: SheetProgress, Keys: []string{"commitment_id", "nothing_to_report"}})
	for range 2 {
		for _, nothing := range []bool{true, false} {
			got := sh.valid([]value{good("commitment_id"), truthValue(nothing)}, func() bool {
				return sh.schema.Validate(map[string]any{"commitment_id": "xx-plan-c01", "nothing_to_report": nothing}) == nil
			})
			if got != nothing {
				t.Errorf("nothing to report %v, and nothing else, is valid: %v", nothing, got)
			}
		}
	}
}

// A keyword that the short cut does not know switches it off.
func TestQuickKnowsWhatItDoesNotKnow(t *testing.T) {
	compile := func(src string) *jsonschema.Schema {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(src))
		if err != nil {
			t.Fatal(err)
		}
		c := jsonschema.NewCompiler()
		if err := c.AddResource("http://x/s.json", doc); err != nil {
			t.Fatal(err)
		}
		s, err := c.Compile("http://x/s.json")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for src, want := range map[string]bool{
		`{"type":"string","maxLength":3,"title":"x","x-codelist":"y"}`: true,
		`{"type":"number","minimum":0,"maximum":100}`:                  true,
		`{"type":"number","maximum":0.1}`:                              false, // no float equals it
		`{"type":"integer"}`:                                           false,
		`{"type":"string","not":{"const":"a"}}`:                        false,
		`{"type":"number","multipleOf":0.5}`:                           false,
		`{"enum":["a",1]}`:                                             false,
		`{"anyOf":[{"type":"string"}]}`:                                false,
		`{"const":"a"}`:                                                false,
	} {
		if _, ok := newQuick([]*jsonschema.Schema{compile(src)}); ok != want {
			t.Errorf("%s: short-cut %v", src, ok)
		}
	}
	truths := func(p string) bool { return p == "yes" }
	for src, want := range map[string]bool{
		`{"type":"object","required":["a"],"if":{"properties":{"yes":{"const":true}}},"then":true,"else":{"required":["b"]}}`: true,
		`{"type":"object","if":{"properties":{"a":{"const":"x"}}},"then":{"required":["b"]}}`:                                 false,
		`{"type":"object","minProperties":2}`:                                  false,
		`{"type":"object","dependentRequired":{"a":["b"]}}`:                    false,
		`{"type":"object","unevaluatedProperties":false}`:                      false,
		`{"type":"object","if":{"properties":{"yes":{"not":{}}}},"then":true}`: false,
		`{"type":"object","allOf":[{"required":["a"]}]}`:                       false,
	} {
		if got := byShape(compile(src), truths); got != want {
			t.Errorf("%s: by shape %v", src, got)
		}
	}
}

func TestASpellingOfTwoCodesIsRefused(t *testing.T) {
	_, err := spellings(table.CodeList{Name: "status", Codes: []table.Code{
		{Code: "a", Label: table.Labels{"fr": "Achevé"}}, {Code: "b", Aliases: []string{"ACHEVE"}}}})
	if err == nil {
		t.Error("one spelling stands for two codes")
	}
}
