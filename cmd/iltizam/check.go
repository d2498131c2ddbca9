package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/intake"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/workbook"
)

func (a *app) checkCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "check FILE...",
		Short: "Check workbooks or folders of them; write nothing",
		Args:  cobra.MinimumNArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.check(cmd.Context(), args) },
	}
	c.Flags().BoolVar(&a.flags.json, "json", false, "print the findings as JSON")
	c.Flags().StringVar(&a.flags.receivedAt, "received-at", "", "judge as if received at this instant (default: now)")
	return c
}

// checked is one workbook's part of check's JSON.
type checked struct {
	File      string               `json:"file"`
	Verdict   string               `json:"verdict"`
	RowsTaken int                  `json:"rows_taken"`
	RowsHeld  int                  `json:"rows_held"`
	Counts    map[string]int       `json:"counts"`
	Cut       int                  `json:"findings_cut"`
	Findings  []pipeline.Complaint `json:"findings"`
}

func (a *app) check(ctx context.Context, args []string) error {
	c, err := a.configure()
	if err != nil {
		return err
	}
	received, err := a.flags.received(a.now())
	if err != nil {
		return err
	}
	contract, plans, err := load(c)
	if err != nil {
		return err
	}
	files, err := expand(ctx, args)
	if err != nil {
		return err
	}
	lim := workbook.DefaultLimits()
	lim.FileBytes = c.MaxFileMiB << 20
	// A person's machine has little memory to spare for one huge workbook.
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	var all []checked
	bad := false
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("check %s: %w", file, err)
		}
		report := &finding.Report{File: file}
		folder, inInbox := inboxFolder(c.Inbox, file)
		verdict, err := a.checkFile(contract, plans, file, folder, inInbox, received, lim, report)
		if err != nil {
			return err
		}
		report.Sort()
		bad = bad || report.Has(finding.Error)
		one := describe(contract, report, verdict)
		if a.flags.json {
			all = append(all, one)
		} else {
			a.tellChecked(c.Language, one)
		}
	}
	if a.flags.json {
		e := json.NewEncoder(a.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(map[string]any{"version": 1, "workbooks": all}); err != nil {
			return err
		}
	}
	if bad {
		return outcome(exitFindings)
	}
	return nil
}

// expand lists the named files and, of folders, the files in them.
func expand(ctx context.Context, args []string) ([]string, error) {
	var files []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, usageError{hintf("name a workbook or a folder of them", "check %s: there is no such file", arg)}
		}
		if err != nil {
			return nil, fmt.Errorf("check %s: %w", arg, err)
		}
		if !info.IsDir() && !info.Mode().IsRegular() {
			return nil, usageError{hintf("name a workbook or a folder of them", "check %s: it is no regular file", arg)}
		}
		if !info.IsDir() {
			files = append(files, arg)
			continue
		}
		n := len(files)
		err = filepath.WalkDir(arg, func(name string, e fs.DirEntry, err error) error {
			if err := cmp.Or(err, ctx.Err()); err != nil {
				return err
			}
			rel, err := filepath.Rel(arg, name)
			if err == nil && e.Type().IsRegular() && !intake.Ignored(filepath.ToSlash(rel)) {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("check %s: %w", arg, err)
		}
		if len(files) == n {
			return nil, usageError{hintf("name a workbook or a folder of them", "check %s: there is no file in it", arg)}
		}
	}
	return files, nil
}

// inboxFolder gives the institution's folder that a file of the inbox lies in;
// ok is false of a file that lies elsewhere.
func inboxFolder(inbox, file string) (folder string, ok bool) {
	if isS3(inbox) {
		return "", false
	}
	root, err := filepath.Abs(folderOf(inbox))
	if err != nil {
		return "", false
	}
	if file, err = filepath.Abs(file); err != nil {
		return "", false
	}
	rel, err := filepath.Rel(root, file)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	folder, _, ok = strings.Cut(filepath.ToSlash(rel), "/")
	if !ok {
		folder = ""
	}
	return folder, true
}

func (a *app) checkFile(contract *pipeline.Contract, plans []pipeline.Plan, file, folder string, inInbox bool, received time.Time,
	lim workbook.Limits, report *finding.Report) (*pipeline.Verdict, error) {
	v := &pipeline.Verdict{Report: report}
	b, err := readUpTo(file, lim.FileBytes+1)
	if err != nil {
		return nil, fmt.Errorf("check %s: %w", file, err)
	}
	if int64(len(b)) > lim.FileBytes {
		report.Add(contract.TooLarge(lim))
		return v, nil
	}
	sum := sha256.Sum256(b)
	v.Judgement, err = contract.Check(b, bare(plans), rules.Receipt{Digest: hex.EncodeToString(sum[:]), Folder: folder, AnyFolder: !inInbox,
		ReceivedAt: received.UTC().Format(time.RFC3339)}, lim, report)
	if err != nil {
		return nil, fmt.Errorf("check %s: %w", file, err)
	}
	return v, nil
}

// readUpTo reads a file, but no more than limit bytes of it.
func readUpTo(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}

func describe(contract *pipeline.Contract, r *finding.Report, v *pipeline.Verdict) checked {
	one := checked{File: r.File, Verdict: v.Outcome(), RowsTaken: v.RowsTaken, RowsHeld: v.RowsHeld,
		Counts: map[string]int{}, Findings: contract.Complaints(r)}
	for s := finding.Info; s <= finding.Block; s++ {
		one.Counts[s.String()] = r.Count(s)
	}
	for _, n := range r.Cut {
		one.Cut += n
	}
	return one
}

func (a *app) tellChecked(lang string, one checked) {
	words := checkWords[lang]
	a.say("%s: %s", one.File, fmt.Sprintf(words.verdict[one.Verdict], one.RowsTaken, one.RowsHeld))
	for _, f := range one.Findings {
		at := ""
		if f.Sheet != "" {
			at = "[" + strings.TrimSuffix(f.Sheet+"!"+f.Cell, "!") + "] "
		}
		// A place such as [التقدم!D7] keeps its order inside a line of the other direction.
		a.say("  %-8s %s%s %s (%s)", words.severity[f.Severity.String()], isolate(at), isolate(f.Message[lang]), isolate(f.Remedy[lang]), f.Rule)
	}
	if one.Cut > 0 {
		a.say("  %s", words.cut(one.Cut))
	}
}

// isolate wraps a text in first-strong isolates, so that Arabic and Latin runs
// beside it keep their order on a terminal.
func isolate(s string) string {
	if s == "" {
		return s
	}
	return "\u2068" + s + "\u2069"
}

type words struct {
	verdict, severity map[string]string
	cut               func(n int) string // how many findings are not listed
}

var checkWords = map[string]words{
	"en": {map[string]string{"accepted": "accepted, rows taken: %d, held: %d", "accepted_in_part": "accepted in part, rows taken: %d, held: %d",
		"refused": "refused, rows taken: %d, held: %d"},
		map[string]string{"info": "remark", "warning": "warning", "error": "error", "block": "refused"}, func(n int) string {
			return "and " + plural(n, "more finding") + ", not listed"
		}},
	"fr": {map[string]string{"accepted": "accepté, lignes prises : %d, retenues : %d", "accepted_in_part": "accepté en partie, lignes prises : %d, retenues : %d",
		"refused": "refusé, lignes prises : %d, retenues : %d"},
		map[string]string{"info": "remarque", "warning": "alerte", "error": "erreur", "block": "refus"}, func(n int) string {
			if n == 1 {
				return "et 1 autre constat, non listé"
			}
			return fmt.Sprintf("et %d autres constats, non listés", n)
		}},
	"ar": {map[string]string{"accepted": "مقبول، السطور المأخوذة: %d، المعلقة: %d", "accepted_in_part": "مقبول جزئيا، السطور المأخوذة: %d، المعلقة: %d",
		"refused": "مرفوض، السطور المأخوذة: %d، المعلقة: %d"},
		map[string]string{"info": "معلومة", "warning": "تنبيه", "error": "خطأ", "block": "رفض"}, func(n int) string {
			switch {
			case n == 1:
				return "وملاحظة واحدة أخرى غير معروضة"
			case n == 2:
				return "وملاحظتان أخريان غير معروضتين"
			case n%100 >= 3 && n%100 <= 10:
				return fmt.Sprintf("و%d ملاحظات أخرى غير معروضة", n)
			}
			return fmt.Sprintf("و%d ملاحظة أخرى غير معروضة", n)
		}},
}
