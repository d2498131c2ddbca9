package rules_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/workbook/scan"
)

// elsewhere are the rules without a fixture here, with an example of what their
// findings carry.
var elsewhere = map[string]struct {
	where string
	args  map[string]string
	value string
}{
	"workbook-empty":          {where: "pipeline/workbook/scan"},
	"workbook-not-xlsx":       {where: "pipeline/workbook/scan", args: map[string]string{"format": "@format-pdf", "advice": "@advice-template"}},
	"workbook-encrypted":      {where: "pipeline/workbook/scan"},
	"workbook-damaged":        {where: "pipeline/workbook/scan", args: map[string]string{"reason": "@damage-xml"}},
	"workbook-too-large":      {where: "pipeline/workbook/scan", args: map[string]string{"what": "@limit-file", "limit": "64 MiB"}},
	"workbook-unsafe":         {where: "pipeline/workbook/scan", args: map[string]string{"reason": "@unsafe-ratio"}},
	"workbook-macros":         {where: "pipeline/workbook/scan"},
	"workbook-external-links": {where: "pipeline/workbook/scan"},
	"workbook-dde":            {where: "pipeline/workbook", args: map[string]string{"count": "2"}},
	"workbook-embedded-files": {where: "pipeline/workbook", args: map[string]string{"count": "1"}},
	"workbook-count-wrong":    {where: "pipeline/workbook"},
	"sheet-unknown":           {where: "pipeline/workbook", args: map[string]string{"sheet": "Feuil1", "state": "@sheet-hidden"}},
	"mended-copy":             {where: "pipeline/workbook", args: map[string]string{"answers": "0123456789abcdef"}},
	"sheet-renamed":           {where: "pipeline/workbook", args: map[string]string{"sheet": "Feuil1", "name": "Avancement"}},
	"rows-hidden":             {where: "pipeline/workbook", args: map[string]string{"sheet": "Jalons", "count": "3"}},
	"filter-active":           {where: "pipeline/workbook", args: map[string]string{"sheet": "Jalons"}},
	"cells-merged":            {where: "pipeline/workbook"},
	"value-behind-merge":      {where: "TestValuesBehindAMerge", value: "65", args: map[string]string{"column": "progress_pct"}},
	"data-outside-table":      {where: "pipeline/workbook", args: map[string]string{"count": "3"}},
	"sheet-duplicate":         {where: "pipeline/workbook", args: map[string]string{"sheet": "Avancement"}},
	"cell-error-value":        {where: "TestErrorCells", value: "#REF!"},
	"formula-value-read":      {where: "TestFormulaResults", value: "0.65", args: map[string]string{"column": "progress_pct", "read": "65"}},
	"value-carried-forward":   {where: "pipeline/merge", args: map[string]string{"from": "2022-h1"}},
	"value-held":              {where: "pipeline/merge", args: map[string]string{"from": "@no-period"}},
	"submission-superseded":   {where: "pipeline/merge", args: map[string]string{"later": "0123456789abcdef, 2023-01-20T09:00:00Z"}},
}

func TestEveryRuleHasItsCases(t *testing.T) {
	c := mustContract(t).Rules.Catalogue
	var here []string
	for _, file := range fixtureFiles(t) {
		here = append(here, ruleOf(file))
		if _, ok := c.Rule(ruleOf(file)); !ok {
			t.Errorf("%s is of no rule", file)
		}
	}
	for id := range elsewhere {
		if _, ok := c.Rule(id); !ok || slices.Contains(here, id) {
			t.Errorf("%s is told to be tested elsewhere: known %v, a fixture here %v", id, ok, slices.Contains(here, id))
		}
	}
	for _, r := range c.Rules() {
		if _, there := elsewhere[r.ID]; !there && !slices.Contains(here, r.ID) {
			t.Errorf("rule %s has neither a fixture nor a reason for none", r.ID)
		}
	}
}

func TestRulesTestedElsewhereCanBeSaid(t *testing.T) {
	c := mustContract(t).Rules.Catalogue
	report := &finding.Report{}
	for id, e := range elsewhere {
		r, _ := c.Rule(id)
		report.Add(finding.Finding{Rule: id, Severity: r.Severity, Value: e.value, Args: e.args})
	}
	sayAll(t, report)
}

// Each term that the reader may name is one that a person can be told.
func TestEveryTermOfTheReaderIsTranslated(t *testing.T) {
	c := mustContract(t).Rules.Catalogue
	for _, term := range scan.Terms() {
		for _, lang := range rules.Languages() {
			said := c.Message(finding.Finding{Rule: "workbook-damaged", Args: map[string]string{"reason": "@" + term}}, lang)
			if strings.Contains(said, term) && lang != "en" || !strings.Contains(said, "(") {
				t.Errorf("%s in %s: %s", term, lang, said)
			}
		}
	}
}

var ruleID = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)

// usedIDs gives the rule ids in the Go source of the pipeline: what stands where
// a rule is named.
func usedIDs(t *testing.T) map[string]string {
	t.Helper()
	used := map[string]string{}
	fset := token.NewFileSet()
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			return err
		}
		named := func(e ast.Expr) {
			lit, ok := e.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return
			}
			if id, _ := strconv.Unquote(lit.Value); ruleID.MatchString(id) {
				used[id] = name
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				called := ""
				switch f := n.Fun.(type) {
				case *ast.SelectorExpr:
					called = f.Sel.Name
				case *ast.Ident:
					called = f.Name
				}
				if slices.Contains([]string{"refuse", "apply", "note", "noteAt", "block", "remark", "inForce", "Rule"}, called) && len(n.Args) > 0 {
					named(n.Args[0])
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && (key.Name == "Rule" || key.Name == "rule") {
					named(n.Value)
				}
			case *ast.CompositeLit:
				if typ, ok := n.Type.(*ast.Ident); ok && typ.Name == "complaint" && len(n.Elts) > 1 {
					named(n.Elts[1])
				}
			case *ast.AssignStmt:
				for i, left := range n.Lhs {
					name, field := left.(*ast.Ident)
					sel, chosen := left.(*ast.SelectorExpr)
					if i < len(n.Rhs) && (field && name.Name == "rule" || chosen && sel.Sel.Name == "rule") {
						named(n.Rhs[i])
					}
				}
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if (strings.HasPrefix(name.Name, "Rule") || name.Name == "rule") && i < len(n.Values) {
						named(n.Values[i])
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return used
}

func TestMessagesAndCodeKnowTheSameRules(t *testing.T) {
	used := usedIDs(t)
	known := map[string]bool{}
	for _, r := range mustContract(t).Rules.Catalogue.Rules() {
		known[r.ID] = true
		if used[r.ID] == "" {
			t.Errorf("rule %s stands in the messages and nowhere in the code", r.ID)
		}
	}
	for id, file := range used {
		if !known[id] {
			t.Errorf("%s names rule %s, for which there is no message", file, id)
		}
	}
}
