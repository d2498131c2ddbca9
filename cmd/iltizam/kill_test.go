package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"iltizam/output/bucket"
	"iltizam/output/bucket/buckettest"
	"iltizam/output/bucket/dirbucket"
	"iltizam/pipeline"
)

// killDay is when the inbox of the kill tests is read.
const killDay = "2031-10-10"

// killInbox drops what came on a day of the life: workbooks that are taken, held
// in part, refused, and one that lies in two folders.
func killInbox(t *testing.T, folders ...string) (l *life) {
	plans := lifePlans(t)
	l = newLife(t, plans, lifeEvents(t, plans, killDay))
	for _, e := range l.events {
		if slices.Contains(folders, e.folder) {
			l.drop(e)
			if e.folder == "i11" {
				writeFile(t, filepath.Join(l.place("inbox"), "i10", "astray.xlsx"), e.bytes)
			}
		}
	}
	return l
}

// killable is the job over stores that fail.
type killable struct {
	t  *testing.T
	in pipeline.Input
}

func newKillable(t *testing.T, l *life) *killable {
	t.Helper()
	now, err := time.Parse(time.DateOnly, killDay)
	if err != nil {
		t.Fatal(err)
	}
	a := &app{stdio: stdio{out: io.Discard, err: io.Discard}, now: func() time.Time { return now }}
	c := defaults()
	c.Inbox, c.Archive, c.Plans = l.place("inbox"), l.place("archive"), l.plans
	in, err := a.input(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	in.ReceivedAt = now
	return &killable{t, in}
}

// job reads the inbox into an archive and answers; it gives what would be published.
func (k *killable) job(archive, outbox bucket.Bucket) (tables string, err error) {
	in := k.in
	in.Archive, in.Outbox = bucketStore{archive}, bucketStore{outbox}
	res, err := pipeline.Run(k.t.Context(), in)
	if err != nil {
		return "", err
	}
	if err := res.Answer(k.t.Context(), in.Outbox); err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, snap := range res.Snapshots {
		all, err := res.Tables(snap)
		if err != nil {
			return "", err
		}
		for _, table := range all {
			for row := range table.Rows {
				fmt.Fprintln(sum, table.Schema.Name, row)
			}
		}
	}
	return fmt.Sprintf("%s %x", res.AsOf, sum.Sum(nil)), nil
}

// contents gives the digest of each object of a place but what may be made again.
func contents(t *testing.T, b bucket.Bucket) map[string]string {
	t.Helper()
	out := map[string]string{}
	for o, err := range b.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(o.Key, "cache/") {
			continue
		}
		r, _, err := b.Get(t.Context(), o.Key)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, r); err != nil {
			t.Fatal(err)
		}
		r.Close()
		out[o.Key] = fmt.Sprintf("%x", sum.Sum(nil))
	}
	return out
}

// kept gives the contents of the private places.
func (l *life) kept(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, place := range []string{"archive", "outbox"} {
		b, err := dirbucket.Open(l.place(place))
		if err != nil {
			t.Fatal(err)
		}
		for key, sum := range contents(t, b) {
			out[place+"/"+key] = sum
		}
	}
	return out
}

func wantSame(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if got[key] != want[key] {
			t.Errorf("%s: %s is %q, want %q", what, key, got[key], want[key])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[key]; !ok {
			t.Errorf("%s: %s is too many", what, key)
		}
	}
}

// written counts how often each key was written with effect.
type written struct {
	bucket.Bucket
	keys chan string
}

func (w written) Put(ctx context.Context, key string, body bucket.Body, c bucket.Cond) (bucket.Object, error) {
	o, err := w.Bucket.Put(ctx, key, body, c)
	if err == nil {
		w.keys <- key
	}
	return o, err
}

// killAtEachWrite lets the job die before or after each of its writes into the
// archive, then into the outbox; the next run ends as if nothing had happened.
func killAtEachWrite(t *testing.T, open func() bucket.Bucket) {
	k := newKillable(t, killInbox(t, "i05", "i09", "i11"))
	archive, outbox := buckettest.Fault(open(), buckettest.Failure{}), buckettest.Fault(open(), buckettest.Failure{})
	want, err := k.job(archive, outbox)
	if err != nil {
		t.Fatal(err)
	}
	wantArchive, wantOutbox := contents(t, archive), contents(t, outbox)
	if len(wantArchive) < 7 || len(wantOutbox) < 9 {
		t.Fatalf("the archive holds %d objects, the outbox %d", len(wantArchive), len(wantOutbox))
	}
	for place, writes := range map[string]int{"archive": archive.Writes(), "outbox": outbox.Writes()} {
		for n := 1; n <= 2*writes; n++ {
			f := buckettest.Failure{Write: (n + 1) / 2, After: n%2 == 0, Crash: true}
			name := fmt.Sprintf("%s, write %d, after %v", place, f.Write, f.After)
			a := written{open(), make(chan string, 1000)}
			o := written{open(), make(chan string, 1000)}
			var struck bool
			if place == "archive" {
				b := buckettest.Fault(a, f)
				_, err = k.job(b, o)
				struck = b.Struck()
			} else {
				b := buckettest.Fault(o, f)
				_, err = k.job(a, b)
				struck = b.Struck()
			}
			if !errors.Is(err, buckettest.ErrInjected) || !struck {
				t.Fatalf("%s: the job ended with %v", name, err)
			}
			got, err := k.job(a, o)
			if err != nil {
				t.Fatalf("%s: the next run: %v", name, err)
			}
			if got != want {
				t.Errorf("%s: the next run would publish %s, want %s", name, got, want)
			}
			wantSame(t, name+": archive", contents(t, a), wantArchive)
			wantSame(t, name+": outbox", contents(t, o), wantOutbox)
			for _, w := range []written{a, o} {
				close(w.keys)
				seen := map[string]bool{}
				for key := range w.keys {
					if seen[key] && !strings.HasPrefix(key, "cache/") {
						t.Errorf("%s: %s was written twice", name, key)
					}
					seen[key] = true
				}
			}
		}
	}
}

func TestKilledAtEachWrite(t *testing.T) {
	killAtEachWrite(t, func() bucket.Bucket {
		b, err := dirbucket.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		return b
	})
}

func TestKilledAtEachWriteToS3(t *testing.T) {
	place, err := url.Parse(buckettest.S3(t))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	killAtEachWrite(t, func() bucket.Bucket {
		n++
		place.Path = fmt.Sprintf("/kill%d", n)
		b, err := openBucket(t.Context(), place.String())
		if err != nil {
			t.Fatal(err)
		}
		return b
	})
}

// The program itself, killed at points spread over its run. Whatever it had
// written, the next run ends as one that was never disturbed.
func TestKilledProgram(t *testing.T) {
	all := []string{"i01", "i02", "i03", "i05", "i08", "i09", "i11", "i12"}
	whole := killInbox(t, all...)
	began := time.Now()
	want := whole.command(killDay)
	took := time.Since(began)
	undisturbed := whole.kept(t)
	const kills = 10
	cut := 0
	for i := range kills {
		l := &life{t: t, root: t.TempDir(), plans: whole.plans}
		if err := os.CopyFS(l.place("inbox"), os.DirFS(whole.place("inbox"))); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("iltizam", "run", "--plans", l.plans, "--received-at", killDay, "--inbox", l.place("inbox"),
			"--archive", l.place("archive"), "--outbox", l.place("outbox"), "--bucket", l.place("public"))
		cmd.Env = append(os.Environ(), clockVariable+"="+killDay+"T12:00:00Z", "TMPDIR="+t.TempDir())
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(took*time.Duration(i+1)/kills, func() { cmd.Process.Kill() })
		err := cmd.Wait()
		timer.Stop()
		if cmd.ProcessState.ExitCode() == -1 {
			cut++
		}
		if got := l.command(killDay); got != want {
			t.Errorf("kill %d (%v): the release is %s, want %s", i, err, got, want)
		}
		wantSame(t, fmt.Sprintf("kill %d (%v)", i, err), l.kept(t), undisturbed)
	}
	if cut == 0 {
		t.Error("no run was cut short")
	}
}
