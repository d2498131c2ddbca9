package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"iltizam/output"
)

// inMemory is up to which size, in bytes, a rendered file is held rather than
// put on the disk. A release has hundreds of small files and a few large ones.
const inMemory = 32 << 10

// diskSpool keeps rendered files until they are published, the large ones in a
// folder of their own.
type diskSpool struct{ dir string }

func newSpool() (*diskSpool, error) {
	dir, err := os.MkdirTemp("", "iltizam-")
	if err != nil {
		return nil, fmt.Errorf("make spool: %w", err)
	}
	return &diskSpool{dir}, nil
}

func (s *diskSpool) Create() (output.Spooled, error) { return &spooled{dir: s.dir}, nil }

func (s *diskSpool) remove() error { return os.RemoveAll(s.dir) }

// spooled is a file in the making: held, until it is too large for that.
type spooled struct {
	dir  string
	held []byte
	file *os.File // nil while all of it is held
}

func (s *spooled) Write(b []byte) (int, error) {
	if s.file == nil && len(s.held)+len(b) <= inMemory {
		s.held = append(s.held, b...)
		return len(b), nil
	}
	if s.file == nil {
		f, err := os.CreateTemp(s.dir, "file-")
		if err != nil {
			return 0, err
		}
		s.file = f
		if _, err := f.Write(s.held); err != nil {
			return 0, err
		}
		s.held = nil
	}
	return s.file.Write(b)
}

func (s *spooled) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

func (s *spooled) Open() (io.ReadSeekCloser, error) {
	if s.file == nil {
		return held{bytes.NewReader(s.held)}, nil
	}
	return os.Open(s.file.Name())
}

type held struct{ *bytes.Reader }

func (held) Close() error { return nil }
