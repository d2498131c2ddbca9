package merge

import (
	"slices"
	"strings"

	"iltizam/pipeline/plan"
)

// changeLog tells, row by row in order of receipt, which values each one set,
// set anew or took away. Replayed, it gives the values that hold. There may be
// very many, so what the values of a row have in common is kept once.
type changeLog struct {
	rows    []change
	values  []changed
	now     change
	pastDue bool
}

// change is a row that changes something.
type change struct {
	of         int // the submission, by its place among those received
	commitment int
	milestone  string // "" where the commitment itself changed
	reason     string
	place      plan.Place
	values     int // where its values start
}

type changed struct {
	column, old, new string
	restated         bool
}

// start says whose values are added next. PastDue tells that what they replace was
// the past.
func (c *changeLog) start(row change, pastDue bool) {
	row.values = len(c.values)
	c.now, c.pastDue = row, pastDue
}

// add files one value that differs.
func (c *changeLog) add(column, old, new string) {
	if c.now.values == len(c.values) {
		c.now.reason = strings.Clone(c.now.reason)
		c.rows = append(c.rows, c.now)
	}
	// Parts of a workbook's text would keep all of it in memory.
	old, new = strings.Clone(old), strings.Clone(new)
	c.values = append(c.values, changed{column, old, new, c.pastDue && plan.Restates(column, old, new)})
}

// all gives the changes as they are published.
func (c *changeLog) all(p *plan.ActionPlan, subs []*plan.Submission) []plan.Change {
	out := slices.Grow([]plan.Change(nil), len(c.values))
	for i := range c.rows {
		row := &c.rows[i]
		end := len(c.values)
		if i+1 < len(c.rows) {
			end = c.rows[i+1].values
		}
		s := subs[row.of]
		for _, v := range c.values[row.values:end] {
			activity := "modified"
			switch "" {
			case v.old:
				activity = "created"
			case v.new:
				activity = "deleted"
			}
			out = append(out, plan.Change{Activity: activity, Commitment: p.Commitments[row.commitment].ID, Milestone: row.milestone,
				Period: s.Period, Column: v.column, Old: v.old, New: v.new, Reason: row.reason, Restated: v.restated, Source: s.Source,
				Place: row.place})
		}
	}
	return out
}
