package workbook

import (
	"maps"
	"slices"
	"strings"

	"iltizam/pipeline/table"
)

// WithLabels gives the layout knowledge of what its columns are called: the
// titles of the fields in every language, and its own. fold brings what a person
// would call the same to one form.
func (l *Layout) WithLabels(fields map[string]table.Field, fold func(string) string) *Layout {
	out := *l
	fold = remembering(fold)
	out.fold, out.labels = fold, map[string]map[string][]string{}
	for _, s := range l.Sheets {
		if s.Kind != KindData {
			continue
		}
		labels := map[string][]string{}
		add := func(key string, titles table.Labels) {
			for _, title := range titles {
				if f := fold(title); f != "" && !slices.Contains(labels[f], key) {
					labels[f] = append(labels[f], key)
				}
			}
		}
		for _, c := range s.Columns {
			if !strings.HasSuffix(c.Key, langMark) {
				add(c.Key, fields[c.Key].Title)
				add(c.Key, c.Label)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if c, ok := s.column(name); ok && c.Lang != "" {
				add(name, fields[name].Title)
			}
		}
		for _, older := range l.Older {
			for key, titles := range older.Labels[s.Key] {
				add(key, titles)
			}
		}
		out.labels[s.Key] = labels
	}
	return &out
}

// labelled gives the keys of a sheet's columns that go by a label.
func (l *Layout) labelled(sheet, label string) []string {
	if l.fold == nil {
		return nil
	}
	return l.labels[sheet][l.fold(label)]
}
