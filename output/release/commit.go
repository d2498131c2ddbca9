package release

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"iltizam/output/bucket"
)

const (
	manifestLimit = 64 << 20
	usualParallel = 8
	headBound     = time.Minute // for the one write that must not be torn from its answer
	headTries     = 3
)

// CommitOptions are what a Commit needs from outside the release.
type CommitOptions struct {
	Head        *Head  // as Current gave it at the start of the run
	ETag        string // likewise
	Nonce       string // of this run, never used before
	CommittedAt time.Time
	Parallel    int // transfers at once, 8 when zero
}

// Outcome says what a Commit or a Reconcile did.
type Outcome struct {
	Release    string
	Generation int64
	Changed    bool  // the head moved, by us
	Uploaded   int   // objects sent
	Bytes      int64 // of them
	Kept       int   // objects that were there already
	Aliases    int   // copies written under latest/
	Removed    int   // copies of files that are no more
}

// Commit makes a staged release the current one. Everything is in its place and
// looked at before the one conditional write of the head, so a reader, at any
// instant and after any crash, finds the last release or this one, whole. A
// release that is current already is not written again. With ErrAliases the
// release is published and the next run mends the copies.
func Commit(ctx context.Context, b bucket.Bucket, s *Staged, o CommitOptions) (Outcome, error) {
	out := Outcome{Release: s.ID}
	if o.Nonce == "" || o.CommittedAt.IsZero() {
		return out, fmt.Errorf("commit release %s: it needs a nonce and a time", s.ID)
	}
	c := &committer{b: b, s: s, o: o, parallel: o.Parallel}
	if c.parallel <= 0 {
		c.parallel = usualParallel
	}
	head := o.Head
	if head == nil || head.Release != s.ID {
		var err error
		if head, out.Changed, err = c.publish(ctx, &out); err != nil {
			return out, fmt.Errorf("commit release %s: %w", s.ID, err)
		}
	} else if head.ManifestSHA256 != s.ManifestSHA256 {
		return out, fmt.Errorf("commit release %s: %w: manifest %s is current, ours is %s",
			s.ID, ErrSameIDOtherBytes, head.ManifestSHA256, s.ManifestSHA256)
	}
	out.Generation = head.Generation
	a := aliases{b: b, head: head, manifest: s.Manifest, parallel: c.parallel, body: c.body}
	return out, a.refresh(ctx, &out)
}

// Reconcile brings the copies under latest/ up to a head that Current gave. It
// is what a run does that finds its release published already; where nothing
// is amiss it writes nothing and makes three requests.
func Reconcile(ctx context.Context, b bucket.Bucket, head *Head) (Outcome, error) {
	if head == nil {
		return Outcome{}, fmt.Errorf("reconcile: %w", ErrNoRelease)
	}
	out := Outcome{Release: head.Release, Generation: head.Generation}
	m, err := Load(ctx, b, head)
	if err != nil {
		return out, fmt.Errorf("reconcile release %s: %w", head.Release, err)
	}
	a := aliases{b: b, head: head, manifest: m, parallel: usualParallel, body: func(ctx context.Context, f ManifestFile) bucket.Body {
		return remoteBody(ctx, b, f)
	}}
	return out, a.refresh(ctx, &out)
}

// Load reads the manifest that a head names. One of another digest is ErrDamaged.
func Load(ctx context.Context, b bucket.Bucket, head *Head) (*Manifest, error) {
	key := ManifestKey(head.Release)
	raw, _, err := fetch(ctx, b, key, manifestLimit)
	if errors.Is(err, bucket.ErrNotExist) {
		return nil, fmt.Errorf("read %s: %w: %w", key, ErrDamaged, err)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	if got := hexSHA256(raw); got != head.ManifestSHA256 {
		return nil, fmt.Errorf("read %s: %w: its sha256 is %s, the head names %s", key, ErrDamaged, got, head.ManifestSHA256)
	}
	m, err := parseManifest(raw)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	return m, nil
}

type committer struct {
	b        bucket.Bucket
	s        *Staged
	o        CommitOptions
	parallel int
}

func (c *committer) body(_ context.Context, f ManifestFile) bucket.Body { return c.s.bodies[f.Key] }

// publish goes from the staged files to the moved head.
func (c *committer) publish(ctx context.Context, out *Outcome) (*Head, bool, error) {
	// Asked first, so that a rendering that is not repeatable leaves nothing behind.
	if _, err := c.manifestThere(ctx); err != nil {
		return nil, false, err
	}
	kept, err := c.referenced(ctx)
	if err != nil {
		return nil, false, err
	}
	if err := c.upload(ctx, kept, out); err != nil {
		return nil, false, err
	}
	if err := c.describe(ctx); err != nil {
		return nil, false, err
	}
	if err := c.probe(ctx); err != nil {
		return nil, false, err
	}
	return c.moveHead(ctx)
}

// manifestThere tells whether this release's manifest is in the bucket, left by
// a crash or published before. Another one of the same id is an error.
func (c *committer) manifestThere(ctx context.Context) (bool, error) {
	raw, _, err := fetch(ctx, c.b, ManifestKey(c.s.ID), manifestLimit)
	switch {
	case errors.Is(err, bucket.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case !bytes.Equal(raw, c.s.ManifestJSON):
		return false, fmt.Errorf("%s: %w: it has sha256 %s, ours %s",
			ManifestKey(c.s.ID), ErrSameIDOtherBytes, hexSHA256(raw), c.s.ManifestSHA256)
	}
	return true, nil
}

// referenced are the objects of the current release: those no sweeper may take
// while we lean on them. All others are sent again, which makes them young.
func (c *committer) referenced(ctx context.Context) (map[string]bool, error) {
	if c.o.Head == nil {
		return nil, nil
	}
	m, err := Load(ctx, c.b, c.o.Head)
	if errors.Is(err, ErrDamaged) {
		return nil, nil // a new release is the cure: send everything
	}
	if err != nil {
		return nil, err
	}
	keys := make(map[string]bool, len(m.Files))
	for _, f := range m.Files {
		keys[f.Key] = true
	}
	return keys, nil
}

// describe writes the manifest and the digests beside it.
func (c *committer) describe(ctx context.Context) error {
	// The condition keeps a rival of the same id and other bytes from replacing
	// what a head may already name.
	_, err := c.b.Put(ctx, ManifestKey(c.s.ID), bucket.Bytes(c.s.ManifestJSON), bucket.Cond{IfAbsent: true})
	if err != nil {
		there, readErr := c.manifestThere(ctx)
		if readErr != nil {
			return readErr
		}
		if !there {
			return err
		}
	}
	if _, err := c.b.Put(ctx, SumsKey(c.s.ID), bucket.Bytes(c.s.Sums), bucket.Cond{}); err != nil {
		return err
	}
	return nil
}

// probe asks the store to write the manifest over itself under conditions that
// do not hold. A store that does so would let two publishers both win.
func (c *committer) probe(ctx context.Context) error {
	key, body := ManifestKey(c.s.ID), bucket.Bytes(c.s.ManifestJSON)
	for _, never := range []bucket.Cond{
		{IfAbsent: true},
		{IfMatch: `"00000000000000000000000000000000"`},
	} {
		_, err := c.b.Put(ctx, key, body, never)
		if err == nil {
			return fmt.Errorf("try a conditional write: %w; publish to a store that honours If-Match and If-None-Match", ErrNoConditions)
		}
		if !errors.Is(err, bucket.ErrPrecondition) {
			return fmt.Errorf("try a conditional write: %w", err)
		}
	}
	return nil
}

// moveHead is the commit. It gives the head that holds the release now, with
// whether we put it there.
func (c *committer) moveHead(ctx context.Context) (*Head, bool, error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	ours := c.o.Head.next(c.s, c.o.Nonce, c.o.CommittedAt)
	text, err := canonical(ours, "  ")
	if err != nil {
		return nil, false, err
	}
	// From here on a cancelled run still wants to know how its write ended.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), headBound)
	defer cancel()
	cond := bucket.Cond{IfMatch: c.o.ETag, IfAbsent: c.o.Head == nil}
	for try := 1; ; try++ {
		_, err := c.b.Put(ctx, HeadKey, bucket.Bytes(text), cond)
		if err == nil {
			return ours, true, nil
		}
		// A refusal may be of a second try whose first one was answered into the
		// void, an error may hide a write that took place: only the head can tell.
		now, etag, readErr := Current(ctx, c.b)
		switch {
		case readErr != nil:
			return nil, false, fmt.Errorf("whether the head moved is unknown: %w", errors.Join(err, readErr))
		case now.holds(ours):
			return ours, true, nil
		case now != nil && now.Release == c.s.ID && now.ManifestSHA256 == c.s.ManifestSHA256:
			return now, false, nil // a rival brought the very same release
		case etag != c.o.ETag:
			return nil, false, fmt.Errorf("move the head: %w", ErrLostRace)
		case try == headTries, !errors.Is(err, bucket.ErrPrecondition) && !errors.Is(err, bucket.ErrUnreachable):
			return nil, false, fmt.Errorf("move the head: %w", err)
		}
	}
}
