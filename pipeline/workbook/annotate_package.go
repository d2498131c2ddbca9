package workbook

import (
	"archive/zip"
	"bytes"
	"io"
	"strconv"
	"time"
)

const (
	packageNamespace = "http://schemas.openxmlformats.org/package/2006/"
	typePrefix       = "application/vnd.openxmlformats-officedocument."
	typeWorkbook     = typePrefix + "spreadsheetml.sheet.main+xml"
	typeWorksheet    = typePrefix + "spreadsheetml.worksheet+xml"
	typeStyles       = typePrefix + "spreadsheetml.styles+xml"
	typeStrings      = typePrefix + "spreadsheetml.sharedStrings+xml"
	typeComments     = typePrefix + "spreadsheetml.comments+xml"
	typeTheme        = typePrefix + "theme+xml"
)

// partSet are the parts of a rebuilt workbook.
type partSet struct{ files map[string]*zip.File }

func (s *partSet) open(name string) (io.ReadCloser, error) {
	f := s.files[name]
	if f == nil {
		return nil, errBroken
	}
	return f.Open()
}

// bytes gives a part whole; nil is one that is not there.
func (s *partSet) bytes(name string) ([]byte, error) {
	if s.files[name] == nil {
		return nil, nil
	}
	r, err := s.open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// packager writes the parts of a workbook, with one time for all. Its first
// error ends the writing.
type packager struct {
	zip   *zip.Writer
	types bytes.Buffer
	err   error
}

func newPackage(w io.Writer) *packager { return &packager{zip: zip.NewWriter(w)} }

// firstInstant is the first that a zip can hold.
func firstInstant() time.Time { return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) }

func (p *packager) create(name, contentType string) io.Writer {
	if p.err != nil {
		return io.Discard
	}
	out, err := p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: firstInstant()})
	if p.err = err; err != nil {
		return io.Discard
	}
	p.typed(name, contentType)
	return out
}

func (p *packager) typed(name, contentType string) {
	if contentType != "" {
		p.types.WriteString(`<Override PartName="/` + name + `" ContentType="` + contentType + `"/>`)
	}
}

func (p *packager) add(name, contentType string, content []byte) {
	if _, err := p.create(name, contentType).Write(content); err != nil && p.err == nil {
		p.err = err
	}
}

// copy takes a part over as it is.
func (p *packager) copy(name, contentType string, f *zip.File) {
	in, err := f.Open()
	if err == nil {
		defer in.Close()
		_, err = io.Copy(p.create(name, contentType), in)
	}
	if p.err == nil {
		p.err = err
	}
}

// close writes the list of the parts' types.
func (p *packager) close() error {
	p.add("[Content_Types].xml", "", []byte(xmlProlog+`<Types xmlns="`+packageNamespace+`content-types">`+
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>`+
		`<Default Extension="xml" ContentType="application/xml"/>`+
		`<Default Extension="vml" ContentType="`+typePrefix+`vmlDrawing"/>`+p.types.String()+"</Types>"))
	if p.err != nil {
		return p.err
	}
	return p.zip.Close()
}

// link is a relationship to a part.
type link struct{ kind, target string }

func relsPart(links ...link) []byte {
	b := []byte(xmlProlog + `<Relationships xmlns="` + packageNamespace + `relationships">`)
	for i, l := range links {
		b = append(b, `<Relationship Id="rId`+strconv.Itoa(i+1)+`" Type="`+relNamespace+"/"+l.kind+`" Target="`+l.target+`"/>`...)
	}
	return append(b, "</Relationships>"...)
}
