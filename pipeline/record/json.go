package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
)

// version is that of the format; it goes up when an older program could
// misread a record.
const version = 1

// The JSON of a record. It is a format of its own: a noun of package plan may
// change, what stands in an archive may not.
type (
	recordJSON struct {
		Version    int             `json:"version"`
		Digest     string          `json:"sha256"`
		ReceivedAt string          `json:"received_at"`
		JudgedBy   judgedByJSON    `json:"judged_by"`
		Verdict    string          `json:"verdict"` // accepted or refused
		Plan       string          `json:"plan,omitempty"`
		Period     string          `json:"period,omitempty"`
		RowsTaken  int             `json:"rows_taken"`
		RowsHeld   int             `json:"rows_held"`
		Findings   []findingJSON   `json:"findings,omitempty"`
		Cut        []cutJSON       `json:"findings_cut,omitempty"`
		Submission *submissionJSON `json:"submission,omitempty"`
	}
	judgedByJSON struct {
		Contract string `json:"contract"`
		Rules    string `json:"rules"`
		Plans    string `json:"plans"`
	}
	findingJSON struct {
		Rule       string            `json:"rule"`
		Severity   finding.Severity  `json:"severity"`
		Sheet      string            `json:"sheet,omitempty"`
		Cell       string            `json:"cell,omitempty"`
		Pointer    string            `json:"pointer,omitempty"`
		Value      string            `json:"value,omitempty"`
		Args       map[string]string `json:"args,omitempty"`
		Commitment string            `json:"commitment,omitempty"`
	}
	cutJSON struct {
		Rule  string `json:"rule"`
		Sheet string `json:"sheet,omitempty"`
		N     int    `json:"n"`
	}
	submissionJSON struct {
		Institution string                `json:"institution"`
		Origin      string                `json:"origin,omitempty"`
		URL         string                `json:"source_url,omitempty"`
		Template    string                `json:"template_version,omitempty"`
		HeaderSheet string                `json:"header_sheet,omitempty"`
		HeaderCells map[string]string     `json:"header_cells,omitempty"`
		Readings    []readingJSON         `json:"readings,omitempty"`
		Progress    []progressJSON        `json:"progress,omitempty"`
		Milestones  []milestoneJSON       `json:"milestones,omitempty"`
		Notes       []noteJSON            `json:"notes,omitempty"`
		Held        []string              `json:"held,omitempty"`
		Untold      []string              `json:"untold,omitempty"`
		Rulings     map[string]rulingJSON `json:"rulings,omitempty"`
	}
	rulingJSON struct {
		Severity string         `json:"severity"`
		Limits   map[string]int `json:"limits,omitempty"`
	}
	readingJSON struct {
		List     string      `json:"list"`
		Columns  string      `json:"columns,omitempty"`
		Received [][2]string `json:"received,omitempty"`
	}
	placeJSON struct {
		Sheet   string `json:"sheet,omitempty"`
		Row     int    `json:"row"`
		Index   int    `json:"index"`
		Reading int    `json:"reading"` // place in readings, -1 where it is not known
	}
	progressJSON struct {
		Commitment    string            `json:"commitment_id"`
		Pct           *int32            `json:"progress_hundredths,omitempty"`
		Status        string            `json:"status,omitempty"`
		ReferenceDate string            `json:"reference_date,omitempty"`
		Narrative     map[string]string `json:"narrative,omitempty"`
		Difficulties  string            `json:"difficulties,omitempty"`
		NextSteps     string            `json:"next_steps,omitempty"`
		Reason        string            `json:"revision_reason,omitempty"`
		Nothing       bool              `json:"nothing_to_report,omitempty"`
		Evidence      []string          `json:"evidence_url,omitempty"`
		Place         placeJSON         `json:"place"`
	}
	milestoneJSON struct {
		Milestone    string            `json:"milestone_id"`
		Commitment   string            `json:"commitment_id"`
		Title        map[string]string `json:"title,omitempty"`
		PlannedStart string            `json:"planned_start_date,omitempty"`
		PlannedEnd   string            `json:"planned_end_date,omitempty"`
		ActualStart  string            `json:"actual_start_date,omitempty"`
		ActualEnd    string            `json:"actual_end_date,omitempty"`
		Pct          *int32            `json:"completion_hundredths,omitempty"`
		Status       string            `json:"status,omitempty"`
		Evidence     []string          `json:"evidence_url,omitempty"`
		Place        placeJSON         `json:"place"`
	}
	noteJSON struct {
		Rule       string            `json:"rule"`
		Severity   string            `json:"severity"`
		Commitment string            `json:"commitment_id,omitempty"`
		Milestone  string            `json:"milestone_id,omitempty"`
		Column     string            `json:"column,omitempty"`
		Value      string            `json:"value,omitempty"`
		Args       map[string]string `json:"args,omitempty"`
		Sheet      string            `json:"sheet,omitempty"`
		Cell       string            `json:"cell,omitempty"`
	}
)

// JSON gives the record of a workbook as it is archived; digest is that of the
// workbook, SHA-256 in lower-case hex, receivedAt its receipt in RFC 3339, UTC.
// The same record gives the same bytes.
func (r *Record) JSON(digest, receivedAt string) ([]byte, error) {
	x := recordJSON{Version: version, Digest: digest, ReceivedAt: receivedAt,
		JudgedBy: judgedByJSON(r.JudgedBy), Verdict: "refused", Plan: r.Plan, Period: r.Period,
		RowsTaken: r.RowsTaken, RowsHeld: r.RowsHeld}
	for _, f := range r.Findings {
		x.Findings = append(x.Findings, findingJSON{f.Rule, f.Severity, f.At.Sheet, f.At.Ref, f.Pointer, f.Value, f.Args, f.Commitment})
	}
	for _, key := range slices.Sorted(maps.Keys(r.Cut)) {
		rule, sheet, _ := strings.Cut(key, "\x00")
		x.Cut = append(x.Cut, cutJSON{rule, sheet, r.Cut[key]})
	}
	if r.Submission != nil {
		x.Verdict, x.Submission = "accepted", toJSON(r.Submission)
	}
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(x); err != nil {
		return nil, fmt.Errorf("write record of %s: %w", digest, err)
	}
	return buf.Bytes(), nil
}

// ErrVersion says that a record is of a format that this program does not know.
var ErrVersion = errors.New("the format is not known to this program")

// Parse reads what JSON wrote of the workbook with that digest and receipt. A
// record of another version is an error that wraps ErrVersion.
func Parse(b []byte, digest, receivedAt string) (*Record, error) {
	var x recordJSON
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&x); err != nil {
		var of struct{ Version int }
		if json.Unmarshal(b, &of) == nil && of.Version > version { // that is why it does not make sense
			return nil, fmt.Errorf("read record: version %d: %w", of.Version, ErrVersion)
		}
		return nil, fmt.Errorf("read record: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("read record: something follows it")
	}
	switch {
	case x.Version != version:
		return nil, fmt.Errorf("read record: version %d: %w", x.Version, ErrVersion)
	case x.Verdict != "accepted" && x.Verdict != "refused":
		return nil, fmt.Errorf("read record: %q is no verdict", x.Verdict)
	case x.Digest != digest || x.ReceivedAt != receivedAt:
		return nil, fmt.Errorf("read record: it is that of %s, received %s", x.Digest, x.ReceivedAt)
	case (x.Verdict == "accepted") != (x.Submission != nil):
		return nil, errors.New("read record: its verdict and its values contradict one another")
	}
	r := &Record{JudgedBy: JudgedBy(x.JudgedBy), Plan: x.Plan, Period: x.Period, RowsTaken: x.RowsTaken, RowsHeld: x.RowsHeld}
	for _, f := range x.Findings {
		r.Findings = append(r.Findings, finding.Finding{Rule: f.Rule, Severity: f.Severity, At: finding.Cell{Sheet: f.Sheet, Ref: f.Cell},
			Pointer: f.Pointer, Value: f.Value, Args: f.Args, Commitment: f.Commitment})
	}
	for _, c := range x.Cut {
		if r.Cut == nil {
			r.Cut = map[string]int{}
		}
		r.Cut[c.Rule+"\x00"+c.Sheet] = c.N
	}
	if x.Submission != nil {
		var err error
		if r.Submission, err = fromJSON(&x); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func toJSON(s *plan.Submission) *submissionJSON {
	x := &submissionJSON{Institution: s.Institution, Origin: s.Source.Origin, URL: s.Source.URL, Template: s.Source.Template,
		HeaderSheet: s.Header.Sheet, HeaderCells: s.Header.Cells, Held: s.Held, Untold: s.Untold}
	readings := map[*plan.Reading]int{}
	place := func(p plan.Place) placeJSON {
		n := -1
		if p.Reading != nil {
			var ok bool
			if n, ok = readings[p.Reading]; !ok {
				n = len(x.Readings)
				readings[p.Reading] = n
				r := readingJSON{List: p.Reading.List, Columns: p.Reading.Columns}
				for _, v := range p.Reading.Received {
					r.Received = append(r.Received, [2]string{v.Key, v.Text})
				}
				x.Readings = append(x.Readings, r)
			}
		}
		return placeJSON{p.Sheet, p.Row, p.Index, n}
	}
	for i := range s.Progress {
		p := &s.Progress[i]
		x.Progress = append(x.Progress, progressJSON{p.Commitment, (*int32)(p.Pct), p.Status, p.ReferenceDate, p.Narrative, p.Difficulties,
			p.NextSteps, p.RevisionReason, p.NothingToReport, p.EvidenceURLs, place(p.Place)})
	}
	for i := range s.Milestones {
		m := &s.Milestones[i]
		x.Milestones = append(x.Milestones, milestoneJSON{m.Milestone, m.Commitment, m.Title, m.PlannedStart, m.PlannedEnd, m.ActualStart,
			m.ActualEnd, (*int32)(m.Pct), m.Status, m.EvidenceURLs, place(m.Place)})
	}
	for _, n := range s.Notes {
		x.Notes = append(x.Notes, noteJSON{n.Rule, n.Severity, n.Commitment, n.Milestone, n.Column, n.Value, n.Args, n.Sheet, n.Cell})
	}
	for id, r := range s.Rulings {
		if x.Rulings == nil {
			x.Rulings = map[string]rulingJSON{}
		}
		x.Rulings[id] = rulingJSON(r)
	}
	return x
}

func fromJSON(r *recordJSON) (*plan.Submission, error) {
	x := r.Submission
	s := &plan.Submission{Plan: r.Plan, Institution: x.Institution, Period: r.Period, Held: x.Held, Untold: x.Untold,
		Header: plan.HeaderPlace{Sheet: x.HeaderSheet, Cells: x.HeaderCells},
		Source: plan.Source{SubmissionID: r.Digest[:min(16, len(r.Digest))], Digest: r.Digest, ReceivedAt: r.ReceivedAt,
			Origin: x.Origin, URL: x.URL, Template: x.Template}}
	readings := make([]plan.Reading, len(x.Readings))
	for i, y := range x.Readings {
		readings[i] = plan.Reading{List: y.List, Columns: y.Columns}
		for _, v := range y.Received {
			readings[i].Received = append(readings[i].Received, plan.Received{Key: v[0], Text: v[1]})
		}
	}
	wrong := false
	place := func(p placeJSON) plan.Place {
		out := plan.Place{Sheet: p.Sheet, Row: p.Row, Index: p.Index}
		switch {
		case p.Reading >= 0 && p.Reading < len(readings):
			out.Reading = &readings[p.Reading]
		case p.Reading != -1:
			wrong = true
		}
		return out
	}
	for _, p := range x.Progress {
		s.Progress = append(s.Progress, plan.Progress{Commitment: p.Commitment, Pct: (*plan.Percent)(p.Pct), Status: p.Status,
			ReferenceDate: p.ReferenceDate, Narrative: p.Narrative, Difficulties: p.Difficulties, NextSteps: p.NextSteps,
			RevisionReason: p.Reason, NothingToReport: p.Nothing, EvidenceURLs: p.Evidence, Place: place(p.Place)})
	}
	for _, m := range x.Milestones {
		s.Milestones = append(s.Milestones, plan.MilestoneReport{Milestone: m.Milestone, Commitment: m.Commitment, Title: m.Title,
			PlannedStart: m.PlannedStart, PlannedEnd: m.PlannedEnd, ActualStart: m.ActualStart, ActualEnd: m.ActualEnd,
			Pct: (*plan.Percent)(m.Pct), Status: m.Status, EvidenceURLs: m.Evidence, Place: place(m.Place)})
	}
	for _, n := range x.Notes {
		s.Notes = append(s.Notes, plan.Note{Rule: n.Rule, Severity: n.Severity, Commitment: n.Commitment, Milestone: n.Milestone,
			Period: s.Period, Column: n.Column, Value: n.Value, Args: n.Args, Source: s.Source, Sheet: n.Sheet, Cell: n.Cell})
	}
	for id, y := range x.Rulings {
		if s.Rulings == nil {
			s.Rulings = map[string]plan.Ruling{}
		}
		s.Rulings[id] = plan.Ruling(y)
	}
	if wrong {
		return nil, errors.New("read record: a row was read in a way that it does not tell")
	}
	return s, nil
}
