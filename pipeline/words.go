package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"iltizam/pipeline/rules"
	"iltizam/pipeline/table"
)

// viewWords are the words of the coordinator's views, which no published byte
// depends on.
const viewWords = "messages/status.json"

// lineageWords are those around the explanation of a figure, likewise.
const lineageWords = "messages/lineage.json"

// Words are what a view says around values: texts and counted nouns by key, in
// every language of the messages.
type Words struct {
	texts  map[string]table.Labels
	counts map[string]map[string]table.Forms // by key, language
}

// LoadWords reads the words of the coordinator's views out of the contract's
// folder. A text that a language lacks is an error, and so is a plural form.
func LoadWords(fsys fs.FS) (*Words, error) { return loadWords(fsys, viewWords) }

// LoadLineageWords reads the words around the explanation of a figure, as
// LoadWords does.
func LoadLineageWords(fsys fs.FS) (*Words, error) { return loadWords(fsys, lineageWords) }

func loadWords(fsys fs.FS, name string) (*Words, error) {
	b, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	var file struct {
		Version int                               `json:"version"`
		Texts   map[string]table.Labels           `json:"texts"`
		Counts  map[string]map[string]table.Forms `json:"counts"`
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	var errs []error
	for _, lang := range rules.Languages() {
		for _, key := range slices.Sorted(maps.Keys(file.Texts)) {
			if file.Texts[key][lang] == "" {
				errs = append(errs, fmt.Errorf("read words: %s has no %s text", key, lang))
			}
		}
		for _, key := range slices.Sorted(maps.Keys(file.Counts)) {
			for _, form := range table.PluralForms(lang) {
				if file.Counts[key][lang][form] == "" {
					errs = append(errs, fmt.Errorf("read words: %s has no %s form %q", key, lang, form))
				}
			}
		}
	}
	return &Words{file.Texts, file.Counts}, errors.Join(errs...)
}

// Text gives a text in a language; pairs are placeholders with what they stand
// for. Of a key that is not there it is the key.
func (w *Words) Text(lang, key string, pairs ...string) string {
	text, ok := w.texts[key][lang]
	if !ok {
		return key
	}
	stand := slices.Clone(pairs)
	for i := 0; i+1 < len(stand); i += 2 {
		stand[i] = "{" + stand[i] + "}"
	}
	return strings.NewReplacer(stand...).Replace(text)
}

// Count gives a noun with its number, in the form that the language wants.
func (w *Words) Count(lang, key string, n int) string {
	forms, ok := w.counts[key][lang]
	if !ok {
		return fmt.Sprintf("%d %s", n, key)
	}
	return forms.Count(lang, n)
}

// Keys gives the keys of the texts, then those of the counted nouns, each sorted.
func (w *Words) Keys() (texts, counts []string) {
	return slices.Sorted(maps.Keys(w.texts)), slices.Sorted(maps.Keys(w.counts))
}
