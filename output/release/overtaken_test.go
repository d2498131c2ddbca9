package release_test

import (
	"context"
	"iter"
	"strings"
	"sync"
	"testing"

	"iltizam/output/bucket"
	"iltizam/output/bucket/membucket"
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
// copies back.
func TestSleeperLeavesNewerCopies(t *testing.T) {
	for _, beforeList := range []bool{true, false} {
		for _, base := range []int{0, 1} {
			b := membucket.New()
			if base > 0 {
				mustPublish(t, b, stage(t, base), "n0")
			}
			slow := &sleeper{Bucket: b, beforeList: beforeList, act: func() { mustPublish(t, b, stage(t, 3), "theirs") }}
			if out := mustPublish(t, slow, stage(t, 2), "ours"); !out.Changed {
				t.Errorf("got %+v", out)
			}
			current(t, b, stage(t, 3))
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
