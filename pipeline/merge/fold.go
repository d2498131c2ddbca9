package merge

import (
	"cmp"
	"slices"
	"strings"

	"iltizam/pipeline/plan"
)

// Judge says what there is to say of a submission in the light of those received
// before it. It is a pure function of both and keeps neither.
type Judge func(s *plan.Submission, past plan.Past) []plan.Remark

// Superseded is a submission of which a later one tells the same institution's
// same period again.
type Superseded struct {
	Older, Later *plan.Submission
}

// Overruled is a supporting institution's row that stood until the lead of its
// commitment sent its own.
type Overruled struct {
	Submission *plan.Submission // without rows
	Remark     plan.Remark
}

// Fold merges the submissions of one plan, received up to a date, one after the
// other in the order of their receipt: of two rows the lead institution's wins,
// then the later. What it holds on to is the state, not the submissions: the
// rows that hold, with their remarks, and what each submission changed.
type Fold struct {
	plan  *plan.ActionPlan
	asOf  string
	judge Judge

	commitments map[string]int // by id: its place in the plan
	periods     map[string]int
	milestones  map[string][]*kept[plan.MilestoneReport] // by id, then period
	progress    [][]*kept[plan.Progress]                 // by commitment, then period
	refused     [][]rank                                 // whose row was held back after it, by commitment and period
	firsts      [][]*plan.First
	told        map[key]*told

	subs      []*plan.Submission // without rows, in order of receipt
	reported  []bool             // by period
	last      map[string]string  // by institution: the newest receipt
	refusals  []plan.Refusal
	overruled []Overruled
	changes   changeLog
	leads     leads
}

// rank says whose a row is.
type rank int8

const (
	nobody rank = iota
	supporting
	leading
)

// kept is a row that holds.
type kept[T plan.Progress | plan.MilestoneReport] struct {
	of     int // the submission, by its place in subs
	rank   rank
	report T
	notes  []orderedNote
}

type orderedNote struct {
	index int // among the submission's notes and remarks
	note  plan.Note
}

type key struct{ institution, period string }

// told is what an institution told of in a period, sorted.
type told struct{ commitments, milestones []string }

// NewFold starts with nothing received. AsOf is an ISO date. Without a judge (nil)
// no rule looks around or back. The plan must not change.
func NewFold(p *plan.ActionPlan, asOf string, judge Judge) *Fold {
	f := &Fold{plan: p, asOf: asOf, judge: judge, commitments: map[string]int{}, periods: map[string]int{},
		milestones: map[string][]*kept[plan.MilestoneReport]{}, told: map[key]*told{}, last: map[string]string{},
		reported: make([]bool, len(p.Periods)), leads: newLeads(p)}
	for i := range p.Periods {
		f.periods[p.Periods[i].ID] = i
	}
	for i := range p.Commitments {
		f.commitments[p.Commitments[i].ID] = i
		f.progress = append(f.progress, make([]*kept[plan.Progress], len(p.Periods)))
		f.refused = append(f.refused, make([]rank, len(p.Periods)))
		f.firsts = append(f.firsts, make([]*plan.First, len(p.Periods)))
	}
	return f
}

// InOrder compares submissions by their receipt; of those received at one instant,
// as all are that one run finds, by the ids of their periods, so that a report
// is mostly judged after the one before it, then by digest. What compares equal is
// one workbook, dropped in two places.
func InOrder(a, b *plan.Submission) int {
	return cmp.Or(strings.Compare(a.Source.ReceivedAt, b.Source.ReceivedAt), strings.Compare(a.Period, b.Period),
		strings.Compare(a.Source.Digest, b.Source.Digest), strings.Compare(a.Institution, b.Institution))
}

// Counts tells whether a submission counts in this fold: it is of the plan and of
// a period of it, was received by asOf, and its period has begun by then. A report
// that came before its period counts from the period's first day on.
func (f *Fold) Counts(s *plan.Submission) bool {
	return f.received(s) && f.plan.Periods[f.periods[s.Period]].Start <= f.asOf
}

func (f *Fold) received(s *plan.Submission) bool {
	_, known := f.periods[s.Period]
	return s.Plan == f.plan.ID && known && dayOf(s.Source) <= f.asOf
}

// Add lets a submission's rows take the place of earlier ones and gives what the
// judge says of it; a row with an error is held back. Submissions come in the
// order of InOrder; one that does not count, or came just before, changes
// nothing, though one that counts from a later day on is judged. The submission is not changed.
func (f *Fold) Add(s *plan.Submission) []plan.Remark {
	if !f.received(s) || len(f.subs) > 0 && InOrder(f.subs[len(f.subs)-1], s) == 0 {
		return nil
	}
	a := &adding{Fold: f, sub: s, period: f.periods[s.Period], day: dayOf(s.Source)}
	var remarks []plan.Remark
	if f.judge != nil {
		remarks = f.judge(s, a)
	}
	if !f.Counts(s) { // its period has not begun: it is judged, so that its sender is told at once
		return remarks
	}
	for i := range remarks {
		if remarks[i].Severity == severityError && remarks[i].Commitment != "" {
			a.hold(remarks[i].Commitment, remarks[i].Milestone)
		}
	}
	a.take()
	a.annotate(remarks)
	return remarks
}

// The severities that merging knows apart.
const (
	severityError   = "error"
	severityWarning = "warning"
)

// Refuse adds a workbook of which nothing could be taken, in any order. Unless a
// submission of its institution came with it or later, it marks values as held.
func (f *Fold) Refuse(r plan.Refusal) {
	if dayOfInstant(r.ReceivedAt) <= f.asOf && (r.Plan == "" || r.Plan == f.plan.ID) {
		f.refusals = append(f.refusals, r)
	}
}

// Superseded gives the submissions of which a later one told again, in order of
// receipt; they are without rows.
func (f *Fold) Superseded() []Superseded {
	var out []Superseded
	last := map[key]*plan.Submission{}
	for _, s := range slices.Backward(f.subs) {
		k := key{s.Institution, s.Period}
		if later, ok := last[k]; ok {
			out = append(out, Superseded{Older: s, Later: later})
		} else {
			last[k] = s
		}
	}
	slices.Reverse(out)
	return out
}

// Overruled gives the rows of supporting institutions that stood until the lead's
// came, in the order in which these came: what to tell their senders. What they are
// told at once is among the remarks that Add gives.
func (f *Fold) Overruled() []Overruled { return slices.Clone(f.overruled) }

func dayOf(s plan.Source) string { return dayOfInstant(s.ReceivedAt) }

func dayOfInstant(instant string) string {
	day, _, _ := strings.Cut(instant, "T")
	return day
}

// leads tells who leads a commitment, each answer found once.
type leads struct {
	plan *plan.ActionPlan
	of   [][]string // by commitment, then period; "?" while not asked
	day  string
	now  []string // by commitment, on that day
}

const notAsked = "?"

func newLeads(p *plan.ActionPlan) leads {
	l := leads{plan: p, now: make([]string, len(p.Commitments))}
	for range p.Commitments {
		l.of = append(l.of, slices.Repeat([]string{notAsked}, len(p.Periods)))
	}
	return l
}

// rank tells as what an institution speaks of a commitment and a period in a
// workbook received on a day.
func (l *leads) rank(commitment, period int, institution, day string) rank {
	lead := &l.of[commitment][period]
	if *lead == notAsked {
		*lead = l.plan.LeadFor(&l.plan.Commitments[commitment], &l.plan.Periods[period])
	}
	if institution == *lead && institution != "" {
		return leading
	}
	if l.day != day {
		l.day = day
		for i := range l.now {
			l.now[i] = notAsked
		}
	}
	if l.now[commitment] == notAsked {
		l.now[commitment] = l.plan.LeadOn(&l.plan.Commitments[commitment], day)
	}
	if institution == l.now[commitment] && institution != "" {
		return leading
	}
	return supporting
}
