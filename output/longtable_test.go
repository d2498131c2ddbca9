package output_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"iltizam/output"
	"iltizam/output/csvexport"
	"iltizam/output/jsonexport"
	"iltizam/output/outputtest"
	"iltizam/output/parquetexport"
	"iltizam/pipeline/table"
)

// BenchmarkLongTable renders a log of changes, by far the longest of the tables,
// as Build does: judged, written, digested, spooled.
func BenchmarkLongTable(b *testing.B) {
	const rows = 100_000
	for _, e := range []output.Exporter{csvexport.New(), jsonexport.New(), parquetexport.New()} {
		b.Run(e.Format().Name, func(b *testing.B) {
			b.ReportAllocs()
			dirs := []output.Dir{{Path: "data", Table: longTable(rows)}}
			for b.Loop() {
				if _, err := output.Build(context.Background(), outputtest.About(), dirs, []output.Exporter{e}, nowhere{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}

// longTable has the columns of a log of changes and n rows, made beforehand.
func longTable(n int) *table.Table {
	s := table.Schema{Name: "long", Key: []string{"plan_id", "change_id"}}
	for _, name := range []string{"plan_id", "change_id", "activity", "commitment_id", "milestone_id", "reporting_period",
		"column_name", "old_value", "new_value", "revision_reason", "submission_id", "workbook_sha256"} {
		s.Fields = append(s.Fields, table.Field{Name: name, Type: table.String})
	}
	s.Fields[3].References = "commitments.commitment_id"
	s.Fields = append(s.Fields, table.Field{Name: "received_at", Type: table.DateTime})
	start := time.Date(2023, 6, 1, 0, 0, 0, 0, time.UTC).Unix()
	rows := make([]table.Row, n)
	for i := range rows {
		digest := fmt.Sprintf("%064x", i/8*0x9e3779b9)
		commitment, period := fmt.Sprintf("xx-plan-c%02d", i%24), fmt.Sprintf("p%02d", i%12)
		rows[i] = table.Row{table.Str("xx-plan"), table.Str(fmt.Sprintf("2023-06-01T00:00:00Z/%.16s/%s/%s/%d", digest, commitment, period, i)),
			table.Str("modified"), table.Str(commitment), table.Null(), table.Str(period), table.Str("progress_pct"),
			table.Str(fmt.Sprint(i % 100)), table.Str(fmt.Sprint(i % 97)), table.Str("تصحيح بعد المراجعة"), table.Str(digest[:16]),
			table.Str(digest), table.Instant(start + int64(i/8))}
	}
	return table.Of(s, rows)
}

// nowhere is a spool that keeps nothing.
type nowhere struct{ io.Writer }

// Create gives a place that takes everything.
func (nowhere) Create() (output.Spooled, error) { return nowhere{io.Discard}, nil }

// Close does nothing.
func (nowhere) Close() error { return nil }

// Open gives nothing.
func (nowhere) Open() (io.ReadSeekCloser, error) { return nil, io.EOF }
