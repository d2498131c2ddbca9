package pipeline_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"iltizam/pipeline"
	"iltizam/schemas"
)

// The words around an explanation are those that the command asks for, each in
// every language with the same placeholders.
func TestLineageWords(t *testing.T) {
	w, err := pipeline.LoadLineageWords(schemas.FS)
	if err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile("../cmd/iltizam/explainfiguretext.go")
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile("../cmd/iltizam/explainfigure.go")
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?:t\.text\(|words\.(?:Text|Count)\([^"]*)"([a-z-]+)"`).FindAllStringSubmatch(string(src)+string(list), -1) {
		asked[m[1]] = true
	}
	holes := regexp.MustCompile(`\{[a-z]+\}`)
	texts, counts := w.Keys()
	for _, key := range slices.Concat(texts, counts) {
		if !asked[key] {
			t.Errorf("nobody says %q", key)
		}
		delete(asked, key)
	}
	for key := range asked {
		t.Errorf("there are no words for %q", key)
	}
	for _, key := range texts {
		want := holes.FindAllString(w.Text("en", key), -1)
		for _, lang := range []string{"ar", "fr"} {
			got := holes.FindAllString(w.Text(lang, key), -1)
			slices.Sort(got)
			if slices.Sort(want); !slices.Equal(got, want) {
				t.Errorf("%s in %s has the placeholders %v, in English %v", key, lang, got, want)
			}
		}
		if s := w.Text("fr", key); regexp.MustCompile(` [:;?!»]|« `).MatchString(s) || strings.Contains(s, "'") {
			t.Errorf("%s in French wants no-break spaces or an apostrophe: %s", key, s)
		}
	}
}
