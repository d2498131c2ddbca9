package outputtest

import (
	"bytes"
	"errors"
	"io"
	"sync/atomic"

	"iltizam/output"
)

// Spool is an output.Spool in memory, safe for concurrent use. The zero Spool
// is ready.
type Spool struct {
	Fail    error // where set, Create fails with it
	created atomic.Int64
	closed  atomic.Int64
}

// Create opens an empty place.
func (s *Spool) Create() (output.Spooled, error) {
	if s.Fail != nil {
		return nil, s.Fail
	}
	s.created.Add(1)
	return &place{spool: s}, nil
}

// Unclosed gives how many places were created but not closed.
func (s *Spool) Unclosed() int64 { return s.created.Load() - s.closed.Load() }

type place struct {
	spool  *Spool
	buf    bytes.Buffer
	closed bool
}

// Write adds bytes; a closed place takes none.
func (p *place) Write(b []byte) (int, error) {
	if p.closed {
		return 0, errors.New("write to a closed spool place")
	}
	return p.buf.Write(b)
}

// Close ends the writing; a second time is an error.
func (p *place) Close() error {
	if p.closed {
		return errors.New("close a closed spool place")
	}
	p.closed = true
	p.spool.closed.Add(1)
	return nil
}

// Open gives the bytes from their start; only a closed place has them.
func (p *place) Open() (io.ReadSeekCloser, error) {
	if !p.closed {
		return nil, errors.New("open a spool place that is still written")
	}
	return nopCloser{bytes.NewReader(p.buf.Bytes())}, nil
}

type nopCloser struct{ io.ReadSeeker }

// Close does nothing.
func (nopCloser) Close() error { return nil }
