package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"iltizam/pipeline"
	"iltizam/pipeline/plan"
	"iltizam/schemas"
)

// load compiles the contract and reads the plans: those built in, then those of
// the configured folder.
func load(c config) (*pipeline.Contract, []pipeline.Plan, error) {
	contract, err := pipeline.LoadContract(schemas.FS)
	if err != nil {
		return nil, nil, err
	}
	plans, err := loadPlans(contract, schemas.FS, c.Plans)
	return contract, plans, err
}

// loadPlans reads the plans in a folder of schemas, then those of a folder of plans,
// if one is named.
func loadPlans(contract *pipeline.Contract, fsys fs.FS, dir string) ([]pipeline.Plan, error) {
	plans, err := contract.LoadPlans(fsys, pipeline.PlansDir)
	if err != nil {
		return nil, usageError{err}
	}
	if dir == "" {
		return plans, nil
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, usageError{hintf("make the folder, or name another with --plans", "open plans %s: there is no such folder", dir)}
	}
	if _, err := os.Stat(filepath.Join(dir, "plan.json")); err == nil {
		return nil, usageError{hintf("name its parent: a folder of plans holds a folder for each", "open plans %s: it is a plan itself", dir)}
	}
	more, err := contract.LoadPlans(os.DirFS(dir), ".")
	if err != nil {
		return nil, usageError{err}
	}
	if len(more) == 0 {
		return nil, usageError{hintf("a folder of plans holds a folder for each, with its plan.json", "open plans %s: there is no plan's folder in it", dir)}
	}
	for _, p := range more {
		for _, known := range plans {
			if known.ID == p.ID {
				return nil, usageError{fmt.Errorf("load plan %s: it is both built in and in %s", p.ID, dir)}
			}
		}
	}
	return append(plans, more...), nil
}

func bare(plans []pipeline.Plan) []*plan.ActionPlan {
	out := make([]*plan.ActionPlan, len(plans))
	for i, p := range plans {
		out[i] = p.ActionPlan
	}
	return out
}
