package output

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"strings"
	"unicode/utf8"

	"iltizam/pipeline/table"
)

// The days, counted from 1970-01-01, that a four-digit year can write.
const (
	firstDay = -719162 // 0001-01-01
	lastDay  = 2932896 // 9999-12-31
	daySecs  = 86400
)

// checkEvery is how many rows go by between two looks at the context.
const checkEvery = 256

// Rows yields the rows of a table for an exporter, each cell judged first, so
// that every format refuses the same tables: a row of the wrong width, a value
// of another type than its column's, a null in a required column, a decimal
// that its column would round, a number that is not finite, a year without four
// digits, text that is not UTF-8 or that holds U+0000, which PostgreSQL, XML
// and most readers written in C refuse or cut. It ends with an error where the
// schema cannot be published or the context is done.
func Rows(ctx context.Context, t *table.Table) iter.Seq2[table.Row, error] {
	return func(yield func(table.Row, error) bool) {
		if err := CheckSchema(&t.Schema); err != nil {
			yield(nil, err)
			return
		}
		n := 0
		for row := range t.Rows {
			if n%checkEvery == 0 && ctx.Err() != nil {
				break
			}
			n++
			if err := checkRow(t.Fields, row); err != nil {
				yield(nil, fmt.Errorf("row %d: %w", n, err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(nil, err)
		}
	}
}

// CheckSchema says why a schema cannot be published: no columns, a column name
// that is empty or comes twice, a decimal that no format carries exactly, a key
// that is not a column.
func CheckSchema(s *table.Schema) error {
	if len(s.Fields) == 0 {
		return errors.New("the table has no columns")
	}
	seen := make(map[string]bool, len(s.Fields))
	for _, f := range s.Fields {
		switch {
		case f.Name == "" || badText(f.Name) != "":
			return fmt.Errorf("column name %q is not a name", f.Name)
		case seen[f.Name]:
			return fmt.Errorf("column %s comes twice", f.Name)
		case f.Type < table.String || f.Type > table.DateTime:
			return fmt.Errorf("column %s: type %d is unknown", f.Name, int(f.Type))
		case f.Type == table.Decimal && (f.Precision < 1 || f.Precision > 18 || f.Scale < 0 || f.Scale > f.Precision):
			return fmt.Errorf("column %s: decimal(%d,%d) is not between decimal(1,0) and decimal(18,18)", f.Name, f.Precision, f.Scale)
		}
		seen[f.Name] = true
	}
	for _, k := range s.Key {
		if !seen[k] {
			return fmt.Errorf("key column %s is not a column", k)
		}
	}
	return nil
}

func checkRow(fields []table.Field, row table.Row) error {
	if len(row) != len(fields) {
		return fmt.Errorf("has %d values for %d columns", len(row), len(fields))
	}
	for i := range row {
		if why := checkCell(&fields[i], row[i]); why != "" {
			return fmt.Errorf("column %s: %s", fields[i].Name, why)
		}
	}
	return nil
}

// checkCell says why a cell cannot stand in its column, "" where it can.
func checkCell(f *table.Field, v table.Value) string {
	if v.IsNull() {
		if f.Required {
			return "is null but required"
		}
		return ""
	}
	if v.Type() != f.Type {
		return fmt.Sprintf("holds the type %s, not %s", v.Type(), f.Type)
	}
	switch f.Type {
	case table.String:
		return badText(v.Text())
	case table.Decimal:
		if n, ok := v.Unscaled(f.Scale); !ok || !fits(n, f.Precision) {
			return fmt.Sprintf("%s does not fit decimal(%d,%d)", v, f.Precision, f.Scale)
		}
	case table.Double:
		if x := v.Float64(); math.IsNaN(x) || math.IsInf(x, 0) {
			return "is not a finite number"
		}
	case table.Date:
		if d := v.Int64(); d < firstDay || d > lastDay {
			return "is a date outside the years 0001 to 9999"
		}
	case table.DateTime:
		if s := v.Int64(); s < firstDay*daySecs || s >= (lastDay+1)*daySecs {
			return "is an instant outside the years 0001 to 9999"
		}
	}
	return ""
}

func fits(n int64, precision int) bool {
	limit := int64(1)
	for range precision {
		limit *= 10
	}
	return -limit < n && n < limit
}

func badText(s string) string {
	if plainASCII(s) {
		return ""
	}
	if !utf8.ValidString(s) {
		return "is not valid UTF-8"
	}
	if strings.IndexByte(s, 0) >= 0 {
		return "holds the character U+0000"
	}
	return ""
}

// plainASCII may say no of such text too, but never yes of other: most cells of
// a large table are codes and digests, which eight bytes at a time tell.
func plainASCII(s string) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; len(s) >= 8; s = s[8:] {
		x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		if (x|(x-ones))&high != 0 { // a byte of 0x80 or more, or a borrow from a zero
			return false
		}
	}
	for i := range len(s) {
		if s[i]-1 >= 0x7f {
			return false
		}
	}
	return true
}
