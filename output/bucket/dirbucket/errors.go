package dirbucket

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"iltizam/output/bucket"
)

// known puts the bucket's own name on an error of the file system.
func known(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), diskFull(err):
		return fmt.Errorf("%w: %w", bucket.ErrFull, err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: %w", bucket.ErrDenied, err)
	}
	return err
}

// absent is known, for one object: a file where the key has a folder also
// means that there is no such object.
func absent(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return bucket.ErrNotExist
	}
	return known(err)
}

// syncIn makes the names in a folder of the bucket durable: that called name
// under root, which the bucket calls key.
func (b *Bucket) syncIn(root *os.Root, name, key string) error {
	d, err := root.Open(filepath.FromSlash(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // removed since, with all it held
	}
	if err != nil {
		return err
	}
	defer d.Close()
	if err := syncDir(d); err != nil {
		return err
	}
	b.tell("sync folder", key)
	return nil
}

func syncFolder(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	defer d.Close()
	return syncDir(d)
}
