package plan

// Percent is a percentage in exact hundredths of a point: 82.5 % is 8250.
type Percent int32

// The origins of a workbook.
const (
	OriginMinistry      = "ministry"      // filled in by the institution
	OriginTranscription = "transcription" // copied by us from a published page
	OriginExample       = "example"       // invented, for tests and examples
)

// Source says where a submission's values come from.
type Source struct {
	SubmissionID string // first 16 hex digits of the workbook's digest
	Digest       string // SHA-256 of the workbook, lower-case hex
	ReceivedAt   string // RFC 3339, UTC
	Origin       string
	URL          string // of the page that was transcribed, or ""
	Template     string // template version
}

// Submission is what was accepted of one institution's workbook for one
// reporting period: the rows that no finding held back.
type Submission struct {
	Plan        string
	Institution string
	Period      string
	Source      Source
	Header      HeaderPlace
	Progress    []Progress
	Milestones  []MilestoneReport
	Notes       []Note   // warnings on accepted rows, published as data-quality notes
	Held        []string // ids of commitments whose row was refused; the last good value stays
	Untold      []string // ids of milestones whose row is there and tells nothing: left as filled in beforehand, or refused
	// Rulings are those of the rules that look around and back, by rule id, as they
	// stood on the day of receipt. A rule that is not among them does not judge.
	Rulings map[string]Ruling
}

// Ruling is how a rule judges a submission: fixed on the day of receipt.
type Ruling struct {
	Severity string         // info, warning or error
	Limits   map[string]int // the numbers that it judges by; nil where there are none
}

// Remark is what a rule that looks around or back says of a row, or, where it
// names no commitment, of the whole workbook.
type Remark struct {
	Rule, Severity        string
	Commitment, Milestone string // Milestone is "" where the commitment's own row is meant
	Column                string // "" where the row as a whole is meant
	Value                 string
	Args                  map[string]string // placeholders of the rule's message
	Sheet, Cell, Pointer  string            // "" where the workbook as a whole is meant
}

// Note gives the note that is published of a remark, beside the value that it is
// about.
func (r Remark) Note(s *Submission) Note {
	return Note{Rule: r.Rule, Severity: r.Severity, Commitment: r.Commitment, Milestone: r.Milestone, Period: s.Period,
		Column: r.Column, Value: r.Value, Args: r.Args, Source: s.Source, Sheet: r.Sheet, Cell: r.Cell}
}

// Refusal is a workbook of which nothing could be taken. Its institution is known
// by the folder that it was dropped in; plan and period where its header told.
type Refusal struct {
	Institution string
	Plan        string // "" where it is not known
	Period      string // "" where it is not known
	Digest      string // SHA-256 of the workbook, lower-case hex
	ReceivedAt  string // RFC 3339, UTC
}

// Progress is an institution's report on one commitment.
type Progress struct {
	Commitment      string
	Pct             *Percent
	Status          string // declared, never derived
	ReferenceDate   string // YYYY-MM-DD, or ""
	Narrative       map[string]string
	Difficulties    string
	NextSteps       string
	RevisionReason  string
	NothingToReport bool
	EvidenceURLs    []string
	Place           Place
}

// MilestoneReport is an institution's report on one milestone.
type MilestoneReport struct {
	Milestone                string
	Commitment               string
	Title                    map[string]string
	PlannedStart, PlannedEnd string // YYYY-MM-DD, or ""
	ActualStart, ActualEnd   string
	Pct                      *Percent
	Status                   string
	EvidenceURLs             []string
	Place                    Place
}

// Note is a public remark on a published value.
type Note struct {
	Rule       string
	Severity   string
	Commitment string
	Milestone  string // "" where it is about the commitment itself
	Period     string // "" where it is about the plan itself
	Column     string
	Value      string
	Args       map[string]string
	Source     Source
	Sheet      string
	Cell       string
}

// Standing is a commitment's state as of one reporting period.
type Standing struct {
	Commitment  string
	Period      string
	State       string // reported, carried_forward, held or missing
	ValuePeriod string // the period that the value is from, "" where missing
	Report      *Progress
	Institution string // that reported it
	Source      Source
	Previous    *Percent // value as of the period before, nil where there is none
	// Age is how many reporting periods of the snapshot lie between ValuePeriod and
	// Period, the latter counted: 0 where the value is of its own period, or missing.
	Age int
}

// The states of a standing.
const (
	Reported       = "reported"
	CarriedForward = "carried_forward"
	Held           = "held" // a report came and was refused; an earlier value stands in, if there is one
	Missing        = "missing"
)

// Snapshot is a plan with all that is known of it as of a date.
type Snapshot struct {
	Plan        *ActionPlan
	AsOf        string            // YYYY-MM-DD
	Periods     []ReportingPeriod // those with a submission or a passed deadline, oldest first
	Standings   []Standing        // by commitment, then period
	Milestones  []MilestoneStanding
	Submissions []*Submission // accepted, in order of receipt; they may be without rows, which nobody reads from here
	Firsts      []First       // by commitment, then period
	Refusals    []Refusal     // that values await a correction of, in order of receipt
	Notes       []Note
	Changes     []Change
}

// First is the first accepted row on a commitment for a period, which met what was
// owed, whatever came later.
type First struct {
	Commitment, Period string
	Institution        string // that sent it
	Source             Source
}

// MilestoneStanding is a milestone as reported for one period.
type MilestoneStanding struct {
	Period      string
	Institution string
	Report      *MilestoneReport
	Source      Source
}

// Change is one value of a commitment that was created, modified or deleted.
type Change struct {
	Activity   string // created, modified, deleted
	Commitment string
	Milestone  string // "" where the commitment itself changed
	Period     string
	Column     string
	Old, New   string
	Reason     string
	Restated   bool // a value that held after its period's due date was changed or taken away
	Source     Source
	Place      Place // of the row that brought it
}
