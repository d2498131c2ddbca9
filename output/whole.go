package output

import (
	"bufio"
	"io"
)

// Whole gives a writer that turns a short write without an error into
// io.ErrShortWrite. A bufio.Writer over a writer that breaks that rule of
// io.Writer turns for ever. A bufio.Writer itself is given back: it keeps the
// rule, and need not be buffered again.
func Whole(w io.Writer) io.Writer {
	if b, ok := w.(*bufio.Writer); ok {
		return b
	}
	return whole{w}
}

type whole struct{ to io.Writer }

// Write passes b on.
func (w whole) Write(b []byte) (int, error) {
	n, err := w.to.Write(b)
	if err == nil && n != len(b) {
		err = io.ErrShortWrite
	}
	return n, err
}
