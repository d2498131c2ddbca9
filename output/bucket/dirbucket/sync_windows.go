package dirbucket

import (
	"errors"
	"os"
	"syscall"
)

const (
	errHandleDiskFull = syscall.Errno(39)
	errDiskFull       = syscall.Errno(112)
)

// syncDir does nothing: Windows has no such call, and its file systems log names by themselves.
func syncDir(*os.File) error { return nil }

func diskFull(err error) bool {
	return errors.Is(err, errDiskFull) || errors.Is(err, errHandleDiskFull)
}
