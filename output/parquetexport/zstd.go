package parquetexport

import (
	"sync"

	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/klauspost/compress/zstd"
)

// register puts our codec in the place of arrow's, which makes an encoder with
// its tables anew for each page: half the cost of a file. The bytes are the
// same. That arrow keeps its codecs in a variable leaves no other way; it is
// written once, before the first file.
var register = sync.OnceFunc(func() {
	theirs, err := compress.GetCodec(compress.Codecs.Zstd)
	if err != nil {
		return // what is not there cannot be improved; opening a file tells
	}
	compress.RegisterCodec(compress.Codecs.Zstd, &codec{Codec: theirs})
})

// codec compresses with encoders that are used again and again; reading is arrow's.
type codec struct {
	compress.Codec
	small, large sync.Pool // of *zstd.Encoder, of the levels smallLevel and largeLevel
}

// EncodeLevel compresses a page.
func (c *codec) EncodeLevel(dst, src []byte, level int) []byte {
	pool := &c.small
	switch level {
	case smallLevel:
	case largeLevel:
		pool = &c.large
	default:
		return c.Codec.EncodeLevel(dst, src, level)
	}
	encoder, ok := pool.Get().(*zstd.Encoder)
	if !ok {
		var err error
		if encoder, err = newEncoder(level); err != nil {
			return c.Codec.EncodeLevel(dst, src, level)
		}
	}
	defer pool.Put(encoder)
	return encoder.EncodeAll(src, dst[:0])
}

// newEncoder makes what arrow would, but for one page at a time and with a
// history of half the size; neither shows in the bytes.
func newEncoder(level int) (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithZeroFrames(true), zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(level)),
		zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
}
