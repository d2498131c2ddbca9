package release_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"

	"iltizam/output/bucket"
	"iltizam/output/bucket/membucket"
	"iltizam/output/release"
)

// sleeper is a publisher that falls asleep among its copies, while another one acts.
type sleeper struct {
	bucket.Bucket
	beforeList bool // else before the first copy is written
	once       sync.Once
	act        func()
}

func (s *sleeper) List(ctx context.Context, prefix string) iter.Seq2[bucket.Object, error] {
	if s.beforeList {
		s.once.Do(s.act)
	}
	return s.Bucket.List(ctx, prefix)
}

func (s *sleeper) Put(ctx context.Context, key string, body bucket.Body, c bucket.Cond) (bucket.Object, error) {
	if !s.beforeList && strings.HasPrefix(key, "latest/") {
		s.once.Do(s.act)
	}
	return s.Bucket.Put(ctx, key, body, c)
}

// A publisher that wakes after the next release came out must not bring its old
// copies back; nor may it where the next release found the copies it needs, and
// so wrote none. Many rounds, since much depends on who is where.
func TestSleeperLeavesNewerCopies(t *testing.T) {
	for _, theirs := range []*release.Staged{stage(t, 3), stageFiles(t, 3, files(1))} {
		for round := range 40 {
			b := membucket.New()
			if round%4 > 1 {
				mustPublish(t, b, stage(t, 1), "n0")
			}
			slow := &sleeper{Bucket: b, beforeList: round%2 == 1, act: func() { mustPublish(t, b, theirs, "theirs") }}
			if out := mustPublish(t, slow, stage(t, 2), "ours"); !out.Changed {
				t.Errorf("got %+v", out)
			}
			current(t, b, theirs)
		}
	}
}

// Another hand that brings a copy in order at the same time is no trouble.
func TestCopyWrittenMeanwhile(t *testing.T) {
	b := membucket.New()
	mustPublish(t, b, stage(t, 1), "n0")
	slow := &sleeper{Bucket: b, act: func() { put(t, b, "latest/p1/progress.csv", "edition 2\n") }}
	mustPublish(t, slow, stage(t, 2), "ours")
	current(t, b, stage(t, 2))
	slow = &sleeper{Bucket: b, act: func() { put(t, b, "latest/p1/progress.csv", "rubbish") }}
	mustPublish(t, slow, stage(t, 3), "ours")
	current(t, b, stage(t, 3))
}

// keeper is a store whose publisher may not delete, as is wise.
type keeper struct{ bucket.Bucket }

func (keeper) Delete(_ context.Context, key string) error {
	return fmt.Errorf("delete %s: %w", key, bucket.ErrDenied)
}

func TestPublisherThatMayNotDelete(t *testing.T) {
	b := membucket.New()
	mustPublish(t, b, stage(t, 1), "n0")
	if out := mustPublish(t, keeper{b}, stage(t, 2), "n1"); !out.Changed || out.Removed != 0 {
		t.Errorf("got %+v", out)
	}
	r := sound(t, b)
	if len(r.Warnings) != 1 || r.Warnings[0].Key != "latest/p1/odd.csv" {
		t.Errorf("got %+v", r.Warnings)
	}
}
