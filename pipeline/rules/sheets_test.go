package rules_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/workbook"
	"iltizam/pipeline/workbook/scan"
	"iltizam/schemas"
)

// contract compiles the real schemas once.
var contract = sync.OnceValues(func() (*pipeline.Contract, error) { return pipeline.LoadContract(schemas.FS) })

func mustContract(tb testing.TB) *pipeline.Contract {
	tb.Helper()
	c, err := contract()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// testPlan is a small invented plan: four commitments, of which c04 belongs to
// another institution, which supports c03; c01 has a milestone.
func testPlan() *plan.ActionPlan {
	text := func(ar, fr string) plan.Texts {
		return plan.Texts{"ar": {Text: ar, Basis: plan.Sourced}, "fr": {Text: fr, Basis: plan.Sourced}}
	}
	p := &plan.ActionPlan{ID: "xx-plan", Languages: []string{"ar", "fr"}, TemplateLanguages: []string{"ar", "fr"},
		Title: text("خطة", "Plan"), Coordinator: "roads", ActionPlanCycle: 2021, CountryCode: "MA",
		StartDate: plan.PartialDate{Text: "2021"}, EndDate: plan.PartialDate{Text: "2023-08"},
		Institutions: []plan.Institution{
			{Code: "water", Names: []plan.InstitutionName{{Name: text("وزارة الماء", "Eau")}}},
			{Code: "roads", Names: []plan.InstitutionName{{Name: text("وزارة الطرق", "Routes")}}},
		},
		Periods: []plan.ReportingPeriod{
			{ID: "page", Kind: plan.KindTranscription, Label: text("الصفحة", "Page")},
			{ID: "2022-h1", Kind: plan.KindSubmission, Label: text("2022-1", "2022-1"), DueDate: "2022-07-31"},
			{ID: "2022-h2", Kind: plan.KindSubmission, Label: text("2022-2", "2022-2"), DueDate: "2023-01-31"},
			{ID: "2023-h1", Kind: plan.KindSubmission, Label: text("2023-1", "2023-1"), Start: "2023-02-01", DueDate: "2023-07-31"},
		}}
	for n := 1; n <= 4; n++ {
		lead := "water"
		if n == 4 {
			lead = "roads"
		}
		p.Commitments = append(p.Commitments, plan.Commitment{ID: plan.CommitmentID(p.ID, n), Number: n,
			Title: text(fmt.Sprint("الالتزام ", n), fmt.Sprint("Engagement ", n)), LeadInstitution: lead})
	}
	p.Commitments[2].Supporting = []string{"roads"}
	p.Commitments[0].Milestones = []plan.Milestone{{ID: "xx-plan-c01-m01", Title: text("دليل", "Guide"),
		PlannedStart: "2021-10-01", PlannedEnd: "2022-03-31"}}
	return p
}

const receivedAt = "2023-01-20T09:00:00Z"

var receipt = rules.Receipt{Digest: strings.Repeat("ab", 32), Folder: "water", ReceivedAt: receivedAt}

// check reads and judges a workbook; the findings stand in the order in which
// they were made.
func check(tb testing.TB, src []byte, rc rules.Receipt) (rules.Judgement, *finding.Report) {
	tb.Helper()
	report := &finding.Report{File: "in.xlsx"}
	j, err := mustContract(tb).Check(src, []*plan.ActionPlan{testPlan()}, rc, workbook.DefaultLimits(), report)
	if err != nil {
		tb.Fatal(err)
	}
	return j, report
}

// bareHeader is what the hidden sheet of a bare workbook says.
var bareHeader = [][2]string{{"template", "iltizam-progress"}, {"template_version", "1.1.0"}, {"plan", "xx-plan"},
	{"institution", "water"}, {"period", "2022-h2"}, {"origin", "ministry"}}

// bareBook writes a workbook by hand, for what no library would write and for
// sheets of any length: the raw cells of each row from the sixth on.
func bareBook(tb testing.TB, sheet string, keys []string, n int, row func(i int) []string) []byte {
	tb.Helper()
	lay := mustContract(tb).Layout
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	part := func(name string, write func(w io.Writer)) {
		w, err := z.Create(name)
		if err != nil {
			tb.Fatal(err)
		}
		io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?>`)
		write(w)
	}
	data := []string{"progress", "milestones"}
	part("[Content_Types].xml", func(w io.Writer) {
		io.WriteString(w, `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">`+
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>`+
			`<Default Extension="xml" ContentType="application/xml"/>`+
			`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`)
	})
	const rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	rels := func(w io.Writer, kinds ...string) {
		io.WriteString(w, `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
		for i := 0; i < len(kinds); i += 2 {
			fmt.Fprintf(w, `<Relationship Id="rId%d" Type="%s/%s" Target="%s"/>`, i/2+1, rel, kinds[i], kinds[i+1])
		}
		io.WriteString(w, `</Relationships>`)
	}
	part("_rels/.rels", func(w io.Writer) { rels(w, "officeDocument", "xl/workbook.xml") })
	part("xl/_rels/workbook.xml.rels", func(w io.Writer) {
		rels(w, "worksheet", "worksheets/sheet1.xml", "worksheet", "worksheets/sheet2.xml", "worksheet", "worksheets/sheet3.xml")
	})
	const ns = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	part("xl/workbook.xml", func(w io.Writer) {
		fmt.Fprintf(w, `<workbook %s xmlns:r="%s"><sheets>`, ns, rel)
		for i, key := range append(data, "meta") {
			s, _ := lay.Sheet(key)
			fmt.Fprintf(w, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, s.AnyName(lay.Fallback), i+1, i+1)
		}
		io.WriteString(w, `</sheets></workbook>`)
	})
	for i, key := range data {
		part(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), func(w io.Writer) {
			fmt.Fprintf(w, `<worksheet %s><sheetData><row r="%d">`, ns, lay.KeyRow)
			have := keys
			if key != sheet {
				have = map[string][]string{"progress": {"commitment_id", "progress_pct", "status", "reference_date"},
					"milestones": {"milestone_id", "commitment_id"}}[key]
			}
			for c, k := range have {
				fmt.Fprintf(w, `<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, scan.Ref(c+1, lay.KeyRow), k)
			}
			io.WriteString(w, `</row>`)
			for r := 0; key == sheet && r < n; r++ {
				fmt.Fprintf(w, `<row r="%d">`, lay.FirstRow+r)
				for c, raw := range row(r) {
					if raw != "" {
						fmt.Fprintf(w, `<c r="%s"%s</c>`, scan.Ref(c+1, lay.FirstRow+r), raw)
					}
				}
				io.WriteString(w, `</row>`)
			}
			io.WriteString(w, `</sheetData></worksheet>`)
		})
	}
	part("xl/worksheets/sheet3.xml", func(w io.Writer) {
		fmt.Fprintf(w, `<worksheet %s><sheetData>`, ns)
		for i, kv := range bareHeader {
			fmt.Fprintf(w, `<row r="%d"><c r="A%d"%s</c><c r="B%d"%s</c></row>`, i+1, i+1, str(kv[0]), i+1, str(kv[1]))
		}
		io.WriteString(w, `</sheetData></worksheet>`)
	})
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// str and num are raw cells of a bare workbook.
func str(s string) string { return ` t="inlineStr"><is><t>` + s + `</t></is>` }
func num(s string) string { return `><v>` + s + `</v>` }
