package workbook_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"fmt"
	"io"
	"runtime"
	"testing"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook"
)

// bigBook writes a workbook of so many data rows with twelve columns, as Excel
// would: shared strings, styles, percentages and dates.
func bigBook(tb testing.TB, n int) []byte {
	tb.Helper()
	const main = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	const rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	const pkg = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	keys := []string{"commitment_id", "title", "previous_progress_pct", "progress_pct", "status", "reference_date",
		"narrative_ar", "narrative_fr", "difficulties", "next_steps", "revision_reason", "evidence_url"}
	meta := [][2]string{{"template", "iltizam-progress"}, {"template_version", "1.1.0"}, {"plan", "xx"}}
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	part := func(name string, write func(w *bufio.Writer)) {
		f, err := zw.Create(name)
		if err != nil {
			tb.Fatal(err)
		}
		w := bufio.NewWriter(f)
		write(w)
		if err := w.Flush(); err != nil {
			tb.Fatal(err)
		}
	}
	text := func(name, s string) { part(name, func(w *bufio.Writer) { w.WriteString(s) }) }
	text("[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`)
	text("_rels/.rels", pkg+`<Relationship Id="r1" Type="`+rel+`/officeDocument" Target="xl/workbook.xml"/></Relationships>`)
	text("xl/workbook.xml", `<workbook `+main+` xmlns:r="`+rel+`"><sheets><sheet name="Avancement" sheetId="1" r:id="r1"/><sheet name="_meta" sheetId="2" state="veryHidden" r:id="r2"/></sheets></workbook>`)
	text("xl/_rels/workbook.xml.rels", pkg+`<Relationship Id="r1" Type="`+rel+`/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="`+rel+`/worksheet" Target="worksheets/sheet2.xml"/><Relationship Id="r3" Type="`+rel+`/styles" Target="styles.xml"/><Relationship Id="r4" Type="`+rel+`/sharedStrings" Target="sharedStrings.xml"/></Relationships>`)
	text("xl/styles.xml", `<styleSheet `+main+`><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="10"/></cellXfs></styleSheet>`)
	strings := max(n/2, 10)
	part("xl/sharedStrings.xml", func(w *bufio.Writer) {
		fmt.Fprintf(w, `<sst %s uniqueCount="%d">`, main, strings)
		for i := range strings {
			fmt.Fprintf(w, `<si><t>التزام رقم %d من الخطة الوطنية للحكومة المنفتحة</t></si>`, i*7919%strings)
		}
		w.WriteString(`</sst>`)
	})
	part("xl/worksheets/sheet2.xml", func(w *bufio.Writer) {
		w.WriteString(`<worksheet ` + main + `><sheetData>`)
		for i, kv := range meta {
			fmt.Fprintf(w, `<row r="%d"><c r="A%[1]d" t="inlineStr"><is><t>%[2]s</t></is></c><c r="B%[1]d" t="inlineStr"><is><t>%[3]s</t></is></c></row>`, i+1, kv[0], kv[1])
		}
		w.WriteString(`</sheetData></worksheet>`)
	})
	part("xl/worksheets/sheet1.xml", func(w *bufio.Writer) {
		w.WriteString(`<worksheet ` + main + `><sheetData><row r="1">`)
		for i, key := range keys {
			fmt.Fprintf(w, `<c r="%c1" t="inlineStr"><is><t>%s</t></is></c>`, 'A'+i, key)
		}
		w.WriteString(`</row>`)
		for i := range n {
			r := i + 6
			fmt.Fprintf(w, `<row r="%d" spans="1:12" x14ac:dyDescent="0.25" xmlns:x14ac="urn:x">`, r)
			for c := range keys {
				switch c {
				case 2, 3:
					fmt.Fprintf(w, `<c r="%c%d" s="2"><v>0.%d999999999996</v></c>`, 'A'+c, r, 10+i*31%89)
				case 5:
					fmt.Fprintf(w, `<c r="%c%d" s="1"><v>%d</v></c>`, 'A'+c, r, 44000+i%1000)
				case 8, 9, 10:
					fmt.Fprintf(w, `<c r="%c%d"><v>%d.%d</v></c>`, 'A'+c, r, i, c)
				default:
					fmt.Fprintf(w, `<c r="%c%d" t="s"><v>%d</v></c>`, 'A'+c, r, (i*12+c)%strings)
				}
			}
			w.WriteString(`</row>`)
		}
		w.WriteString(`</sheetData></worksheet>`)
	})
	if err := zw.Close(); err != nil {
		tb.Fatal(err)
	}
	return buf.Bytes()
}

func readAll(tb testing.TB, src []byte, lay *workbook.Layout, each func(n int)) int {
	tb.Helper()
	return readWith(tb, new(workbook.Reader), src, lay, each)
}

func readWith(tb testing.TB, reader *workbook.Reader, src []byte, lay *workbook.Layout, each func(n int)) int {
	tb.Helper()
	tell := func(f finding.Finding) {
		if f.Severity == finding.Block {
			tb.Fatal(f)
		}
	}
	doc, err := reader.Read(bytes.NewReader(src), int64(len(src)), "in.xlsx", lay, workbook.DefaultLimits(), tell)
	if err != nil || doc == nil {
		tb.Fatal(doc, err)
	}
	defer doc.Close()
	n := 0
	for range doc.Rows(tell) {
		n++
		each(n)
	}
	return n
}

func benchmarkRead(b *testing.B, rows int) {
	src, lay := bigBook(b, rows), layout(b)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	var before, m runtime.MemStats
	var peak uint64
	reader := new(workbook.Reader)
	runtime.GC()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		if n := readWith(b, reader, src, lay, func(n int) {
			if n%20000 == 0 {
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc-min(m.HeapAlloc, before.HeapAlloc))
			}
		}); n != rows {
			b.Fatalf("%d rows", n)
		}
	}
	if peak > 0 {
		b.ReportMetric(float64(peak)/(1<<20), "heap-MiB") // beyond what was held before, garbage included
	}
}

func BenchmarkRead200k(b *testing.B) { benchmarkRead(b, 200_000) }
func BenchmarkRead25(b *testing.B)   { benchmarkRead(b, 25) }

func BenchmarkTemplate(b *testing.B) {
	lay, spec := layout(b), testSpec(b, testPlan("ar", "fr"), "ar")
	b.ReportAllocs()
	for b.Loop() {
		if err := workbook.Template(io.Discard, lay, spec); err != nil {
			b.Fatal(err)
		}
	}
}

// What is held while reading follows from the shared strings, not from the rows.
func TestMemoryDoesNotFollowTheRows(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 14,000 rows")
	}
	lay := layout(t)
	held := func(rows int) (most uint64) {
		src := bigBook(t, rows)
		readAll(t, src, lay, func(n int) {
			if n%(rows/4) == 0 {
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc-uint64(cap(src)))
			}
		})
		return most
	}
	few, many := held(2_000), held(12_000)
	// 5,000 more strings of some 80 bytes each, with their places.
	if many > few+2<<20 {
		t.Errorf("holds %d KiB for 2,000 rows, %d KiB for 12,000", few>>10, many>>10)
	}
}
