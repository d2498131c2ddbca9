package rules

import (
	"io/fs"
	"testing"

	"iltizam/schemas"
)

// isPercentWord knows the words that the contract has for per cent.
func isPercentWord(word string) bool {
	switch fold(word) {
	case "percent", "per cent", "pour cent", fold("بالمائة"), fold("في المائة"):
		return true
	}
	return false
}

// dateWords are those of the contract.
func dateWords(tb testing.TB) *words {
	tb.Helper()
	b, err := fs.ReadFile(schemas.FS, "messages/dates.json")
	if err != nil {
		tb.Fatal(err)
	}
	w, err := parseWords(b)
	if err != nil {
		tb.Fatal(err)
	}
	return w
}
