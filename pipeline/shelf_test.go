package pipeline_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"iltizam/pipeline"
	"iltizam/pipeline/compact"
	"iltizam/pipeline/intake"
)

// watched is a place that tells what was opened in it.
type watched struct {
	memory
	mu     sync.Mutex
	opened []string
}

func (w *watched) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.opened = append(w.opened, key)
	return w.memory.Open(ctx, key)
}

// beside gives the keys that were opened, those of the cache aside.
func (w *watched) beside() []string {
	out := slices.DeleteFunc(slices.Clone(w.opened), func(key string) bool { return strings.HasPrefix(key, "cache/") })
	slices.Sort(out)
	return slices.Compact(out)
}

// mail is a file dropped on a day under a name of its own.
type mail struct {
	day, name string
	content   []byte
}

// crowd makes up n workbooks of all institutions and periods, each another file,
// some of them none, received on ten days.
func (o *office) crowd(n int) []mail {
	known := [][2]string{{"aguas", "2030-h1"}, {"obras", "2030-h1"}, {"oficina", "2030-h1"}, {"aguas", "2030-h2"}, {"obras", "2030-h2"},
		{"aguas", "2031-h1"}, {"obras", "2031-h1"}, {"oficina", "2031-h1"}}
	var out []mail
	for i := range n {
		day := fmt.Sprintf("2031-07-%02d", 10+i*10/n)
		of := known[i%len(known)]
		p := from(of[0], of[1], day, set("progress", "progress_pct", 6, float64(i)/4))
		m := mail{day, fmt.Sprintf("%s/%03d.xlsx", of[0], i), nil}
		if m.content = []byte("no workbook: " + m.name); i%25 != 7 {
			m.content = o.file(p)
		}
		out = append(out, m)
	}
	return out
}

// letters gives the files of a day's mail.
func letters(post []mail, day string) memory {
	files := memory{}
	for _, m := range post {
		if m.day == day {
			files[m.name] = m.content
		}
	}
	return files
}

// receive takes mail in, one run for each day, in the order of days given.
func (o *office) receive(post []mail, days ...string) {
	o.t.Helper()
	if len(days) == 0 {
		for _, m := range post {
			days = append(days, m.day)
		}
		slices.Sort(days)
		days = slices.Compact(days)
	}
	for _, day := range days {
		in := o.input(day)
		in.Inbox = letters(post, day)
		if _, err := pipeline.Run(o.t.Context(), in); err != nil {
			o.t.Fatal(err)
		}
	}
}

// state runs over an archive with an empty inbox and tells all that came of it.
func (o *office) state(archive intake.Store) string {
	o.t.Helper()
	in := o.input("2032-01-01")
	in.Archive = archive
	res, err := pipeline.Run(o.t.Context(), in)
	if err != nil {
		o.t.Fatal(err)
	}
	return stateOf(o.t, res)
}

// stateOf tells all that a run found.
func stateOf(t testing.TB, res *pipeline.Result) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintln(&b, res.AsOf)
	for _, v := range res.Verdicts {
		fmt.Fprintln(&b, v.Workbook.Path, v.Workbook.ReceivedAt, v.Workbook.Digest, v.Workbook.Round, v.Outcome(), v.Plan, v.Period, v.RowsTaken, v.RowsHeld,
			v.Tallies, v.Later, res.RecordOf(v.Workbook.Digest, v.Workbook.Institution))
		report, err := res.Report(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, " ", report.Findings, report.Cut)
		if v.Submission != nil {
			fmt.Fprintln(&b, " ", v.Submission.Institution, v.Submission.Source)
		}
	}
	snaps, err := json.Marshal(res.Snapshots)
	if err != nil {
		t.Fatal(err)
	}
	b.Write(snaps)
	return strings.ReplaceAll(b.String(), `":[]`, `":null`) // a list of nothing is none, on record or not
}

// differ tells the first line in which two states differ.
func differ(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			k := 0
			for k < min(len(a[i]), len(b[i])) && a[i][k] == b[i][k] {
				k++
			}
			from := max(0, k-80)
			return fmt.Sprintf("line %d: …%.300s\nwant …%.300s", i, a[i][from:], b[i][from:])
		}
	}
	if got != want {
		return fmt.Sprintf("%d lines, want %d", len(a), len(b))
	}
	return ""
}

// without is an archive less the keys of which drop tells.
func without(m memory, drop func(key string) bool) memory {
	m = maps.Clone(m)
	maps.DeleteFunc(m, func(key string, _ []byte) bool { return drop(key) })
	return m
}

func isCache(key string) bool { return strings.HasPrefix(key, "cache/") }

// The caches save time and nothing else: deleted, damaged anywhere, cut, of another
// version, the result is the same and the next run has them whole. With them a run
// opens no workbook, no receipt, no verdict.
func TestCachesSaveTimeAndNothingElse(t *testing.T) {
	o := newOffice(t)
	o.receive(o.crowd(200))
	want := o.state(without(o.archive, isCache))
	again := func(t *testing.T, archive memory) []string {
		t.Helper()
		w := &watched{memory: archive}
		in := o.input("2032-01-01")
		in.Archive = w
		res, err := pipeline.Run(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		opened := w.beside()
		if d := differ(stateOf(t, res), want); d != "" {
			t.Fatal(d)
		}
		return opened
	}
	o.state(o.archive)
	if opened := again(t, o.archive); len(opened) > 0 {
		t.Fatalf("with whole caches %d files are opened: %s …", len(opened), opened[0])
	}
	for _, cache := range []string{"cache/briefs", "cache/known"} {
		whole := o.archive[cache]
		if len(whole) < 1000 {
			t.Fatalf("%s: %d bytes", cache, len(whole))
		}
		kind := string(whole[:bytes.IndexByte(whole, '\n')+1])
		body, ok := compact.Unseal(kind, string(whole))
		if !ok {
			t.Fatal(kind)
		}
		flipped := func(i int) []byte {
			b := bytes.Clone(whole)
			b[i] ^= 0x10
			return b
		}
		damages := map[string][]byte{"empty": {}, "magic": flipped(3), "digest": flipped(len(kind) + 5), "body": flipped(len(kind) + 40),
			"middle": flipped(len(whole) / 2), "end": flipped(len(whole) - 1), "cut in the magic": whole[:5], "cut in the digest": whole[:len(kind)+10],
			"cut at the body": whole[:len(kind)+32], "cut in the middle": whole[:len(whole)/2], "cut by a byte": whole[:len(whole)-1],
			"longer": append(bytes.Clone(whole), 0), "another version": append([]byte(strings.Replace(kind, "1\n", "2\n", 1)), whole[len(kind):]...),
			"another format": compact.Seal(kind, []byte(body[:len(body)/2])), "a format of its own": compact.Seal(kind, bytes.Repeat([]byte{0x7e}, 5000)),
			"nothing in it": compact.Seal(kind, nil)}
		if cache == "cache/briefs" { // whole by its digest, yet no one could read a block
			r := compact.NewReader(body)
			r.Texts()
			r.Count()
			packed := r.Text()
			damages["a block of nothing"] = compact.Seal(kind, []byte(strings.Replace(body, packed, strings.Repeat("\x00", len(packed)), 1)))
			damages["a block of junk"] = compact.Seal(kind, []byte(strings.Replace(body, packed, packed[:2]+strings.Repeat("\xf0", len(packed)-2), 1)))
		}
		for name, b := range damages {
			archive := maps.Clone(o.archive)
			archive[cache] = b
			t.Run(cache+"/"+name, func(t *testing.T) {
				if opened := again(t, archive); len(opened) == 0 {
					t.Error("the damage was not noticed")
				}
				if !bytes.Equal(archive[cache], whole) {
					t.Error("the cache was not made whole again")
				}
				if opened := again(t, archive); len(opened) > 0 {
					t.Errorf("after it was mended %d files are opened", len(opened))
				}
			})
		}
	}
}

// Of three new workbooks among many those three are opened, whenever they came.
func TestOnlyWhatIsNewIsOpened(t *testing.T) {
	o := newOffice(t)
	o.receive(o.crowd(150))
	before := o.archive
	for _, day := range []string{"2031-07-30", "2031-07-12", "2031-07-01"} { // the clock went back, by days or before everything
		o.archive = maps.Clone(before)
		w := &watched{memory: o.archive}
		in := o.input(day)
		in.Now = time.Date(2032, 1, 1, 0, 0, 0, 0, time.UTC)
		in.Archive = w
		inbox := memory{}
		for i := range 3 {
			inbox[fmt.Sprintf("obras/new %d.xlsx", i)] = o.file(from("obras", "2031-h1", day, set("progress", "progress_pct", 6, 90+float64(i))))
		}
		in.Inbox = inbox
		res, err := pipeline.Run(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		opened := w.beside()
		var fresh []string
		for _, v := range res.Verdicts {
			if strings.HasPrefix(v.Workbook.Path, "obras/new") {
				fresh = append(fresh, "raw/"+v.Workbook.Digest[:2]+"/"+v.Workbook.Digest+".xlsx", "receipts/obras/"+v.Workbook.Digest+".json",
					"verdicts/obras/"+v.Workbook.Digest+".json")
			}
		}
		slices.Sort(fresh)
		if len(fresh) != 9 || !slices.Equal(opened, fresh) {
			t.Errorf("received %s: opened %d files\n%s\nwant\n%s", day, len(opened), strings.Join(opened, "\n"), strings.Join(fresh, "\n"))
		}
		w.opened = nil
		in.Inbox = memory{}
		if _, err := pipeline.Run(t.Context(), in); err != nil || len(w.beside()) > 0 {
			t.Errorf("received %s: the next run opens %d files, %v", day, len(w.beside()), err)
		}
		if d := differ(o.state(o.archive), o.state(without(o.archive, isCache))); d != "" {
			t.Errorf("received %s: %s", day, d)
		}
	}
}

// Workbooks that are taken out of the archive leave no trace, wherever they stood
// in the blocks: the state is that of an archive which never had them.
func TestWhatIsTakenOutLeavesNoTrace(t *testing.T) {
	o := newOffice(t)
	post := o.crowd(100)
	o.receive(post)
	digests := map[string]string{} // by path
	res, err := pipeline.Run(t.Context(), o.input("2032-01-01"))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range res.Verdicts {
		digests[v.Workbook.Path] = v.Workbook.Digest
	}
	for name, gone := range map[string]func(i int) bool{
		"the first": func(i int) bool { return i == 0 }, "some": func(i int) bool { return i%40 == 13 },
		"most": func(i int) bool { return i%5 != 0 }, "the last": func(i int) bool { return i == len(post)-1 }} {
		var rest []mail
		out := map[string]bool{}
		for i, m := range post {
			if gone(i) {
				out[digests[m.name]] = true
			} else {
				rest = append(rest, m)
			}
		}
		drop := func(folders ...string) memory {
			return without(o.archive, func(key string) bool {
				digest := strings.TrimSuffix(key[strings.LastIndexByte(key, '/')+1:], ".json")
				return out[digest] && slices.ContainsFunc(folders, func(f string) bool { return strings.HasPrefix(key, f) })
			})
		}
		never := newOffice(t)
		never.receive(rest)
		want := never.state(never.archive)
		for _, archive := range []memory{drop("receipts/"), drop("receipts/", "raw/", "verdicts/")} {
			if d := differ(o.state(archive), want); d != "" {
				t.Errorf("%s: %s", name, d)
			}
			w := &watched{memory: archive}
			if d := differ(o.state(w), want); d != "" { // now from the caches written since
				t.Errorf("%s, again: %s", name, d)
			}
			// stateOf reads every verdict once; the run itself read none, and no caches remember what is gone.
			if opened := slices.DeleteFunc(w.beside(), func(key string) bool { return strings.HasPrefix(key, "verdicts/") }); len(opened) > 0 {
				t.Errorf("%s, again: opened %s", name, opened)
			}
			w.opened = nil
			in := o.input("2032-01-01")
			in.Archive = w
			if _, err := pipeline.Run(t.Context(), in); err != nil || len(w.beside()) > 0 {
				t.Errorf("%s, again: the run opened %d files, %v", name, len(w.beside()), err)
			}
			for digest := range out {
				raw, err := hex.DecodeString(digest)
				if err != nil || bytes.Contains(archive["cache/briefs"], []byte(digest)) || bytes.Contains(archive["cache/known"], raw) {
					t.Errorf("%s: a cache remembers %s, %v", name, digest, err)
				}
			}
		}
	}
}

// In which order the workbooks came in does not show, only when they are said to
// have been received.
func TestTheClockMayGoBack(t *testing.T) {
	o := newOffice(t)
	post := o.crowd(100)
	o.receive(post)
	want := o.state(o.archive)
	back := newOffice(t)
	days := []string{}
	for i := range 10 {
		days = append(days, fmt.Sprintf("2031-07-%02d", 10+(i*7+3)%10))
	}
	back.receive(post, days...)
	if d := differ(back.state(back.archive), want); d != "" {
		t.Error(d)
	}
	if d := differ(back.state(without(back.archive, isCache)), want); d != "" {
		t.Error("without caches:", d)
	}
	if !bytes.Equal(back.archive["cache/known"], o.archive["cache/known"]) {
		t.Error("what is known of the archive depends on the order in which it was learnt")
	}
}

// A run that records nothing reads no cache and writes none.
func TestAfreshLeavesTheArchiveAlone(t *testing.T) {
	o := newOffice(t)
	o.receive(o.crowd(16))
	before := maps.Clone(o.archive)
	in := o.input("2032-01-01")
	in.Afresh = true
	res, err := pipeline.Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	sameStore(t, before, o.archive)
	if d := differ(stateOf(t, res), o.state(o.archive)); d != "" {
		t.Error(d)
	}
}
