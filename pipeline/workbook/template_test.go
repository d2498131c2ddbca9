package workbook_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook"
)

// digestRun makes this test binary print the digest of a template and leave.
const digestRun = "WORKBOOK_TEST_DIGEST"

func TestMain(m *testing.M) {
	if lang := os.Getenv(digestRun); lang != "" {
		var t quiet
		os.Stdout.WriteString(digest(template(&t, lang)))
		return
	}
	m.Run()
}

// quiet is a testing.TB outside a test.
type quiet struct{ testing.TB }

func (quiet) Helper()           {}
func (quiet) Fatal(args ...any) { panic(args) }

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func TestSameSpecSameBytes(t *testing.T) {
	for _, lang := range []string{"ar", "fr"} {
		want := digest(template(t, lang))
		for range 5 {
			if got := digest(template(t, lang)); got != want {
				t.Fatalf("%s: two templates in one process differ", lang)
			}
		}
		for range 2 {
			c := exec.Command(os.Args[0])
			c.Env = append(os.Environ(), digestRun+"="+lang)
			out, err := c.Output()
			if err != nil || string(out) != want {
				t.Fatalf("%s: another process makes %s, %v, not %s", lang, out, err, want)
			}
		}
	}
}

func TestSameEditsSameBytes(t *testing.T) {
	src := template(t, "ar")
	fill := func() []byte {
		return edited(t, src, edit{Sheet: "progress", Key: "reference_date", Row: 6, Value: "2022-12-31", Date: true},
			edit{Sheet: "progress", Key: "progress_pct", Row: 6, Value: 0.65, NumFmt: "0%"}, edit{Sheet: "progress", Key: "narrative_ar", Row: 7, Value: "نص"})
	}
	want := fill()
	for range 5 {
		if !bytes.Equal(fill(), want) {
			t.Fatal("two edits differ")
		}
	}
}

func open(t *testing.T, src []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// Excel takes no more than this; beyond it, it repairs the file or refuses it.
func TestTemplateKeepsToExcelsLimits(t *testing.T) {
	units := func(s *string) int {
		if s == nil {
			return 0
		}
		return len(utf16.Encode([]rune(*s)))
	}
	literal := regexp.MustCompile(`"(?:[^"]|"")*"`)
	for _, c := range []struct {
		lang  string
		plans []string
	}{{"ar", []string{"ar", "fr"}}, {"fr", []string{"ar", "fr"}}, {"en", []string{"ar", "fr"}}, {"es", []string{"es", "en"}},
		{"zgh", []string{"ar", "zgh", "fr"}}, {"ar", []string{"ar", "zgh", "fr"}}} {
		lang := c.lang
		var buf bytes.Buffer
		spec := testSpec(t, testPlan(c.plans...), lang)
		spec.Institution, spec.Bounds["evidence_url"] = "social", workbook.Bounds{MaxLength: 8000}
		if err := workbook.Template(&buf, layout(t), spec); err != nil {
			t.Fatal(err)
		}
		f := open(t, buf.Bytes())
		seen := 0
		for _, sheet := range f.GetSheetList() {
			if n := units(&sheet); n > 31 {
				t.Errorf("sheet name %q has %d units", sheet, n)
			}
			dvs, err := f.GetDataValidations(sheet)
			if err != nil {
				t.Fatal(err)
			}
			for _, dv := range dvs {
				seen++
				if units(dv.PromptTitle) > 32 || units(dv.Prompt) > 255 || units(dv.ErrorTitle) > 32 || units(dv.Error) > 224 {
					t.Errorf("%s %s %s: %d %d %d %d units", lang, sheet, dv.Sqref, units(dv.PromptTitle), units(dv.Prompt), units(dv.ErrorTitle), units(dv.Error))
				}
				if units(&dv.Formula1) > 255 {
					t.Errorf("%s: formula of %d units", dv.Sqref, len(dv.Formula1))
				}
				if dv.Prompt == nil || *dv.Prompt == "" {
					t.Errorf("%s %s: no input message", sheet, dv.Sqref)
				}
			}
		}
		if seen < 15 {
			t.Errorf("only %d validations", seen)
		}
		keys, err := f.GetRows(f.GetSheetList()[1])
		if err != nil {
			t.Fatal(err)
		}
		check, err := excelize.CoordinatesToCellName(slices.Index(keys[0], "check")+1, 6)
		if err != nil {
			t.Fatal(err)
		}
		formula, err := f.GetCellFormula(f.GetSheetList()[1], check)
		if err != nil || len(formula) < 100 || len(formula) > 8192 {
			t.Errorf("check formula has %d bytes, %v", len(formula), err)
		}
		for _, l := range literal.FindAllString(formula, -1) {
			if units(&l) > 257 {
				t.Errorf("literal too long: %s", l)
			}
		}
		if strings.Count(formula, "IF(") > 64 {
			t.Error("conditions nested too deep")
		}
	}
}

func TestTemplateForm(t *testing.T) {
	for lang, want := range map[string]struct {
		rtl    bool
		sheets string
		list   string
		header string
	}{
		"ar": {true, "تعليمات|التقدم|المراحل|_lists|_meta", "لم يشرع في تنفيذها", "نسبة الإنجاز"},
		"fr": {false, "Mode d’emploi|Avancement|Jalons|_lists|_meta", "Non entamés", "Taux d’avancement"},
	} {
		f := open(t, template(t, lang))
		if got := strings.Join(f.GetSheetList(), "|"); got != want.sheets {
			t.Errorf("%s: sheets %s", lang, got)
		}
		for i, sheet := range f.GetSheetList() {
			visible, err := f.GetSheetVisible(sheet)
			if err != nil || visible != (i < 3) {
				t.Errorf("%s: %s visible: %v, %v", lang, sheet, visible, err)
			}
			if i > 2 {
				continue
			}
			view, err := f.GetSheetView(sheet, 0)
			if err != nil || *view.RightToLeft != want.rtl || *view.ShowGridLines {
				t.Errorf("%s: %s: view %+v, %v", lang, sheet, view, err)
			}
			protection, err := f.GetSheetProtection(sheet)
			if err != nil || !protection.SelectLockedCells || !protection.FormatRows || protection.DeleteColumns || protection.Password != "" {
				t.Errorf("%s: %s: protection %+v, %v", lang, sheet, protection, err)
			}
			if i == 0 {
				continue
			}
			panes, err := f.GetPanes(sheet)
			if err != nil || !panes.Freeze || panes.TopLeftCell != "C6" {
				t.Errorf("%s: %s: panes %+v, %v", lang, sheet, panes, err)
			}
			if shown, err := f.GetRowVisible(sheet, 1); err != nil || shown {
				t.Errorf("%s: %s: key row shown, %v", lang, sheet, err)
			}
		}
		sheet := f.GetSheetList()[1]
		if header, _ := f.GetCellValue(sheet, "D4"); header != want.header {
			t.Errorf("%s: header %q", lang, header)
		}
		names := map[string]string{}
		for _, n := range f.GetDefinedName() {
			names[n.Name] = n.RefersTo
		}
		dvs, err := f.GetDataValidations(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, dv := range dvs {
			if dv.Type == "list" && names[dv.Formula1] == "" {
				t.Errorf("%s: list %s is not defined", dv.Sqref, dv.Formula1)
			}
		}
		first := strings.TrimPrefix(strings.Split(names["list_status"], ":")[0], "'_lists'!")
		if got, _ := f.GetCellValue("_lists", strings.ReplaceAll(first, "$", "")); got != want.list {
			t.Errorf("%s: list starts with %q", lang, got)
		}
		for ref, locked := range map[string]bool{"A6": true, "B6": true, "C6": true, "D6": false, "M6": false, "N6": true} {
			id, _ := f.GetCellStyle(sheet, ref)
			style, err := f.GetStyle(id)
			if err != nil || style.Protection == nil || style.Protection.Locked != locked {
				t.Errorf("%s: %s locked is not %v, %v", lang, ref, locked, err)
			}
		}
		formats, err := f.GetConditionalFormats(sheet)
		if err != nil || len(formats) != 5 {
			t.Errorf("%s: %d columns wait, %v", lang, len(formats), err)
		}
	}
}

// Where the file is no report of the institution, every sheet that is seen says so.
func TestOriginIsSaid(t *testing.T) {
	for origin, words := range map[string]string{plan.OriginTranscription: "وليس تصريحا من الجهة المسؤولة", plan.OriginExample: "مثال وهمي", plan.OriginMinistry: ""} {
		spec := testSpec(t, testPlan("ar", "fr"), "ar")
		spec.Origin, spec.SourceURL = origin, "https://example.org/"
		var buf bytes.Buffer
		if err := workbook.Template(&buf, layout(t), spec); err != nil {
			t.Fatal(err)
		}
		f := open(t, buf.Bytes())
		for i, ref := range []string{"A2", "A3", "A3"} {
			sheet := f.GetSheetList()[i]
			got, err := f.GetCellValue(sheet, ref)
			if err != nil || words != "" && !strings.Contains(got, words) || words == "" && strings.Contains(got, "وهمي") {
				t.Errorf("%s: %s says %q, %v", origin, sheet, got, err)
			}
		}
	}
}

// A plan in other languages needs no Go: its columns, its form and its reading
// follow from the data.
func TestPlanInOtherLanguages(t *testing.T) {
	p := testPlan("es", "pt")
	p.Title["es"] = plan.Text{Text: "Plan de acción"}
	spec := testSpec(t, p, "es")
	var buf bytes.Buffer
	if err := workbook.Template(&buf, layout(t), spec); err != nil {
		t.Fatal(err)
	}
	src := edited(t, buf.Bytes(), edit{Sheet: "progress", Key: "narrative_pt", Row: 6, Value: "Olá"})
	_, rows, found := read(t, src, layout(t))
	if len(found) > 0 || len(rows) != 4 {
		t.Fatal(found, len(rows))
	}
	if c, ok := rows[0].Get("narrative_pt"); !ok || c.Text != "Olá" {
		t.Errorf("narrative %+v", c)
	}
	if _, ok := rows[0].Get("narrative_fr"); ok {
		t.Error("has a French column")
	}
	f := open(t, src)
	if title, _ := f.GetCellValue("Avancement", "A2"); title != "Avancement des engagements\u00a0: Plan de acción" {
		t.Errorf("title %q", title)
	}
	if header, _ := f.GetCellValue("Avancement", "G4"); !strings.HasSuffix(header, " (es)") || len(header) < 8 {
		t.Errorf("header %q", header)
	}
	if view, _ := f.GetSheetView("Avancement", 0); *view.RightToLeft {
		t.Error("runs from right to left")
	}
}

func TestTemplateRefusesWhatIsNotThere(t *testing.T) {
	cases := map[string]func(*workbook.TemplateSpec){
		"no plan":             func(s *workbook.TemplateSpec) { s.Plan = nil },
		"unknown institution": func(s *workbook.TemplateSpec) { s.Institution = "x" },
		"leads nothing":       func(s *workbook.TemplateSpec) { s.Institution = "admin" },
		"unknown period":      func(s *workbook.TemplateSpec) { s.Period = "x" },
		"unknown origin":      func(s *workbook.TemplateSpec) { s.Origin = "x" },
		"unknown commitment":  func(s *workbook.TemplateSpec) { s.Commitments = []string{"x"} },
		"language tag":        func(s *workbook.TemplateSpec) { s.Plan.TemplateLanguages = []string{"pt-BR"} },
		"no list":             func(s *workbook.TemplateSpec) { s.Lists = nil },
		"bad date":            func(s *workbook.TemplateSpec) { s.Plan.Commitments[0].Milestones[0].PlannedStart = "2022" },
	}
	for name, change := range cases {
		spec := testSpec(t, testPlan("ar", "fr"), "ar")
		change(&spec)
		if err := workbook.Template(&bytes.Buffer{}, layout(t), spec); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
