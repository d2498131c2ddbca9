package outputtest

import (
	"context"
	"testing"

	"iltizam/output"
	"iltizam/pipeline/table"
)

// Bench measures an exporter: bytes of the file, rows, allocations. The cost of
// making the rows, which is not the exporter's, is kept out.
func Bench(b *testing.B, e output.Exporter, tab *table.Table) {
	held := hold(tab)
	var size counter
	if err := e.Export(context.Background(), &size, held, About()); err != nil {
		b.Fatal(err)
	}
	rows := 0
	for range held.Rows {
		rows++
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		var n counter
		if err := e.Export(context.Background(), &n, held, About()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(size)/float64(rows), "bytes/row")
}

func hold(tab *table.Table) *table.Table {
	var rows []table.Row
	for row := range tab.Rows {
		rows = append(rows, append(table.Row(nil), row...))
	}
	return table.Of(tab.Schema, rows)
}

type counter int64

// Write counts the bytes.
func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
