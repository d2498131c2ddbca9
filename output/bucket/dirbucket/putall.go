package dirbucket

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"

	"golang.org/x/sync/errgroup"

	"iltizam/output/bucket"
)

const (
	// together is how many objects of a PutAll are written before they are named.
	// It bounds the open folders.
	together = 256
	// parallel is how many wait for the disk at once. A file system writes its
	// log once for all that wait.
	parallel = 8
)

// PutAll writes many files and waits for the disk at once, then names them under
// one lock, then makes each folder durable once.
//
// One call that flushes the whole file system, such as Linux's syncfs, would need
// fewer calls, but waits for whatever else is written to the disk, for seconds
// on a busy one, and old kernels keep failed writes to themselves.
func (b *Bucket) PutAll(ctx context.Context, items []bucket.Item) ([]bucket.Object, error) {
	if len(items) == 0 {
		return nil, nil
	}
	for _, item := range items {
		if err := ready(ctx, item.Key); err != nil {
			return nil, fmt.Errorf("put %s: %w", item.Key, err)
		}
	}
	if err := b.claim(); err != nil {
		return nil, fmt.Errorf("put %s: %w", items[0].Key, err)
	}
	root, err := b.open()
	if err != nil {
		return nil, fmt.Errorf("put %s: %w", items[0].Key, err)
	}
	defer root.Close()
	objects := make([]bucket.Object, 0, len(items))
	for some := range slices.Chunk(items, together) {
		if objects, err = b.putSome(ctx, root, some, objects); err != nil {
			return nil, err
		}
	}
	return objects, b.syncAll(root, items)
}

// putSome puts some items but for the names, and appends their objects.
func (b *Bucket) putSome(ctx context.Context, root *os.Root, items []bucket.Item, objects []bucket.Object) ([]bucket.Object, error) {
	drafts := make([]*draft, len(items))
	defer func() {
		for _, d := range drafts {
			if d != nil {
				d.close()
			}
		}
	}()
	later := func(_ *os.Root, _, _ string) error { return nil } // syncAll does it
	work, working := errgroup.WithContext(ctx)
	work.SetLimit(parallel)
	for i, item := range items {
		work.Go(func() error {
			err := working.Err()
			if err == nil {
				drafts[i], err = b.spill(working, root, item, later)
			}
			if err != nil {
				return fmt.Errorf("put %s: %w", item.Key, err)
			}
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	return b.placeSome(ctx, root, drafts, objects)
}

func (b *Bucket) placeSome(ctx context.Context, root *os.Root, drafts []*draft, objects []bucket.Object) ([]bucket.Object, error) {
	unlock, err := b.lock(ctx)
	if err != nil {
		return nil, fmt.Errorf("put %s: %w", drafts[0].item.Key, err)
	}
	defer unlock()
	for _, d := range drafts {
		switch err := b.place(root, d); {
		case err == nil:
			objects = append(objects, d.object)
		case errors.Is(err, bucket.ErrPrecondition):
			objects = append(objects, bucket.Object{})
		default:
			return nil, fmt.Errorf("put %s: %w", d.item.Key, err)
		}
	}
	return objects, nil
}

// syncAll makes the names of all items durable, each folder on the way to them
// included, also one that another process has made and not synced yet.
func (b *Bucket) syncAll(root *os.Root, items []bucket.Item) error {
	folders := map[string]bool{".": true}
	for _, item := range items {
		for f := path.Dir(item.Key); !folders[f]; f = path.Dir(f) {
			folders[f] = true
		}
	}
	var work errgroup.Group
	work.SetLimit(parallel)
	for _, f := range slices.Sorted(maps.Keys(folders)) {
		work.Go(func() error {
			if err := b.syncIn(root, f, f); err != nil {
				return fmt.Errorf("put into %s: %w", f, known(err))
			}
			return nil
		})
	}
	return work.Wait()
}
