package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/intake"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/record"
)

// ran runs over an archive on a day, with an outbox, by some plans.
func (o *office) ran(day string, archive intake.Store, outbox intake.Store, inbox memory) *pipeline.Result {
	o.t.Helper()
	in := o.input(day)
	in.Archive, in.Outbox, in.Inbox = archive, outbox, inbox
	res, err := pipeline.Run(o.t.Context(), in)
	if err != nil {
		o.t.Fatal(err)
	}
	if outbox != nil {
		if err := res.Answer(o.t.Context(), outbox); err != nil || len(res.Uncopied) > 0 {
			o.t.Fatal(err, res.Uncopied)
		}
	}
	return res
}

// keysIn gives the keys of a place that start and end so.
func keysIn(m memory, prefix, suffix string) []string {
	var out []string
	for key := range m {
		if strings.HasPrefix(key, prefix) && strings.HasSuffix(key, suffix) {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}

// otherPlans are the office's plans with a change.
func (o *office) otherPlans(digest string, change func(p *plan.ActionPlan)) []pipeline.Plan {
	p := *o.plans[0].ActionPlan
	p.Periods, p.Commitments = slices.Clone(p.Periods), slices.Clone(p.Commitments)
	if change != nil {
		change(&p)
	}
	return []pipeline.Plan{{ActionPlan: &p, Digest: digest}}
}

func dropPeriod(id string) func(*plan.ActionPlan) {
	return func(p *plan.ActionPlan) {
		p.Periods = slices.DeleteFunc(p.Periods, func(r plan.ReportingPeriod) bool { return r.ID == id })
	}
}

func dropCommitment(id string) func(*plan.ActionPlan) {
	return func(p *plan.ActionPlan) {
		p.Commitments = slices.DeleteFunc(p.Commitments, func(c plan.Commitment) bool { return c.ID == id })
	}
}

// What a plan did not say yet is judged again once it does, told anew, and never a
// third time. A change of the plan that helps nobody tells nobody anything.
func TestWhatThePlanDidNotSayYet(t *testing.T) {
	for name, c := range map[string]struct {
		lacking       func(*plan.ActionPlan)
		before, after string // outcome of the workbook
	}{
		"period":     {dropPeriod("2030-h2"), "refused", "accepted"},
		"commitment": {dropCommitment(c02), "accepted_in_part", "accepted"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			today := o.plans
			outbox := memory{}
			inbox := memory{"aguas/in.xlsx": o.file(from("aguas", "2030-h2", "2031-01-10")), "obras/in.xlsx": []byte("no workbook")}
			said := func(res *pipeline.Result) string {
				v := res.Verdicts[slices.IndexFunc(res.Verdicts, func(v *pipeline.Verdict) bool { return v.Workbook.Institution == "aguas" })]
				return fmt.Sprint(v.Outcome(), " ", v.Workbook.Round)
			}
			is := func(step, got, want string, rounds int) {
				t.Helper()
				if got != want {
					t.Errorf("%s: %s, want %s", step, got, want)
				}
				if n := len(keysIn(o.archive, "verdicts/aguas/", "")); n != rounds {
					t.Errorf("%s: %d verdicts on record", step, n)
				}
				if n := len(keysIn(outbox, "aguas/", ".receipt.json")); n != rounds {
					t.Errorf("%s: %d receipts", step, n)
				}
				if n := len(keysIn(outbox, "obras/", ".receipt.json")); n != 1 {
					t.Errorf("%s: %d receipts of junk", step, n)
				}
			}
			o.plans = o.otherPlans("lacking", c.lacking)
			is("at first", said(o.ran("2031-01-10", o.archive, outbox, inbox)), c.before+" 1", 1)
			first := keysIn(outbox, "aguas/", ".receipt.json")[0]
			firstText := bytes.Clone(outbox[first])

			o.plans = o.otherPlans("lacking still", c.lacking)
			is("another plan, no better", said(o.ran("2031-01-11", o.archive, outbox, inbox)), c.before+" 1", 1)
			w := &watched{memory: o.archive}
			is("the same again", said(o.ran("2031-01-11", w, outbox, inbox)), c.before+" 1", 1)
			if opened := w.beside(); len(opened) > 0 {
				t.Errorf("judged again by the same plans: opened %s", opened)
			}

			o.plans = today
			is("the plan says it", said(o.ran("2031-01-12", o.archive, outbox, inbox)), c.after+" 2", 2)
			second := strings.Replace(first, ".receipt", ".2.receipt", 1)
			if text, ok := outbox[second]; !ok || !strings.Contains(string(text), `"verdict": "`+c.after+`"`) || !bytes.Equal(outbox[first], firstText) {
				t.Errorf("%s: %s; the first: %s", second, text, outbox[first])
			}
			for _, kind := range []string{".2.receipt.txt", ".2.xlsx"} {
				if key := strings.Replace(first, ".receipt.json", kind, 1); outbox[key] == nil {
					t.Errorf("%s is missing", key)
				}
			}
			archive, told := maps.Clone(o.archive), maps.Clone(outbox)
			w = &watched{memory: o.archive}
			is("never a third time", said(o.ran("2031-01-13", w, outbox, inbox)), c.after+" 2", 2)
			if opened := slices.DeleteFunc(w.beside(), func(key string) bool { return !strings.Contains(key, "aguas") }); len(opened) > 0 {
				t.Errorf("opened %s", opened)
			}
			sameStore(t, archive, o.archive)
			sameStore(t, told, outbox)

			// What was taken stays if the plan takes it back; the caches tell the same as the records.
			o.plans = o.otherPlans("lacking again", c.lacking)
			with, without := maps.Clone(o.archive), without(o.archive, isCache)
			for _, archive := range []memory{with, without} {
				if got := said(o.ran("2031-01-14", archive, maps.Clone(outbox), inbox)); got != c.after+" 2" {
					t.Errorf("the plan takes it back: %s", got)
				}
			}
		})
	}
}

// A verdict that cannot be read is no verdict that may be guessed: the run stops
// and names the file.
func TestDamagedVerdicts(t *testing.T) {
	o := newOffice(t)
	o.drop(life()...)
	key := keysIn(o.archive, "verdicts/aguas/", ".json")[0]
	other := o.archive[keysIn(o.archive, "verdicts/obras/", ".json")[0]]
	whole := string(o.archive[key])
	for name, text := range map[string]string{"cut": whole[:len(whole)-20], "empty": "", "another's": string(other), "edited": strings.Replace(whole, "{", `{"note":"x",`, 1),
		"longer": whole + "{}"} {
		for _, cached := range []bool{true, false} {
			archive := maps.Clone(o.archive)
			if !cached {
				archive = without(archive, isCache)
			}
			archive[key] = []byte(text)
			before := maps.Clone(archive)
			in := o.input("2031-09-01")
			in.Archive = archive
			_, err := pipeline.Run(t.Context(), in)
			if !errors.Is(err, pipeline.ErrDamagedVerdict) || !strings.Contains(err.Error(), key) {
				t.Errorf("%s, cached %v: %v", name, cached, err)
			}
			sameStore(t, before, archive)
		}
	}
	archive := without(o.archive, isCache)
	archive[key] = []byte(strings.Replace(whole, `"version": 1`, `"version": 2`, 1))
	in := o.input("2031-09-01")
	in.Archive = archive
	if _, err := pipeline.Run(t.Context(), in); !errors.Is(err, record.ErrVersion) || errors.Is(err, pipeline.ErrDamagedVerdict) || !strings.Contains(err.Error(), key) {
		t.Errorf("of a newer program: %v", err)
	}
}

// values are the published values of a state: commitment, period, value, source.
func values(res *pipeline.Result) []string {
	var out []string
	for _, snap := range res.Snapshots {
		for _, s := range snap.Standings {
			if s.Report != nil && s.Report.Pct != nil {
				out = append(out, fmt.Sprint(s.Commitment, " ", s.Period, " ", s.ValuePeriod, " ", s.State, " ", *s.Report.Pct, " ", s.Source.SubmissionID))
			}
		}
	}
	return out
}

// A stricter contract judges what comes after it. What was published stays, with
// the caches and without, and so do the notes on it.
func TestAStricterContractTakesNothingBack(t *testing.T) {
	o := newOffice(t)
	mild := o.c
	o.drop(slices.Concat(everybody(), []parcel{from("aguas", "2031-h1", "2031-07-10")})...)
	before := values(o.ran("2031-07-11", o.archive, nil, nil))
	stricter := contractOf(t, changedSchemas(t, map[string]func(map[string]any){
		"fields.schema.json": func(doc map[string]any) { at(doc, "$defs", "progress_pct")["maximum"] = 20 },
		"messages/rules.json": func(doc map[string]any) {
			for _, rule := range []string{"narrative-missing", "progress-full-not-completed", "progress-jump", "progress-flat"} {
				at(doc, "rules", rule)["severity"] = "error"
			}
			for _, limits := range []string{"points", "periods"} {
				for _, r := range doc["rules"].(map[string]any) {
					if l, ok := r.(map[string]any)["limits"].(map[string]any); ok && l[limits] != nil {
						l[limits] = 1
					}
				}
			}
		},
	}))
	o.c = stricter
	for _, archive := range []memory{maps.Clone(o.archive), without(o.archive, isCache)} {
		if after := values(o.ran("2031-07-11", archive, nil, nil)); !slices.Equal(after, before) || len(before) < 5 {
			t.Errorf("by the stricter contract\n%s\nbefore\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
		}
	}
	// A new one is judged by it, and holds nothing that stood.
	res := o.drop(from("obras", "2031-h1", "2031-07-12"))
	v := res.Verdicts[len(res.Verdicts)-1]
	if v.Workbook.Institution != "obras" || v.RowsHeld == 0 {
		t.Errorf("the new workbook of %s is %s", v.Workbook.Institution, v.Outcome())
	}
	after := values(res)
	for _, x := range before {
		if !slices.ContainsFunc(after, func(y string) bool { return strings.HasPrefix(y, x[:strings.Index(x, " ")]) }) {
			t.Errorf("%s has no value any more", x)
		}
	}
	// Were the record not there, the stricter contract would have taken it back.
	fresh := without(o.archive, func(key string) bool { return isCache(key) || strings.HasPrefix(key, "verdicts/") })
	if guessed := values(o.ran("2031-07-12", fresh, nil, nil)); slices.Equal(guessed, after) {
		t.Error("the contract is not stricter: this test tests nothing")
	}
	o.c = mild
}

// torn is an outbox that can no longer be written to after some files.
type torn struct {
	memory
	left *atomic.Int64
}

var errTorn = errors.New("torn")

func (s torn) PutNew(ctx context.Context, key string, size int64, sum string, content func() (io.ReadSeekCloser, error)) error {
	if s.left.Add(-1) < 0 {
		return errTorn
	}
	return s.memory.PutNew(ctx, key, size, sum, content)
}

// A run that dies after it recorded its verdicts, at whatever point of answering,
// leaves a next run that answers as if nothing had happened: with what looking back
// found too. Who was answered is not answered again.
func TestARunThatDiesBetweenVerdictAndReceipt(t *testing.T) {
	o := newOffice(t)
	o.drop(everybody()...)
	inbox := memory{
		"aguas/in.xlsx": o.file(from("aguas", "2030-h2", "2031-01-10", set("progress", "progress_pct", 6, 1.0))), // fell back
		"obras/in.xlsx": o.file(from("obras", "2030-h2", "2031-01-10", set("progress", "progress_pct", 6, 99.0))),
		"obras/no.xlsx": []byte("no workbook")}
	start := maps.Clone(o.archive)
	quiet := memory{}
	o.ran("2031-01-10", maps.Clone(start), quiet, inbox)
	var all string
	for _, key := range keysIn(quiet, "", ".receipt.json") {
		all += string(quiet[key])
	}
	for _, rule := range []string{"progress-regression", "progress-jump"} {
		if !strings.Contains(all, `"`+rule+`"`) {
			t.Errorf("no %s: nothing looks back in %s", rule, all)
		}
	}
	for n := range len(quiet) + 1 {
		archive, outbox := maps.Clone(start), memory{}
		in := o.input("2031-01-10")
		in.Archive, in.Outbox, in.Inbox = archive, outbox, inbox
		res, err := pipeline.Run(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		var left atomic.Int64
		left.Store(int64(n))
		if err := res.Answer(t.Context(), torn{outbox, &left}); err != nil && !errors.Is(err, errTorn) {
			t.Fatal(err)
		}
		o.ran("2031-01-11", archive, outbox, nil) // a day later, the inbox empty
		if !maps.EqualFunc(outbox, quiet, bytes.Equal) {
			t.Errorf("after %d files: %v, want %v", n, slices.Sorted(maps.Keys(outbox)), slices.Sorted(maps.Keys(quiet)))
			for key, text := range quiet {
				if !bytes.Equal(outbox[key], text) && !strings.HasSuffix(key, ".xlsx") {
					t.Errorf("%s: %s\nwant %s", key, outbox[key], text)
				}
			}
			return
		}
	}
}

// The findings of a workbook are the same, whether the run made the verdict,
// answers it, or reads it when asked.
func TestReportsAreTheSameHoweverTheyAreRead(t *testing.T) {
	o := newOffice(t)
	post := slices.Concat(everybody(), []parcel{from("aguas", "2030-h2", "2031-01-10", set("progress", "progress_pct", 6, 1.0)),
		from("obras", "2030-h2", "2031-01-11", set("progress", "progress_pct", 6, 99.0))})
	last := o.drop(post...)
	first := stateOf(t, last)
	if d := differ(o.state(o.archive), stateOf(t, o.ran("2032-01-01", o.archive, memory{}, nil))); d != "" {
		t.Error("answering:", d)
	}
	looked := 0
	for _, v := range last.Verdicts {
		report, err := last.Report(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, tally := range v.Tallies {
			n += tally.N
			if strings.HasPrefix(tally.Rule, "progress-jump") {
				looked++
			}
		}
		if told := len(report.Findings) + len(v.Later); told != n { // none is cut here
			t.Errorf("%s: %d findings counted, %d told", v.Workbook.Path, n, told)
		}
	}
	in := o.input("2031-01-11")
	if res, err := pipeline.Run(t.Context(), in); err != nil {
		t.Fatal(err)
	} else if d := differ(stateOf(t, res), first); d != "" || looked == 0 {
		t.Error("in the next run:", d, looked)
	}
}

// What was taken stays as it was taken, in a second round too: of rows that the
// plan named by turns both hold in the end, and a contract that became stricter in
// between judges the new row alone.
func TestASecondRoundTakesNothingBack(t *testing.T) {
	o := newOffice(t)
	today, mild := o.plans, o.c
	outbox := memory{}
	inbox := memory{"aguas/in.xlsx": o.file(from("aguas", "2031-h1", "2031-07-10"))}
	state := func(res *pipeline.Result) string {
		v := res.Verdicts[0]
		return fmt.Sprint(v.Outcome(), " ", v.Workbook.Round, " ", v.Submission != nil && len(values(res)) > 0, " ", values(res))
	}
	o.plans = o.otherPlans("without c01", dropCommitment(c01))
	first := values(o.ran("2031-07-10", o.archive, outbox, inbox))
	if len(first) != 1 || !strings.HasPrefix(first[0], c02) {
		t.Fatalf("at first %s", first)
	}
	o.plans = today
	o.plans = o.otherPlans("without c02", dropCommitment(c02))
	res := o.ran("2031-07-11", o.archive, outbox, nil)
	if v := res.Verdicts[0]; v.Workbook.Round != 2 || v.Has(finding.Error) || v.RowsHeld != 0 {
		t.Errorf("in the second round %s, %d rows held, %v", state(res), v.RowsHeld, v.Tallies)
	}
	o.plans = today
	both := values(o.ran("2031-07-12", o.archive, outbox, nil))
	if len(both) != 2 || !slices.Contains(both, first[0]) {
		t.Errorf("in the end %s", both)
	}

	// The same with a stricter contract.
	o = newOffice(t)
	o.plans = o.otherPlans("without c01", dropCommitment(c01))
	o.ran("2031-07-10", o.archive, nil, inbox)
	o.c = contractOf(t, changedSchemas(t, map[string]func(map[string]any){
		"fields.schema.json": func(doc map[string]any) { at(doc, "$defs", "progress_pct")["maximum"] = 30 }}))
	o.plans = today
	res = o.ran("2031-07-12", o.archive, nil, nil)
	if got := values(res); !slices.Equal(got, first) {
		t.Errorf("by a stricter contract %s, want %s", got, first)
	}
	if v := res.Verdicts[0]; v.Workbook.Round != 2 || v.RowsHeld == 0 {
		t.Errorf("the new row was not judged by it: %s", state(res))
	}
	o.c = mild
}
