// Package dirbucket is a bucket in a folder of the local disk.
//
// What it promises holds for a power cut too, as far as the file system keeps
// its own promises: a file is durable before it gets the name of its object, so
// that the object is there whole or not at all; and when Put or PutAll returns,
// the name is durable, with the folders on the way to it. What is put after that,
// such as a head that names the object, is therefore never there without it.
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
	"sync"
	"sync/atomic"

	"iltizam/output/bucket"
)

const (
	marker   = ".iltizam-bucket" // says that the folder is ours to write in
	lockFile = ".iltizam-lock"   // held while a key changes
	tempName = ".iltizam-tmp-"   // start of the name of a file being written
)

const markerText = "This folder is a bucket kept by iltizam. Files in it are replaced without asking.\n"

// Bucket keeps each object as a file of the same name. The ETag is the SHA-256
// of the bytes. Several processes may share the folder where the file system
// has working locks; network file systems often have none.
type Bucket struct {
	root string // absolute
	temp atomic.Int64
	kept sync.Map // the folders whose names keep made durable
	// onto lets a test stand between the bucket and a file being written.
	onto func(*os.File) sink
	// tell lets a test hear what was done, and of which key or folder:
	// "folder" (made), "sync file", "name", "sync folder".
	tell func(act, key string)
}

// sink is what a Put needs of a file.
type sink interface {
	io.Writer
	Sync() error
}

var (
	_ bucket.Bucket  = (*Bucket)(nil)
	_ bucket.Batcher = (*Bucket)(nil)
)

// Open takes a folder as a bucket. An absent folder is made by the first Put. A
// folder that holds files but not our marker is refused: it is someone else's.
func Open(root string) (*Bucket, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("open folder %s: %w", root, err)
	}
	b := &Bucket{root: abs, onto: func(f *os.File) sink { return f }, tell: func(string, string) {}}
	if _, err := b.owned(); err != nil {
		return nil, fmt.Errorf("open folder %s: %w", abs, err)
	}
	return b, nil
}

// owned says whether the folder bears our marker; a folder of someone else is an error.
func (b *Bucket) owned() (bool, error) {
	if b.marked() {
		return true, nil
	}
	d, err := os.Open(b.root)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, known(err)
	}
	defer d.Close()
	switch names, err := d.Readdirnames(1); {
	case errors.Is(err, io.EOF):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("it is not a folder that can be read: %w", err)
	case b.marked():
		return true, nil // made since we asked; it is the first file of all
	default:
		return false, fmt.Errorf("it holds files (such as %s) but no %s, so it is not ours to write in: "+
			"choose an empty or a new folder, or create an empty file %s in it if all it holds may be replaced: %w",
			names[0], marker, marker, bucket.ErrDenied)
	}
}

func (b *Bucket) marked() bool {
	_, err := os.Lstat(filepath.Join(b.root, marker))
	return err == nil
}

// claim makes the folder and its marker before the first write.
func (b *Bucket) claim() error {
	mine, err := b.owned()
	if err != nil || mine {
		return err
	}
	missing := missing(b.root)
	if err := os.MkdirAll(b.root, 0o755); err != nil {
		return known(err)
	}
	if err := os.WriteFile(filepath.Join(b.root, marker), []byte(markerText), 0o644); err != nil {
		return known(err)
	}
	if err := syncFolder(b.root); err != nil {
		return known(err)
	}
	for _, made := range missing {
		// One may be free to make folders in a folder that one may not read.
		if err := syncFolder(filepath.Dir(made)); err != nil && !errors.Is(err, fs.ErrPermission) {
			return known(err)
		}
	}
	return nil
}

// missing are the folders that have to be made for a name to be one.
func missing(name string) []string {
	var all []string
	for {
		if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			return all
		}
		all = append(all, name)
		name = filepath.Dir(name)
	}
}

// open takes the folder as a root that no key, dot-dot or link leads out of.
func (b *Bucket) open() (*os.Root, error) {
	r, err := os.OpenRoot(b.root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, bucket.ErrNotExist
	}
	return r, known(err)
}

// Stat reads the object to tell its digest.
func (b *Bucket) Stat(ctx context.Context, key string) (bucket.Object, error) {
	f, o, err := b.read(ctx, key)
	if err != nil {
		return bucket.Object{}, fmt.Errorf("stat %s: %w", key, err)
	}
	f.Close()
	return o, nil
}

// Get opens an object for reading.
func (b *Bucket) Get(ctx context.Context, key string) (io.ReadCloser, bucket.Object, error) {
	f, o, err := b.read(ctx, key)
	if err != nil {
		return nil, bucket.Object{}, fmt.Errorf("get %s: %w", key, err)
	}
	return f, o, nil
}

// read opens the file of a key and digests it. A file is never changed in
// place, so the digest holds for whatever is read from the same descriptor.
func (b *Bucket) read(ctx context.Context, key string) (*os.File, bucket.Object, error) {
	if err := ready(ctx, key); err != nil {
		return nil, bucket.Object{}, err
	}
	root, err := b.open()
	if err != nil {
		return nil, bucket.Object{}, err
	}
	defer root.Close()
	f, err := openRegular(root, key)
	if err != nil {
		return nil, bucket.Object{}, err
	}
	o, err := digest(f, key)
	if err != nil {
		f.Close()
		return nil, bucket.Object{}, err
	}
	return f, o, nil
}

func openRegular(root *os.Root, key string) (*os.File, error) {
	name := filepath.FromSlash(key)
	// Asked before opening: to open a pipe would wait for its writer.
	info, err := root.Lstat(name)
	switch {
	case err != nil:
		return nil, absent(err)
	case info.IsDir():
		return nil, bucket.ErrNotExist
	case !info.Mode().IsRegular():
		return nil, errors.New("it is a link or a device, not a file")
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, absent(err)
	}
	return f, nil
}

func digest(f *os.File, key string) (bucket.Object, error) {
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return bucket.Object{}, known(err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return bucket.Object{}, err
	}
	info, err := f.Stat()
	if err != nil {
		return bucket.Object{}, err
	}
	sum := hex.EncodeToString(h.Sum(nil))
	return bucket.Object{Key: key, Size: n, ETag: sum, SHA256: sum, Stamp: stamp(info)}, nil
}

// stamp is what a folder tells of a file without reading it.
func stamp(info fs.FileInfo) string {
	return strconv.FormatInt(info.Size(), 36) + "-" + strconv.FormatInt(info.ModTime().UnixNano(), 36)
}

// Delete removes an object, then the folders that it leaves empty.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	if err := b.delete(ctx, key); err != nil && !errors.Is(err, bucket.ErrNotExist) {
		return fmt.Errorf("delete %s: %w", key, err)
	}
	return nil
}

func (b *Bucket) delete(ctx context.Context, key string) error {
	if err := ready(ctx, key); err != nil {
		return err
	}
	root, err := b.open()
	if err != nil {
		return err
	}
	defer root.Close()
	if mine, err := b.owned(); err != nil || !mine {
		return err
	}
	unlock, err := b.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	name := filepath.FromSlash(key)
	info, err := root.Lstat(name)
	if err != nil {
		return absent(err)
	}
	if info.IsDir() {
		return bucket.ErrNotExist
	}
	if err := root.Remove(name); err != nil {
		return known(err)
	}
	folder := path.Dir(key)
	for folder != "." && root.Remove(filepath.FromSlash(folder)) == nil {
		b.kept.Delete(folder)
		folder = path.Dir(folder)
	}
	return known(b.syncIn(root, folder, folder))
}

func ready(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return bucket.CheckKey(key)
}
