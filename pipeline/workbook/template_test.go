package workbook_test

import (
	"os"
	"testing"
)

func TestTemplateLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	for _, lang := range []string{"ar", "fr"} {
		b := template(t, lang)
		if dir != "" {
			os.WriteFile(dir+"/tpl-"+lang+".xlsx", b, 0o644)
		}
		doc, rows, found := read(t, b, layout(t))
		t.Log(found)
		if doc == nil {
			t.Fatal("blocked")
		}
		t.Log(doc.Header.Values())
		for _, r := range rows {
			t.Log(r)
		}
	}
}
