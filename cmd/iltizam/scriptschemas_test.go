package main

import (
	"bytes"
	"os"

	"github.com/rogpeppe/go-internal/testscript"
)

// copyFolder copies what the program is built with, for changes.
func copyFolder(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "copy-of schemas|plans DIR")
	from, ok := map[string]string{"schemas": "../../schemas", "plans": "../../examples/fictitious/plans"}[args[0]]
	if !ok {
		ts.Fatalf("no folder %s", args[0])
	}
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), os.DirFS(from)))
}

// replaceText replaces the first of a text in a file, which has to be there.
func replaceText(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 3, "replace FILE OLD NEW")
	name := ts.MkAbs(args[0])
	b, err := os.ReadFile(name)
	ts.Check(err)
	if !bytes.Contains(b, []byte(args[1])) {
		ts.Fatalf("%s does not hold %s", args[0], args[1])
	}
	ts.Check(os.WriteFile(name, bytes.Replace(b, []byte(args[1]), []byte(args[2]), 1), 0o644))
}
