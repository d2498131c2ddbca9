//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly || windows)

package filelock

import (
	"errors"
	"io/fs"
	"os"
)

// Without a lock of the kernel's, a file that must not exist is the lock; after
// a crash a person has to remove it.
func try(path string) (unlock func(), ok bool, err error) {
	held := path + ".held"
	f, err := os.OpenFile(held, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	f.Close()
	return func() { os.Remove(held) }, true, nil
}
