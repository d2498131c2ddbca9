package main

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// returned takes the marked copy out of an outbox whose receipt tells of all
// these rules; with ! there must be none.
func returned(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, false, args, 3, "[!] returned OUTBOX DST.xlsx RULE...")
	dir := ts.MkAbs(args[0])
	names, err := filepath.Glob(filepath.Join(dir, "*.receipt.json"))
	ts.Check(err)
	for _, name := range names {
		b, err := os.ReadFile(name)
		ts.Check(err)
		var receipt struct {
			Copy     string `json:"marked_copy"`
			Findings []struct{ Rule string }
		}
		ts.Check(json.Unmarshal(b, &receipt))
		told := map[string]bool{}
		for _, f := range receipt.Findings {
			told[f.Rule] = true
		}
		all := true
		for _, rule := range args[2:] {
			all = all && told[rule]
		}
		if !all {
			continue
		}
		if neg {
			ts.Fatalf("%s tells of %v", name, args[2:])
		}
		if receipt.Copy == "" {
			ts.Fatalf("%s names no copy", name)
		}
		src, err := os.ReadFile(filepath.Join(dir, receipt.Copy))
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), src, 0o644))
		return
	}
	if !neg {
		ts.Fatalf("no receipt of %d tells of %v", len(names), args[2:])
	}
}
