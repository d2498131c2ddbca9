package buckettest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"

	"iltizam/output/bucket"
)

// ErrInjected is what a Faulty bucket fails with when told nothing else.
var ErrInjected = errors.New("injected failure")

// Failure says which write of a Faulty bucket goes wrong, and how. Put, Delete
// and each item of a PutAll are writes.
type Failure struct {
	Write int   // the first is 1; 0 for none
	After bool  // the write takes effect and its answer is lost; else nothing is written
	Err   error // ErrInjected when nil; such as syscall.ENOSPC, bucket.ErrUnreachable
	// Crash makes every later call fail too, as for a process that is no more.
	Crash bool
}

// Faulty is a bucket of which one write fails.
type Faulty struct {
	b bucket.Bucket
	f Failure

	mu     sync.Mutex
	writes int
	calls  int
	struck bool
}

// Fault wraps a bucket so that one of its writes fails.
func Fault(b bucket.Bucket, f Failure) *Faulty {
	if f.Err == nil {
		f.Err = ErrInjected
	}
	return &Faulty{b: b, f: f}
}

// Writes counts the writes asked for so far, the failed one included.
func (b *Faulty) Writes() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.writes
}

// Calls counts all calls so far, the writes included.
func (b *Faulty) Calls() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls
}

// Struck tells whether the failure took place.
func (b *Faulty) Struck() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.struck
}

func (b *Faulty) read(act, key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls++
	return b.dead(act, key)
}

func (b *Faulty) dead(act, key string) error {
	if b.struck && b.f.Crash {
		return fmt.Errorf("%s %s: after a crash: %w", act, key, b.f.Err)
	}
	return nil
}

// write runs act unless it is the one to fail.
func (b *Faulty) write(name, key string, act func() error) error {
	b.mu.Lock()
	b.calls++
	if err := b.dead(name, key); err != nil {
		b.mu.Unlock()
		return err
	}
	b.writes++
	hit := b.writes == b.f.Write
	b.struck = b.struck || hit
	b.mu.Unlock()
	if !hit {
		return act()
	}
	if b.f.After {
		if err := act(); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s %s: %w", name, key, b.f.Err)
}

// Stat passes on.
func (b *Faulty) Stat(ctx context.Context, key string) (bucket.Object, error) {
	if err := b.read("stat", key); err != nil {
		return bucket.Object{}, err
	}
	return b.b.Stat(ctx, key)
}

// Get passes on.
func (b *Faulty) Get(ctx context.Context, key string) (io.ReadCloser, bucket.Object, error) {
	if err := b.read("get", key); err != nil {
		return nil, bucket.Object{}, err
	}
	return b.b.Get(ctx, key)
}

// List passes on.
func (b *Faulty) List(ctx context.Context, prefix string) iter.Seq2[bucket.Object, error] {
	if err := b.read("list", prefix); err != nil {
		return func(yield func(bucket.Object, error) bool) { yield(bucket.Object{}, err) }
	}
	return b.b.List(ctx, prefix)
}

// Put passes on, or fails.
func (b *Faulty) Put(ctx context.Context, key string, body bucket.Body, c bucket.Cond) (bucket.Object, error) {
	var o bucket.Object
	err := b.write("put", key, func() (err error) {
		o, err = b.b.Put(ctx, key, body, c)
		return err
	})
	if err != nil {
		return bucket.Object{}, err
	}
	return o, nil
}

// Delete passes on, or fails.
func (b *Faulty) Delete(ctx context.Context, key string) error {
	return b.write("delete", key, func() error { return b.b.Delete(ctx, key) })
}

// PutAll passes on the items before the one that fails, with it where the
// failure is After, or all.
func (b *Faulty) PutAll(ctx context.Context, items []bucket.Item) ([]bucket.Object, error) {
	if _, ok := b.b.(bucket.Batcher); !ok {
		return bucket.PutAll(ctx, b.b, items)
	}
	b.mu.Lock()
	b.calls++
	if err := b.dead("put", "many"); err != nil {
		b.mu.Unlock()
		return nil, err
	}
	left := b.f.Write - b.writes // until the one that fails, it included
	hit := 0 < left && left <= len(items)
	if hit {
		b.struck = true
		b.writes += left
	} else {
		b.writes += len(items)
	}
	b.mu.Unlock()
	if !hit {
		return bucket.PutAll(ctx, b.b, items)
	}
	pass := items[:left]
	if !b.f.After {
		pass = items[:left-1]
	}
	if _, err := bucket.PutAll(ctx, b.b, pass); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("put %s: %w", items[left-1].Key, b.f.Err)
}
