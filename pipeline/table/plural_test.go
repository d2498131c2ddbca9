package table_test

import (
	"testing"

	"iltizam/pipeline/table"
)

// The forms as the Unicode plural rules (CLDR 48) have them.
func TestPlural(t *testing.T) {
	for _, c := range []struct {
		lang string
		form string
		of   []int
	}{
		{"ar", table.PluralZero, []int{0}},
		{"ar", table.PluralOne, []int{1}},
		{"ar", table.PluralTwo, []int{2}},
		{"ar", table.PluralFew, []int{3, 10, 103, 110, 1003}},
		{"ar", table.PluralMany, []int{11, 22, 99, 111, 1099}},
		{"ar", table.PluralOther, []int{100, 101, 102, 200, 1000}},
		{"fr", table.PluralOne, []int{0, 1}},
		{"fr", table.PluralOther, []int{2, 11, 100}},
		{"en", table.PluralOne, []int{1}},
		{"en", table.PluralOther, []int{0, 2, 100}},
	} {
		for _, n := range c.of {
			if got := table.Plural(c.lang, n); got != c.form {
				t.Errorf("%d in %s is %s, want %s", n, c.lang, got, c.form)
			}
		}
	}
}
