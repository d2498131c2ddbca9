package table_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"iltizam/pipeline/table"
)

// workbookColumns are the columns of the workbooks that ministries fill in.
var workbookColumns = strings.Fields(`commitment_id milestone_id progress_pct status reference_date
	narrative_ar narrative_fr narrative_en difficulties next_steps revision_reason nothing_to_report evidence_url
	title_ar title_fr title_en planned_start_date planned_end_date actual_start_date actual_end_date completion_pct`)

func contract() fs.FS { return os.DirFS("../../schemas") }

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := fs.ReadFile(contract(), name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func fields(t *testing.T) map[string]table.Field {
	t.Helper()
	f, err := table.ParseFields(read(t, "fields.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := fs.Glob(contract(), pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("glob %s: %v, %v", pattern, names, err)
	}
	return names
}

func descriptors(t *testing.T) map[string]table.Schema {
	t.Helper()
	known, all := fields(t), map[string]table.Schema{}
	for _, name := range files(t, "tables/*.json") {
		s, err := table.ParseSchema(known, read(t, name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if want := strings.TrimSuffix(path.Base(name), ".json"); s.Name != want {
			t.Errorf("%s describes table %q", name, s.Name)
		}
		all[s.Name] = s
	}
	return all
}

func codeLists(t *testing.T) map[string]table.CodeList {
	t.Helper()
	all := map[string]table.CodeList{}
	for _, name := range files(t, "codelists/*.json") {
		l, err := table.ParseCodeList(read(t, name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if want := strings.TrimSuffix(path.Base(name), ".json"); l.Name != want {
			t.Errorf("%s holds list %q", name, l.Name)
		}
		all[l.Name] = l
	}
	return all
}

func TestEveryDescriptorStandsOnKnownColumns(t *testing.T) {
	all := descriptors(t)
	for _, name := range strings.Fields("action_plan axes institutions reporting_periods commitments milestones progress evidence summary changes obligations data_quality texts codelist data_dictionary") {
		if _, ok := all[name]; !ok {
			t.Errorf("no descriptor for table %s", name)
		}
	}
	for _, s := range all {
		for _, f := range s.Fields {
			if f.References == "" {
				continue
			}
			other, column, _ := strings.Cut(f.References, ".")
			target, ok := all[other]
			at := target.Index(column)
			if !ok || at < 0 {
				t.Errorf("%s.%s points to %s, which is not there", s.Name, f.Name, f.References)
			} else if target.Fields[at].Type != f.Type {
				t.Errorf("%s.%s is a %s, %s a %s", s.Name, f.Name, f.Type, f.References, target.Fields[at].Type)
			}
		}
	}
}

func TestEveryCodeListIsThereAndFillsItsTable(t *testing.T) {
	lists := codeLists(t)
	for name, f := range fields(t) {
		if _, ok := lists[f.CodeList]; f.CodeList != "" && !ok {
			t.Errorf("field %s wants code list %s, which is not there", name, f.CodeList)
		}
	}
	schema := descriptors(t)["codelist"]
	for _, l := range lists {
		tab := l.Table(schema)
		if err := tab.Check(); err != nil {
			t.Error(err)
		}
		n, last := 0, ""
		for row := range tab.Rows {
			if code := row[schema.Index("code")].Text(); code <= last {
				t.Errorf("%s: %q comes after %q, not sorted by its key", tab.Name, code, last)
			} else {
				last = code
			}
			if row[schema.Index("source")].IsNull() {
				t.Errorf("%s: a row lacks its source", tab.Name)
			}
			n++
		}
		if n != len(l.Codes) || tab.Name != "codelist_"+l.Name {
			t.Errorf("list %s: table %s has %d rows for %d codes", l.Name, tab.Name, n, len(l.Codes))
		}
	}
}

func TestEnumsAreTheCodesOfTheirList(t *testing.T) {
	var doc struct {
		Defs map[string]struct {
			Enum []string `json:"enum"`
			List string   `json:"x-codelist"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(read(t, "fields.schema.json"), &doc); err != nil {
		t.Fatal(err)
	}
	lists, seen := codeLists(t), 0
	for name, d := range doc.Defs {
		if d.Enum == nil || d.List == "" {
			continue
		}
		seen++
		var codes []string
		for _, c := range lists[d.List].Codes {
			codes = append(codes, c.Code)
		}
		if !slices.Equal(d.Enum, codes) {
			t.Errorf("field %s allows %v, list %s has %v", name, d.Enum, d.List, codes)
		}
	}
	if seen == 0 {
		t.Error("no field has both an enum and a code list; status should")
	}
}

func TestNoFieldIsUnused(t *testing.T) {
	used := map[string]bool{}
	for _, c := range workbookColumns {
		used[c] = true
	}
	for _, name := range files(t, "tables/*.json") {
		var doc struct {
			Columns []struct{ Field string }
		}
		if err := json.Unmarshal(read(t, name), &doc); err != nil {
			t.Fatal(err)
		}
		for _, c := range doc.Columns {
			used[c.Field] = true
		}
	}
	known := fields(t)
	for name := range known {
		if !used[name] {
			t.Errorf("field %s is in no table or workbook", name)
		}
	}
	for _, name := range workbookColumns {
		if _, ok := known[name]; !ok {
			t.Errorf("workbook column %s has no field", name)
		}
	}
}

// TestWordsAreWrittenInTheirLanguage finds texts that are copied from another
// language or typed with another language's habits.
func TestWordsAreWrittenInTheirLanguage(t *testing.T) {
	texts := map[string]table.Labels{}
	for name, f := range fields(t) {
		texts["title of field "+name], texts["description of field "+name] = f.Title, f.Description
	}
	for name, s := range descriptors(t) {
		texts["title of table "+name], texts["description of table "+name] = s.Title, s.Description
	}
	for name, l := range codeLists(t) {
		texts["title of list "+name], texts["description of list "+name] = l.Title, l.Description
		for _, c := range l.Codes {
			texts["definition of "+name+" "+c.Code] = c.Definition
		}
	}
	for what, l := range texts {
		if l["ar"] == l["fr"] || l["fr"] == l["en"] || l["ar"] == l["en"] {
			t.Errorf("%s is the same in two languages: %q", what, l)
		}
		if !strings.ContainsFunc(l["ar"], func(r rune) bool { return unicode.Is(unicode.Arabic, r) }) {
			t.Errorf("%s: the Arabic %q has no Arabic letter", what, l["ar"])
		}
		for _, lang := range []string{"fr", "en"} {
			if strings.ContainsFunc(l[lang], func(r rune) bool { return unicode.Is(unicode.Arabic, r) }) {
				t.Errorf("%s: Arabic letters in %s: %q", what, lang, l[lang])
			}
		}
		for lang, text := range l {
			if bad := badTypography[lang].FindString(text); bad != "" {
				t.Errorf("%s: %q in the %s text %q", what, bad, lang, text)
			}
		}
	}
}

// badTypography is what a careful printer would not let pass: in French straight
// apostrophes or breaking spaces beside « » : ; ? !, in Arabic Latin commas after
// a letter or digits that Morocco does not use, everywhere doubled spaces.
var badTypography = map[string]*regexp.Regexp{
	"ar": regexp.MustCompile(`\p{Arabic}[,;?]|[٠-٩۰-۹]|  |^ | $`),
	"fr": regexp.MustCompile(`'|"| [:;?!»%]|« |\p{L}[;?!»]|  |^ | $`),
	"en": regexp.MustCompile(`'|"|  |^ | $`),
}

func TestParsersSayAllThatIsWrong(t *testing.T) {
	good := `"x-title":{"ar":"ا","fr":"f","en":"e"},"x-description":{"ar":"ب","fr":"g","en":"h"},"title":"e","description":"h"`
	known, err := table.ParseFields([]byte(`{"$defs":{"a":{"type":"string",` + good + `},
		"d":{"type":"number","x-type":"decimal(5,2)","x-ogp":{"term":"t","source":"s","basis":"sourced"},` + good + `},
		"w":{"type":"string","format":"date-time",` + good + `},"n":{"type":"number",` + good + `}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if d := known["d"]; d.Type != table.Decimal || d.Precision != 5 || d.Scale != 2 || d.OGPTerm != "t" || d.TypeName() != "decimal(5,2)" {
		t.Errorf("field d is read as %+v", d)
	}
	if w, n := known["w"], known["n"]; w.Type != table.DateTime || n.Type != table.Double {
		t.Errorf("types read as %s, %s", w.Type, n.Type)
	}
	onlyErr := func(_ any, err error) error { return err }
	parseFields := func(s string) error { return onlyErr(table.ParseFields([]byte(s))) }
	parseTable := func(s string) error { return onlyErr(table.ParseSchema(known, []byte(s))) }
	parseList := func(s string) error { return onlyErr(table.ParseCodeList([]byte(s))) }
	words := `"title":{"ar":"ا","fr":"f","en":"e"},"description":{"ar":"ا","fr":"f","en":"e"}`
	for name, c := range map[string]struct {
		err  error
		want []string
	}{
		"two bad fields":      {parseFields(`{"$defs":{"a":{"type":"array",` + good + `},"b":{"type":"string"}}}`), []string{"field a", "array", "field b", "x-title lacks ar", "x-description lacks fr"}},
		"unknown keyword":     {parseFields(`{"$defs":{"a":{"type":"string","maxlength":3,` + good + `}}}`), []string{"field a", "maxlength"}},
		"field twice":         {parseFields(`{"$defs":{"a":{},"a":{}}}`), []string{`"a" comes twice`}},
		"wrong x-type":        {parseFields(`{"$defs":{"a":{"type":"string","x-type":"decimal(5,2)",` + good + `}}}`), []string{"does not go with"}},
		"too many digits":     {parseFields(`{"$defs":{"a":{"type":"number","x-type":"decimal(19,2)",` + good + `}}}`), []string{"decimal(19,2)"}},
		"bad ogp basis":       {parseFields(`{"$defs":{"a":{"type":"string","x-ogp":{"term":"t","source":"s","basis":"guess"},` + good + `}}}`), []string{"basis"}},
		"two values":          {parseFields(`{} {}`), []string{"more than one"}},
		"title not English":   {parseFields(`{"$defs":{"a":{"type":"string",` + strings.Replace(good, `"title":"e"`, `"title":"x"`, 1) + `}}}`), []string{"not the English"}},
		"unknown field":       {parseTable(`{"name":"t",` + words + `,"key":["a"],"columns":[{"field":"zz"},{"field":"a"}]}`), []string{"table descriptor t", "zz", "a is not required"}},
		"column twice":        {parseTable(`{"name":"t",` + words + `,"key":["a"],"columns":[{"field":"a","required":true},{"field":"d","name":"a"}]}`), []string{"column a comes twice"}},
		"key is no column":    {parseTable(`{"name":"T",` + words + `,"key":["k"],"columns":[{"field":"a"}]}`), []string{"k is not a column", `"T" is not in snake_case`}},
		"no key":              {parseTable(`{"name":"t",` + words + `,"columns":[]}`), []string{"no key"}},
		"bad reference":       {parseTable(`{"name":"t",` + words + `,"key":["a"],"columns":[{"field":"a","required":true,"references":"x"}]}`), []string{"reference"}},
		"list out of order":   {parseList(`{"name":"l",` + words + `,"source":"","codes":[{"code":"a","order":2}]}`), []string{"code list l", "order 2", "label of a lacks fr", "definition of a lacks en"}},
		"code twice":          {parseList(`{"name":"l",` + words + `,"codes":[{"code":"a"},{"code":"a"}]}`), []string{`"a" is empty or comes twice`}},
		"unknown key in list": {parseList(`{"nom":"l"}`), []string{"nom"}},
	} {
		if c.err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(c.err.Error(), w) {
				t.Errorf("%s: the error does not say %q: %v", name, w, c.err)
			}
		}
	}
}

func TestEveryTypeNameIsReadBack(t *testing.T) {
	for _, name := range []string{"string", "integer", "double", "boolean", "date", "datetime", "decimal(18,10)", "decimal(1,0)"} {
		f := table.Field{}
		var err error
		if f.Type, f.Precision, f.Scale, err = table.ParseType(name); err != nil || f.TypeName() != name {
			t.Errorf("%s is read as %s (%v)", name, f.TypeName(), err)
		}
	}
	for _, name := range []string{"", "decimal", "decimal(5)", "decimal(5,6)", "decimal(0,0)", "text"} {
		if _, _, _, err := table.ParseType(name); err == nil {
			t.Errorf("type %q is taken", name)
		}
	}
}

func TestStatusWordsOfTheReaderAreDistinct(t *testing.T) {
	for _, list := range []string{"status", "boolean"} {
		owner := map[string]string{}
		for _, c := range codeLists(t)[list].Codes {
			words := slices.Concat([]string{c.Code}, c.Aliases, slices.Collect(maps.Values(c.Label)), slices.Collect(maps.Values(c.LabelOne)))
			for _, w := range words {
				w = strings.ToLower(w)
				if other, ok := owner[w]; ok && other != c.Code {
					t.Errorf("list %s: %q stands for %s and for %s", list, w, other, c.Code)
				}
				owner[w] = c.Code
			}
		}
		if len(owner) == 0 {
			t.Errorf("list %s has no words", list)
		}
	}
}
