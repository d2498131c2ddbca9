package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
)

// The files of a plan's folder.
const (
	planFile         = "plan.json"
	institutionsFile = "institutions.json"
	commitmentsFile  = "commitments.json"
)

// Files are the names of the files that a plan's folder holds.
func Files() []string { return []string{planFile, institutionsFile, commitmentsFile} }

var slug = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Load reads the plan in the folder dir of fsys. The folder's name is the
// plan's id. Unknown keys, references that lead nowhere or ids that come twice
// are errors; all of them are told at once.
func Load(fsys fs.FS, dir string) (*ActionPlan, error) {
	p := &ActionPlan{}
	for _, part := range []struct {
		file string
		into any
	}{{planFile, p}, {institutionsFile, &p.Institutions}, {commitmentsFile, &p.Commitments}} {
		if err := decode(fsys, path.Join(dir, part.file), part.into); err != nil {
			return nil, fmt.Errorf("load plan %s: %w", path.Base(dir), err)
		}
	}
	if err := p.check(path.Base(dir)); err != nil {
		return nil, fmt.Errorf("load plan %s: %w", path.Base(dir), err)
	}
	return p, nil
}

func decode(fsys fs.FS, name string, into any) error {
	b, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", path.Base(name), err)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("%s: more than one JSON value", path.Base(name))
	}
	return nil
}

func (p *ActionPlan) check(folder string) error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }

	if p.ID != folder {
		bad("id %q is not the folder's name", p.ID)
	}
	if !slug.MatchString(p.ID) {
		bad("id %q is not lower-case words joined by hyphens", p.ID)
	}
	if len(p.Languages) == 0 {
		bad("languages is empty")
	}
	if len(p.Commitments) == 0 {
		bad("it has no commitments")
	}
	seen := map[string]bool{}
	once := func(kind, id string) {
		if id == "" {
			bad("a %s has no id", kind)
		} else if seen[kind+id] {
			bad("%s %s comes twice", kind, id)
		}
		seen[kind+id] = true
	}
	for _, a := range p.Axes {
		once("axis", a.Code)
	}
	for _, r := range p.Periods {
		once("reporting period", r.ID)
		if !slug.MatchString(r.ID) {
			bad("reporting period %q is not lower-case words joined by hyphens", r.ID)
		}
		if r.Kind != KindSubmission && r.Kind != KindTranscription {
			bad("reporting period %s has kind %q", r.ID, r.Kind)
		}
	}
	for _, i := range p.Institutions {
		once("institution", i.Code)
		if !slug.MatchString(i.Code) {
			bad("institution %q is not lower-case words joined by hyphens", i.Code)
		}
		if len(i.Names) == 0 {
			bad("institution %s has no name", i.Code)
		}
		if i.ReplacedBy != "" && p.Institution(i.ReplacedBy) == nil {
			bad("institution %s is replaced by %s, which the plan does not have", i.Code, i.ReplacedBy)
		}
	}
	if p.Coordinator != "" && p.Institution(p.Coordinator) == nil {
		bad("coordinator %s is not one of the institutions", p.Coordinator)
	}
	for _, c := range p.Commitments {
		once("commitment", c.ID)
		if want := CommitmentID(p.ID, c.Number); c.ID != want {
			bad("commitment %d has id %s, not %s", c.Number, c.ID, want)
		}
		if c.Axis != "" && !slices.ContainsFunc(p.Axes, func(a Axis) bool { return a.Code == c.Axis }) {
			bad("commitment %s is under axis %s, which the plan does not have", c.ID, c.Axis)
		}
		for _, code := range append([]string{c.LeadInstitution}, c.Supporting...) {
			if code != "" && p.Institution(code) == nil {
				bad("commitment %s names institution %s, which the plan does not have", c.ID, code)
			}
		}
		for _, m := range c.Milestones {
			once("milestone", m.ID)
		}
	}
	return errors.Join(errs...)
}

// CommitmentID gives the id of a plan's nth commitment: <plan>-c05.
func CommitmentID(planID string, number int) string {
	return fmt.Sprintf("%s-c%02d", planID, number)
}
