// Package intake turns an inbox into archived workbooks.
package intake

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

// Entry is one file of a place.
type Entry struct {
	Key  string // slash-separated, relative to the place
	Size int64  // bytes
	// Version is opaque: a file of the same key, size and version was not written
	// since. It is empty where the place cannot tell.
	Version string
}

// Source is a place that workbooks are read from.
type Source interface {
	// List gives the files whose key starts with prefix, sorted by key.
	List(ctx context.Context, prefix string) ([]Entry, error)
	// Open reads one file; the caller closes it. A file that is not there is an
	// error that wraps fs.ErrNotExist, where the place can tell.
	Open(ctx context.Context, key string) (io.ReadCloser, error)
}

// Skip is an entry of a place that was passed over.
type Skip struct {
	Key    string // as in Entry, of a file or a folder
	Reason string // what it is, and what to do: "is a link; ..."
	Denied bool   // it may hold workbooks, but may not be read
}

// Unreadable is the Reason of an entry that the file system keeps from us.
const Unreadable = "may not be read: give this program's user the right to read it"

// Unfinished is the Reason of a file that somebody is still writing.
const Unfinished = "is still being written: the next run takes it"

// Skipper is a Source that wants to know of files that Fetch could not read.
type Skipper interface {
	Skip(s Skip)
}

// Watcher is a Source that can tell which of its files are still being written.
type Watcher interface {
	// Growing gives the keys of the files that are not to be read yet.
	Growing(ctx context.Context, files []Entry) (map[string]bool, error)
}

// Store is a place that workbooks are kept in.
type Store interface {
	Source
	// PutNew writes a file unless one of that key exists; then it does nothing.
	// content may be called more than once.
	PutNew(ctx context.Context, key string, size int64, sha256 string, content func() (io.ReadSeekCloser, error)) error
	// Replace writes a file, whatever stands there: all of it or nothing. It is for
	// what can be made again.
	Replace(ctx context.Context, key string, content []byte) error
}

// Workbook is a file as received, kept in the archive.
type Workbook struct {
	Digest      string   // SHA-256, lower-case hex
	Size        int64    // bytes
	Institution string   // the inbox folder it was dropped in, "" outside any
	Path        string   // inbox key under which it was first seen; private
	ReceivedAt  string   // RFC 3339, UTC; set once, when first seen
	InInbox     bool     // it lies in the inbox now
	Round       int      // how often it was judged, 0 where it was not; set by whoever judges
	Again       []string // other inbox keys that the same file lies under now
	archive     Store
	receiptSize int64 // bytes of the receipt's file, 0 where it is not known
}

// SubmissionID is the public name of the workbook's content.
func (w *Workbook) SubmissionID() string { return w.Digest[:16] }

// Name is what reports call the workbook: the path it was dropped at.
func (w *Workbook) Name() string { return w.Path }

// Bytes reads the workbook from the archive. More than limit bytes are an error
// that wraps ErrTooLarge.
func (w *Workbook) Bytes(ctx context.Context, limit int64) ([]byte, error) {
	if w.Size > limit {
		return nil, fmt.Errorf("read workbook %s: %d bytes: %w", w.Path, w.Size, ErrTooLarge)
	}
	r, err := w.archive.Open(ctx, rawKey(w.Digest))
	if err != nil {
		return nil, fmt.Errorf("read workbook %s: %w", w.Path, err)
	}
	defer r.Close()
	var buf bytes.Buffer
	buf.Grow(int(w.Size) + bytes.MinRead)
	if _, err := io.Copy(&buf, io.LimitReader(r, w.Size+1)); err != nil {
		return nil, fmt.Errorf("read workbook %s: %w", w.Path, err)
	}
	if sum := sha256.Sum256(buf.Bytes()); hex.EncodeToString(sum[:]) != w.Digest {
		return nil, fmt.Errorf("read workbook %s: the archived copy is not what was received (SHA-256 differs)", w.Path)
	}
	return buf.Bytes(), nil
}

func rawKey(digest string) string { return "raw/" + digest[:2] + "/" + digest + ".xlsx" }

// Fetch archives each new file of the inbox, raw bytes first, then its receipt
// with receivedAt (RFC 3339, UTC), and gives every workbook ever archived in the
// order of receipt. What lies in the inbox is never changed. A file of a Skipper
// that may not be read, or that changes while it is read, is passed over: one
// person's file stops nobody else's. What known tells is not read again, and
// known learns what was found.
func Fetch(ctx context.Context, inbox Source, archive Store, receivedAt string, known *Known) ([]*Workbook, error) {
	if !isInstant(receivedAt) {
		return nil, fmt.Errorf("fetch inbox: %q is not a time of receipt in UTC", receivedAt)
	}
	entries, err := inbox.List(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("list inbox: %w", err)
	}
	entries = slices.DeleteFunc(entries, func(e Entry) bool { return Ignored(e.Key) })
	f := &fetch{inbox: inbox, archive: archive, receivedAt: receivedAt, seen: known}
	if err := f.receipts(ctx); err != nil {
		return nil, err
	}
	if entries, err = f.atRest(ctx, entries); err != nil {
		return nil, err
	}
	if err := f.digests(ctx, entries); err != nil {
		return nil, err
	}
	if err := f.keepAll(ctx, entries); err != nil {
		return nil, err
	}
	known.learn(f.known, entries, f.files)
	return slices.SortedFunc(maps.Values(f.known), InOrder), nil
}

// InOrder compares workbooks by their receipt, ties by digest, then by institution.
func InOrder(a, b *Workbook) int {
	return cmp.Or(strings.Compare(a.ReceivedAt, b.ReceivedAt), strings.Compare(a.Digest, b.Digest),
		strings.Compare(a.Institution, b.Institution))
}

// folder gives the first folder of a key. A name that is no UTF-8 is given as its
// receipt can hold it.
func folder(key string) string {
	dir, _, found := strings.Cut(key, "/")
	if !found {
		return ""
	}
	return strings.ToValidUTF8(dir, "\uFFFD")
}

// Ignored tells whether a file is one that an office program or a desktop
// leaves beside workbooks, or the mark of a folder where there are none.
func Ignored(key string) bool {
	if key == "" || strings.HasSuffix(key, "/") {
		return true
	}
	for part := range strings.SplitSeq(key, "/") {
		if strings.HasPrefix(part, ".") {
			return true
		}
	}
	if key == "lost+found" || strings.HasPrefix(key, "lost+found/") { // at the top of a volume
		return true
	}
	base := strings.ToLower(path.Base(key))
	return strings.HasPrefix(base, "~$") || base == "thumbs.db" || base == "desktop.ini"
}
