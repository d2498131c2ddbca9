package parquetexport

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"iltizam/pipeline/table"
)

// batch gathers rows, already checked, by column.
type batch struct {
	builder *array.RecordBuilder
	columns []func(table.Value)
	texts   []*array.StringBuilder // of the text columns
	rows    int64
	bytes   int64 // of the values as they are held, nulls too
}

func newBatch(schema *arrow.Schema, fields []table.Field) *batch {
	b := &batch{builder: array.NewRecordBuilder(memory.NewGoAllocator(), schema)}
	for i, f := range fields {
		b.columns = append(b.columns, adder(f, b.builder.Field(i)))
		if to, ok := b.builder.Field(i).(*array.StringBuilder); ok {
			b.texts = append(b.texts, to)
		}
	}
	return b
}

// adder gives what adds a value that is not null to a column.
func adder(f table.Field, builder array.Builder) func(table.Value) {
	switch to := builder.(type) {
	case *array.Int64Builder:
		return func(v table.Value) { to.Append(v.Int64()) }
	case *array.Decimal128Builder:
		return func(v table.Value) {
			n, _ := v.Unscaled(f.Scale) // known to fit
			to.Append(decimal128.FromI64(n))
		}
	case *array.Float64Builder:
		return func(v table.Value) { to.Append(v.Float64()) }
	case *array.BooleanBuilder:
		return func(v table.Value) { to.Append(v.Int64() == 1) }
	case *array.Date32Builder:
		return func(v table.Value) { to.Append(arrow.Date32(v.Int64())) }
	case *array.TimestampBuilder:
		return func(v table.Value) { to.Append(arrow.Timestamp(v.Int64() * 1000)) }
	case *array.StringBuilder:
		return func(v table.Value) { to.Append(v.Text()) }
	}
	panic("parquetexport: no builder for a " + f.Type.String()) // arrowType names them all
}

func (b *batch) add(row table.Row) {
	for i, v := range row {
		if v.IsNull() {
			b.builder.Field(i).AppendNull()
		} else {
			b.columns[i](v)
		}
		b.bytes += 8 + int64(len(v.Text()))
	}
	b.rows++
}

func (b *batch) full() bool { return b.rows >= batchRows || b.bytes >= batchBytes }

// take gives what was gathered and starts anew; after a full batch another one
// as large is likely, and is given its room at once.
func (b *batch) take() arrow.Record {
	rows, full := int(b.rows), b.full()
	lengths := make([]int, len(b.texts))
	for i, t := range b.texts {
		lengths[i] = t.DataLen()
	}
	b.rows, b.bytes = 0, 0
	record := b.builder.NewRecord()
	if full {
		b.builder.Reserve(rows)
		for i, t := range b.texts {
			t.ReserveData(lengths[i])
		}
	}
	return record
}

func (b *batch) release() { b.builder.Release() }
