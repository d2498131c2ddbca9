package workbooktest

import (
	"fmt"
	"strings"
)

// shapes are workbooks whose sheets, columns or rows are not as they were sent.
func shapes() []Case {
	const unknown = "template-unknown"
	// move writes the columns of the progress sheet in another order.
	move := func(f *Form, order string) {
		cells := map[string]string{}
		for ref, content := range f.Cells {
			i := strings.IndexByte(order, ref[0])
			cells[string(rune('A'+i))+ref[1:]] = content
		}
		f.Cells = cells
	}
	// push writes the rows of the progress sheet so many further down.
	push := func(f *Form, from, by int) {
		cells := map[string]string{}
		for ref, content := range f.Cells {
			row := 0
			fmt.Sscan(ref[1:], &row)
			if row >= from {
				row += by
			}
			cells[fmt.Sprintf("%c%d", ref[0], row)] = content
		}
		f.Cells, f.Rows = cells, nil
	}
	merged := func(refs ...string) func() []byte {
		return filled(func(f *Form) {
			f.After = `<mergeCells>`
			for _, ref := range refs {
				f.After += `<mergeCell ref="` + ref + `"/>`
			}
			f.After += `</mergeCells>`
		})
	}
	meta := func(key, value string) func() []byte {
		return filled(func(f *Form) {
			for i := range f.Meta {
				if f.Meta[i][0] == key {
					f.Meta[i][1] = value
				}
			}
		})
	}
	extra := func(name, xml string) func() []byte {
		return packed(func(p Parts) Parts {
			return p.With("xl/worksheets/sheet4.xml", xml).linked(20, "worksheet", "worksheets/sheet4.xml", "").
				Replace(Book, "</sheets>", `<sheet name="`+name+`" sheetId="20" r:id="rId20"/></sheets>`)
		})
	}
	return []Case{
		{ID: "plain", About: "the plain form, against which nothing can be said", Same: true, File: filled(func(f *Form) {})},
		{ID: "form-empty", About: "a form that nobody filled in", Rules: "submission-empty", File: filled(func(f *Form) {
			for ref := range f.Cells {
				if row := ref[1:]; row != "1" && row != "4" && ref[0] != 'A' {
					delete(f.Cells, ref)
				}
			}
		})},
		{ID: "columns-moved", About: "columns in another order", Same: true, File: filled(func(f *Form) { move(f, "ADCBEHGF") })},
		{ID: "column-gone", About: "the column of the status deleted", Rules: "column-missing", File: filled(func(f *Form) {
			for _, n := range []string{"1", "4", "6", "7", "8"} {
				delete(f.Cells, "D"+n)
			}
		})},
		{ID: "column-shifted", About: "cells inserted in the rows of one column: headings and values no longer stand together", Rules: "column-shifted column-shifted", File: filled(func(f *Form) {
			f.Cells["D4"], f.Cells["E4"] = f.Cells["E4"], f.Cells["D4"]
		})},
		{ID: "column-renamed", About: "a heading that was written anew above its key", Rules: "column-renamed", Same: true, File: shared("C4", "Pourcentage réalisé")},
		{ID: "column-key-gone", About: "the key of one column deleted, its heading there", Rules: "columns-by-label", Same: true, File: filled(func(f *Form) { delete(f.Cells, "C1") })},
		{ID: "column-twice", About: "two columns of one key", Rules: "column-duplicate", File: shared("I1", "status")},
		{ID: "column-extra", About: "a column of notes beside the table", Rules: "data-outside-table", Same: true, File: filled(func(f *Form) {
			f.Cells["I4"], f.Cells["I6"] = f.Shared("Remarques"), f.Shared("à vérifier")
		})},
		{ID: "column-extra-key", About: "a column with a key that no form has", Rules: "column-unknown", Same: true, File: filled(func(f *Form) {
			f.Cells["I1"], f.Cells["I4"], f.Cells["I6"] = f.Shared("my_notes"), f.Shared("Remarques"), f.Shared("à vérifier")
		})},
		{ID: "column-hidden", About: "a hidden column of values", Same: true, File: filled(func(f *Form) { f.Before = `<cols><col min="3" max="3" width="9" hidden="1"/></cols>` })},
		{ID: "keys-gone", About: "the hidden row of keys deleted, the rows below moved up", Rules: "columns-by-label", File: filled(func(f *Form) {
			for ref := range f.Cells {
				if ref[1:] == "1" {
					delete(f.Cells, ref)
				}
			}
			push(f, 2, -1)
		})},
		{ID: "keys-cleared", About: "the hidden row of keys emptied", Rules: "columns-by-label", Same: true, File: filled(func(f *Form) {
			for ref := range f.Cells {
				if ref[1:] == "1" {
					delete(f.Cells, ref)
				}
			}
		})},
		{ID: "keys-and-labels-gone", About: "neither keys nor headings", Rules: unknown, File: filled(func(f *Form) {
			for ref := range f.Cells {
				if ref[1:] == "1" || ref[1:] == "4" {
					delete(f.Cells, ref)
				}
			}
		})},
		{ID: "rows-pushed", About: "a row inserted above everything", Same: true, File: filled(func(f *Form) { push(f, 1, 1) })},
		{ID: "rows-blank-between", About: "an empty row between the rows of values", Same: true, File: filled(func(f *Form) { push(f, 7, 1) })},
		{ID: "row-above-first", About: "a row of values where the form has its second headings", Same: true, File: filled(func(f *Form) {
			for _, c := range "ABCDEFGH" {
				if v, ok := f.Cells[string(c)+"6"]; ok {
					f.Cells[string(c)+"5"] = v
					delete(f.Cells, string(c)+"6")
				}
			}
		})},
		{ID: "rows-hidden", About: "a hidden row of values", Rules: "rows-hidden", Same: true, File: filled(func(f *Form) { f.Rows[7] = ` hidden="1"` })},
		{ID: "rows-hidden-true", About: "a hidden row as other programs write it", Rules: "rows-hidden", Same: true, File: filled(func(f *Form) { f.Rows[7] = ` hidden="true" ht="0"` })},
		{ID: "filter-active", About: "a filter that hides a row of values", Rules: "filter-active rows-hidden", Same: true, File: filled(func(f *Form) {
			f.Rows[7] = ` hidden="1"`
			f.After = `<autoFilter ref="A5:H8"><filterColumn colId="3"><filters><filter val="Réalisés"/></filters></filterColumn></autoFilter>`
		})},
		{ID: "filter-idle", About: "the arrows of a filter that hides nothing", Same: true, File: filled(func(f *Form) { f.After = `<autoFilter ref="A5:H8"/>` })},
		{ID: "merge-values", About: "two cells of progress merged: one value for two commitments", Rules: "value-missing cells-merged", File: filled(func(f *Form) {
			delete(f.Cells, "C7")
			f.After = `<mergeCells count="1"><mergeCell ref="C6:C7"/></mergeCells>`
		})},
		{ID: "merge-values-behind", About: "merged cells with a value in the second, which no one sees", Rules: "value-behind-merge", File: merged("C6:C7")},
		{ID: "merge-across", About: "cells of one row merged", Rules: "cells-merged", Same: true, File: merged("F6:G6")},
		{ID: "merge-heading", About: "a merged heading", Same: true, File: merged("A2:H2", "A3:H3")},
		{ID: "merge-nonsense", About: "a merge that is none", Same: true, File: merged("A0:ZZZZ9", "", "B")},
		{ID: "rows-trailing", About: "formatted rows without a value below the table", Same: true, File: filled(func(f *Form) {
			for row := 9; row < 200; row++ {
				f.Cells[fmt.Sprintf("C%d", row)] = ` s="1">`
			}
		})},
		{ID: "total-row", About: "a row of totals below the table", Rules: "total-line", File: filled(func(f *Form) {
			f.Cells["B10"], f.Cells["C10"] = f.Shared("Total"), `><f>SUM(C6:C8)</f><v>205.5</v>`
		})},
		{ID: "values-far-right", About: "values to the right of the table", Rules: "data-outside-table", Same: true, File: cell("Z6", Num("7"))},
		{ID: "sheet-hidden", About: "the sheet of progress hidden", Same: true, File: filled(func(f *Form) { f.States[0] = ` state="hidden"` })},
		{ID: "sheet-very-hidden", About: "the sheet of progress hidden so that Excel does not offer to show it", Same: true, File: filled(func(f *Form) { f.States[0] = ` state="veryHidden"` })},
		{ID: "sheet-meta-shown", About: "the hidden sheet made visible", Same: true, File: filled(func(f *Form) { f.States[2] = "" })},
		{ID: "sheet-case", About: "the sheet's name in capitals", Same: true, File: filled(func(f *Form) { f.Names[0] = "AVANCEMENT" })},
		{ID: "sheet-blanks", About: "blanks around the sheet's name", Same: true, File: filled(func(f *Form) { f.Names[0] = " Avancement " })},
		{ID: "sheet-arabic", About: "the sheet's Arabic name", Same: true, File: filled(func(f *Form) { f.Names[0] = "التقدم" })},
		{ID: "sheet-renamed", About: "the sheet under a name of the sender's", Rules: "sheet-renamed", Same: true, File: filled(func(f *Form) { f.Names[0] = "Suivi 2022" })},
		{ID: "sheet-gone", About: "no sheet of progress", Rules: "sheet-missing", File: packed(func(p Parts) Parts {
			return p.Replace(Book, `<sheet name="Avancement" sheetId="1" r:id="rId1"/>`, "").Without(Progress).Replace(Links, link(1, "worksheet", "worksheets/sheet1.xml", ""), "")
		})},
		{ID: "sheet-milestones-gone", About: "no sheet of milestones", Rules: "sheet-absent", Same: true, File: packed(func(p Parts) Parts {
			return p.Replace(Book, `<sheet name="Jalons" sheetId="2" r:id="rId2"/>`, "").Without(Milestones).Replace(Links, link(2, "worksheet", "worksheets/sheet2.xml", ""), "")
		})},
		{ID: "sheet-meta-gone", About: "no hidden sheet", Rules: unknown, File: packed(func(p Parts) Parts {
			return p.Replace(Book, `<sheet name="_meta" sheetId="3" state="veryHidden" r:id="rId3"/>`, "").Without(Meta).Replace(Links, link(3, "worksheet", "worksheets/sheet3.xml", ""), "")
		})},
		{ID: "sheet-twice", About: "the sheet of progress in French and in Arabic", Rules: "sheet-duplicate", File: extra("التقدم", head+`<worksheet xmlns="`+mainNS+`"><sheetData/></worksheet>`)},
		{ID: "sheet-extra", About: "a sheet of the sender's own", Rules: "sheet-unknown", Same: true,
			File: extra("Brouillon", head+`<worksheet xmlns="`+mainNS+`"><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>`)},
		{ID: "sheet-extra-broken", About: "a sheet of the sender's own that is no XML", Rules: "sheet-unknown", Same: true, File: extra("Brouillon", "no xml")},
		{ID: "sheet-copy", About: "a copy of the sheet of progress, as Excel names it", Rules: "sheet-unknown", Same: true, File: packed(func(p Parts) Parts {
			return p.With("xl/worksheets/sheet4.xml", p[Progress]).linked(20, "worksheet", "worksheets/sheet4.xml", "").
				Replace(Book, "</sheets>", `<sheet name="Avancement (2)" sheetId="20" r:id="rId20"/></sheets>`)
		})},
		{ID: "sheet-chart", About: "a sheet that is a chart", Same: true, File: packed(func(p Parts) Parts {
			return p.With("xl/chartsheets/sheet1.xml", head+`<chartsheet xmlns="`+mainNS+`"/>`).linked(20, "chartsheet", "chartsheets/sheet1.xml", "").
				Replace(Book, "</sheets>", `<sheet name="Graphique" sheetId="20" r:id="rId20"/></sheets>`)
		})},
		{ID: "sheet-shared-part", About: "two sheets that are one part", Rules: "sheet-unknown", Same: true, File: replaced(Book, "</sheets>", `<sheet name="Autre" sheetId="20" r:id="rId1"/></sheets>`)},
		{ID: "meta-template", About: "the form of another programme", Rules: unknown, File: meta("template", "autre")},
		{ID: "meta-version-old", About: "the form's first version, which is still read", Rules: "template-version-old", Same: true, File: meta("template_version", "1.0.0")},
		{ID: "meta-version", About: "a form of an unknown version", Rules: "template-version-unknown", File: meta("template_version", "9.0.0")},
		{ID: "meta-version-number", About: "the version as the number 1", Rules: "template-version-unknown", File: packed(func(p Parts) Parts {
			return p.Replace(Meta, Inline(version()), Num("1"))
		})},
		{ID: "meta-plan", About: "the form of another plan", Rules: "plan-unknown", File: meta("plan", "yy-plan")},
		{ID: "meta-institution", About: "the form of another institution in this folder", Rules: "institution-folder-mismatch", File: meta("institution", "roads")},
		{ID: "meta-institution-unknown", About: "an institution that is not part of the plan", Rules: "institution-folder-mismatch institution-unknown", File: meta("institution", "forests")},
		{ID: "meta-period", About: "an unknown period", Rules: "period-unknown", File: meta("period", "2031-h1")},
		{ID: "meta-origin", About: "a transcription handed in as a ministry's report", Rules: "origin-mismatch", File: meta("origin", "transcription")},
		{ID: "meta-period-missing", About: "no period", Rules: "header-missing", File: meta("period", "")},
		{ID: "meta-twice", About: "two answers to one question in the hidden sheet", Rules: "column-duplicate", File: filled(func(f *Form) { f.Meta = append(f.Meta, [2]string{"plan", "yy-plan"}) })},
		{ID: "milestones-filled", About: "a milestone reported on", File: filled(func(f *Form) {
			for i, key := range []string{"milestone_id", "commitment_id", "completion_pct", "status"} {
				f.Milestones[string(rune('A'+i))+"1"] = f.Shared(key)
			}
			f.Milestones["A6"], f.Milestones["B6"], f.Milestones["C6"], f.Milestones["D6"] = f.Shared("xx-plan-c01-m01"), f.Shared("xx-plan-c01"), Num("50"), f.Shared("En cours")
		})},
	}
}
