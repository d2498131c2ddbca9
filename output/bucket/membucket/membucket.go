// Package membucket is a bucket in memory, for tests.
package membucket

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"

	"iltizam/output/bucket"
)

// Bucket keeps its objects until it is forgotten. The zero value is empty and ready.
type Bucket struct {
	mu      sync.Mutex
	objects map[string]entry
	writes  int
}

type entry struct {
	data   []byte // never changed once stored
	object bucket.Object
}

// New makes an empty bucket.
func New() *Bucket { return &Bucket{} }

var _ bucket.Bucket = (*Bucket)(nil)

// Stat says what is known of an object.
func (b *Bucket) Stat(ctx context.Context, key string) (bucket.Object, error) {
	e, err := b.find(ctx, "stat", key)
	return e.object, err
}

// Get opens an object for reading.
func (b *Bucket) Get(ctx context.Context, key string) (io.ReadCloser, bucket.Object, error) {
	e, err := b.find(ctx, "get", key)
	if err != nil {
		return nil, bucket.Object{}, err
	}
	return io.NopCloser(bytes.NewReader(e.data)), e.object, nil
}

func (b *Bucket) find(ctx context.Context, act, key string) (entry, error) {
	if err := ready(ctx, key); err != nil {
		return entry{}, fmt.Errorf("%s %s: %w", act, key, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.objects[key]
	if !ok {
		return entry{}, fmt.Errorf("%s %s: %w", act, key, bucket.ErrNotExist)
	}
	return e, nil
}

// Put writes an object.
func (b *Bucket) Put(ctx context.Context, key string, body bucket.Body, c bucket.Cond) (bucket.Object, error) {
	if err := ready(ctx, key); err != nil {
		return bucket.Object{}, fmt.Errorf("put %s: %w", key, err)
	}
	data, err := read(body)
	if err != nil {
		return bucket.Object{}, fmt.Errorf("put %s: %w", key, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	old, exists := b.objects[key]
	if (c.IfAbsent && exists) || (c.IfMatch != "" && c.IfMatch != old.object.ETag) {
		return bucket.Object{}, fmt.Errorf("put %s: %w", key, bucket.ErrPrecondition)
	}
	if err := b.fileOrFolder(key); err != nil {
		return bucket.Object{}, fmt.Errorf("put %s: %w", key, err)
	}
	b.writes++
	if b.objects == nil {
		b.objects = make(map[string]entry)
	}
	o := bucket.Object{
		Key: key, Size: int64(len(data)), ETag: body.SHA256, SHA256: body.SHA256,
		Stamp: strconv.Itoa(b.writes),
	}
	b.objects[key] = entry{data: data, object: o}
	return o, nil
}

// fileOrFolder refuses what a folder could not keep, so that a test on memory
// does not promise more than the real stores hold.
func (b *Bucket) fileOrFolder(key string) error {
	for other := range b.objects {
		if strings.HasPrefix(other, key+"/") || strings.HasPrefix(key, other+"/") {
			return fmt.Errorf("key %s is there already: %w", other, bucket.ErrKey)
		}
	}
	return nil
}

// List yields the objects under a prefix, as they stood when it was asked.
func (b *Bucket) List(ctx context.Context, prefix string) iter.Seq2[bucket.Object, error] {
	return func(yield func(bucket.Object, error) bool) {
		if err := bucket.CheckPrefix(prefix); err != nil {
			yield(bucket.Object{}, fmt.Errorf("list %s: %w", prefix, err))
			return
		}
		for _, o := range b.snapshot(prefix) {
			if err := ctx.Err(); err != nil {
				yield(bucket.Object{}, fmt.Errorf("list %s: %w", prefix, err))
				return
			}
			if !yield(o, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(bucket.Object{}, fmt.Errorf("list %s: %w", prefix, err))
		}
	}
}

func (b *Bucket) snapshot(prefix string) []bucket.Object {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []bucket.Object
	for key, e := range b.objects {
		if strings.HasPrefix(key, prefix) {
			all = append(all, e.object)
		}
	}
	slices.SortFunc(all, func(x, y bucket.Object) int { return strings.Compare(x.Key, y.Key) })
	return all
}

// Delete removes an object.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	if err := ready(ctx, key); err != nil {
		return fmt.Errorf("delete %s: %w", key, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.objects, key)
	return nil
}

func ready(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return bucket.CheckKey(key)
}

func read(body bucket.Body) ([]byte, error) {
	r, err := body.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	if got := hex.EncodeToString(sum[:]); int64(len(data)) != body.Size || got != body.SHA256 {
		return nil, fmt.Errorf("%w: got %d bytes of sha256 %s", bucket.ErrDigest, len(data), got)
	}
	return data, nil
}
