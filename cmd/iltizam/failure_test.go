package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"iltizam/output/bucket"
	"iltizam/output/bucket/buckettest"
	"iltizam/output/bucket/membucket"
	"iltizam/output/release"
	"iltizam/pipeline"
)

// prepared is a run that has come to publishing.
type prepared struct {
	*app
	c      config
	in     pipeline.Input
	res    *pipeline.Result
	stderr bytes.Buffer
}

// prepare reads the sample workbooks of some institutions.
func prepare(t *testing.T, institutions ...string) *prepared {
	t.Helper()
	p := &prepared{c: defaults()}
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	p.app = &app{stdio: stdio{out: io.Discard, err: &p.stderr}, now: func() time.Time { return now }}
	folder := t.TempDir()
	p.c.Inbox, p.c.Archive = filepath.Join(folder, "inbox"), filepath.Join(folder, "archive")
	for _, i := range institutions {
		if err := os.CopyFS(filepath.Join(p.c.Inbox, i), os.DirFS("../../examples/inbox/"+i)); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if p.in, err = p.input(t.Context(), p.c); err != nil {
		t.Fatal(err)
	}
	if p.res, err = pipeline.Run(t.Context(), p.in); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *prepared) publish(ctx context.Context, b bucket.Bucket, phase func(string)) (published, error) {
	return publish(ctx, b, p.c, p.in.Contract, p.in.Plans, p.res, p.now(), phase)
}

func quiet(string) {}

// mustPublish publishes and gives the release's id.
func (p *prepared) mustPublish(t *testing.T, b bucket.Bucket) string {
	t.Helper()
	out, err := p.publish(t.Context(), b, quiet)
	if err != nil || !out.Changed {
		t.Fatalf("publish: %+v, %v", out, err)
	}
	wholeRelease(t, b, out.Release)
	return out.Release
}

// wholeRelease wants this release to be current and every file of it in its place.
func wholeRelease(t *testing.T, b bucket.Bucket, id string) {
	t.Helper()
	report, err := release.Verify(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Err(); err != nil || report.Release != id || report.Files == 0 {
		t.Errorf("release %s with %d files, want %s: %v", report.Release, report.Files, id, err)
	}
}

func spoolIn(t *testing.T) string {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	return folder
}

func wantEmpty(t *testing.T, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("left in the folder for temporary files: %s", e.Name())
	}
}

func (p *prepared) wantExit(t *testing.T, ctx context.Context, err error, code int, words ...string) {
	t.Helper()
	p.stderr.Reset()
	if got := p.exit(ctx, err); got != code {
		t.Errorf("exit code %d, want %d: %v", got, code, err)
	}
	for _, w := range words {
		if !strings.Contains(p.stderr.String(), w) {
			t.Errorf("told %q, want %q in it", p.stderr.String(), w)
		}
	}
}

// trap acts when a key with a prefix is written.
type trap struct {
	bucket.Bucket
	prefix string
	act    func() error
}

func (b trap) Put(ctx context.Context, key string, body bucket.Body, c bucket.Cond) (bucket.Object, error) {
	if strings.HasPrefix(key, b.prefix) {
		if err := b.act(); err != nil {
			return bucket.Object{}, fmt.Errorf("put %s: %w", key, err)
		}
	}
	return b.Bucket.Put(ctx, key, body, c)
}

var errFull = fmt.Errorf("%w: %w", bucket.ErrFull, syscall.ENOSPC)

func TestFullDiskLeavesTheLastReleaseWhole(t *testing.T) {
	temporary := spoolIn(t)
	first, second := prepare(t, "health"), prepare(t, "health", "justice")
	for _, prefix := range []string{"objects/", "releases/", "head.json"} {
		t.Run(prefix, func(t *testing.T) {
			b := membucket.New()
			id := first.mustPublish(t, b)
			_, err := second.publish(t.Context(), trap{b, prefix, func() error { return errFull }}, quiet)
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("got %v", err)
			}
			second.wantExit(t, t.Context(), err, exitNothing, "no space left", "hint: make room")
			wholeRelease(t, b, id)
			wantEmpty(t, temporary)
			second.mustPublish(t, b) // once there is room
		})
	}
	t.Run("the first of all writes", func(t *testing.T) {
		b := membucket.New()
		full := buckettest.Fault(b, buckettest.Failure{Write: 1, Err: errFull})
		if _, err := first.publish(t.Context(), full, quiet); !errors.Is(err, bucket.ErrFull) || !full.Struck() {
			t.Fatalf("got %v", err)
		}
		if _, err := release.Verify(t.Context(), b); !errors.Is(err, release.ErrNoRelease) {
			t.Errorf("after it: %v", err)
		}
	})
	t.Run("only the copies", func(t *testing.T) {
		b := membucket.New()
		first.mustPublish(t, b)
		full := trap{b, "latest/", func() error { return errFull }}
		out, err := second.publish(t.Context(), full, quiet)
		if err != nil || !out.Changed || !errors.Is(out.Behind, bucket.ErrFull) {
			t.Fatalf("the release itself was published: %+v, %v", out, err)
		}
		wholeRelease(t, b, out.Release)
		out, err = second.publish(t.Context(), full, quiet)
		if err != nil || out.Changed || !errors.Is(out.Behind, bucket.ErrFull) {
			t.Errorf("it is published still: %+v, %v", out, err)
		}
		var told bytes.Buffer
		second.out = &told
		second.tellPublished(second.c, b, second.res, out)
		if !strings.Contains(told.String(), "latest/ is behind: ") || !strings.Contains(told.String(), "; the next run mends it") {
			t.Errorf("told %s", &told)
		}
		out, err = second.publish(t.Context(), b, quiet)
		if err != nil || out.Changed || out.Aliases == 0 || out.Behind != nil {
			t.Errorf("the next run mends the copies: %+v, %v", out, err)
		}
	})
}

func TestInterruptedRunPublishesNothing(t *testing.T) {
	temporary := spoolIn(t)
	first, second := prepare(t, "health"), prepare(t, "health", "justice")
	for _, at := range []string{"rendering", "publishing", "objects/", "releases/"} {
		t.Run(at, func(t *testing.T) {
			b := membucket.New()
			id := first.mustPublish(t, b)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			stop := func() error { cancel(); return ctx.Err() }
			_, err := second.publish(ctx, trap{b, at, stop}, func(name string) {
				if name == at {
					cancel()
				}
			})
			second.wantExit(t, ctx, err, exitInterrupted, "hint: nothing was published")
			wholeRelease(t, b, id)
			wantEmpty(t, temporary)
			second.mustPublish(t, b) // the next run
		})
	}
	t.Run("at the head, too late", func(t *testing.T) {
		b := membucket.New()
		first.mustPublish(t, b)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		out, err := second.publish(ctx, trap{b, release.HeadKey, func() error { cancel(); return nil }}, quiet)
		if err != nil || !out.Changed {
			t.Fatalf("it was published: %+v, %v", out, err)
		}
		wholeRelease(t, b, out.Release)
	})
	t.Run("while reading", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := pipeline.Run(ctx, second.in)
		second.wantExit(t, ctx, err, exitInterrupted)
	})
}

// silentStore is an S3 server that holds nothing and never answers a write.
func silentStore(t *testing.T) (place string, written <-chan struct{}) {
	first := make(chan struct{})
	var once sync.Once
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			once.Do(func() { close(first) })
			io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
			return
		}
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code><Message>none</Message></Error>`)
	}))
	t.Cleanup(s.Close)
	return "s3://b/p?region=us-east-1&endpoint=" + s.URL, first
}

// The whole program, interrupted as by Ctrl-C while it waits for the store.
func TestInterruptEndsTheProgram(t *testing.T) {
	place, written := silentStore(t)
	work, temporary := t.TempDir(), t.TempDir()
	if err := os.CopyFS(filepath.Join(work, "inbox"), os.DirFS("../../examples/inbox")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("iltizam", "run", "--bucket", place, "--base-url", "https://data.example.org/", "--as-of", "2026-11-01",
		"--received-at", "2026-11-01")
	cmd.Dir = work
	cmd.Env = append(os.Environ(), "TMPDIR="+temporary, "AWS_ACCESS_KEY_ID=id", "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE="+work+"/none", "AWS_SHARED_CREDENTIALS_FILE="+work+"/none",
		"HTTP_PROXY=", "http_proxy=")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-written:
	case err := <-ended:
		t.Fatalf("it ended before it wrote: %v\n%s", err, &stderr)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := <-ended; !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Errorf("ended with %v, want exit code %d", err, exitInterrupted)
	}
	if !strings.Contains(stderr.String(), "nothing was published") {
		t.Errorf("told %q", stderr.String())
	}
	wantEmpty(t, temporary)
}

// inFolders gives a run places of its own; it gives what the run will tell, with
// the path of the one workbook that the institution health dropped.
func (p *prepared) inFolders(t *testing.T) (told *bytes.Buffer, health string) {
	t.Helper()
	told = &bytes.Buffer{}
	p.out = told
	folder := t.TempDir()
	p.c.Archive, p.c.Outbox, p.c.Bucket = filepath.Join(folder, "archive"), filepath.Join(folder, "outbox"), filepath.Join(folder, "public")
	var err error
	if p.in.Archive, err = openStore(t.Context(), p.c.Archive); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(p.c.Inbox, "health", "*"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	return told, files[0]
}
