package workbook

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook/scan"
)

// makeLists fills the hidden sheet of lists: for each its codes, its labels in
// the edition's language, a defined name for the labels.
func (b *builder) makeLists() error {
	sheet := ""
	for _, s := range b.lay.Sheets {
		if s.Kind == KindLists {
			sheet = b.sheetName(s)
		}
	}
	lists := map[string][]Choice{}
	for _, s := range b.lay.Sheets {
		for _, c := range s.Columns {
			if c.List != "" {
				lists[c.List] = b.Lists[c.List]
			}
		}
	}
	lists[listCommitments] = nil
	for _, c := range b.commitments {
		lists[listCommitments] = append(lists[listCommitments], Choice{Code: c.ID})
	}
	// Whoever supports a commitment may report on its milestones too.
	for i := range b.Plan.Commitments {
		c := &b.Plan.Commitments[i]
		if b.Plan.Supports(c, b.Institution, b.period.LastDay()) && !slices.Contains(b.commitments, c) {
			lists[listCommitments] = append(lists[listCommitments], Choice{Code: c.ID})
		}
	}
	for i, name := range slices.Sorted(maps.Keys(lists)) {
		items := lists[name]
		if len(items) == 0 {
			return fmt.Errorf("list %q is empty", name)
		}
		col := 2*i + 1
		if err := b.f.SetCellStr(sheet, scan.Ref(col, 1), name); err != nil {
			return err
		}
		for j, item := range items {
			label := b.lay.pick(item.Label, b.Language)
			if label == "" {
				label = item.Code
			}
			if err := b.f.SetCellStr(sheet, scan.Ref(col, j+2), item.Code); err != nil {
				return err
			}
			if err := b.f.SetCellStr(sheet, scan.Ref(col+1, j+2), label); err != nil {
				return err
			}
		}
		defined := "list_" + name
		if err := b.f.SetDefinedName(&excelize.DefinedName{Name: defined,
			RefersTo: quoteSheet(sheet) + "!" + absolute(col+1, 2) + ":" + absolute(col+1, len(items)+1)}); err != nil {
			return err
		}
		b.lists[name] = defined
	}
	return nil
}

func absolute(col, row int) string {
	name, digits := scan.Ref(col, 0), scan.Ref(0, row)
	return "$" + name + "$" + digits
}

// dataSheet fills one sheet of data.
func (b *builder) dataSheet(s SheetLayout) error {
	g := grid{builder: b, layout: s, name: b.sheetName(s), columns: s.Expand(b.Plan.TemplateLanguages)}
	g.prefill()
	rows := len(g.values)
	if s.Rows > 0 {
		rows = max(s.Rows, rows+spareRows)
	}
	g.last = b.lay.FirstRow + rows - 1
	for _, step := range []func() error{g.head, g.body, g.validations, g.answerForAll, g.waiting, g.freeze} {
		if err := step(); err != nil {
			return fmt.Errorf("sheet %s: %w", s.Key, err)
		}
	}
	titles := fmt.Sprintf("%[1]s!$%[2]d:$%[3]d", quoteSheet(g.name), b.lay.FirstRow-2, b.lay.FirstRow-1)
	if col, _, ok := splitCell(s.Freeze); ok && col > 1 {
		titles = fmt.Sprintf("%s!$A:$%s,%s", quoteSheet(g.name), scan.Ref(col-1, 0), titles)
	}
	return b.page(g.name, "landscape", max(s.Wide, 1), 0, titles)
}

// spareRows are left free at least where the institution may add rows.
const spareRows = 10

// grid is one data sheet in the making.
type grid struct {
	*builder
	layout  SheetLayout
	name    string
	columns []Column
	values  []map[string]any // by column key, one for each row filled in beforehand
	own     []bool           // of each of them, whether the institution added it
	last    int              // last data row
}

func (g *grid) column(key string) int {
	return slices.IndexFunc(g.columns, func(c Column) bool { return c.Key == key }) + 1
}

// head writes the hidden keys, the title rows, the two header rows.
func (g *grid) head() error {
	first := g.lay.FirstRow
	key := styleKey{size: 8, ink: "soft_ink"}
	top := g.inLanguage(styleKey{fill: "header", ink: "ink", size: 10, bold: true, wrap: true, border: true,
		horizontal: "center", vertical: "center"}, g.Language)
	low := g.inLanguage(styleKey{fill: "header", ink: "soft_ink", size: 9, wrap: true, border: true,
		horizontal: "center", vertical: "center"}, g.second)
	for i, c := range g.columns {
		col := i + 1
		name := scan.Ref(col, 0)
		if err := g.f.SetColWidth(g.name, name, name, c.Width); err != nil {
			return err
		}
		if err := g.put(g.name, scan.Ref(col, g.lay.KeyRow), c.Key, key); err != nil {
			return err
		}
		if err := g.put(g.name, scan.Ref(col, first-2), g.label(c, g.Language), top); err != nil {
			return err
		}
		second := any(nil)
		if g.second != "" {
			second = g.label(c, g.second)
		}
		if err := g.put(g.name, scan.Ref(col, first-1), second, low); err != nil {
			return err
		}
	}
	if err := g.f.SetRowVisible(g.name, g.lay.KeyRow, false); err != nil {
		return err
	}
	if err := g.banner(); err != nil {
		return err
	}
	for row, height := range map[int]float64{first - 4: 28, first - 3: 24, first - 2: 44, first - 1: 36} {
		if err := g.f.SetRowHeight(g.name, row, height); err != nil {
			return err
		}
	}
	return nil
}

// banner writes the title, then who reports for which period and what the
// colours mean; where the file is no report, that comes first.
func (g *grid) banner() error {
	title, about := g.lay.FirstRow-4, g.lay.FirstRow-3
	k := g.inLanguage(styleKey{fill: "brand", ink: "on_brand", size: 14, bold: true, vertical: "center"}, g.Language)
	soft := k
	soft.fill, soft.size, soft.bold = "brand_soft", 10, false
	parts := []string{g.words(g.institution.NameOn(g.period.LastDay()), g.Language),
		g.text("period", g.Language, "period", g.words(g.period.Label, g.Language)), g.lay.Text("legend", g.Language)}
	if g.Origin != plan.OriginMinistry {
		soft.fill, soft.ink, soft.bold = "warning_soft", "warning", true
		parts = append([]string{g.lay.Text("origin."+g.Origin, g.Language)}, parts...)
	}
	for i := range g.columns {
		if err := g.put(g.name, scan.Ref(i+1, title), nil, k); err != nil {
			return err
		}
		if err := g.put(g.name, scan.Ref(i+1, about), nil, soft); err != nil {
			return err
		}
	}
	if err := g.put(g.name, scan.Ref(1, title), g.title(g.layout.Key+".title"), k); err != nil {
		return err
	}
	return g.put(g.name, scan.Ref(1, about), strings.Join(parts, "  |  "), soft)
}

func (g *grid) freeze() error {
	col, row, ok := splitCell(g.layout.Freeze)
	if !ok {
		return nil
	}
	return g.f.SetPanes(g.name, &excelize.Panes{Freeze: true, XSplit: col - 1, YSplit: row - 1,
		TopLeftCell: g.layout.Freeze, ActivePane: "bottomRight",
		Selection: []excelize.Selection{{SQRef: g.layout.Freeze, ActiveCell: g.layout.Freeze, Pane: "bottomRight"}}})
}

func splitCell(ref string) (col, row int, ok bool) {
	col, row, err := excelize.CellNameToCoordinates(ref)
	return col, row, err == nil
}
