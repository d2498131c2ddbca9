package rules

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// filedBy gives the rule ids that each function of the package files.
func filedBy(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	fset := gotoken.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			ast.Inspect(f.Body, func(n ast.Node) bool {
				var id ast.Expr
				switch n := n.(type) {
				case *ast.CallExpr:
					if sel, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) > 0 && slices.Contains([]string{"apply", "refuse", "note", "noteAt", "inForce"}, sel.Sel.Name) {
						id = n.Args[0]
					}
				case *ast.ValueSpec:
					if n.Names[0].Name == "rule" && len(n.Values) > 0 {
						id = n.Values[0]
					}
				}
				if lit, ok := id.(*ast.BasicLit); ok {
					if text, _ := strconv.Unquote(lit.Value); !slices.Contains(out[f.Name.Name], text) {
						out[f.Name.Name] = append(out[f.Name.Name], text)
					}
				}
				return true
			})
		}
	}
	return out
}

// The table names what its functions file, no more and no less, and each rule
// once.
func TestTheTableNamesWhatItsFunctionsFile(t *testing.T) {
	filed := filedBy(t)
	file, err := parser.ParseFile(gotoken.NewFileSet(), "rowrules.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	lines, once := 0, map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		line, ok := n.(*ast.CompositeLit)
		if !ok || len(line.Elts) == 0 {
			return true
		}
		var want, got []string
		for _, e := range line.Elts {
			e, ok := e.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			key, ok := e.Key.(*ast.Ident)
			if !ok {
				return true
			}
			switch key.Name {
			case "ids":
				text, _ := strconv.Unquote(e.Value.(*ast.BasicLit).Value)
				want = strings.Fields(text)
			case "row", "all", "back", "around":
				if f, ok := e.Value.(*ast.Ident); ok {
					got = append(got, filed[f.Name]...)
				}
			}
		}
		if want == nil {
			return true
		}
		lines++
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("the table says %v, the functions file %v", want, got)
		}
		for _, id := range want {
			if once[id] {
				t.Errorf("%s stands twice", id)
			}
			once[id] = true
		}
		return true
	})
	if lines != len(ruleTable()) {
		t.Errorf("%d lines read, the table has %d", lines, len(ruleTable()))
	}
}
