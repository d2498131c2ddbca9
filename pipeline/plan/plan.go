// Package plan holds the nouns of an action plan.
package plan

// Basis says how a value is known.
type Basis string

// The bases, strongest first.
const (
	Sourced    Basis = "sourced"    // read in a named source
	Translated Basis = "translated" // our own wording of a sourced text, unofficial
	Inferred   Basis = "inferred"   // a reasoned guess; the reason is in a note
	Unknown    Basis = "unknown"    // nobody may fill it in without a source
)

var basisRank = map[Basis]int{Sourced: 0, Translated: 1, Inferred: 2, Unknown: 3}

// Weakest gives the weakest of the bases; of none it is Sourced.
func Weakest(bases ...Basis) Basis {
	worst := Sourced
	for _, b := range bases {
		if rank, ok := basisRank[b]; !ok {
			return Unknown
		} else if rank > basisRank[worst] {
			worst = b
		}
	}
	return worst
}

// Text is a text with its basis. An unknown text is empty.
type Text struct {
	Text  string `json:"text"`
	Basis Basis  `json:"basis"`
	Note  string `json:"note,omitempty"`
}

// Texts holds one text in several languages, by BCP 47 tag.
type Texts map[string]Text

// In gives the text in a language; where the plan has none its basis is Unknown.
func (t Texts) In(lang string) Text {
	if x, ok := t[lang]; ok && x.Text != "" {
		return x
	}
	return Text{Basis: Unknown}
}

// First gives the first text there is, in the order of the languages, with its language.
func (t Texts) First(langs []string) (Text, string) {
	for _, l := range langs {
		if x := t.In(l); x.Text != "" {
			return x, l
		}
	}
	return Text{Basis: Unknown}, ""
}

// PartialDate is a date that may be known only in part: then Date is empty, and
// Text with Precision say what is known.
type PartialDate struct {
	Date      string `json:"date,omitempty"`      // YYYY-MM-DD, or empty
	Text      string `json:"text,omitempty"`      // as the source has it
	Precision string `json:"precision,omitempty"` // day, month, year or unknown
	Basis     Basis  `json:"basis"`
}

// Licence is what the published data may be used under.
type Licence struct {
	ID    string `json:"id"`
	URL   string `json:"url"`
	Title string `json:"title"`
}

// ActionPlan is one country's, region's or commune's plan, as its folder of data says.
type ActionPlan struct {
	ID                string            `json:"id"`
	CountryCode       string            `json:"country_code"`       // ISO 3166-1 alpha-2
	OGPCountryPrefix  string            `json:"ogp_country_prefix"` // OGP's own, which may differ from ISO's
	ActionPlanCycle   int               `json:"action_plan_cycle"`  // year of submission to OGP
	PlanNumber        int               `json:"plan_number"`        // 0 where unknown
	PeriodLabel       string            `json:"period_label"`
	Fictitious        bool              `json:"fictitious,omitempty"` // invented, for tests and examples
	Title             Texts             `json:"title"`
	StartDate         PartialDate       `json:"start_date"`
	EndDate           PartialDate       `json:"end_date"`
	Languages         []string          `json:"languages"`          // the plan's own, most important first
	TemplateLanguages []string          `json:"template_languages"` // of the workbook, most important first
	Coordinator       string            `json:"coordinator"`        // institution code
	CoordinatorBasis  Basis             `json:"coordinator_basis"`
	SourceURL         string            `json:"source_url"`
	TrackerURL        string            `json:"tracker_url,omitempty"`
	Licence           Licence           `json:"licence"`
	Note              string            `json:"note,omitempty"`
	Axes              []Axis            `json:"axes"`
	Periods           []ReportingPeriod `json:"reporting_periods"` // oldest first
	Institutions      []Institution     `json:"institutions"`
	Commitments       []Commitment      `json:"commitments"`
}

// Axis is one of the plan's themes.
type Axis struct {
	Code   string `json:"code"`
	Number int    `json:"number"`
	Name   Texts  `json:"name"`
	Note   string `json:"note,omitempty"`
}

// The kinds of a reporting period.
const (
	KindSubmission    = "submission"    // the institutions report, by a due date
	KindTranscription = "transcription" // a published page was copied; nobody owes anything
)

// PlanPeriod stands where a period does, for what the plan itself says; no
// reporting period may be called so.
const PlanPeriod = "plan"

// ReportingPeriod is a span that the institutions report on.
type ReportingPeriod struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"`
	Label   Texts  `json:"label"`
	Start   string `json:"start,omitempty"` // YYYY-MM-DD, or empty where unknown
	End     string `json:"end,omitempty"`
	DueDate string `json:"due_date,omitempty"` // last day to report, or empty where nothing is owed
	Note    string `json:"note,omitempty"`
}

// Institution is a public body that leads or supports commitments. Its name
// may change while its code stays.
type Institution struct {
	Code       string            `json:"code"`
	Names      []InstitutionName `json:"names"` // oldest first
	ReplacedBy string            `json:"replaced_by,omitempty"`
	Note       string            `json:"note,omitempty"`
}

// InstitutionName is a name with the dates between which it held.
type InstitutionName struct {
	Name      Texts       `json:"name"`
	ValidFrom PartialDate `json:"valid_from"`
	ValidTo   PartialDate `json:"valid_to"`
	SourceURL string      `json:"source_url,omitempty"`
	Note      string      `json:"note,omitempty"`
}

// Name gives the institution's name as the plan's text has it, its first one.
func (i *Institution) Name() Texts {
	if len(i.Names) == 0 {
		return nil
	}
	return i.Names[0].Name
}

// Commitment is one promise of the plan.
type Commitment struct {
	ID                   string        `json:"id"` // <plan>-c05
	Number               int           `json:"number"`
	Axis                 string        `json:"axis"` // axis code
	AxisBasis            Basis         `json:"axis_basis"`
	Title                Texts         `json:"title"`
	Description          Texts         `json:"description"`
	DescriptionTruncated bool          `json:"description_truncated"`
	LeadInstitution      string        `json:"lead_institution"` // institution code: the last that the plan names
	LeadInstitutionBasis Basis         `json:"lead_institution_basis"`
	EarlierLeads         []EarlierLead `json:"earlier_leads,omitempty"` // oldest first
	LeadInstitutionOGP   Text          `json:"lead_institution_ogp"`    // verbatim from OGP's page
	Supporting           []string      `json:"supporting_institutions"`
	SupportingBasis      Basis         `json:"supporting_institutions_basis"`
	OGPCommitmentID      string        `json:"ogp_commitment_id"`
	OGPCommitmentIDBasis Basis         `json:"ogp_commitment_id_basis"`
	PolicyAreas          []string      `json:"policy_areas"`
	PolicyAreasBasis     Basis         `json:"policy_areas_basis"`
	StartDate            PartialDate   `json:"start_date"`
	EndDate              PartialDate   `json:"end_date"`
	SourceURL            string        `json:"source_url,omitempty"`
	Note                 string        `json:"note,omitempty"`
	Milestones           []Milestone   `json:"milestones,omitempty"` // as the plan's text has them
}

// Milestone is a step of a commitment.
type Milestone struct {
	ID           string `json:"id"` // <plan>-c05-m02
	Title        Texts  `json:"title"`
	PlannedStart string `json:"planned_start_date,omitempty"`
	PlannedEnd   string `json:"planned_end_date,omitempty"`
}

// Commitment finds a commitment by id; nil where there is none.
func (p *ActionPlan) Commitment(id string) *Commitment {
	for i := range p.Commitments {
		if p.Commitments[i].ID == id {
			return &p.Commitments[i]
		}
	}
	return nil
}

// Institution finds an institution by code; nil where there is none.
func (p *ActionPlan) Institution(code string) *Institution {
	for i := range p.Institutions {
		if p.Institutions[i].Code == code {
			return &p.Institutions[i]
		}
	}
	return nil
}

// Period finds a reporting period by id; nil where there is none.
func (p *ActionPlan) Period(id string) *ReportingPeriod {
	for i := range p.Periods {
		if p.Periods[i].ID == id {
			return &p.Periods[i]
		}
	}
	return nil
}

// LastEnded gives the id of the newest of some periods, oldest first, that had ended
// by a day (ISO date): the one that a workbook received on that day is for, if it does
// not tell. Where none had, or their ends are not known, it is the newest of all; of
// no periods it is "".
func LastEnded(periods []ReportingPeriod, day string) string {
	id := ""
	for _, p := range periods {
		if p.LastDay() != "" && p.LastDay() <= day {
			id = p.ID
		}
	}
	if id == "" && len(periods) > 0 {
		id = periods[len(periods)-1].ID
	}
	return id
}
