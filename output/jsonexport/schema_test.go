package jsonexport_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"iltizam/output/jsonexport"
	"iltizam/output/outputtest"
	"iltizam/pipeline/table"
)

func compile(t *testing.T, tab *table.Table) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(outputtest.Export(t, jsonexport.NewSchema(), tab)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("file.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("file.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, file string) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

func TestFilesAreValid(t *testing.T) {
	for name, tab := range map[string]*table.Table{
		"sample": outputtest.Sample(), "empty": outputtest.Empty(), "large": outputtest.Large(1000),
	} {
		if err := validate(t, compile(t, tab), string(outputtest.Export(t, jsonexport.New(), tab))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A schema that lets everything pass would hold for the files too.
func TestSchemaRefuses(t *testing.T) {
	tab := outputtest.Small()
	s, good := compile(t, tab), string(outputtest.Export(t, jsonexport.New(), tab))
	for what, change := range map[string][2]string{
		"another table":         {`"table":"sample"`, `"table":"other"`},
		"another plan":          {`"plan":"xx-plan-2021"`, `"plan":"other"`},
		"no release":            {`"release":`, `"x":`},
		"no licence id":         {`"licence":{"id":`, `"licence":{"x":`},
		"a text as number":      {`"id":"row-0"`, `"id":7`},
		"a null that may not":   {`"id":"row-0"`, `"id":null`},
		"a missing column":      {`"day":`, `"x":`},
		"an integer with parts": {`"count":0`, `"count":0.5`},
		"a decimal as text":     {`"value":0`, `"value":"0"`},
		"no such day":           {`"day":"1970-01-01"`, `"day":"1970-02-30"`},
		"no instant":            {`"moment":"2024-02-29T23:59:59Z"`, `"moment":"2024-02-29"`},
		"a flag as number":      {`"flag":true`, `"flag":1`},
		"rows that are none":    {`"rows":[`, `"rows":[[],`},
	} {
		if !strings.Contains(good, change[0]) {
			t.Errorf("%s: the file has no %s to change", what, change[0])
		} else if validate(t, s, strings.Replace(good, change[0], change[1], 1)) == nil {
			t.Errorf("%s: %s is taken", what, change[1])
		}
	}
}

func TestSchemaSaysWhatTheColumnsAre(t *testing.T) {
	var doc struct {
		Title      string       `json:"title"`
		Titles     table.Labels `json:"x-title"`
		Properties struct {
			Rows struct {
				Items struct {
					Key        []string                  `json:"x-key"`
					Required   []string                  `json:"required"`
					Properties map[string]map[string]any `json:"properties"`
				} `json:"items"`
			} `json:"rows"`
		} `json:"properties"`
	}
	tab := outputtest.Small()
	if err := json.Unmarshal(outputtest.Export(t, jsonexport.NewSchema(), tab), &doc); err != nil {
		t.Fatal(err)
	}
	items := doc.Properties.Rows.Items
	if doc.Title != "Sample" || doc.Titles["ar"] != "عمود Sample" {
		t.Errorf("the title is %q, in Arabic %q", doc.Title, doc.Titles["ar"])
	}
	if strings.Join(items.Key, " ") != "id part" || len(items.Required) != len(tab.Fields) {
		t.Errorf("the key is %v, required are %v", items.Key, items.Required)
	}
	for column, want := range map[string]string{
		"id":     `{"description":"Part of the key","title":"Id","type":"string","x-description":{"ar":"عمود Part of the key","en":"Part of the key","fr":"Part of the key (fr)"},"x-required":true,"x-title":{"ar":"عمود Id","en":"Id","fr":"Id (fr)"},"x-type":"string"}`,
		"code":   `{"type":["string","null"],"x-codelist":"status","x-required":false,"x-type":"string"}`,
		"parent": `{"type":["string","null"],"x-references":"sample.id","x-required":false,"x-type":"string"}`,
		"value":  `{"type":["number","null"],"x-required":false,"x-type":"decimal(18,10)"}`,
		"day":    `{"format":"date","type":["string","null"],"x-required":false,"x-type":"date"}`,
		"moment": `{"format":"date-time","type":["string","null"],"x-required":false,"x-type":"datetime"}`,
		"text":   `{"title":"Text","type":["string","null"],"x-ogp-basis":"sourced","x-ogp-source":"template","x-ogp-term":"Description","x-required":false,"x-title":{"ar":"عمود Text","en":"Text","fr":"Text (fr)"},"x-type":"string"}`,
	} {
		got, err := json.Marshal(items.Properties[column])
		if err != nil || string(got) != want {
			t.Errorf("column %s is\n%s, not\n%s", column, got, want)
		}
	}
}
