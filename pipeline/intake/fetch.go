package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"golang.org/x/sync/errgroup"
)

// atOnce is how many files are read or written at a time: places are slow, not
// processors.
const atOnce = 8

// fetch is one emptying of an inbox.
type fetch struct {
	inbox      Source
	archive    Store
	receivedAt string
	seen       *Known
	mu         sync.Mutex
	known      map[string]*Workbook // by receipt key
	files      map[string]file      // of the inbox, by key: those that could be read
}

// file is what a file of the inbox holds.
type file struct {
	digest string
	size   int64
	fresh  bool // it was read in this run
}

// atRest leaves out what is still being written.
func (f *fetch) atRest(ctx context.Context, entries []Entry) ([]Entry, error) {
	w, ok := f.inbox.(Watcher)
	if !ok {
		return entries, nil
	}
	var unseen []Entry
	for _, e := range entries {
		if _, ok := f.seen.file(e); !ok {
			unseen = append(unseen, e)
		}
	}
	growing, err := w.Growing(ctx, unseen)
	if err != nil {
		return nil, fmt.Errorf("watch inbox: %w", err)
	}
	var out []Entry
	for _, e := range entries {
		if growing[e.Key] {
			f.skip(Skip{Key: e.Key, Reason: Unfinished})
		} else {
			out = append(out, e)
		}
	}
	return out, nil
}

func (f *fetch) skip(s Skip) bool {
	skipper, ok := f.inbox.(Skipper)
	if ok {
		f.mu.Lock()
		defer f.mu.Unlock()
		skipper.Skip(s)
	}
	return ok
}

// digests reads the files that no earlier run read.
func (f *fetch) digests(ctx context.Context, entries []Entry) error {
	f.files = make(map[string]file, len(entries))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, e := range entries {
		if known, ok := f.seen.file(e); ok {
			f.mu.Lock()
			f.files[e.Key] = known
			f.mu.Unlock()
			continue
		}
		g.Go(func() error {
			digest, size, err := digest(gctx, f.inbox, e.Key)
			if err != nil {
				return f.passOver(e.Key, err)
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			f.files[e.Key] = file{digest, size, true}
			return nil
		})
	}
	return g.Wait()
}

// passOver makes nothing of an error that is one file's alone.
func (f *fetch) passOver(key string, err error) error {
	switch {
	case errors.Is(err, errGone):
		return nil
	case errors.Is(err, errDenied) && f.skip(Skip{Key: key, Reason: Unreadable, Denied: true}):
		return nil
	case errors.Is(err, errChanged) && f.skip(Skip{Key: key, Reason: Unfinished}):
		return nil
	}
	return fmt.Errorf("archive %s: %w", key, err)
}

// keepAll archives what is new. Of files that are the same the first one by key
// is the one that the receipt names.
func (f *fetch) keepAll(ctx context.Context, entries []Entry) error {
	first := map[string]*Workbook{}
	var fresh []*Workbook
	for _, e := range entries {
		read, ok := f.files[e.Key]
		if !ok {
			continue
		}
		w := &Workbook{Digest: read.digest, Size: read.size, Institution: folder(e.Key), Path: e.Key, ReceivedAt: f.receivedAt, archive: f.archive}
		key := w.receiptKey()
		if f.known[key] == nil && first[key] == nil {
			first[key] = w
			fresh = append(fresh, w)
		}
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, w := range fresh {
		g.Go(func() error {
			path := w.Path
			held, err := f.keep(gctx, w)
			f.mu.Lock()
			if err != nil {
				delete(f.files, path)
			} else {
				f.known[held.receiptKey()] = held
				f.files[path] = file{held.Digest, held.Size, true}
			}
			f.mu.Unlock()
			if err != nil {
				return f.passOver(path, err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, e := range entries {
		read, ok := f.files[e.Key]
		if !ok {
			continue
		}
		w := f.known[(&Workbook{Digest: read.digest, Institution: folder(e.Key)}).receiptKey()]
		if w == nil {
			continue // the file that the receipt was to name could not be kept
		}
		w.InInbox = true
		if e.Key != w.Path {
			w.Again = append(w.Again, e.Key)
		}
	}
	return nil
}

// attempts is how often a file that changes while it is read is read anew.
const attempts = 3

// Of a file of the inbox, while it is archived.
var (
	errGone    = errors.New("it was taken out of the inbox")
	errChanged = errors.New("it changes while it is read")
	errDenied  = errors.New("it may not be read")
)

// keep archives a file of the inbox whose digest was taken, and gives what the
// archive now holds of it.
func (f *fetch) keep(ctx context.Context, w *Workbook) (*Workbook, error) {
	var err error
	for range attempts {
		if err = w.archive.PutNew(ctx, rawKey(w.Digest), w.Size, w.Digest, verified(ctx, f.inbox, w)); err == nil {
			break
		}
		before := w.Digest
		var unread error
		if w.Digest, w.Size, unread = digest(ctx, f.inbox, w.Path); unread != nil {
			return nil, unread
		}
		if w.Digest == before {
			return nil, err // the file is as it was: the archive is to blame
		}
		if old := f.old(w.receiptKey()); old != nil {
			return old, nil
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
	return held, nil
}

func (f *fetch) old(receiptKey string) *Workbook {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.known[receiptKey]
}

// digest reads a file of the inbox.
func digest(ctx context.Context, s Source, key string) (string, int64, error) {
	r, err := s.Open(ctx, key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", 0, errGone // since the inbox was listed
	case errors.Is(err, fs.ErrPermission):
		return "", 0, fmt.Errorf("%w: %w", errDenied, err)
	case err != nil:
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
