package plan

import "strings"

// names tells of names that cannot follow one another.
func (c *checker) names(i *Institution) {
	newest := ""
	for k, n := range i.Names {
		c.partial("valid_from of institution "+i.Code, n.ValidFrom)
		c.partial("valid_to of institution "+i.Code, n.ValidTo)
		from, to := n.ValidFrom.Date, n.ValidTo.Date
		c.inOrder("a name of institution "+i.Code, from, to)
		if first := firstOf(from, to); newest != "" && first != "" && first <= newest {
			c.bad("name %d of institution %s holds on %s, but the one before holds up to %s: names follow one another without overlapping",
				k+1, i.Code, first, newest)
		}
		newest = max(newest, from, to)
	}
}

func firstOf(days ...string) string {
	for _, d := range days {
		if d != "" {
			return d
		}
	}
	return ""
}

// replaced tells of an institution whose successor cannot take over from it.
func (c *checker) replaced(i *Institution) {
	next := c.Institution(i.ReplacedBy)
	switch {
	case i.ReplacedBy == "":
	case next == nil || next.Code == i.Code:
		c.bad("institution %s is replaced by %s, which is no other institution of the plan", i.Code, i.ReplacedBy)
	case i.End() == "":
		c.bad("institution %s is replaced by %s, but on which day is not said: its last name needs a full valid_to", i.Code, i.ReplacedBy)
	case c.circle(i) != "":
		c.bad("institutions replace one another in a circle: %s", c.circle(i))
	case next.End() != "" && next.End() <= i.End():
		c.bad("institution %s is replaced by %s on %s, when that one has ended: it did on %s", i.Code, next.Code, dayAfter(i.End()), next.End())
	}
}

// circle gives the codes by which an institution comes to replace itself.
func (c *checker) circle(start *Institution) string {
	path := []string{start.Code}
	for i := start; len(path) <= len(c.Institutions); {
		if i = c.Institution(i.ReplacedBy); i == nil {
			return ""
		}
		path = append(path, i.Code)
		if i.Code == start.Code {
			return strings.Join(path, ", ")
		}
	}
	return ""
}

// leads tells of leads that cannot follow one another.
func (c *checker) leads(x *Commitment) {
	of, last := "commitment "+x.ID, ""
	for k, e := range x.EarlierLeads {
		c.date("until of earlier lead "+e.Institution+" of "+of, e.Until)
		i, next := c.Institution(e.Institution), x.LeadInstitution
		if k+1 < len(x.EarlierLeads) {
			next = x.EarlierLeads[k+1].Institution
		}
		switch {
		case i == nil:
			c.bad("%s was led by institution %q, which the plan does not have", of, e.Institution)
		case e.Until == "":
			c.bad("%s was led by %s, but until which day is not said", of, e.Institution)
		case e.Until <= last:
			c.bad("%s was led by %s until %s, but stands after a lead until %s: the oldest comes first", of, e.Institution, e.Until, last)
		case i.End() != "" && e.Until > i.End():
			c.bad("%s was led by %s until %s, but %s ended on %s: from the next day on its successor led, or name who did", of, e.Institution, e.Until, e.Institution, i.End())
		case e.Institution == next:
			c.bad("%s moves from %s to %s, which is no move", of, e.Institution, next)
		}
		last = max(last, e.Until)
	}
	if i := c.Institution(x.LeadInstitution); i != nil && last != "" && i.End() != "" && i.End() <= last {
		c.bad("%s is led by %s after %s, but %s ended on %s", of, i.Code, last, i.Code, i.End())
	}
}
