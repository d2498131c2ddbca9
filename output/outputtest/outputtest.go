// Package outputtest says what every exporter must do, as a test to run on it.
package outputtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"iltizam/output"
	"iltizam/pipeline/table"
)

// Read turns an exported file back into rows.
type Read func([]byte, table.Schema) ([]table.Row, error)

// Run tests the contract of an exporter. Where read is nil, the file is not of
// rows, as a schema's is, and what speaks of rows is left out. Run changes
// GOMAXPROCS for a moment, so it must not run beside parallel tests.
func Run(t *testing.T, e output.Exporter, read Read) {
	t.Helper()
	t.Run("format", func(t *testing.T) {
		f := e.Format()
		if f.Name == "" || f.Extension == "" || strings.HasPrefix(f.Extension, ".") || !strings.Contains(f.MediaType, "/") {
			t.Errorf("the format %+v does not say what the file is", f)
		}
	})
	t.Run("same bytes", func(t *testing.T) { sameBytes(t, e) })
	t.Run("cancelled", func(t *testing.T) { cancelled(t, e, read != nil) })
	t.Run("failing writer", func(t *testing.T) { failingWriter(t, e) })
	t.Run("refused schemas", func(t *testing.T) { refusedSchemas(t, e) })
	if read == nil {
		return
	}
	t.Run("refused rows", func(t *testing.T) { refusedRows(t, e) })
	for name, table := range map[string]*table.Table{
		"sample": Sample(), "small": Small(), "empty": Empty(), "large": Large(10_000),
	} {
		t.Run("round trip of "+name, func(t *testing.T) { RoundTrip(t, e, read, table) })
	}
}

// Empty is a table without rows.
func Empty() *table.Table { return table.Of(SampleSchema(), nil) }

// TB is what the helpers need of a test; rapid's tests have it too.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Export gives the file's bytes and fails the test where there are none.
func Export(t TB, e output.Exporter, tab *table.Table) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := e.Export(context.Background(), &b, tab, About()); err != nil {
		t.Fatalf("%v", err)
	}
	return b.Bytes()
}

// RoundTrip exports the table, reads it back, compares each cell.
func RoundTrip(t TB, e output.Exporter, read Read, tab *table.Table) {
	t.Helper()
	got, err := read(Export(t, e, tab), tab.Schema)
	if err != nil {
		t.Fatalf("read back: %v", err)
	}
	Equal(t, tab, got)
}

// Equal fails the test at the first cell that is not the table's.
func Equal(t TB, want *table.Table, got []table.Row) {
	t.Helper()
	n := 0
	for row := range want.Rows {
		if n >= len(got) {
			t.Fatalf("%d rows came back, the table has more", len(got))
		}
		if len(got[n]) != len(row) {
			t.Fatalf("row %d came back with %d cells, not %d", n+1, len(got[n]), len(row))
		}
		for i, v := range row {
			if !same(v, got[n][i]) {
				t.Fatalf("row %d, column %s: %s came back as %s", n+1, want.Fields[i].Name, show(v), show(got[n][i]))
			}
		}
		n++
	}
	if n != len(got) {
		t.Fatalf("%d rows came back, the table has %d", len(got), n)
	}
}

func same(a, b table.Value) bool {
	if a.IsNull() || b.IsNull() {
		return a.IsNull() && b.IsNull()
	}
	return a.Type() == b.Type() && a.String() == b.String()
}

func show(v table.Value) string {
	if v.IsNull() {
		return "null"
	}
	return fmt.Sprintf("%s %.60q", v.Type(), v)
}

func sameBytes(t *testing.T, e output.Exporter) {
	for name, tab := range map[string]*table.Table{"sample": Sample(), "large": Large(10_000)} {
		want := Export(t, e, tab)
		for _, procs := range []int{1, 4} {
			before := runtime.GOMAXPROCS(procs)
			files := make([][]byte, 2*procs)
			var wait sync.WaitGroup
			for i := range files {
				wait.Go(func() {
					var b bytes.Buffer
					if err := e.Export(context.Background(), &b, tab, About()); err != nil {
						t.Error(err)
					}
					files[i] = b.Bytes()
				})
			}
			wait.Wait()
			runtime.GOMAXPROCS(before)
			for _, got := range files {
				if !bytes.Equal(want, got) {
					t.Fatalf("%s: the same table gave other bytes with %d processors", name, procs)
				}
			}
		}
	}
}

func cancelled(t *testing.T, e output.Exporter, rows bool) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := e.Export(ctx, &bytes.Buffer{}, Small(), About()); !errors.Is(err, context.Canceled) {
		t.Errorf("a context done before: %v, not context.Canceled", err)
	}
	if !rows {
		return
	}
	ctx, cancel = context.WithCancel(context.Background())
	defer cancel()
	large, walked := Large(100_000), 0
	all := large.Rows
	large.Rows = func(yield func(table.Row) bool) {
		for row := range all {
			if walked++; walked == 5000 {
				cancel()
			}
			if !yield(row) {
				return
			}
		}
	}
	err := e.Export(ctx, &bytes.Buffer{}, large, About())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a context done in the midst: %v, not context.Canceled", err)
	}
	if walked > 10_000 {
		t.Errorf("a context done at row 5000 was seen at row %d", walked)
	}
}
