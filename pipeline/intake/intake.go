// Package intake turns an inbox into archived workbooks.
package intake

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Entry is one file of a place.
type Entry struct {
	Key  string // slash-separated, relative to the place
	Size int64  // bytes
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

// Skipper is a Source that wants to know of files that Fetch could not read.
type Skipper interface {
	Skip(s Skip)
}

// Store is a place that workbooks are kept in.
type Store interface {
	Source
	// PutNew writes a file unless one of that key exists; then it does nothing.
	// content may be called more than once.
	PutNew(ctx context.Context, key string, size int64, sha256 string, content func() (io.ReadSeekCloser, error)) error
}

// Workbook is a file as received, kept in the archive.
type Workbook struct {
	Digest      string // SHA-256, lower-case hex
	Size        int64  // bytes
	Institution string // the inbox folder it was dropped in, "" outside any
	Path        string // inbox key under which it was first seen; private
	ReceivedAt  string // RFC 3339, UTC; set once, when first seen
	InInbox     bool   // it lies in the inbox now
	archive     Store
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
// that may not be read is passed over: one person's file stops nobody else's.
func Fetch(ctx context.Context, inbox Source, archive Store, receivedAt string) ([]*Workbook, error) {
	if !isInstant(receivedAt) {
		return nil, fmt.Errorf("fetch inbox: %q is not a time of receipt in UTC", receivedAt)
	}
	entries, err := inbox.List(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("list inbox: %w", err)
	}
	known, err := receipts(ctx, archive)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if Ignored(e.Key) {
			continue
		}
		w := &Workbook{Institution: folder(e.Key), Path: e.Key, ReceivedAt: receivedAt, archive: archive}
		w, err := keep(ctx, inbox, known, w)
		if errors.Is(err, errGone) {
			continue
		}
		if s, ok := inbox.(Skipper); ok && errors.Is(err, errDenied) {
			s.Skip(Skip{Key: e.Key, Reason: Unreadable, Denied: true})
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("archive %s: %w", e.Key, err)
		}
		w.InInbox = true
	}
	return slices.SortedFunc(maps.Values(known), func(a, b *Workbook) int {
		return cmp.Or(strings.Compare(a.ReceivedAt, b.ReceivedAt), strings.Compare(a.Digest, b.Digest),
			strings.Compare(a.Institution, b.Institution))
	}), nil
}

// attempts is how often a file that changes while it is read is read anew.
const attempts = 3

// Of a file of the inbox, while it is archived.
var (
	errGone    = errors.New("it was taken out of the inbox")
	errChanged = errors.New("it changes while it is read")
	errDenied  = errors.New("it may not be read")
)

// keep archives a file of the inbox unless it is known, and gives what the
// archive now holds of it.
func keep(ctx context.Context, inbox Source, known map[string]*Workbook, w *Workbook) (*Workbook, error) {
	var err error
	for range attempts {
		before := w.Digest
		var unread error
		if w.Digest, w.Size, unread = digest(ctx, inbox, w.Path); errors.Is(unread, fs.ErrNotExist) {
			return nil, errGone // since the inbox was listed
		}
		if errors.Is(unread, fs.ErrPermission) {
			return nil, fmt.Errorf("%w: %w", errDenied, unread)
		}
		if unread != nil {
			return nil, unread
		}
		if w.Digest == before {
			break // the file is as it was: the archive is to blame
		}
		if old := known[w.receiptKey()]; old != nil {
			return old, nil
		}
		if err = w.archive.PutNew(ctx, rawKey(w.Digest), w.Size, w.Digest, verified(ctx, inbox, w)); err == nil {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	if err := writeReceipt(ctx, w); err != nil {
		return nil, err
	}
	// Another run may have been first: its time of receipt is the one that holds.
	held, err := readReceipt(ctx, w.archive, w.receiptKey())
	if err != nil {
		return nil, fmt.Errorf("read receipt: %w", err)
	}
	known[w.receiptKey()] = held
	return held, nil
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

func digest(ctx context.Context, s Source, key string) (string, int64, error) {
	r, err := s.Open(ctx, key)
	if err != nil {
		return "", 0, err
	}
	defer r.Close()
	h := sha256.New()
	n, err := io.Copy(h, r)
	if err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(h.Sum(nil)), n, nil
}
