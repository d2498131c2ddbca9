package workbook

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// fixedInstant stands wherever the format wants a time: a template says when it
// was made nowhere, so that the same template is the same bytes.
const fixedInstant = "2000-01-01T00:00:00Z"

// writeFixed writes a workbook so that the same content is the same bytes:
// members in one order, with one time.
func writeFixed(w io.Writer, f *excelize.File) error {
	var raw bytes.Buffer
	if err := f.Write(&raw); err != nil {
		return err
	}
	zr, err := zip.NewReader(bytes.NewReader(raw.Bytes()), int64(raw.Len()))
	if err != nil {
		return err
	}
	slices.SortFunc(zr.File, func(x, y *zip.File) int {
		return strings.Compare(packOrder(x.Name), packOrder(y.Name))
	})
	zw := zip.NewWriter(w)
	for _, member := range zr.File {
		if err := copyMember(zw, member); err != nil {
			return fmt.Errorf("pack %s: %w", member.Name, err)
		}
	}
	return zw.Close()
}

// packOrder puts the content types first, then the package's own relationships,
// as Excel does.
func packOrder(name string) string {
	switch {
	case name == "[Content_Types].xml":
		return "0"
	case name == "_rels/.rels":
		return "1"
	}
	return "2" + name
}

func copyMember(zw *zip.Writer, member *zip.File) error {
	r, err := member.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	// The first instant that a zip can hold.
	out, err := zw.CreateHeader(&zip.FileHeader{Name: member.Name, Method: zip.Deflate,
		Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return err
	}
	_, err = io.Copy(out, r)
	return err
}
