package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"iltizam/pipeline"
	"iltizam/schemas"
)

// Each word of the views is said somewhere, and each that is said is there.
func TestViewsSayTheWordsThereAre(t *testing.T) {
	words, err := pipeline.LoadWords(schemas.FS)
	if err != nil {
		t.Fatal(err)
	}
	texts, counts := words.Keys()
	var source []byte
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte("*view)")) {
			source = append(source, b...)
		}
	}
	said := func(key string) bool {
		prefix := key[:strings.LastIndexByte(key, '.')+1]
		return bytes.Contains(source, []byte(`"`+key+`"`)) || prefix != "" && bytes.Contains(source, []byte(`"`+prefix+`"`))
	}
	for _, key := range slices.Concat(texts, counts) {
		if !said(key) {
			t.Errorf("nobody says %s", key)
		}
	}
	for _, m := range regexp.MustCompile(`v\.(text|count)\("([^"]+)"`).FindAllSubmatch(source, -1) {
		known := texts
		if string(m[1]) == "count" {
			known = counts
		}
		if key := string(m[2]); !strings.HasSuffix(key, ".") && !slices.Contains(known, key) {
			t.Errorf("%s is said and not there", key)
		}
	}
	if len(texts) < 40 || len(counts) < 8 {
		t.Errorf("%d texts, %d counted nouns", len(texts), len(counts))
	}
}

// Columns stand under one another whatever marks are in them.
func TestColumns(t *testing.T) {
	var out bytes.Buffer
	v := &view{app: &app{stdio: stdio{out: &out}}}
	v.columns("  ", [][]string{{"é", "one"}, {"\u2068abc\u2069", "two"}, {"a\u0301b", "three"}})
	if want := "  é    one\n  \u2068abc\u2069  two\n  a\u0301b   three\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}

func TestDays(t *testing.T) {
	for want, c := range map[int][2]string{0: {"2030-07-31", "2030-07-31"}, 1: {"2030-02-28", "2030-03-01"}, -367: {"2033-01-01", "2031-12-31"},
		365: {"2030-01-01", "2031-01-01"}} {
		if got := days(c[0], c[1]); got != want {
			t.Errorf("%v: %d days, want %d", c, got, want)
		}
	}
	if days("", "2030-01-01") != 0 || days("2030-01-01", "soon") != 0 {
		t.Error("days between days that are none")
	}
}

// A text that others wrote is no formula in a spreadsheet.
func TestPlainCells(t *testing.T) {
	for in, want := range map[string]string{"": "", "aguas/1.xlsx": "aguas/1.xlsx", "=1+1/a.xlsx": "'=1+1/a.xlsx", "@a": "'@a", "-1": "'-1", "\tx": "'\tx"} {
		if got := plainCell(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// The shell is offered the names that there are.
func TestCompletion(t *testing.T) {
	for line, want := range map[string][]string{
		"status --format ":                                {"table", "json", "csv"},
		"status --format j":                               {"json"},
		"rehearse --format c":                             {"csv"},
		"status --period 2030":                            {"2030-h1", "2030-h2"},
		"status --period a":                               {"all"},
		"status --plan xx":                                {"xx-demo-2030-2031"},
		"template --institution o":                        {"oficina", "obras"},
		"template --plan xx-demo-2030-2031 --period 2031": {"2031-h1"},
		"template --period al":                            nil,
	} {
		var out, failed bytes.Buffer
		words := strings.Split(line, " ")
		args := append([]string{"__complete", words[0], "--plans", "../../examples/fictitious/plans"}, words[1:]...)
		if code := run(t.Context(), args, stdio{out: &out, err: &failed}, time.Now); code != 0 {
			t.Errorf("%s: exit code %d: %s", line, code, &failed)
		}
		var got []string
		for offer := range strings.Lines(out.String()) {
			if name, _, _ := strings.Cut(strings.TrimSpace(offer), "\t"); name != "" && !strings.HasPrefix(name, ":") {
				got = append(got, name)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: offered %q, want %q", line, got, want)
		}
	}
}
