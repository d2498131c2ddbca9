package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// files gives the digest of each file below a folder.
func files(t *testing.T, folder string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		sum := sha256.Sum256(b)
		all[name] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A name that nobody can read, or that would steer a terminal, harms neither
// the run nor the other workbooks.
func TestOddNamesInTheInbox(t *testing.T) {
	b, err := os.ReadFile("../../examples/inbox/health/ma-nap-2021-2023_portal-page_health.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for _, name := range []string{"health/تقرير التقدم (2).xlsx", "health/sous dossier/copie.xlsx", "sant\xe9/r\xe9sum\xe9.xlsx", "وزارة الصحة/a.xlsx",
		"health/a\npublished  release 0000\x1b[2J.xlsx"} {
		content := append(slices.Clone(b), name...) // no workbook any more, and another digest for each
		if strings.HasPrefix(name, "health/ت") {
			content = b
		}
		path := filepath.Join("inbox", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Skipf("this file system does not take such names: %v", err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Skipf("this file system does not take such names: %v", err)
		}
	}
	var out, told bytes.Buffer
	again := func() int {
		out.Reset()
		told.Reset()
		return run(t.Context(), []string{"run", "--as-of", "2026-11-01", "--received-at", "2026-11-01"},
			stdio{out: &out, err: &told}, time.Now)
	}
	if code := again(); code != exitPartial {
		t.Fatalf("exit code %d, want %d\n%s%s", code, exitPartial, &out, &told)
	}
	if !strings.Contains(out.String(), "read       5 workbooks in inbox") || !strings.Contains(out.String(), "\nplan       ") {
		t.Errorf("told %s", &out)
	}
	if strings.ContainsRune(out.String(), '\x1b') || strings.Contains(out.String(), "\npublished  release 0000") {
		t.Errorf("a file name steers the terminal: %q", out.String())
	}
	before := files(t, ".")
	if code := again(); code != exitPartial {
		t.Errorf("again: exit code %d", code)
	}
	if after := files(t, "."); !maps.Equal(before, after) {
		t.Error("the second run wrote something")
	}
}

// A plan, its institutions and its languages are data: no Go names them.
func TestNoPlanInGo(t *testing.T) {
	named := regexp.MustCompile(`ma-nap|xx-demo|"es"|portal-page|ejempl|inpplc|solidarity|"aguas"`)
	seen := 0
	for _, layer := range []string{"schemas", "pipeline", "output", "cmd"} {
		err := filepath.WalkDir(filepath.Join("../..", layer), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") ||
				testHelper(filepath.ToSlash(filepath.Dir(name))) {
				return err
			}
			b, err := os.ReadFile(name)
			for _, found := range named.FindAllString(string(b), -1) {
				t.Errorf("%s names %s", name, found)
			}
			seen++
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 50 {
		t.Errorf("looked at only %d files", seen)
	}
}
