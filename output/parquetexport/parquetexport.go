// Package parquetexport renders a table as an Apache Parquet file.
package parquetexport

import (
	"context"
	"fmt"
	"io"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"iltizam/output"
	"iltizam/pipeline/table"
)

const (
	groupRows  = 122_880                     // rows of a row group, the size that analytic engines like
	groupBytes = 64 << 20                    // of raw values: closes a group of long texts early, to bound memory
	batchRows  = 4096                        // rows handed to the Parquet writer at a time
	batchBytes = 4 << 20                     // of raw values: the same bound for a batch
	smallLevel = 1                           // zstd, of tables that end within a batch
	largeLevel = 3                           // zstd, of all others
	createdBy  = "iltizam (arrow go 17.0.0)" // constant: the same table gives the same bytes
)

type exporter struct{}

// New gives the Parquet exporter: zstd pages, row groups of 122,880 rows with
// statistics, required columns not nullable, decimals exact (as DECIMAL over
// int64), instants as UTC milliseconds. Titles, descriptions, OGP terms, code
// lists stand in each field's metadata, the About in the file's.
func New() output.Exporter {
	register()
	return exporter{}
}

// Format says that the files are Parquet.
func (exporter) Format() output.Format {
	return output.Format{Name: "parquet", Extension: "parquet", MediaType: "application/vnd.apache.parquet"}
}

// Export writes row groups as the rows come; it holds one of them at most.
func (exporter) Export(ctx context.Context, w io.Writer, t *table.Table, about output.About) error {
	if err := export(ctx, w, t, about); err != nil {
		return fmt.Errorf("export table %s as parquet: %w", t.Name, err)
	}
	return nil
}

func export(ctx context.Context, w io.Writer, t *table.Table, about output.About) error {
	if err := output.CheckSchema(&t.Schema); err != nil {
		return err
	}
	schema, err := arrowSchema(t.Schema, about)
	if err != nil {
		return err
	}
	// The codec makes an encoder anew for each page, which costs more than a
	// small table does: that gets the lightest one.
	var f *file
	b := newBatch(schema, t.Fields)
	defer b.release()
	for row, err := range output.Rows(ctx, t) {
		if err != nil {
			return err // what was written is not a Parquet file, and is not wanted
		}
		b.add(row)
		if b.full() {
			if f == nil {
				if f, err = open(w, t.Schema, schema, largeLevel); err != nil {
					return err
				}
			}
			if err := f.write(b); err != nil {
				return err
			}
		}
	}
	if f == nil {
		if f, err = open(w, t.Schema, schema, smallLevel); err != nil {
			return err
		}
	}
	if err := f.write(b); err != nil {
		return err
	}
	return f.close()
}

// file guards the Parquet writer, which tells of some failures by a panic and
// of others, when it closes a row group on its own, not at all.
type file struct {
	sink   *sink
	writer *pqarrow.FileWriter
	rows   int64 // of the open row group
	bytes  int64
}

func open(w io.Writer, s table.Schema, schema *arrow.Schema, level int) (*file, error) {
	f := &file{sink: &sink{to: output.Whole(w)}}
	err := f.guard(func() (err error) {
		f.writer, err = pqarrow.NewFileWriter(schema, f.sink, properties(s, level),
			pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
		return err
	})
	return f, err
}

func properties(s table.Schema, level int) *parquet.WriterProperties {
	options := []parquet.WriterProperty{
		parquet.WithCreatedBy(createdBy),
		parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithDataPageVersion(parquet.DataPageV1),
		// The writer's own default, a repeated root, misleads some readers.
		parquet.WithRootRepetition(parquet.Repetitions.Required),
		parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithCompressionLevel(level),
		parquet.WithMaxRowGroupLength(groupRows),
		parquet.WithStats(true),
		parquet.WithStoreDecimalAsInteger(true),
		// A column that falls back from its dictionary to plain pages has its
		// encodings listed in the order of a Go map, other bytes at each run. So
		// a column has a dictionary or has none, and the dictionary has no limit
		// but the row group's own.
		parquet.WithDictionaryDefault(false),
		parquet.WithDictionaryPageSizeLimit(math.MaxInt64),
	}
	for _, f := range s.Fields {
		if repeats(s, f) {
			options = append(options, parquet.WithDictionaryFor(f.Name, true))
		}
	}
	return parquet.NewWriterProperties(options...)
}

// repeats tells of a column whose values come again from row to row by what
// they are: codes, references, parts of a key.
func repeats(s table.Schema, f table.Field) bool {
	if f.Type != table.String {
		return false
	}
	if f.CodeList != "" || f.References != "" {
		return true
	}
	for _, k := range s.Key {
		if k == f.Name {
			return len(s.Key) > 1
		}
	}
	return false
}

// write moves the batch to the open row group, a new one where that is full.
func (f *file) write(b *batch) error {
	if b.rows == 0 {
		return nil
	}
	return f.guard(func() error {
		if f.rows == 0 || f.rows+b.rows > groupRows || f.bytes+b.bytes > groupBytes {
			f.writer.NewBufferedRowGroup()
			f.rows, f.bytes = 0, 0
		}
		f.rows += b.rows
		f.bytes += b.bytes
		record := b.take()
		defer record.Release()
		return f.writer.WriteBuffered(record)
	})
}

func (f *file) close() error { return f.guard(f.writer.Close) }

// guard runs a step of the Parquet writer; its panics become errors, and a
// failure of the sink is told even where the step hid it.
func (f *file) guard(step func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("parquet writer: %v", r)
		}
		if f.sink.err != nil {
			err = f.sink.err
		}
	}()
	return step()
}

// sink hides every method of a writer but Write and remembers its first error.
type sink struct {
	to  io.Writer
	err error
}

// Write passes b on, until the first failure.
func (s *sink) Write(b []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.to.Write(b)
	s.err = err
	return n, err
}
