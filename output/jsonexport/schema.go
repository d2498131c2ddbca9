package jsonexport

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"iltizam/output"
	"iltizam/pipeline/table"
)

const schemaExtension = "schema.json"

type schemaExporter struct{}

// NewSchema gives the exporter of the JSON Schema (2020-12) of the files that
// New writes. It reads the table's schema only, never its rows. The annotations
// that JSON Schema has no word for start with "x-". Columns may be added in a
// later release, so a file with more of them is still valid.
func NewSchema() output.Exporter { return schemaExporter{} }

// Format says that the files are JSON Schemas.
func (schemaExporter) Format() output.Format {
	return output.Format{Name: "json-schema", Extension: schemaExtension, MediaType: "application/schema+json"}
}

// Export writes the schema of the table's JSON file.
func (schemaExporter) Export(ctx context.Context, w io.Writer, t *table.Table, about output.About) error {
	err := ctx.Err()
	if err == nil {
		err = output.CheckSchema(&t.Schema)
	}
	var b []byte
	if err == nil {
		b, err = appendObject(nil, fileSchema(t.Schema, about))
	}
	if err == nil {
		_, err = output.Whole(w).Write(append(b, '\n'))
	}
	if err != nil {
		return fmt.Errorf("export schema of table %s as json-schema: %w", t.Name, err)
	}
	return nil
}

func fileSchema(s table.Schema, about output.About) []member {
	text := []member{{"type", "string"}}
	labels := []member{{"type", "object"}, {"additionalProperties", text}}
	envelope := []member{
		{"table", []member{{"const", s.Name}}},
		{"plan", []member{{"const", about.Plan}}},
		{"title", labels},
		{"release", text},
		{"as_of", text},
		{"licence", []member{
			{"type", "object"},
			{"properties", []member{{"id", text}, {"url", text}, {"title", text}}},
			{"required", []string{"id", "url", "title"}},
		}},
		{"source", text},
		{"publisher", labels},
		{"citation", labels},
		{"schema", []member{{"const", s.Name + "." + schemaExtension}}},
		{"rows", []member{{"type", "array"}, {"items", rowSchema(s)}}},
	}
	return slices.Concat(
		[]member{{"$schema", "https://json-schema.org/draft/2020-12/schema"}},
		words(s.Title, s.Description),
		[]member{
			{"type", "object"},
			{"properties", envelope},
			{"required", names(envelope)},
		})
}

// rowSchema is of one row: every key is always there, null where there is no value.
func rowSchema(s table.Schema) []member {
	columns := make([]member, len(s.Fields))
	for i, f := range s.Fields {
		columns[i] = member{f.Name, columnSchema(f)}
	}
	out := []member{{"type", "object"}, {"properties", columns}, {"required", names(columns)}}
	if len(s.Key) > 0 {
		out = append(out, member{"x-key", s.Key})
	}
	return out
}

func columnSchema(f table.Field) []member {
	jsonType, format := "string", ""
	switch f.Type {
	case table.Integer:
		jsonType = "integer"
	case table.Decimal, table.Double:
		jsonType = "number"
	case table.Boolean:
		jsonType = "boolean"
	case table.Date:
		format = "date"
	case table.DateTime:
		format = "date-time"
	}
	var out []member
	if f.Required {
		out = append(out, member{"type", jsonType})
	} else {
		out = append(out, member{"type", []string{jsonType, "null"}})
	}
	if format != "" {
		out = append(out, member{"format", format})
	}
	out = append(out, words(f.Title, f.Description)...)
	xType := f.Type.String()
	if f.Type == table.Decimal {
		xType = fmt.Sprintf("decimal(%d,%d)", f.Precision, f.Scale)
	}
	out = append(out, member{"x-type", xType}, member{"x-required", f.Required})
	for _, m := range []member{
		{"x-codelist", f.CodeList},
		{"x-references", f.References},
		{"x-ogp-term", f.OGPTerm},
		{"x-ogp-source", f.OGPSource},
		{"x-ogp-basis", f.OGPBasis},
	} {
		if m.value != "" {
			out = append(out, m)
		}
	}
	return out
}

// words gives the annotations of a title and a description: the plain keyword
// in one language, since it holds only one text, and all languages beside it.
func words(title, description table.Labels) []member {
	var out []member
	for _, w := range []struct {
		keyword string
		labels  table.Labels
	}{{"title", title}, {"description", description}} {
		if len(w.labels) > 0 {
			out = append(out, member{w.keyword, english(w.labels)}, member{"x-" + w.keyword, w.labels})
		}
	}
	return out
}

// english gives the English text, or else that of the first tag there is.
func english(labels table.Labels) string {
	if text, ok := labels["en"]; ok {
		return text
	}
	return labels[slices.Min(slices.Collect(maps.Keys(labels)))]
}

func names(members []member) []string {
	out := make([]string, len(members))
	for i, m := range members {
		out[i] = m.name
	}
	return out
}
