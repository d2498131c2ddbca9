package workbook

import (
	"slices"
	"strconv"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook/scan"
)

// sheetFacts gathers what the sender is told of a sheet besides its values.
type sheetFacts struct {
	ds      *dataSheet
	tell    func(finding.Finding)
	last    int // the last filled row
	hidden  int // filled rows that nobody sees
	outside int // values in columns without a key
	first   Cell
	known   []int // how many known columns lie up to each column
	covers  []cover
}

func newSheetFacts(ds *dataSheet, tell func(finding.Finding)) *sheetFacts {
	f := &sheetFacts{ds: ds, tell: tell}
	if n := len(ds.cols); n > 0 {
		f.known = make([]int, ds.cols[n-1]+1)
		for _, col := range ds.cols {
			f.known[col]++
		}
		for i := 1; i < len(f.known); i++ {
			f.known[i] += f.known[i-1]
		}
	}
	return f
}

// filled notes a row that counts.
func (f *sheetFacts) filled(row int, hidden bool) {
	f.last = row
	if hidden {
		f.hidden++
	}
}

// beside notes the values of a row of which not all stand in known columns.
func (f *sheetFacts) beside(cells []Cell) {
	i := 0
	for _, c := range cells {
		for i < len(f.ds.cols) && f.ds.cols[i] < c.Col {
			i++
		}
		if i < len(f.ds.cols) && f.ds.cols[i] == c.Col || c.Kind == Empty {
			continue
		}
		if _, told := slices.BinarySearch(f.ds.foreign, c.Col); told {
			continue
		}
		if f.outside++; f.outside == 1 {
			f.first = Cell{Col: c.Col, Row: c.Row}
		}
	}
}

func (f *sheetFacts) upTo(col int) int {
	if len(f.known) == 0 {
		return 0
	}
	return f.known[min(col, len(f.known)-1)]
}

// merged notes a merge that leaves blank a cell that would be read.
func (f *sheetFacts) merged(r scan.Range) {
	cols := f.upTo(r.LastCol) - f.upTo(r.Col-1)
	rows := min(r.LastRow, f.last) - max(r.Row, f.ds.first) + 1
	if cols <= 0 || rows <= 0 {
		return
	}
	if cols*rows == 1 && r.Row >= f.ds.first && slices.Contains(f.ds.cols, r.Col) {
		return // only its first cell is one that is read
	}
	if len(f.covers) <= maxCovering {
		f.covers = append(f.covers, cover{Range: r})
	}
}

// tooMany refuses a sheet with merges without end.
func (f *sheetFacts) tooMany() {
	f.tell(finding.Finding{Rule: scan.RuleUnsafe, Severity: finding.Block, At: finding.Cell{Sheet: f.ds.sheet.Name},
		Args: map[string]string{"reason": scan.TooMany}})
}

// end tells what is known when the sheet was walked to its end.
func (f *sheetFacts) end(facts *scan.Facts) {
	if f.hidden > 0 {
		f.say(RuleRowsHidden, finding.Info, "", f.hidden)
		if facts.Filtered {
			f.say(RuleFilterActive, finding.Info, "", 0)
		}
	}
	if f.outside > 0 {
		f.say(RuleDataOutside, finding.Info, f.first.Ref(), f.outside)
	}
	if facts.Calls > 0 {
		f.say(RuleDDE, finding.Warning, facts.FirstCall, facts.Calls)
	}
}

func (f *sheetFacts) say(rule string, s finding.Severity, ref string, count int) {
	x := finding.Finding{Rule: rule, Severity: s, At: finding.Cell{Sheet: f.ds.sheet.Name, Ref: ref}}
	if count > 0 {
		x.Args = map[string]string{"count": strconv.Itoa(count)}
	}
	f.tell(x)
}
