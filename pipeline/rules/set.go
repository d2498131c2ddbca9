package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
	"iltizam/pipeline/workbook"
)

// schemaBase is where the schemas say that they live.
const schemaBase = "https://iltizam.example/schemas/"

// Set is the compiled contract that submissions are judged by.
type Set struct {
	Catalogue *Catalogue
	fields    map[string]table.Field
	header    *jsonschema.Schema
	rows      map[string]*jsonschema.Schema  // by sheet key
	plan      map[string]*jsonschema.Schema  // by file of a plan
	labels    map[string]map[string]spelling // code list -> label, as it is or folded
	words     *words
	screens   *screens
	plans     sync.Map // *plan.ActionPlan -> *planIndex
	backRules []rule   // those that look around and back, in their order
}

// The keys of the sheets that hold rows.
const (
	SheetProgress   = "progress"
	SheetMilestones = "milestones"
)

// NewSet compiles the schemas, code lists, messages found in fsys, the contract's folder.
func NewSet(fsys fs.FS, fields map[string]table.Field) (*Set, error) {
	s := &Set{backRules: backRules(), fields: fields, rows: map[string]*jsonschema.Schema{}, plan: map[string]*jsonschema.Schema{}, labels: map[string]map[string]spelling{}}
	codes, err := CodeLists(fsys)
	if err != nil {
		return nil, err
	}
	for name, list := range codes {
		if s.labels[name], err = spellings(list); err != nil {
			return nil, err
		}
	}
	b, err := fs.ReadFile(fsys, "messages/dates.json")
	if err != nil {
		return nil, fmt.Errorf("read date words: %w", err)
	}
	if s.words, err = parseWords(b); err != nil {
		return nil, err
	}
	if b, err = fs.ReadFile(fsys, "messages/screens.json"); err != nil {
		return nil, fmt.Errorf("read screens: %w", err)
	}
	if s.screens, err = parseScreens(b); err != nil {
		return nil, err
	}
	b, err = fs.ReadFile(fsys, "messages/rules.json")
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	if s.Catalogue, err = ParseCatalogue(b, fields, codes); err != nil {
		return nil, err
	}
	if err := s.wholeWorkbooksWarn(); err != nil {
		return nil, err
	}
	return s, s.compile(fsys)
}

// wholeWorkbooksWarn refuses an error that would hold nothing: a rule that looks
// back on a workbook as a whole has no row to hold.
func (s *Set) wholeWorkbooksWarn() error {
	for _, r := range s.backRules {
		for id := range strings.FieldsSeq(r.ids) {
			x := s.Catalogue.rules[id]
			worst := x.Severity
			for _, b := range x.Becomes {
				worst = max(worst, b.Severity)
			}
			if len(x.On) == 0 && worst >= finding.Error {
				return fmt.Errorf("read messages: rule %s is about the whole workbook and cannot be an error: no row is there to be held", id)
			}
		}
	}
	return nil
}

func (s *Set) compile(fsys fs.FS) error {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	names, err := fs.Glob(fsys, "*.schema.json")
	if err != nil {
		return fmt.Errorf("list schemas: %w", err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return fmt.Errorf("read schema %s: %w", name, err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			return fmt.Errorf("read schema %s: %w", name, err)
		}
		if err := c.AddResource(schemaBase+name, doc); err != nil {
			return fmt.Errorf("read schema %s: %w", name, err)
		}
	}
	for _, want := range []struct {
		into func(*jsonschema.Schema)
		url  string
	}{
		{func(x *jsonschema.Schema) { s.header = x }, "submission.schema.json#/$defs/header"},
		{func(x *jsonschema.Schema) { s.rows[SheetProgress] = x }, "progress-row.schema.json"},
		{func(x *jsonschema.Schema) { s.rows[SheetMilestones] = x }, "milestone-row.schema.json"},
		{func(x *jsonschema.Schema) { s.plan["plan.json"] = x }, "plan.schema.json#/$defs/plan"},
		{func(x *jsonschema.Schema) { s.plan["institutions.json"] = x }, "plan.schema.json#/$defs/institutions"},
		{func(x *jsonschema.Schema) { s.plan["commitments.json"] = x }, "plan.schema.json#/$defs/commitments"},
	} {
		compiled, err := c.Compile(schemaBase + want.url)
		if err != nil {
			return fmt.Errorf("compile schema %s: %w", want.url, err)
		}
		want.into(compiled)
	}
	return nil
}

// CodeLists reads every code list of the contract, by name.
func CodeLists(fsys fs.FS) (map[string]table.CodeList, error) {
	names, err := fs.Glob(fsys, "codelists/*.json")
	if err != nil {
		return nil, fmt.Errorf("list code lists: %w", err)
	}
	lists := map[string]table.CodeList{}
	for _, name := range names {
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read code list: %w", err)
		}
		list, err := table.ParseCodeList(b)
		if err != nil {
			return nil, fmt.Errorf("read code list %s: %w", name, err)
		}
		lists[strings.TrimSuffix(path.Base(name), ".json")] = list
	}
	return lists, nil
}

// isPercent tells of a word that means per cent in any language.
func (s *Set) isPercent(word string) bool { return s.labels["unit"][fold(word)].code == "percent" }

// CheckPlan holds the files of a plan's folder against the plan schema.
func (s *Set) CheckPlan(fsys fs.FS, dir string) error {
	var errs []error
	for _, file := range plan.Files() {
		b, err := fs.ReadFile(fsys, path.Join(dir, file))
		if err != nil {
			return fmt.Errorf("check plan %s: %w", path.Base(dir), err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			errs = append(errs, fmt.Errorf("check plan %s: %s: %w", path.Base(dir), file, err))
			continue
		}
		if err := s.plan[file].Validate(doc); err != nil {
			errs = append(errs, fmt.Errorf("check plan %s: %s: %w", path.Base(dir), file, err))
		}
	}
	return errors.Join(errs...)
}

// Bounds gives what the schemas allow in a column of a workbook.
func (s *Set) Bounds(column string) workbook.Bounds {
	b := workbook.Bounds{Advised: s.fieldOf(column).Advised}
	for _, sheet := range [...]string{SheetProgress, SheetMilestones} {
		for _, p := range allOf(schemasOf(s.rows[sheet], column)) {
			if p.Minimum != nil {
				low, _ := p.Minimum.Float64()
				b.Min = &low
			}
			if p.Maximum != nil {
				high, _ := p.Maximum.Float64()
				b.Max = &high
			}
			if p.MaxLength != nil {
				b.MaxLength = *p.MaxLength
			}
		}
	}
	return b
}

// allOf gives the schemas with all that they refer to.
func allOf(schemas []*jsonschema.Schema) (all []*jsonschema.Schema) {
	for _, p := range schemas {
		for ; p != nil; p = p.Ref {
			all = append(all, p)
		}
	}
	return all
}
