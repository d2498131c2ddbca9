package pipeline

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/table"
	"iltizam/pipeline/workbook"
)

// Headings are the headings of a rule's page in a language; %s is what follows.
type Headings struct{ Language, Wrong, Mend, Why, Judged, Example, Bad, Good, Since, Until, From string }

// HeadingsOf gives the headings in a language.
func HeadingsOf(lang string) Headings {
	switch lang {
	case "ar":
		return Headings{"العربية", "ما الخطأ", "كيف يصحح", "لماذا", "أين", "مثال («%s»)", "خطأ:", "صواب:", "تسري على ما استلم ابتداء من %s", "وإلى غاية %s", "ابتداء من %s"}
	case "fr":
		return Headings{"Français", "Ce qui ne va pas", "Comment corriger", "Pourquoi", "Où", "Exemple («\u00a0%s\u00a0»)", "faux\u00a0:", "juste\u00a0:",
			"En vigueur pour ce qui est reçu depuis le %s", "jusqu’au %s", "À partir du %s"}
	}
	return Headings{"English", "What is wrong", "How to mend it", "Why", "Where", `Example ("%s")`, "wrong:", "right:", "In force for what is received from %s on", "until %s", "From %s on"}
}

// Force says from when to when a rule holds.
func (h Headings) Force(p rules.Page, lang string) string {
	said := fmt.Sprintf(h.Since, table.ShortDate(p.Since))
	if p.Until != "" {
		said += comma(lang) + fmt.Sprintf(h.Until, table.ShortDate(p.Until))
	}
	return said
}

// Becomes says from when on a rule has another severity.
func (h Headings) Becomes(c rules.Coming) string {
	return fmt.Sprintf(h.From, table.ShortDate(c.From))
}

func comma(lang string) string {
	if lang == "ar" {
		return "، "
	}
	return ", "
}

// Judged says what a rule judges, sheet by sheet: the titles of the columns, or the
// sheet alone where it judges the whole of it; "" is the file.
func (c *Contract) Judged(on []string, lang string) string {
	var sheets []string
	for _, s := range c.Layout.Sheets {
		if s.Kind != workbook.KindData {
			continue
		}
		var titles []string
		whole := slices.Contains(on, s.Key)
		for _, column := range s.Columns {
			if !slices.ContainsFunc(on, func(x string) bool { return c.isOf(s.Key, column, x) }) {
				continue
			}
			for _, one := range (workbook.SheetLayout{Columns: []workbook.Column{column}}).Expand([]string{"ar", "fr"}) {
				titles = append(titles, c.titleOf(one, lang))
			}
		}
		name := s.AnyName([]string{lang})
		switch {
		case whole:
			sheets = append(sheets, name)
		case len(titles) > 0:
			colon := ": "
			if lang == "fr" {
				colon = "\u00a0: "
			}
			sheets = append(sheets, name+colon+strings.Join(titles, comma(lang)))
		}
	}
	between := "; "
	switch lang {
	case "ar":
		between = "؛ "
	case "fr":
		between = "\u00a0; "
	}
	return strings.Join(sheets, between)
}

// isOf tells whether a column of a sheet is one of those that a word names.
func (c *Contract) isOf(sheet string, column workbook.Column, word string) bool {
	kind, isKind := strings.CutPrefix(word, "@")
	if !isKind {
		return word == sheet+"."+column.Key
	}
	if column.Role != workbook.RoleEntry && column.Role != workbook.RolePrefill {
		return false
	}
	isID := strings.HasSuffix(column.Key, "_id")
	switch kind {
	case "advised":
		field, ok := c.Fields[column.Key]
		if !ok {
			field = c.Fields[strings.Replace(column.Key, "{lang}", "fr", 1)]
		}
		return field.Advised > 0
	case workbook.InputText, workbook.InputChoice:
		return column.Input == kind && !isID
	}
	return column.Input == kind
}

func (c *Contract) titleOf(column workbook.Column, lang string) string {
	for _, title := range []string{c.Fields[column.Key].Title[lang], column.Label[lang]} {
		if title != "" {
			return title
		}
	}
	return column.Key
}

// WriteRules writes the reference page of all rules, in Markdown: what each means,
// in each language.
func (c *Contract) WriteRules(w io.Writer) error {
	b := bufio.NewWriter(w)
	cat := c.Rules.Catalogue
	fmt.Fprint(b, "# Rules\n\n<!-- Made from schemas/messages/rules.json by `make docs`; changes belong there. -->\n\n",
		"Each rule that a workbook is judged by: what is wrong, how to mend it, why the rule exists. `iltizam check --explain RULE` says the same.\n",
		"Names in ‹› stand for what the workbook holds. / Les noms entre ‹› représentent ce que contient le classeur.\n\n",
		"| severity | gravité | الدرجة | what it does |\n|---|---|---|---|\n")
	for s := finding.Block; s >= finding.Info; s-- {
		for _, code := range c.CodeLists["severity"].Codes {
			if code.Code == s.String() {
				fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", s, code.Label["fr"], code.Label["ar"], markdown(code.Definition["en"]))
			}
		}
	}
	for _, g := range cat.Groups() {
		fmt.Fprintf(b, "\n- %s: ", markdown(g.Label["en"]))
		between := ""
		for _, r := range cat.Rules() {
			if r.Group == g.ID {
				fmt.Fprintf(b, "%s[%s](#%s)", between, r.ID, r.ID)
				between = ", "
			}
		}
	}
	fmt.Fprintln(b)
	for _, g := range cat.Groups() {
		fmt.Fprintf(b, "\n## %s / %s / %s\n", markdown(g.Label["en"]), markdown(g.Label["fr"]), markdown(g.Label["ar"]))
		for _, r := range cat.Rules() {
			if r.Group != g.ID {
				continue
			}
			fmt.Fprintf(b, "\n### %s\n", r.ID)
			for _, lang := range []string{"en", "fr", "ar"} {
				c.writeRule(b, r.ID, lang)
			}
		}
	}
	return b.Flush()
}

func (c *Contract) writeRule(b *bufio.Writer, id, lang string) {
	p, _ := c.Rules.Catalogue.Explain(id, lang)
	h := HeadingsOf(lang)
	rtl := slices.Contains(c.Layout.RTL, lang)
	if fmt.Fprintln(b); rtl {
		fmt.Fprintf(b, "<div dir=\"rtl\" lang=\"%s\">\n\n", lang)
	}
	colon := ": "
	if lang == "fr" {
		colon = "\u00a0: "
	}
	fmt.Fprintf(b, "**%s** · %s%s%s\n\n", h.Language, markdown(p.Label), colon, markdown(p.Effect))
	line := func(heading, text string) {
		if text != "" {
			fmt.Fprintf(b, "- **%s**%s%s\n", heading, colon, text)
		}
	}
	line(h.Wrong, markdown(p.Wrong))
	line(h.Mend, markdown(p.Mend))
	line(h.Why, markdown(p.Why))
	line(h.Judged, markdown(c.Judged(p.On, lang)))
	if p.Column != "" {
		line(fmt.Sprintf(h.Example, p.Column), fmt.Sprintf("%s %s%s%s %s", h.Bad, literal(p.Example.Bad), comma(lang), h.Good, literal(p.Example.Good)))
	}
	fmt.Fprintf(b, "- %s\n", markdown(h.Force(p, lang)))
	for _, x := range p.Coming {
		line(h.Becomes(x), markdown(x.Label)+colon+markdown(x.Effect))
	}
	if rtl {
		fmt.Fprint(b, "\n</div>\n")
	}
}

// literal is a value as it is typed, of no language.
func literal(s string) string { return `<code dir="auto">` + html.EscapeString(s) + "</code>" }

// markdown keeps a text from being read as markup.
func markdown(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "|", `\|`, "#", `\#`).Replace(
		strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s))
}
