package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"iltizam/pipeline"
	"iltizam/schemas"
)

type rehearseFlags struct{ schemas, plans, on, format string }

func (a *app) rehearseCommand() *cobra.Command {
	var f rehearseFlags
	c := &cobra.Command{
		Use:   "rehearse --schemas DIR | --changed-plans DIR | --on DATE",
		Short: "Try changed schemas or rules on every workbook of the archive",
		Long: `rehearse judges every workbook of the archive twice, by the present contract and by
a changed one, and tells what would fare otherwise: workbooks newly refused, rows
newly held back, rows newly taken, new warnings. It writes nothing, and nothing
that is published changes.

--schemas names a copy of the folder schemas/ with the changes in it; each
workbook is judged by the rules in force when it was received. --changed-plans
names a folder of plans to take instead of the present one. --on judges by the
rules in force on a day, to see what a rule with a date will do; the present
rules are then those of today.

It ends with 3 if anybody would newly fail, with 0 if nobody would.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.rehearse(cmd.Context(), f) },
	}
	c.Flags().StringVar(&f.schemas, "schemas", "", "a changed copy of the folder schemas/")
	c.Flags().StringVar(&f.plans, "changed-plans", "", "a changed folder of plans, instead of that of --plans")
	c.Flags().StringVar(&f.on, "on", "", "judge by the rules in force on this day, YYYY-MM-DD")
	c.Flags().StringVar(&a.flags.archive, "archive", "", "where every workbook is kept (private)")
	formatFlag(c, &f.format)
	// Marking fails only for a flag that is not there.
	_ = c.MarkFlagDirname("schemas")
	_ = c.MarkFlagDirname("changed-plans")
	return c
}

func (a *app) rehearse(ctx context.Context, f rehearseFlags) error {
	c, err := a.configure()
	if err != nil {
		return err
	}
	if err := checkFormat(f.format); err != nil {
		return err
	}
	if f.schemas == "" && f.plans == "" && f.on == "" {
		return usageError{hintf("name a changed copy of schemas/ with --schemas, or a day with --on", "rehearse: there is no change to rehearse")}
	}
	if _, err := time.Parse(time.DateOnly, f.on); err != nil && f.on != "" {
		return usageError{hintf("give a day such as 2027-01-01", "read --on %q: not a date", f.on)}
	}
	in := pipeline.Input{Now: a.now()}
	if in.Contract, in.Plans, err = load(c); err != nil {
		return err
	}
	to, err := candidate(c, in, f)
	if err != nil {
		return err
	}
	if err := a.fromArchive(ctx, c, &in); err != nil {
		return err
	}
	bar := newProgress(a.err)
	defer bar.done()
	in.Tick = bar.tick
	r, err := pipeline.Rehearse(ctx, in, to)
	bar.done()
	switch {
	case errors.Is(err, pipeline.ErrNoWorkbook):
		return emptyArchive(c)
	case err != nil:
		return fmt.Errorf("rehearse: %w", err)
	}
	if err := a.tellRehearsal(c, in, to, r, f); err != nil {
		return err
	}
	if r.Fails() {
		return outcome(exitPartial)
	}
	return nil
}

// candidate reads what is to be rehearsed.
func candidate(c config, in pipeline.Input, f rehearseFlags) (pipeline.Candidate, error) {
	to := pipeline.Candidate{RulesOn: f.on}
	if f.schemas == "" && f.plans == "" {
		return to, nil
	}
	contract, folder := in.Contract, fs.FS(schemas.FS)
	if f.schemas != "" {
		if err := isFolderWith(f.schemas, "fields.schema.json"); err != nil {
			return to, usageError{hinted{fmt.Errorf("open schemas %s: %w", f.schemas, err), "name a copy of the folder schemas/ with your changes in it"}}
		}
		folder = os.DirFS(f.schemas)
		if err := wholeJSON(folder); err != nil {
			return to, damaged(f.schemas, err)
		}
		var err error
		if contract, err = pipeline.LoadContract(folder); err != nil {
			return to, damaged(f.schemas, err)
		}
		to.Contract = contract
	}
	if f.plans != "" {
		c.Plans = f.plans
	}
	// The plans that are built in lie in the folder of the schemas; a copy of it may
	// be without them.
	if _, err := fs.Stat(folder, pipeline.PlansDir); errors.Is(err, fs.ErrNotExist) {
		folder = schemas.FS
	}
	var err error
	if to.Plans, err = loadPlans(contract, folder, c.Plans); err != nil {
		if f.plans == "" {
			return to, damaged(f.schemas, err)
		}
		return to, oneSentence(err)
	}
	return to, nil
}

// damaged says in one sentence that a folder of schemas is not whole.
func damaged(dir string, err error) error {
	return usageError{hinted{fmt.Errorf("read schemas %s: %s", dir, inOneLine(err)), "mend the file that is named; the present schemas are as they were"}}
}

// wholeJSON names the first file of a folder of schemas that is no JSON: whoever
// edits one by hand slips there first.
func wholeJSON(fsys fs.FS) error {
	return fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".json" {
			return err
		}
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		var v any
		if err := json.Unmarshal(b, &v); err != nil {
			return fmt.Errorf("%s is not whole JSON: %w", name, err)
		}
		return nil
	})
}

func oneSentence(err error) error {
	var h hinted
	if errors.As(err, &h) {
		return usageError{hinted{errors.New(inOneLine(err)), h.hint}}
	}
	return usageError{errors.New(inOneLine(err))}
}

// inOneLine gives the message of an error that may have several lines.
func inOneLine(err error) string {
	var parts []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			parts = append(parts, line)
		}
	}
	return strings.Join(parts, "; ")
}

func isFolderWith(dir, file string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("there is no such folder")
	case err != nil:
		return err
	case !info.IsDir():
		return errors.New("it is no folder")
	}
	if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
		return fmt.Errorf("there is no %s in it", file)
	}
	return nil
}

func (a *app) tellRehearsal(c config, in pipeline.Input, to pipeline.Candidate, r *pipeline.Rehearsal, f rehearseFlags) error {
	switch f.format {
	case asJSON:
		return printJSON(a.out, rehearsalAsJSON(to, r))
	case asCSV:
		return writeRehearsalCSV(a.out, r, c.Language)
	}
	v, err := a.view(c, in.Contract)
	if err != nil {
		return err
	}
	v.tellRehearsal(in, to, r)
	return nil
}

// byInstitution gives the workbooks of each institution, which come one after the other.
func byInstitution(r *pipeline.Rehearsal) [][]pipeline.Replayed {
	var out [][]pipeline.Replayed
	for i, x := range r.Changed {
		if i == 0 || x.Institution != r.Changed[i-1].Institution {
			out = append(out, nil)
		}
		last := &out[len(out)-1]
		*last = append(*last, x)
	}
	return slices.Clip(out)
}
