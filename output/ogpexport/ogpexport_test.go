package ogpexport_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"iltizam/output/ogpexport"
	"iltizam/pipeline/table"
)

// plans, steps, proofs make a small core: three steps of one plan, the last
// without a percentage, with proofs for the first.
func core() []*table.Table {
	label := table.Labels{"ar": "ع", "fr": "f", "en": "e"}
	col := func(name string, typ table.Type, required bool) table.Field {
		f := table.Field{Name: name, Type: typ, Required: required, Title: label, Description: label, References: "x.y"}
		if typ == table.Decimal {
			f.Precision, f.Scale = 5, 2
		}
		return f
	}
	s := table.Str
	return []*table.Table{
		table.Of(table.Schema{Name: "names", Key: []string{"code", "seq"}, Fields: []table.Field{
			col("code", table.String, true), col("seq", table.Integer, true), col("name", table.String, true),
		}}, []table.Row{
			{s("in"), table.Int(1), s("Interior")}, {s("in"), table.Int(2), s("Interior, renamed")}, {s("he"), table.Int(1), s("Health")},
		}),
		table.Of(table.Schema{Name: "steps", Key: []string{"id"}, Fields: []table.Field{
			col("id", table.String, true), col("lead", table.String, false), col("pct", table.Decimal, false), col("status", table.String, false),
		}}, []table.Row{
			{s("a"), s("in"), table.Dec(10000, 2), s("in_progress")},
			{s("b"), s("zz"), table.Dec(4999, 2), s("done")},
			{s("c"), table.Null(), table.Null(), table.Null()},
		}),
		table.Of(table.Schema{Name: "proofs", Key: []string{"n"}, Fields: []table.Field{
			col("n", table.Integer, true), col("step", table.String, false),
		}}, []table.Row{{table.Int(1), s("a")}, {table.Int(2), s("a")}, {table.Int(3), table.Null()}}),
	}
}

const words = `"title":{"ar":"ا","fr":"f","en":"e"},"description":{"ar":"ب","fr":"g","en":"h"}`

func mapping(tables ...string) []byte {
	return []byte(`{"tables":[` + strings.Join(tables, ",") + `]}`)
}

// show writes a table as lines of values, null as a dash.
func show(t *table.Table) []string {
	var lines []string
	for row := range t.Rows {
		var b strings.Builder
		for i, v := range row {
			if i > 0 {
				b.WriteString(" | ")
			}
			if v.IsNull() {
				b.WriteByte('-')
			}
			b.WriteString(v.String())
		}
		lines = append(lines, b.String())
	}
	return lines
}

const stepsMapping = `{"name":"out","rows":"steps",` + words + `,"key":["step_id"],
	"joins":[{"table":"names","on":{"code":"steps.lead"},"where":{"seq":"1"}}],
	"columns":[
		{"name":"step_id","from":"steps.id"},
		{"name":"lead_name","from":"names.name","references":"other.column"},
		{"name":"pct","from":"steps.pct"},
		{"name":"level","from":"steps.status","map":{"in_progress":null,"done":"Completed"}},
		{"name":"known","from":"steps.status","map":{"":"none","done":"declared"}},
		{"name":"derived","from":"steps.pct","bands":[{"at_most":0,"is":"None"},{"below":50,"is":"Some"},{"below":100,"is":"Most"},{"at_most":100,"is":"All"}],
			"ogp_term":"Completion","ogp_source":"a template","ogp_basis":"inferred","codelist":"levels"},
		{"name":"rule","const":"ours",` + words + `},
		{"name":"proofs","count":{"table":"proofs","on":{"step":"steps.id"}},` + words + `},
		{"name":"problem","null":true,"type":"decimal(5,2)",` + words + `}
	]}`

func TestRowsAreProjectedJoinedAndCounted(t *testing.T) {
	tables, err := ogpexport.Tables(mapping(stepsMapping), core())
	if err != nil {
		t.Fatal(err)
	}
	out := tables[0]
	want := []string{
		"a | Interior | 100 | - | - | All | ours | 2 | -",
		"b | - | 49.99 | Completed | declared | Some | ours | 0 | -",
		"c | - | - | - | none | - | ours | 0 | -",
	}
	for walk := range 2 {
		if got := show(out); !slices.Equal(got, want) {
			t.Errorf("walk %d gives\n%s\nnot\n%s", walk+1, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	if err := out.Check(); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]string{
		"step_id":   "string true  ",
		"lead_name": "string false other.column ",
		"pct":       "decimal(5,2) false  ",
		"derived":   "string false  Completion/a template/inferred levels",
		"rule":      "string true  ",
		"proofs":    "integer true  ",
		"problem":   "decimal(5,2) false  ",
	} {
		f := out.Fields[out.Index(name)]
		ogp := strings.Trim(f.OGPTerm+"/"+f.OGPSource+"/"+f.OGPBasis, "/")
		got := strings.TrimSuffix(fmt.Sprintf("%s %t %s %s %s", f.TypeName(), f.Required, f.References, ogp, f.CodeList), " ")
		if got != want {
			t.Errorf("column %s is %q, not %q", name, got, want)
		}
	}
}

func TestBandsHoldTheirBounds(t *testing.T) {
	c := core()
	steps := c[1]
	var rows []table.Row
	var want []string
	for i, p := range []struct {
		hundredths int64
		level      string
	}{{0, "None"}, {1, "Some"}, {100, "Some"}, {4999, "Some"}, {5000, "Most"}, {9999, "Most"}, {10000, "All"}, {10001, "-"}} {
		rows = append(rows, table.Row{table.Int(int64(i)), table.Null(), table.Dec(p.hundredths, 2), table.Null()})
		want = append(want, p.level)
	}
	c[1] = table.Of(steps.Schema, rows)
	c[1].Fields[0].Type = table.Integer
	tables, err := ogpexport.Tables(mapping(`{"name":"out","rows":"steps",`+words+`,"key":["id"],"columns":[{"name":"id","from":"steps.id"},
		{"name":"level","from":"steps.pct","bands":[{"at_most":0,"is":"None"},{"below":50,"is":"Some"},{"below":100,"is":"Most"},{"at_most":100,"is":"All"}]}]}`), c)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range show(tables[0]) {
		if _, level, _ := strings.Cut(line, " | "); level != want[i] {
			t.Errorf("%s is %s, not %s", rows[i][2], level, want[i])
		}
	}
}

func TestWalksAtOneTimeDoNotDisturbEachOther(t *testing.T) {
	tables, err := ogpexport.Tables(mapping(stepsMapping), core())
	if err != nil {
		t.Fatal(err)
	}
	want := show(tables[0])
	var walks sync.WaitGroup
	for range 8 {
		walks.Go(func() {
			for range 50 {
				if got := show(tables[0]); !slices.Equal(got, want) {
					t.Errorf("a walk gives %q", got)
					return
				}
			}
		})
	}
	walks.Wait()
	for range tables[0].Rows {
		break // a consumer may stop early
	}
}

func TestHeaderOnlyTableHasNoRows(t *testing.T) {
	tables, err := ogpexport.Tables(mapping(`{"name":"out",`+words+`,"key":["id"],"columns":[{"name":"id","null":true,"type":"string","required":true,`+words+`}]}`), core())
	if err != nil {
		t.Fatal(err)
	}
	if got := show(tables[0]); len(got) != 0 || !tables[0].Fields[0].Required {
		t.Errorf("rows %q, fields %+v", got, tables[0].Fields)
	}
}

func TestMistakesInTheMappingAreAllTold(t *testing.T) {
	id := `{"name":"id","from":"steps.id"}`
	tab := func(columns string) string {
		return `{"name":"out","rows":"steps",` + words + `,"key":["id"],"columns":[` + columns + `]}`
	}
	for name, c := range map[string]struct {
		mapping []byte
		want    []string
	}{
		"two lost columns":   {mapping(tab(id + `,{"name":"a","from":"steps.zz"},{"name":"b","from":"names.name"}`)), []string{"map table out", "column a", `no column "zz"`, "column b", `do not come from table "names"`}},
		"two lost tables":    {mapping(tab(id), strings.Replace(tab(id), "steps", "zz", 1), strings.Replace(tab(id), `"out"`, `"x"`, 1), tab(id)), []string{"no core table zz", "map table out: it comes twice"}},
		"unknown key":        {[]byte(`{"tables":[{"nom":"x"}]}`), []string{"nom"}},
		"two values":         {[]byte(`{} 1`), []string{"more than one"}},
		"no way":             {mapping(tab(id + `,{"name":"a",` + words + `}`)), []string{"column a", "just one of"}},
		"two ways":           {mapping(tab(id + `,{"name":"a","from":"steps.id","const":"x"}`)), []string{"just one of"}},
		"column twice":       {mapping(tab(id + `,` + id)), []string{"column id comes twice"}},
		"key is optional":    {mapping(tab(`{"name":"id","from":"steps.lead"}`)), []string{"key column id is not a required column"}},
		"key maps away":      {mapping(tab(`{"name":"id","from":"steps.id","map":{"a":"b"}}`)), []string{"key column id"}},
		"null without type":  {mapping(tab(id + `,{"name":"a","null":true,` + words + `}`)), []string{`type "" is not known`}},
		"null required":      {mapping(tab(id + `,{"name":"a","null":true,"type":"string","required":true,` + words + `}`)), []string{"null cannot be required"}},
		"type on a core one": {mapping(tab(id + `,{"name":"a","from":"steps.id","type":"string"}`)), []string{"only a null column"}},
		"words missing":      {mapping(tab(id + `,{"name":"a","const":"x","title":{"ar":"ا"}}`)), []string{"title lacks fr", "description lacks ar"}},
		"bands of text":      {mapping(tab(id + `,{"name":"a","from":"steps.lead","bands":[{"below":1,"is":"x"}]}`)), []string{"want a decimal or an integer"}},
		"band of two bounds": {mapping(tab(id + `,{"name":"a","from":"steps.pct","bands":[{"below":1,"at_most":1,"is":"x"}]}`)), []string{"one of at_most, below"}},
		"ogp without source": {mapping(tab(id + `,{"name":"a","from":"steps.pct","ogp_term":"T"}`)), []string{"OGP term"}},
		"join not unique":    {mapping(strings.Replace(tab(id), `"key"`, `"joins":[{"table":"names","on":{"code":"steps.lead"}}],"key"`, 1)), []string{"join names", "two rows match", "in"}},
		"join lost":          {mapping(strings.Replace(tab(id), `"key"`, `"joins":[{"table":"names","on":{"zz":"steps.yy"},"where":{"xx":"1"}}],"key"`, 1)), []string{`"zz"`, `"yy"`, `"xx"`}},
		"join on nothing":    {mapping(strings.Replace(tab(id), `"key"`, `"joins":[{"table":"names"}],"key"`, 1)), []string{"on no column"}},
		"count lost":         {mapping(tab(id + `,{"name":"a","count":{"table":"zz","on":{"a":"steps.id"}},` + words + `}`)), []string{"no core table zz"}},
	} {
		tables, err := ogpexport.Tables(c.mapping, core())
		if err == nil || tables != nil {
			t.Errorf("%s: no error, %d tables", name, len(tables))
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: the error does not say %q: %v", name, w, err)
			}
		}
	}
}
