package workbooktest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Case is one nasty workbook: what it is and what must come of it. The rules are
// those of the findings in the report's order; the places and sentences stand in
// the listing that the test of the set compares with.
type Case struct {
	ID    string
	About string
	Rules string // of the findings, with blanks between
	Same  bool   // the values must be those of the plain form, no less
	Small bool   // read under small limits, so that a little bomb does for a big one
	File  func() []byte
}

// Nasty gives the whole set, each for one named trouble.
func Nasty() []Case {
	return append(bombs(), Light()...)
}

// Light gives the set without what takes long to make.
func Light() []Case {
	return slices.Concat(otherFiles(), hostile(), damaged(), percentages(), dates(), texts(), formulas(), shapes(), dialects())
}

// filled is the plain form with something changed.
func filled(change func(f *Form)) func() []byte {
	return func() []byte {
		f := NewForm()
		change(f)
		return f.Parts().Zip()
	}
}

// cell is the plain form with another content of one cell.
func cell(ref, content string) func() []byte {
	return filled(func(f *Form) { f.Cells[ref] = content })
}

// shared is the plain form with another shared string in one cell.
func shared(ref, text string) func() []byte {
	return filled(func(f *Form) { f.Cells[ref] = f.Shared(text) })
}

// shown is the plain form with a number in a format of its own.
func shown(ref, code, n string) func() []byte {
	return filled(func(f *Form) { f.Cells[ref] = f.Formatted(code, n) })
}

// packed is the plain form with its parts changed.
func packed(change func(p Parts) Parts) func() []byte {
	return func() []byte { return change(NewForm().Parts()).Zip() }
}

// with adds a part to the plain form.
func with(name, content string) func() []byte {
	return packed(func(p Parts) Parts { return p.With(name, content) })
}

// replaced changes the text of a part of the plain form.
func replaced(name, old, text string) func() []byte {
	return packed(func(p Parts) Parts { return p.Replace(name, old, text) })
}

// lying is the plain form with one member that lies.
func lying(name string, change func(m *Member)) func() []byte {
	return func() []byte { return NewForm().Parts().Lie(name, change) }
}

func bytesOf(s string) func() []byte { return func() []byte { return []byte(s) } }

func ptr[T any](v T) *T { return &v }

// noise is text that hardly compresses, the same each time.
func noise(n int) string {
	b := make([]byte, 0, n+8)
	for x := uint64(1); len(b) < n; {
		x = x*6364136223846793005 + 1442695040888963407
		b = strconv.AppendUint(b, x>>32, 16)
	}
	return string(b[:n])
}

// cutAfter gives the text up to a mark, the mark with it.
func cutAfter(s, mark string) string {
	head, _, ok := strings.Cut(s, mark)
	if !ok {
		panic("no " + mark)
	}
	return head + mark
}

// Long is the plain form with a sheet of a thousand rows more, to be damaged.
func Long() *Form {
	f := NewForm()
	for row := 9; row < 1009; row++ {
		f.Cells[fmt.Sprintf("B%d", row)] = Num(fmt.Sprint(row * 7919))
	}
	return f
}

func longly(change func(p Parts) Parts) func() []byte {
	return func() []byte { return change(Long().Parts()).Zip() }
}

func link(n int, kind, target, mode string) string {
	return fmt.Sprintf(`<Relationship Id="rId%d" Type="%s/%s" Target="%s"%s/>`, n, relNS, kind, target, mode)
}

// linked adds a relationship of the workbook.
func (p Parts) linked(n int, kind, target, mode string) Parts {
	return p.Replace(Links, "</Relationships>", link(n, kind, target, mode)+"</Relationships>")
}
