package main

import (
	"fmt"

	"iltizam/pipeline/aggregate"
	"iltizam/pipeline/plan"
)

// headline tells the plan's counters in one line, as the portal's page does.
func headline(snap *plan.Snapshot) string {
	h := aggregate.Headline(snap)
	progress := "no value yet"
	if h.Progress != "" {
		progress = h.Progress + " % overall"
	}
	line := fmt.Sprintf("%s, %s, %d not started, %d in progress, %d completed", plural(h.Commitments, "commitment"),
		progress, h.NotStarted, h.InProgress, h.Completed)
	if h.Period != "" {
		line += " (" + h.Period + ")"
	}
	return line
}
