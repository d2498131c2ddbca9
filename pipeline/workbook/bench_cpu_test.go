//go:build unix

package workbook_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"hash/crc32"
	"io"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"iltizam/pipeline/workbook"
)

// cpu gives the CPU time that the process has used, the collector's included.
func cpu(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// inflateAll is the floor of reading: it inflates the parts that are read and
// sums them, with the standard library, its readers reused.
func inflateAll(tb testing.TB, src []byte, buf []byte, in io.ReadCloser) {
	tb.Helper()
	zr, err := zip.NewReader(bytes.NewReader(src), int64(len(src)))
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range zr.File {
		if !strings.HasPrefix(f.Name, "xl/") && !strings.HasSuffix(f.Name, ".rels") {
			continue
		}
		from, err := f.DataOffset()
		if err != nil {
			tb.Fatal(err)
		}
		if err := in.(flate.Resetter).Reset(bytes.NewReader(src[from:from+int64(f.CompressedSize64)]), nil); err != nil {
			tb.Fatal(err)
		}
		sum := crc32.NewIEEE()
		if _, err := io.CopyBuffer(struct{ io.Writer }{sum}, struct{ io.Reader }{in}, buf); err != nil || sum.Sum32() != f.CRC32 {
			tb.Fatal(f.Name, err)
		}
	}
}

func benchmarkInflate(b *testing.B, rows int) {
	src, buf, in := bigBook(b, rows), make([]byte, 32<<10), flate.NewReader(nil)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		inflateAll(b, src, buf, in)
	}
}

func BenchmarkInflate200k(b *testing.B) { benchmarkInflate(b, 200_000) }
func BenchmarkInflate25(b *testing.B)   { benchmarkInflate(b, 25) }

// benchmarkCPU measures reading beside inflating, in turn, so that the ratio
// holds whatever else the machine does.
func benchmarkCPU(b *testing.B, rows, runs int) {
	src, lay := bigBook(b, rows), layout(b)
	buf, in := make([]byte, 32<<10), flate.NewReader(nil)
	reader := new(workbook.Reader)
	var read, floor time.Duration
	n := 0
	for b.Loop() {
		runtime.GC()
		from := cpu(b)
		for range runs {
			inflateAll(b, src, buf, in)
		}
		mid := cpu(b)
		for range runs {
			readWith(b, reader, src, lay, func(int) {})
		}
		floor, read = floor+mid-from, read+cpu(b)-mid
		n += runs
	}
	b.ReportMetric(float64(floor.Microseconds())/1000/float64(n), "inflate-cpu-ms")
	b.ReportMetric(float64(read.Microseconds())/1000/float64(n), "read-cpu-ms")
	b.ReportMetric(float64(read)/float64(floor), "x-inflate")
}

func BenchmarkCPU200k(b *testing.B) { benchmarkCPU(b, 200_000, 1) }
func BenchmarkCPU25(b *testing.B)   { benchmarkCPU(b, 25, 1000) }
