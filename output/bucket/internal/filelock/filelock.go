// Package filelock is a lock between processes that the kernel drops with its holder.
package filelock

import (
	"context"
	"fmt"
	"time"
)

// poll is how long a waiter rests between two tries; the kernel offers no wait
// that a context could end.
const poll = 2 * time.Millisecond

// Lock takes the lock that the file at path stands for, making the file where
// it is absent. It waits until the lock is free or ctx ends. The file stays.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	for {
		unlock, ok, err := try(path)
		if err != nil {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		if ok {
			return unlock, nil
		}
		wait := time.NewTimer(poll)
		select {
		case <-ctx.Done():
			wait.Stop()
			return nil, fmt.Errorf("lock %s: %w", path, ctx.Err())
		case <-wait.C:
		}
	}
}
