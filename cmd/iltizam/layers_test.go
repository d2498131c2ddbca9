package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "iltizam"

type goPackage struct {
	ImportPath, Dir  string
	GoFiles, Imports []string
	Standard         bool
}

// packages lists the module's own packages as the go command sees them.
func packages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports,Standard", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	d := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 15 {
		t.Fatalf("go list gave only %d packages", len(all))
	}
	return all
}

func inside(path, folder string) bool {
	return path == module+"/"+folder || strings.HasPrefix(path, module+"/"+folder+"/")
}

// layer numbers the four layers from left to right; 0 is outside them.
func layer(path string) int {
	for i, l := range []string{"schemas", "pipeline", "output", "cmd"} {
		if inside(path, l) {
			return i + 1
		}
	}
	return 0
}

func TestImportsOnlyLeftwards(t *testing.T) {
	for _, p := range packages(t) {
		for _, imp := range p.Imports {
			if layer(p.ImportPath) > 0 && layer(imp) > layer(p.ImportPath) {
				t.Errorf("%s imports %s, which lies to its right", p.ImportPath, imp)
			}
		}
	}
}

func TestLeavesImportOnlyTheStandardLibrary(t *testing.T) {
	leaves := []string{"schemas", "pipeline/plan", "pipeline/finding", "pipeline/table", "output/bucket"}
	found := 0
	for _, p := range packages(t) {
		if !slices.Contains(leaves, strings.TrimPrefix(p.ImportPath, module+"/")) {
			continue
		}
		found++
		for _, imp := range p.Imports {
			if strings.Contains(imp, ".") || strings.HasPrefix(imp, module+"/") {
				t.Errorf("the leaf %s imports %s", p.ImportPath, imp)
			}
		}
	}
	if found != len(leaves) {
		t.Errorf("found %d of %d leaves", found, len(leaves))
	}
}

func TestStagesDoNotKnowOneAnother(t *testing.T) {
	stages := []string{"pipeline/intake", "pipeline/workbook", "pipeline/rules", "pipeline/merge", "pipeline/aggregate"}
	allowed := map[string]string{"pipeline/workbook": "pipeline/intake", "pipeline/rules": "pipeline/workbook"}
	for _, p := range packages(t) {
		for _, stage := range stages {
			if !inside(p.ImportPath, stage) {
				continue
			}
			for _, imp := range p.Imports {
				for _, other := range stages {
					if other != stage && inside(imp, other) && allowed[stage] != other {
						t.Errorf("stage %s imports stage %s", p.ImportPath, imp)
					}
				}
			}
		}
	}
}

func TestOutputSeesOnlyLeavesOfThePipeline(t *testing.T) {
	for _, p := range packages(t) {
		for _, imp := range p.Imports {
			if inside(p.ImportPath, "output") && inside(imp, "pipeline") &&
				!slices.Contains([]string{"plan", "finding", "table"}, strings.TrimPrefix(imp, module+"/pipeline/")) {
				t.Errorf("%s imports %s", p.ImportPath, imp)
			}
		}
	}
}

// Each heavy dependency has one home, so that replacing it is one change.
func TestHeavyDependenciesHaveOneImporter(t *testing.T) {
	homes := map[string]string{
		"github.com/xuri/excelize/":             "pipeline/workbook",
		"github.com/apache/arrow/":              "output/parquetexport",
		"github.com/aws/":                       "output/bucket/s3bucket",
		"github.com/robfig/cron/":               "cmd/iltizam",
		"github.com/santhosh-tekuri/jsonschema": "pipeline/rules",
		"github.com/spf13/cobra":                "cmd/iltizam",
		"github.com/goccy/go-yaml":              "cmd/iltizam",
	}
	used := map[string]bool{}
	for _, p := range packages(t) {
		for _, imp := range p.Imports {
			for dep, home := range homes {
				if !strings.HasPrefix(imp, dep) {
					continue
				}
				used[dep] = true
				if p.ImportPath != module+"/"+home {
					t.Errorf("%s imports %s; only %s may", p.ImportPath, imp, home)
				}
			}
		}
	}
	for dep := range homes {
		if !used[dep] {
			t.Errorf("nobody imports %s", dep)
		}
	}
}

// Below cmd nothing reads the clock or the environment, ends the process, logs,
// runs at start-up, or starts another process: what a run depends on is an input.
func TestNoHiddenInputs(t *testing.T) {
	banned := map[string][]string{
		"time": {"Now", "Since", "Until", "Sleep", "Tick", "NewTicker"},
		"os":   {"Getenv", "LookupEnv", "Environ", "Exit", "Args"},
		"log":  nil, "log/slog": nil, "os/exec": nil,
	}
	for _, p := range packages(t) {
		if !inside(p.ImportPath, "pipeline") && !inside(p.ImportPath, "output") || testHelper(p.ImportPath) {
			continue
		}
		for _, name := range p.GoFiles {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			checkFile(t, fset, file, banned)
		}
	}
}

// testHelper packages serve tests and are linked into no program.
func testHelper(path string) bool {
	return strings.HasSuffix(path, "test")
}

func checkFile(t *testing.T, fset *token.FileSet, file *ast.File, banned map[string][]string) {
	t.Helper()
	names := map[string]string{} // local name -> import path
	for _, imp := range file.Imports {
		path := strings.Trim(imp.Path.Value, `"`)
		functions, known := banned[path]
		if known && functions == nil {
			t.Errorf("%s: imports %s", fset.Position(imp.Pos()), path)
		}
		local := filepath.Base(path)
		if imp.Name != nil {
			local = imp.Name.Name
		}
		names[local] = path
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				t.Errorf("%s: func init", fset.Position(n.Pos()))
			}
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			if ok && slices.Contains(banned[names[x.Name]], n.Sel.Name) {
				t.Errorf("%s: uses %s.%s", fset.Position(n.Pos()), x.Name, n.Sel.Name)
			}
		}
		return true
	})
}

// The program must not link what only tests need.
func TestTestHelpersAreNotLinked(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", module+"/cmd/iltizam").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for p := range strings.FieldsSeq(string(out)) {
		if strings.HasPrefix(p, module+"/") && testHelper(p) {
			t.Errorf("the program links %s", p)
		}
	}
}
