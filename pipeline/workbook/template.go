package workbook

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
)

// Choice is one item of a list to choose from. Its labels are what the list
// shows; the code is what the reader makes of them.
type Choice struct {
	Code        string
	Label       table.Labels
	Description table.Labels // shown in the instructions, where there is one
}

// Bounds are what the schemas allow in a column; nil and 0 mean no bound.
type Bounds struct {
	Min, Max  *float64
	MaxLength int // UTF-16 units
	Advised   int // the length that a text should keep to, in the same units
}

// TemplateSpec says for whom a template is made and what is filled in already.
type TemplateSpec struct {
	Plan        *plan.ActionPlan
	Institution string   // code
	Commitments []string // ids; nil is all that the institution leads for the period
	Period      string   // reporting period
	Language    string   // of the edition; the plan's first other template language is its second
	Origin      string
	SourceURL   string // of the page that was transcribed, or ""
	BaseRelease string // release that the earlier values come from, or ""
	Fields      map[string]table.Field
	Bounds      map[string]Bounds
	Lists       map[string][]Choice         // by code list
	Previous    map[string]Last             // what was last published, by commitment
	Milestones  map[string][]KnownMilestone // what is known besides the plan's text, by commitment
	Earliest    string                      // day that a date may not lie before, or ""
	Latest      string                      // day that a planned date may not lie after, or ""
	Prefilled   string                      // marks of the milestones filled in beforehand, as rules know them
}

// Last is what was published of a commitment or milestone before the period.
type Last struct {
	Pct           *plan.Percent
	Status        string // code
	ReferenceDate string // YYYY-MM-DD, or ""
	Period        string // that the values are from
}

// KnownMilestone is a milestone as it was last reported.
type KnownMilestone struct {
	ID                       string
	Title                    map[string]string // by language
	PlannedStart, PlannedEnd string            // YYYY-MM-DD, or ""
	ActualStart, ActualEnd   string
	Own                      bool // added by the institution: not in the plan's text
	Last                     Last
}

// statusCompleted is the status that goes with a progress of 100.
const statusCompleted = "completed"

// listCommitments is the list of the ids in the workbook itself.
const listCommitments = "commitments"

// builder is a template in the making.
type builder struct {
	TemplateSpec
	lay         *Layout
	f           *excelize.File
	second      string // language of the second header row, or ""
	rtl         bool
	styles      map[styleKey]int
	lists       map[string]string // defined name by list
	commitments []*plan.Commitment
	institution *plan.Institution
	period      *plan.ReportingPeriod
}

// Template writes a workbook for an institution to fill in. The same layout and
// spec give the same bytes.
func Template(w io.Writer, lay *Layout, spec TemplateSpec) error {
	b := &builder{TemplateSpec: spec, lay: lay, styles: map[styleKey]int{}, lists: map[string]string{}}
	if err := b.prepare(); err != nil {
		return fmt.Errorf("make template for %s: %w", spec.Institution, err)
	}
	b.f = excelize.NewFile()
	defer b.f.Close()
	if err := b.build(); err != nil {
		return fmt.Errorf("make template for %s: %w", spec.Institution, err)
	}
	if err := writeFixed(w, b.f); err != nil {
		return fmt.Errorf("write template for %s: %w", spec.Institution, err)
	}
	return nil
}

func (b *builder) prepare() error {
	if b.Plan == nil {
		return fmt.Errorf("no plan")
	}
	if b.institution = b.Plan.Institution(b.Institution); b.institution == nil {
		return fmt.Errorf("plan %s has no such institution", b.Plan.ID)
	}
	if b.period = b.Plan.Period(b.Period); b.period == nil {
		return fmt.Errorf("plan %s has no reporting period %q", b.Plan.ID, b.Period)
	}
	if !slices.Contains([]string{plan.OriginMinistry, plan.OriginTranscription, plan.OriginExample}, b.Origin) {
		return fmt.Errorf("unknown origin %q", b.Origin)
	}
	if b.Commitments == nil {
		b.commitments = b.Plan.LedFor(b.Institution, b.period)
	}
	for _, id := range b.Commitments {
		c := b.Plan.Commitment(id)
		if c == nil {
			return fmt.Errorf("plan %s has no commitment %q", b.Plan.ID, id)
		}
		b.commitments = append(b.commitments, c)
	}
	if len(b.commitments) == 0 {
		return fmt.Errorf("it leads no commitment of plan %s for %s", b.Plan.ID, b.Period)
	}
	for _, lang := range b.Plan.TemplateLanguages {
		if !langTag.MatchString(lang) {
			return fmt.Errorf("template language %q is not two or three small letters, as column names want it", lang)
		}
	}
	b.rtl = slices.Contains(b.lay.RTL, b.Language)
	for _, lang := range b.Plan.TemplateLanguages {
		if lang != b.Language && b.second == "" {
			b.second = lang
		}
	}
	if b.second == "" && b.Language != b.lay.Fallback[0] {
		b.second = b.lay.Fallback[0]
	}
	return nil
}

func (b *builder) build() error {
	for i, s := range b.lay.Sheets {
		name := b.sheetName(s)
		if i == 0 {
			if err := b.f.SetSheetName(b.f.GetSheetName(0), name); err != nil {
				return err
			}
		} else if _, err := b.f.NewSheet(name); err != nil {
			return err
		}
	}
	if err := b.makeLists(); err != nil {
		return err
	}
	for _, s := range b.lay.Sheets {
		var err error
		switch s.Kind {
		case KindData:
			err = b.dataSheet(s)
		case KindInstructions:
			err = b.guide(s)
		case KindMeta:
			err = b.meta(s)
		}
		if err != nil {
			return err
		}
	}
	return b.finish()
}

// finish hides, locks and orders the sheets.
func (b *builder) finish() error {
	for i, s := range b.lay.Sheets {
		if s.Kind == KindData && s.Required {
			b.f.SetActiveSheet(i)
			break
		}
	}
	for _, s := range b.lay.Sheets {
		name := b.sheetName(s)
		switch s.Kind {
		case KindLists:
			if err := b.f.SetSheetVisible(name, false); err != nil {
				return err
			}
		case KindMeta:
			if err := b.f.SetSheetVisible(name, false, true); err != nil {
				return err
			}
		}
	}
	if err := b.f.ProtectWorkbook(&excelize.WorkbookProtectionOptions{LockStructure: true}); err != nil {
		return err
	}
	return b.f.SetDocProps(&excelize.DocProperties{Creator: b.lay.Template, Created: fixedInstant, Modified: fixedInstant,
		LastModifiedBy: b.lay.Template, Language: b.Language, Title: b.title("progress.title")})
}

func (b *builder) sheetName(s SheetLayout) string {
	return s.AnyName(append([]string{b.Language}, b.lay.Fallback...))
}

// text gives a text of the form with its places filled in.
func (b *builder) text(key, lang string, pairs ...string) string {
	args := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		args = append(args, "{"+pairs[i]+"}", pairs[i+1])
	}
	return strings.NewReplacer(args...).Replace(b.lay.Text(key, lang))
}

// words gives one of the plan's texts in the edition's language, or in the first
// language there is.
func (b *builder) words(t plan.Texts, lang string) string {
	x, _ := t.First(append([]string{lang}, b.Plan.Languages...))
	return x.Text
}

func (b *builder) title(key string) string {
	return b.text(key, b.Language, "plan", b.words(b.Plan.Title, b.Language))
}

// label gives a column's title in a language: the schemas' own first.
func (b *builder) label(c Column, lang string) string {
	if s := b.Fields[c.Key].Title[lang]; s != "" {
		return s
	}
	if s := c.Label[lang]; s != "" {
		return s
	}
	if s := b.lay.pick(b.Fields[c.Key].Title, lang); s != "" {
		return s
	}
	if s := b.lay.pick(c.Label, lang); s != "" {
		return s
	}
	if c.Lang != "" {
		// A language that the schemas do not name borrows another column's
		// title; the tag says which language is meant.
		for _, other := range b.lay.Fallback {
			if f, ok := b.Fields[strings.TrimSuffix(c.Key, c.Lang)+other]; ok {
				title, _, _ := strings.Cut(b.lay.pick(f.Title, lang), " (")
				return title + " (" + c.Lang + ")"
			}
		}
	}
	return c.Key
}

// prompt gives a column's description in a language.
func (b *builder) prompt(c Column, lang string) string { return b.Fields[c.Key].Description[lang] }

// cut shortens a text to so many UTF-16 units, at a word where it can.
func cut(s string, units int) string {
	if len(utf16.Encode([]rune(s))) <= units {
		return s
	}
	n, at, word := 0, 0, 0
	for i, r := range s {
		if n += utf16.RuneLen(r); n > units-1 {
			break
		}
		if at = i + len(string(r)); r == ' ' {
			word = i
		}
	}
	if word > at/2 {
		at = word
	}
	return strings.TrimRight(s[:at], " ,;:") + "…"
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
