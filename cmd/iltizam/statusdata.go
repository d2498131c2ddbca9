package main

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"iltizam/pipeline"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
)

// statusJSON is the status for programs. Its names are API: added, never renamed.
type statusJSON struct {
	Version int          `json:"version"`
	AsOf    string       `json:"as_of"`
	Plans   []statusPlan `json:"plans"`
	Strays  []statusBook `json:"strays"` // outside the folders of known institutions
}

type statusPlan struct {
	Plan    string         `json:"plan_id"`
	Periods []statusPeriod `json:"periods"`
}

type statusPeriod struct {
	Period       string              `json:"reporting_period"`
	DueDate      string              `json:"due_date,omitempty"`
	Institutions []statusInstitution `json:"institutions"`
	Refused      []statusBook        `json:"refused"` // as a whole
	Totals       statusTotals        `json:"totals"`
}

type statusInstitution struct {
	Institution    string               `json:"institution_code"`
	State          string               `json:"obligation_state"`
	ReceivedAt     string               `json:"received_at,omitempty"`
	SubmissionID   string               `json:"submission_id,omitempty"`
	LastReceivedAt string               `json:"last_received_at,omitempty"`
	Workbooks      int                  `json:"workbooks_received"`
	Refused        int                  `json:"workbooks_refused"`
	Owed           int                  `json:"commitments_owed"`
	Reported       int                  `json:"commitments_reported"`
	Held           int                  `json:"commitments_held"`
	Carried        int                  `json:"commitments_carried_forward"`
	HeldValues     []statusValue        `json:"held"` // with the last good value, which stands
	Rows           []pipeline.Complaint `json:"held_by"`
	RowsCut        int                  `json:"held_by_cut"` // beyond the limit, only counted
	Values         []statusValue        `json:"carried_forward"`
}

type statusValue struct {
	Commitment string      `json:"commitment_id"`
	Pct        json.Number `json:"progress_pct,omitempty"`
	Status     string      `json:"status,omitempty"`
	Period     string      `json:"value_period,omitempty"` // left out where there is no value yet
	Age        int         `json:"value_age_periods"`      // reporting periods
}

type statusBook struct {
	Institution string               `json:"institution_code,omitempty"` // the folder that it was dropped in
	Period      string               `json:"reporting_period,omitempty"`
	File        string               `json:"file"`
	Digest      string               `json:"sha256"`
	ReceivedAt  string               `json:"received_at"`
	Verdict     string               `json:"verdict"`
	Followed    bool                 `json:"followed"` // its institution sent one since that was accepted
	Why         []pipeline.Complaint `json:"findings"`
}

type statusTotals struct {
	Institutions int            `json:"institutions"`
	States       map[string]int `json:"obligation_states"`
	Workbooks    int            `json:"workbooks_received"`
	Refused      int            `json:"workbooks_refused"`
	Owed         int            `json:"commitments_owed"`
	Reported     int            `json:"commitments_reported"`
	Held         int            `json:"commitments_held"`
	Carried      int            `json:"commitments_carried_forward"`
}

func statusAsJSON(asOf string, all []*pipeline.Status, strays []pipeline.Received) statusJSON {
	out := statusJSON{Version: 1, AsOf: asOf, Plans: []statusPlan{}, Strays: books(strays)}
	for _, s := range all {
		p := statusPlan{Plan: s.Plan.ID, Periods: []statusPeriod{}}
		for k := range s.Periods {
			p.Periods = append(p.Periods, periodAsJSON(&s.Periods[k]))
		}
		out.Plans = append(out.Plans, p)
	}
	return out
}

func periodAsJSON(p *pipeline.PeriodStatus) statusPeriod {
	t := p.Totals()
	out := statusPeriod{Period: p.Period.ID, DueDate: p.Period.DueDate, Institutions: []statusInstitution{}, Refused: books(p.Refused),
		Totals: statusTotals{t.Institutions, t.States, t.Workbooks, t.Refused, t.Owed, t.Reported, t.Held, t.Carried}}
	for _, i := range p.Institutions {
		one := statusInstitution{Institution: i.Institution, State: i.State, ReceivedAt: i.ReceivedAt, SubmissionID: i.SubmissionID,
			LastReceivedAt: i.LastReceivedAt, Workbooks: i.Workbooks, Refused: i.Refused, Owed: i.Owed, Reported: i.Reported,
			Held: len(i.Held), Carried: len(i.Carried), Rows: some(i.Rows), RowsCut: i.RowsCut,
			HeldValues: standing(i.Held), Values: standing(i.Carried)}
		out.Institutions = append(out.Institutions, one)
	}
	return out
}

// standing gives the values that stand.
func standing(all []plan.Standing) []statusValue {
	out := make([]statusValue, len(all))
	for i, st := range all {
		out[i] = statusValue{Commitment: st.Commitment, Period: st.ValuePeriod, Age: st.Age}
		if st.Report == nil {
			continue
		}
		out[i].Status = st.Report.Status
		if st.Report.Pct != nil {
			out[i].Pct = json.Number(table.Dec(int64(*st.Report.Pct), 2).String())
		}
	}
	return out
}

func books(all []pipeline.Received) []statusBook {
	out := make([]statusBook, len(all))
	for i, r := range all {
		out[i] = statusBook{r.Institution, r.Period, r.Path, r.Digest, r.ReceivedAt, r.Outcome, r.Followed, r.Why}
	}
	return out
}

// statusColumns are those of the CSV, in their order. They are API: added, never
// renamed; where a published table says the same, it has the same name.
func statusColumns() []string {
	return []string{"plan_id", "reporting_period", "institution_code", "due_date", "obligation_state", "received_at", "submission_id",
		"last_received_at", "workbooks_received", "workbooks_refused", "commitments_owed", "commitments_reported", "commitments_held",
		"commitments_carried_forward", "rules_held_by"}
}

// writeStatusCSV writes one row for each institution and period.
func writeStatusCSV(w io.Writer, all []*pipeline.Status) error {
	out := csv.NewWriter(w)
	if err := out.Write(statusColumns()); err != nil {
		return err
	}
	for _, s := range all {
		for _, p := range s.Periods {
			for _, i := range p.Institutions {
				var held []string
				for _, c := range i.Rows {
					held = append(held, c.Rule)
				}
				slices.Sort(held)
				count := strconv.Itoa
				if err := out.Write([]string{s.Plan.ID, p.Period.ID, i.Institution, p.Period.DueDate, i.State, i.ReceivedAt, i.SubmissionID,
					i.LastReceivedAt, count(i.Workbooks), count(i.Refused), count(i.Owed), count(i.Reported), count(len(i.Held)),
					count(len(i.Carried)), strings.Join(slices.Compact(held), ";")}); err != nil {
					return err
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}
