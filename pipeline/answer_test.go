package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/intake"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/workbook"
	"iltizam/pipeline/workbook/scan"
	"iltizam/pipeline/workbook/workbooktest"
	"iltizam/schemas"
)

// verdictOf is what a run says of a workbook.
func verdictOf(o outcome) *pipeline.Verdict {
	return &pipeline.Verdict{Workbook: &intake.Workbook{Digest: nastyReceipt.Digest, Institution: "water", Path: "water/in.xlsx",
		ReceivedAt: nastyReceipt.ReceivedAt}, Report: o.report, Judgement: o.judgement}
}

// severe gives the findings that do something to the data.
func (o outcome) severe() (out []string) {
	for _, f := range o.report.Findings {
		if f.Severity >= finding.Error {
			out = append(out, fmt.Sprint(f.Rule, f.At.Sheet, f.At.Ref, f.Value))
		}
	}
	return out
}

// checkCopy holds a copy to what it is of: the same values and the same findings
// of weight, a note at each cell that is complained of.
func checkCopy(t *testing.T, marked []byte, o, again outcome) {
	t.Helper()
	if !slices.Equal(again.values(), o.values()) {
		t.Errorf("of the copy is read\n%s\nof the original\n%s", strings.Join(again.values(), "\n"), strings.Join(o.values(), "\n"))
	}
	if !slices.Equal(again.severe(), o.severe()) {
		t.Errorf("of the copy is said\n%s\nof the original\n%s", strings.Join(again.severe(), "\n"), strings.Join(o.severe(), "\n"))
	}
	if !strings.Contains(again.ruleIDs(), workbook.RuleMendedCopy) {
		t.Errorf("the copy is not known again: %s", again.ruleIDs())
	}
	book, err := scan.Open(bytes.NewReader(marked), int64(len(marked)), workbook.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	notes := map[string]string{}
	for _, s := range book.Sheets {
		all, err := book.Notes(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range all {
			if notes[s.Name+"!"+n.Ref] != "" {
				t.Errorf("two notes at %s!%s", s.Name, n.Ref)
			}
			notes[s.Name+"!"+n.Ref] = n.Text
		}
	}
	for i, x := range mustContract(t).Complaints(o.report, pipeline.Naming{}) {
		col, row := finding.SplitRef(x.Cell)
		ref := scan.Ref(col, row)
		shown := slices.ContainsFunc(book.Sheets, func(s scan.Sheet) bool { return s.Name == x.Sheet && s.Readable() && !s.VeryHidden })
		if x.Cell == "" || !shown || i >= 1000 {
			continue
		}
		if note := notes[x.Sheet+"!"+ref]; note == "" {
			t.Errorf("no note at %s!%s of %s", x.Sheet, x.Cell, x.Rule)
		}
	}
}

func annotate(t testing.TB, file []byte, lim workbook.Limits, o outcome) ([]byte, error) {
	t.Helper()
	return mustContract(t).Annotate(file, lim, []*plan.ActionPlan{nastyPlan()}, verdictOf(o))
}

// Whatever the workbook, there is a copy that says the same, or nothing could be
// opened.
func TestEveryNastyWorkbookIsAnswered(t *testing.T) {
	copies := 0
	for _, c := range nastyCases(t) {
		t.Run(c.ID, func(t *testing.T) {
			lim := workbook.DefaultLimits()
			if c.Small {
				lim = smallLimits()
			}
			file := c.File()
			o := judge(t, file, lim)
			marked, err := annotate(t, file, lim, o)
			var refused *scan.Refusal
			if errors.As(err, &refused) {
				if !o.report.Blocked() {
					t.Errorf("taken, but not copied: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			copies++
			again := judge(t, marked, workbook.DefaultLimits())
			checkCopy(t, marked, o, again)
			twice, err := annotate(t, file, lim, o)
			if err != nil || !bytes.Equal(twice, marked) {
				t.Errorf("a second copy differs: %v", err)
			}
			// A second round: the copy's copy is that of the original.
			second, err := annotate(t, marked, workbook.DefaultLimits(), o)
			if err != nil {
				t.Fatal(err)
			}
			if c.ID != "sheet-extra-broken" && !bytes.Equal(second, marked) { // that one leaves a damaged sheet out, and says so once
				t.Errorf("the copy of the copy differs: %d bytes, then %d", len(marked), len(second))
			}
		})
	}
	if copies < 40 {
		t.Errorf("only %d copies", copies)
	}
}

// memStore is a place in memory.
type memStore struct {
	mu    sync.Mutex
	files map[string][]byte
	puts  int
}

func newStore() *memStore { return &memStore{files: map[string][]byte{}} }

func (s *memStore) List(_ context.Context, prefix string) (out []intake.Entry, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(s.files)) {
		if strings.HasPrefix(key, prefix) {
			out = append(out, intake.Entry{Key: key, Size: int64(len(s.files[key]))})
		}
	}
	return out, nil
}

func (s *memStore) Open(_ context.Context, key string) (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.files[key]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

func (s *memStore) PutNew(_ context.Context, key string, _ int64, _ string, content func() (io.ReadSeekCloser, error)) error {
	r, err := content()
	if err != nil {
		return err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.puts++
	if _, there := s.files[key]; !there {
		s.files[key] = b
	}
	return err
}

func (s *memStore) Replace(_ context.Context, key string, content []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[key] = content
	return nil
}

// sampleRun runs over the sample inbox, with more files in it.
func sampleRun(t testing.TB, archive intake.Store, more map[string][]byte) *pipeline.Result {
	t.Helper()
	c := mustContract(t)
	plans, err := c.LoadPlans(schemas.FS, pipeline.PlansDir)
	if err != nil {
		t.Fatal(err)
	}
	inbox := newStore()
	err = filepath.WalkDir("../examples/inbox", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel("../examples/inbox", name)
		inbox.files[filepath.ToSlash(rel)], err = os.ReadFile(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(inbox.files, more)
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	res, err := pipeline.Run(context.Background(), pipeline.Input{Contract: c, Plans: plans, Inbox: inbox, Archive: archive, Now: at,
		ReceivedAt: at, Limits: workbook.DefaultLimits()})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// Each workbook of the sample gets a copy, a receipt and the same in words; the
// copy is read as the workbook. What cannot be opened gets a receipt alone. A
// second run writes nothing.
func TestAnswer(t *testing.T) {
	archive, outbox := newStore(), newStore()
	junk := map[string][]byte{"health/junk.xlsx": []byte("no workbook"), "justice/stray.xlsx": nil}
	stray, err := os.ReadFile("../examples/inbox/health/ma-nap-2021-2023_portal-page_health.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	junk["justice/stray.xlsx"] = stray
	res := sampleRun(t, archive, junk)
	if err := res.Answer(t.Context(), outbox); err != nil || len(res.Uncopied) > 0 {
		t.Fatal(err, res.Uncopied)
	}
	c := mustContract(t)
	plans, err := c.LoadPlans(schemas.FS, pipeline.PlansDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range res.Verdicts {
		receipt, letter := string(outbox.files[v.Workbook.AnswerKey()]), string(outbox.files[v.Workbook.LetterKey()])
		marked, there := outbox.files[v.Workbook.CopyKey()]
		if strings.HasSuffix(v.Workbook.Path, "junk.xlsx") {
			if there || strings.Contains(receipt, "marked_copy") {
				t.Error("a file that is no workbook was copied")
			}
			continue
		}
		if !there || !strings.Contains(receipt, `"marked_copy": "`+v.Workbook.SubmissionID()+`.xlsx"`) {
			t.Fatalf("%s has no copy, or its receipt does not name it", v.Workbook.Path)
		}
		for _, want := range []string{v.Workbook.Digest, "01/11/2026 00:00", v.Workbook.SubmissionID() + ".xlsx", "SHA-256", "Fichier", "الملف"} {
			if !strings.Contains(letter, want) {
				t.Errorf("the letter about %s does not say %q:\n%s", v.Workbook.Path, want, letter)
			}
		}
		var known []*plan.ActionPlan
		for _, p := range plans {
			known = append(known, p.ActionPlan)
		}
		report := &finding.Report{}
		j, err := c.Check(marked, known, rules.Receipt{Digest: v.Workbook.Digest, Folder: v.Workbook.Institution,
			ReceivedAt: v.Workbook.ReceivedAt}, workbook.DefaultLimits(), report)
		if err != nil || j.RowsTaken != v.RowsTaken || j.RowsHeld != v.RowsHeld {
			t.Errorf("of the copy of %s %d rows are taken, %d held, not %d and %d; %v", v.Workbook.Path, j.RowsTaken, j.RowsHeld, v.RowsTaken, v.RowsHeld, err)
		}
		if v.Submission != nil && (fmt.Sprint(j.Submission.Progress[0].Narrative, *j.Submission.Progress[0].Pct) !=
			fmt.Sprint(v.Submission.Progress[0].Narrative, *v.Submission.Progress[0].Pct)) {
			t.Errorf("the copy of %s is read otherwise", v.Workbook.Path)
		}
	}
	if len(outbox.files) != 3*len(res.Verdicts)-1 {
		t.Errorf("%d files for %d workbooks", len(outbox.files), len(res.Verdicts))
	}
	before := outbox.puts
	again := sampleRun(t, archive, junk)
	if err := again.Answer(t.Context(), outbox); err != nil || outbox.puts != before {
		t.Errorf("a second run wrote %d files, %v", outbox.puts-before, err)
	}
}

// Trouble with one copy costs neither the others nor any receipt.
func TestOneBadCopyStopsNobody(t *testing.T) {
	archive, outbox := newStore(), newStore()
	res := sampleRun(t, archive, nil)
	for key := range archive.files {
		if strings.HasPrefix(key, "raw/") {
			archive.files[key] = []byte("lost")
			break
		}
	}
	if err := res.Answer(t.Context(), outbox); err != nil || len(res.Uncopied) != 1 || res.Uncopied[0].Err == nil {
		t.Fatal(err, res.Uncopied)
	}
	if want := 3*len(res.Verdicts) - 1; len(outbox.files) != want {
		t.Errorf("%d files, want %d", len(outbox.files), want)
	}
}

func BenchmarkAnswerCopy(b *testing.B) {
	file := workbooktest.Long().Parts().Zip()
	o := judge(b, file, workbook.DefaultLimits())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := annotate(b, file, workbook.DefaultLimits(), o); err != nil {
			b.Fatal(err)
		}
	}
}

// What the answers cost the first run over many workbooks.
func BenchmarkAnswer500(b *testing.B) {
	src, err := os.ReadFile("../examples/inbox/health/ma-nap-2021-2023_portal-page_health.xlsx")
	if err != nil {
		b.Fatal(err)
	}
	more := map[string][]byte{}
	for i := range 500 {
		more[fmt.Sprintf("folder-%03d/in.xlsx", i)] = src
	}
	res := sampleRun(b, newStore(), more)
	for b.Loop() {
		if err := res.Answer(context.Background(), newStore()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(res.Verdicts)), "µs/workbook")
}
