package workbook_test

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"os"
	"testing"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/table"
	"iltizam/pipeline/workbook"
)

const schemasDir = "../../schemas"

func layout(t testing.TB) *workbook.Layout {
	t.Helper()
	b, err := os.ReadFile(schemasDir + "/layouts/workbook.json")
	if err != nil {
		t.Fatal(err)
	}
	lay, err := workbook.ParseLayout(b)
	if err != nil {
		t.Fatal(err)
	}
	return lay.WithLabels(fields(t), rules.Fold)
}

// fields are those of the real schemas.
func fields(t testing.TB) map[string]table.Field {
	t.Helper()
	b, err := os.ReadFile(schemasDir + "/fields.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	fields, err := table.ParseFields(b)
	if err != nil {
		t.Fatal(err)
	}
	return fields
}

// number gives a pointer to a number.
func number(f float64) *float64 { return &f }

// testPlan is a small invented plan in the given languages.
func testPlan(langs ...string) *plan.ActionPlan {
	texts := func(ar, fr string) plan.Texts {
		return plan.Texts{"ar": {Text: ar, Basis: plan.Sourced}, "fr": {Text: fr, Basis: plan.Translated}}
	}
	p := &plan.ActionPlan{ID: "xx-nap-2021-2023", ActionPlanCycle: 2021, Fictitious: true, Languages: langs, TemplateLanguages: langs,
		Title: texts("خطة العمل الوطنية للفترة 2021 - 2023", "Plan d’action national 2021-2023"), Coordinator: "admin",
		Institutions: []plan.Institution{
			{Code: "social", Names: []plan.InstitutionName{{Name: texts("وزارة التضامن الاجتماعي والمساواة والأسرة", "Ministère de la solidarité, de l’égalité et de la famille")}}},
			{Code: "admin", Names: []plan.InstitutionName{{Name: texts("قطاع إصلاح الإدارة", "Réforme de l’administration")}}},
		},
		Periods: []plan.ReportingPeriod{{ID: "2022-h2", Kind: plan.KindSubmission, Label: texts("النصف الثاني من 2022", "Second semestre 2022"), DueDate: "2023-01-31"}},
	}
	titles := [][2]string{
		{"النهوض بالمساواة ومشاركة النساء في الحياة العامة وتمكينهن اقتصاديا", "Promouvoir l’égalité, la participation des femmes à la vie publique et leur autonomisation économique"},
		{"تعزيز الولوج إلى المعلومات للأشخاص في وضعية إعاقة", "Renforcer l’accès à l’information des personnes en situation de handicap"},
		{"تحسين جودة الخدمات العمومية في مجال حماية الطفولة", ""},
	}
	for i, t := range titles {
		p.Commitments = append(p.Commitments, plan.Commitment{ID: plan.CommitmentID(p.ID, i+11), Number: i + 11,
			Title: texts(t[0], t[1]), LeadInstitution: "social"})
	}
	p.Commitments[0].Milestones = []plan.Milestone{{ID: "xx-nap-2021-2023-c11-m01", Title: texts("إعداد الدليل", "Rédiger le guide"),
		PlannedStart: "2021-10-01", PlannedEnd: "2022-03-31"}}
	return p
}

// testSpec is a spec with the fields and lists of the real schemas.
func testSpec(t testing.TB, p *plan.ActionPlan, lang string) workbook.TemplateSpec {
	t.Helper()
	fsys := os.DirFS(schemasDir)
	spec := workbook.TemplateSpec{Plan: p, Institution: "social", Period: "2022-h2", Language: lang, Origin: plan.OriginMinistry,
		Fields: fields(t), Lists: map[string][]workbook.Choice{}, Bounds: map[string]workbook.Bounds{
			"progress_pct": {Min: number(0), Max: number(100)}, "completion_pct": {Min: number(0), Max: number(100)},
			"narrative_ar": {MaxLength: 4000, Advised: 600}, "narrative_fr": {MaxLength: 4000, Advised: 600}, "difficulties": {MaxLength: 4000, Advised: 600}},
		Earliest: "2011-01-01",
		Previous: map[string]workbook.Last{p.Commitments[0].ID: {Pct: percent(7200), Status: "in_progress", ReferenceDate: "2022-06-30", Period: "2022-h1"},
			p.Commitments[1].ID: {Pct: percent(7050)}}}
	for _, name := range []string{"status", "boolean"} {
		b, err := fs.ReadFile(fsys, "codelists/"+name+".json")
		if err != nil {
			t.Fatal(err)
		}
		list, err := table.ParseCodeList(b)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list.Codes {
			spec.Lists[name] = append(spec.Lists[name], workbook.Choice{Code: c.Code, Label: c.Label, Description: c.Definition})
		}
	}
	return spec
}

func template(t testing.TB, lang string) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := workbook.Template(&buf, layout(t), testSpec(t, testPlan("ar", "fr"), lang)); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// read opens a workbook and walks its rows, copied.
func read(t testing.TB, src []byte, lay *workbook.Layout) (*workbook.Document, []workbook.Row, []finding.Finding) {
	t.Helper()
	var found []finding.Finding
	tell := func(f finding.Finding) { found = append(found, f) }
	doc, err := workbook.Read(bytes.NewReader(src), int64(len(src)), "in.xlsx", lay, workbook.DefaultLimits(), tell)
	if err != nil {
		t.Fatal(err)
	}
	if doc == nil {
		return nil, nil, found
	}
	var rows []workbook.Row
	for r := range doc.Rows(tell) {
		r.Cells, r.Behind = append([]workbook.Cell(nil), r.Cells...), append([]int(nil), r.Behind...)
		rows = append(rows, r)
	}
	if err := doc.Err(); err != nil {
		t.Fatal(err)
	}
	return doc, rows, found
}

// replaceInPart changes the text of one part; the old text must be there.
func replaceInPart(t testing.TB, src []byte, name, old, with string) []byte {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(src), int64(len(src)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	zw := zip.NewWriter(&out)
	changed := false
	for _, f := range zr.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == name {
			changed = bytes.Contains(b, []byte(old))
			b = bytes.Replace(b, []byte(old), []byte(with), 1)
		}
		w, err := zw.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	if !changed {
		t.Fatalf("%s does not hold %q", name, old)
	}
	return out.Bytes()
}

// withPart adds a part.
func withPart(t testing.TB, src []byte, name, content string) []byte {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(src), int64(len(src)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	zw := zip.NewWriter(&out)
	for _, f := range zr.File {
		if err := zw.Copy(f); err != nil {
			t.Fatal(err)
		}
	}
	w, err := zw.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// percent gives a pointer to a percentage.
func percent(p plan.Percent) *plan.Percent { return &p }
