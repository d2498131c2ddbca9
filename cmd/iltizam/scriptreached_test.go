package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook"
)

// reached follows an explanation to its end: it opens each workbook that it names
// and wants each input's value in the cell that it names.
func reached(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "reached EXPLANATION.json CELLS")
	var e pipeline.Explanation
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &e))
	n := 0
	for _, w := range e.Workbooks {
		b, err := os.ReadFile(ts.MkAbs(w.Open))
		ts.Check(err)
		if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != w.Digest {
			ts.Fatalf("%s is not the workbook of SHA-256 %s", w.Open, w.Digest)
		}
		values := valuesOf(ts, w.Open, b)
		for _, in := range e.Inputs {
			if in.Digest != w.Digest {
				continue
			}
			if got, there := values[in.Sheet+"!"+in.Cell]; !there || got != in.Value {
				ts.Fatalf("%s: %s!%s is %q, %s says %q", w.Open, in.Sheet, in.Cell, got, in.Figure, in.Value)
			}
			n++
		}
	}
	if strconv.Itoa(n) != args[1] {
		ts.Fatalf("%s leads to %d cells, want %s", args[0], n, args[1])
	}
}

// kept puts a value of a JSON file into a variable of the script.
func kept(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 3, "kept VARIABLE FILE a.0.b")
	var doc any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &doc))
	ts.Setenv(args[0], lookUp(ts, doc, args[2]))
}

// valuesOf gives what a workbook's data sheets hold by SHEET!CELL, the sheet by
// its own name.
func valuesOf(ts *testscript.TestScript, name string, b []byte) map[string]string {
	lay, err := sampleLayout()
	ts.Check(err)
	doc, err := workbook.Read(bytes.NewReader(b), int64(len(b)), name, lay, workbook.DefaultLimits(), func(finding.Finding) {})
	ts.Check(err)
	if doc == nil {
		ts.Fatalf("%s is refused", name)
	}
	defer doc.Close()
	values := map[string]string{}
	for row := range doc.Rows(func(finding.Finding) {}) {
		for _, c := range row.Cells {
			value := c.Text
			if c.Kind == workbook.Number {
				value = strconv.FormatFloat(c.Number, 'f', -1, 64)
			}
			values[row.SheetName+"!"+c.Ref()] = value
		}
	}
	return values
}
