package main

import (
	"fmt"
	"io"
	"os"

	"iltizam/output"
)

// diskSpool keeps rendered files in a folder of their own until they are published.
type diskSpool struct{ dir string }

func newSpool() (*diskSpool, error) {
	dir, err := os.MkdirTemp("", "iltizam-")
	if err != nil {
		return nil, fmt.Errorf("make spool: %w", err)
	}
	return &diskSpool{dir}, nil
}

func (s *diskSpool) Create() (output.Spooled, error) {
	f, err := os.CreateTemp(s.dir, "file-")
	if err != nil {
		return nil, err
	}
	return spooled{f}, nil
}

func (s *diskSpool) remove() error { return os.RemoveAll(s.dir) }

type spooled struct{ *os.File }

func (s spooled) Open() (io.ReadSeekCloser, error) { return os.Open(s.Name()) }
