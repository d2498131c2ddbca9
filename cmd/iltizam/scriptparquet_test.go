package main

import (
	"context"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
	"github.com/rogpeppe/go-internal/testscript"
)

// parquetRecords reads a Parquet table as records reads a CSV one: an empty cell
// is "", a number has no zeros at its end.
func parquetRecords(ts *testscript.TestScript, file string) (columns []string, rows []map[string]string) {
	t, err := pqarrow.ReadTable(context.Background(), strings.NewReader(ts.ReadFile(file)), parquet.NewReaderProperties(nil),
		pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	ts.Check(err)
	defer t.Release()
	rows = make([]map[string]string, t.NumRows())
	for i := range rows {
		rows[i] = map[string]string{}
	}
	for i := range int(t.NumCols()) {
		c := t.Column(i)
		columns = append(columns, c.Name())
		n := 0
		for _, chunk := range c.Data().Chunks() {
			for j := range chunk.Len() {
				text := ""
				if !chunk.IsNull(j) {
					text = chunk.ValueStr(j)
				}
				if chunk.DataType().ID() == arrow.DECIMAL128 && strings.Contains(text, ".") {
					text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
				}
				rows[n][c.Name()] = text
				n++
			}
		}
	}
	return columns, rows
}
