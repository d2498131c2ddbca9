package main

import (
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook"
	"iltizam/pipeline/workbook/scan"
	"iltizam/schemas"
)

// Each limit of the reader is one of the configuration's, and by default the
// reader's own.
func TestEveryLimitCanBeSet(t *testing.T) {
	if got, want := defaults().reading(), workbook.DefaultLimits(); got != want {
		t.Errorf("by default %+v, the reader's are %+v", got, want)
	}
	moved := map[string]bool{}
	for i := range reflect.TypeFor[limits]().NumField() {
		c := defaults()
		key := reflect.TypeFor[limits]().Field(i).Tag.Get("yaml")
		field := reflect.ValueOf(&c.Limits).Elem().Field(i)
		field.SetInt(field.Int() - 1)
		got, want := reflect.ValueOf(c.reading()), reflect.ValueOf(workbook.DefaultLimits())
		changed := ""
		for j := range got.NumField() {
			if got.Field(j).Int() != want.Field(j).Int() {
				changed += got.Type().Field(j).Name
			}
		}
		if changed == "" || moved[changed] {
			t.Errorf("limits.%s changes %q", key, changed)
		}
		moved[changed] = true
		if b := c.Limits.bounds()[i]; b.key != key || b.value != field.Int() {
			t.Errorf("limits.%s is judged as %s", key, b.key)
		}
	}
	if n := reflect.TypeFor[workbook.Limits]().NumField(); len(moved) != n-1 { // the file has max_file_mib
		t.Errorf("%d limits can be set of %d", len(moved), n-1)
	}
}

// A file that sets one limit leaves the others as they are.
func TestLimitsAreReadOverTheDefaults(t *testing.T) {
	want := defaults()
	want.Limits.Sheets, want.Limits.SheetMiB = 9, 128
	for text, want := range map[string]config{
		"version: 1\nlimits:\n  sheets: 9\n  sheet_mib: 128\n": want,
		"version: 1\nlimits: {}\n":                             defaults(),
		"version: 1\nmax_file_mib: 64\n":                       defaults(),
	} {
		c, err := configured(t, text, flags{})
		if err != nil || c != want {
			t.Errorf("%q: %+v, %v", text, c, err)
		}
	}
	for _, b := range defaults().Limits.bounds() {
		for _, n := range []int64{b.least - 1, b.top + 1} {
			text := "version: 1\nlimits:\n  " + b.key + ": " + strconv.FormatInt(n, 10) + "\n"
			if _, err := configured(t, text, flags{}); err == nil || !strings.Contains(err.Error(), "limits."+b.key) {
				t.Errorf("%s %d: %v", b.key, n, err)
			}
			_, schema := configSchema(t)
			if schema.Validate(yamlValue(t, text)) == nil {
				t.Errorf("the schema takes %s %d", b.key, n)
			}
		}
		for _, n := range []int64{b.least, b.top} {
			text := "version: 1\nlimits:\n  " + b.key + ": " + strconv.FormatInt(n, 10) + "\n"
			if _, err := configured(t, text, flags{}); err != nil {
				t.Error(err)
			}
		}
	}
}

// The table in docs/limits.md is the program's, and so are the rules it names.
func TestLimitsAreDocumented(t *testing.T) {
	b, err := os.ReadFile("../../docs/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	contract, err := pipeline.LoadContract(schemas.FS)
	if err != nil {
		t.Fatal(err)
	}
	want := append([]bound{{"max_file_mib", defaults().MaxFileMiB, 1, 1024}}, defaults().Limits.bounds()...)
	_, rows, found := strings.Cut(string(b), "| what it bounds | the sender is told |\n")
	if !found {
		t.Fatal("docs/limits.md has no table of limits")
	}
	n := 0
	for line := range strings.SplitSeq(rows, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 8 {
			break
		}
		for i := range cells {
			cells[i] = strings.Trim(cells[i], " `")
		}
		if strings.HasPrefix(cells[1], "---") {
			continue
		}
		if n == len(want) {
			t.Fatalf("docs/limits.md tells of %s, which is no limit", cells[1])
		}
		w := want[n]
		if n++; cells[1] != w.key || cells[2] != strconv.FormatInt(w.value, 10) || cells[3] != strconv.FormatInt(w.least, 10) ||
			cells[4] != strconv.FormatInt(w.top, 10) || cells[5] == "" {
			t.Errorf("docs/limits.md has %v, the program %v", cells[1:5], w)
		}
		id, reason, _ := strings.Cut(cells[6], "`, ")
		rule, ok := contract.Rules.Catalogue.Rule(id)
		said := false
		for _, term := range scan.Terms() {
			f := finding.Finding{Rule: "workbook-damaged", Args: map[string]string{"reason": "@" + term}}
			said = said || strings.Contains(contract.Rules.Catalogue.Message(f, "en"), "("+reason+")")
		}
		if !ok || !said {
			t.Errorf("docs/limits.md: %s is told by %q, %q: rule %v", cells[1], id, reason, rule.ID)
		}
	}
	if n != len(want) {
		t.Errorf("docs/limits.md tells of %d limits of %d", n, len(want))
	}
	// What the page shows is taken.
	_, shown, _ := strings.Cut(string(b), "```yaml\n")
	shown, _, _ = strings.Cut(shown, "```")
	if c, err := configured(t, shown, flags{}); err != nil || c.Limits.Columns != 64 {
		t.Errorf("the example is read as %+v, %v", c.Limits, err)
	}
}
