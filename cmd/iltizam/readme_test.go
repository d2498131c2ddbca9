package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

func readme(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatalf("README.md tells the commands and the exit codes: %v", err)
	}
	return string(b)
}

var fence = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$")

// fenced gives README's code blocks of a language.
func fenced(t *testing.T, language string) []string {
	t.Helper()
	var blocks []string
	for _, m := range fence.FindAllStringSubmatch(readme(t), -1) {
		if m[1] == language {
			blocks = append(blocks, m[2])
		}
	}
	return blocks
}

func TestREADMEExitCodesAreTheProgram(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "exit.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Values) != len(v.Names) {
			return true
		}
		for i, name := range v.Names {
			if value, ok := v.Values[i].(*ast.BasicLit); ok && strings.HasPrefix(name.Name, "exit") {
				codes[value.Value] = name.Name
			}
		}
		return true
	})
	_, table, found := strings.Cut(readme(t), "| code | meaning |\n")
	if !found {
		t.Fatal("README has no table | code | meaning |")
	}
	told := map[string]string{}
	for line := range strings.SplitSeq(table, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 4 {
			break
		}
		if code := strings.TrimSpace(cells[1]); !strings.HasPrefix(code, "-") {
			told[code] = strings.TrimSpace(cells[2])
		}
	}
	want, got := slices.Sorted(maps.Keys(codes)), slices.Sorted(maps.Keys(told))
	if !slices.Equal(want, got) || len(want) < 8 {
		t.Errorf("README tells the exit codes %v, exit.go has %v", got, want)
	}
	for code, meaning := range told {
		if meaning == "" {
			t.Errorf("README does not say what %s means", code)
		}
	}
}

var (
	codeSpan = regexp.MustCompile("`([^`\n]+)`")
	longFlag = regexp.MustCompile(`(?:^|[\s\[(])(--[a-z][a-z-]*)`)
	called   = regexp.MustCompile(`(?:^|[\s/])iltizam((?:\s+[^#]*)?)`)
)

// Every command line in README is one that the program takes.
func TestREADMECommandsExist(t *testing.T) {
	a := &app{stdio: stdio{out: io.Discard, err: io.Discard}, now: time.Now}
	root := a.root()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd("completion")
	anywhere := map[string]bool{}
	for _, c := range root.Commands() {
		for _, f := range flagsOf(c) {
			anywhere[f] = true
		}
	}
	var lines []string
	for _, block := range fenced(t, "sh") {
		lines = append(lines, strings.Split(block, "\n")...)
	}
	for _, m := range codeSpan.FindAllStringSubmatch(fence.ReplaceAllString(readme(t), ""), -1) {
		lines = append(lines, m[1])
	}
	commands := 0
	for _, line := range lines {
		line, _, _ = strings.Cut(line, "  #")
		call := called.FindStringSubmatch(line)
		if call == nil || strings.HasPrefix(strings.TrimSpace(line), "iltizam.") {
			for _, f := range longFlag.FindAllStringSubmatch(line, -1) {
				if !anywhere[f[1]] {
					t.Errorf("README names %s, which no command has", f[1])
				}
			}
			continue
		}
		words := strings.Fields(call[1])
		if len(words) == 0 {
			continue
		}
		c, _, err := root.Find(words[:1])
		if err != nil || c == root {
			t.Errorf("README names the command %q: %v", line, err)
			continue
		}
		commands++
		if words[0] == "help" {
			if named, _, err := root.Find(words[1:]); err != nil || named == root {
				t.Errorf("README: %q: %v", line, err)
			}
		}
		known := flagsOf(c)
		for _, f := range longFlag.FindAllStringSubmatch(line, -1) {
			if !slices.Contains(known, f[1]) {
				t.Errorf("README: %q: %s has no flag %s", line, c.Name(), f[1])
			}
		}
	}
	if commands < 6 {
		t.Errorf("found only %d commands in README", commands)
	}
}

func flagsOf(c *cobra.Command) []string {
	usage := c.LocalFlags().FlagUsages() + c.InheritedFlags().FlagUsages()
	var names []string
	for _, f := range longFlag.FindAllStringSubmatch(usage, -1) {
		names = append(names, f[1])
	}
	return names
}

// Every make target that README names is one of the Makefile.
func TestREADMETargetsExist(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	targets := regexp.MustCompile("(?m)(?:^|`)make ([a-z0-9]+)").FindAllStringSubmatch(readme(t), -1)
	if len(targets) < 3 {
		t.Errorf("found only %d targets", len(targets))
	}
	for _, m := range targets {
		if !regexp.MustCompile(`(?m)^` + m[1] + `:`).Match(makefile) {
			t.Errorf("README names make %s, which the Makefile does not have", m[1])
		}
	}
}
