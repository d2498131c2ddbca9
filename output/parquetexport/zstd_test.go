package parquetexport

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v17/parquet/compress"
)

// A release of the same inputs has the same bytes, so an encoder that was used
// before must write what a new one does, whatever it was used for.
func TestUsedEncodersWriteWhatNewOnesDo(t *testing.T) {
	register()
	ours, err := compress.GetCodec(compress.Codecs.Zstd)
	if err != nil {
		t.Fatal(err)
	}
	c, ok := ours.(*codec)
	if !ok {
		t.Fatalf("the codec is a %T", ours)
	}
	random := rand.New(rand.NewPCG(1, 2))
	var wg sync.WaitGroup
	for range 4 {
		pages := make([][]byte, 12)
		for i := range pages {
			pages[i] = page(random, random.IntN(1<<(8+random.IntN(14))))
		}
		wg.Go(func() {
			for _, p := range pages {
				for _, level := range []int{smallLevel, largeLevel, 7} {
					want := c.Codec.EncodeLevel(nil, p, level)
					if got := c.EncodeLevel(make([]byte, 0, 64), p, level); !bytes.Equal(got, want) {
						t.Errorf("level %d, page of %d bytes: %d bytes, a new encoder writes %d", level, len(p), len(got), len(want))
					}
				}
			}
		})
	}
	wg.Wait()
	// At the edges of the windows, and longer, so that the history moves down.
	p := page(random, 9<<20)
	for _, level := range []int{smallLevel, largeLevel} {
		for _, n := range []int{shortPage - 1, shortPage, shortPage + 1, 4<<20 + 1, 8<<20 + 1, len(p)} {
			if !bytes.Equal(c.EncodeLevel(nil, p[:n], level), c.Codec.EncodeLevel(nil, p[:n], level)) {
				t.Errorf("level %d, page of %d bytes: other bytes than a new encoder's", level, n)
			}
		}
	}
}

// page is bytes as columns have them: repetitions, counters, noise.
func page(random *rand.Rand, size int) []byte {
	words := make([]string, 50)
	for i := range words {
		words[i] = fmt.Sprintf("xx-plan-c%02d/%x", i, random.Uint64())
	}
	var b []byte
	for len(b) < size {
		switch random.IntN(4) {
		case 0:
			b = binary.LittleEndian.AppendUint64(b, random.Uint64())
		case 1:
			b = fmt.Appendf(b, "2023-06-%02dT00:00:00Z", random.IntN(30))
		default:
			b = append(b, words[random.IntN(len(words))]...)
		}
	}
	return b[:size]
}
