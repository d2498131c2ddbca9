// Package workbooktest makes workbooks for tests byte by byte: well-formed ones
// in the dialects of many programs, and broken or hostile ones that no library
// would write.
package workbooktest

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"io"
	"maps"
	"slices"
	"strings"
)

// Member is one entry of a zip that may lie about itself.
type Member struct {
	Name   string
	Data   string
	Store  bool                // kept as it is, not deflated
	CRC    *uint32             // stated instead of the true one
	Size   *uint32             // stated instead of the true one
	Flags  uint16              //
	Method *uint16             // stated instead of the true one
	Twist  func([]byte) []byte // changes the bytes as they are kept
	Shares *int                // its directory entry points to the local header of this member
	Header []byte              // the local header's name, where it is another

	Unlisted bool // the directory does not know of it
}

// Zip writes members as they say.
func Zip(members []Member) []byte {
	var out, directory bytes.Buffer
	offsets := make([]int, len(members))
	n := uint16(0)
	w, _ := flate.NewWriter(io.Discard, flate.DefaultCompression) // the level is known
	for i, m := range members {
		raw, method := []byte(m.Data), uint16(zip.Store)
		if !m.Store {
			raw, method = deflated(w, m.Data), zip.Deflate
		}
		if m.Twist != nil {
			raw = m.Twist(slices.Clone(raw))
		}
		crc, size := crc32.ChecksumIEEE([]byte(m.Data)), uint32(len(m.Data))
		crc, size, method = or(m.CRC, crc), or(m.Size, size), or(m.Method, method)
		if offsets[i] = out.Len(); m.Shares != nil {
			offsets[i] = offsets[*m.Shares]
		} else {
			name := m.Header
			if name == nil {
				name = []byte(m.Name)
			}
			put(&out, uint32(0x04034b50), uint16(20), m.Flags, method, uint32(0x00210000), crc, uint32(len(raw)), size,
				uint16(len(name)), uint16(0), name, raw)
		}
		if m.Unlisted {
			continue
		}
		n++
		put(&directory, uint32(0x02014b50), uint16(20), uint16(20), m.Flags, method, uint32(0x00210000), crc, uint32(len(raw)), size,
			uint16(len(m.Name)), uint16(0), uint16(0), uint16(0), uint16(0), uint32(0), uint32(offsets[i]), []byte(m.Name))
	}
	start := out.Len()
	out.Write(directory.Bytes())
	put(&out, uint32(0x06054b50), uint16(0), uint16(0), n, n, uint32(directory.Len()), uint32(start), uint16(0))
	return out.Bytes()
}

func put(b *bytes.Buffer, values ...any) {
	for _, v := range values {
		_ = binary.Write(b, binary.LittleEndian, v) // a bytes.Buffer takes everything
	}
}

func or[T any](stated *T, truth T) T {
	if stated != nil {
		return *stated
	}
	return truth
}

func deflated(w *flate.Writer, s string) []byte {
	var b bytes.Buffer
	w.Reset(&b)
	_, _ = io.WriteString(w, s)
	_ = w.Close()
	return b.Bytes()
}

// Parts are the members of a workbook by name.
type Parts map[string]string

// Unzip reads the parts of a sound archive.
func Unzip(file []byte) (Parts, error) {
	r, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, err
	}
	p := Parts{}
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(in)
		if err != nil {
			return nil, err
		}
		p[f.Name] = string(b)
	}
	return p, nil
}

// With gives the parts with one of them added or another.
func (p Parts) With(name, content string) Parts {
	q := maps.Clone(p)
	q[name] = content
	return q
}

// Without gives the parts but one.
func (p Parts) Without(name string) Parts {
	q := maps.Clone(p)
	delete(q, name)
	return q
}

// Replace changes the text of a part wherever it stands. It panics where the
// old text is not there: a case that changes nothing tests nothing.
func (p Parts) Replace(name, old, with string) Parts {
	if !strings.Contains(p[name], old) {
		panic(name + " does not hold " + old)
	}
	return p.With(name, strings.ReplaceAll(p[name], old, with))
}

// Members gives the parts as a zip has them: content types first.
func (p Parts) Members() []Member {
	var ms []Member
	for _, name := range slices.Sorted(maps.Keys(p)) {
		ms = append(ms, Member{Name: name, Data: p[name]})
	}
	return ms
}

// Zip packs the parts.
func (p Parts) Zip() []byte { return Zip(p.Members()) }

// Lie packs the parts with one member changed.
func (p Parts) Lie(name string, change func(*Member)) []byte {
	ms := p.Members()
	for i := range ms {
		if ms[i].Name == name {
			change(&ms[i])
			return Zip(ms)
		}
	}
	panic("no member " + name)
}

// Stream packs the parts as a program does that cannot go back: sizes and check
// sums stand behind each member.
func Stream(p Parts) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(p)) {
		out, err := w.Create(name)
		if err != nil {
			panic(err) // a bytes.Buffer takes everything
		}
		_, _ = io.WriteString(out, p[name])
	}
	_ = w.Close()
	return b.Bytes()
}
