package dirbucket

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"iltizam/output/bucket"
)

func open(t *testing.T, root string) *Bucket {
	t.Helper()
	b, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func put(b *Bucket, t *testing.T, key, text string) error {
	_, err := b.Put(t.Context(), key, bucket.Bytes([]byte(text)), bucket.Cond{})
	return err
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// names are all files and folders under a root, ours and hidden ones too.
func names(t *testing.T, root string) string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(root, func(name string, _ fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, name)
		all = append(all, filepath.ToSlash(rel))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

func TestForeignFolderIsRefused(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "thesis.doc"), "years of work")
	_, err := Open(root)
	if err == nil {
		t.Fatal("no error")
	}
	for _, hint := range []string{root, "thesis.doc", ".iltizam-bucket", "choose an empty or a new folder"} {
		if !strings.Contains(err.Error(), hint) {
			t.Errorf("the error does not say %q: %v", hint, err)
		}
	}
	// Also where the files came after the folder was opened.
	empty := t.TempDir()
	b := open(t, empty)
	write(t, filepath.Join(empty, "thesis.doc"), "years of work")
	if err := put(b, t, "thesis.doc", "x"); !errors.Is(err, bucket.ErrDenied) {
		t.Errorf("put: %v", err)
	}
	if err := b.Delete(t.Context(), "thesis.doc"); !errors.Is(err, bucket.ErrDenied) {
		t.Errorf("delete: %v", err)
	}
	if got := names(t, empty); got != ". thesis.doc" {
		t.Errorf("left: %s", got)
	}
	write(t, filepath.Join(empty, marker), "")
	if _, err := Open(empty); err != nil {
		t.Errorf("with the marker: %v", err)
	}
}

func TestFileInPlaceOfFolder(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	write(t, name, "x")
	if _, err := Open(name); err == nil || !strings.Contains(err.Error(), "not a folder") {
		t.Errorf("got %v", err)
	}
}

// To look at a folder must not make one: its name may be a slip.
func TestReadingMakesNothing(t *testing.T) {
	root := filepath.Join(t.TempDir(), "slip")
	b := open(t, root)
	if _, err := b.Stat(t.Context(), "head.json"); !errors.Is(err, bucket.ErrNotExist) {
		t.Errorf("stat: %v", err)
	}
	for o, err := range b.List(t.Context(), "") {
		t.Errorf("list: %v, %v", o, err)
	}
	if err := b.Delete(t.Context(), "head.json"); err != nil {
		t.Errorf("delete: %v", err)
	}
	if _, err := os.Stat(root); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder: %v", err)
	}
}

func TestWhatAPutLeaves(t *testing.T) {
	root := filepath.Join(t.TempDir(), "b")
	b := open(t, root)
	if err := put(b, t, "a/x.csv", "x"); err != nil {
		t.Fatal(err)
	}
	if got := names(t, root); got != ". .iltizam-bucket .iltizam-lock a a/x.csv" {
		t.Errorf("got %s", got)
	}
	// What a killed process leaves, or people's tools, is no object.
	for _, name := range []string{"a/.iltizam-tmp-1-1", ".DS_Store", "a/my notes.txt", "a/.git/config"} {
		write(t, filepath.Join(root, name), "x")
	}
	var listed []string
	for o, err := range b.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		listed = append(listed, o.Key)
	}
	if got := strings.Join(listed, " "); got != "a/x.csv" {
		t.Errorf("listed %s", got)
	}
}

func TestNothingLeadsOut(t *testing.T) {
	outside, root := t.TempDir(), t.TempDir()
	write(t, filepath.Join(outside, "secret"), "secret")
	b := open(t, root)
	if err := put(b, t, "a", "x"); err != nil {
		t.Fatal(err)
	}
	link := func(to, name string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
			t.Skip("this system makes no symbolic links:", err)
		}
	}
	link(outside, "out")
	link(filepath.Join(outside, "secret"), "file")
	link("a", "inside")
	for _, key := range []string{"out/secret", "file", "inside"} {
		if r, _, err := b.Get(t.Context(), key); err == nil {
			r.Close()
			t.Errorf("get %s: no error", key)
		}
	}
	if err := put(b, t, "out/new", "x"); err == nil {
		t.Error("put out/new: no error")
	}
	if err := b.Delete(t.Context(), "out/secret"); err == nil {
		t.Error("delete out/secret: no error")
	}
	for o, err := range b.List(t.Context(), "") {
		if err != nil || o.Key != "a" {
			t.Errorf("list: %v, %v", o, err)
		}
	}
	for o, err := range b.List(t.Context(), "out/") {
		if err == nil {
			t.Errorf("list out/: %v", o)
		}
	}
	// A link in the place of an object is replaced, not followed.
	if err := put(b, t, "file", "ours"); err != nil {
		t.Error(err)
	}
	if got, _ := os.ReadFile(filepath.Join(outside, "secret")); string(got) != "secret" {
		t.Errorf("outside: %q", got)
	}
	if got := names(t, outside); got != ". secret" {
		t.Errorf("outside: %s", got)
	}
}

// Many that find no folder at once must not take the first one's files for someone else's.
func TestFirstPutsTogether(t *testing.T) {
	for round := range 50 {
		root := filepath.Join(t.TempDir(), "new")
		var wg sync.WaitGroup
		start := make(chan struct{})
		for i := range 6 {
			b := open(t, root)
			wg.Go(func() {
				<-start
				if err := put(b, t, strconv.Itoa(i), "x"); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		close(start)
		wg.Wait()
	}
}

// disk is a file on a disk that fills up.
type disk struct {
	*os.File
	room int
	err  error
}

func (d *disk) Write(p []byte) (int, error) {
	if len(p) > d.room {
		n, _ := d.File.Write(p[:d.room])
		return n, &fs.PathError{Op: "write", Path: d.Name(), Err: d.err}
	}
	d.room -= len(p)
	return d.File.Write(p)
}

// late is a disk that says only when asked to keep the bytes that it cannot.
type late struct{ *os.File }

func (l late) Sync() error { return &fs.PathError{Op: "sync", Path: l.Name(), Err: syscall.ENOSPC} }

func TestFullDisk(t *testing.T) {
	for name, onto := range map[string]func(*os.File) sink{
		"write": func(f *os.File) sink { return &disk{f, 10, syscall.ENOSPC} },
		"quota": func(f *os.File) sink { return &disk{f, 10, syscall.EDQUOT} },
		"sync":  func(f *os.File) sink { return late{f} },
	} {
		root := t.TempDir()
		b := open(t, root)
		if err := put(b, t, "a/head.json", "old"); err != nil {
			t.Fatal(err)
		}
		b.onto = onto
		err := put(b, t, "a/head.json", strings.Repeat("new", 100))
		if !errors.Is(err, bucket.ErrFull) || !strings.Contains(err.Error(), "a/head.json") {
			t.Errorf("%s: got %v", name, err)
		}
		if name == "write" && !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%s: the system's own error is lost: %v", name, err)
		}
		if got := names(t, root); got != ". .iltizam-bucket .iltizam-lock a a/head.json" {
			t.Errorf("%s: left %s", name, got)
		}
		if got, _ := os.ReadFile(filepath.Join(root, "a", "head.json")); string(got) != "old" {
			t.Errorf("%s: kept %q", name, got)
		}
	}
}

func TestRefusedPutLeavesNoFile(t *testing.T) {
	root := t.TempDir()
	b := open(t, root)
	for _, c := range []bucket.Cond{{IfMatch: "0"}, {IfAbsent: true}, {IfAbsent: true}} {
		_, _ = b.Put(t.Context(), "x", bucket.Bytes([]byte("x")), c)
	}
	bad := bucket.Bytes([]byte("x"))
	bad.SHA256 = strings.Repeat("0", 64)
	_, _ = b.Put(t.Context(), "x", bad, bucket.Cond{})
	if got := names(t, root); got != ". .iltizam-bucket .iltizam-lock x" {
		t.Errorf("left %s", got)
	}
}
