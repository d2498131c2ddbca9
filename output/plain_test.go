package output

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// The quick look must never take a text that the thorough one refuses.
func TestBadTextIsFoundWhereverItStands(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "~", "\x01", "\x7f", "12345678", "\x00", "\xff", "é", "خ", "\x80"}), 0, 12).Draw(t, "pieces")
		s := strings.Join(pieces, "")
		bad := !utf8.ValidString(s) || strings.Contains(s, "\x00")
		if got := badText(s); (got != "") != bad {
			t.Fatalf("%q: %q", s, got)
		}
	})
}
