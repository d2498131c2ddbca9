package output

import (
	"fmt"

	"iltizam/pipeline/table"
)

// Dictionary makes the table that explains every column of the given tables.
func Dictionary(schema table.Schema, tables []*table.Table) (*table.Table, error) {
	var rows []table.Row
	seen := map[string]bool{}
	for _, t := range tables {
		if seen[t.Name] {
			continue
		}
		seen[t.Name] = true
		for i, f := range t.Fields {
			values := map[string]table.Value{
				"table_name": table.Str(t.Name), "column_order": table.Int(int64(i + 1)), "column_name": table.Str(f.Name),
				"column_type": table.Str(typeText(f)), "is_required": table.Bool(f.Required), "is_key": table.Bool(isKey(t, f.Name)),
				"code_list": table.StrOrNull(f.CodeList), "ogp_term": table.StrOrNull(f.OGPTerm),
				"ogp_source": table.StrOrNull(f.OGPSource), "ogp_basis": table.StrOrNull(f.OGPBasis),
			}
			for _, lang := range []string{"ar", "fr", "en"} {
				values["title_"+lang] = table.StrOrNull(f.Title[lang])
				values["description_"+lang] = table.StrOrNull(f.Description[lang])
			}
			row := make(table.Row, len(schema.Fields))
			for name, v := range values {
				at := schema.Index(name)
				if at < 0 {
					return nil, fmt.Errorf("build table %s: the descriptor lacks column %s", schema.Name, name)
				}
				row[at] = v
			}
			rows = append(rows, row)
		}
	}
	return table.Of(schema, rows), nil
}

func typeText(f table.Field) string {
	if f.Type == table.Decimal {
		return fmt.Sprintf("decimal(%d,%d)", f.Precision, f.Scale)
	}
	return f.Type.String()
}

func isKey(t *table.Table, name string) bool {
	for _, k := range t.Key {
		if k == name {
			return true
		}
	}
	return false
}
