package pipeline_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/intake"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook"
	"iltizam/schemas"
)

// memory is a place in memory.
type memory map[string][]byte

// memoryLock guards all of them: stages read and write at once.
var memoryLock sync.Mutex

func (m memory) Replace(_ context.Context, key string, content []byte) error {
	memoryLock.Lock()
	defer memoryLock.Unlock()
	m[key] = content
	return nil
}

func (m memory) List(_ context.Context, prefix string) ([]intake.Entry, error) {
	var out []intake.Entry
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if len(key) >= len(prefix) && key[:len(prefix)] == prefix {
			out = append(out, intake.Entry{Key: key, Size: int64(len(m[key]))})
		}
	}
	return out, nil
}

func (m memory) Open(_ context.Context, key string) (io.ReadCloser, error) {
	memoryLock.Lock()
	defer memoryLock.Unlock()
	b, ok := m[key]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

func (m memory) PutNew(_ context.Context, key string, _ int64, _ string, content func() (io.ReadSeekCloser, error)) error {
	r, err := content()
	if err != nil {
		return err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	memoryLock.Lock()
	defer memoryLock.Unlock()
	if _, ok := m[key]; !ok && err == nil {
		m[key] = b
	}
	return err
}

// office is an institution's desk: it asks for forms, fills them in, sends them.
type office struct {
	t       testing.TB
	c       *pipeline.Contract
	plans   []pipeline.Plan
	archive memory
}

func newOffice(t testing.TB) *office {
	t.Helper()
	c, err := pipeline.LoadContract(schemas.FS)
	if err != nil {
		t.Fatal(err)
	}
	plans, err := c.LoadPlans(os.DirFS("../examples/fictitious/plans"), ".")
	if err != nil {
		t.Fatal(err)
	}
	return &office{t, c, plans, memory{}}
}

func (o *office) input(day string) pipeline.Input {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		o.t.Fatal(err)
	}
	return pipeline.Input{Contract: o.c, Plans: o.plans, Inbox: memory{}, Archive: o.archive, Now: at, ReceivedAt: at, Limits: workbook.DefaultLimits()}
}

// form makes the form of the waters for a period as of a day.
func (o *office) form(period, day string) ([]byte, workbook.TemplateSpec) {
	o.t.Helper()
	p := o.plans[0].ActionPlan
	spec := o.c.TemplateSpec(p, "aguas", p.Period(period), "es")
	before := len(o.archive)
	res, err := pipeline.Known(o.t.Context(), o.input(day))
	if err != nil {
		o.t.Fatal(err)
	}
	if len(o.archive) != before {
		o.t.Error("making a form writes to the archive")
	}
	pipeline.Prefill(&spec, res.Snapshots[0])
	var buf bytes.Buffer
	if err := workbook.Template(&buf, o.c.Layout, spec); err != nil {
		o.t.Fatal(err)
	}
	return buf.Bytes(), spec
}

// send fills in a form and drops it on a day.
func (o *office) send(form []byte, day string, edits ...workbook.Edit) *pipeline.Verdict {
	o.t.Helper()
	b, err := workbook.ApplyEdits(form, o.c.Layout, edits)
	if err != nil {
		o.t.Fatal(err)
	}
	in := o.input(day)
	in.Inbox = memory{"aguas/" + day + ".xlsx": b}
	res, err := pipeline.Run(o.t.Context(), in)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, v := range res.Verdicts {
		if v.Workbook.InInbox {
			return v
		}
	}
	o.t.Fatal("nothing was read")
	return nil
}

func set(sheet, key string, row int, value any) workbook.Edit {
	return workbook.Edit{Sheet: sheet, Key: key, Row: row, Value: value}
}

func onDay(key string, row int, day string) workbook.Edit {
	return workbook.Edit{Sheet: "progress", Key: key, Row: row, Value: day, Date: true}
}

func progressOf(row int, pct float64, status, day string) []workbook.Edit {
	return []workbook.Edit{set("progress", "progress_pct", row, pct), set("progress", "status", row, status), onDay("reference_date", row, day),
		set("progress", "narrative_es", row, "Obras en curso."), set("progress", "evidence_url", row, "https://ejemplia.example/1")}
}

const (
	c01 = "xx-demo-2030-2031-c01"
	c02 = "xx-demo-2030-2031-c02"
)

// What was published comes back in the next form, a row that was held back as its
// last good value; what the institution added it does not type again.
func TestAFormHoldsWhatWasPublished(t *testing.T) {
	o := newOffice(t)
	first, spec := o.form("2030-h1", "2030-07-01")
	if len(spec.Previous) != 0 || len(spec.Milestones) != 0 || spec.Prefilled != "" {
		t.Errorf("something is known of nothing: %+v", spec)
	}
	edits := append(progressOf(6, 40.5, "in_progress", "2030-06-30"), progressOf(7, 10, "in_progress", "2030-06-30")...)
	edits = append(edits, set("milestones", "completion_pct", 6, 25.0), set("milestones", "status", 6, "in_progress"),
		set("milestones", "milestone_id", 8, c01+"-m07"), set("milestones", "commitment_id", 8, c01), set("milestones", "title_es", 8, "Formar a los equipos"),
		workbook.Edit{Sheet: "milestones", Key: "planned_end_date", Row: 8, Value: "2030-12-31", Date: true},
		workbook.Edit{Sheet: "milestones", Key: "actual_start_date", Row: 8, Value: "2030-05-02", Date: true})
	if v := o.send(first, "2030-07-10", edits...); v.RowsTaken != 4 || v.RowsHeld != 0 {
		t.Fatalf("%d taken, %d held: %v", v.RowsTaken, v.RowsHeld, v.Report.Findings)
	}
	// The form of a period that was reported on already has what stood before it.
	if _, spec := o.form("2030-h1", "2030-08-01"); len(spec.Previous) != 0 || len(spec.Milestones[c01]) != 2 {
		t.Errorf("the same period again: %+v %+v", spec.Previous, spec.Milestones)
	}
	second, _ := o.form("2030-h2", "2031-01-01")
	// The second row is refused: the last good value stays.
	if v := o.send(second, "2031-01-10", append(progressOf(6, 55, "in_progress", "2030-12-31"), progressOf(7, 145, "in_progress", "2030-12-31")...)...); v.RowsHeld != 1 || v.RowsTaken != 1 {
		t.Fatalf("%d taken, %d held: %v", v.RowsTaken, v.RowsHeld, v.Report.Findings)
	}
	_, spec = o.form("2031-h1", "2031-07-01")
	for id, want := range map[string]string{c01: "5500 in_progress 2030-12-31 2030-h2", c02: "1000 in_progress 2030-06-30 2030-h1"} {
		l := spec.Previous[id]
		if l.Pct == nil || fmt.Sprintln(*l.Pct, l.Status, l.ReferenceDate, l.Period) != want+"\n" {
			t.Errorf("%s: %+v, want %s", id, l, want)
		}
	}
	if len(spec.Previous) != 2 {
		t.Errorf("values of others: %+v", spec.Previous)
	}
	got := spec.Milestones[c01]
	if len(got) != 2 || got[0].ID != c01+"-m01" || got[0].Own || got[0].Title["es"] == "" || *got[0].Last.Pct != 2500 ||
		got[1].ID != c01+"-m07" || !got[1].Own || got[1].Title["es"] != "Formar a los equipos" || got[1].PlannedEnd != "2030-12-31" ||
		got[1].ActualStart != "2030-05-02" || got[1].Last.Pct != nil || len(spec.Milestones) != 1 {
		t.Errorf("milestones: %+v", spec.Milestones)
	}
}

// A form that comes back as it went out is no report, whatever was filled in
// beforehand; one word changed is.
func TestWhatWasFilledInBeforehandIsNoReport(t *testing.T) {
	o := newOffice(t)
	form, _ := o.form("2030-h1", "2030-07-01")
	o.send(form, "2030-07-10", set("milestones", "milestone_id", 8, c01+"-m07"), set("milestones", "commitment_id", 8, c01), set("milestones", "title_es", 8, "Formar  a los equipos "),
		workbook.Edit{Sheet: "milestones", Key: "actual_start_date", Row: 6, Value: "2030-02-01", Date: true})
	form, spec := o.form("2030-h2", "2031-01-01")
	if spec.Prefilled == "" {
		t.Fatal("no marks")
	}
	for name, c := range map[string]struct {
		edits []workbook.Edit
		taken int
	}{
		"untouched":       {nil, 0},
		"a title":         {[]workbook.Edit{set("milestones", "title_es", 8, "Formar a todos")}, 1},
		"a date":          {[]workbook.Edit{{Sheet: "milestones", Key: "actual_start_date", Row: 6, Value: "2030-02-02", Date: true}}, 1},
		"a date away":     {[]workbook.Edit{set("milestones", "actual_start_date", 6, nil)}, 0}, // as the plan has it: nothing reported
		"a percentage":    {[]workbook.Edit{set("milestones", "completion_pct", 8, 0.0)}, 1},
		"the marks away":  {[]workbook.Edit{{Sheet: "meta", Cell: "B10"}}, 2},
		"another's marks": {[]workbook.Edit{{Sheet: "meta", Cell: "B10", Value: c01 + "-m07=000000000000 x =y z="}}, 2},
	} {
		b, err := workbook.ApplyEdits(form, o.c.Layout, c.edits)
		if err != nil {
			t.Fatal(err)
		}
		again := &office{t, o.c, o.plans, maps.Clone(o.archive)}
		v := again.send(b, "2031-01-10")
		if v.RowsTaken != c.taken || v.RowsHeld != 0 {
			t.Errorf("%s: %d taken, want %d; %v", name, v.RowsTaken, c.taken, v.Report.Findings)
		}
	}
}

// One cell reports that nothing is new: no value is asked for, the last one is
// carried with the period it is from, the sender is told.
func TestNothingToReportIsOneCell(t *testing.T) {
	o := newOffice(t)
	form, _ := o.form("2030-h1", "2030-07-01")
	o.send(form, "2030-07-10", append(progressOf(6, 40, "in_progress", "2030-06-30"), progressOf(7, 10, "in_progress", "2030-06-30")...)...)
	form, _ = o.form("2030-h2", "2031-01-01")
	for name, edit := range map[string]workbook.Edit{"a row": set("progress", "nothing_to_report", 6, "Oui"), "all rows": set("progress", "nothing_to_report", 3, "Oui")} {
		again := &office{t, o.c, o.plans, maps.Clone(o.archive)}
		v := again.send(form, "2031-01-10", edit)
		rows := map[string]int{"a row": 1, "all rows": 2}[name]
		if v.RowsTaken != rows || v.RowsHeld != 0 || len(v.Report.Findings) != 1 || v.Report.Findings[0].Rule != "nothing-to-report" || v.Report.Findings[0].At.Ref != fmt.Sprint("L", edit.Row) {
			t.Errorf("%s: %d taken: %v", name, v.RowsTaken, v.Report.Findings)
		}
		for _, row := range v.Submission.Progress { // each value is taken from where it stands
			if at := row.Place.Cell("nothing_to_report"); at != fmt.Sprint("L", edit.Row) || !strings.Contains(row.Place.Cells(), "nothing_to_report="+at) ||
				row.Place.Cell("commitment_id") != fmt.Sprint("A", row.Place.Row) || !strings.Contains(row.Place.Cells(), fmt.Sprint("commitment_id=A", row.Place.Row)) {
				t.Errorf("%s: row %d is read from %s", name, row.Place.Row, row.Place.Cells())
			}
		}
		res, err := pipeline.Known(t.Context(), again.input("2031-06-01"))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range res.Snapshots[0].Standings {
			if s.Commitment == c01 && s.Period == "2030-h2" && (s.State != plan.CarriedForward || s.ValuePeriod != "2030-h1" || *s.Report.Pct != 4000) {
				t.Errorf("%s: %+v", name, s)
			}
		}
	}
}

// bigPlan is a plan of n institutions, each with two commitments of three
// milestones that were reported before.
func bigPlan(n int) (*plan.ActionPlan, *plan.Snapshot) {
	words := func(ar, fr string) plan.Texts { return plan.Texts{"ar": {Text: ar}, "fr": {Text: fr}} }
	p := &plan.ActionPlan{ID: "xx-big", ActionPlanCycle: 2030, Languages: []string{"ar", "fr"}, TemplateLanguages: []string{"ar", "fr"},
		Title: words("خطة العمل", "Plan d’action"), Periods: []plan.ReportingPeriod{
			{ID: "h1", Kind: plan.KindSubmission, Label: words("النصف الأول", "Premier semestre")}, {ID: "h2", Kind: plan.KindSubmission, Label: words("النصف الثاني", "Second semestre")}}}
	snap := &plan.Snapshot{Plan: p}
	pct := plan.Percent(4050)
	for i := range n {
		code := fmt.Sprintf("i%03d", i)
		p.Institutions = append(p.Institutions, plan.Institution{Code: code, Names: []plan.InstitutionName{{Name: words("الجهة "+code, "Institution "+code)}}})
		for k := range 2 {
			c := plan.Commitment{ID: plan.CommitmentID(p.ID, 2*i+k+1), Number: 2*i + k + 1, LeadInstitution: code,
				Title: words("تعزيز الولوج إلى المعلومات للأشخاص في وضعية إعاقة", "Renforcer l’accès à l’information des personnes en situation de handicap")}
			for m := range 3 {
				id := fmt.Sprintf("%s-m%02d", c.ID, m+1)
				c.Milestones = append(c.Milestones, plan.Milestone{ID: id, Title: words("إعداد الدليل", "Rédiger le guide"), PlannedEnd: "2030-12-31"})
				snap.Milestones = append(snap.Milestones, plan.MilestoneStanding{Period: "h1", Institution: code,
					Report: &plan.MilestoneReport{Milestone: id, Commitment: c.ID, Pct: &pct, Status: "in_progress", ActualStart: "2030-02-01"}})
			}
			p.Commitments = append(p.Commitments, c)
			snap.Standings = append(snap.Standings, plan.Standing{Commitment: c.ID, Period: "h1", State: plan.Reported, ValuePeriod: "h1",
				Report: &plan.Progress{Commitment: c.ID, Pct: &pct, Status: "in_progress", ReferenceDate: "2030-06-30"}})
		}
	}
	return p, snap
}

// Forms that are made side by side are those that are made one after the other,
// and nobody's hold what another reported.
func TestFormsMadeSideBySide(t *testing.T) {
	c, err := pipeline.LoadContract(schemas.FS)
	if err != nil {
		t.Fatal(err)
	}
	p, snap := bigPlan(6)
	form := func(i int) []byte {
		spec := c.TemplateSpec(p, p.Institutions[i].Code, &p.Periods[1], "ar")
		pipeline.Prefill(&spec, snap)
		if len(spec.Previous) != 2 || len(spec.Milestones) != 2 {
			t.Errorf("%s: %d commitments, milestones of %d", spec.Institution, len(spec.Previous), len(spec.Milestones))
		}
		var buf bytes.Buffer
		if err := workbook.Template(&buf, c.Layout, spec); err != nil {
			t.Error(err)
		}
		return buf.Bytes()
	}
	together := make([][]byte, len(p.Institutions))
	var g errgroup.Group
	for i := range together {
		g.Go(func() error {
			together[i] = form(i)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	for i, b := range together {
		if !bytes.Equal(b, form(i)) {
			t.Errorf("form %d differs", i)
		}
	}
}

// BenchmarkTemplates makes the forms of a plan of 200 institutions, on every core.
func BenchmarkTemplates(b *testing.B) {
	c, err := pipeline.LoadContract(schemas.FS)
	if err != nil {
		b.Fatal(err)
	}
	p, snap := bigPlan(200)
	b.ReportAllocs()
	for b.Loop() {
		var g errgroup.Group
		g.SetLimit(2)
		for _, i := range p.Institutions {
			g.Go(func() error {
				spec := c.TemplateSpec(p, i.Code, &p.Periods[1], "ar")
				pipeline.Prefill(&spec, snap)
				return workbook.Template(io.Discard, c.Layout, spec)
			})
		}
		if err := g.Wait(); err != nil {
			b.Fatal(err)
		}
	}
}

// A workbook of the first version, as it was once made and filled in, is read as
// the present sample of the same values.
func TestAWorkbookOfTheFirstVersionIsStillRead(t *testing.T) {
	o := newOffice(t)
	judged := map[string]*plan.Submission{}
	for name, file := range map[string]string{"first": "testdata/template-1.0.0.xlsx",
		"present": "../examples/fictitious/inbox/aguas/xx-demo-2030-2031_2030-h1_aguas.xlsx"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		v := (&office{t, o.c, o.plans, memory{}}).send(b, "2030-07-10")
		if judged[name] = v.Submission; v.Submission == nil || v.RowsTaken != 3 {
			t.Fatalf("%s: %d rows: %v", name, v.RowsTaken, v.Report.Findings)
		}
		old := slices.ContainsFunc(v.Report.Findings, func(f finding.Finding) bool {
			return f.Rule == workbook.RuleTemplateOld && f.Severity == finding.Warning
		})
		if old != (name == "first") {
			t.Errorf("%s: %v", name, v.Report.Findings)
		}
	}
	first, present := judged["first"], judged["present"]
	first.Source, present.Source = plan.Source{}, plan.Source{}
	if !reflect.DeepEqual(first.Progress, present.Progress) || !reflect.DeepEqual(first.Milestones, present.Milestones) {
		t.Errorf("%+v\n%+v", first, present)
	}
}
