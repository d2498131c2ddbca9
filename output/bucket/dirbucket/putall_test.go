package dirbucket

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"iltizam/output"
	"iltizam/output/bucket"
	"iltizam/output/release"
)

// power is what a power cut would leave of a bucket, by what the bucket was heard to do.
type power struct {
	t       *testing.T
	mu      sync.Mutex
	written map[string]bool // keys whose bytes are durable
	lasting map[string]bool // keys and folders: whether their names are
	syncs   int
	onName  func(key string)
}

func watch(t *testing.T, b *Bucket) *power {
	p := &power{t: t, written: map[string]bool{}, lasting: map[string]bool{}, onName: func(string) {}}
	b.tell = p.hear
	return p
}

func (p *power) hear(act, key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch act {
	case "folder":
		p.lasting[key] = false
	case "sync file":
		p.written[key] = true
		p.syncs++
	case "name":
		if !p.written[key] {
			p.t.Errorf("%s is named before its bytes are durable", key)
		}
		p.lasting[key] = false
		p.onName(key)
	case "sync folder":
		p.syncs++
		for name := range p.lasting {
			if path.Dir(name) == key {
				p.lasting[name] = true
			}
		}
	}
}

// lost are the names that a power cut would take away now.
func (p *power) lost() (all []string) {
	for name, kept := range p.lasting {
		if !kept {
			all = append(all, name)
		}
	}
	return all
}

func staged(t *testing.T, files, edition int) *release.Staged {
	t.Helper()
	in := release.Input{AsOf: "2024-01-0" + strconv.Itoa(edition), BaseURL: "https://example.org/"}
	var all []output.File
	for i := range files {
		text := []byte("file " + strconv.Itoa(i))
		if i%3 == 0 {
			text = append(text, strconv.Itoa(edition)...)
		}
		all = append(all, output.File{Path: "data/p/t" + strconv.Itoa(i) + ".csv", MediaType: "text/csv", Size: int64(len(text)),
			SHA256: bucket.Bytes(text).SHA256, Rows: 1, Plan: "p", Table: "t" + strconv.Itoa(i),
			Open: func() (io.ReadSeekCloser, error) { return closer{bytes.NewReader(text)}, nil }})
	}
	s, err := release.Stage(release.RID(in), in, all)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type closer struct{ *bytes.Reader }

func (closer) Close() error { return nil }

// When the head gets its name, all that it leads to is durable, the names of the
// folders included; and when the commit is done, so is everything.
func TestHeadComesLast(t *testing.T) {
	const files = 30
	b := open(t, filepath.Join(t.TempDir(), "deep", "b"))
	for edition := 1; edition <= 2; edition++ {
		s := staged(t, files, edition)
		head, etag, err := release.Current(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		p := watch(t, b)
		heads := 0
		p.onName = func(key string) {
			if key != release.HeadKey {
				return
			}
			heads++
			for _, name := range p.lost() {
				if name != release.HeadKey {
					t.Errorf("edition %d: the head is named while %s can be lost", edition, name)
				}
			}
			for _, f := range s.Manifest.Files {
				if _, named := p.lasting[f.Key]; !named && (edition == 1 || !exists(b, f.Key)) {
					t.Errorf("edition %d: the head is named before %s", edition, f.Key)
				}
			}
			if !p.lasting[release.ManifestKey(s.ID)] || !p.lasting[release.SumsKey(s.ID)] {
				t.Errorf("edition %d: the head is named before the manifest", edition)
			}
		}
		out, err := release.Commit(t.Context(), b, s, release.CommitOptions{Head: head, ETag: etag, Nonce: strconv.Itoa(edition), CommittedAt: time.Unix(1, 0)})
		if err != nil || heads != 1 {
			t.Fatalf("edition %d: %+v, %d heads, %v", edition, out, heads, err)
		}
		if want := []int{files, files / 3}[edition-1]; out.Uploaded != want || out.Aliases != want {
			t.Errorf("edition %d: got %+v", edition, out)
		}
		if lost := p.lost(); len(lost) > 0 {
			t.Errorf("edition %d: at the end %v can be lost", edition, lost)
		}
		// An object and its copy, each once; for an object two folders of its own.
		if most := 4*out.Uploaded + 30; p.syncs > most {
			t.Errorf("edition %d: %d syncs, at most %d are needed", edition, p.syncs, most)
		}
	}
}

func exists(b *Bucket, key string) bool {
	_, err := os.Stat(filepath.Join(b.root, filepath.FromSlash(key)))
	return err == nil
}

// What one Put wrote is durable when it returns, also in a folder that another
// bucket has made and not synced yet, and where it finds the object there already.
func TestPutIsDurable(t *testing.T) {
	root := t.TempDir()
	b := open(t, root)
	p := watch(t, b)
	for _, key := range []string{"raw/aa/x.xlsx", "raw/aa/y.xlsx", "receipts/health/x.json"} {
		if _, err := b.Put(t.Context(), key, bucket.Bytes([]byte(key)), bucket.Cond{IfAbsent: true}); err != nil {
			t.Fatal(err)
		}
		if lost := p.lost(); len(lost) > 0 || !p.lasting[key] {
			t.Errorf("after %s: %v can be lost", key, lost)
		}
	}
	other := open(t, root)
	p = watch(t, other)
	for _, name := range []string{"raw", "raw/aa", "raw/aa/x.xlsx", "raw/aa/z.xlsx"} {
		p.lasting[name] = false
	}
	if err := put(other, t, "raw/aa/z.xlsx", "z"); err != nil {
		t.Fatal(err)
	}
	p.lasting["raw/aa/x.xlsx"] = false
	if _, err := other.Put(t.Context(), "raw/aa/x.xlsx", bucket.Bytes([]byte("x")), bucket.Cond{IfAbsent: true}); !errors.Is(err, bucket.ErrPrecondition) {
		t.Errorf("got %v", err)
	}
	if lost := p.lost(); len(lost) > 0 {
		t.Errorf("%v can be lost", lost)
	}
}

func TestFullDiskWithMany(t *testing.T) {
	items := func(n int) (all []bucket.Item) {
		for i := range n {
			all = append(all, bucket.Item{Key: "a/" + strconv.Itoa(i) + "/x", Body: bucket.Bytes([]byte(strings.Repeat("x", i)))})
		}
		return all
	}
	for name, onto := range map[string]func(*os.File) sink{
		"write": func(f *os.File) sink { return &disk{f, 10, syscall.ENOSPC} },
		"sync":  func(f *os.File) sink { return late{f} },
	} {
		b := open(t, t.TempDir())
		b.onto = onto
		_, err := b.PutAll(t.Context(), items(20))
		if !errors.Is(err, bucket.ErrFull) || !strings.Contains(err.Error(), "put a/") {
			t.Errorf("%s: got %v", name, err)
		}
		if got := names(t, b.root); strings.Contains(got, "/x") || strings.Contains(got, tempName) {
			t.Errorf("%s: left %s", name, got)
		}
	}
}
