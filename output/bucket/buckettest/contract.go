// Package buckettest is the contract that every bucket keeps, as tests.
package buckettest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"iltizam/output/bucket"
)

// Run holds a kind of bucket to the contract. open gives an empty bucket each time.
func Run(t *testing.T, open func(t *testing.T) bucket.Bucket) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, b bucket.Bucket)
	}{
		{"what is put can be got", putGet},
		{"an object put again is replaced", replace},
		{"an absent object is named", absent},
		{"delete removes", remove},
		{"list is in byte order", listOrder},
		{"list of many", listMany},
		{"list can be left", listLeft},
		{"bad keys are refused", badKeys},
		{"IfAbsent", ifAbsent},
		{"IfMatch", ifMatch},
		{"wrong digests are refused", wrongDigest},
		{"a body that fails writes nothing", brokenBody},
		{"a cancelled call does nothing", cancelled},
		{"one creator of many wins", raceAbsent},
		{"one swapper of many wins", raceMatch},
		{"swaps are never lost", counter},
		{"readers never see a mix", readWhole},
		{"a part of a bucket", part},
		{"many at once", putAll},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

const key = "objects/sha256/ab/abcd/file.csv"

func put(t testing.TB, b bucket.Bucket, key, text string, c bucket.Cond) bucket.Object {
	t.Helper()
	o, err := b.Put(t.Context(), key, bucket.Bytes([]byte(text)), c)
	if err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
	return o
}

func get(t testing.TB, b bucket.Bucket, key string) (string, bucket.Object) {
	t.Helper()
	r, o, err := b.Get(t.Context(), key)
	if err != nil {
		t.Fatalf("get %s: %v", key, err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("read %s: %v", key, err)
	}
	return string(data), o
}

func list(t testing.TB, b bucket.Bucket, prefix string) []bucket.Object {
	t.Helper()
	var all []bucket.Object
	for o, err := range b.List(t.Context(), prefix) {
		if err != nil {
			t.Fatalf("list %s: %v", prefix, err)
		}
		all = append(all, o)
	}
	return all
}

func keys(objects []bucket.Object) string {
	var b strings.Builder
	for _, o := range objects {
		b.WriteString(o.Key + "\n")
	}
	return b.String()
}

func lines(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return strings.Join(words, "\n") + "\n"
}

func wantErr(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got error %v, want %v", what, err, want)
	}
}

func putGet(t *testing.T, b bucket.Bucket) {
	for name, text := range map[string]string{
		"empty":         "",
		"one-byte":      "x",
		"a-mebibyte":    strings.Repeat("0123456789abcdef", 1<<16),
		"arabic.csv":    "\ufeffالتقدم,82.8\r\n",
		"d/e/e/p.jsonl": "{}\n",
	} {
		body := bucket.Bytes([]byte(text))
		o := put(t, b, name, text, bucket.Cond{})
		got, seen := get(t, b, name)
		if got != text {
			t.Errorf("%s: got %d bytes back, put %d", name, len(got), len(text))
		}
		known, err := b.Stat(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		listed := list(t, b, name)
		if len(listed) != 1 {
			t.Fatalf("list %s: %d objects", name, len(listed))
		}
		for call, o := range map[string]bucket.Object{"put": o, "get": seen, "stat": known, "list": listed[0]} {
			if o.Key != name || o.Size != int64(len(text)) {
				t.Errorf("%s %s: got key %s, size %d", call, name, o.Key, o.Size)
			}
			if o.Stamp == "" || o.Stamp != known.Stamp {
				t.Errorf("%s %s: stamp is %q, that of stat %q", call, name, o.Stamp, known.Stamp)
			}
			if o.SHA256 != "" && o.SHA256 != body.SHA256 {
				t.Errorf("%s %s: sha256 is %s, want %s", call, name, o.SHA256, body.SHA256)
			}
			if o.ETag != known.ETag && !(call == "list" && o.ETag == "") {
				t.Errorf("%s %s: etag is %s, that of stat %s", call, name, o.ETag, known.ETag)
			}
		}
		if known.ETag == "" || known.SHA256 != body.SHA256 {
			t.Errorf("stat %s: etag %q, sha256 %q", name, known.ETag, known.SHA256)
		}
	}
}

func replace(t *testing.T, b bucket.Bucket) {
	first := put(t, b, key, "first", bucket.Cond{})
	second := put(t, b, key, "other", bucket.Cond{})
	if got, _ := get(t, b, key); got != "other" {
		t.Errorf("after the second put: %q", got)
	}
	if first.ETag == second.ETag {
		t.Errorf("two contents share the etag %s", first.ETag)
	}
	again := put(t, b, key, "first", bucket.Cond{})
	if got, _ := get(t, b, key); got != "first" || again.Size != 5 {
		t.Errorf("after the third put: %q", got)
	}
}

func absent(t *testing.T, b bucket.Bucket) {
	put(t, b, "a/b/c", "x", bucket.Cond{})
	for _, key := range []string{"nothing", "a", "a/b", "a/b/d", "a/b/c/d"} {
		_, err := b.Stat(t.Context(), key)
		wantErr(t, "stat "+key, err, bucket.ErrNotExist)
		_, _, err = b.Get(t.Context(), key)
		wantErr(t, "get "+key, err, bucket.ErrNotExist)
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("get %s: its error does not name it: %v", key, err)
		}
	}
}

func remove(t *testing.T, b bucket.Bucket) {
	put(t, b, "a/b/c", "x", bucket.Cond{})
	put(t, b, "a/b/d", "x", bucket.Cond{})
	for _, key := range []string{"a/b/c", "a/b/c", "never/there"} {
		if err := b.Delete(t.Context(), key); err != nil {
			t.Errorf("delete %s: %v", key, err)
		}
	}
	if got := keys(list(t, b, "")); got != "a/b/d\n" {
		t.Errorf("left: %q", got)
	}
	if err := b.Delete(t.Context(), "a/b/d"); err != nil {
		t.Error(err)
	}
	// The folder is no object, so its name is free again.
	put(t, b, "a", "x", bucket.Cond{IfAbsent: true})
}

func listOrder(t *testing.T, b bucket.Bucket) {
	want := []string{"A", "a-b/x", "a.txt", "a/b-c", "a/b.c", "a/b/c", "a/b0", "a0", "a_b", "latest/p/x.csv", "z"}
	for i := range want {
		put(t, b, want[len(want)-1-i], "x", bucket.Cond{})
	}
	for prefix, want := range map[string][]string{
		"":        want,
		"a":       want[1:9],
		"a/":      want[3:7],
		"a/b":     want[3:7],
		"a/b/":    want[5:6],
		"a/b/c":   want[5:6],
		"latest/": want[9:10],
		"lat":     want[9:10],
		"nothing": nil,
		"z/":      nil,
	} {
		if got := keys(list(t, b, prefix)); got != lines(want) {
			t.Errorf("list %q: got\n%swant %q", prefix, got, want)
		}
	}
}

// listMany passes the page that S3 servers answer at once.
func listMany(t *testing.T, b bucket.Bucket) {
	const many = 1003
	name := func(i int) string { return fmt.Sprintf("many/%02d/%04d.txt", i/100, i) }
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := worker; i < many; i += 8 {
				if _, err := b.Put(t.Context(), name(i), bucket.Bytes(nil), bucket.Cond{}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	put(t, b, "other", "x", bucket.Cond{})
	var want strings.Builder
	for i := range many {
		want.WriteString(name(i) + "\n")
	}
	if got := keys(list(t, b, "many/")); got != want.String() {
		t.Errorf("got %d keys, want %d in order", strings.Count(got, "\n"), many)
	}
}

func listLeft(t *testing.T, b bucket.Bucket) {
	for _, key := range []string{"a/1", "a/2", "b/3"} {
		put(t, b, key, "x", bucket.Cond{})
	}
	var seen []bucket.Object
	for o, err := range b.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if seen = append(seen, o); len(seen) == 2 {
			break
		}
	}
	if got := keys(seen); got != "a/1\na/2\n" {
		t.Errorf("got %q", got)
	}
}

func badKeys(t *testing.T, b bucket.Bucket) {
	for _, key := range []string{"", "/a", "a/", "a//b", "..", "a/../b", ".hidden", "a b", "é", `a\b`, strings.Repeat("x", 201)} {
		_, err := b.Stat(t.Context(), key)
		wantErr(t, "stat "+key, err, bucket.ErrKey)
		_, _, err = b.Get(t.Context(), key)
		wantErr(t, "get "+key, err, bucket.ErrKey)
		_, err = b.Put(t.Context(), key, bucket.Bytes(nil), bucket.Cond{})
		wantErr(t, "put "+key, err, bucket.ErrKey)
		wantErr(t, "delete "+key, b.Delete(t.Context(), key), bucket.ErrKey)
	}
	for o, err := range b.List(t.Context(), "../") {
		wantErr(t, "list ../ gave "+o.Key, err, bucket.ErrKey)
	}
	longest := strings.Repeat("x", 200)
	put(t, b, longest+"/"+longest, "x", bucket.Cond{})
}

func wrongDigest(t *testing.T, b bucket.Bucket) {
	good := bucket.Bytes([]byte("good"))
	for name, body := range map[string]bucket.Body{
		"sha256":   {Open: good.Open, Size: good.Size, SHA256: bucket.Bytes([]byte("evil")).SHA256},
		"too-long": {Open: good.Open, Size: 3, SHA256: good.SHA256},
		"short":    {Open: good.Open, Size: 5, SHA256: good.SHA256},
		"none":     {Open: good.Open, Size: good.Size},
	} {
		_, err := b.Put(t.Context(), name, body, bucket.Cond{})
		wantErr(t, "put of a wrong "+name, err, bucket.ErrDigest)
	}
	if got := keys(list(t, b, "")); got != "" {
		t.Errorf("left behind: %q", got)
	}
}

func brokenBody(t *testing.T, b bucket.Bucket) {
	want := errors.New("spool is gone")
	put(t, b, key, "old", bucket.Cond{})
	body := bucket.Bytes([]byte("new"))
	body.Open = func() (io.ReadSeekCloser, error) { return nil, want }
	_, err := b.Put(t.Context(), key, body, bucket.Cond{})
	wantErr(t, "put of what does not open", err, want)
	body.Open = func() (io.ReadSeekCloser, error) { return broken{bytes.NewReader([]byte("new")), want}, nil }
	if _, err = b.Put(t.Context(), key, body, bucket.Cond{}); err == nil {
		t.Error("put of what does not read: no error")
	}
	if got, _ := get(t, b, key); got != "old" {
		t.Errorf("after the failed puts: %q", got)
	}
	if got := keys(list(t, b, "")); got != key+"\n" {
		t.Errorf("left behind: %q", got)
	}
}

type broken struct {
	*bytes.Reader
	err error
}

func (b broken) Read([]byte) (int, error)         { return 0, b.err }
func (b broken) WriteTo(io.Writer) (int64, error) { return 0, b.err }
func (b broken) Close() error                     { return nil }

func cancelled(t *testing.T, b bucket.Bucket) {
	put(t, b, key, "old", bucket.Cond{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := b.Stat(ctx, key)
	wantErr(t, "stat", err, context.Canceled)
	_, _, err = b.Get(ctx, key)
	wantErr(t, "get", err, context.Canceled)
	_, err = b.Put(ctx, key, bucket.Bytes([]byte("new")), bucket.Cond{})
	wantErr(t, "put", err, context.Canceled)
	wantErr(t, "delete", b.Delete(ctx, key), context.Canceled)
	for _, err := range b.List(ctx, "") {
		wantErr(t, "list", err, context.Canceled)
	}
	if got, _ := get(t, b, key); got != "old" {
		t.Errorf("after the cancelled calls: %q", got)
	}
}

func part(t *testing.T, b bucket.Bucket) {
	p := bucket.Prefixed(b, "in/side/")
	put(t, b, "in/other", "x", bucket.Cond{})
	o := put(t, p, "k/e/y", "text", bucket.Cond{IfAbsent: true})
	put(t, p, "k/e/y", "next", bucket.Cond{IfMatch: o.ETag})
	if got, o := get(t, p, "k/e/y"); got != "next" || o.Key != "k/e/y" {
		t.Errorf("got %q of %s", got, o.Key)
	}
	if got, _ := get(t, b, "in/side/k/e/y"); got != "next" {
		t.Errorf("in the whole: %q", got)
	}
	if got := keys(list(t, p, "")); got != "k/e/y\n" {
		t.Errorf("list: %q", got)
	}
	if _, err := p.Stat(t.Context(), "other"); !errors.Is(err, bucket.ErrNotExist) {
		t.Errorf("the part shows what is beside it: %v", err)
	}
	if err := p.Delete(t.Context(), "k/e/y"); err != nil {
		t.Error(err)
	}
	if got := keys(list(t, b, "")); got != "in/other\n" {
		t.Errorf("left: %q", got)
	}
}
