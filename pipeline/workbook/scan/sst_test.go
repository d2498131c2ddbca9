package scan

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestSharedStringsAcrossChunks(t *testing.T) {
	var s sharedStrings
	b := stringsBuilder{to: &s, most: 1 << 40}
	var want []string
	for i := range 120_000 {
		text := strings.Repeat(string(rune('a'+i%26)), i%97)
		if i%1000 == 999 {
			text = strings.Repeat("x", 90_000)
		}
		if want = append(want, text); !b.add([]byte(text)) {
			t.Fatal(i)
		}
	}
	b.end()
	same := func(i int) {
		if got, ok := s.at(i); !ok || got != want[i] {
			t.Fatalf("%d is %.20q, not %.20q", i, got, want[i])
		}
	}
	readable := func() (n int) {
		for _, c := range s.chunks[plainChunks:] {
			if c.text != "" {
				n++
			}
		}
		return n
	}
	// In their order, with looks back: few chunks are unpacked at a time, each once.
	for i := range want {
		same(i)
		same(i % 100)
	}
	if packed := len(s.chunks) - plainChunks; packed < 40 || s.unpacked != packed || readable() != ringChunks {
		t.Errorf("%d packed chunks, unpacked %d times, %d held", packed, s.unpacked, readable())
	}
	// In no order: the unpacking comes to an end.
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		same(r.IntN(len(want)))
	}
	if s.unpacked > 3*len(s.chunks)+1 || readable() != len(s.chunks)-plainChunks {
		t.Errorf("%d chunks, unpacked %d times, %d held", len(s.chunks), s.unpacked, readable())
	}
	for _, i := range []int{-1, len(want)} {
		if _, ok := s.at(i); ok {
			t.Errorf("%d is there", i)
		}
	}
	if b.add(make([]byte, chunkSize+1)) || !b.add(make([]byte, chunkSize)) {
		t.Error("a text of a chunk's length")
	}
}
