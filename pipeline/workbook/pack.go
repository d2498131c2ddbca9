package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	props, err := f.GetDocProps()
	if err != nil {
		return err
	}
	var parts members
	f.SetZipWriter(func(io.Writer) excelize.ZipWriter { return &parts })
	if err := f.Write(io.Discard); err != nil {
		return err
	}
	slices.SortFunc(parts, func(x, y *member) int { return strings.Compare(packOrder(x.name), packOrder(y.name)) })
	zw := zip.NewWriter(w)
	for _, m := range parts {
		// The first instant that a zip can hold.
		out, err := zw.CreateHeader(&zip.FileHeader{Name: m.name, Method: zip.Deflate,
			Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if m.name == coreName {
			m.Buffer = *bytes.NewBufferString(coreXML(props))
		}
		if err == nil {
			_, err = out.Write(m.Bytes())
		}
		if err != nil {
			return fmt.Errorf("pack %s: %w", m.name, err)
		}
	}
	return zw.Close()
}

// members are what excelize would pack, as it is.
type members []*member

type member struct {
	name string
	bytes.Buffer
}

// Create implements excelize.ZipWriter.
func (m *members) Create(name string) (io.Writer, error) {
	one := &member{name: name}
	*m = append(*m, one)
	return one, nil
}

// AddFS implements excelize.ZipWriter, which never calls it.
func (m *members) AddFS(fs.FS) error { return errors.ErrUnsupported }

// Close implements excelize.ZipWriter.
func (m *members) Close() error { return nil }

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

const coreName = "docProps/core.xml"

// coreXML writes the properties with the prefixes that every other program writes.
// Excelize's own part means the same, but readers that go by the names of its
// elements do not know it.
func coreXML(p *excelize.DocProperties) string {
	var b strings.Builder
	b.WriteString(xml.Header + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"` +
		` xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">`)
	for _, e := range [...]struct{ name, attr, text string }{
		{"dc:title", "", p.Title}, {"dc:subject", "", p.Subject}, {"dc:creator", "", p.Creator}, {"cp:keywords", "", p.Keywords},
		{"dc:description", "", p.Description}, {"dc:identifier", "", p.Identifier}, {"dc:language", "", p.Language},
		{"cp:lastModifiedBy", "", p.LastModifiedBy}, {"cp:revision", "", p.Revision},
		{"dcterms:created", ` xsi:type="dcterms:W3CDTF"`, p.Created}, {"dcterms:modified", ` xsi:type="dcterms:W3CDTF"`, p.Modified},
		{"cp:category", "", p.Category}, {"cp:contentStatus", "", p.ContentStatus}, {"cp:version", "", p.Version},
	} {
		if e.text == "" {
			continue
		}
		b.WriteString("<" + e.name + e.attr + ">")
		_ = xml.EscapeText(&b, []byte(e.text)) // a Builder takes everything
		b.WriteString("</" + e.name + ">")
	}
	b.WriteString("</cp:coreProperties>")
	return b.String()
}
