package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
)

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

// verified opens the workbook's file for archiving. The file may have changed
// since its digest was taken; then the last of its bytes is never given, but
// errChanged, so that nothing is archived under a digest that is not its own.
func verified(ctx context.Context, s Source, w *Workbook) func() (io.ReadSeekCloser, error) {
	return func() (io.ReadSeekCloser, error) {
		r, err := s.Open(ctx, w.Path)
		if err != nil {
			return nil, err
		}
		rs, ok := r.(io.ReadSeekCloser)
		if !ok {
			defer r.Close()
			// No more than one byte above what was hashed: that is change enough.
			b, err := io.ReadAll(io.LimitReader(r, w.Size+1))
			if err != nil {
				return nil, err
			}
			rs = nopCloser{bytes.NewReader(b)}
		}
		return &verifier{ReadSeekCloser: rs, want: w.Digest, size: w.Size, hash: sha256.New()}, nil
	}
}

// verifier hashes what is read from the start on.
type verifier struct {
	io.ReadSeekCloser
	want    string
	size    int64
	hash    hash.Hash
	read    int64 // bytes hashed
	astray  bool  // the reader jumped: what follows is no run of bytes from the start
	changed bool
}

// Seek moves; from the start on, what is read is hashed anew.
func (v *verifier) Seek(offset int64, whence int) (int64, error) {
	at, err := v.ReadSeekCloser.Seek(offset, whence)
	if err != nil {
		return at, err
	}
	if at == 0 {
		v.hash.Reset()
		v.read, v.astray = 0, false
	} else if at != v.read {
		v.astray = true
	}
	return at, nil
}

// Read gives the file's bytes; where they end, they must have been those that
// the digest was taken of.
func (v *verifier) Read(p []byte) (int, error) {
	if v.changed {
		return 0, errChanged
	}
	n, err := v.ReadSeekCloser.Read(p)
	if v.astray {
		return n, err
	}
	v.hash.Write(p[:n])
	v.read += int64(n)
	ended := v.read == v.size || err == io.EOF
	if v.read > v.size || ended && (v.read < v.size || hex.EncodeToString(v.hash.Sum(nil)) != v.want) {
		v.changed = true
		return 0, errChanged
	}
	return n, err
}
