package bucket

import (
	"context"
	"io"
	"iter"
	"strings"
)

// Prefixed is the part of a bucket under a folder, as a bucket of its own.
// Media types and cache rules follow from the whole key, so the place of
// releases takes its prefix from its address instead.
func Prefixed(b Bucket, prefix string) Bucket {
	prefix = strings.Trim(prefix, "/")
	if prefix == "" {
		return b
	}
	return prefixed{b: b, prefix: prefix + "/"}
}

type prefixed struct {
	b      Bucket
	prefix string
}

func (p prefixed) trim(o Object) Object {
	o.Key = strings.TrimPrefix(o.Key, p.prefix)
	return o
}

func (p prefixed) Stat(ctx context.Context, key string) (Object, error) {
	o, err := p.b.Stat(ctx, p.prefix+key)
	return p.trim(o), err
}

func (p prefixed) Get(ctx context.Context, key string) (io.ReadCloser, Object, error) {
	r, o, err := p.b.Get(ctx, p.prefix+key)
	return r, p.trim(o), err
}

func (p prefixed) Put(ctx context.Context, key string, body Body, c Cond) (Object, error) {
	o, err := p.b.Put(ctx, p.prefix+key, body, c)
	return p.trim(o), err
}

func (p prefixed) List(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		for o, err := range p.b.List(ctx, p.prefix+prefix) {
			if !yield(p.trim(o), err) {
				return
			}
		}
	}
}

func (p prefixed) Delete(ctx context.Context, key string) error {
	return p.b.Delete(ctx, p.prefix+key)
}

func (p prefixed) PutAll(ctx context.Context, items []Item) ([]Object, error) {
	whole := make([]Item, len(items))
	for i, item := range items {
		item.Key = p.prefix + item.Key
		whole[i] = item
	}
	objects, err := PutAll(ctx, p.b, whole)
	for i := range objects {
		objects[i] = p.trim(objects[i])
	}
	return objects, err
}
