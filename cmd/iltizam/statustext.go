package main

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"iltizam/pipeline"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
)

func (v *view) tellStatus(all []*pipeline.Status, strays []pipeline.Received) {
	for i, s := range all {
		if i > 0 {
			v.say("")
		}
		v.line("", v.text("plan", "title", table.Isolate(v.first(s.Plan.Title, s.Plan)), "plan", v.own(s.Plan.ID), "day", v.own(day(s.AsOf))))
		if len(s.Periods) == 0 {
			v.line("  ", v.text("period.none", "day", v.own(day(s.AsOf))))
		}
		for k := range s.Periods {
			v.say("")
			v.tellPeriod(s, &s.Periods[k])
		}
	}
	if len(strays) > 0 {
		v.say("")
		v.line("", v.text("strays"))
		v.received("  ", strays)
	}
}

func (v *view) tellPeriod(s *pipeline.Status, p *pipeline.PeriodStatus) {
	head := "period"
	if p.Period.DueDate == "" {
		head = "period.free"
	}
	v.line("", v.text(head, "label", table.Isolate(v.first(p.Period.Label, s.Plan)), "period", v.own(p.Period.ID), "day", v.own(day(p.Period.DueDate))))
	rows := [][]string{{v.text("column.institution"), v.text("column.state"), v.text("column.reported"), v.text("column.held"),
		v.text("column.carried"), v.text("column.workbooks"), v.text("column.last"), v.text("column.name")}}
	for _, i := range p.Institutions {
		last := v.text("none")
		if i.LastReceivedAt != "" {
			last = day(i.LastReceivedAt)
		}
		name := ""
		if x := s.Plan.Institution(i.Institution); x != nil {
			name = v.first(x.NameOn(p.Period.LastDay()), s.Plan)
		}
		reported := v.text("none")
		if i.Owed > 0 {
			reported = v.text("of", "n", strconv.Itoa(i.Reported), "total", strconv.Itoa(i.Owed))
		}
		rows = append(rows, []string{i.Institution, v.state(i, p.Period.DueDate, s.AsOf), reported, strconv.Itoa(len(i.Held)),
			strconv.Itoa(len(i.Carried)), strconv.Itoa(i.Workbooks), last, name})
	}
	v.columns("  ", rows)
	v.tellHeld(s, p)
	v.tellCarried(s, p)
	if open := slices.DeleteFunc(slices.Clone(p.Refused), func(r pipeline.Received) bool { return r.Followed }); len(open) > 0 {
		v.line("  ", v.text("refused"))
		v.received("    ", open)
	}
	v.tellTotals(p)
}

// state says of an obligation how many days it is late, or has left.
func (v *view) state(i pipeline.InstitutionStatus, due, asOf string) string {
	switch i.State {
	case "received_late":
		return v.count("state.received_late", days(due, i.ReceivedAt[:len("2006-01-02")]))
	case "missing":
		return v.count("state.missing", days(due, asOf))
	case "not_due":
		if due == asOf {
			return v.text("state.due_today")
		}
		return v.count("state.not_due", days(asOf, due))
	}
	return v.text("state." + i.State)
}

// tellHeld tells what is held back: the commitments with the value that stands,
// then the reasons.
func (v *view) tellHeld(s *pipeline.Status, p *pipeline.PeriodStatus) {
	told, all := 0, 0
	for _, i := range p.Institutions {
		v.standings("held", s, i.Institution, i.Held, &told)
		all += len(i.Rows) + i.RowsCut
	}
	if all > 0 {
		v.line("  ", v.text("held.rows"))
	}
	told = 0
	for _, i := range p.Institutions {
		told += v.complaints("    ", i.Rows, maxTold-told)
	}
	v.more("    ", all-told)
}

func (v *view) tellCarried(s *pipeline.Status, p *pipeline.PeriodStatus) {
	told := 0
	for _, i := range p.Institutions {
		v.standings("carried", s, i.Institution, i.Carried, &told)
	}
}

// standings tells values of other periods than their own, under a heading.
func (v *view) standings(heading string, s *pipeline.Status, institution string, all []plan.Standing, told *int) {
	for _, st := range all {
		if *told++; *told == 1 {
			v.line("  ", v.text(heading))
		}
		pairs := []string{"commitment", v.own(st.Commitment), "institution", v.own(institution)}
		if st.Report == nil {
			v.line("    ", v.text("value.none", pairs...))
			continue
		}
		from := st.ValuePeriod
		if x := s.Plan.Period(from); x != nil {
			from = v.first(x.Label, s.Plan)
		}
		key := "value.earlier"
		if st.Age == 0 {
			key = "value"
		}
		v.line("    ", v.text(key, append(pairs, "value", v.value(st.Report), "period", table.Isolate(from), "age", v.count("age", st.Age))...))
	}
}

// value says a percentage and a status.
func (v *view) value(r *plan.Progress) string {
	var parts []string
	if r.Pct != nil {
		parts = append(parts, table.Percent(v.lang, table.Dec(int64(*r.Pct), 2).String()))
	}
	for _, code := range v.contract.CodeLists["status"].Codes {
		if code.Code == r.Status {
			parts = append(parts, cmp.Or(code.LabelOne[v.lang], code.Label[v.lang]))
		}
	}
	if len(parts) == 0 {
		return v.text("none")
	}
	return strings.Join(parts, v.text("comma"))
}

// received tells of workbooks that need a look: what became of them and why.
func (v *view) received(indent string, all []pipeline.Received) {
	told := 0
	for _, r := range all[:min(len(all), maxTold)] {
		told++
		v.line(indent, v.text("workbook", "file", table.Isolate(r.Path), "day", v.own(day(r.ReceivedAt)), "outcome", v.text("outcome."+r.Outcome)))
		for _, c := range r.Why[:min(len(r.Why), maxPlaces)] {
			at := ""
			if c.Sheet != "" {
				at = table.Isolate("["+strings.TrimSuffix(c.Sheet+"!"+c.Cell, "!")+"]") + " "
			}
			v.line(indent+"  ", at+table.Isolate(c.Message[v.lang])+" "+table.Isolate(c.Remedy[v.lang])+" "+v.own("("+c.Rule+")"))
		}
		v.more(indent+"  ", len(r.Why)-maxPlaces)
	}
	v.more(indent, len(all)-told)
}

func (v *view) tellTotals(p *pipeline.PeriodStatus) {
	t := p.Totals()
	count := strconv.Itoa
	if t.Institutions == 0 {
		v.line("  ", v.text("total.free", "workbooks", v.count("workbooks", t.Workbooks), "refused", count(t.Refused)))
		return
	}
	v.line("  ", v.text("total", "institutions", v.count("institutions", t.Institutions), "received", count(t.States["received"]),
		"received_late", count(t.States["received_late"]), "missing", count(t.States["missing"]), "not_due", count(t.States["not_due"])))
	v.line("  ", v.text("total.commitments", "commitments", v.count("commitments", t.Owed), "reported", count(t.Reported), "held", count(t.Held),
		"carried", count(t.Carried), "workbooks", v.count("workbooks", t.Workbooks), "refused", count(t.Refused)))
}
