package scan

import (
	"compress/flate"
	"io"
	"sync"
)

// Space keeps the buffers that parts were read with, for the parts and the
// workbooks that follow. Its zero value is ready; any number of goroutines may
// share one.
type Space struct {
	mu      sync.Mutex
	free    []*gear
	careful bool // no short cuts, for the tests
}

// gear is what one part is read with.
type gear struct {
	feed  feed
	flate io.ReadCloser // also a flate.Resetter
	part  part
	tok   tokenizer
	lex   lexer
	walk  walker
}

const (
	// Inflating gives 32 KiB at a time: the rest is room for the token that the
	// last 32 KiB cut.
	firstBuffer = 40 << 10
	feedBuffer  = 16 << 10
	// What one odd file made larger is not kept.
	keptBuffer = 256 << 10
	keptName   = 256
	keptGears  = 64
)

func (s *Space) take() *gear {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.free); n > 0 {
		g := s.free[n-1]
		s.free[n-1], s.free = nil, s.free[:n-1]
		return g
	}
	g := &gear{feed: feed{buf: make([]byte, feedBuffer)}}
	g.flate = flate.NewReader(&g.feed)
	return g
}

func (s *Space) give(g *gear) {
	g.feed.r, g.feed.err = nil, nil
	g.part = part{}
	g.tok.reset(nil, "", 0)
	g.lex.reset(nil, Limits{})
	g.walk.reset(nil, nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.free) < keptGears {
		s.free = append(s.free, g)
	}
}

// kept gives a buffer emptied, or nothing in the place of one that grew large.
func kept(b []byte) []byte {
	if cap(b) > keptBuffer {
		return nil
	}
	return b[:0]
}

// feed is a plain buffered reader: package flate asks it for single bytes, so it
// does no more than it must.
type feed struct {
	r        io.Reader
	buf      []byte
	pos, end int
	err      error
}

func (f *feed) reset(r io.Reader) { f.r, f.pos, f.end, f.err = r, 0, 0, nil }

func (f *feed) fill() bool {
	f.pos, f.end = 0, 0
	for range 100 {
		if f.err != nil {
			return false
		}
		if f.end, f.err = f.r.Read(f.buf); f.end > 0 {
			return true
		}
	}
	if f.err == nil {
		f.err = io.ErrNoProgress
	}
	return false
}

func (f *feed) ReadByte() (byte, error) {
	if f.pos == f.end && !f.fill() {
		return 0, f.err
	}
	c := f.buf[f.pos]
	f.pos++
	return c, nil
}

func (f *feed) Read(p []byte) (int, error) {
	if f.pos == f.end && !f.fill() {
		return 0, f.err
	}
	n := copy(p, f.buf[f.pos:f.end])
	f.pos += n
	return n, nil
}
