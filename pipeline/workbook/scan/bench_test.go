package scan

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// BenchmarkSheet reads sheets written in one way or another, the first by the
// short cuts; the megabytes are those of the sheet inflated.
func BenchmarkSheet(b *testing.B) {
	for _, way := range []struct{ name, cell string }{
		{"plain", `<c r="%s" s="1"><v>0.65</v></c>`},
		{"careful", `<c r="%s" s="1"><v>0.65</v></c>`},
		{"formulas", `<c r="%s" s="1"><f>SUM(A1:B2)</f><v>0.65</v></c>`},
		{"inline", `<c r="%s" t="inlineStr"><is><t>التزام</t></is></c>`},
		{"results", `<c r="%s" t="str"><v>التزام</v></c>`},
	} {
		b.Run(way.name, func(b *testing.B) {
			var rows strings.Builder
			for row := 1; row <= 5000; row++ {
				fmt.Fprintf(&rows, `<row r="%d">`, row)
				for col := 1; col <= 12; col++ {
					fmt.Fprintf(&rows, way.cell, Ref(col, row))
				}
				rows.WriteString(`</row>`)
			}
			src := workbookOf(rows.String()).zip()
			s := Space{careful: way.name == "careful"}
			b.SetBytes(int64(rows.Len()))
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				book, err := s.Open(bytes.NewReader(src), int64(len(src)), DefaultLimits())
				if err == nil {
					err = book.Each(book.Sheets[0], func(_ int, cells []Cell) bool { n += len(cells); return true })
				}
				if err != nil || n != 60_000 {
					b.Fatal(n, err)
				}
			}
		})
	}
}
