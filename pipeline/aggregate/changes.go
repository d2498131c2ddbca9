package aggregate

import (
	"slices"
	"strconv"
	"strings"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
)

// changes makes the one table that grows with every submission ever made: its
// rows are made anew at each walk and never held.
func (b *builder) changes() (*table.Table, error) {
	log := b.snap.Changes
	ids := changeIDs(log)
	order := make([]int, len(log))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(x, y int) int { return strings.Compare(ids[x], ids[y]) })
	return b.stream("changes", []string{"change_id", "activity", "commitment_id", "milestone_id", "reporting_period",
		"column_name", "old_value", "new_value", "revision_reason", "restated",
		"submission_id", "workbook_sha256", "received_at", "source_sheet", "source_row", "source_cell",
	}, func(row func([]table.Value) bool) {
		var values []table.Value                 // one piece of memory for all rows
		receivedAt, received := "", table.Null() // of the last row, as a rule of this one too
		for _, i := range order {
			c := &log[i]
			if c.Source.ReceivedAt != receivedAt {
				receivedAt, received = c.Source.ReceivedAt, table.ISOInstant(c.Source.ReceivedAt)
			}
			sourceRow := table.Null()
			if c.Place.Row > 0 {
				sourceRow = table.Int(int64(c.Place.Row))
			}
			values = append(values[:0], table.Str(ids[i]), table.Str(c.Activity), table.Str(c.Commitment), table.StrOrNull(c.Milestone), table.Str(c.Period),
				table.Str(c.Column), table.StrOrNull(c.Old), table.StrOrNull(c.New), table.StrOrNull(c.Reason), table.Bool(c.Restated),
				table.StrOrNull(c.Source.SubmissionID), table.StrOrNull(c.Source.Digest), received,
				table.StrOrNull(c.Place.Sheet), sourceRow, table.StrOrNull(c.Place.Cell(c.Column)))
			if !row(values) {
				return
			}
		}
	})
}

// changeIDs names each change by what it changed and the submission it came with.
func changeIDs(log []plan.Change) []string {
	ids := make([]string, len(log))
	seen := make(map[string]int, len(log))
	for i := range log {
		c := &log[i]
		subject := c.Milestone
		if subject == "" {
			subject = c.Commitment
		}
		id := strings.Join([]string{c.Source.ReceivedAt, c.Source.SubmissionID, subject, c.Period, c.Column}, "/")
		seen[id]++
		if n := seen[id]; n > 1 { // the same workbook came again after another one
			id += "/" + strconv.Itoa(n)
		}
		ids[i] = id
	}
	return ids
}
