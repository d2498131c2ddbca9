package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iltizam/output/bucket/buckettest"
	"iltizam/pipeline/intake"
)

// A workbook in an inbox on S3 is received whatever its name.
func TestInboxOnS3TakesAnyName(t *testing.T) {
	address, folder := buckettest.S3Folder(t)
	samples, err := filepath.Glob("../../examples/inbox/*/*.xlsx")
	if err != nil || len(samples) < 4 {
		t.Fatalf("%d samples: %v", len(samples), err)
	}
	dropped := map[string]string{} // by key: the sample
	for i, name := range []string{"تقرير الربع الأول.xlsx", "mon rapport.xlsx", "50% + l'été \"final\".xlsx", "~$mon rapport.xlsx"} {
		key := filepath.Base(filepath.Dir(samples[i])) + "/" + name
		text, err := os.ReadFile(samples[i])
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(folder, "inbox", filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, text, 0o644); err != nil {
			t.Skip("this system keeps no such name:", err)
		}
		if !intake.Ignored(key) {
			dropped[key] = string(text)
		}
	}
	place := strings.Replace(address, "?", "/inbox?", 1)
	inbox, err := openInbox(t.Context(), place, func(intake.Skip) {})
	if err != nil {
		t.Fatal(err)
	}
	archive, err := openStore(t.Context(), filepath.Join(t.TempDir(), "archive"))
	if err != nil {
		t.Fatal(err)
	}
	books, err := intake.Fetch(t.Context(), inbox, archive, "2026-11-01T00:00:00Z", intake.LoadKnown(t.Context(), archive))
	if err != nil || len(books) != len(dropped) {
		t.Fatalf("%d of %d received: %v", len(books), len(dropped), err)
	}
	for _, w := range books {
		if text, err := w.Bytes(t.Context(), 1<<20); err != nil || string(text) != dropped[w.Path] {
			t.Errorf("%s: %d bytes, %v", w.Path, len(text), err)
		}
	}
	// And the whole program reads and publishes them.
	dir := t.TempDir()
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"run", "--inbox", place, "--archive", filepath.Join(dir, "a"), "--outbox", filepath.Join(dir, "o"),
		"--bucket", filepath.Join(dir, "b"), "--as-of", "2026-11-01", "--received-at", "2026-11-01T00:00:00Z"},
		stdio{strings.NewReader(""), &out, &errs}, time.Now)
	if code != 0 || !strings.Contains(out.String(), "3 workbooks in the archive") || !strings.Contains(out.String(), "3 accepted, 0 refused") {
		t.Errorf("exit code %d\n%s%s", code, &out, &errs)
	}
}
