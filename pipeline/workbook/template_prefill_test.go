package workbook_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook"
)

// prefilledSpec is a spec with all that an archive may know.
func prefilledSpec(t testing.TB, lang string) workbook.TemplateSpec {
	t.Helper()
	p := testPlan("ar", "fr")
	p.Periods = append(p.Periods, p.Periods[0])
	p.Periods[0].ID, p.Periods[0].Label = "2022-h1", plan.Texts{"ar": {Text: "النصف الأول من 2022"}, "fr": {Text: "Premier semestre 2022"}}
	spec := testSpec(t, p, lang)
	spec.BaseRelease, spec.Prefilled = strings.Repeat("0a", 16), "xx-nap-2021-2023-c11-m02=0123456789ab"
	spec.Milestones = map[string][]workbook.KnownMilestone{p.Commitments[0].ID: {
		{ID: "xx-nap-2021-2023-c11-m01", Title: map[string]string{"ar": "إعداد الدليل", "fr": "Rédiger le guide"}, PlannedStart: "2021-10-01", PlannedEnd: "2022-06-30",
			ActualStart: "2021-11-01", Last: workbook.Last{Pct: percent(4050), Status: "in_progress", Period: "2022-h1"}},
		{ID: "xx-nap-2021-2023-c11-m02", Title: map[string]string{"fr": "Diffuser le guide"}, PlannedEnd: "2022-12-31", Own: true}}}
	return spec
}

func prefilledTemplate(t testing.TB, lang string) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := workbook.Template(&buf, layout(t), prefilledSpec(t, lang)); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestWhatIsKnownIsFilledIn(t *testing.T) {
	const lri, pdi = "\u2066", "\u2069"
	for lang, said := range map[string][3]string{
		"ar": {"آخر ما نشر: " + lri + "72%" + pdi + "، في طور الإنجاز، " + lri + "30/06/2022" + pdi + "، \u2067النصف الأول من 2022" + pdi,
			"آخر ما نشر: " + lri + "70,5%" + pdi, "في طور الإنجاز"},
		"fr": {"Dernier publié\u00a0: " + lri + "72\u00a0%" + pdi + ", En cours, " + lri + "30/06/2022" + pdi + ", " + lri + "Premier semestre 2022" + pdi,
			"Dernier publié\u00a0: " + lri + "70,5\u00a0%" + pdi, "En cours"},
	} {
		f := open(t, prefilledTemplate(t, lang))
		progress, milestones := f.GetSheetList()[1], f.GetSheetList()[2]
		raw := excelize.Options{RawCellValue: true}
		for _, c := range []struct {
			sheet, ref, want string
			locked           bool
		}{
			{progress, "C6", "72", true}, {progress, "C7", "70.5", true}, {progress, "C8", "", true}, {progress, "D6", "", false},
			{milestones, "A6", "xx-nap-2021-2023-c11-m01", true}, {milestones, "D6", "Rédiger le guide", true}, {milestones, "F6", "44742", true},
			{milestones, "G6", "44501", false}, {milestones, "I6", "", false}, {milestones, "L6", "40.5", true}, {milestones, "M6", said[2], true},
			// What the institution added it may change, but for the ids.
			{milestones, "A7", "xx-nap-2021-2023-c11-m02", true}, {milestones, "B7", "xx-nap-2021-2023-c11", true}, {milestones, "D7", "Diffuser le guide", false},
			{milestones, "F7", "44926", false}, {milestones, "L7", "", true}, {milestones, "A8", "", false},
		} {
			got, err := f.GetCellValue(c.sheet, c.ref, raw)
			if err != nil || got != c.want {
				t.Errorf("%s: %s %s is %q, %v; want %q", lang, c.sheet, c.ref, got, err, c.want)
			}
			id, _ := f.GetCellStyle(c.sheet, c.ref)
			if style, err := f.GetStyle(id); err != nil || style.Protection == nil || style.Protection.Locked != c.locked {
				t.Errorf("%s: %s %s locked is not %v, %v", lang, c.sheet, c.ref, c.locked, err)
			}
		}
		for i, ref := range []string{"B6", "B7"} {
			title, err := f.GetCellValue(progress, ref)
			if lines := strings.Split(title, "\n"); err != nil || lines[len(lines)-1] != said[i] {
				t.Errorf("%s: the title ends in %q, want %q", lang, lines[len(lines)-1], said[i])
			}
		}
		if title, _ := f.GetCellValue(progress, "B8"); strings.Contains(title, said[0][:10]) {
			t.Errorf("%s: of what nobody reported is said: %s", lang, title)
		}
		doc, _, found := read(t, prefilledTemplate(t, lang), layout(t))
		if len(found) > 0 || doc.Header.Text("base_release") != strings.Repeat("0a", 16) || doc.Header.Text("prefilled") == "" {
			t.Errorf("%s: %v %v", lang, found, doc.Header.Values())
		}
	}
}

// There is always room to add milestones.
func TestThereIsRoomForMoreMilestones(t *testing.T) {
	spec := prefilledSpec(t, "fr")
	known := spec.Milestones[spec.Plan.Commitments[0].ID]
	for range 40 {
		m := known[1]
		m.ID += "0"
		known = append(known, m)
		spec.Milestones[spec.Plan.Commitments[0].ID] = known
		known[1] = m
	}
	var buf bytes.Buffer
	if err := workbook.Template(&buf, layout(t), spec); err != nil {
		t.Fatal(err)
	}
	f := open(t, buf.Bytes())
	dvs, err := f.GetDataValidations("Jalons")
	if err != nil || !strings.HasSuffix(dvs[0].Sqref, "57") { // 42 filled in from row 6, 10 to spare
		t.Errorf("%s, %v", dvs[0].Sqref, err)
	}
}

// A printed sheet is as wide as the layout wants it, and every page repeats its
// headings.
func TestTemplatePrints(t *testing.T) {
	f := open(t, template(t, "ar"))
	for i, want := range []struct {
		orientation string
		wide, tall  int
		titles      string
	}{{"portrait", 1, 1, ""}, {"landscape", 2, 0, "'التقدم'!$A:$B,'التقدم'!$4:$5"}, {"landscape", 1, 0, "'المراحل'!$A:$B,'المراحل'!$4:$5"}} {
		sheet := f.GetSheetList()[i]
		page, err := f.GetPageLayout(sheet)
		if err != nil || *page.Orientation != want.orientation || *page.FitToWidth != want.wide || *page.FitToHeight != want.tall || *page.Size != 9 {
			t.Errorf("%s: %+v, %v", sheet, page, err)
		}
		props, err := f.GetSheetProps(sheet)
		if err != nil || !*props.FitToPage {
			t.Errorf("%s: does not fit to its pages, %v", sheet, err)
		}
		titles := ""
		for _, n := range f.GetDefinedName() {
			if n.Name == "_xlnm.Print_Titles" && n.Scope == sheet {
				titles = n.RefersTo
			}
		}
		if titles != want.titles {
			t.Errorf("%s: repeats %q, want %q", sheet, titles, want.titles)
		}
	}
}

// The instructions tell all that a person needs to know who was never told.
func TestInstructionsTellEverything(t *testing.T) {
	for lang, want := range map[string][]string{
		"ar": {"التقدم", "الخلايا الصفراء", "من 0 إلى 100", "65 وليس 0,65", "سبب التعديل", "لا جديد", "نعم", "L3", "xlsx", "social", "xx-nap-2021-2023-c11-m01",
			"منجزة —", "31/01/2023", "قطاع إصلاح الإدارة", "1.1.0", "يرجع إليكم ملفكم", "وصل", "○", "✗", "✓"},
		"fr": {"Avancement", "cellules jaunes", "de 0 à 100", "65, et non 0,65", "Motif de la révision", "Rien à signaler", "Oui", "L3", "xlsx", "social",
			"Réalisés —", "31/01/2023", "Réforme de l’administration", "1.1.0", "votre propre fichier", "accusé", "○", "✗", "✓"},
	} {
		f := open(t, template(t, lang))
		rows, err := f.GetRows(f.GetSheetList()[0])
		if err != nil {
			t.Fatal(err)
		}
		own, links := "", 0
		for i, row := range rows {
			own += row[0] + "\n"
			if is, _, _ := f.GetCellHyperLink(f.GetSheetList()[0], "A"+strconv.Itoa(i+1)); is {
				links++
			}
			for _, cell := range row {
				if strings.ContainsAny(cell, "{}") {
					t.Errorf("%s: a place is left open: %s", lang, cell)
				}
			}
		}
		for _, words := range want {
			if !strings.Contains(own, words) {
				t.Errorf("%s: the instructions lack %q", lang, words)
			}
		}
		if strings.Contains(own, "@") || links != 2 {
			t.Errorf("%s: %d links, or an address: %s", lang, links, own)
		}
	}
}

// A text may be as long as the schemas let it; the check column asks for less.
func TestLengths(t *testing.T) {
	f := open(t, template(t, "fr"))
	dvs, err := f.GetDataValidations("Avancement")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, dv := range dvs {
		if dv.Type != "textLength" {
			continue
		}
		seen++
		if dv.Formula2 != "4000" || dv.ErrorStyle == nil || *dv.ErrorStyle != "stop" {
			t.Errorf("%s: %s, %v", dv.Sqref, dv.Formula2, dv.ErrorStyle)
		}
	}
	formula, err := f.GetCellFormula("Avancement", "N6")
	if seen != 3 || err != nil || !strings.Contains(formula, "LEN(H6)>600") {
		t.Errorf("%d lengths; %s, %v", seen, formula, err)
	}
}
