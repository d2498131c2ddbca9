package outputtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"iltizam/pipeline/table"
)

// ReadCSV reads a CSV file as strictly as this project writes it: UTF-8 without
// a byte order mark, CR LF after each record, the header of the schema, quotes
// only around whole fields. An empty field is null, a quoted empty one is "".
func ReadCSV(b []byte, s table.Schema) ([]table.Row, error) {
	if !utf8.Valid(b) || bytes.HasPrefix(b, []byte("\ufeff")) {
		return nil, errors.New("read csv: not UTF-8 without a byte order mark")
	}
	var rows []table.Row
	for n, rest := 0, string(b); rest != "" || n == 0; n++ {
		row := make(table.Row, len(s.Fields))
		for i, f := range s.Fields {
			text, quoted, after, err := csvField(rest)
			if err != nil {
				return nil, fmt.Errorf("read csv: record %d, field %d: %w", n, i+1, err)
			}
			end := ","
			if i == len(s.Fields)-1 {
				end = "\r\n"
			}
			if !strings.HasPrefix(after, end) {
				return nil, fmt.Errorf("read csv: record %d, field %d: is not followed by %q", n, i+1, end)
			}
			rest = after[len(end):]
			switch {
			case n == 0 && text != f.Name:
				return nil, fmt.Errorf("read csv: header %d is %q, not %q", i+1, text, f.Name)
			case n > 0 && (text != "" || quoted):
				if row[i], err = Parse(f, text); err != nil {
					return nil, fmt.Errorf("read csv: record %d: %w", n, err)
				}
			}
		}
		if n > 0 {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

func csvField(s string) (text string, quoted bool, rest string, err error) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, ",\r\n\"")
		if end < 0 {
			return "", false, "", errors.New("the file ends inside it")
		}
		return s[:end], false, s[end:], nil
	}
	var out strings.Builder
	for s = s[1:]; ; {
		end := strings.IndexByte(s, '"')
		if end < 0 {
			return "", true, "", errors.New("its quote is not closed")
		}
		out.WriteString(s[:end])
		if s = s[end+1:]; !strings.HasPrefix(s, `"`) {
			return out.String(), true, s, nil
		}
		out.WriteByte('"')
		s = s[1:]
	}
}

// ReadJSON reads the rows of a JSON file: keys in column order, no other and
// none left out, numbers by their text.
func ReadJSON(b []byte, s table.Schema) ([]table.Row, error) {
	var file struct {
		Rows []json.RawMessage `json:"rows"`
	}
	if err := json.Unmarshal(b, &file); err != nil {
		return nil, fmt.Errorf("read json: %w", err)
	}
	var rows []table.Row
	for n, raw := range file.Rows {
		row, err := jsonRow(raw, s)
		if err != nil {
			return nil, fmt.Errorf("read json: row %d: %w", n+1, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func jsonRow(raw []byte, s table.Schema) (table.Row, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, fmt.Errorf("opens with %v, %w", open, errors.Join(err))
	}
	row := make(table.Row, len(s.Fields))
	for i, f := range s.Fields {
		key, err := d.Token()
		if err != nil || key != f.Name {
			return nil, fmt.Errorf("key %d is %v, not %s", i+1, key, f.Name)
		}
		token, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("value of %s: %w", f.Name, err)
		}
		if row[i], err = fromJSON(f, token); err != nil {
			return nil, err
		}
	}
	if end, err := d.Token(); err != nil || end != json.Delim('}') {
		return nil, fmt.Errorf("ends with %v, not }", end)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("has something after it")
	}
	return row, nil
}

func fromJSON(f table.Field, token json.Token) (table.Value, error) {
	number := f.Type == table.Integer || f.Type == table.Decimal || f.Type == table.Double
	switch v := token.(type) {
	case nil:
		return table.Null(), nil
	case json.Number:
		if number {
			return Parse(f, v.String())
		}
	case bool:
		if f.Type == table.Boolean {
			return table.Bool(v), nil
		}
	case string:
		if !number && f.Type != table.Boolean {
			return Parse(f, v)
		}
	}
	return table.Null(), fmt.Errorf("column %s: %v is not the JSON of a %s", f.Name, token, f.Type)
}

// Parse reads the canonical text of a value, and refuses any other text of it.
func Parse(f table.Field, text string) (table.Value, error) {
	v, err := parse(f, text)
	if err != nil {
		return v, fmt.Errorf("column %s: %q is not a %s: %w", f.Name, text, f.Type, err)
	}
	if v.IsNull() || v.String() != text {
		return v, fmt.Errorf("column %s: %q is not the canonical text of a %s", f.Name, text, f.Type)
	}
	return v, nil
}

func parse(f table.Field, text string) (table.Value, error) {
	switch f.Type {
	case table.Integer:
		n, err := strconv.ParseInt(text, 10, 64)
		return table.Int(n), err
	case table.Decimal:
		whole, fraction, _ := strings.Cut(text, ".")
		n, err := strconv.ParseInt(whole+fraction, 10, 64)
		return table.Dec(n, len(fraction)), err
	case table.Double:
		x, err := strconv.ParseFloat(text, 64)
		return table.Dbl(x), err
	case table.Boolean:
		b, err := strconv.ParseBool(text)
		return table.Bool(b), err
	case table.Date:
		return table.ISODate(text), nil
	case table.DateTime:
		return table.ISOInstant(text), nil
	default:
		return table.Str(text), nil
	}
}
