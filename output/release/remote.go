package release

import (
	"context"
	"fmt"
	"io"

	"iltizam/output/bucket"
)

// remoteBody is a Body whose bytes are those of an object in the bucket, read
// as they are sent: a file of any size passes without being held.
func remoteBody(ctx context.Context, b bucket.Bucket, f ManifestFile) bucket.Body {
	return bucket.Body{Size: f.Size, SHA256: f.SHA256, Open: func() (io.ReadSeekCloser, error) {
		return &remote{ctx: ctx, b: b, key: f.Key, size: f.Size}, nil
	}}
}

type remote struct {
	ctx  context.Context
	b    bucket.Bucket
	key  string
	size int64
	at   int64 // where the next Read starts
	open io.ReadCloser
}

func (r *remote) Read(p []byte) (int, error) {
	if r.open == nil {
		body, _, err := r.b.Get(r.ctx, r.key)
		if err != nil {
			return 0, err
		}
		r.open = body
		if _, err := io.CopyN(io.Discard, body, r.at); err != nil && err != io.EOF {
			return 0, err
		}
	}
	n, err := r.open.Read(p)
	r.at += int64(n)
	return n, err
}

// Seek only notes the place; the object is asked for again at the next Read.
func (r *remote) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.size
	}
	if offset < 0 {
		return 0, fmt.Errorf("seek %s: before its start", r.key)
	}
	if offset != r.at {
		r.Close()
		r.at = offset
	}
	return offset, nil
}

func (r *remote) Close() error {
	if r.open == nil {
		return nil
	}
	err := r.open.Close()
	r.open = nil
	return err
}
