package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

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
	rows      map[string]*jsonschema.Schema // by sheet key
	plan      map[string]*jsonschema.Schema // by file of a plan
	labels    map[string]map[string]string  // code list -> folded label -> code
}

// The keys of the sheets that hold rows.
const (
	SheetProgress   = "progress"
	SheetMilestones = "milestones"
)

// NewSet compiles the schemas, code lists, messages found in fsys, the contract's folder.
func NewSet(fsys fs.FS, fields map[string]table.Field) (*Set, error) {
	s := &Set{fields: fields, rows: map[string]*jsonschema.Schema{}, plan: map[string]*jsonschema.Schema{}, labels: map[string]map[string]string{}}
	codes, err := CodeLists(fsys)
	if err != nil {
		return nil, err
	}
	for name, list := range codes {
		if s.labels[name], err = spellings(list); err != nil {
			return nil, err
		}
	}
	b, err := fs.ReadFile(fsys, "messages/rules.json")
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	if s.Catalogue, err = ParseCatalogue(b, fields, codes); err != nil {
		return nil, err
	}
	return s, s.compile(fsys)
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

// spellings gives what a person may write for each code: the code, its labels
// and aliases, as they are and folded. One that two codes share is an error.
func spellings(list table.CodeList) (map[string]string, error) {
	m := map[string]string{}
	for _, c := range list.Codes {
		for _, l := range slices.Concat([]string{c.Code}, c.Aliases,
			slices.Sorted(maps.Values(c.Label)), slices.Sorted(maps.Values(c.LabelOne))) {
			for _, spelling := range [...]string{clean(l), fold(l)} {
				if other, taken := m[spelling]; taken && other != c.Code {
					return nil, fmt.Errorf("read code list %s: %q may be %s or %s", list.Name, spelling, other, c.Code)
				}
				m[spelling] = c.Code
			}
		}
	}
	return m, nil
}

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
	var b workbook.Bounds
	for _, sheet := range [...]string{SheetProgress, SheetMilestones} {
		p := s.rows[sheet].Properties[column]
		for ; p != nil; p = p.Ref {
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
