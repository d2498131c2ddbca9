package record

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"iltizam/pipeline/compact"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
)

func percent(w *compact.Writer, p *plan.Percent) {
	w.Bool(p != nil)
	if p != nil {
		w.Int(int64(*p))
	}
}

// AppendBinary appends a brief to b in a form that costs little to read; it is
// fit for a cache, not for keeping.
func (x *Brief) AppendBinary(b []byte) []byte {
	w := &compact.Writer{Bytes: b}
	w.Digest(x.Digest)
	w.Digest(x.JudgedBy.Contract)
	w.Text(x.JudgedBy.Rules)
	w.Digest(x.JudgedBy.Plans)
	w.Text(x.Plan)
	w.Text(x.Period)
	w.Int(int64(x.RowsTaken))
	w.Int(int64(x.RowsHeld))
	w.Int(int64(len(x.Tallies)))
	for _, t := range x.Tallies {
		w.Text(t.Rule)
		w.Int(int64(t.Severity))
		w.Int(int64(t.N))
	}
	w.Bool(x.Submission != nil)
	if x.Submission != nil {
		writeSubmission(w, x.Submission)
	}
	return w.Bytes
}

func writeSubmission(w *compact.Writer, s *plan.Submission) {
	w.Text(s.Institution)
	w.Text(s.Source.SubmissionID)
	w.Digest(s.Source.Digest)
	for _, t := range [...]string{s.Source.ReceivedAt, s.Source.Origin, s.Source.URL, s.Source.Template} {
		w.Text(t)
	}
	readings, at := readingsOf(s)
	w.Int(int64(len(readings)))
	for _, r := range readings {
		w.Text(r.List)
		w.Text(r.Columns)
		w.Int(int64(len(r.Received)))
		for _, v := range r.Received {
			w.Text(v.Key)
			w.Text(v.Text)
		}
	}
	place := func(p plan.Place) {
		w.Text(p.Sheet)
		w.Int(int64(p.Row))
		w.Int(int64(p.Index))
		n := -1
		if p.Reading != nil {
			n = at[p.Reading]
		}
		w.Int(int64(n))
	}
	w.Int(int64(len(s.Progress)))
	for i := range s.Progress {
		p := &s.Progress[i]
		w.Text(p.Commitment)
		percent(w, p.Pct)
		w.Text(p.Status)
		w.Text(p.ReferenceDate)
		w.Pairs(p.Narrative)
		w.Text(p.Difficulties)
		w.Text(p.NextSteps)
		w.Text(p.RevisionReason)
		w.Bool(p.NothingToReport)
		w.Texts(p.EvidenceURLs)
		place(p.Place)
	}
	w.Int(int64(len(s.Milestones)))
	for i := range s.Milestones {
		m := &s.Milestones[i]
		w.Text(m.Milestone)
		w.Text(m.Commitment)
		w.Pairs(m.Title)
		for _, t := range [...]string{m.PlannedStart, m.PlannedEnd, m.ActualStart, m.ActualEnd} {
			w.Text(t)
		}
		percent(w, m.Pct)
		w.Text(m.Status)
		w.Texts(m.EvidenceURLs)
		place(m.Place)
	}
	w.Int(int64(len(s.Notes)))
	for i := range s.Notes {
		n := &s.Notes[i]
		for _, t := range [...]string{n.Rule, n.Severity, n.Commitment, n.Milestone, n.Column, n.Value, n.Sheet, n.Cell} {
			w.Text(t)
		}
		w.Pairs(n.Args)
	}
	w.Texts(s.Held)
	w.Texts(s.Untold)
	w.Text(string(appendRulings(nil, s.Rulings)))
}

// readingsOf gives the ways in which the rows were read, each once.
func readingsOf(s *plan.Submission) (list []*plan.Reading, at map[*plan.Reading]int) {
	at = map[*plan.Reading]int{}
	add := func(r *plan.Reading) {
		if _, ok := at[r]; r != nil && !ok {
			at[r] = len(list)
			list = append(list, r)
		}
	}
	for i := range s.Progress {
		add(s.Progress[i].Place.Reading)
	}
	for i := range s.Milestones {
		add(s.Milestones[i].Place.Reading)
	}
	return list, at
}

func appendRulings(b []byte, rulings map[string]plan.Ruling) []byte {
	w := &compact.Writer{Bytes: b}
	w.Int(int64(len(rulings)))
	for _, id := range slices.Sorted(maps.Keys(rulings)) {
		w.Text(id)
		w.Text(rulings[id].Severity)
		w.Int(int64(len(rulings[id].Limits)))
		for _, name := range slices.Sorted(maps.Keys(rulings[id].Limits)) {
			w.Text(name)
			w.Int(int64(rulings[id].Limits[name]))
		}
	}
	return w.Bytes
}

// errCut says that what was read is not what AppendBinary wrote.
var errCut = errors.New("read brief: it is cut short or not whole")

func percentOf(r *compact.Reader) *plan.Percent {
	if !r.Bool() {
		return nil
	}
	p := plan.Percent(r.Int())
	return &p
}

// Decoder reads briefs. What many of them have in common it gives once.
type Decoder struct {
	rulings map[string]map[string]plan.Ruling
	common  map[string]string
}

// Decode reads what AppendBinary wrote. The brief's texts are parts of s.
func (d *Decoder) Decode(s string) (*Brief, error) {
	r := compact.NewReader(s)
	x := &Brief{Digest: r.Digest()}
	x.JudgedBy = JudgedBy{d.once(r.Digest()), d.once(r.Text()), d.once(r.Digest())}
	x.Plan, x.Period = d.once(r.Text()), d.once(r.Text())
	x.RowsTaken, x.RowsHeld = int(r.Int()), int(r.Int())
	if n := r.Count(); n > 0 {
		x.Tallies = make([]Tally, n)
		for i := range x.Tallies {
			x.Tallies[i] = Tally{Rule: d.once(r.Text()), Severity: finding.Severity(r.Int()), N: int(r.Int())}
		}
	}
	if r.Bool() {
		x.Submission = d.submission(r, x)
	}
	if !r.Whole() {
		return nil, errCut
	}
	return x, nil
}

// once gives one string for all that are equal, so that a text which many briefs
// share keeps none of them in memory.
func (d *Decoder) once(s string) string {
	if d.common == nil {
		d.common = map[string]string{}
	}
	if c, ok := d.common[s]; ok {
		return c
	}
	if len(d.common) < maxCommon {
		c := string([]byte(s))
		d.common[c] = c
		return c
	}
	return s
}

// maxCommon bounds how many texts are kept for the briefs to come.
const maxCommon = 1 << 14

func (d *Decoder) submission(r *compact.Reader, x *Brief) *plan.Submission {
	s := &plan.Submission{Plan: x.Plan, Institution: d.once(r.Text()), Period: x.Period}
	// What outlives the rows must not keep the text of the whole brief in memory.
	id, digest := r.Text(), r.Digest()
	if id = strings.Clone(id); strings.HasPrefix(digest, id) {
		id = digest[:len(id)]
	}
	s.Source = plan.Source{SubmissionID: id, Digest: digest, ReceivedAt: d.once(r.Text()), Origin: d.once(r.Text()), URL: d.once(r.Text()),
		Template: d.once(r.Text())}
	readings := make([]plan.Reading, r.Count())
	for i := range readings {
		readings[i] = plan.Reading{List: d.once(r.Text()), Columns: d.once(r.Text())}
		for range r.Count() {
			readings[i].Received = append(readings[i].Received, plan.Received{Key: d.once(r.Text()), Text: strings.Clone(r.Text())})
		}
	}
	place := func() plan.Place {
		p := plan.Place{Sheet: d.once(r.Text()), Row: int(r.Int()), Index: int(r.Int())}
		if n := int(r.Int()); n >= 0 && n < len(readings) {
			p.Reading = &readings[n]
		} else if n != -1 {
			r.Fail()
		}
		return p
	}
	if n := r.Count(); n > 0 {
		s.Progress = make([]plan.Progress, n)
	}
	for i := range s.Progress {
		s.Progress[i] = plan.Progress{Commitment: d.once(r.Text()), Pct: percentOf(r), Status: d.once(r.Text()), ReferenceDate: r.Text(),
			Narrative: r.Pairs(), Difficulties: r.Text(), NextSteps: r.Text(), RevisionReason: r.Text(), NothingToReport: r.Bool(),
			EvidenceURLs: r.Texts(), Place: place()}
	}
	if n := r.Count(); n > 0 {
		s.Milestones = make([]plan.MilestoneReport, n)
	}
	for i := range s.Milestones {
		s.Milestones[i] = plan.MilestoneReport{Milestone: d.once(r.Text()), Commitment: d.once(r.Text()), Title: r.Pairs(),
			PlannedStart: r.Text(), PlannedEnd: r.Text(), ActualStart: r.Text(), ActualEnd: r.Text(), Pct: percentOf(r), Status: d.once(r.Text()),
			EvidenceURLs: r.Texts(), Place: place()}
	}
	if n := r.Count(); n > 0 {
		s.Notes = make([]plan.Note, n)
	}
	for i := range s.Notes {
		s.Notes[i] = plan.Note{Rule: d.once(r.Text()), Severity: d.once(r.Text()), Commitment: d.once(r.Text()), Milestone: d.once(r.Text()), Period: s.Period,
			Column: d.once(r.Text()), Value: r.Text(), Sheet: d.once(r.Text()), Cell: r.Text(), Args: r.Pairs(), Source: s.Source}
	}
	s.Held, s.Untold = r.Texts(), r.Texts()
	var ok bool
	if s.Rulings, ok = d.rulingsOf(r.Text()); !ok {
		r.Fail()
	}
	return s
}

// rulingsOf reads rulings; submissions judged alike share theirs.
func (d *Decoder) rulingsOf(s string) (m map[string]plan.Ruling, ok bool) {
	if m, ok := d.rulings[s]; ok {
		return m, true
	}
	r := compact.NewReader(s)
	if n := r.Count(); n > 0 {
		m = make(map[string]plan.Ruling, n)
		for range n {
			id := r.Text()
			ruling := plan.Ruling{Severity: r.Text()}
			for range r.Count() {
				if ruling.Limits == nil {
					ruling.Limits = map[string]int{}
				}
				name := r.Text()
				ruling.Limits[name] = int(r.Int())
			}
			m[id] = ruling
		}
	}
	if !r.Whole() {
		return nil, false
	}
	if d.rulings == nil {
		d.rulings = map[string]map[string]plan.Ruling{}
	}
	if len(d.rulings) < maxCommon {
		d.rulings[string([]byte(s))] = m
	}
	return m, true
}
