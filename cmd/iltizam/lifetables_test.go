package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// submissions tells what became of each workbook, as its receipt says.
func (l *life) submissions() []byte {
	l.t.Helper()
	var out bytes.Buffer
	seen := map[string]string{}
	for _, e := range l.events {
		id := e.digest()[:16]
		fmt.Fprintf(&out, "%s %s %-22s", e.day, e.folder, e.file)
		if day, again := seen[e.folder+id]; again {
			fmt.Fprintf(&out, "known since %s\n", day)
			continue
		}
		seen[e.folder+id] = e.day
		b, err := os.ReadFile(filepath.Join(l.place("outbox"), e.folder, id+".receipt.json"))
		if err != nil {
			l.t.Fatal(err)
		}
		var a struct {
			ReceivedAt string `json:"received_at"`
			Verdict    string
			RowsTaken  int `json:"rows_taken"`
			RowsHeld   int `json:"rows_held"`
			Findings   []struct{ Rule, Severity, Commitment string }
		}
		if err := json.Unmarshal(b, &a); err != nil {
			l.t.Fatal(err)
		}
		if a.ReceivedAt != e.day+"T00:00:00Z" {
			l.t.Errorf("%s %s is received at %s", e.day, e.file, a.ReceivedAt)
		}
		fmt.Fprintf(&out, "%s %d", a.Verdict, a.RowsTaken)
		if a.RowsHeld > 0 {
			fmt.Fprintf(&out, " held %d", a.RowsHeld)
		}
		for _, f := range a.Findings {
			fmt.Fprintf(&out, ", %s %s %s", f.Severity, f.Rule, strings.TrimPrefix(f.Commitment, lifePlanID+"-"))
		}
		out.WriteString("\n")
	}
	return bytes.ReplaceAll(out.Bytes(), []byte(" \n"), []byte("\n"))
}

// byPeriod writes a CSV of a row for each subject, a column for each period.
func (l *life) byPeriod(subject string, rows []map[string]string, cell func(map[string]string) string) []byte {
	var periods []string
	cells := map[string]map[string]string{}
	for _, r := range rows {
		period := r["reporting_period"]
		if !slices.Contains(periods, period) {
			periods = append(periods, period)
		}
		who := strings.TrimPrefix(r[subject], lifePlanID+"-")
		if cells[who] == nil {
			cells[who] = map[string]string{}
		}
		cells[who][period] = cell(r)
	}
	slices.Sort(periods)
	out := [][]string{append([]string{subject}, periods...)}
	for _, who := range slices.Sorted(maps.Keys(cells)) {
		line := []string{who}
		for _, p := range periods {
			line = append(line, cells[who][p])
		}
		out = append(out, line)
	}
	return l.csv(out)
}

func (l *life) csv(rows [][]string) []byte {
	var buf bytes.Buffer
	if err := csv.NewWriter(&buf).WriteAll(rows); err != nil {
		l.t.Fatal(err)
	}
	return buf.Bytes()
}

// progress: a value; then where it is not of this period, its state and age.
func (l *life) progress() []byte {
	return l.byPeriod("commitment_id", l.table("progress"), func(r map[string]string) string {
		cell := r["progress_pct"]
		if r["value_state"] != "reported" {
			cell += " " + r["value_state"]
		}
		if r["value_period"] != r["reporting_period"] {
			cell += " " + r["value_period"]
		}
		return strings.TrimSpace(cell)
	})
}

func (l *life) obligations() []byte {
	return l.byPeriod("institution_code", l.table("obligations"), func(r map[string]string) string {
		at, _, _ := strings.Cut(r["received_at"], "T")
		return strings.Join(strings.Fields(r["obligation_state"]+" "+at+" "+r["commitments_reported"]+"/"+r["commitments_owed"]), " ")
	})
}

// errata are the changes of values that were published before; restated are those
// whose period was past its due date.
func (l *life) errata() []byte {
	columns := []string{"received_at", "commitment_id", "reporting_period", "activity", "column_name", "old_value", "new_value", "revision_reason", "restated"}
	out := [][]string{columns}
	for _, r := range l.table("changes") {
		if r["activity"] == "created" || strings.HasPrefix(r["column_name"], "narrative_") {
			continue
		}
		var line []string
		for _, c := range columns {
			line = append(line, strings.TrimSuffix(strings.TrimPrefix(r[c], lifePlanID+"-"), "T00:00:00Z"))
		}
		out = append(out, line)
	}
	return l.csv(out)
}

// quality counts the remarks on published values, but tells each that is not of
// a whole period.
func (l *life) quality() []byte {
	out := [][]string{{"rule", "reporting_period", "commitments"}}
	told := map[[2]string][]string{}
	for _, r := range l.table("data_quality") {
		k := [2]string{r["rule"], r["reporting_period"]}
		told[k] = append(told[k], strings.TrimPrefix(r["commitment_id"], lifePlanID+"-"))
	}
	for _, k := range slices.SortedFunc(maps.Keys(told), func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) }) {
		slices.Sort(told[k])
		out = append(out, []string{k[0], k[1], strings.Join(slices.Compact(told[k]), " ")})
	}
	return l.csv(out)
}

// statusRows is what the coordinator is told on a day, of one period or all.
func (l *life) statusRows(day, period string) []map[string]string {
	l.t.Helper()
	return l.rows([]byte(l.do(day, []int{exitOK}, "status", "--plan", lifePlanID, "--period", period, "--as-of", day, "--format", "csv")))
}

// status is what the coordinator was told, on a few days, of the newest period.
func (l *life) status() []byte {
	columns := []string{"reporting_period", "institution_code", "obligation_state", "received_at", "last_received_at", "workbooks_received", "workbooks_refused",
		"commitments_owed", "commitments_reported", "commitments_held", "commitments_carried_forward", "rules_held_by"}
	out := [][]string{append([]string{"as_of"}, columns...)}
	for _, ask := range [][2]string{{"2030-10-12", "2030-q3"}, {"2031-07-25", "2031-q2"}, {"2032-04-10", "2032-q1"}} {
		for _, r := range l.statusRows(ask[0], ask[1]) {
			line := []string{ask[0]}
			for _, c := range columns {
				line = append(line, strings.TrimSuffix(r[c], "T00:00:00Z"))
			}
			out = append(out, line)
		}
	}
	return l.csv(out)
}

// statusAgrees holds that the coordinator is told what is published.
func (l *life) statusAgrees() {
	l.t.Helper()
	days := l.days()
	told := map[string]map[string]string{}
	for _, r := range l.statusRows(days[len(days)-1], "all") {
		told[r["reporting_period"]+" "+r["institution_code"]] = r
	}
	for _, o := range l.table("obligations") {
		r := told[o["reporting_period"]+" "+o["institution_code"]]
		for _, column := range []string{"obligation_state", "received_at", "submission_id", "due_date", "commitments_owed", "commitments_reported"} {
			if r[column] != o[column] {
				l.t.Errorf("%s %s: status tells %s %q, %q is published", o["reporting_period"], o["institution_code"], column, r[column], o[column])
			}
		}
	}
}
