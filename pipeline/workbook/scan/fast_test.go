package scan

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// told is all that reading a workbook gives: its cells, then why it was refused.
func told(src []byte, lim Limits, careful bool) []string {
	s := Space{careful: careful}
	b, err := s.Open(bytes.NewReader(src), int64(len(src)), lim)
	var out []string
	if err == nil {
		for _, sheet := range b.Sheets {
			if err = b.Each(sheet, func(n int, cells []Cell) bool {
				out = append(out, fmt.Sprintf("%d %#v", n, cells))
				return true
			}); err != nil {
				break
			}
		}
	}
	if r, ok := err.(*Refusal); ok {
		return append(out, fmt.Sprintf("%+v", r.Finding))
	}
	return append(out, fmt.Sprint(err))
}

// The short cuts change nothing: not a value, not a refusal, not its place.
func sameWithout(t interface{ Fatalf(string, ...any) }, p parts, lim Limits) {
	src := p.zip()
	got, want := told(src, lim, false), told(src, lim, true)
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Fatalf("sheet %.2000q\nstrings %.2000q\nis\n%s\nwithout short cuts\n%s", p["xl/worksheets/sheet1.xml"],
			p["xl/sharedStrings.xml"], strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

var oddCells = []string{
	`<c r="A1"><v>1</v></c>`, `<c r="A1" r="A1"><v>1</v></c>`, `<c r="A1" s="1" s="1"><v>1</v></c>`, `<c s="1" r="A1"><v>1</v></c>`,
	`<c r="A1" r="A1" r="A1" r="A1" r="A1"><v>1</v></c>`, `<c r="A1" t="s"><v>1</v></c>`, `<c r="A1" t="s"><v>2</v></c>`,
	`<c r="A1" t="s"><v>-1</v></c>`, `<c r="A1" t="s"><v>0000000001</v></c>`, `<c r="A1" t="s"><v>01</v></c>`, `<c r="A1" t="s"><v></v></c>`,
	`<c r="A1" t="s"/>`, `<c r="A1" t="s"></c>`, `<c r="A1"/>`, `<c r="A01"><v>1</v></c>`, `<c r="A2"><v>1</v></c>`, `<c r="A12"><v>1</v></c>`,
	`<c r="1"><v>1</v></c>`, `<c r="AAAA1"><v>1</v></c>`, `<c r="XFD1"/>`, `<c r="XFE1"/>`, `<c r="XFD1"><v>1</v></c>`, `<c r="a1"><v>1</v></c>`,
	`<c r="B1"><v>1</v></c><c r="A1"><v>1</v></c>`, `<c r="A1"><v>1</v></c><c r="A1"><v>1</v></c>`, `<c r="A1"><v>1</v></c><c><v>2</v></c>`,
	`<c r="A1" s="4"><v>1</v></c>`, `<c r="A1" s=""><v>1</v></c>`, `<c r="A1" s="0000002"><v>1</v></c>`, `<c r="A1" s="2"><v>60</v></c>`,
	`<c r="A1" s="2"><v>-1</v></c>`, `<c r="A1" s="2"><v>2958465.9</v></c>`, `<c r="A1" s="2"><v>1E+300</v></c>`, `<c r="A1" s="1"><v>0.65</v></c>`,
	`<c r="A1"><v>-</v></c>`, `<c r="A1"><v>.5</v></c>`, `<c r="A1"><v>5.</v></c>`, `<c r="A1"><v>-0</v></c>`, `<c r="A1"><v>1e5</v></c>`,
	`<c r="A1"><v>1e</v></c>`, `<c r="A1"><v>1E400</v></c>`, `<c r="A1"><v>NaN</v></c>`, `<c r="A1"><v> 1</v></c>`, `<c r="A1"><v>1 </v></c>`,
	`<c r="A1"><v>0.57999999999999996</v></c>`, `<c r="A1"><v>12345678901234567890</v></c>`, `<c r="A1"><v>99999999999999999999.5</v></c>`,
	`<c r="A1"><v>9007199254740993</v></c>`, `<c r="A1"><v>18446744073709551617</v></c>`, `<c r="A1"><v>0.00000000000000000000000001</v></c>`, `<c r="A1"><v>1&#48;</v></c>`, `<c r="A1"><v>1<!-- --></v></c>`, `<c r="A1"><v>1</v ></c>`,
	`<c r="A1"><v>1</v></d>`, `<c r="A1"><v>1</v><v>2</v></c>`, `<c r="A1"><v>1</v></c>x`, `<c r="A1"><v>1</v></c><d/>`, `<c r="A1"><v>1</v></c`,
	`<c r="A1" t="n"><v>1</v></c>`, `<c r="A1" t="n"><f>1</f><v>1</v></c>`, `<c r='A1'><v>1</v></c>`, `<c  r="A1"><v>1</v></c>`,
	`<c r="A1" ><v>1</v></c>`, `<c r="A1" x="1"><v>1</v></c>`, `<c r="A1"xmlns="u"><v>1</v></c>`, `<c r="A1" xmlns="u"><v>1</v></c>`,
	`<c r="A1" t="str"><v>a</v></c><c r="B1"><v>2</v></c>`, `<c r="A1" t="str"><v></v></c>`, `<c r="A1" t="str"><v>_x0041_&amp;</v></c>`,
	`<c r="A1" t="str"><v>&no;</v></c>`, `<c r="A1" t="str"/>`, `<c r="A1" t="str"><is><t>a</t></is></c>`, `<c r="A1" t="st"><v>a</v></c>`,
	`<c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>م</t></is></c>`, `<c r="A1" t="inlineStr"><is><t></t></is></c>`,
	`<c r="A1" t="inlineStr"><v>a</v></c>`, `<c r="A1" t="inlineStr"><is><t>a</t><t>b</t></is></c>`, `<c r="A1" t="inlineStr"><is><t>]]></t></is></c>`,
	`<c r="A1" t="inlineStr"><is><t>a</t></is><v>b</v></c>`, `<c r="A1" t="inlineStrs"><is><t>a</t></is></c>`, `<c r="A1" t="inlineStr"/>`,
	`<c r="A1" t="str"><v>` + strings.Repeat("م", 32768) + `</v></c>`, `<c r="A1" t="inlineStr"><is><t>` + strings.Repeat("x", 32768) + `</t></is></c>`, "<c r=\"A1\"><v>1\x01</v></c>", "<c r=\"A1\"><v>1\xff</v></c>",
}

func TestShortCutsChangeNothing(t *testing.T) {
	lim := DefaultLimits()
	for _, c := range oddCells {
		for _, row := range []string{`<row r="1">%s</row>`, `<row r="1">%s</row><row r="2"/><row><c><v>7</v></c></row>`, `<row xmlns="u">%s</row>`,
			`<row r="1">%s`, `<row r="1"/>%s`} {
			sameWithout(t, workbookOf(fmt.Sprintf(row, c)), lim)
		}
	}
	sheet := workbookOf("")
	for _, si := range []string{`<si><t>a</t></si>`, `<si><t xml:space="preserve"> a </t></si>`, `<si><t></t></si>`, `<si/>`, `<si><t/></si>`,
		`<si><t>&amp;&#x627;</t></si>`, `<si><t>&no;</t></si>`, `<si><t>_x0041__x005F_x0041_</t></si>`, `<si><t>]]></t></si>`, "<si><t>a\r\nb</t></si>",
		"<si><t>\xff</t></si>", "<si><t>\x01</t></si>", `<si><t>a<b/></t></si>`, `<si><t>a</t><t>b</t></si>`, `<si><r><t>a</t></r></si>`, `<si><t>a</t></si>x`,
		`<si><t>` + strings.Repeat("م", 32767) + `</t></si>`, `<si><t>` + strings.Repeat("م", 32768) + `</t></si>`, `<si><t>` + strings.Repeat("😀", 16384) + `</t></si>`} {
		text := `<sst` + mainAttr + `><si><t>first</t></si>` + si + `<si><t>last</t></si></sst>`
		rows := `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>`
		sameWithout(t, workbookOf(rows).with("xl/sharedStrings.xml", text), lim)
		sameWithout(t, sheet.with("xl/sharedStrings.xml", text[:len(text)-9]), lim)
	}
	// The cell's own namespace is another than that of the elements with a prefix.
	sameWithout(t, sheet.with("xl/worksheets/sheet1.xml", `<x:worksheet xmlns:x="`+nsMain+`" xmlns="u"><x:sheetData><x:row r="1">`+
		`<c r="A1"><v>1</v></c></x:row></x:sheetData></x:worksheet>`), lim)
	tight := lim
	tight.TokenBytes = 256
	long := strings.Repeat("1", 300)
	sameWithout(t, workbookOf(`<row r="1"><c r="A1"><v>`+long+`</v></c></row>`), tight)
	sameWithout(t, sheet.with("xl/sharedStrings.xml", `<sst`+mainAttr+`><si><t>`+long+`</t></si></sst>`), tight)
	for depth := range 8 {
		tight := lim
		tight.Depth = depth
		sameWithout(t, workbookOf(`<row r="1"><c r="A1"><v>1</v></c></row>`), tight)
	}
}

// Rows long enough to cross the buffer's end at every place of a cell.
func TestShortCutsAcrossTheBuffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		row := 0
		cells := rapid.SampledFrom(oddCells[:48])
		for b.Len() < 2*firstBuffer {
			row++
			fmt.Fprintf(&b, `<row r="%d">`, row)
			for col := range rapid.IntRange(1, 40).Draw(t, "cells") {
				fmt.Fprintf(&b, `<c r="%s" s="%d"><v>%v</v></c>`, Ref(col+1, row), col%4, rapid.OneOf(
					rapid.Map(rapid.Float64Range(0, 1), func(f float64) any { return f }),
					rapid.Map(rapid.IntRange(-9, 99999), func(i int) any { return i })).Draw(t, "value"))
			}
			if b.WriteString(`</row>`); row%200 == 199 {
				row++
				fmt.Fprintf(&b, `<row r="%d">%s</row>`, row, strings.ReplaceAll(cells.Draw(t, "odd"), `1"`, fmt.Sprintf(`%d"`, row)))
			}
		}
		sameWithout(t, workbookOf(b.String()), DefaultLimits())
	})
}

// FuzzShortCuts holds the short cuts against reading without them.
func FuzzShortCuts(f *testing.F) {
	for _, c := range oddCells {
		f.Add(sheetOf(`<row r="1">`+c+`</row>`), `<sst`+mainAttr+`><si><t>a</t></si><si><t xml:space="preserve">b</t></si></sst>`)
	}
	p := workbookOf("")
	f.Fuzz(func(t *testing.T, sheet, texts string) {
		sameWithout(t, p.with("xl/worksheets/sheet1.xml", sheet).with("xl/sharedStrings.xml", texts), small())
	})
}

func TestDecimalIsParseFloat(t *testing.T) {
	for _, s := range []string{"18446744073709551617", "0.00000000000000000000000001", "9007199254740993", "0.30000000000000004", "1e5", "-"} {
		want, err := strconv.ParseFloat(s, 64)
		if v, ok := parseNumber([]byte(s)); ok != (err == nil) || ok && v != want {
			t.Errorf("%s is %v, not %v", s, v, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.StringMatching(`-?[0-9]{0,21}(\.[0-9]{0,21})?(e[0-9])?`), rapid.StringMatching(`-?[0-9]{1,4}\.[0-9]{1,15}`)).Draw(t, "s")
		v, n := decimal([]byte(s))
		if n == 0 {
			return
		}
		want, err := strconv.ParseFloat(s[:n], 64)
		if err != nil || !isNumber([]byte(s[:n])) || v != want || fmt.Sprint(v) != fmt.Sprint(want) {
			t.Fatalf("%q is %v, not %v", s[:n], v, want)
		}
	})
}

// A Space serves one workbook after the other, the damaged ones too.
func TestSpaceIsReused(t *testing.T) {
	var s Space
	good, bad := workbookOf(rows(50)).zip(), workbookOf(`<row r="1"><c r="A1"><v>x</v></c></row>`).zip()
	want := told(good, DefaultLimits(), false)
	for i := range 20 {
		src := good
		if i%2 == 1 {
			src = bad
		}
		b, err := s.Open(bytes.NewReader(src), int64(len(src)), DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		err = b.Each(b.Sheets[0], func(n int, cells []Cell) bool {
			got = append(got, fmt.Sprintf("%d %#v", n, cells))
			return true
		})
		if i%2 == 1 && err == nil || i%2 == 0 && strings.Join(append(got, "<nil>"), "\n") != strings.Join(want, "\n") {
			t.Fatalf("%d: %v\n%q\nwant\n%q", i, err, got, want)
		}
	}
	if len(s.free) != 1 {
		t.Errorf("%d sets of buffers for workbooks read in turn", len(s.free))
	}
}

// A walk that stops goes on where it stopped.
func TestWalkGoesOn(t *testing.T) {
	src := workbookOf(rows(500)).zip()
	b, err := Open(bytes.NewReader(src), int64(len(src)), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	w := b.Walk(b.Sheets[0])
	for want := 1; want <= 500; want++ {
		n := 0
		if err := w.Each(func(row int, _ []Cell) bool { n = row; return false }); err != nil || n != want {
			t.Fatal(n, want, err)
		}
	}
	for range 2 {
		if err := w.Each(func(int, []Cell) bool { t.Fatal("a row after the last"); return false }); err != nil {
			t.Fatal(err)
		}
	}
	// Damage after a stop is found by going on.
	const row = `<row r="1"><c r="A1"><v>1</v></c></row>`
	for _, sheet := range []string{sheetOf(row + `<row r="1"/>`), strings.TrimSuffix(sheetOf(row), "</worksheet>")} {
		src = workbookOf("").with("xl/worksheets/sheet1.xml", sheet).zip()
		if b, err = Open(bytes.NewReader(src), int64(len(src)), DefaultLimits()); err != nil {
			t.Fatal(err)
		}
		w = b.Walk(b.Sheets[0])
		if err := w.Each(func(int, []Cell) bool { return false }); err != nil {
			t.Fatal(err)
		}
		if err := w.Each(func(int, []Cell) bool { return true }); err == nil {
			t.Error("the damage is passed over")
		}
	}
}
