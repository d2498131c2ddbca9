package workbook_test

import (
	"bytes"
	"testing"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook"
)

// FuzzRead holds Read to its word: whatever the bytes, no panic, no error of
// ours, and a blocked workbook always says why.
func FuzzRead(f *testing.F) {
	lay := layout(f)
	src := template(f, "ar")
	f.Add(src)
	f.Add(src[:len(src)/2])
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))
	f.Add([]byte("a;b\n1;2\n"))
	f.Add([]byte{})
	lim := workbook.DefaultLimits()
	lim.TotalBytes, lim.SheetBytes, lim.StringsBytes = 8<<20, 4<<20, 4<<20
	f.Fuzz(func(t *testing.T, b []byte) {
		var report finding.Report
		doc, err := workbook.Read(bytes.NewReader(b), int64(len(b)), "in.xlsx", lay, lim, report.Add)
		if err != nil {
			t.Fatal(err)
		}
		if (doc == nil) != report.Blocked() {
			t.Fatalf("document %v, findings %v", doc, report.Findings)
		}
		if doc == nil {
			return
		}
		last, sheet := 0, ""
		for r := range doc.Rows(report.Add) {
			if r.Sheet != sheet {
				sheet, last = r.Sheet, 0
			}
			if r.Number <= last || len(r.Keys) != len(r.Cells) {
				t.Fatalf("row %d after %d, %d keys, %d cells", r.Number, last, len(r.Keys), len(r.Cells))
			}
			last = r.Number
		}
		if doc.Err() != nil {
			t.Fatal(doc.Err())
		}
	})
}
