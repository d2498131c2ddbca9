package pipeline

import (
	"bytes"
	"encoding/json"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/rules"
)

// Complaint is a finding with its sentences, as reports print it.
type Complaint struct {
	Rule       string            `json:"rule"`
	Severity   finding.Severity  `json:"severity"`
	File       string            `json:"file"`
	Sheet      string            `json:"sheet,omitempty"`
	Cell       string            `json:"cell,omitempty"`
	Pointer    string            `json:"pointer,omitempty"` // the value in the submission as a JSON document
	Commitment string            `json:"commitment,omitempty"`
	Value      string            `json:"value,omitempty"`
	Message    map[string]string `json:"message"`
	Remedy     map[string]string `json:"remedy"`
}

// Complaints renders a report's findings in every language.
func (c *Contract) Complaints(r *finding.Report, n Naming) []Complaint {
	out := make([]Complaint, 0, len(r.Findings))
	for _, f := range r.Findings {
		x := Complaint{Rule: f.Rule, Severity: f.Severity, File: f.At.File, Sheet: f.At.Sheet, Cell: f.At.Ref, Pointer: f.Pointer,
			Commitment: f.Commitment, Value: f.Value, Message: map[string]string{}, Remedy: map[string]string{}}
		for _, lang := range rules.Languages() {
			x.Message[lang], x.Remedy[lang] = c.Say(f, n, lang)
		}
		out = append(out, x)
	}
	return out
}

// answer is the receipt that an institution finds in its outbox.
type answer struct {
	Version      int         `json:"version"`
	SubmissionID string      `json:"submission_id"`
	Digest       string      `json:"sha256"`
	File         string      `json:"file"`
	ReceivedAt   string      `json:"received_at"`
	Verdict      string      `json:"verdict"` // accepted, accepted_in_part or refused
	RowsTaken    int         `json:"rows_taken"`
	RowsHeld     int         `json:"rows_held"`
	Copy         string      `json:"marked_copy,omitempty"` // beside this file: the workbook with each finding at its cell
	Findings     []Complaint `json:"findings"`
	FindingsCut  int         `json:"findings_cut"` // beyond the limit, only counted
}

// Outcome names what became of a workbook: accepted, accepted_in_part or refused.
func (v *Verdict) Outcome() string {
	switch {
	case v.Refused():
		return "refused"
	case v.RowsHeld > 0:
		return "accepted_in_part"
	}
	return "accepted"
}

// receipt gives the receipt of a workbook; marked is the name of its copy, "" where there
// is none.
func (r *Result) receipt(v *Verdict, marked string) ([]byte, error) {
	a := answer{Version: 1, SubmissionID: v.Workbook.SubmissionID(), Digest: v.Workbook.Digest,
		File: v.Workbook.Path, ReceivedAt: v.Workbook.ReceivedAt, Verdict: v.Outcome(),
		RowsTaken: v.RowsTaken, RowsHeld: v.RowsHeld, Copy: marked, Findings: r.contract.Complaints(v.Report, NamingOf(v, r.plans))}
	for _, n := range v.Report.Cut {
		a.FindingsCut += n
	}
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(a); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
