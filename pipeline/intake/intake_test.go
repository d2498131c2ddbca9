package intake_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"iltizam/pipeline/intake"
)

// memory is a place held in memory. As a store it is a careless one: it writes
// what it is given, whatever digest it was told.
type memory struct {
	mu     sync.Mutex
	files  map[string][]byte
	writes []string                  // keys in the order of writing
	fail   func(key string) error    // asked before each write
	opened func(key string, n int)   // called at each opening, which is the nth of the key
	opens  map[string]int            //
	wrap   func(io.Reader) io.Reader // around what Open gives, where it cannot seek
	before func(key string)          // called before a write, as if another run were faster
	// versions are those of the files whose versions can be told.
	versions map[string]string
}

func newMemory() *memory { return &memory{files: map[string][]byte{}, opens: map[string]int{}} }

var errDisk = errors.New("no space left")

func (m *memory) List(_ context.Context, prefix string) ([]intake.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []intake.Entry
	for _, key := range slices.Sorted(maps.Keys(m.files)) {
		if strings.HasPrefix(key, prefix) {
			out = append(out, intake.Entry{Key: key, Size: int64(len(m.files[key])), Version: m.versions[key]})
		}
	}
	return out, nil
}

type file struct{ *bytes.Reader }

func (file) Close() error { return nil }

func (m *memory) Open(_ context.Context, key string) (io.ReadCloser, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.opens[key]++
	if m.opened != nil {
		m.opened(key, m.opens[key])
	}
	b, ok := m.files[key]
	if !ok {
		return nil, fmt.Errorf("open %s: %w", key, fs.ErrNotExist)
	}
	if m.wrap != nil {
		return io.NopCloser(m.wrap(bytes.NewReader(b))), nil
	}
	return file{bytes.NewReader(b)}, nil
}

func (m *memory) PutNew(_ context.Context, key string, size int64, _ string, content func() (io.ReadSeekCloser, error)) error {
	if m.before != nil {
		m.before(key)
	}
	m.mu.Lock()
	_, there := m.files[key]
	var err error
	if !there && m.fail != nil {
		err = m.fail(key)
	}
	m.mu.Unlock()
	if there || err != nil {
		return err
	}
	r, err := content()
	if err != nil {
		return err
	}
	defer r.Close()
	if _, err := r.Seek(0, io.SeekEnd); err != nil { // as some stores do, to know the length
		return err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, there := m.files[key]; !there {
		m.files[key] = b
		m.writes = append(m.writes, key)
	}
	return nil
}

func (m *memory) Replace(_ context.Context, key string, content []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files[key] = bytes.Clone(content)
	return nil
}

// fetchInto is a run's intake: what earlier runs found is used, what this one
// finds is kept.
func fetchInto(ctx context.Context, inbox intake.Source, archive *memory, at string) ([]*intake.Workbook, error) {
	known := intake.LoadKnown(ctx, archive)
	books, err := intake.Fetch(ctx, inbox, archive, at, known)
	if err != nil {
		return nil, err
	}
	return books, known.Save(ctx, archive)
}

func sum(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

func raw(s string) string { return "raw/" + sum(s)[:2] + "/" + sum(s) + ".xlsx" }

const (
	monday  = "2022-07-04T08:00:00Z"
	tuesday = "2022-07-05T08:00:00Z"
)

func fetch(t *testing.T, inbox, archive *memory, at string) []*intake.Workbook {
	t.Helper()
	got, err := fetchInto(t.Context(), inbox, archive, at)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func show(books []*intake.Workbook) string {
	var out []string
	for _, w := range books {
		out = append(out, fmt.Sprintf("%s|%s|%s|%v", w.Institution, w.Path, w.ReceivedAt[:10], w.InInbox))
	}
	return strings.Join(out, " ")
}

func inboxOf(files ...string) *memory {
	m := newMemory()
	for i := 0; i < len(files); i += 2 {
		m.files[files[i]] = []byte(files[i+1])
	}
	return m
}

func TestRawBytesComeBeforeTheReceipt(t *testing.T) {
	archive := newMemory()
	fetch(t, inboxOf("water/a.xlsx", "A", "roads/b.xlsx", "B"), archive, monday)
	want := []string{raw("B"), "receipts/roads/" + sum("B") + ".json", raw("A"), "receipts/water/" + sum("A") + ".json"}
	for i := 0; i < len(want); i += 2 {
		if raw, receipt := slices.Index(archive.writes, want[i]), slices.Index(archive.writes, want[i+1]); raw < 0 || receipt < raw {
			t.Errorf("written %v, want %v", archive.writes, want)
		}
	}
	if got := string(archive.files[raw("A")]); got != "A" {
		t.Errorf("archived %q", got)
	}
}

func TestReceivedAtIsSetOnce(t *testing.T) {
	inbox, archive := inboxOf("water/a.xlsx", "A"), newMemory()
	fetch(t, inbox, archive, monday)
	inbox.files["water/b.xlsx"] = []byte("B")
	if got, want := show(fetch(t, inbox, archive, tuesday)), "water|water/a.xlsx|2022-07-04|true water|water/b.xlsx|2022-07-05|true"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	writes := len(archive.writes)
	// A file that goes stays known; the same bytes under another name are no news.
	delete(inbox.files, "water/a.xlsx")
	inbox.files["water/again.xlsx"] = []byte("B")
	if got, want := show(fetch(t, inbox, archive, "2022-07-06T00:00:00Z")), "water|water/a.xlsx|2022-07-04|false water|water/b.xlsx|2022-07-05|true"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(archive.writes) != writes {
		t.Errorf("written anew: %v", archive.writes[writes:])
	}
}

func TestTheFasterRunSetsReceivedAt(t *testing.T) {
	inbox, archive := inboxOf("water/a.xlsx", "A"), newMemory()
	archive.before = func(key string) {
		archive.before = nil
		fetch(t, inbox, archive, monday)
	}
	if got, want := show(fetch(t, inbox, archive, tuesday)), "water|water/a.xlsx|2022-07-04|true"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSameBytesInTwoFolders(t *testing.T) {
	archive := newMemory()
	got := fetch(t, inboxOf("water/a.xlsx", "A", "roads/a.xlsx", "A", "a.xlsx", "A"), archive, monday)
	if want := "|a.xlsx|2022-07-04|true roads|roads/a.xlsx|2022-07-04|true water|water/a.xlsx|2022-07-04|true"; show(got) != want {
		t.Errorf("got %s, want %s", show(got), want)
	}
	if n := len(archive.writes); n != 4 { // one raw file, three receipts
		t.Errorf("%d files: %v", n, archive.writes)
	}
	keys := map[string]bool{}
	for _, w := range got {
		keys[w.AnswerKey()] = true
		if w.SubmissionID() != sum("A")[:16] {
			t.Error(w.SubmissionID())
		}
	}
	if len(keys) != 3 {
		t.Errorf("answers would overwrite one another: %v", keys)
	}
}

// skipper is an inbox some of whose files may not be read.
type skipper struct {
	*memory
	denied  string
	skipped []intake.Skip
}

func (s *skipper) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	if key == s.denied {
		return nil, fmt.Errorf("open %s: %w", key, fs.ErrPermission)
	}
	return s.memory.Open(ctx, key)
}

func (s *skipper) Skip(k intake.Skip) { s.skipped = append(s.skipped, k) }

func TestAFileThatMayNotBeReadStopsNoOther(t *testing.T) {
	inbox := &skipper{memory: inboxOf("water/a.xlsx", "A", "roads/b.xlsx", "B"), denied: "roads/b.xlsx"}
	archive := newMemory()
	got, err := fetchInto(t.Context(), inbox, archive, monday)
	if err != nil || show(got) != "water|water/a.xlsx|2022-07-04|true" {
		t.Errorf("%s, %v", show(got), err)
	}
	if want := []intake.Skip{{Key: "roads/b.xlsx", Reason: intake.Unreadable, Denied: true}}; !slices.Equal(inbox.skipped, want) {
		t.Errorf("told %v", inbox.skipped)
	}
	// An archive that may not be written to is no matter of one file.
	archive = newMemory()
	archive.fail = func(string) error { return fs.ErrPermission }
	if _, err := fetchInto(t.Context(), inbox, archive, monday); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("archive: %v", err)
	}
}

func TestIgnoredFiles(t *testing.T) {
	got := fetch(t, inboxOf("water/~$a.xlsx", "x", ".DS_Store", "x", "lost+found/#1", "x", "water/.hidden", "x", ".git/a.xlsx", "x", "Thumbs.db", "x", "water/desktop.INI", "x",
		"water/", "", "water/a.xlsx", "A", "water/notes.txt", "N"), newMemory(), monday)
	if want := 2; len(got) != want {
		t.Errorf("taken: %s", show(got))
	}
}

func TestHostileFolders(t *testing.T) {
	archive := newMemory()
	folders := []string{"وزارة الماء", "a b", "_", "..x", "a..b", "UPPER", "con", "x-0123456789abcdef", "a_b", "é", "\xff\xfe", "-", "a\nb", strings.Repeat("f", 300)}
	inbox := newMemory()
	for i, f := range folders {
		inbox.files[f+"/deep/er/a.xlsx"] = []byte(fmt.Sprint("A", i))
	}
	got := fetch(t, inbox, archive, monday)
	if len(got) != len(folders)-1 { // ..x is hidden
		t.Errorf("%d of %d: %q", len(got), len(folders), show(got))
	}
	for key := range archive.files {
		if strings.ContainsAny(key, " \\\n_") && !strings.HasPrefix(key, "receipts/_/") || strings.Contains(key, "..") || strings.ContainsFunc(key, func(r rune) bool { return r > 126 || r < 32 }) {
			t.Errorf("key %q", key)
		}
	}
	again := fetch(t, inbox, archive, tuesday)
	if len(again) != len(got) || strings.Contains(show(again), "2022-07-05") {
		t.Errorf("what was known is taken anew: %s", show(again))
	}
	outside := fetch(t, inboxOf("a.xlsx", "A0", "_/deep.xlsx", "A2"), newMemory(), monday)
	if outside[0].AnswerKey() == outside[1].AnswerKey() || strings.HasPrefix(outside[1].AnswerKey(), "_/") == strings.HasPrefix(outside[0].AnswerKey(), "_/") {
		t.Errorf("a folder called _ passes for none: %s %s", outside[0].AnswerKey(), outside[1].AnswerKey())
	}
}

func TestDamagedReceipts(t *testing.T) {
	archive := newMemory()
	fetch(t, inboxOf("water/a.xlsx", "A"), archive, monday)
	key := "receipts/water/" + sum("A") + ".json"
	good := string(archive.files[key])
	change := func(field string, value any) string {
		var m map[string]any
		if err := json.Unmarshal([]byte(good), &m); err != nil {
			t.Fatal(err)
		}
		m[field] = value
		b, _ := json.Marshal(m)
		return string(b)
	}
	for _, bad := range []string{"", "{", "null", good[:40], change("version", 2), change("sha256", "short"), change("sha256", strings.Repeat("Z", 64)),
		change("sha256", strings.ToUpper(sum("A"))), change("sha256", sum("B")), change("received_at", "yesterday"), change("received_at", "2022-07-04T08:00:00+01:00"),
		change("size", -1), change("institution", "roads"), change("more", 1)} {
		archive.files[key] = []byte(bad)
		if got, err := fetchInto(t.Context(), newMemory(), archive, tuesday); err == nil {
			t.Errorf("%s gives %s", bad, show(got))
		} else if !strings.Contains(err.Error(), key) {
			t.Errorf("%v does not say which receipt", err)
		}
	}
}

func TestBytes(t *testing.T) {
	archive := newMemory()
	w := fetch(t, inboxOf("water/a.xlsx", "content"), archive, monday)[0]
	if b, err := w.Bytes(t.Context(), 7); err != nil || string(b) != "content" {
		t.Errorf("%q %v", b, err)
	}
	if _, err := w.Bytes(t.Context(), 6); !errors.Is(err, intake.ErrTooLarge) {
		t.Error(err)
	}
	for _, tampered := range []string{"CONTENT", "conten", "content and more", ""} {
		archive.files[raw("content")] = []byte(tampered)
		if b, err := w.Bytes(t.Context(), 100); err == nil {
			t.Errorf("%q is given for the archived workbook", b)
		}
	}
	delete(archive.files, raw("content"))
	if _, err := w.Bytes(t.Context(), 100); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// Whatever write fails, the next run loses nothing, repeats nothing.
func TestAFailureAtEachWriteThenARerun(t *testing.T) {
	inbox := inboxOf("water/a.xlsx", "A", "water/b.xlsx", "B", "roads/a.xlsx", "A")
	whole := newMemory()
	want := show(fetch(t, inbox, whole, monday))
	for n := range whole.writes {
		archive := newMemory()
		archive.fail = func(string) error {
			if len(archive.writes) == n {
				return errDisk
			}
			return nil
		}
		if _, err := fetchInto(t.Context(), inbox, archive, monday); !errors.Is(err, errDisk) {
			t.Fatalf("write %d: %v", n, err)
		}
		for key := range archive.files {
			if digest, ok := strings.CutPrefix(key, "receipts/"); ok {
				digest = digest[strings.Index(digest, "/")+1 : len(digest)-len(".json")]
				if _, ok := archive.files["raw/"+digest[:2]+"/"+digest+".xlsx"]; !ok {
					t.Errorf("write %d failed: %s without its bytes", n, key)
				}
			}
		}
		archive.fail = nil
		if got := show(fetch(t, inbox, archive, monday)); got != want {
			t.Errorf("write %d failed: got %s, want %s", n, got, want)
		}
		if len(archive.writes) != len(whole.writes) {
			t.Errorf("write %d failed: %v", n, archive.writes)
		}
	}
}

// Bytes that are not those that were hashed never stand under their digest.
func TestAFileThatChangesWhileItIsRead(t *testing.T) {
	for _, seekable := range []bool{true, false} {
		for _, after := range []string{"other", "a", "content and more", "CONTENT", ""} {
			inbox, archive := inboxOf("water/a.xlsx", "content"), newMemory()
			if !seekable {
				inbox.wrap = func(r io.Reader) io.Reader { return struct{ io.Reader }{r} }
			}
			inbox.opened = func(key string, n int) {
				if n == 2 { // the first opening is for the digest
					inbox.files[key] = []byte(after)
				}
			}
			got := fetch(t, inbox, archive, monday)
			if len(got) != 1 || got[0].Digest != sum(after) {
				t.Errorf("%q, seekable %v: got %s", after, seekable, show(got))
			}
			for key, b := range archive.files {
				if strings.HasPrefix(key, "raw/") && key != raw(string(b)) {
					t.Errorf("%q stands as %s", b, key)
				}
			}
		}
	}
	inbox, archive := inboxOf("water/a.xlsx", "content"), newMemory()
	inbox.opened = func(key string, n int) { inbox.files[key] = []byte(fmt.Sprint("content ", n)) }
	if _, err := fetchInto(t.Context(), inbox, archive, monday); err == nil || len(archive.files) > 0 {
		t.Errorf("a file that never rests: %v %v", err, archive.writes)
	}
}

func TestAFileThatIsTakenAway(t *testing.T) {
	inbox, archive := inboxOf("water/a.xlsx", "A", "water/b.xlsx", "B"), newMemory()
	inbox.opened = func(key string, n int) { delete(inbox.files, "water/a.xlsx") }
	if got := fetch(t, inbox, archive, monday); show(got) != "water|water/b.xlsx|2022-07-04|true" {
		t.Error(show(got))
	}
}

func TestAWrongTimeOfReceiptIsNeverWritten(t *testing.T) {
	for _, at := range []string{"", "2022-07-04", "2022-07-04T08:00:00+01:00", "2022-07-04 08:00:00Z", "2022-07-04T08:00:00.5Z"} {
		archive := newMemory()
		if _, err := fetchInto(t.Context(), inboxOf("water/a.xlsx", "A"), archive, at); err == nil || len(archive.files) > 0 {
			t.Errorf("%q: %v %v", at, err, archive.writes)
		}
	}
}

func TestOrderOfReceipt(t *testing.T) {
	inbox, archive := inboxOf("water/z.xlsx", "Z"), newMemory()
	fetch(t, inbox, archive, tuesday)
	inbox.files["water/a.xlsx"] = []byte("A")
	got := fetch(t, inbox, archive, monday) // the clock went back: the order is that of the receipts
	if show(got) != "water|water/a.xlsx|2022-07-04|true water|water/z.xlsx|2022-07-05|true" {
		t.Error(show(got))
	}
}
