package workbook_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook"
)

type edit = workbook.Edit

func edited(t testing.TB, src []byte, edits ...edit) []byte {
	t.Helper()
	b, err := workbook.ApplyEdits(src, layout(t), edits)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReadTellsWhatIsWrongWithTheForm(t *testing.T) {
	src := template(t, "ar")
	cases := []struct {
		name    string
		edits   []edit
		rule    string
		level   finding.Severity
		place   string
		args    string // key=value
		blocked bool
	}{
		{"column gone", []edit{{Op: workbook.DeleteColumn, Sheet: "progress", Key: "status"}},
			"column-missing", finding.Block, "in.xlsx [التقدم]", "column=status", true},
		{"column key and headings changed", []edit{{Sheet: "progress", Cell: "D1", Value: "progres_pct"},
			{Sheet: "progress", Cell: "D4", Value: "x"}, {Sheet: "progress", Cell: "D5", Value: "y"}},
			"column-missing", finding.Block, "in.xlsx [التقدم]", "column=progress_pct", true},
		{"column key changed", []edit{{Sheet: "progress", Cell: "D1", Value: "progres_pct"}},
			"columns-by-label", finding.Info, "in.xlsx [التقدم!D4]", "count=1", false},
		{"column key gone", []edit{{Sheet: "progress", Cell: "J1"}},
			"columns-by-label", finding.Info, "in.xlsx [التقدم!J4]", "count=1", false},
		{"column of milestones gone", []edit{{Op: workbook.DeleteColumn, Sheet: "milestones", Key: "milestone_id"}},
			"column-missing", finding.Block, "in.xlsx [المراحل]", "column=milestone_id", true},
		{"column twice", []edit{{Sheet: "progress", Cell: "O1", Value: "status"}},
			"column-duplicate", finding.Block, "in.xlsx [التقدم!O1]", "column=status", true},
		{"column unknown", []edit{{Sheet: "progress", Cell: "O1", Value: "my_notes"}},
			"column-unknown", finding.Info, "in.xlsx [التقدم!O1]", "column=my_notes", false},
		{"column in another language", []edit{{Sheet: "progress", Cell: "O1", Value: "narrative_zgh"}},
			"", 0, "", "", false},
		{"optional column gone", []edit{{Op: workbook.DeleteColumn, Sheet: "progress", Key: "next_steps"}},
			"", 0, "", "", false},
		{"key row gone", []edit{{Op: workbook.DeleteRow, Sheet: "progress", Row: 1}},
			"columns-by-label", finding.Info, "in.xlsx [التقدم!A3]", "count=14", false},
		{"key row and headings gone", []edit{{Op: workbook.DeleteRow, Sheet: "progress", Row: 1}, {Op: workbook.DeleteRow, Sheet: "progress", Row: 3},
			{Op: workbook.DeleteRow, Sheet: "progress", Row: 3}},
			"template-unknown", finding.Block, "in.xlsx [التقدم]", "sheet=التقدم", true},
		{"a row of the title gone", []edit{{Op: workbook.DeleteRow, Sheet: "progress", Row: 2}}, "", 0, "", "", false},
		{"heading renamed in both languages", []edit{{Sheet: "progress", Cell: "I4", Value: "ملاحظات"}, {Sheet: "progress", Cell: "I5", Value: "Remarques"}},
			"column-renamed", finding.Info, "in.xlsx [التقدم!I4]", "column=difficulties", false},
		{"heading renamed in one language", []edit{{Sheet: "progress", Cell: "I4", Value: "ملاحظات"}}, "", 0, "", "", false},
		{"heading spelt otherwise", []edit{{Sheet: "progress", Cell: "D4", Value: " نسبه  الانجاز "}, {Sheet: "progress", Cell: "D5", Value: "TAUX D'AVANCEMENT"}},
			"", 0, "", "", false},
		{"heading of another column", []edit{{Sheet: "progress", Cell: "I4", Value: "الخطوات المقبلة"}},
			"column-shifted", finding.Block, "in.xlsx [التقدم!I4]", "column=difficulties", true},
		{"data sheet gone", []edit{{Op: workbook.DeleteSheet, Sheet: "progress"}},
			"sheet-missing", finding.Block, "in.xlsx", "sheet=التقدم", true},
		{"optional sheet gone", []edit{{Op: workbook.DeleteSheet, Sheet: "milestones"}},
			"sheet-absent", finding.Info, "in.xlsx", "sheet=المراحل", false},
		{"two sheets of one role", []edit{{Op: workbook.RenameSheet, Sheet: "milestones", Value: "avancement"}},
			"sheet-duplicate", finding.Block, "in.xlsx [avancement]", "sheet=التقدم", true},
		{"hidden sheet gone", []edit{{Op: workbook.DeleteSheet, Sheet: "_meta"}},
			"template-unknown", finding.Block, "in.xlsx", "sheet=_meta", true},
		{"another template", []edit{{Sheet: "_meta", Cell: "B1", Value: "other"}},
			"template-unknown", finding.Block, "in.xlsx [_meta!B1]", "sheet=_meta", true},
		{"another version", []edit{{Sheet: "_meta", Cell: "B2", Value: "0.9.0"}},
			"template-version-unknown", finding.Block, "in.xlsx [_meta!B2]", "accepted=1.0.0, 1.1.0", true},
		{"header key twice", []edit{{Sheet: "_meta", Cell: "A20", Value: "plan"}, {Sheet: "_meta", Cell: "B20", Value: "x"}},
			"column-duplicate", finding.Block, "in.xlsx [_meta!B20]", "column=plan", true},
		{"nothing", nil, "", 0, "", "", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			doc, rows, found := read(t, edited(t, src, c.edits...), layout(t))
			if (doc == nil) != c.blocked {
				t.Fatalf("blocked is %v: %v", doc == nil, found)
			}
			if !c.blocked && len(rows) < 3 {
				t.Errorf("read %d rows", len(rows))
			}
			if c.rule == "" {
				if len(found) > 0 {
					t.Errorf("found %v", found)
				}
				return
			}
			if len(found) == 2 && found[0].Rule == "column-unknown" {
				found = found[1:]
			}
			if len(found) == 2 && found[1].Rule == "sheet-absent" {
				found = found[:1]
			}
			if len(found) != 1 || found[0].Rule != c.rule || found[0].Severity != c.level || found[0].At.String() != c.place {
				t.Fatalf("found %+v", found)
			}
			key, value, _ := strings.Cut(c.args, "=")
			if found[0].Args[key] != value {
				t.Errorf("args %v, want %s", found[0].Args, c.args)
			}
		})
	}
}

// Both editions are read by their keys, wherever the columns stand.
func TestColumnsAreFoundByKey(t *testing.T) {
	for lang, sheet := range map[string]string{"ar": "التقدم", "fr": "Avancement", "en": "Progress"} {
		src := edited(t, template(t, lang),
			edit{Sheet: "progress", Key: "progress_pct", Row: 6, Value: 65.5},
			edit{Sheet: "progress", Cell: "D1", Value: "status"}, edit{Sheet: "progress", Cell: "E1", Value: "progress_pct"},
			edit{Sheet: "progress", Cell: "D4", Value: "Statut"}, edit{Sheet: "progress", Cell: "D5"},
			edit{Sheet: "progress", Cell: "E4", Value: "نسبة الإنجاز"}, edit{Sheet: "progress", Cell: "E5", Value: "Progress"},
			edit{Sheet: "progress", Cell: "E7", Value: 12.0})
		_, rows, found := read(t, src, layout(t))
		if len(found) > 0 || len(rows) != 4 || rows[0].SheetName != sheet {
			t.Fatalf("%s: %v %v", lang, found, rows)
		}
		if c, ok := rows[0].Get("status"); !ok || c.Number != 65.5 || c.Ref() != "D6" {
			t.Errorf("%s: status %+v", lang, c)
		}
		if c, ok := rows[1].Get("progress_pct"); !ok || c.Number != 12 || c.Ref() != "E7" {
			t.Errorf("%s: progress %+v", lang, c)
		}
		if c, ok := rows[1].Get("reference_date"); !ok || c.Kind != workbook.Empty || c.Ref() != "F7" {
			t.Errorf("%s: a cell that is not there is %+v", lang, c)
		}
		if _, ok := rows[0].Get("nonsense"); ok {
			t.Errorf("%s: has a column nobody made", lang)
		}
	}
}

func TestEditThenReadGivesTheSame(t *testing.T) {
	src := edited(t, template(t, "ar"),
		edit{Sheet: "progress", Key: "progress_pct", Row: 6, Value: 87.5},
		edit{Sheet: "progress", Key: "progress_pct", Row: 7, Value: 0.65, NumFmt: "0%"},
		edit{Sheet: "progress", Key: "progress_pct", Row: 8, Value: "٦٥٪"},
		edit{Sheet: "progress", Key: "status", Row: 6, Value: "في طور الإنجاز"},
		edit{Sheet: "progress", Key: "reference_date", Row: 6, Value: "2022-12-31", Date: true},
		edit{Sheet: "progress", Key: "reference_date", Row: 7, Value: "31/12/2022"},
		edit{Sheet: "progress", Key: "reference_date", Row: 8, Value: 44926},
		edit{Sheet: "progress", Key: "narrative_ar", Row: 6, Value: " نص\nثان & <x> _x0041_ "},
		edit{Sheet: "progress", Key: "nothing_to_report", Row: 7, Value: true},
		edit{Sheet: "progress", Key: "difficulties", Row: 7, Value: workbook.Formula("=1/0")},
		edit{Sheet: "progress", Key: "previous_progress_pct", Row: 6, Value: nil},
		edit{Sheet: "milestones", Key: "completion_pct", Row: 40, Value: 5.0},
	)
	_, rows, found := read(t, src, layout(t))
	if len(found) > 0 || len(rows) != 5 {
		t.Fatalf("%d rows, %v", len(rows), found)
	}
	want := []struct {
		row  int
		key  string
		cell workbook.Cell
	}{
		{0, "progress_pct", workbook.Cell{Kind: workbook.Number, Number: 87.5, Raw: "87.5", Col: 4, Row: 6}},
		{1, "progress_pct", workbook.Cell{Kind: workbook.Number, Number: 0.65, Percent: true, Raw: "0.65", Col: 4, Row: 7}},
		{2, "progress_pct", workbook.Cell{Kind: workbook.Text, Text: "٦٥٪", Raw: "٦٥٪", Col: 4, Row: 8}},
		{0, "status", workbook.Cell{Kind: workbook.Text, Text: "في طور الإنجاز", Raw: "في طور الإنجاز", Col: 5, Row: 6}},
		{0, "reference_date", workbook.Cell{Kind: workbook.Date, Text: "2022-12-31", Number: 44926, Raw: "44926", Col: 6, Row: 6}},
		{1, "reference_date", workbook.Cell{Kind: workbook.Text, Text: "31/12/2022", Raw: "31/12/2022", Col: 6, Row: 7}},
		{2, "reference_date", workbook.Cell{Kind: workbook.Date, Text: "2022-12-31", Number: 44926, Raw: "44926", Col: 6, Row: 8}},
		{0, "narrative_ar", workbook.Cell{Kind: workbook.Text, Text: " نص\nثان & <x> _x0041_ ", Raw: " نص\nثان & <x> _x0041_ ", Col: 7, Row: 6}},
		{1, "nothing_to_report", workbook.Cell{Kind: workbook.Bool, Number: 1, Raw: "1", Col: 12, Row: 7}},
		{1, "difficulties", workbook.Cell{Kind: workbook.FormulaUncached, Formula: true, Col: 9, Row: 7}},
		{0, "previous_progress_pct", workbook.Cell{Col: 3, Row: 6}},
		{4, "completion_pct", workbook.Cell{Kind: workbook.Number, Number: 5, Raw: "5", Col: 9, Row: 40}},
	}
	for _, w := range want {
		if c, _ := rows[w.row].Get(w.key); c != w.cell {
			t.Errorf("row %d %s: got %+v, want %+v", w.row, w.key, c, w.cell)
		}
	}
	if rows[4].Number != 40 || rows[4].Sheet != "milestones" {
		t.Errorf("last row is %+v", rows[4])
	}
}

func TestHeader(t *testing.T) {
	doc, _, _ := read(t, edited(t, template(t, "fr"), edit{Sheet: "_meta", Cell: "B9", Value: " abc "}, edit{Sheet: "_meta", Cell: "A10", Value: "note"},
		edit{Sheet: "_meta", Cell: "B10", Value: "mine"}, edit{Sheet: "_meta", Cell: "B5", Value: 2022.0}), layout(t))
	h := doc.Header
	if !h.Has("plan") || h.Has("source_url") || h.Has("note") || h.Text("base_release") != "abc" || h.Text("period") != "2022" {
		t.Errorf("header is %v", h.Values())
	}
	if at := h.At("institution"); at.Sheet != "_meta" || at.Ref != "B4" {
		t.Errorf("institution stands at %v", at)
	}
	if at := h.At("source_url"); at.Sheet != "_meta" || at.Ref != "" {
		t.Errorf("what is not there stands at %v", at)
	}
	if c, ok := h.Cell("period"); !ok || c.Kind != workbook.Number {
		t.Errorf("period is %v", c)
	}
}

// Rows may be walked twice, and left early.
func TestRowsAreReadAnew(t *testing.T) {
	src := template(t, "ar")
	doc, rows, _ := read(t, src, layout(t))
	n := 0
	for r := range doc.Rows(func(f finding.Finding) { t.Error(f) }) {
		if r.Number != rows[n].Number {
			t.Errorf("row %d is %d the second time", rows[n].Number, r.Number)
		}
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("walked %d rows", n)
	}
}

// Damage below the rows that were read is told, and blocks.
func TestDamageOnTheWay(t *testing.T) {
	src := template(t, "ar")
	var more []edit
	for row := 9; row <= 20; row++ {
		more = append(more, edit{Sheet: "progress", Key: "difficulties", Row: row, Value: "x"})
	}
	doc, rows, found := read(t, replaceInPart(t, edited(t, src, more...), "xl/worksheets/sheet2.xml", `</sheetData>`, `<row r="40"><c r="D40" t="z"/></row></sheetData>`), layout(t))
	if doc == nil || len(rows) != 15 || len(found) != 1 || found[0].Severity != finding.Block || found[0].At.String() != "in.xlsx [التقدم!D40]" {
		t.Errorf("%v %v %v", doc, rows, found)
	}
	doc, _, found = read(t, replaceInPart(t, src, "xl/worksheets/sheet2.xml", `<c r="D7"`, `<c r="D7" t="z"`), layout(t))
	if doc != nil || len(found) != 1 || found[0].Severity != finding.Block || found[0].At.String() != "in.xlsx [التقدم!D7]" {
		t.Errorf("%v %v", doc, found)
	}
}

func TestOurOwnTroubleIsAnError(t *testing.T) {
	src := template(t, "ar")
	boom := errors.New("disk on fire")
	at := &brokenAfter{bytes.NewReader(src), 1 << 40, boom}
	tell := func(f finding.Finding) { t.Errorf("found %v", f) }
	doc, err := workbook.Read(at, int64(len(src)), "in.xlsx", layout(t), workbook.DefaultLimits(), tell)
	if err != nil {
		t.Fatal(err)
	}
	for range doc.Rows(tell) { // a short sheet is read whole while its columns are found
	}
	at.from = 0
	for range doc.Rows(tell) {
	}
	if !errors.Is(doc.Err(), boom) {
		t.Errorf("got %v", doc.Err())
	}
	if _, err := workbook.Read(at, int64(len(src)), "in.xlsx", layout(t), workbook.DefaultLimits(), tell); !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
}

type brokenAfter struct {
	io.ReaderAt
	from int64
	err  error
}

func (b *brokenAfter) ReadAt(p []byte, off int64) (int, error) {
	if off >= b.from {
		return 0, b.err
	}
	return b.ReaderAt.ReadAt(p, off)
}
