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

	"iltizam/output/bucket"
	"iltizam/output/bucket/internal/filelock"
)

// Put writes a file beside its place, makes it durable, then gives it its name.
func (b *Bucket) Put(ctx context.Context, key string, body bucket.Body, c bucket.Cond) (bucket.Object, error) {
	o, err := b.put(ctx, key, body, c)
	if err != nil {
		return bucket.Object{}, fmt.Errorf("put %s: %w", key, err)
	}
	return o, nil
}

func (b *Bucket) put(ctx context.Context, key string, body bucket.Body, c bucket.Cond) (bucket.Object, error) {
	if err := ready(ctx, key); err != nil {
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
	temp, o, err := b.spill(ctx, root, key, body)
	if err != nil {
		return bucket.Object{}, err
	}
	if err := b.place(ctx, root, temp, key, c); err != nil {
		root.Remove(temp)
		return bucket.Object{}, err
	}
	return o, known(syncIn(root, path.Dir(key)))
}

// spill writes the body into a new file in the folder of key. Where it fails it
// leaves no file.
func (b *Bucket) spill(ctx context.Context, root *os.Root, key string, body bucket.Body) (string, bucket.Object, error) {
	src, err := body.Open()
	if err != nil {
		return "", bucket.Object{}, err
	}
	defer src.Close()
	f, temp, err := b.create(root, path.Dir(key))
	if err != nil {
		return "", bucket.Object{}, known(err)
	}
	o, err := b.fill(ctx, f, src, body)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		root.Remove(temp)
		return "", bucket.Object{}, known(err)
	}
	o.Key = key
	return temp, o, nil
}

// create makes a new empty file in a folder of the bucket, with the folder. A
// folder may go while we look, when another process deletes its last file.
func (b *Bucket) create(root *os.Root, folder string) (*os.File, string, error) {
	const tries = 100
	var err error
	for range tries {
		if err = makeFolder(root, folder); err != nil {
			return nil, "", err
		}
		name := tempName + strconv.Itoa(os.Getpid()) + "-" + strconv.FormatInt(b.temp.Add(1), 10)
		name = filepath.Join(filepath.FromSlash(folder), name)
		var f *os.File
		f, err = root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
		if err == nil {
			return f, name, nil
		}
		if !errors.Is(err, fs.ErrExist) && !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return nil, "", err
}

// makeFolder makes a folder of the bucket, durably.
func makeFolder(root *os.Root, folder string) error {
	if folder == "." {
		return nil
	}
	name := filepath.FromSlash(folder)
	if info, err := root.Stat(name); err == nil && info.IsDir() {
		return nil
	}
	if err := makeFolder(root, path.Dir(folder)); err != nil {
		return err
	}
	if err := root.Mkdir(name, 0o755); errors.Is(err, fs.ErrExist) {
		return nil
	} else if err != nil {
		return err
	}
	return syncIn(root, path.Dir(folder))
}

func (b *Bucket) fill(ctx context.Context, f *os.File, src io.Reader, body bucket.Body) (bucket.Object, error) {
	to := b.onto(f)
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(to, h), &untilDone{ctx, src})
	if err != nil {
		return bucket.Object{}, err
	}
	sum := hex.EncodeToString(h.Sum(nil))
	if n != body.Size || sum != body.SHA256 {
		return bucket.Object{}, fmt.Errorf("%w: got %d bytes of sha256 %s", bucket.ErrDigest, n, sum)
	}
	if err := to.Sync(); err != nil {
		return bucket.Object{}, err
	}
	info, err := f.Stat()
	if err != nil {
		return bucket.Object{}, err
	}
	return bucket.Object{Size: n, ETag: sum, SHA256: sum, Stamp: stamp(info)}, nil
}

// place gives the finished file its name, if the condition holds.
func (b *Bucket) place(ctx context.Context, root *os.Root, temp, key string, c bucket.Cond) error {
	unlock, err := b.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	name := filepath.FromSlash(key)
	if c.IfMatch != "" {
		if err := matches(root, key, c.IfMatch); err != nil {
			return err
		}
	}
	if c.IfAbsent {
		return placeNew(root, temp, name)
	}
	return known(root.Rename(temp, name))
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
