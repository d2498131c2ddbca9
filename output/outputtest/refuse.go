package outputtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"iltizam/output"
	"iltizam/pipeline/table"
)

// errFull is what a failing writer says.
var errFull = errors.New("no space left")

// limited takes left bytes, then fails: with an error, or, where short is set,
// by taking less than it was given and saying nothing.
type limited struct {
	left  int
	short bool
}

// Write takes what it can.
func (l *limited) Write(b []byte) (int, error) {
	if len(b) <= l.left {
		l.left -= len(b)
		return len(b), nil
	}
	n := l.left
	l.left = 0
	if l.short {
		return n, nil
	}
	return n, errFull
}

// failingWriter lets the writer fail at forty places of a small file, at
// some of an empty one, at some of one that is flushed several times.
func failingWriter(t *testing.T, e output.Exporter) {
	for _, c := range []struct {
		tab    *table.Table
		points int
	}{{Small(), 40}, {Empty(), 10}, {Sample(), 5}} {
		tab, size := c.tab, len(Export(t, e, c.tab))
		step := max(1, size/c.points)
		for at := 0; at < size; at += step {
			for _, short := range []bool{false, true} {
				want := errFull
				if short {
					want = io.ErrShortWrite
				}
				err := e.Export(context.Background(), &limited{left: at, short: short}, tab, About())
				if !errors.Is(err, want) {
					t.Fatalf("the writer failed at byte %d of %d: got %v, not %v", at, size, err, want)
				}
			}
		}
		if err := e.Export(context.Background(), &limited{left: size - 1}, tab, About()); !errors.Is(err, errFull) {
			t.Fatalf("the writer failed at the last of %d bytes: got %v", size, err)
		}
	}
}

func mustRefuse(t *testing.T, e output.Exporter, tab *table.Table, words string) {
	t.Helper()
	err := e.Export(context.Background(), &bytes.Buffer{}, tab, About())
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("got %v, not an error that says %q", err, words)
		return
	}
	if !strings.Contains(err.Error(), tab.Name) || !strings.Contains(err.Error(), e.Format().Name) {
		t.Errorf("the error %q names the table or the format nowhere", err)
	}
}

func refusedSchemas(t *testing.T, e output.Exporter) {
	for words, fields := range map[string][]table.Field{
		"has no columns":    nil,
		"comes twice":       {{Name: "a"}, {Name: "a"}},
		"is not a name":     {{Name: "a"}, {Name: ""}},
		"key column":        {{Name: "not_the_key"}},
		"decimal(19,2)":     {{Name: "a", Type: table.Decimal, Precision: 19, Scale: 2}},
		"decimal(2,3)":      {{Name: "a", Type: table.Decimal, Precision: 2, Scale: 3}},
		"type 7 is unknown": {{Name: "a", Type: table.DateTime + 1}},
	} {
		mustRefuse(t, e, table.Of(table.Schema{Name: "refused", Fields: fields, Key: []string{"a"}}, nil), words)
	}
}

func refusedRows(t *testing.T, e output.Exporter) {
	for _, c := range []struct {
		words string
		field table.Field
		value table.Value
	}{
		{"is null but required", table.Field{Required: true}, table.Null()},
		{"holds the type integer, not string", table.Field{}, table.Int(1)},
		{"is not valid UTF-8", table.Field{}, table.Str("\xff")},
		{"holds the character U+0000", table.Field{}, table.Str("a\x00b")},
		{" does not fit decimal(5,1)", table.Field{Type: table.Decimal, Precision: 5, Scale: 1}, table.Dec(12, 2)},
		{" does not fit decimal(5,1)", table.Field{Type: table.Decimal, Precision: 5, Scale: 1}, table.Dec(10000, 0)},
		{"is not a finite number", table.Field{Type: table.Double}, table.Dbl(math.NaN())},
		{"is not a finite number", table.Field{Type: table.Double}, table.Dbl(math.Inf(-1))},
		{"outside the years", table.Field{Type: table.Date}, table.Day(2932897)},
		{"outside the years", table.Field{Type: table.Date}, table.Day(-719163)},
		{"outside the years", table.Field{Type: table.DateTime}, table.Instant(253402300800)},
		{"outside the years", table.Field{Type: table.DateTime}, table.Instant(-62135596801)},
	} {
		c.field.Name = "a"
		s := table.Schema{Name: "refused", Fields: []table.Field{{Name: "n", Type: table.Integer}, c.field}}
		mustRefuse(t, e, table.Of(s, []table.Row{{table.Int(1), c.value}}), c.words)
		mustRefuse(t, e, table.Of(s, []table.Row{{table.Int(1)}}), "row 1: has 1 values for 2 columns")
	}
}
