package workbook_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook"
	"iltizam/pipeline/workbook/scan"
)

const answers = "0123456789abcdef"

// feedbackOf is a feedback of these marks.
func feedbackOf(marks ...workbook.Mark) workbook.Feedback {
	fb := workbook.Feedback{Answers: answers, ReceivedAt: "2023-01-20", Languages: []string{"ar", "fr"}, Outcome: "accepted",
		RowsTaken: 2, RowsHeld: 1, Counts: map[finding.Severity]int{}, Marks: marks}
	for _, m := range marks {
		fb.Counts[m.Severity]++
		if m.Severity == finding.Error {
			fb.Outcome = "accepted_in_part"
		}
	}
	return fb
}

// markAt is a mark with a sentence of its own.
func markAt(s finding.Severity, sheet, ref, value string) workbook.Mark {
	id := s.String() + sheet + ref
	return workbook.Mark{Severity: s, Sheet: sheet, Ref: ref, Value: value, Commitment: "xx-nap-2021-2023-c11",
		Message: map[string]string{"ar": "مشكل " + id, "fr": "problème " + id}, Remedy: map[string]string{"ar": "صحح " + id, "fr": "corrigez " + id}}
}

func annotated(t testing.TB, src []byte, fb workbook.Feedback) []byte {
	t.Helper()
	var out bytes.Buffer
	err := new(workbook.Reader).Annotate(&out, bytes.NewReader(src), int64(len(src)), layout(t), workbook.DefaultLimits(),
		func(*workbook.Header) workbook.Feedback { return fb })
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// partOf gives a part of a workbook; "" is one that is not there.
func partOf(t testing.TB, src []byte, name string) string {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(src), int64(len(src)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := zr.Open(name)
	if err != nil {
		return ""
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const progressTab = "التقدم"

// badBook is a filled form with a value of each kind in a cell to be marked.
func badBook(t testing.TB) []byte {
	fill := func(key string, row int, v any) edit { return edit{Sheet: "progress", Key: key, Row: row, Value: v} }
	return edited(t, template(t, "ar"),
		fill("progress_pct", 6, 145.5), fill("status", 6, "قيد \"التنفيذ\" & <b> _x0041_"), fill("reference_date", 6, "2022-12-31"),
		edit{Sheet: "progress", Key: "reference_date", Row: 7, Value: "2022-12-31", Date: true},
		fill("narrative_ar", 6, strings.Repeat("نص طويل ", 60)), fill("narrative_fr", 6, "a\r\nb"), fill("progress_pct", 7, true))
}

func badMarks() []workbook.Mark {
	at := func(s finding.Severity, ref, value string) workbook.Mark { return markAt(s, progressTab, ref, value) }
	return []workbook.Mark{at(finding.Error, "D6", "145.5"), at(finding.Error, "E6", "=HYPERLINK(\"http://x\")"), at(finding.Error, "F7", "2022-12-31"),
		at(finding.Error, "G6", "نص"), at(finding.Error, "D7", "TRUE"), at(finding.Error, "M6", ""), at(finding.Warning, "D6", "145.5"), at(finding.Warning, "H6", "a\nb"),
		at(finding.Info, "F6", "2022-12-31"), markAt(finding.Info, "المراحل", "", ""), markAt(finding.Warning, "", "", ""), markAt(finding.Warning, "_meta", "B2", "x")}
}

// The copy opens in another reader; each mark is at its cell and in the list,
// which links to it and holds nothing but texts.
func TestAnnotateMarksEachFinding(t *testing.T) {
	src := badBook(t)
	marks := badMarks()
	f := open(t, annotated(t, src, feedbackOf(marks...)))
	if got, want := f.GetSheetList(), []string{"ملاحظات", "تعليمات", progressTab, "المراحل", "_lists", "_meta", "_feedback"}; !slices.Equal(got, want) {
		t.Fatalf("sheets are %q, want %q", got, want)
	}
	if f.GetActiveSheetIndex() != 0 {
		t.Errorf("sheet %d is the one shown", f.GetActiveSheetIndex())
	}
	notes, err := f.GetComments(progressTab)
	if err != nil {
		t.Fatal(err)
	}
	byCell := map[string]string{}
	for _, n := range notes {
		if byCell[n.Cell] != "" {
			t.Errorf("%s has two notes", n.Cell)
		}
		for _, run := range n.Paragraph {
			byCell[n.Cell] += run.Text
		}
	}
	formats, err := f.GetConditionalFormats(progressTab)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows("ملاحظات")
	if err != nil {
		t.Fatal(err)
	}
	listed := 0
	for r, row := range rows {
		for c := range row {
			if formula, err := f.GetCellFormula("ملاحظات", scan.Ref(c+1, r+1)); err != nil || formula != "" {
				t.Errorf("%s is a formula: %s, %v", scan.Ref(c+1, r+1), formula, err)
			}
		}
		if i := slices.IndexFunc(marks, func(m workbook.Mark) bool { return len(row) > 6 && row[3] == m.Message["ar"] }); i >= 0 {
			listed++
			m := marks[i]
			if m.Remedy["ar"] != row[4] || m.Message["fr"] != row[5] || m.Remedy["fr"] != row[6] || m.Ref == "D6" && row[2] != "145,5" || m.Ref == "E6" && !strings.HasPrefix(row[2], "قيد") || m.Ref == "M6" && row[2] != "(فارغة)" {
				t.Errorf("the line of %v is %q", m, row)
			}
			link, target, err := f.GetCellHyperLink("ملاحظات", scan.Ref(2, r+1))
			if wants := m.Ref != "" && m.Sheet == progressTab; err != nil || link != wants || wants && target != "'"+m.Sheet+"'!"+m.Ref {
				t.Errorf("%s %s is linked to %q, %v", m.Sheet, m.Ref, target, err)
			}
		}
	}
	if listed != len(marks) {
		t.Errorf("%d of %d marks are listed: %q", listed, len(marks), rows)
	}
	for _, m := range marks {
		if m.Ref == "" || m.Sheet != progressTab {
			continue
		}
		note := byCell[m.Ref]
		ar, fr := strings.Index(note, "\u200f"+m.Message["ar"]+"\u200f"), strings.Index(note, m.Message["fr"])
		if ar < 0 || fr < ar || !strings.Contains(note, m.Remedy["ar"]) || !strings.Contains(note, m.Remedy["fr"]) {
			t.Errorf("the note at %s does not say %v: %q", m.Ref, m, note)
		}
		if _, coloured := formats[m.Ref]; coloured != (m.Ref != "F6") {
			t.Errorf("%s is coloured: %v", m.Ref, coloured)
		}
	}
	if i, j := strings.Index(byCell["D6"], "errorالتقدم"), strings.Index(byCell["D6"], "warningالتقدم"); i < 0 || j < i {
		t.Errorf("not the worst first: %q", byCell["D6"])
	}
	if len(byCell) != 8 {
		t.Errorf("%d cells have notes", len(byCell))
	}
}

// The colour is there for what was received and gone for anything else, as an
// engine of formulas sees it.
func TestColourLeavesWithTheValue(t *testing.T) {
	src := badBook(t)
	copied := annotated(t, src, feedbackOf(badMarks()...))
	rule := regexp.MustCompile(`<conditionalFormatting sqref="([A-Z]+[0-9]+)"><cfRule type="expression" dxfId="[0-9]+" priority="[0-9]+"><formula>([^<]*iltizam-mark[^<]*)</formula>`)
	found := rule.FindAllStringSubmatch(partOf(t, copied, "xl/worksheets/sheet3.xml"), -1)
	if len(found) != 7 {
		t.Fatalf("%d colours", len(found))
	}
	unescape := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&amp;", "&")
	calculated := func(f *excelize.File, formula string) string {
		if err := f.SetCellFormula(progressTab, "Z99", formula); err != nil {
			t.Fatal(err)
		}
		v, err := f.CalcCellValue(progressTab, "Z99")
		if err != nil {
			t.Fatalf("%s: %v", formula, err)
		}
		return v
	}
	for _, m := range found {
		ref, formula := m[1], unescape.Replace(m[2])
		f := open(t, src)
		if v := calculated(f, formula); v != "TRUE" {
			t.Errorf("%s as received: %s is %s", ref, formula, v)
		}
		for _, other := range []any{-3.25, "other", "145.5", false} {
			if err := f.SetCellValue(progressTab, ref, other); err != nil {
				t.Fatal(err)
			}
			if v := calculated(f, formula); v == "TRUE" {
				t.Errorf("%s changed to %v: %s is %s", ref, other, formula, v)
			}
		}
	}
}

// What we put on top outranks what the sheet had, which stays with its order.
func TestMarksComeOnTop(t *testing.T) {
	priority := regexp.MustCompile(`<cfRule [^>]*priority="([0-9]+)"[^>]*><formula>([^<]*)`)
	ranks := func(src []byte, sheet string) (all []string) {
		quotes := strings.NewReplacer("&#34;", `"`, "&quot;", `"`)
		for _, m := range priority.FindAllStringSubmatch(quotes.Replace(partOf(t, src, sheet)), -1) {
			all = append(all, m[1]+" "+m[2])
		}
		return all
	}
	src := badBook(t)
	before := ranks(src, "xl/worksheets/sheet2.xml")
	after := ranks(annotated(t, src, feedbackOf(badMarks()...)), "xl/worksheets/sheet3.xml")
	if len(before) == 0 || len(after) != len(before)+7 {
		t.Fatalf("%d formats, then %d", len(before), len(after))
	}
	for i, r := range after {
		rank, formula, _ := strings.Cut(r, " ")
		if rank != fmt.Sprint(i+1) || strings.Contains(formula, "iltizam-mark") != (i < 7) {
			t.Errorf("format %d is %s", i, r)
		}
		if i >= 7 {
			if _, old, _ := strings.Cut(before[i-7], " "); old != formula {
				t.Errorf("the sender's format %q is now %q", old, formula)
			}
		}
	}
}

// values gives what the reader takes of each row, with all findings but the one
// that tells of the copy.
func values(t testing.TB, src []byte) string {
	t.Helper()
	_, rows, found := read(t, src, layout(t))
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintln(&b, r.SheetName, r.Number, r.Keys, r.Cells)
	}
	for _, f := range found {
		if f.Rule != workbook.RuleMendedCopy {
			fmt.Fprintln(&b, f)
		}
	}
	return b.String()
}

// A copy is read as the workbook it is of, and known for what it is.
func TestACopyIsReadAsItsOriginal(t *testing.T) {
	src := badBook(t)
	copied := annotated(t, src, feedbackOf(badMarks()...))
	if got, want := values(t, copied), values(t, src); got != want {
		t.Errorf("read\n%s\nwant\n%s", got, want)
	}
	_, _, found := read(t, copied, layout(t))
	i := slices.IndexFunc(found, func(f finding.Finding) bool { return f.Rule == workbook.RuleMendedCopy })
	if i < 0 || found[i].Args["answers"] != answers || found[i].Severity != finding.Info {
		t.Errorf("the copy is not known again: %v", found)
	}
	if _, _, found := read(t, src, layout(t)); slices.ContainsFunc(found, func(f finding.Finding) bool { return f.Rule == workbook.RuleMendedCopy }) {
		t.Error("the original is taken for a copy")
	}
}

// A second and a third round leave no trace of the rounds before.
func TestRoundsDoNotPileUp(t *testing.T) {
	mend := func(src []byte, sheet string) []byte {
		return replaceInPart(t, src, "xl/worksheets/"+sheet, "<v>145.5</v>", "<v>45</v>")
	}
	second := feedbackOf(markAt(finding.Warning, progressTab, "E6", "x"), markAt(finding.Error, progressTab, "F6", "y"))
	src := withNote(t, badBook(t), "E6", "ملاحظتي")
	once := annotated(t, src, feedbackOf(badMarks()...))
	want := annotated(t, mend(src, "sheet2.xml"), second)
	if got := annotated(t, mend(once, "sheet3.xml"), second); !bytes.Equal(got, want) {
		difference(t, got, want)
	}
	if thrice := annotated(t, annotated(t, mend(once, "sheet3.xml"), feedbackOf()), second); !bytes.Equal(thrice, want) {
		difference(t, thrice, want)
	}
}

// difference tells which parts of two workbooks differ.
func difference(t *testing.T, got, want []byte) {
	t.Helper()
	names := map[string]bool{}
	for _, b := range [][]byte{got, want} {
		zr, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range zr.File {
			names[f.Name] = true
		}
	}
	t.Error("another copy")
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if g, w := partOf(t, got, name), partOf(t, want, name); g != w {
			i := 0
			for i < min(len(g), len(w)) && g[i] == w[i] {
				i++
			}
			t.Errorf("%s differs at %d: %.120q, want %.120q", name, i, g[max(0, i-40):], w[max(0, i-40):])
		}
	}
}

// withNote adds a note of the sender's own.
func withNote(t testing.TB, src []byte, ref, text string) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.AddComment(progressTab, excelize.Comment{Cell: ref, Author: "Amina", Text: text}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// notesOf gives the notes of the sheet of progress by cell.
func notesOf(t testing.TB, src []byte) map[string]string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	notes, err := f.GetComments(progressTab)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, n := range notes {
		out[n.Cell] += n.Text
		for _, run := range n.Paragraph {
			out[n.Cell] += run.Text
		}
	}
	return out
}

// What the sender wrote into notes of his own stays, beside ours or alone.
func TestSendersNotesStay(t *testing.T) {
	src := withNote(t, withNote(t, badBook(t), "E6", "ملاحظتي"), "B7", "une note\nà moi")
	round := src
	for range 3 {
		round = annotated(t, round, feedbackOf(badMarks()...))
		notes := notesOf(t, round)
		if n := notes["E6"]; strings.Count(n, "ملاحظتي") != 1 || !strings.HasSuffix(n, "\nملاحظتي") || !strings.Contains(n, "problème") {
			t.Errorf("the note of a marked cell is %q", n)
		}
		if n := notes["B7"]; n != "une note\nà moi" {
			t.Errorf("the note of another cell is %q", n)
		}
	}
	if notes := notesOf(t, annotated(t, round, feedbackOf())); len(notes) != 2 || notes["E6"] != "ملاحظتي" {
		t.Errorf("without marks the notes are %q", notes)
	}
}

// A sheet of the sender's that is named as ours stays, and is no copy's.
func TestSendersSheetOfOurName(t *testing.T) {
	f := open(t, badBook(t))
	if _, err := f.NewSheet("ملاحظات"); err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellStr("ملاحظات", "A1", "أوراقي"); err != nil {
		t.Fatal(err)
	}
	var src bytes.Buffer
	if err := f.Write(&src); err != nil {
		t.Fatal(err)
	}
	round := src.Bytes()
	for range 3 {
		round = annotated(t, round, feedbackOf(badMarks()...))
		g := open(t, round)
		if names := g.GetSheetList(); names[0] != "ملاحظات 2" || len(names) != 8 {
			t.Fatalf("sheets are %q", names)
		}
		if v, err := g.GetCellValue("ملاحظات", "A1"); err != nil || v != "أوراقي" {
			t.Errorf("the sender's sheet holds %q, %v", v, err)
		}
	}
}

// Nothing is marked where all is well: the first sheet says so, and what was taken.
func TestAllIsWell(t *testing.T) {
	fb := feedbackOf()
	fb.Taken = []workbook.Taken{{Sheet: progressTab, Ref: "D6", Commitment: "c11", Received: "٦٥٪",
		Field: map[string]string{"ar": "نسبة الإنجاز", "fr": "Taux"}, Read: map[string]string{"ar": "65%", "fr": "65 %"}}}
	fb.Held = []string{"c12"}
	rows, err := open(t, annotated(t, badBook(t), fb)).GetRows("ملاحظات")
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprint(rows)
	for _, want := range []string{"الملف سليم", "Tout est en ordre", "✓ مأخوذة D6 ٦٥٪ نسبة الإنجاز 65% Taux 65 % c11 التقدم]", "معلق", "c12"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in %s", want, all)
		}
	}
}

// Of more findings than a list can hold the first are listed and the rest counted.
func TestListIsCut(t *testing.T) {
	var marks []workbook.Mark
	for i := range 1200 {
		marks = append(marks, markAt(finding.Error, progressTab, scan.Ref(4, i+6), "x"))
	}
	f := open(t, annotated(t, badBook(t), feedbackOf(marks...)))
	rows, err := f.GetRows("ملاحظات")
	if err != nil {
		t.Fatal(err)
	}
	if all := fmt.Sprint(rows); !strings.Contains(all, "1000 من أصل 1200") || !strings.Contains(all, "1000 sur 1200") || len(rows) > 1010 {
		t.Errorf("%d rows, the cut is not stated", len(rows))
	}
	notes, err := f.GetComments(progressTab)
	if err != nil || len(notes) != 1000 {
		t.Errorf("%d notes, %v", len(notes), err)
	}
}

// A file that cannot be opened has no copy; trouble of ours is an error, no panic.
func TestAnnotateRefuses(t *testing.T) {
	for _, src := range [][]byte{nil, []byte("not a workbook"), badBook(t)[:5000]} {
		var refused *scan.Refusal
		err := new(workbook.Reader).Annotate(io.Discard, bytes.NewReader(src), int64(len(src)), layout(t), workbook.DefaultLimits(),
			func(*workbook.Header) workbook.Feedback { return feedbackOf() })
		if !errors.As(err, &refused) {
			t.Errorf("%d bytes: %v", len(src), err)
		}
	}
	src := badBook(t)
	err := new(workbook.Reader).Annotate(io.Discard, bytes.NewReader(src), int64(len(src)), layout(t), workbook.DefaultLimits(),
		func(*workbook.Header) workbook.Feedback { panic("a bug") })
	if err == nil || !strings.Contains(err.Error(), "a bug") {
		t.Errorf("a panic gives %v", err)
	}
}

// A workbook that is too large to be marked gets the first sheet alone, which
// says so.
func TestLargeWorkbookGetsTheSheetAlone(t *testing.T) {
	var cells strings.Builder
	for row := 2000; cells.Len() < workbook.MaxMarked+1; row++ {
		fmt.Fprintf(&cells, `<row r="%d">`, row)
		for col := 1; col <= 200; col++ {
			fmt.Fprintf(&cells, `<c r="%s"><v>%d</v></c>`, scan.Ref(col, row), row*7919*col)
		}
		cells.WriteString("</row>")
	}
	src := replaceInPart(t, badBook(t), "xl/worksheets/sheet2.xml", "</sheetData>", cells.String()+"</sheetData>")
	f := open(t, annotated(t, src, feedbackOf(badMarks()...)))
	if names := f.GetSheetList(); !slices.Equal(names, []string{"ملاحظات", "_feedback"}) {
		t.Fatalf("sheets are %q", names)
	}
	rows, err := f.GetRows("ملاحظات")
	if all := fmt.Sprint(rows); err != nil || !strings.Contains(all, "تعذر وضع العلامات") || !strings.Contains(all, "n’ont pas pu être posées") || !strings.Contains(all, "D6") {
		t.Errorf("the sheet says %s, %v", all, err)
	}
}

func BenchmarkAnnotate(b *testing.B) {
	var fill []edit
	for row := 6; row < 31; row++ {
		fill = append(fill, edit{Sheet: "progress", Key: "progress_pct", Row: row, Value: 145.0}, edit{Sheet: "progress", Key: "status", Row: row, Value: "x"},
			edit{Sheet: "progress", Key: "narrative_fr", Row: row, Value: "Résumé"})
	}
	src := edited(b, template(b, "ar"), fill...)
	var marks []workbook.Mark
	for row := 6; row < 31; row++ {
		marks = append(marks, markAt(finding.Error, progressTab, scan.Ref(4, row), "145"), markAt(finding.Error, progressTab, scan.Ref(5, row), "x"))
	}
	lay, fb := layout(b), feedbackOf(marks...)
	r := new(workbook.Reader)
	b.ReportAllocs()
	for b.Loop() {
		err := r.Annotate(io.Discard, bytes.NewReader(src), int64(len(src)), lay, workbook.DefaultLimits(),
			func(*workbook.Header) workbook.Feedback { return fb })
		if err != nil {
			b.Fatal(err)
		}
	}
}
