package release

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"iltizam/output/bucket"
)

// upload sends each object once. An object of the current release is sent only
// if it is not what it should be.
func (c *committer) upload(ctx context.Context, kept map[string]bool, out *Outcome) error {
	all := distinct(c.s.Manifest.Files)
	files, err := c.unsent(ctx, slices.Clone(all), kept)
	if err != nil {
		return err
	}
	out.Kept = len(all) - len(files)
	items := make([]bucket.Item, len(files))
	for i, f := range files {
		items[i] = bucket.Item{Key: f.Key, Body: c.s.bodies[f.Key]}
	}
	switch _, err := bucket.PutAll(ctx, c.b, items); {
	case errors.Is(err, errors.ErrUnsupported):
		return c.sendEach(ctx, files, out)
	case err != nil:
		return err
	}
	out.Uploaded = len(files)
	for _, f := range files {
		out.Bytes += f.Size
	}
	return nil
}

// unsent are the files without those kept whose object is as it should be.
func (c *committer) unsent(ctx context.Context, files []ManifestFile, kept map[string]bool) ([]ManifestFile, error) {
	var there []ManifestFile
	for _, f := range files {
		if kept[f.Key] {
			there = append(there, f)
		}
	}
	var whole sync.Map
	err := each(ctx, c.parallel, there, func(f ManifestFile) error {
		why, err := amiss(ctx, c.b, f)
		if err == nil && why == "" {
			whole.Store(f.Key, nil)
		}
		return err
	})
	return slices.DeleteFunc(files, func(f ManifestFile) bool {
		_, ok := whole.Load(f.Key)
		return ok
	}), err
}

// sendEach sends one object after another, looking at what the store made of each.
func (c *committer) sendEach(ctx context.Context, files []ManifestFile, out *Outcome) error {
	var sent, size atomic.Int64
	err := each(ctx, c.parallel, files, func(f ManifestFile) error {
		if _, err := c.b.Put(ctx, f.Key, c.s.bodies[f.Key], bucket.Cond{}); err != nil {
			return err
		}
		sent.Add(1)
		size.Add(f.Size)
		why, err := amiss(ctx, c.b, f)
		if err == nil && why != "" {
			err = fmt.Errorf("check %s: the store kept something else: %s: %w", f.Key, why, bucket.ErrDigest)
		}
		return err
	})
	out.Uploaded, out.Bytes = int(sent.Load()), size.Load()
	return err
}

// distinct are the files without those that share their object with an earlier one.
func distinct(files []ManifestFile) []ManifestFile {
	seen := make(map[string]bool, len(files))
	var out []ManifestFile
	for _, f := range files {
		if !seen[f.Key] {
			seen[f.Key] = true
			out = append(out, f)
		}
	}
	return out
}

// each runs act for all items, parallel of them at once. After a failure it
// starts no more, waits for those under way and returns every error.
func each[T any](ctx context.Context, parallel int, items []T, act func(T) error) error {
	var (
		g      errgroup.Group
		failed atomic.Bool
		errs   = make([]error, len(items))
	)
	g.SetLimit(parallel)
	for i, item := range items {
		g.Go(func() error {
			if failed.Load() || ctx.Err() != nil {
				return nil
			}
			if errs[i] = act(item); errs[i] != nil {
				failed.Store(true)
			}
			return nil
		})
	}
	_ = g.Wait() // its errors are in errs
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return ctx.Err()
}

// amiss says in words what is wrong with the object of a file by what the store
// tells of it, "" where nothing is. An error means that the store could not be asked.
func amiss(ctx context.Context, b bucket.Bucket, f ManifestFile) (string, error) {
	o, err := b.Stat(ctx, f.Key)
	if errors.Is(err, bucket.ErrNotExist) {
		return "it is missing", nil
	}
	if err != nil {
		return "", err
	}
	if o.SHA256 == "" && o.Size == f.Size {
		return misread(ctx, b, f)
	}
	return differs(f, o.Size, o.SHA256), nil
}

// misread is amiss by the bytes themselves.
func misread(ctx context.Context, b bucket.Bucket, f ManifestFile) (string, error) {
	r, _, err := b.Get(ctx, f.Key)
	if errors.Is(err, bucket.ErrNotExist) {
		return "it is missing", nil
	}
	if err != nil {
		return "", err
	}
	defer r.Close()
	h := sha256.New()
	// One byte more than there should be is enough to know.
	n, err := io.Copy(h, io.LimitReader(r, f.Size+1))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", f.Key, err)
	}
	return differs(f, n, hex.EncodeToString(h.Sum(nil))), nil
}

func differs(f ManifestFile, size int64, sha string) string {
	switch {
	case size > f.Size:
		return fmt.Sprintf("it is longer than the %d bytes of the manifest", f.Size)
	case size < f.Size:
		return fmt.Sprintf("it has %d bytes, the manifest says %d", size, f.Size)
	case sha != f.SHA256:
		return fmt.Sprintf("its sha256 is %s, the manifest says %s", sha, f.SHA256)
	}
	return ""
}
