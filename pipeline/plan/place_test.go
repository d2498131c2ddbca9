package plan_test

import (
	"testing"

	"iltizam/pipeline/plan"
)

func TestPlace(t *testing.T) {
	reading := &plan.Reading{List: "progress", Columns: "progress_pct=D status=AB a/b~c=Z", Received: []plan.Received{{Key: "status", Text: "EN COURS"}}}
	p := plan.Place{Sheet: "التقدم", Row: 12, Index: 3, Reading: reading}
	if got := p.Cells(); got != "progress_pct=D12 status=AB12 a/b~c=Z12" {
		t.Error(got)
	}
	for key, want := range map[string][2]string{"progress_pct": {"D12", "/progress/3/progress_pct"}, "status": {"AB12", "/progress/3/status"},
		"a/b~c": {"Z12", "/progress/3/a~1b~0c"}, "difficulties": {"", "/progress/3/difficulties"}} {
		if p.Cell(key) != want[0] || p.Pointer(key) != want[1] {
			t.Errorf("%s is in %q, at %q", key, p.Cell(key), p.Pointer(key))
		}
	}
	if text, ok := p.AsReceived("status"); text != "EN COURS" || !ok {
		t.Error(text, ok)
	}
	if text, ok := p.AsReceived("progress_pct"); ok {
		t.Error(text)
	}
	none := plan.Place{Sheet: "x", Row: 1}
	if _, ok := none.AsReceived("status"); ok || none.Cells()+none.Cell("status")+none.Pointer("status") != "" {
		t.Error("a place that is not known has cells")
	}
}

func TestAt(t *testing.T) {
	place := func(list string, row, index int) plan.Place {
		return plan.Place{Sheet: list + " sheet", Row: row, Index: index, Reading: &plan.Reading{List: list, Columns: "status=E a/b~c=Z"}}
	}
	s := &plan.Submission{Header: plan.HeaderPlace{Sheet: "_meta", Cells: map[string]string{"plan": "B3"}},
		Progress:   []plan.Progress{{Place: place("progress", 6, 0)}, {Place: place("progress", 9, 3)}, {Place: place("progress", 11, 12)}},
		Milestones: []plan.MilestoneReport{{Place: place("milestones", 7, 1)}}}
	for pointer, want := range map[string]string{
		"/header/plan": "_meta!B3", "/progress/0/status": "progress sheet!E6", "/progress/3/a~1b~0c": "progress sheet!Z9",
		"/progress/12/status": "progress sheet!E11", "/milestones/1/status": "milestones sheet!E7",
		// Held back, not there, no pointer.
		"/progress/1/status": "", "/progress/99/status": "", "/progress/0/nothing": "", "/header/period": "", "/progress/03/status": "", "/progress/-1/status": "",
		"/progress/0": "", "/progress": "", "": "", "/": "", "progress/0/status": "", "/rows/0/status": "", "/progress/0/status/x": "", "/progress/x/status": "",
	} {
		sheet, cell, ok := s.At(pointer)
		if got := sheet + "!" + cell; ok != (want != "") || ok && got != want {
			t.Errorf("%q is at %s, %v; want %q", pointer, got, ok, want)
		}
	}
}
