package workbook_test

import (
	"os"
	"strings"
	"testing"

	"iltizam/pipeline/workbook"
)

func TestParseLayoutRefusesContradictions(t *testing.T) {
	b, err := os.ReadFile(schemasDir + "/layouts/workbook.json")
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string][2]string{
		"unknown key":         {`"template_version"`, `"tempalte_version"`},
		"version unaccepted":  {`"template_version": "1.1.0"`, `"template_version": "2.0.0"`},
		"rows upside down":    {`"first_data_row": 6`, `"first_data_row": 1`},
		"unknown kind":        {`"kind": "meta"`, `"kind": "other"`},
		"unknown role":        {`"role": "formula"`, `"role": "other"`},
		"unknown input":       {`"input": "check"`, `"input": "other"`},
		"choice without list": {`"list": "boolean"`, `"past": false`},
		"column twice":        {`"key": "difficulties"`, `"key": "next_steps"`},
		"name too long":       {`"Avancement"`, `"Avancement des engagements du plan"`},
		"name taken":          {`"Jalons"`, `"avancement"`},
		"name not Excel's":    {`"Jalons"`, `"Jalons/étapes"`},
		"language not last":   {`"narrative_{lang}"`, `"{lang}_narrative"`},
		"no width":            {`"width": 22`, `"width": 0`},
		"no fallback":         {`"fr",`, ``},
		"not before nothing":  {`"not_before": "planned_start_date"`, `"not_before": "status"`},
		"no keys":             {`"template",`, `"template", "x": `},
	}
	for name, c := range cases {
		if !strings.Contains(string(b), c[0]) {
			t.Errorf("%s: the layout has no %s", name, c[0])
			continue
		}
		if _, err := workbook.ParseLayout([]byte(strings.Replace(string(b), c[0], c[1], 1))); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := workbook.ParseLayout(append(b, b...)); err == nil {
		t.Error("two values: no error")
	}
	if _, err := workbook.ParseLayout(b); err != nil {
		t.Error(err)
	}
}

// Every text of the form is there in the three languages of the contract.
func TestLayoutTextsAreWhole(t *testing.T) {
	for key, labels := range layout(t).Texts {
		for _, lang := range []string{"ar", "fr", "en"} {
			if labels[lang] == "" {
				t.Errorf("text %s is not there in %s", key, lang)
			}
		}
		for _, place := range []string{"{cell}", "{plan}", "{min}", "{max}", "{sheet}", "{period}", "{progress}", "{nothing}", "{check}", "{yes}", "{folder}", "{reason}", "{example}", "{milestones}", "{lang}", "{value}"} {
			if strings.Contains(labels["ar"], place) != strings.Contains(labels["fr"], place) || strings.Contains(labels["en"], place) != strings.Contains(labels["fr"], place) {
				t.Errorf("text %s has %s in some languages only", key, place)
			}
		}
	}
}
