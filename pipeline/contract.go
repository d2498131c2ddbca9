package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/table"
	"iltizam/pipeline/workbook"
)

// Contract is all that the schemas folder says, compiled.
type Contract struct {
	Fields    map[string]table.Field
	Tables    map[string]table.Schema // by table name
	CodeLists map[string]table.CodeList
	Rules     *rules.Set
	Layout    *workbook.Layout
	OGP       []byte // the OGP mapping, for whoever projects the tables
	Digest    string // SHA-256 over every file of the contract, plans aside

	reader workbook.Reader // the workbooks of a run are read with the same buffers
}

// LoadContract reads and compiles the schemas folder.
func LoadContract(fsys fs.FS) (*Contract, error) {
	c := &Contract{Tables: map[string]table.Schema{}}
	b, err := fs.ReadFile(fsys, "fields.schema.json")
	if err != nil {
		return nil, fmt.Errorf("load contract: %w", err)
	}
	if c.Fields, err = table.ParseFields(b); err != nil {
		return nil, fmt.Errorf("load contract: %w", err)
	}
	names, err := fs.Glob(fsys, "tables/*.json")
	if err != nil {
		return nil, fmt.Errorf("load contract: %w", err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("load contract: %w", err)
		}
		s, err := table.ParseSchema(c.Fields, b)
		if err != nil {
			return nil, fmt.Errorf("load contract: %s: %w", name, err)
		}
		c.Tables[s.Name] = s
	}
	if c.CodeLists, err = rules.CodeLists(fsys); err != nil {
		return nil, fmt.Errorf("load contract: %w", err)
	}
	if c.Rules, err = rules.NewSet(fsys, c.Fields); err != nil {
		return nil, fmt.Errorf("load contract: %w", err)
	}
	if b, err = fs.ReadFile(fsys, "layouts/workbook.json"); err != nil {
		return nil, fmt.Errorf("load contract: %w", err)
	}
	if c.Layout, err = workbook.ParseLayout(b); err != nil {
		return nil, fmt.Errorf("load contract: %w", err)
	}
	c.Layout = c.Layout.WithLabels(c.Fields, rules.Fold)
	if c.OGP, err = fs.ReadFile(fsys, "ogp/tables.json"); err != nil {
		return nil, fmt.Errorf("load contract: %w", err)
	}
	if c.Digest, err = treeDigest(fsys, ".", func(name string) bool {
		return strings.HasSuffix(name, ".json") && !strings.HasPrefix(name, PlansDir+"/") && name != configSchema && name != viewWords && name != lineageWords
	}); err != nil {
		return nil, fmt.Errorf("load contract: %w", err)
	}
	return c, nil
}

// Plan is an action plan with the digest of its folder.
type Plan struct {
	*plan.ActionPlan
	Digest string // SHA-256 over the folder's files
}

// PlansDir is where the contract's folder keeps its plans.
const PlansDir = "plans"

// LoadPlans reads each plan folder in the folder root of fsys. One that does
// not keep to the plan schema is an error; all of them are told at once.
func (c *Contract) LoadPlans(fsys fs.FS, root string) ([]Plan, error) {
	dirs, err := fs.ReadDir(fsys, root)
	if err != nil {
		return nil, fmt.Errorf("list plans: %w", err)
	}
	var plans []Plan
	var errs []error
	for _, d := range dirs {
		if !d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			continue
		}
		dir := path.Join(root, d.Name())
		if err := c.Rules.CheckPlan(fsys, dir); err != nil {
			errs = append(errs, err)
			continue
		}
		p, err := plan.Load(fsys, dir)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		digest, err := treeDigest(fsys, dir, func(name string) bool { return strings.HasSuffix(name, ".json") })
		if err != nil {
			errs = append(errs, err)
			continue
		}
		plans = append(plans, Plan{p, digest})
	}
	return plans, errors.Join(errs...)
}

// configSchema describes the program's configuration, which no published byte
// depends on.
const configSchema = "config.schema.json"

// treeDigest is one SHA-256 over the names, seen from root, and the contents of
// the wanted files.
func treeDigest(fsys fs.FS, root string, want func(name string) bool) (string, error) {
	h := sha256.New()
	err := fs.WalkDir(fsys, root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !want(name) {
			return err
		}
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(b)
		fmt.Fprintf(h, "%s %x\n", strings.TrimPrefix(name, root+"/"), sum)
		return nil
	})
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
