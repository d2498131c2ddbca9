package main

import (
	"encoding/csv"
	"io"
	"strconv"

	"iltizam/pipeline"
)

// rehearsalJSON is a rehearsal for programs. Its names are API: added, never renamed.
type rehearsalJSON struct {
	Version      int                    `json:"version"`
	RulesOn      string                 `json:"rules_on,omitempty"`
	Workbooks    int                    `json:"workbooks_rehearsed"`
	Institutions []rehearsedInstitution `json:"institutions"` // of which a workbook fares otherwise
	Warnings     map[string]int         `json:"new_warnings"` // by rule
	Later        []rehearsedLater       `json:"not_in_force_yet"`
	Totals       rehearsedTotals        `json:"totals"`
}

type rehearsedInstitution struct {
	Institution string          `json:"institution_code"`
	Failing     int             `json:"workbooks_newly_failing"`
	Workbooks   []rehearsedBook `json:"workbooks"`
}

type rehearsedBook struct {
	File       string               `json:"file"`
	Digest     string               `json:"sha256"`
	ReceivedAt string               `json:"received_at"`
	Plan       string               `json:"plan_id,omitempty"`
	Period     string               `json:"reporting_period,omitempty"`
	Now        string               `json:"verdict_now"`
	Then       string               `json:"verdict_then"`
	RowsNow    int                  `json:"rows_taken_now"`
	RowsThen   int                  `json:"rows_taken_then"`
	HeldRows   int                  `json:"rows_newly_held"`
	FreedRows  int                  `json:"rows_newly_taken"`
	Refusal    []pipeline.Complaint `json:"newly_refused_by"`
	Held       []pipeline.Complaint `json:"newly_held_by"`
	Freed      []pipeline.Complaint `json:"no_longer_held_by"`
	Warnings   map[string]int       `json:"new_warnings"`
}

type rehearsedLater struct {
	Rule string `json:"rule"`
	From string `json:"from"`
}

type rehearsedTotals struct {
	Institutions int `json:"institutions_newly_failing"`
	Refused      int `json:"workbooks_newly_refused"`
	Accepted     int `json:"workbooks_newly_accepted"`
	Held         int `json:"rows_newly_held"`
	Freed        int `json:"rows_newly_taken"`
	Warnings     int `json:"new_warnings"`
}

func rehearsalAsJSON(to pipeline.Candidate, r *pipeline.Rehearsal) rehearsalJSON {
	t := r.Totals()
	out := rehearsalJSON{Version: 1, RulesOn: to.RulesOn, Workbooks: r.Workbooks, Institutions: []rehearsedInstitution{},
		Warnings: r.NewWarnings, Later: []rehearsedLater{},
		Totals: rehearsedTotals{t.Institutions, t.Refused, t.Accepted, t.Held, t.Freed, t.Warnings}}
	for _, x := range r.Later {
		out.Later = append(out.Later, rehearsedLater(x))
	}
	for _, books := range byInstitution(r) {
		one := rehearsedInstitution{Institution: books[0].Institution, Failing: t.ByInstitution[books[0].Institution]}
		for _, x := range books {
			one.Workbooks = append(one.Workbooks, rehearsedBook{File: x.Path, Digest: x.Digest, ReceivedAt: x.ReceivedAt, Plan: x.Plan,
				Period: x.Period, Now: x.Before, Then: x.After, RowsNow: x.Taken, RowsThen: x.Takes, HeldRows: x.HeldRows,
				FreedRows: x.FreedRows, Refusal: some(x.Refusal), Held: some(x.Held), Freed: some(x.Freed), Warnings: x.Warnings})
		}
		out.Institutions = append(out.Institutions, one)
	}
	return out
}

// some keeps a list that is empty from becoming null.
func some(all []pipeline.Complaint) []pipeline.Complaint {
	if all == nil {
		return []pipeline.Complaint{}
	}
	return all
}

// rehearsalColumns are those of the CSV, in their order. They are API: added, never renamed.
func rehearsalColumns() []string {
	return []string{"institution_code", "plan_id", "reporting_period", "file", "sha256", "received_at", "change", "rule", "count",
		"commitment_id", "sheet", "cell", "message"}
}

// writeRehearsalCSV writes one row for each thing that changes; of warnings one
// for each workbook and rule.
func writeRehearsalCSV(w io.Writer, r *pipeline.Rehearsal, lang string) error {
	out := csv.NewWriter(w)
	if err := out.Write(rehearsalColumns()); err != nil {
		return err
	}
	for _, x := range r.Changed {
		row := func(change, rule string, n int, c pipeline.Complaint) error {
			return out.Write([]string{plainCell(x.Institution), x.Plan, x.Period, plainCell(x.Path), x.Digest, x.ReceivedAt, change, rule,
				strconv.Itoa(n), plainCell(c.Commitment), plainCell(c.Sheet), c.Cell, plainCell(c.Message[lang])})
		}
		if x.Accepted() {
			if err := row("newly_accepted", "", 1, pipeline.Complaint{}); err != nil {
				return err
			}
		}
		for _, part := range [...]struct {
			change string
			all    []pipeline.Complaint
		}{{"newly_refused", x.Refusal}, {"newly_held", x.Held}, {"newly_taken", x.Freed}} {
			for _, c := range part.all {
				if err := row(part.change, c.Rule, 1, c); err != nil {
					return err
				}
			}
		}
		for _, rule := range sortedNames(x.Warnings) {
			if err := row("new_warning", rule, x.Warnings[rule], pipeline.Complaint{}); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}
