//go:build e2e

package workbook_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"iltizam/pipeline/workbook"
)

// resave has LibreOffice open a workbook and save it again.
func resave(t *testing.T, src []byte, to string) []byte {
	t.Helper()
	dir := t.TempDir()
	in := filepath.Join(dir, "in.xlsx")
	if err := os.WriteFile(in, src, 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	c := exec.Command("soffice", "--headless", "-env:UserInstallation=file://"+dir+"/profile", "--convert-to", to, "--outdir", out, in)
	if msg, err := c.CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v: %s", err, msg)
	}
	b, err := os.ReadFile(filepath.Join(out, "in."+to))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A workbook that went through LibreOffice is read as before, and its check
// column says in each row what is amiss.
func TestLibreOfficeKeepsTheWorkbook(t *testing.T) {
	p := testPlan("ar", "fr")
	fill := func(key string, row int, v any) edit { return edit{Sheet: "progress", Key: key, Row: row, Value: v} }
	date := func(row int, v string) edit {
		return edit{Sheet: "progress", Key: "reference_date", Row: row, Value: v, Date: true}
	}
	whole := func(row int, pct float64, status string) []edit {
		return []edit{fill("progress_pct", row, pct), fill("status", row, status), date(row, "2022-12-31"),
			fill("narrative_fr", row, "Résumé"), fill("evidence_url", row, "https://example.org/")}
	}
	cases := []struct {
		row    int
		edits  []edit
		starts string
		holds  string
	}{
		{6, whole(6, 87.5, "في طور الإنجاز"), "✓", "جاهز"},
		{7, nil, "○", "لم تملأ"},
		{8, whole(8, 0.65, "في طور الإنجاز"), "✗", "D8"},
		{9, whole(9, 145, "في طور الإنجاز"), "✗", "100"},
		{10, whole(10, 70, "منجزة"), "✗", "E10"},
		{11, whole(11, 70, "قيد التنفيذ"), "✗", "E11"},
		{12, append(whole(12, 70, "في طور الإنجاز"), date(12, "2199-01-01")), "✗", "F12"},
		{13, append(whole(13, 60, "في طور الإنجاز"), fill("previous_progress_pct", 13, 70.0)), "✗", "K13"},
		{14, append(whole(14, 70, "في طور الإنجاز"), fill("evidence_url", 14, nil)), "!", "M14"},
		{15, whole(15, 100, "في طور الإنجاز"), "!", "E15"},
		{16, []edit{fill("nothing_to_report", 16, "نعم")}, "✓", "لا جديد"},
		{17, append(whole(17, 70, "في طور الإنجاز"), fill("narrative_fr", 17, nil)), "!", "G17"},
		{18, []edit{fill("progress_pct", 18, "٦٥٪")}, "✗", "D18"},
		{19, append(whole(19, 70, "في طور الإنجاز"), fill("nothing_to_report", 19, "نعم")), "!", "L19"},
		{20, append(whole(20, 70, "في طور الإنجاز"), fill("narrative_fr", 20, strings.Repeat("é", 601))), "!", "H20"},
		{21, append(whole(21, 70, "في طور الإنجاز"), fill("narrative_fr", 21, strings.Repeat("é", 600))), "✓", "جاهز"},
	}
	for len(p.Commitments) < len(cases) {
		c := p.Commitments[len(p.Commitments)-1]
		c.Number++
		c.ID, c.Milestones = p.Commitments[0].ID[:len(p.ID)+2]+string(rune('a'+c.Number)), nil
		p.Commitments = append(p.Commitments, c)
	}
	spec := testSpec(t, p, "ar")
	var buf strings.Builder
	if err := workbook.Template(&buf, layout(t), spec); err != nil {
		t.Fatal(err)
	}
	var edits []edit
	for _, c := range cases {
		edits = append(edits, c.edits...)
	}
	edits = append(edits, edit{Sheet: "progress", Cell: "I6", Value: 0.5, NumFmt: "0%"})
	src := edited(t, []byte(buf.String()), edits...)
	_, before, found := read(t, src, layout(t))
	if len(found) > 0 {
		t.Fatal(found)
	}
	doc, after, found := read(t, resave(t, src, "xlsx"), layout(t))
	if doc == nil || len(found) > 0 || len(after) != len(before) {
		t.Fatalf("%d rows, then %d; found %v", len(before), len(after), found)
	}
	if doc.Header.Text("plan") != p.ID || doc.Header.Text("institution") != "social" {
		t.Errorf("header is %v", doc.Header.Values())
	}
	for i, row := range before {
		for j, key := range row.Keys {
			x, y := row.Cells[j], after[i].Cells[j]
			if key == "check" {
				continue
			}
			x.Raw, y.Raw = "", ""
			if x != y {
				t.Errorf("row %d %s: %+v, then %+v", row.Number, key, x, y)
			}
		}
	}
	for _, c := range cases {
		check, _ := after[c.row-6].Get("check")
		said := strings.TrimPrefix(check.Text, "\u200f")
		if !check.Formula || !strings.HasPrefix(said, c.starts) || !strings.Contains(said, c.holds) {
			t.Errorf("row %d: the check says %q, want %s … %s", c.row, said, c.starts, c.holds)
		}
	}
}

// One cell above the headings answers for the rows that are left empty.
func TestLibreOfficeChecksTheAnswerForAll(t *testing.T) {
	src := edited(t, prefilledTemplate(t, "ar"), edit{Sheet: "progress", Key: "nothing_to_report", Row: 3, Value: "نعم"},
		edit{Sheet: "progress", Key: "progress_pct", Row: 7, Value: 80.0})
	_, rows, found := read(t, resave(t, src, "xlsx"), layout(t))
	if len(found) > 0 || len(rows) != 5 {
		t.Fatal(len(rows), found)
	}
	for i, want := range []string{"✓ لا جديد", "✗ E7", "✓ لا جديد"} {
		if c, _ := rows[i].Get("check"); !strings.HasPrefix(strings.TrimPrefix(c.Text, "\u200f"), want) {
			t.Errorf("row %d: the check says %q, want %s", rows[i].Number, c.Text, want)
		}
	}
}

// Every edition opens, and prints.
func TestLibreOfficePrintsTheTemplate(t *testing.T) {
	for _, lang := range []string{"ar", "fr"} {
		if pdf := resave(t, template(t, lang), "pdf"); !strings.HasPrefix(string(pdf), "%PDF") {
			t.Errorf("%s: no PDF", lang)
		}
	}
}
