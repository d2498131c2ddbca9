package main

import (
	"bytes"
	"os"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook"
)

// wantCells reads cells of a workbook's data rows as they are stored.
func wantCells(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "cells FILE.xlsx SHEET!CELL=VALUE...")
	lay, err := sampleLayout()
	ts.Check(err)
	b, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	doc, err := workbook.Read(bytes.NewReader(b), int64(len(b)), args[0], lay, workbook.DefaultLimits(), func(finding.Finding) {})
	ts.Check(err)
	if doc == nil {
		ts.Fatalf("%s is refused", args[0])
	}
	defer doc.Close()
	got := map[string]string{}
	for row := range doc.Rows(func(finding.Finding) {}) {
		for _, c := range row.Cells {
			value := c.Text
			if c.Kind == workbook.Number {
				value = strconv.FormatFloat(c.Number, 'f', -1, 64)
			}
			got[row.Sheet+"!"+c.Ref()] = value
		}
	}
	for key, value := range doc.Header.Values() {
		got["_meta!"+key] = value
	}
	for _, arg := range args[1:] {
		at, want, ok := strings.Cut(arg, "=")
		if value, there := got[at]; !ok || value != want || !there && want != "" {
			ts.Fatalf("%s: %s is %q, want %q", args[0], at, value, want)
		}
	}
}
