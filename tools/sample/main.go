// Command sample makes the example workbooks: templates as the program makes
// them, filled in from the tables of values beside them. The same bytes each time.
package main

import (
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"

	"iltizam/pipeline/rules"
	"iltizam/pipeline/table"
	"iltizam/pipeline/workbook"
	"iltizam/schemas"
)

// sample is one set of workbooks.
type sample struct {
	plan       string
	plans      string // folder of plans besides those built in, or ""
	inbox      string
	progress   string // CSV of values
	milestones string // CSV of values, or ""
	language   string
}

func main() {
	program := flag.String("program", ".bin/iltizam", "the built program")
	flag.Parse()
	for _, s := range []sample{
		{plan: "ma-nap-2021-2023", inbox: "examples/inbox", progress: "examples/portal-page.csv", language: "ar"},
		{plan: "xx-demo-2030-2031", plans: "examples/fictitious/plans", inbox: "examples/fictitious/inbox",
			progress: "examples/fictitious/progress.csv", milestones: "examples/fictitious/milestones.csv", language: "es"},
	} {
		if err := s.make(*program); err != nil {
			fmt.Fprintln(os.Stderr, "sample:", err)
			os.Exit(1)
		}
	}
}

func (s sample) make(program string) error {
	fields, lists, lay, err := contract()
	if err != nil {
		return err
	}
	edits := map[[2]string][]workbook.Edit{} // by period, institution
	next := map[[3]string]int{}
	for sheet, file := range map[string]string{rules.SheetProgress: s.progress, rules.SheetMilestones: s.milestones} {
		if file == "" {
			continue
		}
		rows, err := values(file)
		if err != nil {
			return err
		}
		for _, row := range rows {
			book := [2]string{row["period"], row["institution"]}
			at := [3]string{book[0], book[1], sheet}
			line := lay.FirstRow + next[at]
			next[at]++
			for _, key := range slices.Sorted(maps.Keys(row)) {
				if key == "period" || key == "institution" || row[key] == "" || sheet == rules.SheetProgress && key == "commitment_id" {
					continue
				}
				e, err := edit(fields, lists, s.language, key, row[key])
				if err != nil {
					return fmt.Errorf("%s: %w", file, err)
				}
				e.Sheet, e.Key, e.Row = sheet, key, line
				edits[book] = append(edits[book], e)
			}
		}
	}
	if err := os.RemoveAll(s.inbox); err != nil {
		return err
	}
	for book, changes := range edits {
		name := filepath.Join(s.inbox, book[1], fmt.Sprintf("%s_%s_%s.xlsx", s.plan, book[0], book[1]))
		args := []string{"template", "--plan", s.plan, "--period", book[0], "--institution", book[1], "--edition", s.language, "-o", name,
			"--archive", filepath.Join(s.inbox, "none")} // whatever this folder holds, nothing is known before
		if s.plans != "" {
			args = append(args, "--plans", s.plans)
		}
		if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s %v: %w: %s", program, args, err, out)
		}
		blank, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		filled, err := workbook.ApplyEdits(blank, lay, changes)
		if err != nil {
			return fmt.Errorf("fill %s: %w", name, err)
		}
		if err := os.WriteFile(name, filled, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// edit turns a text of the table of values into what a person would enter.
func edit(fields map[string]table.Field, lists map[string]table.CodeList, lang, key, text string) (workbook.Edit, error) {
	f := fields[key]
	switch {
	case f.CodeList == "status":
		for _, c := range lists["status"].Codes {
			if c.Code == text {
				if label := c.Label[lang]; label != "" {
					return workbook.Edit{Value: label}, nil
				}
				return workbook.Edit{Value: c.Label["en"]}, nil
			}
		}
		return workbook.Edit{}, fmt.Errorf("status %q is not known", text)
	case f.Type == table.Decimal:
		v, err := strconv.ParseFloat(text, 64)
		return workbook.Edit{Value: v}, err
	case f.Type == table.Boolean:
		return workbook.Edit{Value: text == "true"}, nil
	case f.Type == table.Date:
		return workbook.Edit{Value: text, Date: true}, nil
	}
	return workbook.Edit{Value: text}, nil
}

func contract() (map[string]table.Field, map[string]table.CodeList, *workbook.Layout, error) {
	b, err := fs.ReadFile(schemas.FS, "fields.schema.json")
	if err != nil {
		return nil, nil, nil, err
	}
	fields, err := table.ParseFields(b)
	if err != nil {
		return nil, nil, nil, err
	}
	lists, err := rules.CodeLists(schemas.FS)
	if err != nil {
		return nil, nil, nil, err
	}
	if b, err = fs.ReadFile(schemas.FS, "layouts/workbook.json"); err != nil {
		return nil, nil, nil, err
	}
	lay, err := workbook.ParseLayout(b)
	return fields, lists, lay, err
}

// values reads a table of values; each row by column name.
func values(file string) ([]map[string]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	if len(all) == 0 {
		return nil, errors.New(file + " is empty")
	}
	var rows []map[string]string
	for _, record := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows, nil
}
