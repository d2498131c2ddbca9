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
	plans, err := contract.LoadPlans(schemas.FS, pipeline.PlansDir)
	if err != nil {
		return nil, nil, usageError{err}
	}
	if c.Plans == "" {
		return contract, plans, nil
	}
	if _, err := os.Stat(c.Plans); errors.Is(err, fs.ErrNotExist) {
		return nil, nil, usageError{hintf("make the folder, or name another with --plans", "open plans %s: there is no such folder", c.Plans)}
	}
	if _, err := os.Stat(filepath.Join(c.Plans, "plan.json")); err == nil {
		return nil, nil, usageError{hintf("name its parent: a folder of plans holds a folder for each", "open plans %s: it is a plan itself", c.Plans)}
	}
	more, err := contract.LoadPlans(os.DirFS(c.Plans), ".")
	if err != nil {
		return nil, nil, usageError{err}
	}
	if len(more) == 0 {
		return nil, nil, usageError{hintf("a folder of plans holds a folder for each, with its plan.json", "open plans %s: there is no plan's folder in it", c.Plans)}
	}
	for _, p := range more {
		for _, known := range plans {
			if known.ID == p.ID {
				return nil, nil, usageError{fmt.Errorf("load plan %s: it is both built in and in %s", p.ID, c.Plans)}
			}
		}
	}
	return contract, append(plans, more...), nil
}

func bare(plans []pipeline.Plan) []*plan.ActionPlan {
	out := make([]*plan.ActionPlan, len(plans))
	for i, p := range plans {
		out[i] = p.ActionPlan
	}
	return out
}
