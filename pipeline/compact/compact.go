// Package compact writes plain values in few bytes that cost little to read again.
package compact

import (
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
)

// Writer appends values to Bytes. Reader reads them in the same order.
type Writer struct{ Bytes []byte }

// Int writes an integer.
func (w *Writer) Int(n int64) { w.Bytes = binary.AppendVarint(w.Bytes, n) }

// Text writes a text, or any bytes.
func (w *Writer) Text(s string) {
	w.Bytes = append(binary.AppendUvarint(w.Bytes, uint64(len(s))), s...)
}

// Bool writes a truth value.
func (w *Writer) Bool(v bool) {
	n := int64(0)
	if v {
		n = 1
	}
	w.Int(n)
}

// Digest writes an even number of lower-case hexadecimal digits in half their
// length; any other text it writes as it is.
func (w *Writer) Digest(s string) {
	raw, err := hex.DecodeString(s)
	if err != nil || hex.EncodeToString(raw) != s {
		w.Bool(false)
		w.Text(s)
		return
	}
	w.Bool(true)
	w.Text(string(raw))
}

// Texts writes a list of texts.
func (w *Writer) Texts(list []string) {
	w.Int(int64(len(list)))
	for _, s := range list {
		w.Text(s)
	}
}

// Pairs writes a map; equal maps give equal bytes.
func (w *Writer) Pairs(m map[string]string) {
	w.Int(int64(len(m)))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		w.Text(k)
		w.Text(m[k])
	}
}

// Reader reads what a Writer wrote. What it gives is made of parts of the text
// that it reads. Once it meets what no Writer wrote, all it gives is empty.
type Reader struct {
	rest   string
	failed bool
}

// NewReader reads a text.
func NewReader(s string) *Reader { return &Reader{rest: s} }

// Whole tells whether all was read, and all of it made sense.
func (r *Reader) Whole() bool { return !r.failed && r.rest == "" }

// More tells whether there is more to read.
func (r *Reader) More() bool { return r.rest != "" }

// Fail makes of what was read something that makes no sense.
func (r *Reader) Fail() { r.rest, r.failed = "", true }

func (r *Reader) uvarint() uint64 {
	var n uint64
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		c := r.rest[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			r.rest = r.rest[i+1:]
			return n
		}
	}
	r.Fail()
	return 0
}

// Int reads an integer.
func (r *Reader) Int() int64 {
	n := r.uvarint()
	return int64(n>>1) ^ -int64(n&1)
}

// Text reads a text.
func (r *Reader) Text() string {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.Fail()
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

// Count reads how many things follow, each of which takes a byte at least.
func (r *Reader) Count() int {
	n := r.Int()
	if n < 0 || n > int64(len(r.rest)) {
		r.Fail()
		return 0
	}
	return int(n)
}

// Bool reads a truth value.
func (r *Reader) Bool() bool { return r.Int() != 0 }

// Digest reads hexadecimal digits.
func (r *Reader) Digest() string {
	if !r.Bool() {
		return r.Text()
	}
	return hex.EncodeToString([]byte(r.Text()))
}

// Texts reads a list, nil where it is empty.
func (r *Reader) Texts() []string {
	n := r.Count()
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = r.Text()
	}
	return list
}

// Pairs reads a map, nil where it is empty.
func (r *Reader) Pairs() map[string]string {
	n := r.Count()
	if n == 0 {
		return nil
	}
	m := make(map[string]string, n)
	for range n {
		k := r.Text()
		m[k] = r.Text()
	}
	return m
}
