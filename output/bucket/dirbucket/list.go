package dirbucket

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"iltizam/output/bucket"
)

// List yields the objects under a prefix without reading them, so without
// their digests. Files that no key can name are not objects of ours.
func (b *Bucket) List(ctx context.Context, prefix string) iter.Seq2[bucket.Object, error] {
	return func(yield func(bucket.Object, error) bool) {
		err := b.list(ctx, prefix, func(o bucket.Object) bool { return yield(o, nil) })
		if err != nil && !errors.Is(err, errStop) {
			yield(bucket.Object{}, fmt.Errorf("list %s: %w", prefix, err))
		}
	}
}

// errStop ends a walk whose reader has seen enough.
var errStop = errors.New("stop")

func (b *Bucket) list(ctx context.Context, prefix string, yield func(bucket.Object) bool) error {
	if err := bucket.CheckPrefix(prefix); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	root, err := b.open()
	if errors.Is(err, bucket.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	w := walk{ctx: ctx, root: root, prefix: prefix, yield: yield}
	return w.folder(prefix[:strings.LastIndexByte(prefix, '/')+1])
}

type walk struct {
	ctx    context.Context
	root   *os.Root
	prefix string
	yield  func(bucket.Object) bool
}

// folder walks one folder, named by "" or with a slash at its end.
func (w *walk) folder(folder string) error {
	entries, err := w.entries(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		key := folder + e.key
		if !strings.HasPrefix(key, w.prefix) && !strings.HasPrefix(w.prefix, key) {
			continue
		}
		if e.IsDir() {
			err = w.folder(key)
		} else {
			err = w.file(key, e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type entry struct {
	fs.DirEntry
	key string // name in the order of keys: a folder ends with a slash
}

func (w *walk) entries(folder string) ([]entry, error) {
	d, err := w.root.Open(path.Clean("./" + filepath.FromSlash(folder)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // removed since it was listed
	}
	if err != nil {
		return nil, known(err)
	}
	defer d.Close()
	info, err := d.Stat()
	if err != nil {
		return nil, known(err)
	}
	if !info.IsDir() {
		return nil, nil
	}
	found, err := d.ReadDir(-1)
	if err != nil {
		return nil, known(err)
	}
	entries := make([]entry, 0, len(found))
	for _, e := range found {
		switch {
		case bucket.CheckKey(e.Name()) != nil: // our own files, and other people's
		case e.IsDir():
			entries = append(entries, entry{e, e.Name() + "/"})
		case e.Type().IsRegular():
			entries = append(entries, entry{e, e.Name()})
		}
	}
	slices.SortFunc(entries, func(x, y entry) int { return strings.Compare(x.key, y.key) })
	return entries, nil
}

func (w *walk) file(key string, e entry) error {
	info, err := e.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return known(err)
	}
	if !w.yield(bucket.Object{Key: key, Size: info.Size(), Stamp: stamp(info)}) {
		return errStop
	}
	return nil
}
