package dirbucket

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"iltizam/output/bucket"
	"iltizam/output/bucket/internal/filelock"
)

// Put writes a file beside its place, makes it durable, gives it its name, then
// makes the name durable.
func (b *Bucket) Put(ctx context.Context, key string, body bucket.Body, c bucket.Cond) (bucket.Object, error) {
	o, err := b.put(ctx, bucket.Item{Key: key, Body: body, Cond: c})
	if err != nil {
		return bucket.Object{}, fmt.Errorf("put %s: %w", key, err)
	}
	return o, nil
}

func (b *Bucket) put(ctx context.Context, item bucket.Item) (bucket.Object, error) {
	if err := ready(ctx, item.Key); err != nil {
		return bucket.Object{}, err
	}
	if err := b.claim(); err != nil {
		return bucket.Object{}, err
	}
	root, err := b.open()
	if err != nil {
		return bucket.Object{}, err
	}
	defer root.Close()
	// Asked first too, so that a refusal costs no writing.
	if err := holds(root, item.Key, item.Cond); err != nil {
		return bucket.Object{}, b.refused(root, item, err)
	}
	d, err := b.spill(ctx, root, item, b.keep)
	if err != nil {
		return bucket.Object{}, err
	}
	defer d.close()
	unlock, err := b.lock(ctx)
	if err != nil {
		return bucket.Object{}, err
	}
	err = b.place(root, d)
	unlock()
	if err != nil {
		return bucket.Object{}, b.refused(root, item, err)
	}
	return d.object, known(b.syncIn(d.folder, ".", path.Dir(item.Key)))
}

// refused gives an error of a condition as it is. Where an object is there
// already, its name is made durable: it may be of a Put still under way, and
// whoever hears of it builds on it.
func (b *Bucket) refused(root *os.Root, item bucket.Item, err error) error {
	if item.Cond.IfAbsent && errors.Is(err, bucket.ErrPrecondition) {
		folder := path.Dir(item.Key)
		if err := b.syncIn(root, folder, folder); err != nil {
			return known(err)
		}
	}
	return err
}

// draft is an object whose bytes are durable, under a name of ours.
type draft struct {
	item   bucket.Item
	object bucket.Object
	folder *os.Root // of the key
	temp   string   // name in it, "" once it has its own
}

// close takes away what was not placed.
func (d *draft) close() {
	if d.temp != "" {
		d.folder.Remove(d.temp)
	}
	d.folder.Close()
}

// spill writes a body into a new file in the folder of its key. Where it fails it
// leaves no file.
func (b *Bucket) spill(ctx context.Context, root *os.Root, item bucket.Item, each step) (*draft, error) {
	src, err := item.Body.Open()
	if err != nil {
		return nil, err
	}
	defer src.Close()
	d := &draft{item: item}
	f, err := b.create(root, d, each)
	if err != nil {
		return nil, known(err)
	}
	d.object, err = b.fill(ctx, f, src, item)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		d.close()
		return nil, known(err)
	}
	return d, nil
}

// create makes a new empty file in the folder of a key, with the folder. A
// folder may go while we look, when another process deletes its last file.
func (b *Bucket) create(root *os.Root, d *draft, each step) (*os.File, error) {
	const tries = 100
	var err error
	for range tries {
		if d.folder, err = b.enter(root, path.Dir(d.item.Key), each); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		d.temp = tempName + strconv.Itoa(os.Getpid()) + "-" + strconv.FormatInt(b.temp.Add(1), 10)
		var f *os.File
		if f, err = d.folder.OpenFile(d.temp, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644); err == nil {
			return f, nil
		}
		d.folder.Close()
		if !errors.Is(err, fs.ErrExist) && !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return nil, err
}

// step is called when a folder was entered, or made, on the way to a key.
type step func(above *os.Root, aboveKey, key string) error

// keep makes the name of a folder durable, once in the life of the bucket: whoever
// made it may not have come to that yet.
func (b *Bucket) keep(above *os.Root, aboveKey, key string) error {
	if _, done := b.kept.Load(key); done {
		return nil
	}
	if err := b.syncIn(above, ".", aboveKey); err != nil {
		return err
	}
	b.kept.Store(key, nil)
	return nil
}

// enter opens a folder of the bucket, step by step, making what is missing.
func (b *Bucket) enter(root *os.Root, folder string, each step) (*os.Root, error) {
	at, err := root.OpenRoot(".")
	if err != nil || folder == "." {
		return at, err
	}
	key := "."
	for name := range strings.SplitSeq(folder, "/") {
		next, err := at.OpenRoot(name)
		if errors.Is(err, fs.ErrNotExist) {
			if err = at.Mkdir(name, 0o755); err == nil || errors.Is(err, fs.ErrExist) {
				b.tell("folder", path.Join(key, name))
				next, err = at.OpenRoot(name)
			}
		}
		if err != nil {
			at.Close()
			return nil, err
		}
		above, aboveKey := at, key
		at, key = next, path.Join(key, name)
		err = each(above, aboveKey, key)
		above.Close()
		if err != nil {
			at.Close()
			return nil, err
		}
	}
	return at, nil
}

func (b *Bucket) fill(ctx context.Context, f *os.File, src io.Reader, item bucket.Item) (bucket.Object, error) {
	to := b.onto(f)
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(to, h), &untilDone{ctx, src})
	if err != nil {
		return bucket.Object{}, err
	}
	sum := hex.EncodeToString(h.Sum(nil))
	if n != item.Body.Size || sum != item.Body.SHA256 {
		return bucket.Object{}, fmt.Errorf("%w: got %d bytes of sha256 %s", bucket.ErrDigest, n, sum)
	}
	if err := to.Sync(); err != nil {
		return bucket.Object{}, err
	}
	b.tell("sync file", item.Key)
	info, err := f.Stat()
	if err != nil {
		return bucket.Object{}, err
	}
	return bucket.Object{Key: item.Key, Size: n, ETag: sum, SHA256: sum, Stamp: stamp(info)}, nil
}

// place gives a finished file its name, if the condition holds. The caller has
// the lock.
func (b *Bucket) place(root *os.Root, d *draft) error {
	if d.item.Cond.IfMatch != "" {
		if err := matches(root, d.item.Key, d.item.Cond.IfMatch); err != nil {
			return err
		}
	}
	var err error
	if name := path.Base(d.item.Key); d.item.Cond.IfAbsent {
		err = placeNew(d.folder, d.temp, name)
	} else {
		err = known(d.folder.Rename(d.temp, name))
	}
	if err == nil {
		d.temp = ""
		b.tell("name", d.item.Key)
	}
	return err
}

// holds tells whether a condition holds now; ErrPrecondition where it does not.
func holds(root *os.Root, key string, c bucket.Cond) error {
	if c.IfMatch != "" {
		if err := matches(root, key, c.IfMatch); err != nil {
			return err
		}
	}
	if c.IfAbsent {
		if _, err := root.Lstat(filepath.FromSlash(key)); err == nil {
			return bucket.ErrPrecondition
		}
	}
	return nil
}

func matches(root *os.Root, key, etag string) error {
	f, err := openRegular(root, key)
	if errors.Is(err, bucket.ErrNotExist) {
		return bucket.ErrPrecondition
	}
	if err != nil {
		return err
	}
	defer f.Close()
	now, err := digest(f, key)
	if err != nil {
		return err
	}
	if now.ETag != etag {
		return bucket.ErrPrecondition
	}
	return nil
}

// placeNew holds by itself, without the lock, wherever the file system knows
// links; elsewhere it leans on the lock.
func placeNew(root *os.Root, temp, name string) error {
	err := root.Link(temp, name)
	switch {
	case err == nil:
		return known(root.Remove(temp))
	case errors.Is(err, fs.ErrExist):
		return bucket.ErrPrecondition
	}
	if _, statErr := root.Lstat(name); statErr == nil {
		return bucket.ErrPrecondition
	} else if !errors.Is(statErr, fs.ErrNotExist) {
		return known(err)
	}
	return known(root.Rename(temp, name))
}

func (b *Bucket) lock(ctx context.Context) (func(), error) {
	unlock, err := filelock.Lock(ctx, filepath.Join(b.root, lockFile))
	return unlock, known(err)
}

// untilDone stops a long copy when its context ends.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u *untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}
