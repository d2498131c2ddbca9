package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// ErrTooLarge says that a file is larger than the reader takes.
var ErrTooLarge = errors.New("larger than the limit")

// receipt is what the archive keeps of a workbook beside its bytes.
type receipt struct {
	Version     int    `json:"version"`
	Digest      string `json:"sha256"`
	Size        int64  `json:"size"`
	Institution string `json:"institution"`
	Path        string `json:"path"`
	ReceivedAt  string `json:"received_at"`
}

const (
	receiptVersion = 1
	receiptPrefix  = "receipts/"
	// maxReceipt bounds what is read of a receipt, in bytes.
	maxReceipt = 64 << 10
)

// outside is the folder name of receipts for workbooks dropped outside any
// institution's folder; no institution's code may hold an underscore.
const outside = "_"

func (w *Workbook) receiptKey() string {
	return receiptPrefix + w.Stem() + ".json"
}

// ArchiveKey is where the archive keeps the workbook as it came.
func (w *Workbook) ArchiveKey() string { return rawKey(w.Digest) }

// Stem names what an archive keeps of the workbook, without the kind's folder
// and the ending.
func (w *Workbook) Stem() string { return w.folderKey() + "/" + w.Digest }

// answerStem names what the outbox keeps of the workbook; what is told of a new
// round does not take the place of what was told before.
func (w *Workbook) answerStem() string {
	stem := w.folderKey() + "/" + w.SubmissionID()
	if w.Round > 1 {
		stem += "." + strconv.Itoa(w.Round)
	}
	return stem
}

// AnswerKey is where the outbox keeps the receipt of the workbook.
func (w *Workbook) AnswerKey() string {
	return w.answerStem() + ".receipt.json"
}

// LetterKey is where the outbox keeps the receipt as a text to read.
func (w *Workbook) LetterKey() string {
	return w.answerStem() + ".receipt.txt"
}

// CopyKey is where the outbox keeps the workbook with each finding marked.
func (w *Workbook) CopyKey() string { return w.answerStem() + ".xlsx" }

func (w *Workbook) folderKey() string {
	switch {
	case w.Institution == "":
		return outside
	case isSlug(w.Institution):
		return w.Institution
	}
	// A folder's name is a person's; its digest is always a good key.
	sum := sha256.Sum256([]byte(w.Institution))
	return "x-" + hex.EncodeToString(sum[:8])
}

func isSlug(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return s != ""
}

func writeReceipt(ctx context.Context, w *Workbook) error {
	b, err := json.MarshalIndent(receipt{receiptVersion, w.Digest, w.Size, w.Institution, w.Path, w.ReceivedAt}, "", "  ")
	if err != nil {
		return err
	}
	if err := PutBytes(ctx, w.archive, w.receiptKey(), b); err != nil {
		return fmt.Errorf("write receipt: %w", err)
	}
	return nil
}

// PutBytes is a Store's PutNew of bytes in memory.
func PutBytes(ctx context.Context, s Store, key string, b []byte) error {
	sum := sha256.Sum256(b)
	return s.PutNew(ctx, key, int64(len(b)), hex.EncodeToString(sum[:]), func() (io.ReadSeekCloser, error) {
		return nopCloser{bytes.NewReader(b)}, nil
	})
}

// receipts reads the receipts of the archive, except those that are known.
func (f *fetch) receipts(ctx context.Context) error {
	entries, err := f.archive.List(ctx, receiptPrefix)
	if err != nil {
		return fmt.Errorf("list archive: %w", err)
	}
	f.known = make(map[string]*Workbook, len(entries))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, e := range entries {
		if !strings.HasSuffix(e.Key, ".json") {
			continue
		}
		if w := f.seen.receipt(e, f.archive); w != nil {
			f.mu.Lock()
			f.known[e.Key] = w
			f.mu.Unlock()
			continue
		}
		g.Go(func() error {
			w, err := readReceipt(gctx, f.archive, e.Key)
			if err != nil {
				return fmt.Errorf("read receipt %s: %w", e.Key, err)
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			f.known[e.Key] = w
			return nil
		})
	}
	return g.Wait()
}

func readReceipt(ctx context.Context, archive Store, key string) (*Workbook, error) {
	r, err := archive.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxReceipt))
	if err != nil {
		return nil, err
	}
	var rc receipt
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&rc); err != nil {
		return nil, err
	}
	if rc.Version != receiptVersion {
		return nil, fmt.Errorf("version %d is not known to this program", rc.Version)
	}
	if !isInstant(rc.ReceivedAt) || !isDigest(rc.Digest) || rc.Size < 0 {
		return nil, errors.New("it lacks a digest, a size or the time of receipt")
	}
	w := &Workbook{Digest: rc.Digest, Size: rc.Size, Institution: rc.Institution, Path: rc.Path,
		ReceivedAt: rc.ReceivedAt, archive: archive, receiptSize: int64(len(b))}
	if w.receiptKey() != key {
		return nil, fmt.Errorf("it is that of %s", w.receiptKey())
	}
	return w, nil
}

func isDigest(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size && hex.EncodeToString(b) == s
}

// isInstant tells of the one way to write an instant whose order as text is its
// order in time.
func isInstant(s string) bool {
	t, err := time.Parse(time.RFC3339, s)
	return err == nil && t.UTC().Format(time.RFC3339) == s
}
