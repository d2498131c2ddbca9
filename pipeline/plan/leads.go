package plan

import (
	"iter"
	"slices"
	"time"
)

// EarlierLead is an institution that led a commitment before another took it over.
type EarlierLead struct {
	Institution string `json:"institution"` // institution code
	Until       string `json:"until"`       // YYYY-MM-DD, the last day that it led
	Basis       Basis  `json:"basis"`
	Note        string `json:"note,omitempty"`
	SourceURL   string `json:"source_url,omitempty"`
}

// Lead is an institution with the days on which it leads a commitment.
type Lead struct {
	Institution string // code; "" where unknown
	From        string // first day, YYYY-MM-DD; "" where unknown
	Until       string // last day; "" for the present lead
	Basis       Basis  // the weakest of what says so
	Note        string
	SourceURL   string
}

// NameOn gives the name that held on a day (YYYY-MM-DD), before the first date
// known the first one. Of no day ("") it is the name in the plan's text.
func (i *Institution) NameOn(day string) Texts {
	if day == "" {
		return i.Name()
	}
	held := i.Name()
	for k := 1; k < len(i.Names); k++ {
		from := i.Names[k].ValidFrom.Date
		if from == "" {
			from = dayAfter(i.Names[k-1].ValidTo.Date)
		}
		if from != "" && from <= day { // a change of unknown day is none
			held = i.Names[k].Name
		}
	}
	return held
}

// End gives the last day of an institution that another replaced, YYYY-MM-DD; ""
// where none did or the day is not known.
func (i *Institution) End() string {
	if i.ReplacedBy == "" || len(i.Names) == 0 {
		return ""
	}
	return i.Names[len(i.Names)-1].ValidTo.Date
}

// Leads gives a commitment's leads in order: each starts on the day after the
// one before ends. There is always a last one, the present lead, whose
// institution may be unknown.
func (p *ActionPlan) Leads(c *Commitment) iter.Seq[Lead] {
	return func(yield func(Lead) bool) {
		from := ""
		for _, e := range c.EarlierLeads {
			if !yield(Lead{e.Institution, from, e.Until, e.Basis, e.Note, e.SourceURL}) {
				return
			}
			from = dayAfter(e.Until)
		}
		last := Lead{Institution: c.LeadInstitution, From: from, Basis: c.LeadInstitutionBasis}
		for range p.Institutions { // so that a cycle, which the check refuses, ends
			i := p.Institution(last.Institution)
			if i == nil || i.End() == "" {
				break
			}
			name := &i.Names[len(i.Names)-1]
			next := Lead{Institution: i.ReplacedBy, From: max(last.From, dayAfter(i.End())),
				Basis: Weakest(last.Basis, name.ValidTo.Basis), Note: name.Note, SourceURL: name.SourceURL}
			last.Until = i.End()
			if last.From <= last.Until && !yield(last) { // one that ended before never came to lead
				return
			}
			last = next
		}
		yield(last)
	}
}

// LeadAt gives a commitment's lead on a day (YYYY-MM-DD); of no day ("") it is the
// present one. Its institution may be unknown.
func (p *ActionPlan) LeadAt(c *Commitment, day string) Lead {
	var lead Lead
	for lead = range p.Leads(c) {
		if day != "" && lead.Until >= day {
			break
		}
	}
	return lead
}

// LeadOn gives the code of the institution that leads a commitment on a day
// (YYYY-MM-DD), "" where that is unknown; of no day ("") that of the present lead.
func (p *ActionPlan) LeadOn(c *Commitment, day string) string { return p.LeadAt(c, day).Institution }

// LeadFor gives the institution that leads a commitment for a period: the lead on
// the period's last day, on its due date where the end is unknown, the present
// one where both are or the period is nil.
func (p *ActionPlan) LeadFor(c *Commitment, period *ReportingPeriod) string {
	return p.LeadOn(c, period.LastDay())
}

// LedFor gives the commitments that an institution leads for a period, in the
// plan's order.
func (p *ActionPlan) LedFor(institution string, period *ReportingPeriod) []*Commitment {
	return p.LedOn(institution, period.LastDay())
}

// LedOn gives the commitments that an institution leads on a day (YYYY-MM-DD), in
// the plan's order; of no day ("") those that it leads at present.
func (p *ActionPlan) LedOn(institution, day string) []*Commitment {
	var led []*Commitment
	for i := range p.Commitments {
		if c := &p.Commitments[i]; p.LeadOn(c, day) == institution {
			led = append(led, c)
		}
	}
	return led
}

// MayReport tells whether an institution's word on a commitment is taken for a
// period, in a workbook received on a day (YYYY-MM-DD): its lead for the period,
// its lead on that day, who corrects the reports of those before it, or an
// institution that supports it or has taken the place of one.
func (p *ActionPlan) MayReport(c *Commitment, period *ReportingPeriod, institution, receivedDay string) bool {
	return institution != "" && (institution == p.LeadFor(c, period) || institution == p.LeadOn(c, receivedDay) ||
		p.Supports(c, institution, receivedDay))
}

// Supports tells whether an institution supports a commitment, or had by a day
// (YYYY-MM-DD; any where "") taken the place of one that does.
func (p *ActionPlan) Supports(c *Commitment, institution, day string) bool {
	return slices.ContainsFunc(c.Supporting, func(code string) bool { return p.StandsFor(institution, code, day) })
}

// StandsFor tells whether an institution is another one, or had by a day
// (YYYY-MM-DD; any where "") taken its place.
func (p *ActionPlan) StandsFor(institution, other, day string) bool {
	for range p.Institutions {
		if other == institution {
			return true
		}
		i := p.Institution(other)
		if i == nil || i.End() == "" || day != "" && day <= i.End() {
			return false
		}
		other = i.ReplacedBy
	}
	return false
}

// LastDay is the day (YYYY-MM-DD) as of which the plan is seen for a period: its
// last one, its due date where that is unknown, else "", as it is of a nil period.
func (r *ReportingPeriod) LastDay() string {
	switch {
	case r == nil:
		return ""
	case r.End != "":
		return r.End
	default:
		return r.DueDate
	}
}

// dayAfter gives the day after one (YYYY-MM-DD), "" where that is none.
func dayAfter(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return t.AddDate(0, 0, 1).Format(time.DateOnly)
}
