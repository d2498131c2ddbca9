package workbook

import (
	"strconv"
	"strings"
	"testing"
)

func TestRemembering(t *testing.T) {
	asked := 0
	fold := remembering(func(s string) string { asked++; return strings.ToLower(s) })
	for range 3 {
		for _, s := range []string{"Titre", "ÉTAT", ""} {
			if got := fold(s); got != strings.ToLower(s) {
				t.Errorf("%q is %q", s, got)
			}
		}
	}
	if asked != 3 {
		t.Errorf("folded %d times, not once each", asked)
	}
	for i := range 3 * rememberedTexts {
		fold(strconv.Itoa(i))
	}
	if fold("Titre"); asked != 3+3*rememberedTexts {
		t.Error("what came first is forgotten")
	}
	asked = 0
	for range 2 {
		fold(strings.Repeat("x", rememberedBytes+1))
		fold(strconv.Itoa(3*rememberedTexts - 1))
	}
	if asked != 4 {
		t.Errorf("the memory has no bound: %d", asked)
	}
}
