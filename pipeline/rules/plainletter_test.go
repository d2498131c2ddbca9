package rules

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What a quick look takes for a letter must be what folding makes of it.
func TestPlainLettersAreWhatFoldingMakesOfThem(t *testing.T) {
	for r := rune(1); r < 0x10000; r++ {
		if letter, _ := plainLetter(string(r)); letter != 0 && fold(string(r)) != string(letter) {
			t.Errorf("%q is taken for %q, folding makes it %q", r, letter, fold(string(r)))
		}
	}
}

// Texts that a quick look takes apart are never the same.
func TestTextsThatStartApartFoldApart(t *testing.T) {
	pieces := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "A", "é", "É", "e\u0301", "e", "œ", "oe", "c", "ç", "أ", "ا", "\u0654", "\u064e", "ة", "ه", "ى", "ي", "ئ", "ک", "ك", "\ufefb", "٣", "3", "-", " ", ".", "\u200f"}), 0, 6)
	rapid.Check(t, func(t *rapid.T) {
		a, b := strings.Join(pieces.Draw(t, "a"), ""), strings.Join(pieces.Draw(t, "b"), "")
		if startApart(a, b) && fold(a) == fold(b) {
			t.Fatalf("%q and %q fold to %q", a, b, fold(a))
		}
	})
}
