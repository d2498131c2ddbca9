package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/table"
	"iltizam/pipeline/workbook"
)

func TestCountedNouns(t *testing.T) {
	for lang, want := range map[string]map[int]string{
		"en": {0: "0 findings", 1: "1 finding", 2: "2 findings", 101: "101 findings"},
		"fr": {0: "0 constat", 1: "1 constat", 2: "2 constats", 100: "100 constats"},
		"ar": {0: "لا ملاحظات", 1: "ملاحظة واحدة", 2: "ملاحظتان", 3: "3 ملاحظات", 10: "10 ملاحظات", 11: "11 ملاحظة", 99: "99 ملاحظة",
			100: "100 ملاحظة", 101: "101 ملاحظة", 102: "102 ملاحظة", 103: "103 ملاحظات", 110: "110 ملاحظات", 111: "111 ملاحظة", 1000: "1000 ملاحظة"},
	} {
		w := checkWords(lang)
		for n, text := range want {
			if got := w.count(w.findings, n); got != text {
				t.Errorf("%s, %d: %q, want %q", lang, n, got, text)
			}
		}
	}
	w := checkWords("ar")
	for n, want := range map[int]string{2: "خطآن", 7: "7 أخطاء", 11: "11 خطأ", 100: "100 خطأ"} {
		if got := w.count(w.counted[finding.Error], n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int]string{2: "تنبيهان", 12: "12 تنبيها", 200: "200 تنبيه"} {
		if got := w.count(w.counted[finding.Warning], n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

// No word is missing in one language alone, and none is left in another.
func TestCheckSpeaksEveryLanguage(t *testing.T) {
	en := reflect.ValueOf(*checkWords("en"))
	for _, lang := range []string{"ar", "fr"} {
		other := reflect.ValueOf(*checkWords(lang))
		for i := range en.NumField() {
			name := en.Type().Field(i).Name
			switch e, o := en.Field(i), other.Field(i); e.Kind() {
			case reflect.String:
				if name == "mark" || name == "comma" {
					continue
				}
				if o.String() == "" || strings.Count(e.String(), "%") != strings.Count(o.String(), "%") || strings.ContainsAny(e.String(), "abcdefgh") && e.String() == o.String() {
					t.Errorf("%s %s: %q for %q", lang, name, o, e)
				}
			case reflect.Map:
				if e.Type() != reflect.TypeFor[table.Forms]() && e.Len() != o.Len() {
					t.Errorf("%s %s has %d entries, not %d", lang, name, o.Len(), e.Len())
				}
			}
		}
	}
}

// sampleChecker judges by the real contract.
func sampleChecker(t *testing.T) *checker {
	t.Helper()
	contract, plans, err := load(defaults())
	if err != nil {
		t.Fatal(err)
	}
	return &checker{contract: contract, plans: bare(plans), inbox: "inbox", received: "2026-11-01T00:00:00Z", lim: workbook.DefaultLimits()}
}

const sampleBook = "../../examples/inbox/health/ma-nap-2021-2023_portal-page_health.xlsx"

// However many there are and whoever is done first, they are told in their order.
func TestVerdictsComeInTheOrderOfTheFiles(t *testing.T) {
	k := sampleChecker(t)
	good, err := os.ReadFile(sampleBook)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var files []string
	for i := range 60 {
		content := good
		if i%3 == 1 {
			content = good[:len(good)/2] // refused at once
		}
		name := filepath.Join(dir, fmt.Sprintf("%02d.xlsx", i))
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, name)
	}
	i := 0
	if err := k.each(t.Context(), files, func(file string, r *result) error {
		if file != files[i] || r.Report.File != file || r.err != nil || r.Refused() != (i%3 == 1) {
			t.Errorf("%d: %s: %+v", i, file, r)
		}
		i++
		return nil
	}); err != nil || i != len(files) {
		t.Errorf("%d told: %v", i, err)
	}
	stop := errors.New("enough")
	if err := k.each(t.Context(), files, func(string, *result) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}

// interfering is a teller that does something to the files while they are told.
type interfering struct {
	textTeller
	then func()
}

func (i *interfering) tell(r *result) error {
	if i.then != nil {
		i.then()
		i.then = nil
	}
	return i.textTeller.tell(r)
}

// A file that cannot be read is told of, the others are checked all the same.
func TestAFileThatVanishesStopsNoOther(t *testing.T) {
	k := sampleChecker(t)
	var out bytes.Buffer
	a := &app{stdio: stdio{out: &out}}
	text := textTeller{app: a, words: checkWords("en"), contract: k.contract}
	err := k.run(t.Context(), []string{sampleBook, filepath.Join(t.TempDir(), "gone.xlsx"), sampleBook},
		[]skipped{{file: "locked", why: isDenied, denied: true}}, &interfering{textTeller: text})
	if code := a.exitOf(t, err); code != exitNothing {
		t.Errorf("exit code %d: %v", code, err)
	}
	for _, want := range []string{"not read: \u2068locked\u2069 may not be read", "gone.xlsx\u2069 could not be read: ", "in all 2 workbooks: accepted 2"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not told:\n%s", want, &out)
		}
	}
}

func (a *app) exitOf(t *testing.T, err error) int {
	t.Helper()
	var told bytes.Buffer
	return (&app{stdio: stdio{err: &told}}).exit(context.Background(), err)
}

// Another program writes to the file while it is read.
func TestAFileThatChangesIsNotJudged(t *testing.T) {
	k := sampleChecker(t)
	good, err := os.ReadFile(sampleBook)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(file string) error{
		"cut":     func(file string) error { return os.Truncate(file, 100) },
		"emptied": func(file string) error { return os.Truncate(file, 0) },
		"longer":  func(file string) error { return os.Truncate(file, int64(len(good))+10) },
		"touched": func(file string) error { return os.Chtimes(file, time.Time{}, time.Unix(1, 0)) },
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "a.xlsx")
			if err := os.WriteFile(file, good, 0o644); err != nil {
				t.Fatal(err)
			}
			ctx := &onErr{Context: t.Context(), then: func() {
				if err := change(file); err != nil {
					t.Error(err)
				}
			}}
			r := k.one(ctx, file)
			if !errors.Is(r.err, errChanged) || whyUnread(r.err) != hasChanged {
				t.Errorf("got %v, %d findings", r.err, len(r.Report.Findings))
			}
		})
	}
}

// onErr does something once, the second time that it is asked whether to go on:
// the reader is in the middle of the file then.
type onErr struct {
	context.Context
	asked int
	then  func()
}

func (c *onErr) Err() error {
	if c.asked++; c.asked == 2 {
		c.then()
	}
	return c.Context.Err()
}

func TestReasonsOfUnreadFiles(t *testing.T) {
	for want, err := range map[reason]error{isDenied: &fs.PathError{Err: fs.ErrPermission}, isOdd: errOdd, hasChanged: errChanged, hasFailed: fs.ErrNotExist} {
		if got := whyUnread(err); got != want {
			t.Errorf("%v: %s", err, got)
		}
		for _, lang := range []string{"ar", "fr", "en"} {
			if checkWords(lang).why[want] == "" {
				t.Errorf("%s is not said in %s", want, lang)
			}
		}
	}
}

// An odd file that is put in the place of a listed one is not read.
func TestAFolderInThePlaceOfAFile(t *testing.T) {
	if r := sampleChecker(t).one(t.Context(), t.TempDir()); !errors.Is(r.err, errOdd) {
		t.Error(r.err)
	}
}

// Findings beyond those kept are counted in every part of the report.
func TestCutFindingsAreCounted(t *testing.T) {
	k := sampleChecker(t)
	r := &result{Verdict: pipeline.Verdict{Report: &finding.Report{File: "in.xlsx"}}}
	for i := range finding.Limit + 7 {
		r.Report.Add(finding.Finding{Rule: "column-unknown", At: finding.Cell{Sheet: "S", Ref: fmt.Sprintf("A%d", i+1)}, Args: map[string]string{"column": "x"}})
	}
	for all, want := range map[bool]string{
		false: "  remark: 1007 findings, column-unknown\n",
		true:  "  and 7 more findings, not listed\n",
	} {
		var out bytes.Buffer
		text := textTeller{app: &app{stdio: stdio{out: &out}}, words: checkWords("en"), contract: k.contract, all: all}
		if err := text.tell(r); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), want) || !strings.Contains(out.String(), "  in all 1007 findings: 1007 remarks\n") {
			t.Errorf("%q is not told:\n%.900s", want, &out)
		}
		if !all && !strings.Contains(out.String(), "    and 1002 more places\n") {
			t.Errorf("the places left out are not counted:\n%s", &out)
		}
	}
}

// entry is a directory entry of any kind.
type entry struct {
	fs.DirEntry
	mode fs.FileMode
}

func (e entry) IsDir() bool       { return e.mode.IsDir() }
func (e entry) Type() fs.FileMode { return e.mode.Type() }

func TestWhatAFolderHolds(t *testing.T) {
	g := gathering{folder: "in"}
	for _, v := range []struct {
		name string
		mode fs.FileMode
		err  error
		want error
	}{
		{"in", fs.ModeDir, nil, nil},
		{"in/a.xlsx", 0, nil, nil},
		{"in/pipe", fs.ModeNamedPipe, nil, nil},
		{"in/link", fs.ModeSymlink, nil, nil},
		{"in/.git", fs.ModeDir, nil, fs.SkipDir},
		{"in/~$a.xlsx", 0, nil, nil},
		{"in/locked", fs.ModeDir, nil, nil},
		{"in/locked", fs.ModeDir, &fs.PathError{Op: "open", Path: "in/locked", Err: fs.ErrPermission}, fs.SkipDir},
		{"in/gone", fs.ModeDir, fs.ErrNotExist, fs.ErrNotExist},
	} {
		if got := g.visit(v.name, entry{mode: v.mode}, v.err); !errors.Is(got, v.want) || (got == nil) != (v.want == nil) {
			t.Errorf("%s: %v, want %v", v.name, got, v.want)
		}
	}
	want := gathering{folder: "in", files: []string{"in/a.xlsx"}, left: []skipped{{file: "in/pipe", why: isOdd},
		{file: "in/link", why: isLink}, {file: "in/locked", why: isDenied, denied: true}}}
	if !reflect.DeepEqual(g, want) {
		t.Errorf("got %+v, want %+v", g, want)
	}
}

// A cell that answers for many rows is named once.
func TestOneCellIsNamedOnce(t *testing.T) {
	var out bytes.Buffer
	contract, _, err := load(config{})
	if err != nil {
		t.Fatal(err)
	}
	text := textTeller{app: &app{stdio: stdio{out: &out}}, words: checkWords("en"), contract: contract}
	r := &result{Verdict: pipeline.Verdict{Report: &finding.Report{File: "x.xlsx"}}}
	for range 3 {
		r.Report.Add(finding.Finding{Rule: "value-not-in-list", Severity: finding.Error, At: finding.Cell{Sheet: "Avancement", Ref: "L3"}, Value: "x",
			Args: map[string]string{"column": "nothing_to_report", "allowed": "boolean"}})
	}
	if err := text.tell(r); err != nil || strings.Count(out.String(), "L3") != 1 || !strings.Contains(out.String(), "3 findings") {
		t.Error(err, out.String())
	}
}
