package workbook_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// The properties of a template go by the names that every program knows, and say
// what they said.
func TestPropertiesAreWrittenAsOthersWriteThem(t *testing.T) {
	src := template(t, "fr")
	zr, err := zip.NewReader(bytes.NewReader(src), int64(len(src)))
	if err != nil {
		t.Fatal(err)
	}
	in, err := zr.Open("docProps/core.xml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<cp:coreProperties ", "<cp:lastModifiedBy>", "<dc:creator>", `<dcterms:created xsi:type="dcterms:W3CDTF">`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %s in %s", want, b)
		}
	}
	f, err := excelize.OpenReader(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if p, err := f.GetDocProps(); err != nil || p.Title == "" || p.LastModifiedBy == "" || p.Creator == "" || p.Language != "fr" || p.Created == "" || p.Modified == "" {
		t.Errorf("%+v, %v", p, err)
	}
}
