package compact

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// value is one thing that is written, with what reads it again.
type value struct {
	write func(*Writer)
	read  func(*Reader) string // as text
	want  string
}

func anyValue() *rapid.Generator[value] {
	texts := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "\x00", "\xff\xfe", "التزام", "0a", "0A", "abc", strings.Repeat("é", 300)}))
	return rapid.Custom(func(t *rapid.T) value {
		switch rapid.IntRange(0, 5).Draw(t, "kind") {
		case 0:
			n := rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{0, -1, 63, 64, -64, -65, math.MaxInt64, math.MinInt64})).Draw(t, "int")
			return value{func(w *Writer) { w.Int(n) }, func(r *Reader) string { return fmt.Sprint(r.Int()) }, fmt.Sprint(n)}
		case 1:
			s := texts.Draw(t, "text")
			return value{func(w *Writer) { w.Text(s) }, func(r *Reader) string { return r.Text() }, s}
		case 2:
			v := rapid.Bool().Draw(t, "bool")
			return value{func(w *Writer) { w.Bool(v) }, func(r *Reader) string { return fmt.Sprint(r.Bool()) }, fmt.Sprint(v)}
		case 3:
			s := rapid.OneOf(texts, rapid.StringMatching(`([0-9a-f]{2}){0,40}`), rapid.StringMatching(`[0-9a-fA-F]{0,9}`)).Draw(t, "digest")
			return value{func(w *Writer) { w.Digest(s) }, func(r *Reader) string { return r.Digest() }, s}
		case 4:
			list := rapid.SliceOf(texts).Draw(t, "texts")
			return value{func(w *Writer) { w.Texts(list) }, func(r *Reader) string { return fmt.Sprintf("%q", r.Texts()) }, fmt.Sprintf("%q", list)}
		}
		m := rapid.MapOf(texts, texts).Draw(t, "pairs")
		return value{func(w *Writer) { w.Pairs(m) }, func(r *Reader) string { return fmt.Sprintf("%q", r.Pairs()) }, fmt.Sprintf("%q", m)}
	})
}

// What was written is read again, whatever it is; no shorter text is taken for it.
func TestWhatWasWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(anyValue(), 1, 12).Draw(t, "values")
		w := &Writer{}
		for _, v := range values {
			v.write(w)
		}
		readAll := func(text string) (*Reader, []string) {
			r := NewReader(text)
			var got []string
			for _, v := range values {
				got = append(got, v.read(r))
			}
			return r, got
		}
		r, got := readAll(string(w.Bytes))
		for i, v := range values {
			if got[i] != v.want {
				t.Fatalf("wrote %q, read %q", v.want, got[i])
			}
		}
		if !r.Whole() || r.More() {
			t.Fatal("all was read, and it is not whole")
		}
		cut := rapid.IntRange(0, len(w.Bytes)-1).Draw(t, "cut")
		if r, _ := readAll(string(w.Bytes[:cut])); r.Whole() {
			t.Fatalf("%d of %d bytes pass for whole", cut, len(w.Bytes))
		}
		if r, _ := readAll(string(w.Bytes) + "\x00"); r.Whole() || !r.More() {
			t.Fatal("a byte more passes for whole")
		}
	})
}

// An empty list and an empty map are read as nil, so that equal things are equal
// after reading.
func TestEmptyIsNil(t *testing.T) {
	w := &Writer{}
	w.Texts([]string{})
	w.Pairs(map[string]string{})
	r := NewReader(string(w.Bytes))
	if list, m := r.Texts(), r.Pairs(); list != nil || m != nil || !r.Whole() {
		t.Errorf("%v %v", list, m)
	}
}

func TestEqualMapsGiveEqualBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.MapOfN(rapid.String(), rapid.String(), 2, 20).Draw(t, "map")
		a, b := &Writer{}, &Writer{}
		a.Pairs(m)
		b.Pairs(maps.Clone(m))
		if !bytes.Equal(a.Bytes, b.Bytes) {
			t.Fatal("the order of a map shows")
		}
	})
}

// Digests take half the room, and no spelling of one passes for another.
func TestDigestsAreShort(t *testing.T) {
	w := &Writer{}
	w.Digest(strings.Repeat("ab", 32))
	if len(w.Bytes) != 34 {
		t.Errorf("%d bytes", len(w.Bytes))
	}
}

// Numbers that no Writer wrote: too long, a length beyond the end, a count of more
// things than there are bytes. After the first of them nothing is read any more.
func TestWhatNobodyWrote(t *testing.T) {
	long := strings.Repeat("\x80", 10) + "\x00"
	huge := "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
	for name, c := range map[string]struct {
		text string
		read func(*Reader)
	}{
		"number without end":  {strings.Repeat("\x80", 5), func(r *Reader) { r.Int() }},
		"number of 11 bytes":  {long, func(r *Reader) { r.Int() }},
		"no number":           {"", func(r *Reader) { r.Int() }},
		"text beyond the end": {"\x05abcd", func(r *Reader) { r.Text() }},
		"text of 2^64":        {huge + "abc", func(r *Reader) { r.Text() }},
		"negative count":      {"\x01abc", func(r *Reader) { r.Count() }},
		"count of too many":   {"\x08abc", func(r *Reader) { r.Count() }},
		"texts of too many":   {huge + "abc", func(r *Reader) { r.Texts() }},
		"pairs of too many":   {"\x7fabc", func(r *Reader) { r.Pairs() }},
	} {
		r := NewReader(c.text)
		c.read(r)
		if r.Whole() || r.More() {
			t.Errorf("%s passes", name)
		}
		if r.Int() != 0 || r.Text() != "" || r.Bool() || r.Count() != 0 || r.Digest() != "" || r.Texts() != nil || r.Pairs() != nil || r.Whole() {
			t.Errorf("%s: something is read after it", name)
		}
	}
	r := NewReader("\x06abc")
	if n := r.Count(); n != 3 || !r.More() {
		t.Errorf("a count of as many things as bytes: %d", n)
	}
	r.Fail()
	if r.Whole() || r.More() {
		t.Error("what its reader refuses passes")
	}
}

// What is sealed is opened as its own kind alone; one bit that differs anywhere,
// a byte less or more, and it is not whole.
func TestSeal(t *testing.T) {
	const kind, other = "iltizam test 1\n", "iltizam test 2\n"
	for _, body := range []string{"", "x", strings.Repeat("body ", 50)} {
		sealed := Seal(kind, []byte(body))
		if got, ok := Unseal(kind, string(sealed)); !ok || got != body {
			t.Errorf("%q is opened as %q, %v", body, got, ok)
		}
		if _, ok := Unseal(other, string(sealed)); ok {
			t.Error("it is opened as another kind")
		}
		for i := range sealed {
			bad := slices.Clone(sealed)
			bad[i] ^= 1 << (i % 8)
			if _, ok := Unseal(kind, string(bad)); ok {
				t.Fatalf("byte %d of %d differs, and it is opened", i, len(sealed))
			}
			if _, ok := Unseal(kind, string(sealed[:i])); ok {
				t.Fatalf("%d of %d bytes are opened", i, len(sealed))
			}
		}
		if _, ok := Unseal(kind, string(sealed)+"\n"); ok {
			t.Error("a byte more is opened")
		}
	}
}

// Whatever the bytes, reading ends, and gives no more than they can hold.
func FuzzReader(f *testing.F) {
	w := &Writer{}
	w.Int(-5)
	w.Text("texte")
	w.Digest("00ff")
	w.Texts([]string{"a", "b"})
	w.Pairs(map[string]string{"ar": "نص", "fr": "texte"})
	f.Add(w.Bytes, []byte("\x00\x01\x02\x03\x04"))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), []byte{3})
	f.Fuzz(func(t *testing.T, b, order []byte) {
		r := NewReader(string(b))
		room := 0
		for _, kind := range order {
			switch kind % 6 {
			case 0:
				r.Int()
			case 1:
				room += len(r.Text())
			case 2:
				room += len(r.Digest()) / 2
			case 3:
				room += len(r.Texts())
			case 4:
				room += len(r.Pairs())
			case 5:
				if n := r.Count(); n > len(b) {
					t.Fatalf("%d things in %d bytes", n, len(b))
				}
			}
		}
		if room > len(b) {
			t.Errorf("%d bytes give %d", len(b), room)
		}
		if r.Whole() && r.More() {
			t.Error("whole, and more to come")
		}
	})
}
