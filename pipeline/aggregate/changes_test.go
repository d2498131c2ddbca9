package aggregate_test

import (
	"iter"
	"slices"
	"testing"

	"iltizam/pipeline/table"
)

// Several exporters walk the log of changes at a time; its rows are made as they
// go, so one walk must not write into another's.
func TestWalksOfTheChangesDoNotMeet(t *testing.T) {
	changes := tables(t, portalSnapshot(t))["changes"]
	var want []table.Row
	for row := range changes.Rows {
		want = append(want, slices.Clone(row))
	}
	if len(want) < 2 {
		t.Fatalf("%d changes", len(want))
	}
	ahead, stop := iter.Pull(changes.Rows)
	defer stop()
	first, _ := ahead()
	n := 0
	for row := range changes.Rows {
		if !slices.Equal(row, want[n]) || !slices.Equal(first, want[0]) {
			t.Fatalf("row %d is %v, the first of the other walk %v", n, row, first)
		}
		n++
	}
	for range changes.Rows { // to leave early is no harm
		break
	}
	if n != len(want) {
		t.Errorf("%d rows, then %d", len(want), n)
	}
}
