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

// The short cut takes exactly what the schema takes, row after row.
func TestQuickSaysWhatTheSchemaSays(t *testing.T) {
	s := realSet(t)
	keys := map[string][]string{
		SheetProgress: {"commitment_id", "title", "progress_pct", "status", "reference_date", "narrative_ar", "narrative_es",
			"difficulties", "nothing_to_report", "evidence_url"},
		SheetMilestones: {"milestone_id", "commitment_id", "title_fr", "planned_start_date", "completion_pct", "status", "evidence_url"},
	}
	texts := rapid.SampledFrom([]string{"", "xx-plan-c01", "xx-plan-c01-m01", "X", "in_progress", "completed", "done", "2022-12-31",
		"2022-02-30", "https://example.org/a", "ftp://example.org", "https://exa mple", "texte", strings.Repeat("é", 500),
		strings.Repeat("é", 501), strings.Repeat("é", 4000), strings.Repeat("a", 4001)})
	numbers := rapid.OneOf(rapid.SampledFrom([]float64{0, 100, -0.001, 100.004, 65.5, 1e300}), rapid.Float64Range(-10, 110))
	for name, keys := range keys {
		rapid.Check(t, func(t *rapid.T) {
			sh := s.newSheet(workbook.Row{Sheet: name, Keys: keys})
			if sh.good == nil {
				t.Fatal("the real schema is not one that can be short-cut")
			}
			for range rapid.IntRange(1, 12).Draw(t, "rows") {
				values := make([]value, len(keys))
				row := map[string]any{}
				for i := range values {
					if sh.columns[i].read == notRead || !rapid.Bool().Draw(t, "has") {
						continue
					}
					switch rapid.IntRange(0, 6).Draw(t, "kind") {
					case 0:
						values[i] = value{kind: isNumber, n: numbers.Draw(t, "number")}
					case 1:
						values[i] = truthValue(rapid.Bool().Draw(t, "truth"))
					default:
						values[i] = textValue(texts.Draw(t, "text"))
						if sh.columns[i].read == asPercent {
							values[i] = value{kind: isNumber, n: numbers.Draw(t, "number")}
						}
					}
					if values[i].kind != isNothing {
						row[keys[i]] = values[i].json()
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
