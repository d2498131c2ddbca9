// Package jsonexport renders a table as JSON, its schema as a JSON Schema.
package jsonexport

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"iltizam/output"
	"iltizam/pipeline/table"
)

// bufferSize is how much text goes to the writer at a time.
const bufferSize = 64 << 10

type exporter struct{}

// New gives the JSON exporter. The file is one object: what the release is, then
// "rows", an array with one object a line, its keys in column order and all of
// them present, null where there is no value. Dates are ISO 8601 strings.
//
// Numbers are JSON numbers in their exact canonical text, decimals of 18 digits
// too, and integers beyond 2^53: a reader that keeps numbers as binary64, as
// JavaScript's JSON.parse does, rounds those, and "x-type" in the JSON Schema
// beside the file says which columns that may touch.
func New() output.Exporter { return exporter{} }

// Format says that the files are JSON.
func (exporter) Format() output.Format {
	return output.Format{Name: "json", Extension: "json", MediaType: "application/json"}
}

// Export writes the envelope, then the rows as they come.
func (exporter) Export(ctx context.Context, w io.Writer, t *table.Table, about output.About) error {
	if err := export(ctx, w, t, about); err != nil {
		return fmt.Errorf("export table %s as json: %w", t.Name, err)
	}
	return nil
}

func export(ctx context.Context, w io.Writer, t *table.Table, about output.About) error {
	head, err := envelope(t.Name, about)
	if err != nil {
		return err
	}
	keys, err := keyTexts(t.Fields)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(output.Whole(w), bufferSize)
	if _, err := out.Write(head); err != nil {
		return err
	}
	line := make([]byte, 0, 4<<10)
	separator := "\n"
	for row, err := range output.Rows(ctx, t) {
		if err != nil {
			return err
		}
		line = append(line[:0], separator...)
		separator = ",\n"
		for i, v := range row {
			line = append(line, keys[i]...)
			line = appendValue(line, v)
		}
		line = append(line, '}')
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	if _, err := out.WriteString("\n]}\n"); err != nil {
		return err
	}
	return out.Flush()
}

// keyTexts gives what stands before each value of a row: {"first": or ,"next":
func keyTexts(fields []table.Field) ([]string, error) {
	keys := make([]string, len(fields))
	for i, f := range fields {
		text, err := appendString(nil, f.Name)
		if err != nil {
			return nil, fmt.Errorf("column name %q: %w", f.Name, err)
		}
		keys[i] = "," + string(text) + ":"
		if i == 0 {
			keys[i] = "{" + string(text) + ":"
		}
	}
	return keys, nil
}

func appendValue(b []byte, v table.Value) []byte {
	if v.IsNull() {
		return append(b, "null"...)
	}
	switch v.Type() {
	case table.String:
		return appendQuoted(b, v.Text())
	case table.Date, table.DateTime:
		b = append(b, '"')
		b = v.Append(b)
		return append(b, '"')
	default:
		return v.Append(b)
	}
}

// member is one name of the envelope with its value: a string, a table.Labels or
// a nested []member.
type member struct {
	name  string
	value any
}

// envelope gives the file's text up to the bracket that opens the rows.
func envelope(name string, about output.About) ([]byte, error) {
	b, err := appendObject(nil, []member{
		{"table", name},
		{"plan", about.Plan},
		{"title", about.Title},
		{"release", about.Release},
		{"as_of", about.AsOf},
		{"licence", []member{{"id", about.LicenceID}, {"url", about.LicenceURL}, {"title", about.LicenceTitle}}},
		{"source", about.SourceURL},
		{"publisher", about.Publisher},
		{"citation", about.Citation},
		{"schema", name + "." + schemaExtension},
	})
	if err != nil {
		return nil, err
	}
	return append(b[:len(b)-1], `,"rows":[`...), nil
}
