package main

import (
	"io/fs"
	"syscall"
)

// changeTime is when a file, or what is known of it, was last changed, in
// nanoseconds since 1970: unlike the time of writing nobody can set it.
func changeTime(info fs.FileInfo) int64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Ctim.Nano()
	}
	return 0
}

// fileID is a file's place on its disk.
func fileID(info fs.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Ino
	}
	return 0
}
