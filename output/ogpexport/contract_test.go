package ogpexport_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"iltizam/output/ogpexport"
	"iltizam/pipeline/table"
)

const contract = "../../schemas"

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(contract, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// realCore makes the core tables of the contract's descriptors, empty but for
// the rows given as column values.
func realCore(t *testing.T, rows map[string][]map[string]table.Value) []*table.Table {
	t.Helper()
	fields, err := table.ParseFields(read(t, "fields.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(contract, "tables", "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("descriptors: %v, %v", names, err)
	}
	var out []*table.Table
	for _, name := range names {
		s, err := table.ParseSchema(fields, read(t, filepath.Join("tables", filepath.Base(name))))
		if err != nil {
			t.Fatal(err)
		}
		var filled []table.Row
		for _, values := range rows[s.Name] {
			row := make(table.Row, len(s.Fields))
			for column, v := range values {
				row[s.Index(column)] = v
			}
			filled = append(filled, row)
		}
		out = append(out, table.Of(s, filled))
	}
	return out
}

func project(t *testing.T, rows map[string][]map[string]table.Value) map[string]*table.Table {
	t.Helper()
	tables, err := ogpexport.Tables(read(t, "ogp/tables.json"), realCore(t, rows))
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*table.Table{}
	for _, tab := range tables {
		byName[tab.Name] = tab
	}
	return byName
}

func TestEveryColumnOfTheMappingResolves(t *testing.T) {
	tables := project(t, nil)
	for _, name := range strings.Fields(`ogp_action_plan ogp_commitments ogp_milestones ogp_progress ogp_evidence
		ogp_summary ogp_self_assessment ogp_irm_assessment ogp_institutions ogp_changes`) {
		if tables[name] == nil {
			t.Errorf("the mapping has no table %s", name)
		}
	}
	for name, tab := range tables {
		if !strings.Contains(tab.Title["en"], "OGP-aligned") {
			t.Errorf("table %s does not say OGP-aligned: %q", name, tab.Title["en"])
		}
		for _, f := range tab.Fields {
			where := name + "." + f.Name
			for _, l := range []table.Labels{f.Title, f.Description} {
				if l["ar"] == l["fr"] || l["fr"] == l["en"] || strings.ContainsAny(l["fr"], `'"`) ||
					!strings.ContainsFunc(l["ar"], func(r rune) bool { return unicode.Is(unicode.Arabic, r) }) {
					t.Errorf("%s: words %q", where, l)
				}
			}
			if f.CodeList != "" {
				read(t, "codelists/"+f.CodeList+".json")
			}
			if f.References == "" {
				continue
			}
			other, column, _ := strings.Cut(f.References, ".")
			target := tables[other]
			if target == nil || target.Index(column) < 0 || target.Fields[target.Index(column)].Type != f.Type {
				t.Errorf("%s points to %s, which is not there", where, f.References)
			}
		}
	}
	if n := len(show(tables["ogp_irm_assessment"])); n != 0 {
		t.Errorf("the IRM's assessment has %d rows that nobody copied", n)
	}
}

// TestMapsKnowTheCodesOfTheirLists finds a code that a map forgot, or a level
// that is not one of the list it is published under.
func TestMapsKnowTheCodesOfTheirLists(t *testing.T) {
	var doc struct {
		Tables []struct {
			Name    string
			Columns []struct {
				Name, From, CodeList string
				Map                  map[string]*string
				Bands                []struct{ Is string }
			}
		}
	}
	if err := json.Unmarshal(read(t, "ogp/tables.json"), &doc); err != nil {
		t.Fatal(err)
	}
	codes := func(list string) []string {
		l, err := table.ParseCodeList(read(t, "codelists/"+list+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, c := range l.Codes {
			out = append(out, c.Code)
		}
		return out
	}
	core, maps, bands := realCore(t, nil), 0, 0
	for _, tab := range doc.Tables {
		for _, c := range tab.Columns {
			name, column, _ := strings.Cut(c.From, ".")
			var levels []string
			if c.Map != nil {
				maps++
				source := core[slices.IndexFunc(core, func(t *table.Table) bool { return t.Name == name })]
				for _, code := range codes(source.Fields[source.Index(column)].CodeList) {
					if _, ok := c.Map[code]; !ok {
						t.Errorf("%s.%s does not know the code %s of %s", tab.Name, c.Name, code, c.From)
					}
				}
				for _, to := range c.Map {
					if to != nil {
						levels = append(levels, *to)
					}
				}
			}
			for _, b := range c.Bands {
				bands++
				levels = append(levels, b.Is)
			}
			for _, level := range levels {
				if c.CodeList != "" && !slices.Contains(codes(c.CodeList), level) {
					t.Errorf("%s.%s says %q, which list %s has not", tab.Name, c.Name, level, c.CodeList)
				}
			}
		}
	}
	if maps == 0 || bands == 0 {
		t.Errorf("the mapping has %d maps, %d bands", maps, bands)
	}
}

func TestDeclaredAndDerivedLevelsStayApart(t *testing.T) {
	s := table.Str
	progress := func(n string, pct, status table.Value) map[string]table.Value {
		return map[string]table.Value{"plan_id": s("p"), "commitment_id": s("p-c" + n), "reporting_period": s("2026-s1"),
			"value_state": s("reported"), "basis": s("sourced"), "progress_pct": pct, "status": status}
	}
	commitment := func(n int64, id string) map[string]table.Value {
		return map[string]table.Value{"plan_id": s("p"), "commitment_id": s(id), "commitment_number": table.Int(n), "ogp_commitment_id": s("MO0001")}
	}
	evidence := map[string]table.Value{"plan_id": s("p"), "evidence_id": s("e1"), "commitment_id": s("p-c01"), "reporting_period": s("2026-s1")}
	tables := project(t, map[string][]map[string]table.Value{
		"commitments": {commitment(1, "p-c01"), commitment(2, "p-c02")},
		"evidence":    {evidence},
		"progress": {
			progress("01", table.Dec(10000, 2), s("in_progress")),
			progress("02", table.Dec(0, 2), s("not_started")),
			progress("03", table.Dec(10000, 2), s("completed")),
			progress("04", table.Null(), table.Null()),
		},
	})
	out := tables["ogp_progress"]
	if err := out.Check(); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"p-c01|1|100|in_progress||none|Completed|1",
		"p-c02|2|0|not_started|Not Started|declared|Not Started|0",
		"p-c03||100|completed|Completed|declared|Completed|0",
		"p-c04|||||none||0",
	}
	var got []string
	for row := range out.Rows {
		var line []string
		for _, c := range strings.Fields("commitment_id commitment_number progress_pct status_portal completion_level completion_basis completion_level_derived evidence_count") {
			line = append(line, row[out.Index(c)].String())
		}
		if rule := row[out.Index("completion_rule")].Text(); !strings.Contains(rule, "not OGP’s") {
			t.Errorf("the rule does not say whose it is: %q", rule)
		}
		got = append(got, strings.Join(line, "|"))
	}
	if !slices.Equal(got, want) {
		t.Errorf("rows are\n%q\nnot\n%q", got, want)
	}
	if self := tables["ogp_self_assessment"]; len(show(self)) != 4 || self.Check() != nil {
		t.Errorf("the self-assessment has %d rows (%v)", len(show(self)), self.Check())
	}
}
