package rules_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/xuri/excelize/v2"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook"
	"iltizam/schemas"
)

// traced is a workbook in which most values were changed on reading: its second
// row is waiting, its third and fourth are held back.
var traced = []string{
	`progress 6: progress_pct = "٦٥٫٥ ٪" | status = "EN  COURS" | reference_date = "31 دجنبر 2022" | narrative_fr = "Fait\u202e." | evidence_url = " https://example.org/1 https://example.org/2"`,
	`progress 8: progress_pct = n:145 | status = fini | reference_date = 31/02/2022`,
	`progress 9: commitment_id = xx-plan-c99 | progress_pct = n:5 | status = En cours`,
	`progress 10: commitment_id = "xx-plan-\u200fc02" | progress_pct = %:0.285 | status = في طور الإنجاز | reference_date = g:44926 | narrative_ar = "\u00a0تم" | nothing_to_report = Non | evidence_url = https://example.org/3`,
	`milestones 6: completion_pct = n:33.3333333 | status = in_progress | actual_start_date = 1er mars 2022`,
}

func edited(t *testing.T, lines ...string) []byte {
	t.Helper()
	f := &fixture{}
	for _, line := range lines {
		if err := f.line(t, line); err != nil {
			t.Fatal(err)
		}
	}
	src, err := form()
	if err == nil {
		src, err = workbook.ApplyEdits(src, mustContract(t).Layout, f.edits)
	}
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// document is a submission as the JSON document that its pointers are of. Rows
// that were held back are given.
func document(sub *plan.Submission, progress map[int]any) map[string]any {
	set := func(row map[string]any, key, text string) {
		if text != "" {
			row[key] = text
		}
	}
	percent := func(row map[string]any, key string, p *plan.Percent) {
		if p != nil {
			row[key] = float64(*p) / 100
		}
	}
	for _, p := range sub.Progress {
		row := map[string]any{}
		percent(row, "progress_pct", p.Pct)
		for key, text := range map[string]string{"commitment_id": p.Commitment, "status": p.Status, "reference_date": p.ReferenceDate,
			"narrative_fr": p.Narrative["fr"], "narrative_ar": p.Narrative["ar"], "evidence_url": strings.Join(p.EvidenceURLs, " ")} {
			set(row, key, text)
		}
		if p.Place.Cell("nothing_to_report") != "" {
			row["nothing_to_report"] = p.NothingToReport
		}
		progress[p.Place.Index] = row
	}
	milestones := []any{}
	for _, m := range sub.Milestones {
		row := map[string]any{}
		percent(row, "completion_pct", m.Pct)
		for key, text := range map[string]string{"milestone_id": m.Milestone, "commitment_id": m.Commitment, "status": m.Status, "title_fr": m.Title["fr"],
			"title_ar": m.Title["ar"], "planned_start_date": m.PlannedStart, "planned_end_date": m.PlannedEnd, "actual_start_date": m.ActualStart} {
			set(row, key, text)
		}
		milestones = append(milestones, row)
	}
	rows := make([]any, len(progress))
	for i, row := range progress {
		rows[i] = row
	}
	return map[string]any{"progress": rows, "milestones": milestones, "header": map[string]any{}}
}

// resolve follows a JSON Pointer as RFC 6901 says.
func resolve(doc any, pointer string) (any, bool) {
	for _, token := range strings.Split(pointer, "/")[1:] {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		switch x := doc.(type) {
		case map[string]any:
			v, ok := x[token]
			if !ok {
				return nil, false
			}
			doc = v
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i >= len(x) {
				return nil, false
			}
			doc = x[i]
		default:
			return nil, false
		}
	}
	return doc, true
}

// raw is what a cell holds, by another reader than ours.
func raw(t *testing.T, f *excelize.File, sheet, cell string) string {
	t.Helper()
	s, err := f.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEveryValueIsTracedToItsCell(t *testing.T) {
	src := edited(t, traced...)
	j, report := check(t, src, receipt)
	sub := j.Submission
	if sub == nil || len(sub.Progress) != 2 || len(sub.Milestones) != 1 || j.RowsHeld != 2 {
		t.Fatal(j, flatAll(report))
	}
	f, err := excelize.OpenReader(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc := document(sub, map[int]any{1: nil, 2: nil})
	changed, values := 0, 0
	trace := func(p plan.Place) {
		for _, named := range strings.Fields(p.Cells()) {
			key, ref, _ := strings.Cut(named, "=")
			pointer := p.Pointer(key)
			sheet, cell, ok := sub.At(pointer)
			if !ok || sheet != p.Sheet || cell != ref || p.Cell(key) != ref {
				t.Errorf("%s is at %s!%s, %v; its row says %s!%s", pointer, sheet, cell, ok, p.Sheet, ref)
			}
			value, ok := resolve(doc, pointer)
			if !ok {
				t.Errorf("there is nothing at %s", pointer)
				continue
			}
			values++
			got := raw(t, f, sheet, cell)
			if text, ok := p.AsReceived(key); ok {
				changed++
				if text != got || text == fmt.Sprint(value) {
					t.Errorf("%s was received as %q and is %v; the cell has %q", pointer, text, value, got)
				}
				continue
			}
			if asCell(got, value) != fmt.Sprint(value) {
				t.Errorf("%s is %v; the cell has %q", pointer, value, got)
			}
		}
	}
	for _, p := range sub.Progress {
		trace(p.Place)
	}
	for _, m := range sub.Milestones {
		trace(m.Place)
	}
	// Row 6: pct, status, date, narrative. Row 10: all but the address. The milestone: pct, date.
	if changed != 4+6+2 || values != 6+7+9 {
		t.Errorf("%d of %d values were changed", changed, values)
	}
	for key := range map[string]bool{"plan": true, "institution": true, "template_version": true} {
		sheet, cell, ok := sub.At(plan.Pointer("header", key))
		if !ok || raw(t, f, sheet, strings.Replace(cell, "B", "A", 1)) != key {
			t.Errorf("header %s is at %s!%s, %v", key, sheet, cell, ok)
		}
	}
}

// asCell is how a cell that holds a value says it.
func asCell(raw string, value any) string {
	switch value := value.(type) {
	case float64:
		n, _ := strconv.ParseFloat(raw, 64)
		return fmt.Sprint(n)
	case bool:
		return strconv.FormatBool(raw == "1")
	case string:
		if _, err := time.Parse(time.DateOnly, value); err == nil {
			serial, _ := strconv.ParseFloat(raw, 64)
			day, _ := excelize.ExcelDateToTime(serial, false)
			return day.Format(time.DateOnly)
		}
	}
	return strings.TrimSpace(raw)
}

// A finding's pointer is the place that JSON Schema itself gives for the error.
func TestPointersAreTheSchemasOwn(t *testing.T) {
	j, report := check(t, edited(t, traced[0], `progress 8: progress_pct = n:145 | status = fini | reference_date = d:2022-12-31`, traced[3]), receipt)
	if j.Submission == nil || j.RowsHeld != 1 {
		t.Fatal(j, flatAll(report))
	}
	doc := document(j.Submission, map[int]any{1: map[string]any{"commitment_id": "xx-plan-c03", "progress_pct": 145.0, "status": "fini", "reference_date": "2022-12-31"}})
	delete(doc, "header")
	var failure *jsonschema.ValidationError
	if err := submissionSchema(t).Validate(doc); !errors.As(err, &failure) {
		t.Fatal(err)
	}
	var want []string
	var leaves func(*jsonschema.ValidationError)
	leaves = func(e *jsonschema.ValidationError) {
		for _, cause := range e.Causes {
			leaves(cause)
		}
		if len(e.Causes) == 0 && len(e.InstanceLocation) > 0 {
			want = append(want, plan.Pointer(e.InstanceLocation...))
		}
	}
	leaves(failure)
	var got []string
	cells := map[string]string{}
	for _, f := range report.Findings {
		if f.Severity == finding.Error {
			got = append(got, f.Pointer)
			cells[f.Pointer] = f.At.Ref
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) || cells["/progress/1/progress_pct"] != "D8" || cells["/progress/1/status"] != "E8" {
		t.Errorf("the findings point at %v (%v), the schema at %v", got, cells, want)
	}
}

func submissionSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	const base = "https://iltizam.example/schemas/"
	for _, name := range []string{"submission", "progress-row", "milestone-row", "fields"} {
		b, err := fs.ReadFile(schemas.FS, name+".schema.json")
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err == nil {
			err = c.AddResource(base+name+".schema.json", doc)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile(base + "submission.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every finding about a value points at it, at the cell that it stands in.
func TestFindingsPointAtTheirCells(t *testing.T) {
	_, report := check(t, edited(t, traced...), receipt)
	var got []string
	for _, f := range report.Findings {
		got = append(got, f.Pointer+" "+f.At.Ref+" "+f.Rule)
	}
	for i, c := range mustContract(t).Complaints(report, pipeline.Naming{}) { // as receipts print them
		if c.Pointer != report.Findings[i].Pointer {
			t.Errorf("%s is told at %q", report.Findings[i].Pointer, c.Pointer)
		}
	}
	slices.Sort(got)
	want := []string{
		"/milestones/0/actual_start_date G6 date-read-from-text",
		"/milestones/0/completion_pct I6 number-rounded",
		"/progress/0/narrative_ar G6 narrative-language-missing",
		"/progress/0/narrative_fr H6 text-cleaned",
		"/progress/0/progress_pct D6 number-read-from-text",
		"/progress/0/progress_pct D6 progress-milestones-mismatch",
		"/progress/0/reference_date F6 date-read-from-text",
		"/progress/0/status E6 label-read-as-code",
		"/progress/1/narrative_ar G8 narrative-missing",
		"/progress/1/progress_pct D8 value-out-of-range",
		"/progress/1/reference_date F8 date-invalid",
		"/progress/1/status E8 value-not-in-list",
		"/progress/2/commitment_id A9 commitment-unknown",
		"/progress/2/narrative_ar G9 narrative-missing",
		"/progress/2/progress_pct D9 evidence-missing",
		"/progress/3/commitment_id A10 text-cleaned",
		"/progress/3/narrative_ar G10 text-cleaned",
		"/progress/3/narrative_fr H10 narrative-language-missing",
		"/progress/3/progress_pct D10 percent-cell-read",
		"/progress/3/reference_date F10 date-read-from-number",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the findings point at\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	_, report = check(t, edited(t, "header period = 2031-h1"), receipt)
	if len(report.Findings) != 1 || report.Findings[0].Pointer != "/header/period" {
		t.Errorf("%+v", report.Findings)
	}
}

// Rows that are filled in alike each keep their own texts.
func TestReceivedTextsAreOfTheirRow(t *testing.T) {
	j, report := check(t, edited(t,
		`progress 6: progress_pct = "65 %" | status = in_progress`, `progress 7: progress_pct = "70 %" | status = in_progress`, `progress 8: progress_pct = "65 %" | status = in_progress`), receipt)
	if len(j.Submission.Progress) != 3 {
		t.Fatal(flatAll(report))
	}
	var got []string
	for _, p := range j.Submission.Progress {
		text, _ := p.Place.AsReceived("progress_pct")
		got = append(got, text)
	}
	p := j.Submission.Progress
	if !slices.Equal(got, []string{"65 %", "70 %", "65 %"}) || p[0].Place.Reading != p[2].Place.Reading || p[0].Place.Reading.Columns != p[1].Place.Reading.Columns {
		t.Errorf("%v", got)
	}
}
