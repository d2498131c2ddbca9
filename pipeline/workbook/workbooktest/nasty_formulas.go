package workbooktest

import (
	"fmt"
	"strings"
)

// formulas are cells that are computed, with or without what came of it.
func formulas() []Case {
	const told = "formula-value-read"
	return []Case{
		{ID: "formula-number", About: "a formula with its saved result", Rules: told, Same: true, File: cell("C6", `><f>60+5</f><v>65</v>`)},
		{ID: "formula-text", About: "a formula with a saved text", Rules: told, Same: true, File: cell("D6", ` t="str"><f>"En "&amp;"cours"</f><v>En cours</v>`)},
		{ID: "formula-number-text", About: "a formula whose saved text is a number", Rules: "formula-value-read", Same: true, File: cell("C6", ` t="str"><f>"65"</f><v>65</v>`)},
		{ID: "formula-date", About: "a formula with a saved date", Rules: told, Same: true, File: cell("E6", ` s="2"><f>DATE(2022,12,31)</f><v>44926</v>`)},
		{ID: "formula-boolean", About: "a formula with a saved truth value", Rules: "value-wrong-type", File: cell("C6", ` t="b"><f>1=1</f><v>1</v>`)},
		{ID: "formula-error", About: "a formula with a saved error", Rules: "cell-error-value", File: cell("C6", ` t="e"><f>1/0</f><v>#DIV/0!</v>`)},
		{ID: "formula-bare", About: "a formula without a saved result: others read a blank", Rules: "formula-without-value", File: cell("C6", `><f>60+5</f>`)},
		{ID: "formula-bare-empty", About: "a formula with an empty result that is no text", Rules: "formula-without-value", File: cell("C6", `><f>60+5</f><v></v>`)},
		{ID: "formula-empty-text", About: "a formula that gave an empty text", Rules: "value-missing", File: cell("C6", ` t="str"><f>""</f><v></v>`)},
		{ID: "formula-bare-text", About: "a formula in a free text without a saved result", Rules: "formula-without-value", File: cell("G6", `><f>A6</f>`)},
		{ID: "formula-today", About: "a formula of the day, with the day on which it was saved", Rules: told, Same: true, File: cell("E6", ` s="2"><f>TODAY()</f><v>44926</v>`)},
		{ID: "formula-shared", About: "a formula shared by two cells", Rules: told + " " + told, Same: true, File: filled(func(f *Form) {
			f.Cells["C6"] = `><f t="shared" ref="C6:C7" si="0">K6</f><v>65</v>`
			f.Cells["C7"] = `><f t="shared" si="0"/><v>40.5</v>`
		})},
		{ID: "formula-shared-bare", About: "a shared formula without a saved result in its second cell", Rules: "formula-without-value " + told, File: filled(func(f *Form) {
			f.Cells["C6"] = `><f t="shared" ref="C6:C7" si="0">K6</f><v>65</v>`
			f.Cells["C7"] = `><f t="shared" si="0"/>`
		})},
		{ID: "formula-array", About: "an array formula", Rules: told, Same: true, File: cell("C6", `><f t="array" ref="C6">SUM(60,5)</f><v>65</v>`)},
		{ID: "formula-table", About: "a data table's formula", Rules: told, Same: true, File: cell("C6", `><f t="dataTable" ref="C6" dt2D="0" r1="K1"/><v>65</v>`)},
		{ID: "formula-circular", About: "a formula of itself, with a result of 0", Rules: told, File: cell("C6", `><f>C6+1</f><v>0</v>`)},
		{ID: "formula-rept", About: "a formula that would fill the memory, were it computed", Rules: "formula-without-value", File: cell("G6", `><f>REPT(REPT("x",32767),32767)</f>`)},
		{ID: "formula-deep", About: "a formula of 8,000 nested parentheses", Rules: told, Same: true, File: cell("C6", `><f>`+strings.Repeat("(", 8000)+"65"+strings.Repeat(")", 8000)+`</f><v>65</v>`)},
		{ID: "formula-chain", About: "a chain of 20,000 formulas beside the table", Rules: "data-outside-table", Same: true, File: filled(func(f *Form) {
			for row := 9; row < 20009; row++ {
				f.Cells[fmt.Sprintf("J%d", row)] = fmt.Sprintf(`><f>J%d+1</f><v>%d</v>`, row-1, row)
			}
		})},
		{ID: "formula-link", About: "a formula of another workbook, with its saved result", Rules: told, Same: true, File: cell("C6", `><f>[1]Feuil1!A1</f><v>65</v>`)},
		{ID: "formula-id", About: "an id that is looked up", Rules: told, Same: true, File: cell("A6", ` t="str"><f>VLOOKUP(1,K:L,2)</f><v>xx-plan-c01</v>`)},
		{ID: "formula-twice", About: "a cell of two formulas", Rules: "workbook-damaged", File: cell("C6", `><f>1</f><f>2</f><v>65</v>`)},
	}
}
