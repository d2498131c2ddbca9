// Package finding says what is wrong with a ministry's workbook. A finding is
// about their workbook; a Go error is about our run.
package finding

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Severity orders findings by what they do to the data, mildest first.
type Severity int

// The four severities of a finding.
const (
	// Info was read and corrected; only the sender is told.
	Info Severity = iota
	// Warning is published, with a public data-quality note.
	Warning
	// Error holds the row back: it is not published, the last good value stays.
	Error
	// Block refuses the whole workbook: nothing of it is taken.
	Block
)

var severityNames = [...]string{"info", "warning", "error", "block"}

// String gives the severity's stable lower-case name.
func (s Severity) String() string {
	if s < Info || s > Block {
		return fmt.Sprintf("severity(%d)", int(s))
	}
	return severityNames[s]
}

// ParseSeverity reads a name that String wrote.
func ParseSeverity(name string) (Severity, error) {
	i := slices.Index(severityNames[:], name)
	if i < 0 {
		return 0, fmt.Errorf("read severity %q: not one of %v", name, severityNames)
	}
	return Severity(i), nil
}

// MarshalJSON writes the severity's name.
func (s Severity) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// UnmarshalJSON reads the severity's name.
func (s *Severity) UnmarshalJSON(b []byte) error {
	var name string
	if err := json.Unmarshal(b, &name); err != nil {
		return err
	}
	v, err := ParseSeverity(name)
	*s = v
	return err
}

// Cell is a place in a workbook. Sheet and Ref are empty where the whole file
// or a whole sheet is meant.
type Cell struct {
	File  string `json:"file"`
	Sheet string `json:"sheet,omitempty"`
	Ref   string `json:"cell,omitempty"` // A1 style
}

// String gives `file [sheet!cell]`.
func (c Cell) String() string {
	switch {
	case c.Sheet == "":
		return c.File
	case c.Ref == "":
		return fmt.Sprintf("%s [%s]", c.File, c.Sheet)
	}
	return fmt.Sprintf("%s [%s!%s]", c.File, c.Sheet, c.Ref)
}

// Finding is one complaint about one place. Its sentence is rendered late, in
// the reader's language, from Rule and Args.
type Finding struct {
	Rule       string            // stable kebab-case id
	Severity   Severity          //
	At         Cell              //
	Pointer    string            // the value's place in the submission as a JSON document (RFC 6901), "" where it has none
	Value      string            // the value as received, shortened
	Args       map[string]string // placeholders of the rule's message, besides {value}
	Commitment string            // id, where the place belongs to one
}

// Report collects the findings of one workbook. Beyond Limit findings for one
// rule and sheet the rest is only counted, in Cut.
type Report struct {
	File     string
	Findings []Finding
	Cut      map[string]int // "rule\x00sheet" -> findings left out
	counts   map[string]int
	worst    Severity
	any      bool
}

// Limit is how many findings for one rule and sheet a report keeps.
const Limit = 1000

// maxValue bounds the text of a value that a finding repeats, in runes.
const maxValue = 200

// Add takes a finding into the report.
func (r *Report) Add(f Finding) {
	if f.At.File == "" {
		f.At.File = r.File
	}
	if !r.any || f.Severity > r.worst {
		r.worst, r.any = f.Severity, true
	}
	key := f.Rule + "\x00" + f.At.Sheet
	if r.counts == nil {
		r.counts = map[string]int{}
	}
	r.counts[key]++
	if r.counts[key] > Limit {
		if r.Cut == nil {
			r.Cut = map[string]int{}
		}
		r.Cut[key]++
		return
	}
	r.Findings = append(r.Findings, f.own())
}

// CutMore counts n findings more that were left out; key is one of Cut.
func (r *Report) CutMore(key string, n int) {
	if r.Cut == nil {
		r.Cut = map[string]int{}
	}
	r.Cut[key] += n
}

// own copies the texts of a finding, which may be small parts of large ones that
// would stay in memory with them.
func (f Finding) own() Finding {
	f.Value, f.Commitment = strings.Clone(shorten(f.Value)), strings.Clone(f.Commitment)
	f.Args = maps.Clone(f.Args)
	for k, v := range f.Args {
		f.Args[k] = strings.Clone(v)
	}
	return f
}

// Blocked tells whether nothing of the workbook may be taken.
func (r *Report) Blocked() bool { return r.any && r.worst == Block }

// Has tells whether a finding of at least this severity was added.
func (r *Report) Has(s Severity) bool { return r.any && r.worst >= s }

// Count gives how many findings of this severity the report holds, those cut included.
func (r *Report) Count(s Severity) int {
	n := 0
	seen := map[string]bool{}
	for _, f := range r.Findings {
		if f.Severity != s {
			continue
		}
		n++
		key := f.Rule + "\x00" + f.At.Sheet
		if !seen[key] {
			seen[key] = true
			n += r.Cut[key]
		}
	}
	return n
}

// Sort puts the worst first, then by sheet, row, column, rule.
func (r *Report) Sort() {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		if a.Severity != b.Severity {
			return cmp.Compare(b.Severity, a.Severity)
		}
		ac, ar := SplitRef(a.At.Ref)
		bc, br := SplitRef(b.At.Ref)
		return cmp.Or(cmp.Compare(a.At.Sheet, b.At.Sheet), cmp.Compare(ar, br),
			cmp.Compare(ac, bc), cmp.Compare(a.Rule, b.Rule))
	})
}

// SplitRef reads an A1 reference into a column and a row, both from 1; of a range
// the first cell. What it cannot read is 0, 0.
func SplitRef(ref string) (col, row int) {
	ref, _, _ = strings.Cut(ref, ":")
	i := 0
	for ; i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z'; i++ {
		col = col*26 + int(ref[i]-'A') + 1
		if col > 1<<20 {
			return 0, 0
		}
	}
	for ; i < len(ref); i++ {
		if ref[i] < '0' || ref[i] > '9' || row > 1<<30 {
			return 0, 0
		}
		row = row*10 + int(ref[i]-'0')
	}
	return col, row
}

func shorten(s string) string {
	n := 0
	for i := range s {
		if n == maxValue {
			return s[:i] + "…"
		}
		n++
	}
	return s
}
