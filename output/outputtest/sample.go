package outputtest

import (
	"fmt"
	"math"
	"strings"

	"iltizam/output"
	"iltizam/pipeline/table"
)

// About is a release as a file may speak of it, with text that is hard to quote.
func About() output.About {
	return output.About{
		Plan:         "xx-plan-2021",
		Title:        table.Labels{"ar": "خطة \"العمل\" \u200f(2021)", "fr": "Plan d’action «\u00a02021\u00a0»", "en": "Plan <2021> & \\more"},
		Release:      "0123456789abcdef0123456789abcdef",
		AsOf:         "2024-02-29",
		BaseURL:      "https://data.example/",
		LicenceID:    "ODbL-1.0",
		LicenceURL:   "https://opendatacommons.org/licenses/odbl/1-0/",
		LicenceTitle: "Open Database License 1.0",
		SourceURL:    "https://source.example/?a=1&b=2",
		Publisher:    table.Labels{"fr": "Ministère", "ar": "وزارة"},
		Citation:     table.Labels{"en": "Cite\nit", "fr": "Citer\tainsi", "ar": "للاستشهاد"},
		Version:      "1",
	}
}

// SampleSchema has a column of every type, required, optional, coded, always null.
func SampleSchema() table.Schema {
	labels := func(s string) table.Labels {
		return table.Labels{"en": s, "fr": s + " (fr)", "ar": "عمود " + s}
	}
	return table.Schema{
		Name:        "sample",
		Title:       labels("Sample"),
		Description: labels("Cells that break \"naive\" writers"),
		Key:         []string{"id", "part"},
		Fields: []table.Field{
			{Name: "id", Type: table.String, Required: true, Title: labels("Id"), Description: labels("Part of the key")},
			{Name: "part", Type: table.Integer, Required: true},
			{Name: "text", Type: table.String, Title: labels("Text"), OGPTerm: "Description", OGPSource: "template", OGPBasis: "sourced"},
			{Name: "code", Type: table.String, CodeList: "status"},
			{Name: "parent", Type: table.String, References: "sample.id"},
			{Name: "count", Type: table.Integer},
			{Name: "value", Type: table.Decimal, Precision: 18, Scale: 10},
			{Name: "whole", Type: table.Decimal, Precision: 5, Scale: 0, Required: true},
			{Name: "measure", Type: table.Double},
			{Name: "flag", Type: table.Boolean},
			{Name: "day", Type: table.Date},
			{Name: "moment", Type: table.DateTime},
			{Name: "nothing_text", Type: table.String},
			{Name: "nothing_number", Type: table.Decimal, Precision: 9, Scale: 2},
			{Name: "nothing_day", Type: table.Date},
		},
	}
}

// nastyTexts are texts that a writer or a reader may take for something else.
// There is no U+0000 among them: output.Rows refuses it.
func nastyTexts() []string {
	return []string{
		"", " ", " a ", `"`, `""`, `he said "no"`, "a,b", "a;b", "line\nbreak", "line\r\nbreak", "\r", "\n", "\t", "tab\there",
		"=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "'", `\`, `\"`, `\n`, "null", "NULL", "NaN", "true", "0012", "1e5",
		"التزام رقم ٥", "\u202bمضمن\u202c", "\u200fعلامة\u200e", "\u2066x\u2069", "كَـــلِمَة", "é", "e\u0301", "\ufeffbom", "\u2028\u2029",
		"😀👨‍👩‍👧🇲🇦", "\U0010ffff", "\ufffd", "\x01\x1f\x7f", "<script>&amp;</script>", "{\"a\":1}", "a\x1fb", "#", "# comment",
		strings.Repeat("طويل ", 1<<20/9), // 1 MiB
	}
}

// Sample is a table of cells that break naive writers.
func Sample() *table.Table {
	decimals := []table.Value{
		table.Dec(0, 0), table.Dec(0, 10), table.Dec(1, 10), table.Dec(-1, 10), table.Dec(828181818181, 10), table.Dec(-828181818181, 10),
		table.Dec(999999999999999999, 10), table.Dec(-999999999999999999, 10), table.Dec(100, 0), table.Dec(-50, 2), table.Dec(10, 10), table.Null(),
	}
	integers := []table.Value{
		table.Int(0), table.Int(1<<53 + 1), table.Int(-(1<<53 + 1)), table.Int(math.MaxInt64), table.Int(math.MinInt64), table.Null(),
	}
	doubles := []table.Value{
		table.Dbl(0), table.Dbl(0.1), table.Dbl(-1.5), table.Dbl(1e300), table.Dbl(5e-324), table.Dbl(math.MaxFloat64), table.Dbl(1e21),
		table.Dbl(math.Copysign(0, -1)), table.Dbl(100), table.Null(),
	}
	days := []table.Value{
		table.ISODate("1899-12-30"), table.ISODate("9999-12-31"), table.ISODate("1970-01-01"), table.ISODate("2024-02-29"), table.ISODate("0001-01-01"), table.Null(),
	}
	moments := []table.Value{
		table.ISOInstant("2024-02-29T23:59:59Z"), table.ISOInstant("1969-12-31T23:59:59Z"), table.ISOInstant("9999-12-31T23:59:59Z"), table.ISOInstant("0001-01-01T00:00:00Z"), table.Null(),
	}
	codes := []table.Value{table.Str("not_started"), table.Str("completed"), table.Null(), table.Str("")}
	flags := []table.Value{table.Bool(true), table.Null(), table.Bool(false)}
	var rows []table.Row
	for i, text := range nastyTexts() {
		parent := table.Str("row-0")
		if i%3 == 0 {
			parent = table.Null()
		}
		rows = append(rows, table.Row{
			table.Str(fmt.Sprintf("row-%d", i)), table.Int(int64(i)), table.Str(text), codes[i%len(codes)], parent, integers[i%len(integers)],
			decimals[i%len(decimals)], table.Dec(int64(i*7919%99999), 0), doubles[i%len(doubles)], flags[i%len(flags)], days[i%len(days)],
			moments[i%len(moments)], table.Null(), table.Null(), table.Null(),
		})
	}
	last := make(table.Row, len(SampleSchema().Fields)) // all null but what is required
	last[0], last[1], last[7] = table.Str("z"), table.Int(-1), table.Dec(-3, 0)
	return table.Of(SampleSchema(), append(rows, last))
}

// Small is a table of a few short rows.
func Small() *table.Table {
	all := Sample()
	var rows []table.Row
	for row := range all.Rows {
		if len(rows) < 5 {
			rows = append(rows, row)
		}
	}
	return table.Of(all.Schema, rows)
}

// Large is a table like those that are published: n rows of 12 columns, Arabic
// text, codes, dates, decimals. Its rows are made as they are walked.
func Large(n int) *table.Table {
	s := table.Schema{Name: "large", Key: []string{"commitment", "period"}, Fields: []table.Field{
		{Name: "commitment", Type: table.String, Required: true, References: "commitments.id"},
		{Name: "period", Type: table.String, Required: true, References: "periods.id"},
		{Name: "institution", Type: table.String, References: "institutions.id"},
		{Name: "status", Type: table.String, CodeList: "status"},
		{Name: "narrative_ar", Type: table.String},
		{Name: "narrative_fr", Type: table.String},
		{Name: "progress_pct", Type: table.Decimal, Precision: 5, Scale: 2},
		{Name: "mean", Type: table.Decimal, Precision: 18, Scale: 10},
		{Name: "reference_date", Type: table.Date},
		{Name: "received_at", Type: table.DateTime, Required: true},
		{Name: "row", Type: table.Integer, Required: true},
		{Name: "nothing_to_report", Type: table.Boolean},
	}}
	status := []table.Value{table.Str("not_started"), table.Str("in_progress"), table.Str("completed"), table.Null()}
	return &table.Table{Schema: s, Rows: func(yield func(table.Row) bool) {
		row := make(table.Row, len(s.Fields))
		for i := range int64(n) {
			row[0] = table.Str(fmt.Sprintf("xx-plan-2021-c%05d", i/20))
			row[1] = table.Str(fmt.Sprintf("period-%02d", i%20))
			row[2] = table.Str(fmt.Sprintf("institution-%02d", i/20%37))
			row[3] = status[i%4]
			row[4] = table.Str(fmt.Sprintf("تم إنجاز %d من الأنشطة المبرمجة، «وثيقة رقم %d»", i%100, i))
			row[5] = table.Str(fmt.Sprintf("%d activités réalisées, document n° %d", i%100, i))
			row[6] = table.Dec(i*37%10001, 2)
			row[7] = table.Dec(i*7919_000_001%1_000_000_000_000, 10)
			row[8] = table.Day(18628 + i%1000)
			row[9] = table.Instant(1700000000 + i*61)
			row[10] = table.Int(i)
			row[11] = table.Bool(i%3 == 0)
			if !yield(row) {
				return
			}
		}
	}}
}
