package workbooktest

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"iltizam/schemas"
)

// The names of the parts of a Form.
const (
	Types      = "[Content_Types].xml"
	Root       = "_rels/.rels"
	Book       = "xl/workbook.xml"
	Links      = "xl/_rels/workbook.xml.rels"
	Styles     = "xl/styles.xml"
	Strings    = "xl/sharedStrings.xml"
	Progress   = "xl/worksheets/sheet1.xml"
	Milestones = "xl/worksheets/sheet2.xml"
	Meta       = "xl/worksheets/sheet3.xml"
)

const (
	head    = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainNS  = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relNS   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	linkNS  = "http://schemas.openxmlformats.org/package/2006/relationships"
	typesNS = "http://schemas.openxmlformats.org/package/2006/content-types"
	mcNS    = "http://schemas.openxmlformats.org/markup-compatibility/2006"
)

// Form is a workbook of the tracking form, in French, that an institution filled
// in: as small as it can be, with each cell of its sheets open to change.
//
// The sheet of progress has the columns A commitment_id, B title, C
// progress_pct, D status, E reference_date, F narrative_fr, G difficulties,
// H evidence_url. Rows 6 to 8 report on xx-plan-c01 to xx-plan-c03.
type Form struct {
	Cells      map[string]string // of the progress sheet: attributes and content of <c> by reference
	Rows       map[int]string    // attributes of rows
	Before     string            // what stands before the progress sheet's data
	After      string            // what stands after it
	Milestones map[string]string // cells of the sheet of milestones
	Meta       [][2]string
	Formats    []string // number formats of the cell formats 4, 5, …
	Props      string   // of the workbook, such as <workbookPr/>
	Names      [3]string
	States     [3]string // attributes of the <sheet> elements

	strings []string
}

// Columns are the keys of the progress sheet's columns.
func Columns() []string {
	return []string{"commitment_id", "title", "progress_pct", "status", "reference_date", "narrative_fr", "difficulties", "evidence_url"}
}

func labels() []string {
	return []string{"Identifiant de l’engagement", "Engagement", "Taux d’avancement", "Statut", "Date de référence",
		"Réalisations (français)", "Difficultés", "Adresse de la preuve"}
}

// NewForm gives the plain form, against which nothing can be said.
func NewForm() *Form {
	f := &Form{Cells: map[string]string{}, Rows: map[int]string{1: ` hidden="1"`}, Milestones: map[string]string{},
		Props: `<workbookPr/>`, Names: [3]string{"Avancement", "Jalons", "_meta"}, States: [3]string{"", "", ` state="veryHidden"`},
		Meta: [][2]string{{"template", "iltizam-progress"}, {"template_version", version()}, {"plan", "xx-plan"},
			{"institution", "water"}, {"period", "2022-h2"}, {"origin", "ministry"}, {"language", "fr"}}}
	for i, key := range Columns() {
		col := string(rune('A' + i))
		f.Cells[col+"1"] = f.Shared(key)
		f.Cells[col+"4"] = f.Shared(labels()[i])
	}
	for i, key := range []string{"milestone_id", "commitment_id"} {
		f.Milestones[string(rune('A'+i))+"1"] = f.Shared(key)
	}
	f.Fill(6, "xx-plan-c01", "65", "En cours")
	f.Fill(7, "xx-plan-c02", "40.5", "En cours")
	f.Fill(8, "xx-plan-c03", "100", "Réalisés")
	return f
}

// version is that of the form as it is handed out now.
func version() string {
	b, err := fs.ReadFile(schemas.FS, "layouts/workbook.json")
	var layout struct {
		Version string `json:"template_version"`
	}
	if err == nil {
		err = json.Unmarshal(b, &layout)
	}
	if err != nil || layout.Version == "" {
		panic(fmt.Sprintf("no template version in the layout: %v", err)) // the layout is compiled in
	}
	return layout.Version
}

// Fill writes a whole row.
func (f *Form) Fill(row int, id, percent, status string) {
	n := strconv.Itoa(row)
	f.Cells["A"+n], f.Cells["C"+n], f.Cells["D"+n] = f.Shared(id), Num(percent), f.Shared(status)
	f.Cells["E"+n], f.Cells["F"+n] = ` s="2"`+Num("44926"), f.Shared("Récit "+n)
	f.Cells["H"+n] = f.Shared("https://example.org/" + n)
}

// Shared makes the content of a cell with a shared string; the text is XML.
func (f *Form) Shared(text string) string { return f.SharedXML(`<t>` + text + `</t>`) }

// SharedXML makes the content of a cell with a shared string, given what its
// <si> holds.
func (f *Form) SharedXML(si string) string {
	i := slices.Index(f.strings, si)
	if i < 0 {
		i = len(f.strings)
		f.strings = append(f.strings, si)
	}
	return ` t="s"><v>` + strconv.Itoa(i) + `</v>`
}

// Num is the content of a cell with a number.
func Num(s string) string { return `><v>` + s + `</v>` }

// Inline is the content of a cell with a text of its own.
func Inline(s string) string { return ` t="inlineStr"><is><t>` + s + `</t></is>` }

// Formatted is the content of a cell with a number in a new format.
func (f *Form) Formatted(code, n string) string {
	f.Formats = append(f.Formats, code)
	return ` s="` + strconv.Itoa(3+len(f.Formats)) + `"` + Num(n)
}

// Parts writes the form.
func (f *Form) Parts() Parts {
	meta := map[string]string{}
	for i, kv := range f.Meta {
		meta[fmt.Sprintf("A%d", i+1)], meta[fmt.Sprintf("B%d", i+1)] = Inline(kv[0]), Inline(kv[1])
	}
	var sheets, links, sst strings.Builder
	for i, name := range f.Names {
		fmt.Fprintf(&sheets, `<sheet name="%s" sheetId="%d"%s r:id="rId%[2]d"/>`, name, i+1, f.States[i])
		fmt.Fprintf(&links, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%[1]d.xml"/>`, i+1, relNS)
	}
	fmt.Fprintf(&links, `<Relationship Id="rId8" Type="%s/styles" Target="styles.xml"/>`, relNS)
	fmt.Fprintf(&links, `<Relationship Id="rId9" Type="%s/sharedStrings" Target="sharedStrings.xml"/>`, relNS)
	for _, si := range f.strings {
		sst.WriteString(`<si>` + si + `</si>`)
	}
	codes, xfs := "", ""
	for i, code := range f.Formats {
		codes += fmt.Sprintf(`<numFmt numFmtId="%d" formatCode="%s"/>`, 200+i, escape(code))
		xfs += fmt.Sprintf(`<xf numFmtId="%d"/>`, 200+i)
	}
	return Parts{
		Types: head + `<Types xmlns="` + typesNS + `"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="` + workbookType + `"/></Types>`,
		Root:  head + `<Relationships xmlns="` + linkNS + `"><Relationship Id="rId1" Type="` + relNS + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		Book:  head + `<workbook xmlns="` + mainNS + `" xmlns:r="` + relNS + `">` + f.Props + `<sheets>` + sheets.String() + `</sheets></workbook>`,
		Links: head + `<Relationships xmlns="` + linkNS + `">` + links.String() + `</Relationships>`,
		Styles: head + `<styleSheet xmlns="` + mainNS + `"><numFmts>` + codes + `<numFmt numFmtId="164" formatCode="0.0&quot; %&quot;"/></numFmts>` +
			`<cellXfs><xf numFmtId="0"/><xf numFmtId="9"/><xf numFmtId="14"/><xf numFmtId="164"/>` + xfs + `</cellXfs></styleSheet>`,
		Strings:    head + `<sst xmlns="` + mainNS + `" count="99" uniqueCount="` + strconv.Itoa(len(f.strings)) + `">` + sst.String() + `</sst>`,
		Progress:   sheet(f.Before, f.Cells, f.Rows, f.After),
		Milestones: sheet("", f.Milestones, nil, ""),
		Meta:       sheet("", meta, nil, ""),
	}
}

const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;").Replace(s)
}

// sheet writes a worksheet from its cells.
func sheet(before string, cells map[string]string, attrs map[int]string, after string) string {
	type place struct{ row, col int }
	at := map[place]string{}
	rows := map[int]bool{}
	for n := range attrs {
		rows[n] = true
	}
	for ref, content := range cells {
		p := place{}
		for i := 0; i < len(ref); i++ {
			if c := ref[i]; c >= 'A' {
				p.col = p.col*26 + int(c-'A') + 1
			} else {
				p.row = p.row*10 + int(c-'0')
			}
		}
		at[p] = `<c r="` + ref + `"` + content + `</c>`
		rows[p.row] = true
	}
	order := slices.SortedFunc(maps.Keys(at), func(a, b place) int { return (a.row-b.row)*20000 + a.col - b.col })
	var b strings.Builder
	b.WriteString(head + `<worksheet xmlns="` + mainNS + `" xmlns:r="` + relNS + `">` + before + `<sheetData>`)
	for _, n := range slices.Sorted(maps.Keys(rows)) {
		fmt.Fprintf(&b, `<row r="%d"%s>`, n, attrs[n])
		for len(order) > 0 && order[0].row == n {
			b.WriteString(at[order[0]])
			order = order[1:]
		}
		b.WriteString(`</row>`)
	}
	return b.String() + `</sheetData>` + after + `</worksheet>`
}
