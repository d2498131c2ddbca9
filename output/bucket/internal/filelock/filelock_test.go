package filelock_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"iltizam/output/bucket/internal/filelock"
)

func TestOneHolderAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	var holders, most int
	var mu sync.Mutex
	count := func(d int) {
		mu.Lock()
		defer mu.Unlock()
		holders += d
		most = max(most, holders)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				unlock, err := filelock.Lock(t.Context(), path)
				if err != nil {
					t.Error(err)
					return
				}
				count(1)
				count(-1)
				unlock()
			}
		})
	}
	wg.Wait()
	if most != 1 {
		t.Errorf("%d held the lock at once", most)
	}
}

func TestWaitEndsWithContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := filelock.Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := filelock.Lock(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("lock held by another: got %v, want context.Canceled", err)
	}
}
