package release_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"

	"iltizam/output/bucket"
	"iltizam/output/bucket/buckettest"
	"iltizam/output/bucket/membucket"
	"iltizam/output/release"
)

func TestPublishTwiceWritesNothing(t *testing.T) {
	local(t, func(t *testing.T, open func() bucket.Bucket) {
		b := open()
		first := mustPublish(t, b, stage(t, 1), "n1")
		if !first.Changed || first.Generation != 1 || first.Uploaded != 5 || first.Aliases != 5 {
			t.Errorf("first: %+v", first)
		}
		current(t, b, stage(t, 1))
		before := text(t, b, release.HeadKey)

		watched := buckettest.Fault(b, buckettest.Failure{})
		again := mustPublish(t, watched, stage(t, 1), "n2")
		if again.Changed || again.Generation != 1 || again.Uploaded+again.Aliases+again.Removed != 0 {
			t.Errorf("again: %+v", again)
		}
		if watched.Writes() != 0 || watched.Calls() > 4 {
			t.Errorf("the second run made %d writes in %d calls", watched.Writes(), watched.Calls())
		}
		if text(t, b, release.HeadKey) != before {
			t.Error("the head changed")
		}
	})
}

func TestReconcile(t *testing.T) {
	local(t, func(t *testing.T, open func() bucket.Bucket) {
		b := open()
		mustPublish(t, b, stage(t, 1), "n1")
		reconcile := func() (release.Outcome, *buckettest.Faulty) {
			t.Helper()
			watched := buckettest.Fault(b, buckettest.Failure{})
			head, _, err := release.Current(t.Context(), watched)
			if err != nil {
				t.Fatal(err)
			}
			out, err := release.Reconcile(t.Context(), watched, head)
			if err != nil {
				t.Fatal(err)
			}
			return out, watched
		}
		if out, w := reconcile(); w.Writes() != 0 || w.Calls() > 4 || out.Changed || out.Generation != 1 {
			t.Errorf("nothing to do: %d writes, %d calls, %+v", w.Writes(), w.Calls(), out)
		}
		put(t, b, "latest/p1/summary.csv", "fiddle\n")
		put(t, b, "latest/p1/gone.csv", "old\n")
		if err := b.Delete(t.Context(), "latest/p1/odd.csv"); err != nil {
			t.Fatal(err)
		}
		if out, _ := reconcile(); out.Aliases != 2 || out.Removed != 1 {
			t.Errorf("after a mess: %+v", out)
		}
		current(t, b, stage(t, 1))
		// Without its notes a run has to look, but not to write the copies again.
		if err := b.Delete(t.Context(), "_state/aliases.json"); err != nil {
			t.Fatal(err)
		}
		if out, _ := reconcile(); out.Aliases != 0 || out.Removed != 0 {
			t.Errorf("after the notes were lost: %+v", out)
		}
		put(t, b, "_state/aliases.json", "{")
		reconcile()
		if _, w := reconcile(); w.Writes() != 0 {
			t.Errorf("after all is mended: %d writes", w.Writes())
		}
	})
	if _, err := release.Reconcile(t.Context(), membucket.New(), nil); !errors.Is(err, release.ErrNoRelease) {
		t.Errorf("without a head: %v", err)
	}
}

func TestIncrement(t *testing.T) {
	local(t, func(t *testing.T, open func() bucket.Bucket) {
		b := open()
		mustPublish(t, b, stage(t, 1), "n1")
		out := mustPublish(t, b, stage(t, 2), "n2")
		want := release.Outcome{
			Release: stage(t, 2).ID, Generation: 2, Changed: true,
			Uploaded: 2, Bytes: 23, Kept: 2, Aliases: 1, Removed: 1,
		}
		if out != want {
			t.Errorf("got %+v, want %+v", out, want)
		}
		current(t, b, stage(t, 2))
		if got := text(t, b, "latest/p1/progress.csv"); got != "edition 2\n" {
			t.Errorf("latest/p1/progress.csv: %q", got)
		}
		// Back to the first: its manifest is there, a new generation names it.
		out = mustPublish(t, b, stage(t, 1), "n3")
		if !out.Changed || out.Generation != 3 {
			t.Errorf("back: %+v", out)
		}
		current(t, b, stage(t, 1))
		head, _, err := release.Current(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		one, two := stage(t, 1).ID, stage(t, 2).ID
		if got, want := fmt.Sprint(head.History), fmt.Sprint([]release.Past{{3, one}, {2, two}, {1, one}}); got != want {
			t.Errorf("history: got %s, want %s", got, want)
		}
	})
}

func TestHistoryIsBounded(t *testing.T) {
	b := membucket.New()
	for i := range 60 {
		mustPublish(t, b, stage(t, 1+i%3), fmt.Sprint("n", i))
	}
	head, _, err := release.Current(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if len(head.History) != 50 || head.History[0].Generation != 60 || head.History[49].Generation != 11 {
		t.Errorf("%d entries: %v", len(head.History), head.History)
	}
}

func TestSameIDOtherBytes(t *testing.T) {
	b := membucket.New()
	mustPublish(t, b, stage(t, 1), "n1")
	for _, edition := range []int{1, 2} {
		// First the id is current, then it is an older one.
		mustPublish(t, b, stage(t, edition), "n2")
		watched := buckettest.Fault(b, buckettest.Failure{})
		_, err := publish(t.Context(), watched, stageFiles(t, 1, files(4)), "n3")
		if !errors.Is(err, release.ErrSameIDOtherBytes) || !strings.Contains(err.Error(), stage(t, 1).ID) {
			t.Errorf("got %v", err)
		}
		if watched.Writes() != 0 {
			t.Errorf("%d writes", watched.Writes())
		}
		current(t, b, stage(t, edition))
	}
}

// rival lets another publisher act just before the head is written.
type rival struct {
	bucket.Bucket
	once sync.Once
	act  func()
}

func (r *rival) Put(ctx context.Context, key string, body bucket.Body, c bucket.Cond) (bucket.Object, error) {
	if key == release.HeadKey {
		r.once.Do(r.act)
	}
	return r.Bucket.Put(ctx, key, body, c)
}

func TestLostRace(t *testing.T) {
	for _, base := range []int{0, 1} { // on an empty bucket, on a release
		b := membucket.New()
		if base > 0 {
			mustPublish(t, b, stage(t, base), "n0")
		}
		late := &rival{Bucket: b, act: func() { mustPublish(t, b, stage(t, 2), "theirs") }}
		if out, err := publish(t.Context(), late, stage(t, 3), "ours"); !errors.Is(err, release.ErrLostRace) || out.Changed {
			t.Errorf("got %+v, %v", out, err)
		}
		current(t, b, stage(t, 2))
		// The same release by another hand is no loss.
		late = &rival{Bucket: b, act: func() { mustPublish(t, b, stage(t, 4), "theirs") }}
		if out, err := publish(t.Context(), late, stage(t, 4), "ours"); err != nil || out.Changed {
			t.Errorf("got %+v, %v", out, err)
		}
		current(t, b, stage(t, 4))
	}
}

func TestRaceHasOneWinner(t *testing.T) {
	local(t, func(t *testing.T, open func() bucket.Bucket) { raceOnce(t, open()) })
}

func raceOnce(t *testing.T, b bucket.Bucket) {
	t.Helper()
	mustPublish(t, b, stage(t, 1), "n0")
	head, etag, err := release.Current(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	var (
		wg   sync.WaitGroup
		errs [4]error
	)
	for i := range errs {
		s := stage(t, 2+i)
		wg.Go(func() {
			_, errs[i] = release.Commit(t.Context(), b, s, release.CommitOptions{
				Head: head, ETag: etag, Nonce: fmt.Sprint("racer ", i), CommittedAt: committedAt,
			})
		})
	}
	wg.Wait()
	won := 0
	for i, err := range errs {
		if err == nil {
			won++
			current(t, b, stage(t, 2+i))
		} else if !errors.Is(err, release.ErrLostRace) {
			t.Errorf("racer %d: %v", i, err)
		}
	}
	if won != 1 {
		t.Errorf("%d winners: %v", won, errs)
	}
}

// forgetful is a store that takes writes without minding their condition.
type forgetful struct{ bucket.Bucket }

func (f forgetful) Put(ctx context.Context, key string, body bucket.Body, _ bucket.Cond) (bucket.Object, error) {
	return f.Bucket.Put(ctx, key, body, bucket.Cond{})
}

func TestStoreThatIgnoresConditions(t *testing.T) {
	b := membucket.New()
	mustPublish(t, b, stage(t, 1), "n1")
	if _, err := publish(t.Context(), forgetful{b}, stage(t, 2), "n2"); !errors.Is(err, release.ErrNoConditions) {
		t.Errorf("got %v", err)
	}
	current(t, b, stage(t, 1))
}

// mangler is a store that keeps other bytes than it was given.
type mangler struct{ bucket.Bucket }

func (m mangler) Put(ctx context.Context, key string, body bucket.Body, c bucket.Cond) (bucket.Object, error) {
	o, err := m.Bucket.Put(ctx, key, body, c)
	if err == nil && strings.HasSuffix(key, "/progress.csv") && strings.HasPrefix(key, "objects/") {
		_, err = m.Bucket.Put(ctx, key, bucket.Bytes([]byte("edition X\n")), bucket.Cond{})
	}
	return o, err
}

func TestStoreThatMangles(t *testing.T) {
	b := membucket.New()
	mustPublish(t, b, stage(t, 1), "n1")
	_, err := publish(t.Context(), mangler{b}, stage(t, 2), "n2")
	if !errors.Is(err, bucket.ErrDigest) || !strings.Contains(err.Error(), "/progress.csv") {
		t.Errorf("got %v", err)
	}
	current(t, b, stage(t, 1))
}

func TestDamagedObjectIsSentAgain(t *testing.T) {
	b := membucket.New()
	mustPublish(t, b, stage(t, 1), "n1")
	digest := sha("figure\n")
	put(t, b, release.ObjectKey(digest, "summary.csv"), "fiddle\n")
	if out := mustPublish(t, b, stage(t, 2), "n2"); out.Uploaded != 3 {
		t.Errorf("got %+v", out)
	}
	current(t, b, stage(t, 2))
}

// A new release is the cure of a damaged one.
func TestDamagedManifestIsLeftBehind(t *testing.T) {
	for _, bytes := range []string{"", "{}"} {
		b := membucket.New()
		mustPublish(t, b, stage(t, 1), "n1")
		damage(t, b, release.ManifestKey(stage(t, 1).ID), bytes)
		if out := mustPublish(t, b, stage(t, 2), "n2"); out.Uploaded != 4 {
			t.Errorf("got %+v", out)
		}
		current(t, b, stage(t, 2))
	}
}

// clash lets a rival write the manifest of the same id just before ours.
type clash struct {
	bucket.Bucket
	once sync.Once
	act  func()
}

func (c *clash) Put(ctx context.Context, key string, body bucket.Body, cond bucket.Cond) (bucket.Object, error) {
	if strings.HasSuffix(key, "/manifest.json") {
		c.once.Do(c.act)
	}
	return c.Bucket.Put(ctx, key, body, cond)
}

func TestRivalOfTheSameID(t *testing.T) {
	b := membucket.New()
	theirs := stageFiles(t, 1, files(4))
	slow := &clash{Bucket: b, act: func() { mustPublish(t, b, theirs, "theirs") }}
	if _, err := publish(t.Context(), slow, stage(t, 1), "ours"); !errors.Is(err, release.ErrSameIDOtherBytes) {
		t.Errorf("got %v", err)
	}
	current(t, b, theirs)
	// A rival with the same bytes is no trouble.
	slow = &clash{Bucket: b, act: func() { mustPublish(t, b, stage(t, 2), "theirs") }}
	if out, err := publish(t.Context(), slow, stage(t, 2), "ours"); err != nil || out.Changed {
		t.Errorf("got %+v, %v", out, err)
	}
	current(t, b, stage(t, 2))
}

// broken is a store in which nothing can be written.
type broken struct {
	bucket.Bucket
	mu   sync.Mutex
	keys []string
}

func (b *broken) Put(_ context.Context, key string, _ bucket.Body, _ bucket.Cond) (bucket.Object, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keys = append(b.keys, key)
	return bucket.Object{}, fmt.Errorf("put %s: %w", key, bucket.ErrUnreachable)
}

func TestUploadGivesUp(t *testing.T) {
	b := &broken{Bucket: membucket.New()}
	_, err := release.Commit(t.Context(), b, stage(t, 1), release.CommitOptions{Nonce: "n", CommittedAt: committedAt, Parallel: 2})
	if !errors.Is(err, bucket.ErrUnreachable) || len(b.keys) > 2 {
		t.Errorf("after %d puts: %v", len(b.keys), err)
	}
	for _, key := range b.keys {
		if !strings.Contains(err.Error(), key) {
			t.Errorf("the failure of %s is lost: %v", key, err)
		}
	}
}

func TestCancelledRunDoesNotPublish(t *testing.T) {
	b := membucket.New()
	mustPublish(t, b, stage(t, 1), "n1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := publish(ctx, b, stage(t, 2), "n2"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	current(t, b, stage(t, 1))

	// Cancelled while the head is written, it still learns that it is published.
	ctx, cancel = context.WithCancel(t.Context())
	out, err := publish(ctx, &rival{Bucket: b, act: cancel}, stage(t, 2), "n3")
	if !out.Changed || out.Generation != 2 || !errors.Is(err, release.ErrAliases) {
		t.Errorf("got %+v, %v", out, err)
	}
	sound(t, b)
	mustPublish(t, b, stage(t, 2), "n4")
	current(t, b, stage(t, 2))
}

func TestFullDisk(t *testing.T) {
	b := membucket.New()
	mustPublish(t, b, stage(t, 1), "n1")
	full := buckettest.Fault(b, buckettest.Failure{Write: 2, Err: fmt.Errorf("%w: %w", bucket.ErrFull, syscall.ENOSPC)})
	if _, err := publish(t.Context(), full, stage(t, 2), "n2"); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v", err)
	}
	current(t, b, stage(t, 1))
}

func TestCommitNeedsItsOptions(t *testing.T) {
	if _, err := release.Commit(t.Context(), membucket.New(), stage(t, 1), release.CommitOptions{CommittedAt: committedAt}); err == nil {
		t.Error("without a nonce: no error")
	}
	if _, err := release.Commit(t.Context(), membucket.New(), stage(t, 1), release.CommitOptions{Nonce: "n"}); err == nil {
		t.Error("without a time: no error")
	}
}
