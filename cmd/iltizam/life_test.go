package main

import (
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"iltizam/output/bucket"
	"iltizam/output/bucket/dirbucket"
	"iltizam/output/bucket/membucket"
	"iltizam/output/release"
	"iltizam/pipeline"
)

// life is the office of a plan's coordinator. What it publishes is kept in memory:
// thirty releases on a disk would take most of the time.
type life struct {
	t      *testing.T
	root   string // of inbox, archive and outbox
	public bucket.Bucket
	plans  string
	events []*lifeEvent
}

// newLife gives a life that has not begun: the inbox is empty.
func newLife(t *testing.T, plans string, events []*lifeEvent) *life {
	l := &life{t, t.TempDir(), membucket.New(), plans, events}
	if err := os.Mkdir(l.place("inbox"), 0o755); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *life) place(name string) string { return filepath.Join(l.root, name) }

func (l *life) drop(e *lifeEvent) {
	l.t.Helper()
	writeFile(l.t, filepath.Join(l.place("inbox"), e.folder, e.file), e.bytes)
}

// empty takes away what lies in a place.
func (l *life) empty(place string) {
	l.t.Helper()
	if err := os.RemoveAll(l.place(place)); err != nil {
		l.t.Fatal(err)
	}
	if err := os.Mkdir(l.place(place), 0o755); err != nil {
		l.t.Fatal(err)
	}
}

func writeFile(t testing.TB, name string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// do runs the program on a day; it must end with one of the codes.
func (l *life) do(day string, codes []int, args ...string) string {
	l.t.Helper()
	var out bytes.Buffer
	code := run(l.t.Context(), append(args, "--plans", l.plans, "--archive", l.place("archive")), stdio{os.Stdin, &out, &out}, noonOf(l.t, day))
	if !slices.Contains(codes, code) {
		l.t.Fatalf("%s: %s: exit code %d, want one of %d\n%s", day, strings.Join(args, " "), code, codes, &out)
	}
	return out.String()
}

func noonOf(t testing.TB, day string) func() time.Time {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return func() time.Time { return at.Add(12 * time.Hour) }
}

// command is `iltizam run` on a day, into a folder; it gives the release there.
func (l *life) command(day string) string {
	l.t.Helper()
	l.do(day, []int{exitOK, exitPartial}, "run", "--received-at", day, "--inbox", l.place("inbox"), "--outbox", l.place("outbox"), "--bucket", l.place("public"))
	b, err := dirbucket.Open(l.place("public"))
	if err != nil {
		l.t.Fatal(err)
	}
	return l.release(b)
}

// runOn does on a day what the command does, into the bucket in memory, and gives
// the release that is current then. Its inbox and archive may be changed before.
func (l *life) runOn(day, asOf string, change func(*pipeline.Input)) string {
	l.t.Helper()
	a := &app{stdio: stdio{out: io.Discard, err: io.Discard}, now: noonOf(l.t, day), flags: flags{asOf: asOf, receivedAt: day}}
	c := defaults()
	c.Inbox, c.Archive, c.Plans = l.place("inbox"), l.place("archive"), l.plans
	in, err := a.input(l.t.Context(), c)
	if err != nil {
		l.t.Fatal(err)
	}
	if change != nil {
		change(&in)
	}
	outbox, err := openStore(l.t.Context(), l.place("outbox"))
	if err != nil {
		l.t.Fatal(err)
	}
	in.Outbox = outbox
	res, err := pipeline.Run(l.t.Context(), in)
	if err != nil {
		l.t.Fatal(err)
	}
	if err := res.Answer(l.t.Context(), outbox); err != nil {
		l.t.Fatal(err)
	}
	if _, err := publish(l.t.Context(), l.public, c, in.Contract, in.Plans, res, in.Now, quiet); err != nil {
		l.t.Fatal(err)
	}
	return l.release(l.public)
}

// nowhere wants a text in no text that is published.
func (l *life) nowhere(text string) {
	l.t.Helper()
	read := 0
	for o, err := range l.public.List(l.t.Context(), "latest/") {
		if err != nil {
			l.t.Fatal(err)
		}
		r, _, err := l.public.Get(l.t.Context(), o.Key)
		if err != nil {
			l.t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			l.t.Fatal(err)
		}
		if read++; bytes.Contains(b, []byte(text)) {
			l.t.Errorf("%s is published in %s", text, o.Key)
		}
	}
	if read == 0 {
		l.t.Error("nothing is published")
	}
}

// release tells of each byte of a bucket's release: its id, and the digest of the
// manifest that holds the digests of its files.
func (l *life) release(b bucket.Bucket) string {
	l.t.Helper()
	head, _, err := release.Current(l.t.Context(), b)
	if err != nil {
		l.t.Fatal(err)
	}
	if head == nil {
		l.t.Fatal("nothing was published")
	}
	return head.Release + " " + head.ManifestSHA256
}

// table reads a published table of the life's plan.
func (l *life) table(name string) []map[string]string {
	l.t.Helper()
	r, _, err := l.public.Get(l.t.Context(), "latest/"+lifePlanID+"/"+name+".csv")
	if err != nil {
		l.t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		l.t.Fatal(err)
	}
	return l.rows(b)
}

// rows reads a CSV, each row by column name.
func (l *life) rows(b []byte) []map[string]string {
	l.t.Helper()
	all, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff")))).ReadAll()
	if err != nil {
		l.t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range all[1:] {
		row := map[string]string{}
		for i, column := range all[0] {
			row[column] = r[i]
		}
		out = append(out, row)
	}
	return out
}

// days are those on which something comes.
func (l *life) days() []string {
	var out []string
	for _, e := range l.events {
		out = append(out, e.day)
	}
	return slices.Compact(out)
}

// tidyDay is when somebody empties the inbox: what was received is in the archive.
const tidyDay = "2031-07-10"

// live drops the workbooks of each day and runs the program on it; it gives what
// was published day by day.
func (l *life) live() map[string]string {
	l.t.Helper()
	published := map[string]string{}
	for _, day := range l.days() {
		if day == tidyDay {
			l.empty("inbox")
		}
		for _, e := range l.events {
			if e.day == day {
				l.drop(e)
			}
		}
		published[day] = l.runOn(day, "", nil)
	}
	return published
}

// A plan's three years: whatever comes, in whatever state, ends in these tables.
// Lines of the expected files can be held against testdata/life/events.txt.
func TestLife(t *testing.T) {
	plans := lifePlans(t)
	l := newLife(t, plans, lifeEvents(t, plans))
	published := l.live()
	for name, got := range map[string][]byte{"submissions.txt": l.submissions(), "progress.csv": l.progress(), "obligations.csv": l.obligations(),
		"changes.csv": l.errata(), "data_quality.csv": l.quality(), "status.csv": l.status()} {
		wantFile(t, "testdata/life/"+name, got)
	}
	l.statusAgrees()
	l.nowhere("personne@fictif.example")
	l.sameAgain(t, published)
	for _, e := range l.events {
		if e.keyed["@as"] == "errata" {
			t.Run("without "+e.file, func(t *testing.T) { l.removing(t, e) })
		}
	}
}

// wantFile holds bytes against an expected file, or writes it with -update.
func wantFile(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		writeFile(t, name, got)
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(got, want) {
		return
	}
	lines := strings.Split(string(want), "\n")
	for i, line := range strings.Split(string(got), "\n") {
		if i >= len(lines) || line != lines[i] {
			was := "nothing"
			if i < len(lines) {
				was = lines[i]
			}
			t.Errorf("%s:%d: got\n%s\nwant\n%s", name, i+1, line, was)
			return
		}
	}
	t.Errorf("%s: there are %d lines, want %d", name, bytes.Count(got, []byte("\n")), len(lines)-1)
}
