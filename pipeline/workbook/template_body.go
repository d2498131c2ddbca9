package workbook

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook/scan"
)

// isoDate is a day to be written as a date of Excel's.
type isoDate string

// serial counts the days as Excel does from March 1900 on.
func (d isoDate) serial() (float64, error) {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return 0, fmt.Errorf("write date %q: %w", string(d), err)
	}
	days := t.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24
	if days < 61 {
		return 0, fmt.Errorf("write date %q: before March 1900", string(d))
	}
	return days, nil
}

// body writes the data rows: grey and locked what is filled in, free the rest.
func (g *grid) body() error {
	for row := g.lay.FirstRow; row <= g.last; row++ {
		var values map[string]any
		if i := row - g.lay.FirstRow; i < len(g.values) {
			values = g.values[i]
		}
		for i, c := range g.columns {
			if err := g.cell(c, i+1, row, values[c.Key]); err != nil {
				return err
			}
		}
		if err := g.f.SetRowHeight(g.name, row, g.height(values)); err != nil {
			return err
		}
	}
	return nil
}

func (g *grid) cell(c Column, col, row int, value any) error {
	ref := scan.Ref(col, row)
	locked := c.Role == RoleLocked || c.Role == RoleFormula || c.Role == RolePrefill && value != nil && !g.theirs(c, row)
	lang := g.Language
	if c.Lang != "" {
		lang = c.Lang
	}
	k := styleKey{fill: "entry", ink: "ink", size: 10, wrap: true, border: true, vertical: "center", unlocked: !locked}
	if locked && c.Role != RoleFormula {
		k.fill = "locked"
	}
	switch c.Input {
	case InputPercent:
		k.numFmt, k.horizontal = percentFormat, "center"
	case InputDate:
		k.numFmt, k.horizontal = dateFormat, "center"
	case InputURL:
		k.numFmt, k.horizontal, lang = textFormat, "left", ""
	case InputChoice:
		k.horizontal = "center"
	case InputText:
		k.numFmt = textFormat
		if strings.HasSuffix(c.Key, "_id") {
			k.horizontal, lang, k.bold = "center", "", locked
		}
	}
	k = g.inLanguage(k, lang)
	switch v := value.(type) {
	case entitled:
		return g.titles(ref, v, k)
	case isoDate:
		days, err := v.serial()
		if err != nil {
			return err
		}
		value = days
	}
	if c.Role == RoleFormula {
		if formula := g.check(row); formula != "" {
			if err := g.f.SetCellFormula(g.name, ref, formula); err != nil {
				return err
			}
		}
	}
	return g.put(g.name, ref, value, k)
}

// theirs tells of a cell of a milestone that the institution added: what it wrote
// itself, it may change.
func (g *grid) theirs(c Column, row int) bool {
	i := row - g.lay.FirstRow
	return i < len(g.own) && g.own[i] && !strings.HasSuffix(c.Key, "_id")
}

// entitled is a title with what was last published under it.
type entitled struct {
	plan.Texts
	last string
}

// titles writes a title in each of the form's languages that the plan has it in,
// the edition's own first, then what was last published.
func (g *grid) titles(ref string, t entitled, k styleKey) error {
	var runs []excelize.RichTextRun
	langs := append([]string{g.Language}, g.Plan.TemplateLanguages...)
	said := map[string]bool{}
	for _, lang := range langs {
		text := t.Texts.In(lang).Text
		if text == "" || said[lang] {
			continue
		}
		said[lang] = true
		font := &excelize.Font{Family: g.lay.Font, Size: 8, Color: g.colour("soft_ink")}
		if len(runs) == 0 {
			font = &excelize.Font{Family: g.lay.Font, Size: 10, Bold: true, Color: g.colour("ink")}
		} else {
			text = "\n" + text
		}
		runs = append(runs, excelize.RichTextRun{Text: text, Font: font})
	}
	if len(runs) == 0 {
		runs = []excelize.RichTextRun{{Text: g.words(t.Texts, g.Language), Font: &excelize.Font{Family: g.lay.Font, Size: 10, Bold: true}}}
	}
	if t.last != "" {
		runs = append(runs, excelize.RichTextRun{Text: "\n" + t.last,
			Font: &excelize.Font{Family: g.lay.Font, Size: 9, Color: g.colour("brand_soft")}})
	}
	if err := g.f.SetCellRichText(g.name, ref, runs); err != nil {
		return err
	}
	return g.put(g.name, ref, nil, k)
}

// height makes room for the longest title.
func (g *grid) height(values map[string]any) float64 {
	h := g.layout.Height
	for _, c := range g.columns {
		lines := 0.0
		switch v := values[c.Key].(type) {
		case entitled:
			for _, lang := range g.Plan.TemplateLanguages {
				lines += math.Ceil(float64(len([]rune(v.In(lang).Text))) / c.Width)
			}
			lines += math.Ceil(float64(len([]rune(v.last))) / c.Width)
		case string:
			lines = math.Ceil(float64(len([]rune(v))) / c.Width)
		}
		h = max(h, lines*14+6)
	}
	return min(h, 400)
}

// waiting colours the cells that are still to be filled in; the colour leaves by
// itself.
func (g *grid) waiting() error {
	format, err := g.f.NewConditionalStyle(&excelize.Style{
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{g.colour("waiting")}}})
	if err != nil {
		return err
	}
	nothing := g.column("nothing_to_report")
	for i, c := range g.columns {
		if !c.Waiting {
			continue
		}
		first := scan.Ref(i+1, g.lay.FirstRow)
		rule := "LEN(" + first + ")=0"
		if c.Lang != "" {
			rule = g.allEmpty(c, g.lay.FirstRow)
		}
		if nothing > 0 {
			yes := quote(g.choiceLabel("boolean", "true"))
			rule = fmt.Sprintf("AND(%s,$%s<>%s", rule, scan.Ref(nothing, g.lay.FirstRow), yes)
			if g.columns[nothing-1].ForAll {
				rule += fmt.Sprintf(",%s<>%s", absolute(nothing, g.aboveHeadings()), yes)
			}
			rule += ")"
		}
		if err := g.f.SetConditionalFormat(g.name, first+":"+scan.Ref(i+1, g.last),
			[]excelize.ConditionalFormatOptions{{Type: "formula", Criteria: rule, Format: &format}}); err != nil {
			return err
		}
	}
	return nil
}

// allEmpty is true where a column is empty in every language: one language is
// enough.
func (g *grid) allEmpty(of Column, row int) string {
	stem := strings.TrimSuffix(of.Key, of.Lang)
	var cells []string
	for i, c := range g.columns {
		if c.Lang != "" && strings.TrimSuffix(c.Key, c.Lang) == stem {
			cells = append(cells, "LEN(TRIM($"+scan.Ref(i+1, row)+"))")
		}
	}
	return strings.Join(cells, "+") + "=0"
}

// choiceLabel gives what a list shows for a code.
func (b *builder) choiceLabel(list, code string) string {
	for _, c := range b.Lists[list] {
		if c.Code == code {
			if label := b.lay.pick(c.Label, b.Language); label != "" {
				return label
			}
		}
	}
	return code
}

func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// Excel's limits on what a validation says, in UTF-16 units.
const (
	maxPromptTitle = 32
	maxPrompt      = 255
	maxError       = 224
)

// validations tells Excel what each column takes.
func (g *grid) validations() error {
	for i, c := range g.columns {
		if c.Role != RoleEntry && c.Role != RolePrefill {
			continue
		}
		v, message, err := g.validation(c, scan.Ref(i+1, g.lay.FirstRow))
		if err != nil {
			return fmt.Errorf("column %s: %w", c.Key, err)
		}
		v.SetSqref(scan.Ref(i+1, g.lay.FirstRow) + ":" + scan.Ref(i+1, g.last))
		if text := g.promptText(c); text != "" {
			v.SetInput(cut(g.label(c, g.Language), maxPromptTitle), text)
		}
		if message != "" {
			v.SetError(excelize.DataValidationErrorStyleStop, cut(g.lay.Text("error.title", g.Language), maxPromptTitle),
				cut(message, maxError))
		}
		if err := g.f.AddDataValidation(g.name, v); err != nil {
			return fmt.Errorf("column %s: %w", c.Key, err)
		}
	}
	return nil
}

// promptText gives a column's input message: the edition's language, then the
// second one if both fit.
func (g *grid) promptText(c Column) string {
	text := g.prompt(c, g.Language)
	if text == "" {
		text = g.lay.pick(g.Fields[c.Key].Description, g.Language)
	}
	if text == "" && c.Lang != "" {
		// A language that the schemas do not name.
		text = g.text("prompt.language", g.Language, "lang", isolate(c.Lang))
	}
	if second := g.prompt(c, g.second); g.second != "" && second != "" {
		if both := text + "\n" + second; cut(both, maxPrompt) == both {
			return both
		}
	}
	return cut(text, maxPrompt)
}

// formulaEscaper prepares a formula for the XML, which excelize does not do for
// validations.
var formulaEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (g *grid) validation(c Column, cell string) (*excelize.DataValidation, string, error) {
	v := excelize.NewDataValidation(true)
	bounds := g.Bounds[c.Key]
	switch c.Input {
	case InputPercent:
		low, high := 0.0, 100.0
		if bounds.Min != nil {
			low = *bounds.Min
		}
		if bounds.Max != nil {
			high = *bounds.Max
		}
		err := v.SetRange(low, high, excelize.DataValidationTypeDecimal, excelize.DataValidationOperatorBetween)
		return v, g.text("error.percent", g.Language, "min", number(low), "max", number(high)), err
	case InputChoice:
		name, ok := g.lists[c.List]
		if !ok {
			return nil, "", fmt.Errorf("no list %q was given", c.List)
		}
		v.SetSqrefDropList(name)
		return v, g.lay.Text("error.choice", g.Language), nil
	case InputDate:
		return g.dateValidation(v, c, cell)
	case InputURL:
		v.Type = "custom"
		is := fmt.Sprintf(`AND(OR(EXACT(LEFT(%[1]s,8),"https://"),EXACT(LEFT(%[1]s,7),"http://")),LEN(%[1]s)>8`, cell)
		if bounds.MaxLength > 0 {
			is += fmt.Sprintf(",LEN(%s)<=%d", cell, bounds.MaxLength)
		}
		is += ")"
		v.Formula1 = formulaEscaper.Replace(is)
		return v, g.lay.Text("error.url", g.Language), nil
	}
	if of, list := g.column("commitment_id"), g.lists[listCommitments]; c.Key == "milestone_id" && of > 0 && list != "" {
		v.Type = "custom"
		v.Formula1 = formulaEscaper.Replace(milestoneID(cell, scan.Ref(of, g.lay.FirstRow), list, g.shortestID()))
		return v, g.lay.Text("error.milestone", g.Language), nil
	}
	if bounds.MaxLength > 0 {
		err := v.SetRange(0, bounds.MaxLength, excelize.DataValidationTypeTextLength, excelize.DataValidationOperatorBetween)
		return v, g.text("error.text", g.Language, "max", fmt.Sprint(bounds.MaxLength)), err
	}
	return v, "", nil
}

// milestoneID is true of an id such as plan-c05-m02, of the commitment beside it
// where that is filled in already. No commitment's id is shorter than from, so that
// what stands in a plan's own id is not taken for the milestone's number. It keeps
// to the 255 characters that Excel allows.
func milestoneID(cell, commitment, list string, from int) string {
	at := fmt.Sprintf(`FIND("-m",%s,%d)`, cell, from)
	stem := fmt.Sprintf("LEFT(%s,%s-1)", cell, at)
	return fmt.Sprintf(`AND(COUNTIF(%[3]s,%[4]s)=1,EXACT(LOWER(%[1]s),%[1]s),LEN(%[1]s)>%[5]s+2,`+
		`ISNUMBER(-MID(%[1]s,%[5]s+2,99)),OR(LEN(%[2]s)=0,EXACT(%[4]s,%[2]s)))`, cell, commitment, list, stem, at)
}

// shortestID is how long the shortest of the commitments' ids is, in characters.
func (b *builder) shortestID() int {
	n := math.MaxInt
	for _, c := range b.commitments {
		n = min(n, len(c.ID))
	}
	return max(1, min(n, len(b.Plan.ID)+len("-c00")))
}

// dateValidation lets a date be what the rules let it be.
func (g *grid) dateValidation(v *excelize.DataValidation, c Column, cell string) (*excelize.DataValidation, string, error) {
	low := "DATE(1901,1,1)"
	if t, err := time.Parse(time.DateOnly, g.Earliest); err == nil {
		low = fmt.Sprintf("DATE(%d,%d,%d)", t.Year(), t.Month(), t.Day())
	}
	if from := g.column(c.From); c.From != "" && from > 0 {
		low = fmt.Sprintf("MAX(%s,%s)", low, scan.Ref(from, g.lay.FirstRow))
	}
	high, message := "DATE(2199,12,31)", "error.date"
	if t, err := time.Parse(time.DateOnly, g.Latest); err == nil {
		high = fmt.Sprintf("DATE(%d,%d,%d)", t.Year(), t.Month(), t.Day())
	}
	if c.Past {
		high, message = "TODAY()", "error.past"
	}
	err := v.SetRange(low, high, excelize.DataValidationTypeDate, excelize.DataValidationOperatorBetween)
	return v, g.lay.Text(message, g.Language), err
}
