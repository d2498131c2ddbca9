package rules

import (
	"cmp"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"

	"iltizam/pipeline/finding"
)

// Page is what there is to say of one rule in one language, for whoever lays it
// out. Placeholders of a sentence are named, in single angle quotes.
type Page struct {
	ID       string
	Severity finding.Severity
	Label    string   // the severity's name, at first
	Effect   string   // what it does to the data
	Coming   []Coming // how its severity changes, the earliest first
	Since    string   // ISO date of receipt from which the rule holds, or ""
	Until    string   // last such date, "" while it holds
	Group    string   // the kind of rules that it is one of, by its label
	On       []string // what it judges, as Rule has it
	Wrong    string   // what is wrong
	Mend     string   // how to mend it
	Why      string   // why the rule exists
	Column   string   // that the example is of, by its title; "" where there is no example
	Example  Example
}

// Coming is a severity that a rule has from a day on.
type Coming struct {
	From     string // ISO date of receipt
	Severity finding.Severity
	Label    string
	Effect   string
}

// argTerm starts the terms that name the placeholders of the sentences.
const argTerm = "arg-"

var placeholder = regexp.MustCompile(`\{([a-z_]+)\}`)

// Explain gives a rule's page in a language.
func (c *Catalogue) Explain(id, lang string) (p Page, known bool) {
	r, known := c.rules[id]
	if !known {
		return Page{}, false
	}
	stand := func(name string) string {
		return "‹" + firstNonEmpty(c.terms[argTerm+name][lang], name) + "›"
	}
	f := finding.Finding{Rule: id, Severity: r.Severity, Value: stand("value"), Args: map[string]string{}}
	for _, sentence := range [...]string{r.Message[lang], r.Remedy[lang]} {
		for _, m := range placeholder.FindAllStringSubmatch(sentence, -1) {
			f.Args[m[1]] = stand(m[1])
		}
	}
	p = Page{ID: id, Severity: r.Severity, Since: r.ValidFrom, Until: r.ValidTo,
		Wrong: c.Message(f, lang), Mend: c.Remedy(f, lang), Why: r.Doc[lang], On: r.On, Example: r.Example}
	for _, g := range c.groups {
		if g.ID == r.Group {
			p.Group = g.Label[lang]
		}
	}
	p.Label, p.Effect = c.severitySaid(r.Severity, lang)
	for _, b := range r.Becomes {
		label, effect := c.severitySaid(b.Severity, lang)
		p.Coming = append(p.Coming, Coming{From: b.From, Severity: b.Severity, Label: label, Effect: effect})
	}
	if r.Example != (Example{}) {
		p.Column = c.label("column", r.Example.Column, lang)
	}
	return p, true
}

// severitySaid gives a severity's name and what it does to the data.
func (c *Catalogue) severitySaid(s finding.Severity, lang string) (label, effect string) {
	for _, code := range c.codes["severity"].Codes {
		if code.Code == s.String() {
			return firstNonEmpty(code.Label[lang], code.Code), code.Definition[lang]
		}
	}
	return s.String(), ""
}

// maxNearest bounds how many ids Nearest offers.
const maxNearest = 3

// Nearest gives the ids of rules that someone who wrote id may have meant, the
// likeliest first.
func (c *Catalogue) Nearest(id string) []string { return Nearest(id, maps.Keys(c.rules)) }

// Nearest gives those of the known names that someone who wrote name may have
// meant, the likeliest first, at most three.
func Nearest(name string, known iter.Seq[string]) []string {
	name = strings.ToLower(strings.TrimSpace(name))
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' || r == ' ' })
	far := map[string]int{}
	for known := range known {
		switch d := distance(name, known); {
		case len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(known, w) }):
			far[known] = 0
		case d <= max(2, len(known)/3):
			far[known] = d
		}
	}
	near := slices.SortedFunc(maps.Keys(far), func(a, b string) int {
		return cmp.Or(cmp.Compare(far[a], far[b]), cmp.Compare(a, b))
	})
	return near[:min(len(near), maxNearest)]
}

// distance counts the letters to add, drop or change that make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for k := range row {
		row[k] = k
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for k := range len(b) {
			change := diagonal
			if a[i] != b[k] {
				change++
			}
			diagonal = row[k+1]
			row[k+1] = min(change, diagonal+1, row[k]+1)
		}
	}
	return row[len(b)]
}
