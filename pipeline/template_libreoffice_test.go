//go:build e2e

package pipeline_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"iltizam/pipeline/workbook"
)

// resaved has LibreOffice open a workbook and save it again.
func resaved(t *testing.T, src []byte) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.xlsx"), filepath.Join(dir, "out")
	if err := os.WriteFile(in, src, 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("soffice", "--headless", "-env:UserInstallation=file://"+dir+"/profile", "--convert-to", "xlsx", "--outdir", out, in)
	if msg, err := c.CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v: %s", err, msg)
	}
	b, err := os.ReadFile(filepath.Join(out, "in.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What was filled in beforehand is known as such after LibreOffice saved the
// form; so is the one cell that answers for all.
func TestLibreOfficeKeepsWhatWasFilledIn(t *testing.T) {
	o := newOffice(t)
	form, _ := o.form("2030-h1", "2030-07-01")
	o.send(form, "2030-07-10", append(progressOf(6, 40.5, "in_progress", "2030-06-30"),
		set("milestones", "milestone_id", 8, c01+"-m07"), set("milestones", "commitment_id", 8, c01), set("milestones", "title_es", 8, "Formar a los equipos"),
		workbook.Edit{Sheet: "milestones", Key: "actual_start_date", Row: 6, Value: "2030-02-01", Date: true})...)
	form, spec := o.form("2030-h2", "2031-01-01")
	if len(spec.Milestones[c01]) != 2 || len(spec.Previous) != 1 {
		t.Fatalf("%+v", spec)
	}
	if v := o.send(resaved(t, form), "2031-01-10"); v.RowsTaken != 0 || v.RowsHeld != 0 || len(v.Report.Findings) != 1 || v.Report.Findings[0].Rule != "submission-empty" {
		t.Errorf("%d taken: %v", v.RowsTaken, v.Report.Findings)
	}
	b, err := workbook.ApplyEdits(form, o.c.Layout, []workbook.Edit{set("progress", "nothing_to_report", 3, "Oui")})
	if err != nil {
		t.Fatal(err)
	}
	if v := o.send(resaved(t, b), "2031-01-11"); v.RowsTaken != 2 || v.RowsHeld != 0 {
		t.Errorf("%d taken: %v", v.RowsTaken, v.Report.Findings)
	}
}
