package workbook

import (
	"fmt"
	"math"
	"strconv"
	"unicode"

	"github.com/xuri/excelize/v2"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
	"iltizam/pipeline/workbook/scan"
)

// guideSteps is how many steps the instructions have.
const guideSteps = 8

// guideAfter is how many lines tell what becomes of the workbook.
const guideAfter = 3

// guideWidth is how wide each language's column is, in digits of the standard font.
const guideWidth = 74

// guide fills the sheet of instructions: the edition's language in one column,
// the second language in another, since one cell cannot run both ways.
func (b *builder) guide(s SheetLayout) error {
	sheet := b.sheetName(s)
	langs := []string{b.Language}
	if b.second != "" {
		langs = append(langs, b.second)
	}
	g := guide{builder: b, sheet: sheet, langs: langs, row: 1}
	g.line(styleKey{fill: "brand", ink: "on_brand", size: 16, bold: true, vertical: "center"}, 34,
		func(lang string) string { return b.text("instructions.title", lang) })
	if b.Origin != plan.OriginMinistry {
		g.line(styleKey{fill: "warning_soft", ink: "warning", size: 12, bold: true, vertical: "center", wrap: true}, 34,
			func(lang string) string { return b.text("origin."+b.Origin, lang) })
	}
	g.facts("institution", "plan", "period", "due")
	for i := 1; i <= guideSteps; i++ {
		g.say("instructions.step"+strconv.Itoa(i), 12)
	}
	g.links()
	g.say("instructions.signs", 11)
	g.line(styleKey{fill: "header", ink: "ink", size: 12, bold: true, vertical: "center"}, 24,
		func(lang string) string { return b.text("instructions.statuses", lang) })
	for _, c := range b.Lists["status"] {
		g.line(styleKey{ink: "ink", size: 11, vertical: "center", wrap: true, border: true}, 32, func(lang string) string {
			label, about := b.lay.pick(c.Label, lang), b.lay.pick(c.Description, lang)
			if about == "" {
				return label
			}
			return label + " — " + about
		})
	}
	g.line(styleKey{fill: "header", ink: "ink", size: 12, bold: true, vertical: "center"}, 24,
		func(lang string) string { return b.text("instructions.after", lang) })
	for i := 1; i <= guideAfter; i++ {
		g.say("instructions.after"+strconv.Itoa(i), 11)
	}
	g.facts("coordinator", "version", "source")
	if g.err != nil {
		return g.err
	}
	return b.dress(sheet, len(langs))
}

func (b *builder) guideArgs(lang string) []string {
	low, high := "0", "100"
	if x := b.Bounds["progress_pct"]; x.Min != nil && x.Max != nil {
		low, high = number(*x.Min), number(*x.Max)
	}
	args := []string{"min", low, "max", high, "folder", isolate(b.Institution), "yes", isolate(b.choiceLabel("boolean", "true")),
		"example", isolate(b.commitments[0].ID + "-m01")}
	for _, s := range b.lay.Sheets {
		if s.Kind != KindData {
			continue
		}
		args = append(args, s.Key, isolate(b.sheetName(s)))
		for i, c := range s.Expand(b.Plan.TemplateLanguages) {
			switch c.Key {
			case "nothing_to_report":
				args = append(args, "nothing", b.label(c, lang), "cell", isolate(scan.Ref(i+1, b.aboveHeadings())))
			case "check":
				args = append(args, "check", b.label(c, lang))
			case "revision_reason":
				args = append(args, "reason", b.label(c, lang))
			}
		}
	}
	return args
}

// guide writes the instructions from top to bottom.
type guide struct {
	*builder
	sheet string
	langs []string
	row   int
	err   error
}

func (g *guide) line(k styleKey, height float64, text func(lang string) string) {
	for i, lang := range g.langs {
		if g.err == nil {
			g.err = g.put(g.sheet, scan.Ref(i+1, g.row), text(lang), g.inLanguage(k, lang))
		}
	}
	if g.err == nil {
		g.err = g.f.SetRowHeight(g.sheet, g.row, height)
	}
	g.row++
}

// say writes a text of the form, as high as its longest language needs.
func (g *guide) say(key string, size float64) {
	lines := 1.0
	for _, lang := range g.langs {
		// Letters are narrower than digits, more so in Arabic; a word at a line's end
		// leaves room unused.
		n := float64(len([]rune(g.text(key, lang, g.guideArgs(lang)...)))) * size / 11
		lines = max(lines, math.Ceil(n/(guideWidth*1.05)))
	}
	g.line(styleKey{ink: "ink", size: size, vertical: "center", wrap: true, border: true}, lines*(size*1.4)+10, func(lang string) string {
		return g.text(key, lang, g.guideArgs(lang)...)
	})
}

func (g *guide) links() {
	for _, s := range g.lay.Sheets {
		if s.Kind != KindData {
			continue
		}
		name := g.sheetName(s)
		if g.err == nil {
			// Only where the link's words run the same way as the sheet's name.
			g.err = g.f.SetCellHyperLink(g.sheet, scan.Ref(1, g.row), quoteSheet(name)+"!"+scan.Ref(1, g.lay.FirstRow), "Location")
		}
		g.line(styleKey{ink: "brand_soft", size: 12, vertical: "center"}, 24,
			func(lang string) string { return g.text("instructions.go", lang, "sheet", isolate(name)) })
	}
}

// facts says what the workbook is for.
func (g *guide) facts(keys ...string) {
	facts := map[string]func(lang string) string{
		"institution": func(lang string) string { return g.words(g.institution.NameOn(g.period.LastDay()), lang) },
		"plan":        func(lang string) string { return g.words(g.Plan.Title, lang) },
		"period":      func(lang string) string { return g.words(g.period.Label, lang) },
		"due":         func(string) string { return table.ShortDate(g.period.DueDate) },
		"coordinator": func(lang string) string {
			if i := g.Plan.Institution(g.Plan.Coordinator); i != nil {
				return g.words(i.NameOn(g.period.LastDay()), lang)
			}
			return ""
		},
		"version": func(string) string { return g.lay.Version },
		"source":  func(string) string { return g.SourceURL },
	}
	for _, key := range keys {
		if facts[key](g.Language) == "" {
			continue
		}
		k := styleKey{ink: "soft_ink", size: 10, vertical: "center", wrap: true}
		if key == "due" {
			k.ink, k.bold = "ink", true
		}
		g.line(k, 28, func(lang string) string {
			return g.text("instructions."+key, lang) + g.lay.Text("colon", lang) + isolate(facts[key](lang))
		})
	}
}

// isolate keeps what comes after a value on its proper side when the two are
// written in different directions.
func isolate(s string) string {
	for _, r := range s {
		if unicode.Is(unicode.Arabic, r) || unicode.Is(unicode.Hebrew, r) {
			return "\u2067" + s + "\u2069"
		}
	}
	return "\u2066" + s + "\u2069"
}

func (b *builder) dress(sheet string, columns int) error {
	for i := 1; i <= columns; i++ {
		col, err := excelize.ColumnNumberToName(i)
		if err != nil {
			return err
		}
		if err := b.f.SetColWidth(sheet, col, col, guideWidth); err != nil {
			return err
		}
	}
	return b.page(sheet, "portrait", 1, 1, "")
}

// page sets how a sheet is shown, printed, locked; titles are the rows and
// columns that each printed page repeats; as many pages down as it takes where
// tall is 0.
func (b *builder) page(sheet, orientation string, wide, tall int, titles string) error {
	no, yes := false, true
	if err := b.f.SetSheetView(sheet, 0, &excelize.ViewOptions{RightToLeft: &b.rtl, ShowGridLines: &no}); err != nil {
		return err
	}
	a4 := 9
	if err := b.f.SetPageLayout(sheet, &excelize.PageLayoutOptions{Size: &a4, Orientation: &orientation,
		FitToWidth: &wide, FitToHeight: &tall}); err != nil {
		return err
	}
	if err := b.f.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &yes}); err != nil {
		return err
	}
	margin := 0.4
	if err := b.f.SetPageMargins(sheet, &excelize.PageLayoutMarginsOptions{
		Left: &margin, Right: &margin, Top: &margin, Bottom: &margin}); err != nil {
		return err
	}
	if err := b.f.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{OddFooter: "&C&P / &N"}); err != nil {
		return err
	}
	if titles != "" {
		if err := b.f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: sheet, RefersTo: titles}); err != nil {
			return err
		}
	}
	return b.f.ProtectSheet(sheet, &excelize.SheetProtectionOptions{SelectLockedCells: true, SelectUnlockedCells: true,
		FormatRows: true, FormatColumns: true})
}

func (b *builder) meta(s SheetLayout) error {
	values := map[string]string{
		"template": b.lay.Template, "template_version": b.lay.Version, "plan": b.Plan.ID, "institution": b.Institution,
		"period": b.Period, "origin": b.Origin, "source_url": b.SourceURL, "language": b.Language, "base_release": b.BaseRelease,
		"prefilled": b.Prefilled,
	}
	sheet := b.sheetName(s)
	for i, key := range s.Keys {
		value, ok := values[key]
		if !ok {
			return fmt.Errorf("the layout's key %q has no value", key)
		}
		k := styleKey{size: 10, ink: "ink", numFmt: textFormat}
		if err := b.put(sheet, scan.Ref(1, i+1), key, k); err != nil {
			return err
		}
		if value == "" {
			continue
		}
		if err := b.put(sheet, scan.Ref(2, i+1), value, k); err != nil {
			return err
		}
	}
	return nil
}

func quoteSheet(name string) string {
	quoted := ""
	for _, r := range name {
		if r == '\'' {
			quoted += "'"
		}
		quoted += string(r)
	}
	return "'" + quoted + "'"
}
