package plan

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
)

var (
	slug          = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	milestoneRest = regexp.MustCompile(`^-m[0-9]{2,}$`)
)

// checker gathers what is wrong with a plan.
type checker struct {
	*ActionPlan
	errs []error
	seen map[string]bool
}

// check says what the schema of a plan cannot: which ids clash, which
// references lead nowhere, which dates are none.
func (p *ActionPlan) check(folder string) error {
	c := &checker{ActionPlan: p, seen: map[string]bool{}}
	if p.ID != folder {
		c.bad("id %q is not the folder's name", p.ID)
	}
	c.slug("id", p.ID)
	if len(p.Languages) == 0 {
		c.bad("languages is empty")
	}
	c.partial("start_date", p.StartDate)
	c.partial("end_date", p.EndDate)
	for _, a := range p.Axes {
		c.once("axis", a.Code)
	}
	c.periods()
	c.institutions()
	c.commitments()
	return errors.Join(c.errs...)
}

func (c *checker) bad(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

func (c *checker) slug(what, id string) {
	if !slug.MatchString(id) {
		c.bad("%s %q is not lower-case words joined by hyphens", what, id)
	}
}

func (c *checker) once(kind, id string) {
	key := kind + "\x00" + id
	if id == "" {
		c.bad("a %s has no id", kind)
	} else if c.seen[key] {
		c.bad("%s %s comes twice", kind, id)
	}
	c.seen[key] = true
}

// date tells of a date that is none; an empty one is unknown.
func (c *checker) date(of, date string) {
	if _, err := time.Parse(time.DateOnly, date); date != "" && err != nil {
		c.bad("%s is %q, not a date such as 2021-12-31", of, date)
	}
}

func (c *checker) partial(of string, d PartialDate) { c.date(of, d.Date) }

// inOrder tells of two known dates of which the later comes first.
func (c *checker) inOrder(of, start, end string) {
	if start != "" && end != "" && end < start {
		c.bad("%s ends on %s, before it starts on %s", of, end, start)
	}
}

func (c *checker) periods() {
	newest := ""
	for _, r := range c.Periods {
		c.once("reporting period", r.ID)
		c.slug("reporting period", r.ID)
		of := "reporting period " + r.ID
		if r.ID == PlanPeriod {
			c.bad("no %s: the plan itself is called so", of)
		}
		if r.Kind != KindSubmission && r.Kind != KindTranscription {
			c.bad("%s has kind %q", of, r.Kind)
		}
		if r.Kind == KindTranscription && r.DueDate != "" {
			c.bad("%s has a due date, but nobody owes a transcription", of)
		}
		c.date("start of "+of, r.Start)
		c.date("end of "+of, r.End)
		c.date("due date of "+of, r.DueDate)
		c.inOrder(of, r.Start, r.End)
		if r.Start != "" && r.Start < newest {
			c.bad("%s starts on %s, but stands after one that starts on %s", of, r.Start, newest)
		}
		newest = max(newest, r.Start)
	}
}

func (c *checker) institutions() {
	for _, i := range c.Institutions {
		c.once("institution", i.Code)
		c.slug("institution", i.Code)
		if len(i.Names) == 0 {
			c.bad("institution %s has no name", i.Code)
		}
		c.names(&i)
		c.replaced(&i)
	}
	if c.Coordinator != "" && c.Institution(c.Coordinator) == nil {
		c.bad("coordinator %s is not one of the institutions", c.Coordinator)
	}
}

func (c *checker) commitments() {
	if len(c.Commitments) == 0 {
		c.bad("it has no commitments")
	}
	for _, x := range c.Commitments {
		c.once("commitment", x.ID)
		of := "commitment " + x.ID
		if want := CommitmentID(c.ID, x.Number); x.ID != want || x.Number < 1 {
			c.bad("commitment %d has id %s, not %s", x.Number, x.ID, want)
		}
		if x.Axis != "" && !slices.ContainsFunc(c.Axes, func(a Axis) bool { return a.Code == x.Axis }) {
			c.bad("%s is under axis %s, which the plan does not have", of, x.Axis)
		}
		for _, code := range append([]string{x.LeadInstitution}, x.Supporting...) {
			if code != "" && c.Institution(code) == nil {
				c.bad("%s names institution %s, which the plan does not have", of, code)
			}
		}
		c.leads(&x)
		c.partial("start date of "+of, x.StartDate)
		c.partial("end date of "+of, x.EndDate)
		c.inOrder(of, x.StartDate.Date, x.EndDate.Date)
		for _, m := range x.Milestones {
			c.once("milestone", m.ID)
			if len(m.ID) <= len(x.ID) || m.ID[:len(x.ID)] != x.ID || !milestoneRest.MatchString(m.ID[len(x.ID):]) {
				c.bad("milestone %s of %s is not called such as %s-m01", m.ID, of, x.ID)
			}
			c.date("planned start of milestone "+m.ID, m.PlannedStart)
			c.date("planned end of milestone "+m.ID, m.PlannedEnd)
			c.inOrder("milestone "+m.ID, m.PlannedStart, m.PlannedEnd)
		}
	}
}
