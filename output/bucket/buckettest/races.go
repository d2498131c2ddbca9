package buckettest

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"

	"iltizam/output/bucket"
)

func ifAbsent(t *testing.T, b bucket.Bucket) {
	put(t, b, key, "first", bucket.Cond{IfAbsent: true})
	_, err := b.Put(t.Context(), key, bucket.Bytes([]byte("second")), bucket.Cond{IfAbsent: true})
	wantErr(t, "put where an object is", err, bucket.ErrPrecondition)
	if got, _ := get(t, b, key); got != "first" {
		t.Errorf("after the refused put: %q", got)
	}
	if err := b.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	put(t, b, key, "third", bucket.Cond{IfAbsent: true})
}

func ifMatch(t *testing.T, b bucket.Bucket) {
	swap := func(etag, text string) error {
		_, err := b.Put(t.Context(), key, bucket.Bytes([]byte(text)), bucket.Cond{IfMatch: etag})
		return err
	}
	wantErr(t, "put over an absent object", swap(`"0123"`, "x"), bucket.ErrPrecondition)
	if got := keys(list(t, b, "")); got != "" {
		t.Errorf("left behind: %q", got)
	}
	first := put(t, b, key, "first", bucket.Cond{})
	if err := swap(first.ETag, "second"); err != nil {
		t.Errorf("put over the current object: %v", err)
	}
	wantErr(t, "put over a stale object", swap(first.ETag, "third"), bucket.ErrPrecondition)
	got, second := get(t, b, key)
	if got != "second" {
		t.Errorf("after the refused put: %q", got)
	}
	if err := swap(second.ETag, "fourth"); err != nil {
		t.Errorf("put over what get gave: %v", err)
	}
}

const racers = 16

// race lets all racers put at once under one condition and gives who won.
func race(t *testing.T, b bucket.Bucket, key string, c bucket.Cond) (winners []string) {
	var (
		mu    sync.Mutex
		wg    sync.WaitGroup
		start = make(chan struct{})
	)
	for i := range racers {
		text := "racer " + strconv.Itoa(i)
		wg.Go(func() {
			<-start
			_, err := b.Put(t.Context(), key, bucket.Bytes([]byte(text)), c)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				winners = append(winners, text)
			} else if !errors.Is(err, bucket.ErrPrecondition) {
				t.Errorf("%s: %v", text, err)
			}
		})
	}
	close(start)
	wg.Wait()
	return winners
}

func raceAbsent(t *testing.T, b bucket.Bucket) {
	for round := range 4 {
		key := "race/" + strconv.Itoa(round) + "/head.json"
		oneWinner(t, b, key, race(t, b, key, bucket.Cond{IfAbsent: true}))
	}
}

func raceMatch(t *testing.T, b bucket.Bucket) {
	o := put(t, b, key, "start", bucket.Cond{})
	for range 4 {
		oneWinner(t, b, key, race(t, b, key, bucket.Cond{IfMatch: o.ETag}))
		o = put(t, b, key, "start", bucket.Cond{})
	}
}

func oneWinner(t *testing.T, b bucket.Bucket, key string, winners []string) {
	t.Helper()
	got, _ := get(t, b, key)
	if len(winners) != 1 || got != winners[0] {
		t.Errorf("winners %q, kept %q: want one, and its text kept", winners, got)
	}
}

// counter is the pattern of the head: read, add one, write if nobody else did.
func counter(t *testing.T, b bucket.Bucket) {
	const workers, steps = 4, 5
	put(t, b, key, "0", bucket.Cond{})
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for done := 0; done < steps && !t.Failed(); {
				text, o := read(t, b)
				n, err := strconv.Atoi(text)
				if err != nil {
					t.Errorf("read %q", text)
					return
				}
				_, err = b.Put(t.Context(), key, bucket.Bytes([]byte(strconv.Itoa(n+1))), bucket.Cond{IfMatch: o.ETag})
				if err == nil {
					done++
				} else if !errors.Is(err, bucket.ErrPrecondition) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got, _ := get(t, b, key); got != strconv.Itoa(workers*steps) {
		t.Errorf("counted %s of %d", got, workers*steps)
	}
}

// read is get for goroutines, which must not end the test themselves.
func read(t *testing.T, b bucket.Bucket) (string, bucket.Object) {
	r, o, err := b.Get(t.Context(), key)
	if err != nil {
		t.Error(err)
		return "", o
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Error(err)
	}
	return string(data), o
}

func readWhole(t *testing.T, b bucket.Bucket) {
	texts := []string{strings.Repeat("a", 300_000), strings.Repeat("b", 200_000)}
	put(t, b, key, texts[0], bucket.Cond{})
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				got, o := read(t, b)
				if got != texts[0] && got != texts[1] {
					t.Errorf("read %d bytes, %d of them a", len(got), bytes.Count([]byte(got), []byte("a")))
					return
				}
				if o.Size != int64(len(got)) || (o.SHA256 != "" && o.SHA256 != bucket.Bytes([]byte(got)).SHA256) {
					t.Errorf("the object and its bytes are of two writes")
					return
				}
			}
		})
	}
	for i := range 20 {
		if _, err := b.Put(t.Context(), key, bucket.Bytes([]byte(texts[(i+1)%2])), bucket.Cond{}); err != nil {
			t.Error(err)
		}
	}
	close(done)
	wg.Wait()
}
