package parquetexport_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
	"pgregory.net/rapid"

	"iltizam/output"
	"iltizam/output/csvexport"
	"iltizam/output/jsonexport"
	"iltizam/output/outputtest"
	"iltizam/output/parquetexport"
	"iltizam/pipeline/table"
)

func TestContract(t *testing.T) { outputtest.Run(t, parquetexport.New(), read) }

// Each cell must be the same in every format, whoever reads it.
func TestFormatsAgree(t *testing.T) {
	agree := func(t outputtest.TB, tab *table.Table) {
		var files [3][]table.Row
		var err error
		for i, f := range []struct {
			exporter output.Exporter
			read     outputtest.Read
		}{{csvexport.New(), outputtest.ReadCSV}, {jsonexport.New(), outputtest.ReadJSON}, {parquetexport.New(), read}} {
			if files[i], err = f.read(outputtest.Export(t, f.exporter, tab), tab.Schema); err != nil {
				t.Fatalf("%s: %v", f.exporter.Format().Name, err)
			}
		}
		outputtest.Equal(t, table.Of(tab.Schema, files[0]), files[1])
		outputtest.Equal(t, table.Of(tab.Schema, files[0]), files[2])
		outputtest.Equal(t, tab, files[2])
	}
	agree(t, outputtest.Sample())
	agree(t, outputtest.Large(10_000))
	rapid.Check(t, func(t *rapid.T) { agree(t, outputtest.Random().Draw(t, "table")) })
}

// read is arrow's own reader; the file is our own, so its bounds do not matter.
func read(b []byte, s table.Schema) ([]table.Row, error) {
	got, err := pqarrow.ReadTable(context.Background(), bytes.NewReader(b), parquet.NewReaderProperties(nil), pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		return nil, err
	}
	defer got.Release()
	rows := make([]table.Row, got.NumRows())
	for i := range rows {
		rows[i] = make(table.Row, len(s.Fields))
	}
	if int(got.NumCols()) != len(s.Fields) {
		return nil, fmt.Errorf("%d columns for %d", got.NumCols(), len(s.Fields))
	}
	for i, f := range s.Fields {
		column := got.Column(i)
		if column.Name() != f.Name || column.Field().Nullable == f.Required {
			return nil, fmt.Errorf("column %d is %s, nullable %t", i, column.Name(), column.Field().Nullable)
		}
		n := 0
		for _, chunk := range column.Data().Chunks() {
			for j := range chunk.Len() {
				if !chunk.IsNull(j) {
					if rows[n][i], err = value(f, chunk, j); err != nil {
						return nil, fmt.Errorf("column %s: %w", f.Name, err)
					}
				}
				n++
			}
		}
	}
	return rows, nil
}

func value(f table.Field, chunk arrow.Array, i int) (table.Value, error) {
	switch a := chunk.(type) {
	case *array.String:
		return table.Str(strings.Clone(a.Value(i))), nil
	case *array.Int64:
		return table.Int(a.Value(i)), nil
	case *array.Decimal128:
		of := a.DataType().(*arrow.Decimal128Type)
		if int(of.Precision) != f.Precision || int(of.Scale) != f.Scale {
			return table.Null(), fmt.Errorf("is a %s", of)
		}
		return table.Dec(a.Value(i).BigInt().Int64(), f.Scale), nil
	case *array.Float64:
		return table.Dbl(a.Value(i)), nil
	case *array.Boolean:
		return table.Bool(a.Value(i)), nil
	case *array.Date32:
		return table.Day(int64(a.Value(i))), nil
	case *array.Timestamp:
		of := a.DataType().(*arrow.TimestampType)
		if of.Unit != arrow.Millisecond || of.TimeZone != "UTC" || a.Value(i)%1000 != 0 {
			return table.Null(), fmt.Errorf("is a %s", of)
		}
		return table.Instant(int64(a.Value(i)) / 1000), nil
	}
	return table.Null(), fmt.Errorf("is a %s", chunk.DataType())
}

func open(t *testing.T, b []byte) *file.Reader {
	t.Helper()
	r, err := file.NewParquetReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestLayout(t *testing.T) {
	const rows = 122_880 + 10
	large := outputtest.Large(rows)
	r := open(t, outputtest.Export(t, parquetexport.New(), large))
	if by := r.MetaData().GetCreatedBy(); by != "iltizam (arrow go 17.0.0)" {
		t.Errorf("created by %q", by)
	}
	if root := r.MetaData().Schema.Root().RepetitionType(); root != parquet.Repetitions.Required {
		t.Errorf("the root is %s", root)
	}
	if r.NumRowGroups() != 2 || r.RowGroup(0).NumRows() != 122_880 || r.RowGroup(1).NumRows() != 10 {
		t.Fatalf("%d row groups, the first of %d rows", r.NumRowGroups(), r.RowGroup(0).NumRows())
	}
	dictionaries := map[string]bool{"commitment": true, "period": true, "institution": true, "status": true}
	for g := range r.NumRowGroups() {
		for i, f := range large.Fields {
			c, err := r.RowGroup(g).MetaData().ColumnChunk(i)
			if err != nil {
				t.Fatal(err)
			}
			if c.HasDictionaryPage() != dictionaries[f.Name] {
				t.Errorf("%s: dictionary is %t", f.Name, c.HasDictionaryPage())
			}
			if c.Compression() != compress.Codecs.Zstd {
				t.Errorf("%s: compressed with %s", f.Name, c.Compression())
			}
			if set, err := c.StatsSet(); !set || err != nil {
				t.Errorf("%s: no statistics: %v", f.Name, err)
			} else if s, err := c.Statistics(); err != nil || !s.HasMinMax() || !s.HasNullCount() {
				t.Errorf("%s: the statistics have no bounds or no count of nulls: %v", f.Name, err)
			}
			if len(c.EncodingStats()) != len(c.Encodings())-1 {
				t.Errorf("%s: the pages are of encodings %v: a column fell back", f.Name, c.EncodingStats())
			}
		}
	}
}

// Two fallbacks in one file were enough for other bytes at every run.
func TestDictionaryNeverFallsBack(t *testing.T) {
	s := table.Schema{Name: "codes", Fields: []table.Field{{Name: "code", CodeList: "endless", Required: true}}}
	tab := &table.Table{Schema: s, Rows: func(yield func(table.Row) bool) {
		for i := range 30_000 {
			if !yield(table.Row{table.Str(fmt.Sprintf("%0100d", i))}) {
				return
			}
		}
	}}
	c, err := open(t, outputtest.Export(t, parquetexport.New(), tab)).RowGroup(0).MetaData().ColumnChunk(0)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.EncodingStats()) != 2 || !c.HasDictionaryPage() {
		t.Errorf("3 MB of codes have pages of encodings %v", c.EncodingStats())
	}
	outputtest.RoundTrip(t, parquetexport.New(), read, tab)
}

func TestLongTextsCloseRowGroups(t *testing.T) {
	text := table.Str(strings.Repeat("م", 1<<20))
	s := table.Schema{Name: "long", Fields: []table.Field{{Name: "text"}}}
	tab := &table.Table{Schema: s, Rows: func(yield func(table.Row) bool) {
		for range 80 {
			if !yield(table.Row{text}) {
				return
			}
		}
	}}
	r := open(t, outputtest.Export(t, parquetexport.New(), tab))
	if r.NumRowGroups() != 3 || r.NumRows() != 80 {
		t.Errorf("160 MiB of text in %d row groups of %d rows", r.NumRowGroups(), r.NumRows())
	}
}

func TestMetadata(t *testing.T) {
	tab := outputtest.Small()
	r := open(t, outputtest.Export(t, parquetexport.New(), tab))
	for key, want := range map[string]string{
		"table": "sample", "table_title.ar": "عمود Sample", "key": "id,part", "plan": "xx-plan-2021", "title.fr": outputtest.About().Title["fr"],
		"release": "0123456789abcdef0123456789abcdef", "as_of": "2024-02-29", "licence_id": "ODbL-1.0", "source": "https://source.example/?a=1&b=2",
		"publisher.ar": "وزارة", "citation.en": "Cite\nit", "format_version": "1",
	} {
		if got := r.MetaData().KeyValueMetadata().FindValue(key); got == nil || *got != want {
			t.Errorf("the file says of %s: %v", key, got)
		}
	}
	arrowReader, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := arrowReader.Schema()
	if err != nil {
		t.Fatal(err)
	}
	notes := func(i int) string {
		var out []string
		m := schema.Field(i).Metadata
		for j, k := range m.Keys() {
			if k != "PARQUET:field_id" {
				out = append(out, k+"="+m.Values()[j])
			}
		}
		return strings.Join(out, "|")
	}
	for i, want := range map[int]string{
		2: "ogp_basis=sourced|ogp_source=template|ogp_term=Description|title.ar=عمود Text|title.en=Text|title.fr=Text (fr)",
		3: "codelist=status", 4: "references=sample.id", 5: "",
	} {
		if got := notes(i); got != want {
			t.Errorf("column %d says %q, not %q", i, got, want)
		}
	}
}

func TestMetadataOfBadTextIsRefused(t *testing.T) {
	about := outputtest.About()
	about.Citation = table.Labels{"en": "a\xff"}
	err := parquetexport.New().Export(context.Background(), io.Discard, outputtest.Small(), about)
	if err == nil || !strings.Contains(err.Error(), "is not valid UTF-8") {
		t.Errorf("got %v", err)
	}
}

func BenchmarkExport(b *testing.B) {
	outputtest.Bench(b, parquetexport.New(), outputtest.Large(100_000))
}
