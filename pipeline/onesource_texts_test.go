package pipeline_test

import (
	"encoding/json"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"iltizam/pipeline"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/table"
	"iltizam/schemas"
)

// said is a text of the contract in a language.
type said struct{ where, lang, text string }

// everyText gives the texts of the contract, but for those of a plan: they are the
// words of its source, printed as they stand there.
func everyText(t *testing.T) (all []said) {
	t.Helper()
	err := fs.WalkDir(schemas.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".json") || strings.HasPrefix(name, pipeline.PlansDir+"/") {
			return err
		}
		b, err := fs.ReadFile(schemas.FS, name)
		if err != nil {
			return err
		}
		var v any
		if err := json.Unmarshal(b, &v); err != nil {
			return err
		}
		collect(v, name, "", &all)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 1000 {
		t.Fatalf("only %d texts", len(all))
	}
	return all
}

func collect(v any, where, lang string, all *[]said) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if l := lang; slices.Contains(rules.Languages(), k) {
				l = k
				collect(x, where+" "+k, l, all)
			} else {
				collect(x, where+" "+k, lang, all)
			}
		}
	case []any:
		for _, x := range v {
			collect(x, where, lang, all)
		}
	case string:
		if lang != "" {
			*all = append(*all, said{where, lang, v})
		}
	}
}

// Each text is written as its language wants it.
func TestTextsAreWrittenAsTheirLanguageWantsThem(t *testing.T) {
	for _, s := range everyText(t) {
		for _, fault := range faults(s.lang, s.text) {
			t.Errorf("%s: %s: %q", s.where, fault, s.text)
		}
	}
}

var (
	doubled   = regexp.MustCompile(`[ \x{a0}]{2}`)
	signed    = regexp.MustCompile(`(?:^|[^\pL\d])[+\x{2212}-]\d|\d[ \x{a0}]?[%٪]`)
	easterly  = regexp.MustCompile(`[٠-٩۰-۹]`)
	nearest   = regexp.MustCompile(`[,;?]`)
	percentFR = regexp.MustCompile(`(?:\d|\})[^\x{a0}]?%`)
	namesSign = regexp.MustCompile(`\([,;?]\)`)
)

// faults tells what is wrong with the writing of a text.
func faults(lang, text string) (all []string) {
	fault := func(is bool, what string) {
		if is {
			all = append(all, what)
		}
	}
	if strings.IndexFunc(text, unicode.IsLetter) < 0 {
		return nil // a sign of its own, such as what parts a list
	}
	fault(doubled.MatchString(text), "two blanks")
	fault(strings.TrimSpace(text) != text, "a blank at an end")
	switch lang {
	case "fr":
		fault(frenchBlank(text), "no blank that does not break beside : ; ? ! or « »")
		fault(strings.Contains(text, "'"), "a straight apostrophe")
		fault(percentFR.MatchString(text), "a percent sign without a blank that does not break")
	case "ar":
		fault(easterly.MatchString(text), "Eastern digits")
		fault(signed.MatchString(text), "a number with a sign outside a placeholder")
		fault(latinMark(namesSign.ReplaceAllString(text, "")), "a Latin comma, semicolon or question mark")
	}
	return all
}

// frenchBlank tells of a sign of two parts without its blank. A sign that is named
// and not used, after a comma or at the start, needs none; nor has an address one.
func frenchBlank(text string) bool {
	text = excelError.ReplaceAllString(place.ReplaceAllString(text, "x"), "x")
	for i, r := range text {
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
		switch r {
		case ':', ';', '?', '!', '»':
			named := r == '!' && (i == 0 || strings.HasSuffix(text[:i], ", "))
			address := r == ':' && strings.HasPrefix(text[i:], "://")
			if !named && !address && before != '\u00a0' && before != '\u202f' {
				return true
			}
		case '«':
			if after != '\u00a0' && after != '\u202f' {
				return true
			}
		}
	}
	return false
}

// latinMark tells of a Latin sign in Arabic words: one beside an Arabic letter,
// and not within a number.
func latinMark(text string) bool {
	for _, at := range nearest.FindAllStringIndex(text, -1) {
		before, after := text[:at[0]], text[at[1]:]
		b, _ := utf8.DecodeLastRuneInString(before)
		a, _ := utf8.DecodeRuneInString(after)
		if unicode.IsDigit(b) && unicode.IsDigit(a) {
			continue
		}
		isLetter := func(r rune) bool { return unicode.IsLetter(r) }
		i, j := strings.LastIndexFunc(before, isLetter), strings.IndexFunc(after, isLetter)
		for _, near := range []string{before[max(i, 0):], after[max(j, 0):]} {
			if r, _ := utf8.DecodeRuneInString(near); unicode.Is(unicode.Arabic, r) {
				return true
			}
		}
	}
	return false
}

func TestFaultsAreSeen(t *testing.T) {
	for text, want := range map[string]int{
		"fr Voici :": 1, "fr Voici\u00a0:": 0, "fr Voici: x": 1, "fr « x »": 1, "fr «\u00a0x\u00a0»": 0, "fr l'un": 1, "fr 82 % de x": 1, "fr 82\u00a0% de x": 0,
		"fr https://x": 0, "fr a  b": 1, "fr a ": 1, "fr  : ": 0, "fr Sens, ! publiée": 0, "fr Stop !": 1, "fr {pct}% de x": 1,
		"ar نعم, لا": 1, "ar نعم، لا": 0, "ar 0,65 رقم": 0, "ar نسبة 75%": 1, "ar {pct}% من": 0, "ar تغير +15": 1, "ar تغير -15": 1, "ar بصمة SHA-256 هنا": 0,
		"ar عام ٢٠٢٢": 1, "ar فاصلة (;) هنا": 0, "ar decimal(p,s) أو": 0, "en a  b": 1, "en a: b": 0,
	} {
		lang, text := text[:2], text[3:]
		if got := faults(lang, text); len(got) != want {
			t.Errorf("%s %q: %v", lang, text, got)
		}
	}
}

var (
	place      = regexp.MustCompile(`\{[a-z0-9_:]+\}`)
	excelError = regexp.MustCompile(`#\S+[!?]`) // such as #DIV/0!
)

// A text in three languages names the same places in each, and no place that
// another lacks.
func TestTextsNameTheSamePlaces(t *testing.T) {
	c := mustContract(t)
	check := func(where string, text table.Labels) {
		t.Helper()
		if len(text) < 2 {
			return
		}
		named := func(lang string) string {
			all := place.FindAllString(text[lang], -1)
			slices.Sort(all)
			return strings.Join(slices.Compact(all), " ")
		}
		for lang := range text {
			if got, want := named(lang), named("en"); got != want {
				t.Errorf("%s in %s names %q; in English %q", where, lang, got, want)
			}
		}
	}
	for _, r := range c.Rules.Catalogue.Rules() {
		check(r.ID+" message", r.Message)
		check(r.ID+" remedy", r.Remedy)
		check(r.ID+" doc", r.Doc)
	}
	for key, text := range c.Layout.Texts {
		if _, form, _ := strings.Cut(key, "."); slices.Contains(table.PluralForms("ar"), form[strings.LastIndex(form, ".")+1:]) {
			continue // the forms for one and two of Arabic say their number
		}
		check(key, text)
	}
}

// A key of the form's texts that stands with a number has all the forms that its
// languages want.
func TestCountedTextsHaveAllTheirForms(t *testing.T) {
	texts := mustContract(t).Layout.Texts
	counted := map[string]bool{}
	for key := range texts {
		if i := strings.LastIndex(key, "."); i > 0 && slices.Contains(table.PluralForms("ar"), key[i+1:]) {
			counted[key[:i]] = true
		}
	}
	if len(counted) == 0 {
		t.Fatal("no text is counted")
	}
	for stem := range counted {
		for _, lang := range rules.Languages() {
			for _, form := range table.PluralForms(lang) {
				if texts[stem+"."+form][lang] == "" {
					t.Errorf("%s has no form %s in %s", stem, form, lang)
				}
			}
		}
	}
}
