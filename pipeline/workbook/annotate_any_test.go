package workbook_test

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/workbook"
	"iltizam/pipeline/workbook/scan"
)

// For any findings the copy opens, bears each mark, and is read as its original.
func TestAnyFindings(t *testing.T) {
	src := badBook(t)
	want := values(t, src)
	sheets := []string{progressTab, "المراحل", "تعليمات", "_meta", "none", ""}
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "=1+1", "_x0041_", "a\r\nb", "\u200fنص\u200f", strings.Repeat("ن", 40000)}))
		marks := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) workbook.Mark {
			ref := rapid.OneOf(rapid.Custom(func(rt *rapid.T) string {
				return scan.Ref(rapid.IntRange(1, 20).Draw(rt, "col"), rapid.IntRange(1, 40).Draw(rt, "row"))
			}), rapid.SampledFrom([]string{"", "D6:E9", "XFD1048576", "XFE1", "A0", "A1048577", "d6", "'!"})).Draw(rt, "ref")
			return workbook.Mark{Severity: finding.Severity(rapid.IntRange(0, 3).Draw(rt, "severity")), Sheet: rapid.SampledFrom(sheets).Draw(rt, "sheet"),
				Ref: ref, Value: text.Draw(rt, "value"), Commitment: text.Draw(rt, "commitment"),
				Message: map[string]string{"ar": text.Draw(rt, "ar"), "fr": text.Draw(rt, "fr")}, Remedy: map[string]string{"fr": text.Draw(rt, "remedy")}}
		}), 0, 30).Draw(rt, "marks")
		fb := feedbackOf(marks...)
		fb.Languages = rapid.SampledFrom([][]string{{"ar", "fr"}, {"fr", "ar"}, {"fr"}, nil}).Draw(rt, "languages")
		copied := annotated(t, src, fb)
		if got := values(t, copied); got != want {
			rt.Fatalf("read\n%s\nwant\n%s", got, want)
		}
		book, err := scan.Open(bytes.NewReader(copied), int64(len(copied)), scan.DefaultLimits())
		if err != nil {
			rt.Fatal(err)
		}
		at := map[string]string{}
		for _, s := range book.Sheets {
			notes, err := book.Notes(s)
			if err != nil {
				rt.Fatal(err)
			}
			for _, n := range notes {
				if at[s.Name+n.Ref] != "" {
					rt.Fatalf("two notes at %s %s", s.Name, n.Ref)
				}
				at[s.Name+n.Ref] = n.Text
			}
			if err := book.Each(s, func(int, []scan.Cell) bool { return true }); err != nil {
				rt.Fatalf("sheet %s: %v", s.Name, err)
			}
		}
		counted := map[string]bool{}
		for _, m := range marks {
			col, row := finding.SplitRef(m.Ref)
			if col == 0 || row == 0 || col > 16384 || row > 1<<20 || m.Sheet == "" || m.Sheet == "none" || m.Sheet == "_meta" {
				continue
			}
			key := m.Sheet + scan.Ref(col, row)
			counted[key] = true
			if at[key] == "" {
				rt.Fatalf("no note for %v", m)
			}
		}
		if len(counted) != len(at) {
			rt.Fatalf("%d notes for %d cells", len(at), len(counted))
		}
		if second := annotated(t, copied, fb); !bytes.Equal(second, copied) {
			rt.Fatal("the copy of the copy differs")
		}
	})
}

// A note comes back as it was written, whatever is in it.
func TestNotesAreReadBack(t *testing.T) {
	src := badBook(t)
	rapid.Check(t, func(rt *rapid.T) {
		message := rapid.StringN(1, 200, 399).Filter(func(s string) bool {
			return !strings.ContainsAny(s, "\r\n\uFFFD") && s == strings.ToValidUTF8(s, "")
		}).Draw(rt, "message")
		m := markAt(finding.Error, progressTab, "D6", "x")
		m.Message["fr"] = message
		copied := annotated(t, src, feedbackOf(m))
		book, err := scan.Open(bytes.NewReader(copied), int64(len(copied)), scan.DefaultLimits())
		if err != nil {
			rt.Fatal(err)
		}
		for _, s := range book.Sheets {
			if s.Name != progressTab {
				continue
			}
			notes, err := book.Notes(s)
			if err != nil || len(notes) != 1 || !strings.Contains(notes[0].Text, "\u200e"+message+"\u200e") {
				rt.Fatalf("%q came back in %q, %v", message, notes, err)
			}
		}
	})
}
