package jsonexport_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"iltizam/output/jsonexport"
	"iltizam/output/outputtest"
	"iltizam/pipeline/table"
)

func TestContract(t *testing.T) { outputtest.Run(t, jsonexport.New(), outputtest.ReadJSON) }

func TestSchemaContract(t *testing.T) { outputtest.Run(t, jsonexport.NewSchema(), nil) }

func TestRoundTripOfAnyTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		outputtest.RoundTrip(t, jsonexport.New(), outputtest.ReadJSON, outputtest.Random().Draw(t, "table"))
	})
}

func TestText(t *testing.T) {
	s := table.Schema{Name: "t", Fields: []table.Field{
		{Name: "a"}, {Name: "n", Type: table.Integer}, {Name: "d", Type: table.Decimal, Precision: 18, Scale: 10}, {Name: "day", Type: table.Date}, {Name: "b", Type: table.Boolean},
	}}
	tab := table.Of(s, []table.Row{
		{table.Str("<a & \"b\">\n\x01\u2028"), table.Int(1<<53 + 1), table.Dec(8281818181, 8), table.Day(0), table.Bool(true)},
		{table.Null(), table.Null(), table.Null(), table.Null(), table.Null()},
	})
	out := string(outputtest.Export(t, jsonexport.New(), tab))
	head, rows, ok := strings.Cut(out, `"rows":`)
	if !ok || strings.Contains(head, "\n") {
		t.Fatalf("the envelope is not on one line: %q", head)
	}
	want := "[\n{\"a\":\"<a & \\\"b\\\">\\n\\u0001\u2028\",\"n\":9007199254740993,\"d\":82.81818181,\"day\":\"1970-01-01\",\"b\":true},\n" +
		"{\"a\":null,\"n\":null,\"d\":null,\"day\":null,\"b\":null}\n]}\n"
	if rows != want {
		t.Errorf("got  %q\nwant %q", rows, want)
	}
}

func TestEnvelope(t *testing.T) {
	d := json.NewDecoder(bytes.NewReader(outputtest.Export(t, jsonexport.New(), outputtest.Small())))
	var order []string
	_, _ = d.Token()
	for d.More() {
		key, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			t.Fatal(err)
		}
		order = append(order, key.(string))
	}
	want := []string{"table", "plan", "title", "release", "as_of", "licence", "source", "publisher", "citation", "schema", "rows"}
	if !reflect.DeepEqual(order, want) {
		t.Errorf("the members are %v, not %v", order, want)
	}
	var file struct {
		Table, Plan, Release, Source, Schema string
		AsOf                                 string `json:"as_of"`
		Title, Publisher, Citation           table.Labels
		Licence                              struct{ ID, URL, Title string }
	}
	if err := json.Unmarshal(outputtest.Export(t, jsonexport.New(), outputtest.Small()), &file); err != nil {
		t.Fatal(err)
	}
	about := outputtest.About()
	for name, pair := range map[string][2]any{
		"table": {file.Table, "sample"}, "plan": {file.Plan, about.Plan}, "title": {file.Title, about.Title},
		"release": {file.Release, about.Release}, "as_of": {file.AsOf, about.AsOf}, "source": {file.Source, about.SourceURL},
		"licence.id": {file.Licence.ID, about.LicenceID}, "licence.url": {file.Licence.URL, about.LicenceURL}, "licence.title": {file.Licence.Title, about.LicenceTitle},
		"publisher": {file.Publisher, about.Publisher}, "citation": {file.Citation, about.Citation}, "schema": {file.Schema, "sample.schema.json"},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s is %q, not %q", name, pair[0], pair[1])
		}
	}
}

func TestEnvelopeOfBadTextIsRefused(t *testing.T) {
	about := outputtest.About()
	about.Citation = table.Labels{"en": "a\xff"}
	err := jsonexport.New().Export(context.Background(), io.Discard, outputtest.Small(), about)
	if err == nil || !strings.Contains(err.Error(), "citation: en: is not valid UTF-8") {
		t.Errorf("got %v", err)
	}
}

func BenchmarkExport(b *testing.B) { outputtest.Bench(b, jsonexport.New(), outputtest.Large(100_000)) }
