package pipeline_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"iltizam/pipeline"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook"
)

// parcel is a file that is dropped on a day: a sample workbook of an institution
// for a period with edits, or what its name says.
type parcel struct {
	day, folder, institution, period string
	edits                            []workbook.Edit
	junk                             bool
}

func (o *office) file(p parcel) []byte {
	o.t.Helper()
	if p.junk {
		return []byte("no workbook, of " + p.day)
	}
	b, err := os.ReadFile(fmt.Sprintf("../examples/fictitious/inbox/%s/xx-demo-2030-2031_%s_%[1]s.xlsx", p.institution, p.period))
	if err != nil {
		o.t.Fatal(err)
	}
	if b, err = workbook.ApplyEdits(b, o.c.Layout, p.edits); err != nil {
		o.t.Fatal(err)
	}
	return b
}

// drop takes parcels in, one run for each.
func (o *office) drop(parcels ...parcel) *pipeline.Result {
	o.t.Helper()
	var res *pipeline.Result
	for k, p := range parcels {
		in := o.input(p.day)
		in.Inbox = memory{fmt.Sprintf("%s/%d.xlsx", p.folder, k): o.file(p)}
		if p.folder == "" {
			in.Inbox = memory{fmt.Sprintf("%d.xlsx", k): o.file(p)}
		}
		var err error
		if res, err = pipeline.Run(o.t.Context(), in); err != nil {
			o.t.Fatal(err)
		}
	}
	return res
}

func (o *office) asOf(day string) *pipeline.Result {
	o.t.Helper()
	in := o.input(day)
	in.AsOf = day
	res, err := pipeline.Known(o.t.Context(), in)
	if err != nil {
		o.t.Fatal(err)
	}
	return res
}

func from(institution, period, day string, edits ...workbook.Edit) parcel {
	return parcel{day: day, folder: institution, institution: institution, period: period, edits: edits}
}

func junk(folder, day string) parcel { return parcel{day: day, folder: folder, junk: true} }

// everybody reports on the first period in time.
func everybody() []parcel {
	return []parcel{from("aguas", "2030-h1", "2030-07-10"), from("obras", "2030-h1", "2030-07-31"), from("oficina", "2030-h1", "2030-07-12")}
}

// inShort writes a status as the cases below have it.
func inShort(s *pipeline.Status, strays []pipeline.Received) string {
	short := func(id string) string { return strings.TrimPrefix(id, "xx-demo-2030-2031-") }
	standings := func(all []plan.Standing) string {
		var out []string
		for _, st := range all {
			one := short(st.Commitment) + "<" + st.ValuePeriod
			if st.Age > 0 {
				one += fmt.Sprintf("(%d)", st.Age)
			}
			out = append(out, one)
		}
		return "[" + strings.Join(out, " ") + "]"
	}
	var b strings.Builder
	for _, p := range s.Periods {
		fmt.Fprintln(&b, p.Period.ID)
		for _, i := range p.Institutions {
			fmt.Fprintf(&b, "%s %s %d/%d, workbooks %d-%d", i.Institution, i.State, i.Reported, i.Owed, i.Workbooks, i.Refused)
			if len(i.Held) > 0 {
				fmt.Fprintf(&b, ", held %s", standings(i.Held))
			}
			for _, c := range i.Rows {
				fmt.Fprintf(&b, ", %s %s!%s", c.Rule, c.Sheet, c.Cell)
			}
			if len(i.Carried) > 0 {
				fmt.Fprintf(&b, ", carried %s", standings(i.Carried))
			}
			fmt.Fprintln(&b)
		}
		for _, r := range p.Refused {
			fmt.Fprintf(&b, "refused %s %v %s\n", r.Path, r.Followed, r.Why[0].Rule)
		}
	}
	for _, r := range strays {
		fmt.Fprintf(&b, "stray %s %s %s\n", r.Path, r.Outcome, r.Why[0].Rule)
	}
	return b.String()
}

func TestStatus(t *testing.T) {
	bad := set("progress", "progress_pct", 6, 145.0)
	for _, c := range []struct {
		name    string
		parcels []parcel
		asOf    string
		period  string
		want    string
	}{
		{"in time", everybody(), "2030-08-15", "", `2030-h1
oficina received 1/1, workbooks 1-0
aguas received 2/2, workbooks 1-0
obras received 1/1, workbooks 1-0
`},
		{"late, missing", []parcel{from("aguas", "2030-h1", "2030-08-01")}, "2030-08-15", "", `2030-h1
oficina missing 0/1, workbooks 0-0
aguas received_late 2/2, workbooks 1-0
obras missing 0/1, workbooks 0-0
`},
		{"what came later is not known yet", append(everybody(), from("aguas", "2030-h2", "2031-01-10")), "2030-07-11", "", `2030-h1
oficina not_due 0/1, workbooks 0-0
aguas received 2/2, workbooks 1-0
obras not_due 0/1, workbooks 0-0
`},
		{"the newest that has ended", everybody(), "2031-01-20", "", `2030-h2
oficina not_due 0/1, workbooks 0-0
aguas not_due 0/2, workbooks 0-0
obras not_due 0/1, workbooks 0-0
`},
		{"a period that has not begun", everybody(), "2030-08-15", "2031-h1", `2031-h1
oficina not_due 0/1, workbooks 0-0
aguas not_due 0/2, workbooks 0-0
obras not_due 0/1, workbooks 0-0
`},
		{"a row is held back", append(everybody(), from("aguas", "2030-h2", "2031-01-10", bad)), "2031-01-20", "2030-h2", `2030-h2
oficina not_due 0/1, workbooks 0-0, carried [c04<2030-h1(1)]
aguas received 1/2, workbooks 1-0, held [c01<2030-h1(1)], value-out-of-range Avancement!D6, carried [c02<2030-h1(1)]
obras not_due 0/1, workbooks 0-0, carried [c03<2030-h1(1)]
`},
		{"a row without a value yet", []parcel{from("obras", "2030-h1", "2030-07-10", bad)}, "2030-08-15", "", `2030-h1
oficina missing 0/1, workbooks 0-0
aguas missing 0/2, workbooks 0-0
obras missing 0/1, workbooks 1-0, held [c03<], value-out-of-range Avancement!D6
`},
		{"mended", []parcel{from("obras", "2030-h1", "2030-07-10", bad), from("obras", "2030-h1", "2030-08-02")}, "2030-08-15", "", `2030-h1
oficina missing 0/1, workbooks 0-0
aguas missing 0/2, workbooks 0-0
obras received_late 1/1, workbooks 2-0
`},
		{"a later workbook is silent on what is held", []parcel{from("aguas", "2030-h1", "2030-07-10", bad),
			from("aguas", "2030-h1", "2030-07-12", workbook.Edit{Op: workbook.DeleteRow, Sheet: "progress", Row: 6})}, "2030-08-15", "", `2030-h1
oficina missing 0/1, workbooks 0-0
aguas received 1/2, workbooks 2-0, held [c01<], value-out-of-range Avancement!D6
obras missing 0/1, workbooks 0-0
`},
		{"refused as a whole", append(everybody(), junk("oficina", "2030-08-02")), "2030-08-15", "", `2030-h1
oficina received 1/1, workbooks 2-1, held [c04<2030-h1]
aguas received 2/2, workbooks 1-0
obras received 1/1, workbooks 1-0
refused oficina/3.xlsx false workbook-not-xlsx
`},
		{"refused, then followed", append(everybody(), junk("oficina", "2030-08-02"), from("oficina", "2030-h1", "2030-08-03",
			set("progress", "progress_pct", 6, 12.0), set("progress", "revision_reason", 6, "Relevé corrigé"))), "2031-02-10", "2030-h1", `2030-h1
oficina received 1/1, workbooks 3-1
aguas received 2/2, workbooks 1-0
obras received 1/1, workbooks 1-0
refused oficina/3.xlsx true workbook-not-xlsx
`},
		{"strays", append(everybody(), junk("strangers", "2030-08-01"), parcel{day: "2030-08-02", institution: "obras", period: "2030-h1",
			edits: []workbook.Edit{set("progress", "progress_pct", 6, 36.0), set("progress", "revision_reason", 6, "Relevé corrigé")}},
			parcel{day: "2030-08-03", folder: "strangers", institution: "obras", period: "2030-h1"}), "2030-08-15", "", `2030-h1
oficina received 1/1, workbooks 1-0
aguas received 2/2, workbooks 1-0
obras received 1/1, workbooks 2-0
stray strangers/3.xlsx refused workbook-not-xlsx
stray 4.xlsx accepted workbook-outside-folder
stray strangers/5.xlsx refused institution-folder-mismatch
`},
		{"each period", append(everybody(), from("obras", "2030-h2", "2031-02-01")), "2031-02-10", pipeline.EveryPeriod, `2030-h1
oficina received 1/1, workbooks 1-0
aguas received 2/2, workbooks 1-0
obras received 1/1, workbooks 1-0
2030-h2
oficina missing 0/1, workbooks 0-0, carried [c04<2030-h1(1)]
aguas missing 0/2, workbooks 0-0, carried [c01<2030-h1(1) c02<2030-h1(1)]
obras received_late 1/1, workbooks 1-0
2031-h1
oficina not_due 0/1, workbooks 0-0
aguas not_due 0/2, workbooks 0-0
obras not_due 0/1, workbooks 0-0
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t)
			o.drop(c.parcels...)
			before := maps.Clone(o.archive)
			res := o.asOf(c.asOf)
			s, err := res.Status(t.Context(), res.Snapshots[0], c.period)
			if err != nil {
				t.Fatal(err)
			}
			strays, err := res.Strays(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got := inShort(s, strays); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
			again, err := res.Status(t.Context(), res.Snapshots[0], c.period)
			if err != nil || inShort(again, strays) != c.want {
				t.Errorf("asked again: %v\n%s", err, inShort(again, strays))
			}
			if !slices.Equal(slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(o.archive))) {
				t.Error("telling the status changes the archive")
			}
		})
	}
}

func TestStatusOfNoSuchPeriod(t *testing.T) {
	o := newOffice(t)
	o.drop(everybody()...)
	res := o.asOf("2030-08-15")
	if _, err := res.Status(t.Context(), res.Snapshots[0], "2040-h1"); !errors.Is(err, pipeline.ErrNoPeriod) {
		t.Errorf("%v", err)
	}
}

// A copy of a store shows what the store holds and changes none of it.
func TestUnwritten(t *testing.T) {
	m := memory{"a": []byte("1")}
	u := pipeline.Unwritten(m)
	if err := u.PutNew(t.Context(), "b", 0, "", nil); err != nil {
		t.Fatal(err)
	}
	if all, err := u.List(t.Context(), ""); err != nil || len(all) != 1 || len(m) != 1 {
		t.Errorf("%v %v %v", all, err, m)
	}
}
