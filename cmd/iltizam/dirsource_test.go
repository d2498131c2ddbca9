package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iltizam/output/bucket"
	"iltizam/output/bucket/membucket"
	"iltizam/pipeline/intake"
)

// aFolder is a dirSource over files whose times and pauses are the test's.
type aFolder struct {
	dirSource
	path  string
	now   time.Time
	waits int
}

func folderSource(t *testing.T, while func()) *aFolder {
	t.Helper()
	f := &aFolder{path: t.TempDir(), now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)}
	root, err := os.OpenRoot(f.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	f.dirSource = newDirSource(root, func(intake.Skip) {})
	f.dirSource.now = func() time.Time { return f.now }
	f.dirSource.wait = func(ctx context.Context, _ time.Duration) error {
		f.waits++
		if while != nil {
			while()
		}
		return ctx.Err()
	}
	return f
}

// write writes a file as of some time ago.
func (f *aFolder) write(t *testing.T, name, text string, ago time.Duration) {
	t.Helper()
	file := filepath.Join(f.path, name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, f.now, f.now.Add(-ago)); err != nil {
		t.Fatal(err)
	}
}

const aWhole = "PK\x03\x04 content PK\x05\x06 and eighteen bytes"

// A file that ends in the middle is looked at twice; if it was written meanwhile it
// is still growing. Whole ones and old ones are not waited for.
func TestGrowing(t *testing.T) {
	const half, lately, past = "PK\x03\x04 conte", time.Second, time.Minute
	for name, c := range map[string]struct {
		text, later string // what it holds, and after the pause; "-" for a file taken away, "=" before it: as of the same time
		ago         time.Duration
		waits       int
		growing     bool
	}{
		"grows":               {half, half + "nt", lately, 1, true},
		"grows, same time":    {half, "=" + half + "nt", lately, 1, true},
		"grows whole":         {half, aWhole, lately, 1, true},
		"rests":               {half, half, lately, 1, false},
		"was left":            {half, half + "nt", past, 0, false},
		"whole":               {aWhole, aWhole + "!", lately, 0, false},
		"whole, long comment": {aWhole + strings.Repeat("c", 65535), "", lately, 0, false},
		"comment too long":    {aWhole + strings.Repeat("c", 66000), aWhole, lately, 1, true},
		"filled in place":     {strings.Repeat("\x00", 90), half + strings.Repeat("\x00", 80), lately, 1, true},
		"empty":               {"", "", lately, 1, false},
		"no longer empty":     {"", half, lately, 1, true},
		"taken away":          {half, "-", lately, 1, false},
		"of tomorrow":         {half, half, -24 * time.Hour, 1, false},
	} {
		var f *aFolder
		f = folderSource(t, func() {
			switch {
			case c.later == "-":
				if err := os.Remove(filepath.Join(f.path, "a.xlsx")); err != nil {
					t.Fatal(err)
				}
			case strings.HasPrefix(c.later, "="):
				f.write(t, "a.xlsx", c.later[1:], c.ago)
			case c.later != c.text:
				f.write(t, "a.xlsx", c.later, 0)
			}
		})
		f.write(t, "a.xlsx", c.text, c.ago)
		f.write(t, "other.xlsx", half, lately) // nobody asks about it
		got, err := f.Growing(t.Context(), []intake.Entry{{Key: "a.xlsx"}, {Key: "gone.xlsx"}})
		if err != nil || got["a.xlsx"] != c.growing || len(got) > 1 || f.waits != c.waits {
			t.Errorf("%s: %v %v, %d pauses", name, got, err, f.waits)
		}
	}
}

// One pause is for all of them; a run that is told to stop does not wait.
func TestGrowingWaitsOnce(t *testing.T) {
	var f *aFolder
	f = folderSource(t, func() { f.write(t, "07.xlsx", "half and more", 0) })
	var all []intake.Entry
	for i := range 20 {
		name := fmt.Sprintf("%02d.xlsx", i)
		f.write(t, name, "half", time.Second)
		all = append(all, intake.Entry{Key: name})
	}
	got, err := f.Growing(t.Context(), all)
	if err != nil || !maps.Equal(got, map[string]bool{"07.xlsx": true}) || f.waits != 1 {
		t.Errorf("%v %v, %d pauses", got, err, f.waits)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f.wait = pause
	if _, err := f.Growing(ctx, all); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// The version of a file changes when it is written, even where its size and the
// time of writing are put back.
func TestVersionsOfFiles(t *testing.T) {
	f := folderSource(t, nil)
	f.write(t, "a.xlsx", "one", time.Minute)
	version := func() string {
		list, err := f.List(t.Context(), "")
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		return list[0].Version
	}
	first := version()
	if first == "" {
		t.Skip("this system does not tell when a file was changed")
	}
	if version() != first {
		t.Error("it changes by itself")
	}
	if err := os.Rename(filepath.Join(f.path, "a.xlsx"), filepath.Join(f.path, ".a")); err != nil {
		t.Fatal(err)
	}
	f.write(t, "a.xlsx", "two", time.Minute) // another file of the same size and time
	if version() == first {
		t.Error("another file passes for the first")
	}
}

// Through the whole program: what is being written is told and left; the next run
// takes it; the others are published meanwhile.
func TestARunLeavesWhatIsBeingWritten(t *testing.T) {
	p := prepare(t, "health", "justice")
	told, health := p.inFolders(t)
	text, err := os.ReadFile(health)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(health, text[:len(text)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	source, err := openInbox(t.Context(), p.c.Inbox, p.skip)
	if err != nil {
		t.Fatal(err)
	}
	d := source.(dirSource)
	d.now = func() time.Time { // the moment at which the file was written
		info, err := os.Stat(health)
		if err != nil {
			t.Fatal(err)
		}
		return info.ModTime()
	}
	d.wait = func(context.Context, time.Duration) error {
		return os.WriteFile(health, text, 0o644)
	}
	p.in.Inbox = d
	p.wantExit(t, t.Context(), p.carryOut(t.Context(), p.c, p.in), exitOK)
	for _, want := range []string{"not read: " + health + " is still being written: the next run takes it", "1 accepted, 0 refused", "published  "} {
		if !strings.Contains(told.String(), want) {
			t.Errorf("told %s, want %q in it", told, want)
		}
	}
	told.Reset()
	p.wantExit(t, t.Context(), p.carryOut(t.Context(), p.c, p.in), exitOK)
	if !strings.Contains(told.String(), "2 accepted, 0 refused") || strings.Contains(told.String(), "not read") {
		t.Errorf("the next run told %s", told)
	}
}

// lockedBucket keeps one object from whoever reads.
type lockedBucket struct {
	bucket.Bucket
	key string
}

func (b lockedBucket) Get(ctx context.Context, key string) (io.ReadCloser, bucket.Object, error) {
	if key == b.key {
		return nil, bucket.Object{}, fmt.Errorf("get %s: %w", key, bucket.ErrDenied)
	}
	return b.Bucket.Get(ctx, key)
}

// An object that may not be read stops no other institution; it is told, by its
// address, and asked for again in the next run.
func TestALockedObjectStopsNobody(t *testing.T) {
	p := prepare(t, "justice")
	var told bytes.Buffer
	p.out = &told
	folder := t.TempDir()
	p.c.Archive, p.c.Outbox, p.c.Bucket = filepath.Join(folder, "archive"), filepath.Join(folder, "outbox"), filepath.Join(folder, "public")
	var err error
	if p.in.Archive, err = openStore(t.Context(), p.c.Archive); err != nil {
		t.Fatal(err)
	}
	b := membucket.New()
	for _, key := range []string{"health", "justice"} {
		files, err := filepath.Glob(filepath.Join("../../examples/inbox", key, "*"))
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		text, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Put(t.Context(), key+"/in.xlsx", bucket.Bytes(text), bucket.Cond{}); err != nil {
			t.Fatal(err)
		}
	}
	inbox := bucketInbox{bucketStore{lockedBucket{b, "health/in.xlsx"}}, p.skip}
	if _, err := inbox.Open(t.Context(), "health/in.xlsx"); !errors.Is(err, fs.ErrPermission) || !errors.Is(err, bucket.ErrDenied) {
		t.Errorf("%v", err)
	}
	if _, err := inbox.Open(t.Context(), "health/none.xlsx"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	p.c.Inbox, p.in.Inbox = "s3://ministries/inbox/?endpoint=http://127.0.0.1:1", inbox
	for range 2 {
		told.Reset()
		p.wantExit(t, t.Context(), p.carryOut(t.Context(), p.c, p.in), exitPartial)
		for _, want := range []string{"not read: s3://ministries/inbox/health/in.xlsx may not be read: give", "1 accepted, 0 refused", "published  "} {
			if !strings.Contains(told.String(), want) {
				t.Errorf("told %s, want %q in it", &told, want)
			}
		}
	}
	p.in.Inbox = bucketInbox{bucketStore{b}, p.skip}
	told.Reset()
	p.wantExit(t, t.Context(), p.carryOut(t.Context(), p.c, p.in), exitOK)
	if !strings.Contains(told.String(), "2 accepted, 0 refused") {
		t.Errorf("once it may be read: %s", &told)
	}
}
