package aggregate

import "iltizam/pipeline/plan"

// Counters are the few figures that a plan's page starts with.
type Counters struct {
	Period                            string // id of the newest period, "" where there is none
	Progress                          string // mean of the commitments as displayed, "" where there is no value
	Commitments                       int
	NotStarted, InProgress, Completed int
}

// Headline gives the counters of the newest period.
func Headline(snap *plan.Snapshot) Counters {
	h := Counters{Commitments: len(snap.Plan.Commitments)}
	if len(snap.Periods) == 0 {
		return h
	}
	h.Period = snap.Periods[len(snap.Periods)-1].ID
	b := &builder{snap: snap, plan: snap.Plan}
	for _, f := range b.scopes(h.Period)[0].figures() {
		n := 0
		if f.num != nil && f.num.IsInt() {
			n = int(f.num.Num().Int64())
		}
		switch f.measure {
		case "overall_progress":
			if r, err := f.record(h.Period); err == nil {
				h.Progress = r["value_display"].Text()
			}
		case "not_started":
			h.NotStarted = n
		case "in_progress":
			h.InProgress = n
		case "completed":
			h.Completed = n
		}
	}
	return h
}
