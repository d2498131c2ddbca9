package intake_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"iltizam/pipeline/intake"
)

// versioned gives each file of an inbox a version.
func versioned(m *memory, version string) {
	m.versions = map[string]string{}
	for key := range m.files {
		m.versions[key] = version
	}
}

func opened(m *memory) string {
	keys := slices.Sorted(maps.Keys(m.opens))
	clear(m.opens)
	return strings.Join(keys, " ")
}

// A file that was read is not read again until it is written; one of a place that
// cannot tell is read in each run.
func TestWhatWasNotWrittenSinceIsNotReadAgain(t *testing.T) {
	inbox, archive := inboxOf("water/a.xlsx", "A", "water/b.xlsx", "B", "roads/a.xlsx", "A"), newMemory()
	versioned(inbox, "v1")
	is := func(step, day, want, books string) {
		t.Helper()
		clear(inbox.opens)
		got := show(fetch(t, inbox, archive, day+"T08:00:00Z"))
		if got != books {
			t.Errorf("%s: %s, want %s", step, got, books)
		}
		if got := opened(inbox); got != want {
			t.Errorf("%s: opened %q, want %q", step, got, want)
		}
	}
	three := "roads|roads/a.xlsx|2022-07-04|true water|water/a.xlsx|2022-07-04|true water|water/b.xlsx|2022-07-04|true"
	is("first", "2022-07-04", "roads/a.xlsx water/a.xlsx water/b.xlsx", three)
	is("unchanged", "2022-07-05", "", three)
	inbox.versions["water/b.xlsx"] = "v2"
	is("written with the same", "2022-07-05", "water/b.xlsx", three)
	is("and unchanged", "2022-07-05", "", three)
	inbox.versions["water/b.xlsx"], inbox.files["water/b.xlsx"] = "v3", []byte("C")
	four := strings.Replace(three, "b.xlsx|2022-07-04|true", "b.xlsx|2022-07-04|false", 1) + " water|water/b.xlsx|2022-07-06|true"
	is("written anew", "2022-07-06", "water/b.xlsx", four)
	is("and unchanged again", "2022-07-07", "", four)
	inbox.files["water/b.xlsx"] = []byte("C and more") // a listing that lies about versions, but not about sizes
	is("of another size", "2022-07-08", "water/b.xlsx", strings.Replace(four, "2022-07-06|true", "2022-07-06|false", 1)+" water|water/b.xlsx|2022-07-08|true")
	five := strings.Replace(four, "2022-07-06|true", "2022-07-06|false", 1) + " water|water/b.xlsx|2022-07-08|true"
	inbox.versions = nil
	for range 2 {
		is("no versions", "2022-07-09", "roads/a.xlsx water/a.xlsx water/b.xlsx", five)
	}
}

// What a damaged or deleted cache told is found out again; the same comes of it.
func TestKnownMayBeLost(t *testing.T) {
	inbox, archive := inboxOf("water/a.xlsx", "A", "water/b.xlsx", "B", "a.xlsx", "A"), newMemory()
	versioned(inbox, "v1")
	want := show(fetch(t, inbox, archive, monday))
	cache := slices.Clone(archive.files["cache/known"])
	if len(cache) == 0 {
		t.Fatal("nothing is kept")
	}
	clear(archive.opens)
	if got := show(fetch(t, inbox, archive, tuesday)); got != want || opened(archive) != "cache/known" {
		t.Errorf("%s, want %s; more than the cache was opened", got, want)
	}
	for i := range len(cache) + 1 {
		switch bad := slices.Clone(cache); {
		case i == len(cache):
			delete(archive.files, "cache/known")
		case i%2 == 0:
			bad[i] ^= 0x40
			archive.files["cache/known"] = bad
		default:
			archive.files["cache/known"] = bad[:i]
		}
		if got := show(fetch(t, inbox, archive, tuesday)); got != want {
			t.Fatalf("byte %d: %s, want %s", i, got, want)
		}
		if string(archive.files["cache/known"]) != string(cache) {
			t.Fatalf("byte %d: it was not made whole again", i)
		}
	}
}

// The cache knows a file, the archive does not hold it any more: it is received
// as if it were new.
func TestWhatTheArchiveLost(t *testing.T) {
	for _, lost := range [][]string{{"receipts/"}, {"receipts/", "raw/"}} {
		inbox, archive := inboxOf("water/a.xlsx", "A", "water/b.xlsx", "B"), newMemory()
		versioned(inbox, "v1")
		fetch(t, inbox, archive, monday)
		for key := range archive.files {
			if strings.Contains(key, sum("A")) && slices.ContainsFunc(lost, func(p string) bool { return strings.HasPrefix(key, p) }) {
				delete(archive.files, key)
			}
		}
		want := "water|water/b.xlsx|2022-07-04|true water|water/a.xlsx|2022-07-05|true"
		for range 2 {
			if got := show(fetch(t, inbox, archive, tuesday)); got != want {
				t.Errorf("%s lost: %s, want %s", lost, got, want)
			}
			if string(archive.files[raw("A")]) != "A" {
				t.Errorf("%s lost: its bytes are not archived", lost)
			}
		}
	}
}

// Many files at once are taken in as one after the other.
func TestManyAtOnceAreTakenAsOneByOne(t *testing.T) {
	inbox := newMemory()
	for i := range 500 {
		inbox.files[fmt.Sprintf("folder-%02d/%03d.xlsx", i%17, i)] = []byte(fmt.Sprint("content ", i%425)) // some twice in one folder
	}
	versioned(inbox, "v")
	many := newMemory()
	got := fetch(t, inbox, many, monday)

	one, alone := newMemory(), newMemory()
	alone.versions = inbox.versions
	for _, key := range slices.Sorted(maps.Keys(inbox.files)) {
		alone.files[key] = inbox.files[key]
		if _, err := intake.Fetch(t.Context(), alone, one, monday, intake.LoadKnown(t.Context(), newMemory())); err != nil {
			t.Fatal(err)
		}
		if len(alone.files) > 20 { // they stay known by their receipts
			clear(alone.files)
		}
	}
	want := fetch(t, inbox, one, monday)
	detail := func(books []*intake.Workbook) string {
		var out []string
		for _, w := range books {
			out = append(out, fmt.Sprint(w.Institution, w.Path, w.ReceivedAt, w.Digest, w.Size, w.InInbox, w.Again))
		}
		return strings.Join(out, "\n")
	}
	if detail(got) != detail(want) {
		t.Errorf("at once\n%.400s\none by one\n%.400s", detail(got), detail(want))
	}
	if !maps.EqualFunc(many.files, one.files, func(a, b []byte) bool { return string(a) == string(b) }) {
		t.Errorf("%d files in the archive, %d one by one", len(many.files), len(one.files))
	}
	if len(got) != 425 {
		t.Errorf("%d workbooks", len(got))
	}
}

// growing is an inbox that can tell what is still being written.
type growing struct {
	*skipper
	keys  map[string]bool
	asked []string
	err   error
}

func (g *growing) Growing(_ context.Context, files []intake.Entry) (map[string]bool, error) {
	g.asked = nil
	for _, e := range files {
		g.asked = append(g.asked, e.Key)
	}
	return g.keys, g.err
}

// A file that is still being written is left for the next run, which takes it
// whole; nobody asks about files that were read before.
func TestWhatIsStillBeingWrittenWaits(t *testing.T) {
	inbox := &growing{skipper: &skipper{memory: inboxOf("water/a.xlsx", "A", "water/b.xlsx", "half")}, keys: map[string]bool{"water/b.xlsx": true}}
	versioned(inbox.memory, "v1")
	archive := newMemory()
	run := func(at, want, asked string) {
		t.Helper()
		got, err := fetchInto(t.Context(), inbox, archive, at)
		if err != nil || show(got) != want || strings.Join(inbox.asked, " ") != asked {
			t.Errorf("%v: %s, want %s; asked about %s, want %s", err, show(got), want, inbox.asked, asked)
		}
	}
	run(monday, "water|water/a.xlsx|2022-07-04|true", "water/a.xlsx water/b.xlsx")
	if want := []intake.Skip{{Key: "water/b.xlsx", Reason: intake.Unfinished}}; !slices.Equal(inbox.skipped, want) {
		t.Errorf("told %v", inbox.skipped)
	}
	if inbox.opens["water/b.xlsx"] > 0 || archive.files[raw("half")] != nil {
		t.Error("half a file was taken")
	}
	inbox.files["water/b.xlsx"], inbox.versions["water/b.xlsx"], inbox.keys = []byte("half and half"), "v2", nil
	run(tuesday, "water|water/a.xlsx|2022-07-04|true water|water/b.xlsx|2022-07-05|true", "water/b.xlsx")
	run(tuesday, "water|water/a.xlsx|2022-07-04|true water|water/b.xlsx|2022-07-05|true", "")
	inbox.err = errDisk
	if _, err := fetchInto(t.Context(), inbox, archive, tuesday); err == nil || !strings.Contains(err.Error(), "watch inbox") {
		t.Errorf("%v", err)
	}
}

// A file that changes whenever it is read stops no other where the place can be told.
func TestAFileThatNeverRestsStopsNoOther(t *testing.T) {
	inbox := &skipper{memory: inboxOf("water/a.xlsx", "A", "water/b.xlsx", "B")}
	inbox.opened = func(key string, n int) {
		if key == "water/b.xlsx" {
			inbox.files[key] = []byte(fmt.Sprint("B", n))
		}
	}
	got, err := fetchInto(t.Context(), inbox, newMemory(), monday)
	if err != nil || show(got) != "water|water/a.xlsx|2022-07-04|true" {
		t.Errorf("%s, %v", show(got), err)
	}
	if want := []intake.Skip{{Key: "water/b.xlsx", Reason: intake.Unfinished}}; !slices.Equal(inbox.skipped, want) {
		t.Errorf("told %v", inbox.skipped)
	}
}
