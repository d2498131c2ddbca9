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
	pools [4]sync.Pool // of *zstd.Encoder: two levels, each for short pages and for long ones
}

// shortPage is the length in bytes up to which a history of that size is all that
// can be looked back on, as pages go; a longer one costs 8 MiB for each encoder.
const shortPage = 1 << 20

// EncodeLevel compresses a page.
func (c *codec) EncodeLevel(dst, src []byte, level int) []byte {
	at := 0
	options := []zstd.EOption{zstd.WithZeroFrames(true), zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(level)),
		zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true)} // neither of these two shows in the bytes
	switch level {
	case smallLevel:
	case largeLevel:
		at = 2
	default:
		return c.Codec.EncodeLevel(dst, src, level)
	}
	if len(src) <= shortPage {
		at++
		options = append(options, zstd.WithWindowSize(shortPage))
	}
	encoder, ok := c.pools[at].Get().(*zstd.Encoder)
	if !ok {
		var err error
		if encoder, err = zstd.NewWriter(nil, options...); err != nil {
			return c.Codec.EncodeLevel(dst, src, level)
		}
	}
	defer c.pools[at].Put(encoder)
	return encoder.EncodeAll(src, dst[:0])
}
