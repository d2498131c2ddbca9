package outputtest

import (
	"fmt"
	"math"

	"pgregory.net/rapid"

	"iltizam/pipeline/table"
)

// Random draws a table of any schema with any cells that an exporter must carry.
// Its first column is required, so that a row is never blank.
func Random() *rapid.Generator[*table.Table] {
	return rapid.Custom(func(t *rapid.T) *table.Table {
		s := table.Schema{Name: "random", Fields: []table.Field{{Name: "first", Required: true}}}
		for i := range rapid.IntRange(0, 6).Draw(t, "more columns") {
			f := table.Field{
				Name:     fmt.Sprintf("column_%d", i),
				Type:     table.Type(rapid.IntRange(int(table.String), int(table.DateTime)).Draw(t, "type")),
				Required: rapid.Bool().Draw(t, "required"),
			}
			if f.Type == table.Decimal {
				f.Precision = rapid.IntRange(1, 18).Draw(t, "precision")
				f.Scale = rapid.IntRange(0, f.Precision).Draw(t, "scale")
			}
			if f.Type == table.String && rapid.Bool().Draw(t, "coded") {
				f.CodeList = "codes"
			}
			s.Fields = append(s.Fields, f)
		}
		rows := make([]table.Row, rapid.IntRange(0, 8).Draw(t, "rows"))
		for i := range rows {
			rows[i] = make(table.Row, len(s.Fields))
			for j, f := range s.Fields {
				if f.Required || rapid.Bool().Draw(t, "set") {
					rows[i][j] = randomValue(t, f)
				}
			}
		}
		return table.Of(s, rows)
	})
}

func randomValue(t *rapid.T, f table.Field) table.Value {
	switch f.Type {
	case table.Integer:
		return table.Int(rapid.Int64().Draw(t, "integer"))
	case table.Decimal:
		limit := int64(math.Pow10(f.Precision)) - 1
		return table.Dec(rapid.Int64Range(-limit, limit).Draw(t, "unscaled"), f.Scale)
	case table.Double:
		return table.Dbl(rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64).Draw(t, "double"))
	case table.Boolean:
		return table.Bool(rapid.Bool().Draw(t, "boolean"))
	case table.Date:
		return table.Day(rapid.Int64Range(-719162, 2932896).Draw(t, "days"))
	case table.DateTime:
		return table.Instant(rapid.Int64Range(-62135596800, 253402300799).Draw(t, "seconds"))
	default:
		return table.Str(rapid.OneOf(
			rapid.SampledFrom(nastyTexts()[:len(nastyTexts())-1]),
			rapid.StringOf(rapid.SampledFrom([]rune("a,\"\r\n \\=é\u200fم😀"))),
			rapid.StringOf(rapid.Rune().Filter(func(r rune) bool { return r != 0 })),
		).Draw(t, "text"))
	}
}
