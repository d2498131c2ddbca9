package filelock

import (
	"errors"
	"syscall"
)

const errSharingViolation = syscall.Errno(32)

// A handle that shares nothing is a lock that ends with its process.
func try(path string) (unlock func(), ok bool, err error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, false, err
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, errSharingViolation) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return func() { syscall.CloseHandle(h) }, true, nil
}
