package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"iltizam/output/bucket"
	"iltizam/output/release"
)

// scriptCommands are what the scripts know besides testscript's own commands.
var scriptCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"exits":    exits,
	"sample":   copySample,
	"edit":     editWorkbook,
	"cells":    wantCells,
	"row":      oneRow,
	"rows":     countRows,
	"cut":      cutColumns,
	"json":     jsonValues,
	"manifest": currentManifest,
	"tree":     listTree,
	"nowhere":  nowhere,
	"empty":    emptyFolder,
	"tamper":   tamper,
	"remove":   removeFiles,
	"big":      bigFile,
	"halve":    halveFile,
	"upload":   upload,
	"download": download,
	"returned": returned,
	"reached":  reached,
	"kept":     kept,
	"copy-of":  copyFolder,
	"replace":  replaceText,
}

func need(ts *testscript.TestScript, neg bool, args []string, n int, usage string) {
	if neg || len(args) < n {
		ts.Fatalf("usage: %s", usage)
	}
}

// exits runs a program and wants exactly this exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "exits CODE PROGRAM ARGUMENT...")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%s: exit code %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// copySample copies workbooks of examples/ as DIR/<institution>/<period>.xlsx;
// words choose those of some institutions or periods.
func copySample(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "sample portal|fictitious DIR [INSTITUTION|PERIOD...]")
	root, ok := map[string]string{"portal": "../../examples/inbox", "fictitious": "../../examples/fictitious/inbox"}[args[0]]
	if !ok {
		ts.Fatalf("no sample %s", args[0])
	}
	all, err := filepath.Glob(filepath.Join(root, "*", "*.xlsx"))
	ts.Check(err)
	copied := 0
	for _, name := range all {
		parts := strings.Split(strings.TrimSuffix(filepath.Base(name), ".xlsx"), "_") // plan_period_institution
		if len(args) > 2 && !slices.Contains(args[2:], parts[1]) && !slices.Contains(args[2:], parts[2]) {
			continue
		}
		b, err := os.ReadFile(name)
		ts.Check(err)
		to := filepath.Join(ts.MkAbs(args[1]), parts[2], parts[1]+".xlsx")
		ts.Check(os.MkdirAll(filepath.Dir(to), 0o755))
		ts.Check(os.WriteFile(to, b, 0o644))
		copied++
	}
	if copied == 0 {
		ts.Fatalf("sample %s: nothing matches", strings.Join(args, " "))
	}
}

// records reads a CSV table, or a Parquet one; each row by column name.
func records(ts *testscript.TestScript, file string) (columns []string, rows []map[string]string) {
	if strings.HasSuffix(file, ".parquet") {
		return parquetRecords(ts, file)
	}
	all, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(ts.ReadFile(file), "\ufeff"))).ReadAll()
	ts.Check(err)
	if len(all) == 0 {
		ts.Fatalf("%s has no header", file)
	}
	for _, r := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = r[i]
		}
		rows = append(rows, row)
	}
	return all[0], rows
}

// differs names the columns that do not hold the wanted values.
func differs(ts *testscript.TestScript, row map[string]string, wants []string) []string {
	var bad []string
	for _, want := range wants {
		column, value, ok := strings.Cut(want, "=")
		got, there := row[column]
		if !ok || !there {
			ts.Fatalf("%q: want COLUMN=VALUE of a column that is there", want)
		}
		if got != value {
			bad = append(bad, fmt.Sprintf("%s is %q, want %q", column, got, value))
		}
	}
	return bad
}

func where(ts *testscript.TestScript, file string, conditions []string) []map[string]string {
	_, rows := records(ts, file)
	return slices.DeleteFunc(rows, func(r map[string]string) bool { return len(differs(ts, r, conditions)) > 0 })
}

// oneRow wants exactly one row that meets the conditions, and these values in it.
func oneRow(ts *testscript.TestScript, neg bool, args []string) {
	i := slices.Index(args, "=>")
	if neg || i < 2 {
		ts.Fatalf("usage: row FILE COLUMN=VALUE... => COLUMN=VALUE...")
	}
	rows := where(ts, args[0], args[1:i])
	if len(rows) != 1 {
		ts.Fatalf("%s has %d rows with %s", args[0], len(rows), strings.Join(args[1:i], " "))
	}
	if bad := differs(ts, rows[0], args[i+1:]); len(bad) > 0 {
		ts.Fatalf("%s: %s", args[0], strings.Join(bad, "; "))
	}
}

func countRows(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "rows FILE COUNT [COLUMN=VALUE...]")
	if n := len(where(ts, args[0], args[2:])); strconv.Itoa(n) != args[1] {
		ts.Fatalf("%s has %d such rows, want %s", args[0], n, args[1])
	}
}

// cutColumns prints some columns of the rows that meet the conditions, for cmp.
func cutColumns(ts *testscript.TestScript, neg bool, args []string) {
	sorted := args[0] == "-sort"
	if sorted {
		args = args[1:]
	}
	need(ts, neg, args, 2, "cut [-sort] FILE COLUMN,COLUMN... [COLUMN=VALUE...]")
	columns := strings.Split(args[1], ",")
	w := csv.NewWriter(ts.Stdout())
	ts.Check(w.Write(columns))
	var lines [][]string
	for _, row := range where(ts, args[0], args[2:]) {
		var out []string
		for _, c := range columns {
			v, ok := row[c]
			if !ok {
				ts.Fatalf("%s has no column %s", args[0], c)
			}
			out = append(out, v)
		}
		lines = append(lines, out)
	}
	if sorted {
		slices.SortFunc(lines, slices.Compare)
	}
	ts.Check(w.WriteAll(lines))
}

// jsonValues wants values at dotted paths; the step len counts.
func jsonValues(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "json FILE a.0.b=VALUE... a.len=COUNT...")
	d := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	d.UseNumber()
	var doc any
	ts.Check(d.Decode(&doc))
	if _, err := d.Token(); err != io.EOF {
		ts.Fatalf("%s holds more than one JSON value", args[0])
	}
	for _, want := range args[1:] {
		path, value, _ := strings.Cut(want, "=")
		if got := lookUp(ts, doc, path); got != value {
			ts.Fatalf("%s: %s is %q, want %q", args[0], path, got, value)
		}
	}
}

func lookUp(ts *testscript.TestScript, at any, path string) string {
	for step := range strings.SplitSeq(path, ".") {
		switch v := at.(type) {
		case map[string]any:
			next, ok := v[step]
			if !ok && step == "len" {
				return strconv.Itoa(len(v))
			} else if !ok {
				ts.Fatalf("%s: there is no %s", path, step)
			}
			at = next
		case []any:
			if step == "len" {
				return strconv.Itoa(len(v))
			}
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(v) {
				ts.Fatalf("%s: a list of %d has no %s", path, len(v), step)
			}
			at = v[i]
		default:
			ts.Fatalf("%s: %s leads into a plain value", path, step)
		}
	}
	return fmt.Sprint(at)
}

// currentManifest writes the manifest of a place's current release to a file.
func currentManifest(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "manifest PLACE FILE")
	ctx, place := context.Background(), args[0]
	if !isS3(place) {
		place = ts.MkAbs(place)
	}
	b, err := openBucket(ctx, place)
	ts.Check(err)
	head, _, err := release.Current(ctx, b)
	ts.Check(err)
	m, err := release.Load(ctx, b, head)
	ts.Check(err)
	out, err := json.MarshalIndent(m, "", "  ")
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out, 0o644))
}

// eachFile visits the files of folders, in order of their names.
func eachFile(ts *testscript.TestScript, folders []string, visit func(name string, info fs.FileInfo, content []byte)) {
	for _, folder := range folders {
		n := 0
		ts.Check(filepath.WalkDir(ts.MkAbs(folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(ts.MkAbs(folder), path)
			n++
			visit(folder+"/"+rel, info, b)
			return err
		}))
		if n == 0 {
			ts.Fatalf("%s holds no file", folder)
		}
	}
}

// listTree writes each file's name, size, time and digest to a file.
func listTree(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "tree FILE DIR...")
	var out bytes.Buffer
	eachFile(ts, args[1:], func(name string, info fs.FileInfo, b []byte) {
		fmt.Fprintf(&out, "%s %d %d %x\n", name, info.Size(), info.ModTime().UnixNano(), sha256.Sum256(b))
	})
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), out.Bytes(), 0o644))
}

// nowhere wants a text in no file of the folders; with ! in at least one.
func nowhere(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, false, args, 2, "[!] nowhere TEXT DIR...")
	found := ""
	eachFile(ts, args[1:], func(name string, _ fs.FileInfo, b []byte) {
		if bytes.Contains(b, []byte(args[0])) || strings.Contains(name, args[0]) {
			found = name
		}
	})
	if (found != "") != neg {
		ts.Fatalf("%q stands in %q", args[0], found)
	}
}

func emptyFolder(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "empty DIR")
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	for _, e := range entries {
		ts.Fatalf("%s holds %s", args[0], e.Name())
	}
}

func globbed(ts *testscript.TestScript, pattern string) []string {
	names, err := filepath.Glob(ts.MkAbs(pattern))
	ts.Check(err)
	if len(names) == 0 {
		ts.Fatalf("nothing matches %s", pattern)
	}
	return names
}

// halveFile cuts a file in the middle, as a copy that broke off.
func halveFile(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "halve GLOB")
	for _, name := range globbed(ts, args[0]) {
		info, err := os.Stat(name)
		ts.Check(err)
		ts.Check(os.Truncate(name, info.Size()/2))
	}
}

// tamper changes one byte of each file and keeps its size.
func tamper(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "tamper GLOB")
	for _, name := range globbed(ts, args[0]) {
		b, err := os.ReadFile(name)
		ts.Check(err)
		b[len(b)/2] ^= 1
		ts.Check(os.WriteFile(name, b, 0o644))
	}
}

func removeFiles(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "remove GLOB")
	for _, name := range globbed(ts, args[0]) {
		ts.Check(os.RemoveAll(name))
	}
}

// bigFile makes a file of so many bytes.
func bigFile(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "big FILE BYTES")
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), nil, 0o644))
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}

// upload puts a folder's files into a place, as other people's programs would.
func upload(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "upload DIR PLACE")
	b, err := openBucket(context.Background(), args[1])
	ts.Check(err)
	eachFile(ts, args[:1], func(name string, _ fs.FileInfo, content []byte) {
		key := filepath.ToSlash(strings.TrimPrefix(name, args[0]+"/"))
		_, err := b.Put(context.Background(), key, bucket.Bytes(content), bucket.Cond{})
		ts.Check(err)
	})
}

// download copies a place's objects into a folder.
func download(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "download PLACE DIR")
	b, err := openBucket(context.Background(), args[0])
	ts.Check(err)
	for o, err := range b.List(context.Background(), "") {
		ts.Check(err)
		r, _, err := b.Get(context.Background(), o.Key)
		ts.Check(err)
		content, err := io.ReadAll(r)
		ts.Check(err)
		ts.Check(r.Close())
		name := filepath.Join(ts.MkAbs(args[1]), filepath.FromSlash(o.Key))
		ts.Check(os.MkdirAll(filepath.Dir(name), 0o755))
		ts.Check(os.WriteFile(name, content, 0o644))
	}
}
