//go:build !windows

package dirbucket

import (
	"errors"
	"os"
	"syscall"
)

// syncDir makes the names in a folder durable, where the file system can.
func syncDir(d *os.File) error {
	err := d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return err
}

func diskFull(error) bool { return false }
