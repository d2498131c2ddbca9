// Package release publishes a set of files as one whole that appears at once.
package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"iltizam/output/bucket"
)

var (
	// ErrLostRace: another publisher moved the head first; nothing of ours is visible.
	ErrLostRace = errors.New("another publisher was first")
	// ErrNoRelease: the bucket holds no release yet.
	ErrNoRelease = errors.New("no release was published here yet")
	// ErrSameIDOtherBytes: a release of that id is there with another content, so
	// rendering depends on something that the id does not cover.
	ErrSameIDOtherBytes = errors.New("the same release id stands for other bytes")
	// ErrDamaged: what is published is not what its manifest says.
	ErrDamaged = errors.New("the published release is damaged")
	// ErrNoConditions: the store takes conditional writes without minding the
	// condition, so two publishers could overwrite each other.
	ErrNoConditions = errors.New("the store ignores the conditions of a write")
	// ErrAliases: the release is published, but not every copy under latest/ is of it yet.
	ErrAliases = errors.New("latest/ is not up to date")
)

// HeadKey is the one object that says which release is current.
const HeadKey = "head.json"

const (
	headVersion = 1
	historyKept = 50
	headLimit   = 1 << 20
)

// Head names the current release. It is the only object whose writing publishes.
type Head struct {
	CommittedAt    time.Time `json:"committed_at"`
	Generation     int64     `json:"generation"` // one more with each commit
	History        []Past    `json:"history"`    // the newest commits, the current one first
	ManifestSHA256 string    `json:"manifest_sha256"`
	Nonce          string    `json:"nonce"` // of the run that committed, to know its own write again
	Release        string    `json:"release"`
	Version        int       `json:"version"`
}

// Past is one commit in a Head's history.
type Past struct {
	Generation int64  `json:"generation"`
	Release    string `json:"release"`
}

// Current reads the head with its ETag; a nil head where nothing was published.
// The ETag read at the start of a run is what its Commit has to be given.
func Current(ctx context.Context, b bucket.Bucket) (*Head, string, error) {
	raw, o, err := fetch(ctx, b, HeadKey, headLimit)
	if errors.Is(err, bucket.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("read head: %w", err)
	}
	var h Head
	if err := json.Unmarshal(raw, &h); err != nil {
		return nil, "", fmt.Errorf("read head: %w: %w", ErrDamaged, err)
	}
	if h.Version != headVersion {
		return nil, "", fmt.Errorf("read head: it is of version %d, this program reads version %d", h.Version, headVersion)
	}
	if !IsRID(h.Release) || len(h.ManifestSHA256) != 64 {
		return nil, "", fmt.Errorf("read head: %w: it names no release", ErrDamaged)
	}
	return &h, o.ETag, nil
}

// next is the head that makes a staged release the current one.
func (h *Head) next(s *Staged, nonce string, at time.Time) *Head {
	n := &Head{
		Version: headVersion, Generation: 1, Release: s.ID, ManifestSHA256: s.ManifestSHA256,
		Nonce: nonce, CommittedAt: at.UTC(),
	}
	var history []Past
	if h != nil {
		n.Generation, history = h.Generation+1, h.History
	}
	history = append([]Past{{n.Generation, n.Release}}, history...)
	n.History = history[:min(len(history), historyKept)]
	return n
}

// holds tells whether the commit ours is the head now, or was before others.
func (h *Head) holds(ours *Head) bool {
	if h == nil {
		return false
	}
	if h.Generation == ours.Generation {
		return h.Nonce == ours.Nonce
	}
	for _, p := range h.History {
		// A rival of the same generation that is long overtaken and brought the very
		// same release is as good as ours.
		if p.Generation == ours.Generation {
			return p.Release == ours.Release
		}
	}
	return false
}

// fetch reads a small object whole.
func fetch(ctx context.Context, b bucket.Bucket, key string, limit int64) ([]byte, bucket.Object, error) {
	r, o, err := b.Get(ctx, key)
	if err != nil {
		return nil, bucket.Object{}, err
	}
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, bucket.Object{}, err
	}
	if int64(len(raw)) > limit {
		return nil, bucket.Object{}, fmt.Errorf("%s: %w: it is larger than %d bytes", key, ErrDamaged, limit)
	}
	return raw, o, nil
}
