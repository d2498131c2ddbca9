package workbook

import (
	"io"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook/scan"
)

// Reader reads workbooks one after the other with the same buffers. Its zero
// value is ready; any number of goroutines may share one.
type Reader struct{ space scan.Space }

// Read is Reader.Read with buffers that serve this workbook alone.
func Read(src io.ReaderAt, size int64, name string, lay *Layout, lim Limits, found func(finding.Finding)) (*Document, error) {
	return new(Reader).Read(src, size, name, lay, lim, found)
}

// Close gives the buffers back that the Document still holds. Its rows can be
// asked for all the same. A Document that is never closed costs the Reader no
// more than these.
func (d *Document) Close() {
	for i := range d.sheets {
		if w := d.sheets[i].walk; w != nil {
			d.sheets[i].walk = nil
			w.Close()
		}
	}
}
