package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iltizam/pipeline/intake"
	"iltizam/pipeline/plan"
)

// denying is a folder's source that may not open some names.
func denying(t *testing.T, p *prepared, names ...string) intake.Source {
	t.Helper()
	s, err := openInbox(t.Context(), p.c.Inbox, p.skip)
	if err != nil {
		t.Fatal(err)
	}
	d := s.(dirSource)
	open := d.open
	d.open = func(name string) (*os.File, error) {
		for _, n := range names {
			if name == n {
				return nil, &fs.PathError{Op: "openat", Path: name, Err: fs.ErrPermission}
			}
		}
		return open(name)
	}
	return d
}

// What one institution keeps from the program stops no other institution.
func TestUnreadableEntriesAreToldAndSkipped(t *testing.T) {
	p := prepare(t, "health", "justice", "education")
	told, health := p.inFolders(t)
	p.in.Inbox = denying(t, p, "justice", "health/"+filepath.Base(health))
	for range 2 { // the second time nothing is new
		told.Reset()
		p.wantExit(t, t.Context(), p.carryOut(t.Context(), p.c, p.in), exitPartial)
		for _, want := range []string{"not read: " + filepath.Join(p.c.Inbox, "justice") + " may not be read: give",
			"not read: " + health + " may not be read: give", "1 workbook in " + p.c.Inbox, "published  "} {
			if !strings.Contains(told.String(), want) {
				t.Errorf("told %s, want %q in it", told, want)
			}
		}
	}
	p.in.Inbox = denying(t, p, ".")
	p.wantExit(t, t.Context(), p.carryOut(t.Context(), p.c, p.in), exitNothing, "list inbox: ", "hint: give this program's user the right")
	p.in.Inbox = denying(t, p, "justice", "health", "education")
	var err error
	if p.in.Archive, err = openStore(t.Context(), filepath.Join(t.TempDir(), "other")); err != nil {
		t.Fatal(err)
	}
	p.wantExit(t, t.Context(), p.carryOut(t.Context(), p.c, p.in), exitNothing, "nothing in the inbox", "hint: see to the files")
}

// A folder that turns out to be someone else's only at publishing is told as at opening.
func TestForeignBucketAtPublishing(t *testing.T) {
	p := prepare(t, "health")
	folder := t.TempDir()
	p.c.Outbox, p.c.Bucket = filepath.Join(folder, "outbox"), filepath.Join(folder, "public")
	p.in.Tick = nil
	p.in.Inbox = opening{p.in.Inbox, func() { // after the bucket was opened
		if err := errors.Join(os.MkdirAll(p.c.Bucket, 0o755), os.WriteFile(filepath.Join(p.c.Bucket, "thesis.txt"), nil, 0o644)); err != nil {
			t.Fatal(err)
		}
	}}
	p.wantExit(t, t.Context(), p.carryOut(t.Context(), p.c, p.in), exitUsage, "such as thesis.txt", "hint: name an empty or a new folder")
}

type opening struct {
	intake.Source
	act func()
}

func (o opening) List(ctx context.Context, prefix string) ([]intake.Entry, error) {
	o.act()
	return o.Source.List(ctx, prefix)
}

// What only reads ends at an interrupt, and says nothing of publishing.
func TestInterruptEndsCheckAndTemplate(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	folder := filepath.Join(t.TempDir(), "templates")
	for _, args := range [][]string{{"check", "../../examples/inbox"}, {"check", "../../examples/inbox/health", "--json"}, {"template", "-o", folder}} {
		var told bytes.Buffer
		a := stdio{strings.NewReader(""), io.Discard, &told}
		if code := run(ctx, args, a, time.Now); code != exitInterrupted || strings.Contains(told.String(), "published") {
			t.Errorf("%v: exit code %d: %s", args, code, &told)
		}
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("template wrote on")
	}
}

func TestHeadlineWithoutPeriod(t *testing.T) {
	got := headline(&plan.Snapshot{Plan: &plan.ActionPlan{}})
	if want := "0 commitments, no value yet, 0 not started, 0 in progress, 0 completed"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
