package csvexport_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"iltizam/output"
	"iltizam/output/csvexport"
	"iltizam/output/outputtest"
	"iltizam/pipeline/table"
)

func TestContract(t *testing.T) { outputtest.Run(t, csvexport.New(), outputtest.ReadCSV) }

func TestRoundTripOfAnyTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		outputtest.RoundTrip(t, csvexport.New(), outputtest.ReadCSV, outputtest.Random().Draw(t, "table"))
	})
}

// The strict reader shares our view of CSV; the standard library's has its own.
func TestStandardReaderAgrees(t *testing.T) {
	sample := outputtest.Sample()
	r := csv.NewReader(bytes.NewReader(outputtest.Export(t, csvexport.New(), sample)))
	records, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	n := 1
	for row := range sample.Rows {
		for i, v := range row {
			want := strings.ReplaceAll(v.String(), "\r\n", "\n") // as that reader does
			if got := records[n][i]; got != want {
				t.Fatalf("record %d, column %s: %.60q came back as %.60q", n, sample.Fields[i].Name, want, got)
			}
		}
		n++
	}
	if n != len(records) {
		t.Fatalf("%d records for %d rows", len(records), n-1)
	}
}

func TestText(t *testing.T) {
	s := table.Schema{Name: "t", Fields: []table.Field{{Name: "a"}, {Name: "b, c"}, {Name: "d", Type: table.Decimal, Precision: 18, Scale: 10}}}
	tab := table.Of(s, []table.Row{
		{table.Str(""), table.Null(), table.Dec(8281818181, 8)},
		{table.Str("=1+1"), table.Str(`say "x"`), table.Null()},
		{table.Str(" a"), table.Str("a\n"), table.Dec(-1, 10)},
	})
	want := "a,\"b, c\",d\r\n\"\",,82.81818181\r\n=1+1,\"say \"\"x\"\"\",\r\n\" a\",\"a\n\",-0.0000000001\r\n"
	if got := string(outputtest.Export(t, csvexport.New(), tab)); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestNullInOneColumnIsRefused(t *testing.T) {
	s := table.Schema{Name: "t", Fields: []table.Field{{Name: "a"}}}
	err := csvexport.New().Export(context.Background(), io.Discard, table.Of(s, []table.Row{{table.Null()}}), output.About{})
	if err == nil || !strings.Contains(err.Error(), "table of one column") {
		t.Errorf("got %v", err)
	}
	outputtest.RoundTrip(t, csvexport.New(), outputtest.ReadCSV, table.Of(s, []table.Row{{table.Str("")}}))
}

func FuzzCSVRoundTrip(f *testing.F) {
	f.Add("a", "b", false)
	f.Add("", "\"\r\n,", true)
	f.Fuzz(func(t *testing.T, a, b string, null bool) {
		s := table.Schema{Name: "t", Fields: []table.Field{{Name: "a"}, {Name: "b"}, {Name: "c"}}}
		row := table.Row{table.Str(a), table.Str(b), table.Str(a + b)}
		if null {
			row[2] = table.Null()
		}
		tab := table.Of(s, []table.Row{row, row})
		var out bytes.Buffer
		if err := csvexport.New().Export(context.Background(), &out, tab, output.About{}); err != nil {
			if utf8.ValidString(a) && utf8.ValidString(b) && !strings.Contains(a+b, "\x00") {
				t.Fatalf("refused %q, %q: %v", a, b, err)
			}
			return
		}
		rows, err := outputtest.ReadCSV(out.Bytes(), s)
		if err != nil {
			t.Fatal(err)
		}
		outputtest.Equal(t, tab, rows)
	})
}

func BenchmarkExport(b *testing.B) {
	tab := outputtest.Large(100_000)
	outputtest.Bench(b, csvexport.New(), tab)
}

func ExampleNew() {
	s := table.Schema{Name: "t", Fields: []table.Field{{Name: "id"}, {Name: "progress_pct", Type: table.Decimal, Precision: 5, Scale: 2}}}
	var out strings.Builder
	_ = csvexport.New().Export(context.Background(), &out, table.Of(s, []table.Row{{table.Str("c05"), table.Dec(8250, 2)}}), output.About{})
	fmt.Print(strings.ReplaceAll(out.String(), "\r", ""))
	// Output:
	// id,progress_pct
	// c05,82.5
}
