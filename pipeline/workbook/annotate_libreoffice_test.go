//go:build e2e

package workbook_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook"
	"iltizam/pipeline/workbook/scan"
)

// A marked copy that LibreOffice saved is known again and read as its original;
// a second and a third round through LibreOffice leave no mark of the rounds
// before, and what the sender wrote stays.
func TestLibreOfficeRounds(t *testing.T) {
	// LibreOffice makes a number of a truth value in a cell that shows percentages.
	book := edited(t, badBook(t), edit{Sheet: "progress", Key: "progress_pct", Row: 7, Value: 70.0})
	src := withNote(t, book, "B7", "une note\nà moi")
	want := rowsRead(t, src)
	round := src
	var styles []string
	for i := range 3 {
		fb := feedbackOf(markAt(finding.Error, progressTab, fmt.Sprintf("D%d", i+6), "145.5"), markAt(finding.Warning, progressTab, "E6", "x"))
		fb.Answers = fmt.Sprintf("%016d", i)
		round = resave(t, annotated(t, round, fb), "xlsx")
		if got := rowsRead(t, round); got != want {
			t.Fatalf("round %d: read\n%s\nwant\n%s", i, got, want)
		}
		_, _, found := read(t, round, layout(t))
		told := ""
		for _, f := range found {
			if f.Rule == workbook.RuleMendedCopy {
				told += f.Args["answers"]
			}
			if f.Rule == workbook.RuleSheetUnknown {
				t.Errorf("round %d: %v", i, f)
			}
		}
		if told != fb.Answers {
			t.Errorf("round %d: known as a copy that answers %q", i, told)
		}
		notes := notesByScan(t, round)
		if len(notes) != 3 || notes["B7"] != "une note\nà moi" || !strings.Contains(notes[fmt.Sprintf("D%d", i+6)], "problème") {
			t.Errorf("round %d: the notes are %q", i, notes)
		}
		if n := strings.Count(partOf(t, round, sheetPart(t, round)), "iltizam-mark"); n != 2 {
			t.Errorf("round %d: %d of our colours", i, n)
		}
		styles = append(styles, fmt.Sprint(strings.Count(partOf(t, round, "xl/styles.xml"), "<xf ")))
	}
	if styles[2] != styles[1] {
		t.Errorf("the cell formats of three rounds: %v", styles)
	}
	clean := annotated(t, round, feedbackOf())
	if notes := notesByScan(t, clean); len(notes) != 1 || strings.Contains(partOf(t, clean, "xl/worksheets/sheet3.xml"), "iltizam-mark") {
		t.Errorf("marks are left: %q", notes)
	}
}

// rowsRead gives the values that are read, whatever the style of their writing.
func rowsRead(t *testing.T, src []byte) string {
	t.Helper()
	_, rows, _ := read(t, src, layout(t))
	var b strings.Builder
	for _, r := range rows {
		for i, c := range r.Cells {
			if r.Keys[i] == "check" {
				continue
			}
			fmt.Fprintln(&b, r.SheetName, r.Number, r.Keys[i], c.Kind, c.Number, strings.ReplaceAll(c.Text, "\r\n", "\n"))
		}
	}
	return b.String()
}

func notesByScan(t *testing.T, src []byte) map[string]string {
	t.Helper()
	book, err := scan.Open(bytes.NewReader(src), int64(len(src)), scan.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, s := range book.Sheets {
		notes, err := book.Notes(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range notes {
			out[n.Ref] = strings.ReplaceAll(n.Text, "\r\n", "\n")
		}
	}
	return out
}

// sheetPart finds the part of the sheet of progress by its place in the list.
func sheetPart(t *testing.T, src []byte) string {
	t.Helper()
	for i, m := range regexp.MustCompile(`<sheet name="([^"]*)"`).FindAllStringSubmatch(partOf(t, src, "xl/workbook.xml"), -1) {
		if m[1] == progressTab {
			return fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1)
		}
	}
	t.Fatal("no sheet of progress")
	return ""
}

// LibreOffice finds each condition true for what was received.
func TestLibreOfficeSeesTheColours(t *testing.T) {
	copied := annotated(t, badBook(t), feedbackOf(badMarks()...))
	rule := regexp.MustCompile(`<formula>([^<]*iltizam-mark[^<]*)</formula>`)
	unescape := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&amp;", "&", progressTab, "")
	f, err := excelize.OpenReader(bytes.NewReader(badBook(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	found := rule.FindAllStringSubmatch(partOf(t, copied, "xl/worksheets/sheet3.xml"), -1)
	for i, m := range found {
		if err := f.SetCellFormula(progressTab, fmt.Sprintf("Z%d", i+50), unescape.Replace(m[1])); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	g, err := excelize.OpenReader(bytes.NewReader(resave(t, out.Bytes(), "xlsx")))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	for i, m := range found {
		if v, err := g.GetCellValue(progressTab, fmt.Sprintf("Z%d", i+50)); err != nil || v != "TRUE" {
			t.Errorf("%s is %q, %v", m[1], v, err)
		}
	}
	if len(found) != 7 {
		t.Errorf("%d conditions", len(found))
	}
}

// Both editions print: with PICTURES set to a folder, as pictures to look at.
func TestLibreOfficePrintsTheCopy(t *testing.T) {
	for _, langs := range [][]string{{"ar", "fr"}, {"fr", "ar"}} {
		fb := feedbackOf(badMarks()...)
		fb.Languages = langs
		src := annotated(t, badBook(t), fb)
		pdf := resave(t, src, "pdf")
		if !strings.HasPrefix(string(pdf), "%PDF") {
			t.Errorf("%s: no PDF", langs)
		}
		dir := os.Getenv("PICTURES")
		if dir == "" {
			continue
		}
		name := filepath.Join(dir, "copy-"+langs[0])
		if err := os.WriteFile(name+".pdf", pdf, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("pdftoppm", "-r", "90", "-png", name+".pdf", name).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
}
