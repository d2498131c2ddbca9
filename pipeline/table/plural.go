package table

import (
	"strconv"
	"strings"
)

// The plural forms of the Unicode rules that ar, fr and en have between them,
// for whole numbers below a million.
const (
	PluralZero  = "zero"
	PluralOne   = "one"
	PluralTwo   = "two"
	PluralFew   = "few"
	PluralMany  = "many"
	PluralOther = "other"
)

// PluralForms names the forms that a language wants a counted noun in.
func PluralForms(lang string) []string {
	if lang == "ar" {
		return []string{PluralZero, PluralOne, PluralTwo, PluralFew, PluralMany, PluralOther}
	}
	return []string{PluralOne, PluralOther}
}

// Plural names the form in which a language wants a noun after the number n.
func Plural(lang string, n int) string {
	switch {
	case lang == "ar":
		return arabicPlural(n)
	case n == 1, n == 0 && lang == "fr":
		return PluralOne
	}
	return PluralOther
}

func arabicPlural(n int) string {
	switch last := n % 100; {
	case n == 0:
		return PluralZero
	case n == 1:
		return PluralOne
	case n == 2:
		return PluralTwo
	case last >= 3 && last <= 10:
		return PluralFew
	case last >= 11:
		return PluralMany
	}
	return PluralOther
}

// Forms is a counted noun of one language by plural form; {n} is the number,
// which the forms for one and two of Arabic do without.
type Forms map[string]string

// Count gives the noun with its number. A form that is not there is the other.
func (f Forms) Count(lang string, n int) string {
	form, ok := f[Plural(lang, n)]
	if !ok {
		form = f[PluralOther]
	}
	return strings.ReplaceAll(form, "{n}", strconv.Itoa(n))
}
