// Package bucket is the seam between a release and the store that keeps it.
package bucket

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
)

// The errors a caller branches on; each implementation wraps one of them
// around the store's own.
var (
	// ErrNotExist: there is no object of that key.
	ErrNotExist = errors.New("no such object")
	// ErrPrecondition: the condition of a Put did not hold; nothing was written.
	ErrPrecondition = errors.New("precondition failed")
	// ErrDenied: the store knows us not, or forbids the act.
	ErrDenied = errors.New("access denied")
	// ErrUnreachable: the store did not answer, or there is none at that address.
	ErrUnreachable = errors.New("bucket unreachable")
	// ErrDigest: the bytes of a Body are not those its size or SHA256 promised; nothing was written.
	ErrDigest = errors.New("content differs from its digest")
	// ErrFull: the store has no room left; nothing was written.
	ErrFull = errors.New("no space left in the bucket")
	// ErrKey: the key is not one that every store can keep.
	ErrKey = errors.New("not a usable key")
)

// Object is what a bucket knows of one object. List leaves ETag and SHA256
// empty where the store would have to read the object to know them.
type Object struct {
	Key    string
	Size   int64  // bytes
	ETag   string // opaque; equal tags mean equal bytes of one key
	SHA256 string // lower-case hex, "" where the store keeps none
	// Stamp is opaque, cheap, and there in every answer: an object of the same
	// key with the same Stamp was not written since. It cannot serve as IfMatch.
	Stamp string
}

// Body is the content of an object to be put. It can be opened more than once,
// so that a lost request may be sent again.
type Body struct {
	Open   func() (io.ReadSeekCloser, error)
	Size   int64  // bytes
	SHA256 string // lower-case hex of the content
}

// Bytes makes a Body of bytes in memory.
func Bytes(b []byte) Body {
	sum := sha256.Sum256(b)
	return Body{
		Open:   func() (io.ReadSeekCloser, error) { return nopCloser{bytes.NewReader(b)}, nil },
		Size:   int64(len(b)),
		SHA256: hex.EncodeToString(sum[:]),
	}
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

// Cond is what must hold for a Put to write. The zero Cond always holds.
type Cond struct {
	IfAbsent bool   // no object of that key exists
	IfMatch  string // the object's ETag is this one; an absent object fails it
}

// Bucket keeps objects by key. A Put is all or nothing, a reader never sees
// half an object, and what a successful Put wrote is there for every later Get,
// also after the power went. Keys are ASCII, slash-separated, and no key is a
// folder of another.
type Bucket interface {
	// Stat says what is known of an object without reading it; ErrNotExist where it is absent.
	Stat(ctx context.Context, key string) (Object, error)
	// Get opens an object for reading; the caller closes it. ErrNotExist where it is absent.
	Get(ctx context.Context, key string) (io.ReadCloser, Object, error)
	// Put writes an object, media type and cache rules following from the key.
	// ErrPrecondition where the condition does not hold.
	Put(ctx context.Context, key string, body Body, c Cond) (Object, error)
	// List yields the objects whose key starts with prefix, in byte order of their keys.
	List(ctx context.Context, prefix string) iter.Seq2[Object, error]
	// Delete removes an object; that it is absent already is no error.
	Delete(ctx context.Context, key string) error
}

// Item is one of the objects of a PutAll.
type Item struct {
	Key  string
	Body Body
	Cond Cond
}

// Batcher is a Bucket that can put many objects for less than as many Puts.
type Batcher interface {
	// PutAll puts each item as Put would, and is done when all are as lasting as
	// what Put wrote. It gives the objects in the order of the items; the zero
	// Object stands for an item whose condition did not hold. Digests were
	// checked on the way into the store, so there is no need to look again. After
	// any other failure each item is written or not. No two items have one key.
	// A wrapper of a bucket that is no Batcher gives errors.ErrUnsupported and
	// does nothing.
	PutAll(ctx context.Context, items []Item) ([]Object, error)
}

// PutAll is the PutAll of b where it has one, else errors.ErrUnsupported.
func PutAll(ctx context.Context, b Bucket, items []Item) ([]Object, error) {
	if batcher, ok := b.(Batcher); ok {
		return batcher.PutAll(ctx, items)
	}
	return nil, fmt.Errorf("put %d objects at once: %w", len(items), errors.ErrUnsupported)
}
