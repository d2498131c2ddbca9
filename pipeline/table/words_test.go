package table_test

import (
	"io/fs"
	"strings"
	"testing"

	"iltizam/pipeline/table"
	"iltizam/schemas"
)

func TestCount(t *testing.T) {
	commitments := map[string]table.Forms{
		"ar": {"zero": "لا التزامات", "one": "التزام واحد", "two": "التزامان", "few": "{n} التزامات", "many": "{n} التزاما", "other": "{n} التزام"},
		"fr": {"one": "{n} engagement", "other": "{n} engagements"},
		"en": {"one": "{n} commitment", "other": "{n} commitments"},
	}
	for lang, want := range map[string]map[int]string{
		"ar": {0: "لا التزامات", 1: "التزام واحد", 2: "التزامان", 3: "3 التزامات", 4: "4 التزامات", 5: "5 التزامات", 6: "6 التزامات", 7: "7 التزامات",
			8: "8 التزامات", 9: "9 التزامات", 10: "10 التزامات", 11: "11 التزاما", 22: "22 التزاما", 100: "100 التزام", 101: "101 التزام",
			102: "102 التزام", 103: "103 التزامات", 111: "111 التزاما"},
		"fr": {0: "0 engagement", 1: "1 engagement", 2: "2 engagements", 3: "3 engagements", 4: "4 engagements", 5: "5 engagements", 6: "6 engagements",
			7: "7 engagements", 8: "8 engagements", 9: "9 engagements", 10: "10 engagements", 11: "11 engagements", 22: "22 engagements",
			100: "100 engagements", 101: "101 engagements", 102: "102 engagements", 103: "103 engagements", 111: "111 engagements"},
		"en": {0: "0 commitments", 1: "1 commitment", 2: "2 commitments", 3: "3 commitments", 10: "10 commitments", 11: "11 commitments", 22: "22 commitments",
			100: "100 commitments", 101: "101 commitments", 102: "102 commitments", 103: "103 commitments", 111: "111 commitments"},
	} {
		for n, words := range want {
			if got := commitments[lang].Count(lang, n); got != words {
				t.Errorf("%d in %s: %q, want %q", n, lang, got, words)
			}
		}
	}
	if got := (table.Forms{"other": "{n} x"}).Count("ar", 1); got != "1 x" {
		t.Errorf("without its form: %q", got)
	}
}

// Each form that a number may ask for is among those that a noun has to have.
func TestPluralFormsAreAllThereAre(t *testing.T) {
	for _, lang := range []string{"ar", "fr", "en", "es"} {
		asked := map[string]bool{}
		for n := range 1200 {
			asked[table.Plural(lang, n)] = true
		}
		forms := table.PluralForms(lang)
		for _, form := range forms {
			if !asked[form] {
				t.Errorf("%s never asks for %s", lang, form)
			}
		}
		if len(asked) != len(forms) {
			t.Errorf("%s asks for %v and is said to have %v", lang, asked, forms)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ in, arPercent, frPercent, enPercent, arChange, frChange, enNumber string }{
		{"82.8", "\u206682,8%\u2069", "82,8\u00a0%", "82.8%", "\u2066+82,8\u2069", "+82,8", "82.8"},
		{"100.00", "\u2066100%\u2069", "100\u00a0%", "100%", "\u2066+100\u2069", "+100", "100"},
		{"0", "\u20660%\u2069", "0\u00a0%", "0%", "0", "0", "0"},
		{"-0.0", "\u20660%\u2069", "0\u00a0%", "0%", "0", "0", "0"},
		{"0.05", "\u20660,05%\u2069", "0,05\u00a0%", "0.05%", "\u2066+0,05\u2069", "+0,05", "0.05"},
		{"-15.50", "\u2066\u221215,5%\u2069", "\u221215,5\u00a0%", "\u221215.5%", "\u2066\u221215,5\u2069", "\u221215,5", "\u221215.5"},
		{"-0.5", "\u2066\u22120,5%\u2069", "\u22120,5\u00a0%", "\u22120.5%", "\u2066\u22120,5\u2069", "\u22120,5", "\u22120.5"},
	} {
		for what, got := range map[string][2]string{
			"percent in ar": {table.Percent("ar", c.in), c.arPercent}, "percent in fr": {table.Percent("fr", c.in), c.frPercent},
			"percent in en": {table.Percent("en", c.in), c.enPercent}, "change in ar": {table.Change("ar", c.in), c.arChange},
			"change in fr": {table.Change("fr", c.in), c.frChange}, "number in en": {table.Number("en", c.in), c.enNumber},
		} {
			if got[0] != got[1] {
				t.Errorf("%s as %s: %q, want %q", c.in, what, got[0], got[1])
			}
		}
	}
	if a, b := table.Number("ar", "1822"), table.Number("ar", "-2.5"); a != "1822" || b != "\u2066\u22122,5\u2069" {
		t.Errorf("%q, %q", a, b)
	}
	for _, no := range []string{"", "‹x.0›", "1e5", "2026-10-31", "x"} {
		if got := table.Number("fr", no); got != no {
			t.Errorf("%q, which is no number, became %q", no, got)
		}
	}
}

func TestDatesInWords(t *testing.T) {
	b, err := fs.ReadFile(schemas.FS, "messages/dates.json")
	if err != nil {
		t.Fatal(err)
	}
	m, err := table.ParseMonths(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][3]string{
		{"ar", "2026-10-31", "31 أكتوبر 2026"}, {"fr", "2026-10-31", "31 octobre 2026"}, {"en", "2026-10-31", "31 October 2026"},
		{"ar", "2022-08-01", "1 غشت 2022"}, {"fr", "2022-08-01", "1er août 2022"}, {"en", "2022-08-01", "1 August 2022"},
		{"fr", "2023-08", "août 2023"}, {"ar", "2023-08", "غشت 2023"}, {"fr", "2021", "2021"}, {"fr", "", ""}, {"fr", "2022-02-30", "2022-02-30"},
		{"es", "2026-10-31", "2026-10-31"},
	} {
		if got := m.Date(c[0], c[1]); got != c[2] {
			t.Errorf("%s in %s: %q, want %q", c[1], c[0], got, c[2])
		}
	}
	const moroccan = "يناير فبراير مارس أبريل ماي يونيو يوليوز غشت شتنبر أكتوبر نونبر دجنبر"
	if got := strings.Join(m["ar"], " "); got != moroccan {
		t.Errorf("the months are %s", got)
	}
	if got := table.ShortDate("2026-10-31"); got != "31/10/2026" {
		t.Error(got)
	}
	if a, b := table.ShortDate("2026-10"), table.ShortDate("2026"); a != "10/2026" || b != "2026" {
		t.Error(a, b)
	}
	for _, src := range []string{"", "{}", `{"months":[{"ar":["x"]}]}`, `{"months":[{"ar":[]}]}`} {
		if _, err := table.ParseMonths([]byte(src)); err == nil {
			t.Errorf("%q is taken", src)
		}
	}
}

func TestIsolates(t *testing.T) {
	for got, want := range map[string]string{
		table.Isolate("x"): "\u2068x\u2069", table.IsolateLeft("D7"): "\u2066D7\u2069", table.MarkLeft("75%"): "\u200e75%\u200e",
		table.Isolate("") + table.IsolateLeft("") + table.MarkLeft(""): "",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
