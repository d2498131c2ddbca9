package rules

import "testing"

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"a b": "a b", " a": "a", "a ": "a", "a  b": "a b", "a\tb": "a b", "a\u200eb": "ab", "محـمد": "محمد", "a\x00b": "ab", "": "", " ": "",
		"\ufeffa": "a", "a\u00a0\u202fb": "a b", "\u202ba\u202c \u2066b\u2069": "a b", "a\u00adb": "ab", "a\ufe0fb": "ab", "a\u2028b": "a b", "ـ": "", "a\U000e0041": "a",
		"\u0601": "\u0601", // a number sign is seen
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"a\r\nb\rc": "a\nb\nc", " a\tb ": "a\tb", "a\x07b": "ab", "محـمد": "محـمد", "a  b": "a  b", "\n\n": "",
		"a\vb\fc\u0085d\u2028e": "a\nb\nc\nd\ne", "a\u202eb\u2066c": "abc", "\ufeffa\u200bb": "ab", "\u200fأ\u200c": "\u200fأ\u200c", "« a\u00a0»": "« a\u00a0»",
		"\u00a0a\u00a0": "a", "\u200f": "", "ـ \u200e": "", "\u200fa": "\u200fa", "a\ufffeb": "ab", "\r\n": "", "a\r\r\nb": "a\n\nb",
	} {
		if got := cleanText(in); got != want {
			t.Errorf("cleanText(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCleanAddress(t *testing.T) {
	for in, want := range map[string]string{
		" https://a.ma/محـمد ": "https://a.ma/محـمد", "https://a.\u200bma\u200e\n\nhttps://b.ma": "https://a.ma https://b.ma", "https://a.ma/\u200c": "https://a.ma/\u200c",
	} {
		if got := cleanAddress(in); got != want {
			t.Errorf("cleanAddress(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTaken(t *testing.T) {
	for in, want := range map[string]took{
		"a": tookNothing, " a\n": tookNothing, "a  b": tookBlanks, "a\nb": tookBlanks, "\u00a0a": tookBlanks, "a\u200eb": tookInvisible, "محـمد": tookInvisible,
		"a\u200e  b": tookBoth, "a \ufffe": tookHalf, "a\u200e\ufffe": tookHalf, "a\x07b": tookInvisible,
	} {
		if got := taken(in, clean(in)); got != want {
			t.Errorf("of %q %d was taken, not %d", in, got, want)
		}
	}
	if got := visible("a\x07\u202e\ufeff\nb"); got != "a\u2407[U+202E][U+FEFF]\nb" {
		t.Errorf("%q", got)
	}
}
