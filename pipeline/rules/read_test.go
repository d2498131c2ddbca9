package rules_test

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"iltizam/pipeline/workbook"
)

// A formula's saved result is taken, and told once, however else it was read.
func TestFormulaResults(t *testing.T) {
	saved := func(kind, result string) string { return kind + `><f>A1</f><v>` + result + `</v>` }
	src := bareBook(t, "progress", []string{"commitment_id", "progress_pct", "status", "reference_date", "narrative_fr", "nothing_to_report"}, 3, func(i int) []string {
		return [][]string{
			{str("xx-plan-c01"), saved("", "65"), saved(` t="str"`, "EN COURS"), saved(` t="str"`, "31/12/2022"), saved(` t="str"`, "Fait  \u202e."), saved(` t="b"`, "0")},
			{str("xx-plan-c02"), saved(` t="str"`, "65,5 %"), str("in_progress"), "", saved(` t="str"`, "")},
			{str("xx-plan-c03"), saved("", "145"), str("in_progress")},
		}[i]
	})
	j, report := check(t, src, receipt)
	report.Sort()
	want := []string{
		`error value-out-of-range Avancement!B8 "145"`,
		`warning evidence-missing Avancement!B6 "65"`,
		`warning evidence-missing Avancement!B7 "65.5"`,
		`warning narrative-missing Avancement!E7`,
		`warning narrative-missing Avancement!E8`,
		`info formula-value-read Avancement!B6 "65"`,
		`info formula-value-read Avancement!C6 "EN COURS"`,
		`info formula-value-read Avancement!D6 "31/12/2022"`,
		`info formula-value-read Avancement!E6 "Fait  [U+202E]."`,
		`info formula-value-read Avancement!F6 "false"`,
		`info formula-value-read Avancement!B7 "65,5 %"`,
	}
	if got := flatAll(report); !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if p := j.Submission.Progress; len(p) != 2 || *p[1].Pct != 6550 || p[0].Status != "in_progress" || p[0].ReferenceDate != "2022-12-31" {
		t.Errorf("%+v", p)
	}
	sayAll(t, report)
}

// A plain number is the day that the workbook's own date system makes of it.
func TestNumbersAreDaysOfTheWorkbooksOwnSystem(t *testing.T) {
	book := func(serial string) []byte {
		return bareBook(t, "progress", []string{"commitment_id", "progress_pct", "status", "reference_date"}, 1, func(int) []string {
			return []string{str("xx-plan-c01"), num("0"), str("not_started"), num(serial)}
		})
	}
	for _, c := range []struct{ serial, day1900, day1904 string }{
		{"44926", "2022-12-31", ""}, // 2027-01-01 in the 1904 system, after the day of receipt
		{"43464", "2018-12-30", "2022-12-31"},
	} {
		for system, want := range map[string]string{"": c.day1900, `<workbookPr date1904="1"/>`: c.day1904} {
			src := replaceIn(t, book(c.serial), "xl/workbook.xml", "<sheets>", system+"<sheets>")
			j, report := check(t, src, receipt)
			if want == "" {
				if got := but(flatAll(report), "commitment-missing"); len(got) != 2 || got[0] != `info date-read-from-number Avancement!D6 "44926"` || got[1] != `error date-after-as-of Avancement!D6 "2027-01-01"` {
					t.Errorf("%s%s: %v", system, c.serial, got)
				}
				continue
			}
			if j.Submission == nil || len(j.Submission.Progress) != 1 || j.Submission.Progress[0].ReferenceDate != want {
				t.Errorf("%s%s is not read as %s: %v", system, c.serial, want, flatAll(report))
			}
		}
	}
	// Without a plan's years nothing is believable, and nothing beyond them is.
	for _, serial := range []string{"2022", "1", "0", "-5", "60", "40543", "48214", "20221231", "44926.25"} {
		if j, report := check(t, book(serial), receipt); j.RowsTaken != 0 || flatAll(report)[0] != `error date-invalid Avancement!D6 "`+serial+`"` {
			t.Errorf("%s: %v", serial, flatAll(report))
		}
	}
}

// A time of day is dropped and told; a day alone is told nothing of.
func TestTimesOfDay(t *testing.T) {
	for cell, want := range map[string]string{
		` t="d"><v>2022-12-31</v>`:          "",
		` t="d"><v>2022-12-31T00:00:00</v>`: "",
		` t="d"><v>2022-12-31T14:30:00</v>`: `info date-time-dropped Avancement!D6 "2022-12-31 14:30:00"`,
		str("2022-12-31 00:00:00"):          `info date-read-from-text Avancement!D6 "2022-12-31 00:00:00"`,
		str("2022-12-31 08:15"):             `info date-time-dropped Avancement!D6 "2022-12-31 08:15"`,
	} {
		src := bareBook(t, "progress", []string{"commitment_id", "progress_pct", "status", "reference_date"}, 1, func(int) []string {
			return []string{str("xx-plan-c01"), num("0"), str("not_started"), cell}
		})
		j, report := check(t, src, receipt)
		if got := strings.Join(but(flatAll(report), "commitment-missing", "narrative-missing"), "; "); got != want || len(j.Submission.Progress) != 1 || j.Submission.Progress[0].ReferenceDate != "2022-12-31" {
			t.Errorf("%s: %s, want %s", cell, got, want)
		}
	}
	// As Excel keeps them: the day a whole number, the time its fraction.
	for serial, want := range map[float64]string{44926: "", 44926.5: "2022-12-31 12:00:00", 44926.999999: "2022-12-31 23:59:59", 44926.000001: ""} {
		src, err := form()
		if err == nil {
			src, err = workbook.ApplyEdits(src, mustContract(t).Layout, []workbook.Edit{
				{Sheet: "progress", Row: 6, Key: "progress_pct", Value: 0.0}, {Sheet: "progress", Row: 6, Key: "status", Value: "not_started"},
				{Sheet: "progress", Row: 6, Key: "reference_date", Value: serial, NumFmt: "dd/mm/yyyy hh:mm"}})
		}
		if err != nil {
			t.Fatal(err)
		}
		j, report := check(t, src, receipt)
		if want != "" {
			want = `info date-time-dropped Avancement!F6 "` + want + `"`
		}
		if got := strings.Join(but(flatAll(report), "commitment-missing", "narrative-missing"), "; "); got != want || j.Submission.Progress[0].ReferenceDate != "2022-12-31" {
			t.Errorf("%v: %s, want %s", serial, got, want)
		}
	}
}

// What a row that is no report holds is not told of.
func TestNothingIsToldOfARowThatIsNoReport(t *testing.T) {
	j, report := judgeText(t, "progress 6: "+goodRow, `milestones 6: planned_end_date = 31/03/2022 | title_fr = "Gui\u200bde"`)
	if len(report.Findings) > 0 || j.RowsTaken != 1 {
		t.Errorf("%v", flatAll(report))
	}
}

// replaceIn changes a part of a workbook.
func replaceIn(t *testing.T, src []byte, part, old, with string) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(src), int64(len(src)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == part {
			if !bytes.Contains(b, []byte(old)) {
				t.Fatalf("%s has no %s", part, old)
			}
			b = bytes.Replace(b, []byte(old), []byte(with), 1)
		}
		w, err := z.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(b)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
