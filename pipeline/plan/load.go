package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
)

// The files of a plan's folder.
const (
	planFile         = "plan.json"
	institutionsFile = "institutions.json"
	commitmentsFile  = "commitments.json"
)

// Files are the names of the files that a plan's folder holds.
func Files() []string { return []string{planFile, institutionsFile, commitmentsFile} }

// Load reads the plan in the folder dir of fsys. The folder's name is the
// plan's id. Unknown keys, references that lead nowhere or ids that come twice
// are errors; all of them are told at once.
func Load(fsys fs.FS, dir string) (*ActionPlan, error) {
	p := &ActionPlan{}
	var institutions []Institution
	var commitments []Commitment
	var errs []error
	for _, part := range []struct {
		file string
		into any
	}{{planFile, p}, {institutionsFile, &institutions}, {commitmentsFile, &commitments}} {
		errs = append(errs, decode(fsys, path.Join(dir, part.file), part.into))
	}
	if len(p.Institutions) > 0 || len(p.Commitments) > 0 {
		errs = append(errs, fmt.Errorf("%s: institutions and commitments stand in files of their own", planFile))
	}
	p.Institutions, p.Commitments = institutions, commitments
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("load plan %s: %w", path.Base(dir), err)
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

// CommitmentID gives the id of a plan's nth commitment: <plan>-c05.
func CommitmentID(planID string, number int) string {
	return fmt.Sprintf("%s-c%02d", planID, number)
}
