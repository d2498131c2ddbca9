package workbook_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook"
)

// The form bears the name that held when its period ended, and lists what the
// institution led then and what those it replaced supported.
func TestTheFormIsOfItsPeriod(t *testing.T) {
	p := testPlan("ar", "fr")
	french := func(s string) plan.Texts { return plan.Texts{"fr": {Text: s, Basis: plan.Sourced}} }
	on := func(day string) plan.PartialDate { return plan.PartialDate{Date: day, Basis: plan.Sourced} }
	p.Institutions = []plan.Institution{
		{Code: "social", Names: []plan.InstitutionName{{Name: french("Ancien nom"), ValidTo: on("2022-09-30")}, {Name: french("Nouveau nom"), ValidFrom: on("2022-10-01")}}},
		{Code: "admin", Names: []plan.InstitutionName{{Name: french("Administration")}}},
		{Code: "gone", ReplacedBy: "social", Names: []plan.InstitutionName{{Name: french("Disparue"), ValidTo: on("2022-09-30")}}}}
	p.Periods = []plan.ReportingPeriod{
		{ID: "2022-h1", Kind: plan.KindSubmission, Label: french("1"), End: "2022-06-30", DueDate: "2022-12-31"},
		{ID: "2022-h2", Kind: plan.KindSubmission, Label: french("2"), End: "2022-12-31", DueDate: "2023-01-31"}}
	c := p.Commitments
	c[0].EarlierLeads = []plan.EarlierLead{{Institution: "admin", Until: "2022-06-30"}}
	c[1].LeadInstitution, c[1].Supporting = "admin", []string{"gone"}
	for _, x := range []struct{ period, name, first, choices string }{
		{"2022-h1", "Ancien nom", c[2].ID, c[2].ID}, {"2022-h2", "Nouveau nom", c[0].ID, c[0].ID + " " + c[2].ID + " " + c[1].ID},
	} {
		spec := testSpec(t, p, "fr")
		spec.Period = x.period
		var buf bytes.Buffer
		if err := workbook.Template(&buf, layout(t), spec); err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenReader(&buf)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if got, _ := f.GetCellValue("Avancement", "A3"); !strings.Contains(got, x.name) {
			t.Errorf("%s: the form is of %q, want %s", x.period, got, x.name)
		}
		if got, _ := f.GetCellValue("Avancement", "A6"); got != x.first {
			t.Errorf("%s: the first row is of %s, want %s", x.period, got, x.first)
		}
		columns, err := f.GetCols("_lists")
		if err != nil || len(columns) == 0 {
			t.Fatal(columns, err)
		}
		var got string
		for _, column := range columns {
			if len(column) > 1 && column[0] == "commitments" {
				got = strings.TrimSpace(strings.Join(column[1:], " "))
			}
		}
		if got != x.choices {
			t.Errorf("%s: one may choose %s, want %s", x.period, got, x.choices)
		}
	}
}
