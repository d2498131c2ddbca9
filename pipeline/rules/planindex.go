package rules

import (
	"sync"

	"iltizam/pipeline/plan"
)

// planIndex makes a plan's parts quick to find; it is made once for each plan.
type planIndex struct {
	commitments map[string]*plan.Commitment // by id
	milestones  map[string]*plan.Milestone  // by id
	titles      func() map[string]map[string]string
}

// indexOf gives the index of a plan, which must not change from then on.
func (s *Set) indexOf(p *plan.ActionPlan) *planIndex {
	if known, ok := s.plans.Load(p); ok {
		return known.(*planIndex)
	}
	x := &planIndex{commitments: map[string]*plan.Commitment{}, milestones: map[string]*plan.Milestone{}}
	for i := range p.Commitments {
		c := &p.Commitments[i]
		x.commitments[c.ID] = c
		for k := range c.Milestones {
			x.milestones[c.Milestones[k].ID] = &c.Milestones[k]
		}
	}
	x.titles = sync.OnceValue(func() map[string]map[string]string { return titlesOf(p) })
	known, _ := s.plans.LoadOrStore(p, x)
	return known.(*planIndex)
}

// titlesOf gives by sheet the id that bears a folded title, "" where several do.
func titlesOf(p *plan.ActionPlan) map[string]map[string]string {
	titles := map[string]map[string]string{SheetProgress: {}, SheetMilestones: {}}
	add := func(sheet, id string, title plan.Texts) {
		for _, t := range title {
			line, whose := fold(t.Text), id
			if before, taken := titles[sheet][line]; taken && before != id {
				whose = ""
			}
			titles[sheet][line] = whose
		}
	}
	for i := range p.Commitments {
		c := &p.Commitments[i]
		add(SheetProgress, c.ID, c.Title)
		for k := range c.Milestones {
			add(SheetMilestones, c.Milestones[k].ID, c.Milestones[k].Title)
		}
	}
	return titles
}
