package main

import (
	"reflect"
	"strings"
	"testing"

	"iltizam/pipeline/rules"
	"iltizam/pipeline/table"
)

// A counted noun has each form that its language may ask for, and says the number
// in those that do not name it.
func TestCountedNounsHaveAllTheirForms(t *testing.T) {
	for _, lang := range rules.Languages() {
		w := checkWords(lang)
		nouns := map[string]table.Forms{}
		for s, forms := range w.counted {
			nouns[s.String()] = forms
		}
		v := reflect.ValueOf(w).Elem()
		for i := range v.NumField() {
			if v.Field(i).Type() != reflect.TypeFor[table.Forms]() {
				continue
			}
			forms := table.Forms{} // of an unexported field
			for it := v.Field(i).MapRange(); it.Next(); {
				forms[it.Key().String()] = it.Value().String()
			}
			nouns[v.Type().Field(i).Name] = forms
		}
		if len(nouns) < 10 {
			t.Errorf("%s: only %d counted nouns", lang, len(nouns))
		}
		for name, forms := range nouns {
			if len(forms) != len(table.PluralForms(lang)) {
				t.Errorf("%s: %s has %v", lang, name, forms)
			}
			for _, form := range table.PluralForms(lang) {
				numbered := form == table.PluralFew || form == table.PluralMany || form == table.PluralOther
				if forms[form] == "" || numbered && !strings.Contains(forms[form], "{n}") {
					t.Errorf("%s: %s has no form %s: %q", lang, name, form, forms[form])
				}
			}
			for _, said := range forms {
				if strings.ContainsAny(said, "#%") {
					t.Errorf("%s: %s: %q", lang, name, said)
				}
			}
		}
	}
}

// A line that starts with a name of Latin letters, such as a command, would be read
// from the wrong end.
func TestArabicLinesStartInArabic(t *testing.T) {
	w := checkWords("ar")
	for _, format := range []string{w.group, w.oneGroup, w.mend, w.total, w.summary, w.often, w.explain, w.unread} {
		if strings.HasPrefix(format, "%") && format != w.group && format != w.oneGroup { // which a severity starts
			t.Errorf("%q starts with a name", format)
		}
	}
}
