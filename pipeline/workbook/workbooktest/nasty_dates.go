package workbooktest

import "strings"

func repeat(s string, n int) string { return strings.Repeat(s, n) }

// dates are ways in which the day of E6 is written.
func dates() []Case {
	const text = "date-read-from-text"
	in1904 := func(serial string) func() []byte {
		return filled(func(f *Form) {
			f.Props = `<workbookPr date1904="1"/>`
			for _, ref := range []string{"E7", "E8"} {
				f.Cells[ref] = ` s="2"` + Num("43464")
			}
			f.Cells["E6"] = ` s="2"` + Num(serial)
		})
	}
	serial := func(n string) func() []byte { return cell("E6", ` s="2"`+Num(n)) }
	return []Case{
		{ID: "date-1904", About: "a workbook of the calendar of 1904, as old Macs make them", Same: true, File: in1904("43464")},
		{ID: "date-1904-59", About: "day 59 of the calendar of 1904, 29 February 1904, where others say the 1st", Rules: "date-too-early", File: in1904("59")},
		{ID: "date-1904-60", About: "day 60 of the calendar of 1904, 1 March 1904", Rules: "date-too-early", File: in1904("60")},
		{ID: "date-0", About: "day 0, which shows 1900-01-00", Rules: "date-invalid", File: serial("0")},
		{ID: "date-minus-1", About: "day -1", Rules: "date-invalid", File: serial("-1")},
		{ID: "date-59", About: "day 59, 28 February 1900", Rules: "date-too-early", File: serial("59")},
		{ID: "date-60", About: "day 60, the 29 February 1900 that never was", Rules: "date-invalid", File: serial("60")},
		{ID: "date-61", About: "day 61, 1 March 1900", Rules: "date-too-early", File: serial("61")},
		{ID: "date-last", About: "day 2,958,465, 31 December 9999", Rules: "date-after-as-of", File: serial("2958465")},
		{ID: "date-beyond", About: "day 2,958,466, which no calendar has", Rules: "date-invalid", File: serial("2958466")},
		{ID: "date-time", About: "a day with a time of noon", Rules: "date-time-dropped", Same: true, File: serial("44926.5")},
		{ID: "date-almost-midnight", About: "a day less a hundredth of a second: others read the next day", Rules: "date-time-dropped", Same: true, File: serial("44926.999999")},
		{ID: "date-format-french", About: "a day shown as 31 décembre 2022", Same: true, File: shown("E6", "[$-40C]d mmmm yyyy", "44926")},
		{ID: "date-format-hijri", About: "a day shown in the Hijri calendar", Same: true, File: shown("E6", "B2dd/mm/yyyy", "44926")},
		{ID: "date-format-other", About: "a day in a format of nothing but a locale", Rules: "date-read-from-number", Same: true, File: shown("E6", "[$-10C0000]", "44926")},
		{ID: "date-format-arabic", About: "a day in an Arabic format with text in quotes", Same: true, File: shown("E6", `[$-1801]dd" شهر "mm"، "yyyy`, "44926")},
		{ID: "date-format-general", About: "44926 in a plain cell", Rules: "date-read-from-number", Same: true, File: cell("E6", Num("44926"))},
		{ID: "date-year", About: "2022 in a plain cell", Rules: "date-invalid", File: cell("E6", Num("2022"))},
		{ID: "date-year-shown", About: "2022 in a cell that shows a date, 14 July 1905", Rules: "date-too-early", File: serial("2022")},
		{ID: "date-digits", About: "20221231 in a plain cell", Rules: "date-invalid", File: cell("E6", Num("20221231"))},
		{ID: "date-percent-cell", About: "44926 in a cell of format 0%", Rules: "date-invalid", File: cell("E6", ` s="1"`+Num("44926"))},
		{ID: "date-iso-type", About: "a cell of type d", Same: true, File: cell("E6", ` t="d"><v>2022-12-31</v>`)},
		{ID: "date-iso-type-time", About: "a cell of type d with a time", Rules: "date-time-dropped", Same: true, File: cell("E6", ` t="d"><v>2022-12-31T12:30:00Z</v>`)},
		{ID: "date-iso-type-clock", About: "a cell of type d with a time alone", Rules: "date-invalid", File: cell("E6", ` t="d"><v>T12:30:00</v>`)},
		{ID: "date-text-iso", About: `the text "2022-12-31"`, Same: true, File: shared("E6", "2022-12-31")},
		{ID: "date-text-slash", About: `the text "31/12/2022"`, Rules: text, Same: true, File: shared("E6", "31/12/2022")},
		{ID: "date-text-dash", About: `the text "31-12-2022"`, Rules: text, Same: true, File: shared("E6", "31-12-2022")},
		{ID: "date-text-point", About: `the text "31.12.2022"`, Rules: text, Same: true, File: shared("E6", "31.12.2022")},
		{ID: "date-text-year-first", About: `the text "2022/12/31"`, Rules: text, Same: true, File: shared("E6", "2022/12/31")},
		{ID: "date-text-midnight", About: `the text "2022-12-31 00:00:00"`, Rules: text, Same: true, File: shared("E6", "2022-12-31 00:00:00")},
		{ID: "date-text-instant", About: `the text "2022-12-31T00:00:00Z"`, Rules: "date-invalid", File: shared("E6", "2022-12-31T00:00:00Z")},
		{ID: "date-text-american", About: `the text "12/31/2022"`, Rules: "date-invalid", File: shared("E6", "12/31/2022")},
		{ID: "date-text-short-year", About: `the text "31/12/22"`, Rules: "date-invalid", File: shared("E6", "31/12/22")},
		{ID: "date-text-no-day", About: `the text "30/02/2022"`, Rules: "date-invalid", File: shared("E6", "30/02/2022")},
		{ID: "date-text-month", About: `the text "12/2022"`, Rules: "date-invalid", File: shared("E6", "12/2022")},
		{ID: "date-text-arabic", About: `the text "٣١/١٢/٢٠٢٢"`, Rules: text, Same: true, File: shared("E6", "٣١/١٢/٢٠٢٢")},
		{ID: "date-text-bidi", About: "the text 31/12/2022 between marks of direction", Rules: text, Same: true, File: shared("E6", "\u200f31\u200f/12\u200f/2022")},
		{ID: "date-text-french", About: `the text "31 décembre 2022"`, Rules: text, Same: true, File: shared("E6", "31 décembre 2022")},
		{ID: "date-text-french-first", About: `the text "1er août 2022"`, Rules: text, File: shared("E6", "1er août 2022")},
		{ID: "date-text-french-decomposed", About: "the text 31 décembre 2022, its accent apart from its letter", Rules: text, Same: true, File: shared("E6", "31 de\u0301cembre 2022")},
		{ID: "date-text-moroccan", About: `the text "31 دجنبر 2022", the month's Moroccan name`, Rules: text, Same: true, File: shared("E6", "31 دجنبر 2022")},
		{ID: "date-text-moroccan-july", About: `the text "٣١ يوليوز ٢٠٢٢"`, Rules: text, File: shared("E6", "٣١ يوليوز ٢٠٢٢")},
		{ID: "date-text-eastern", About: `the text "31 ديسمبر 2022", the month's name in Egypt`, Rules: text, Same: true, File: shared("E6", "31 ديسمبر 2022")},
		{ID: "date-text-levant", About: `the text "31 كانون الأول 2022", the month's name in Syria`, Rules: "date-read-from-text", File: shared("E6", "31 كانون الأول 2022")},
		{ID: "date-text-hijri", About: `the text "7 جمادى الثانية 1444"`, Rules: "date-hijri", File: shared("E6", "7 جمادى الثانية 1444")},
		{ID: "date-text-words", About: `the text "fin 2022"`, Rules: "date-invalid", File: shared("E6", "fin 2022")},
		{ID: "date-text-future", About: `the text "31/12/2032"`, Rules: "date-after-as-of date-read-from-text", File: shared("E6", "31/12/2032")},
		{ID: "date-boolean", About: "TRUE", Rules: "date-invalid", File: cell("E6", ` t="b"><v>1</v>`)},
	}
}
