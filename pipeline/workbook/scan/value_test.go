package scan

import (
	"bytes"
	"strings"
	"testing"
)

func TestValues(t *testing.T) {
	cases := []struct {
		xml  string
		want Cell
	}{
		{`<c r="A1"><v>65</v></c>`, Cell{Kind: Number, Number: 65, Raw: "65"}},
		{`<c r="A1" t="n"><v>0.57999999999999996</v></c>`, Cell{Kind: Number, Number: 0.58, Raw: "0.57999999999999996"}},
		{`<c r="A1"><v>-1.5E-3</v></c>`, Cell{Kind: Number, Number: -0.0015, Raw: "-1.5E-3"}},
		{`<c r="A1"><v>1234567890123456789</v></c>`, Cell{Kind: Number, Number: 1234567890123456789, Raw: "1234567890123456789"}},
		{`<c r="A1" s="1"><v>0.65</v></c>`, Cell{Kind: Number, Number: 0.65, Percent: true, Raw: "0.65"}},
		{`<c r="A1" s="3"><v>65</v></c>`, Cell{Kind: Number, Number: 65, Raw: "65"}},
		{`<c r="A1" s=""><v>65</v></c>`, Cell{Kind: Number, Number: 65, Raw: "65"}},
		{`<c><v>65</v></c>`, Cell{Kind: Number, Number: 65, Raw: "65"}},
		{`<c r="A1" s="2"><v>45292</v></c>`, Cell{Kind: Date, Number: 45292, Text: "2024-01-01", Raw: "45292"}},
		{`<c r="A1" s="2"><v>45292.999999</v></c>`, Cell{Kind: Date, Number: 45292.999999, Text: "2024-01-01", Raw: "45292.999999"}},
		{`<c r="A1" s="2"><v>59</v></c>`, Cell{Kind: Date, Number: 59, Text: "1900-02-28", Raw: "59"}},
		{`<c r="A1" s="2"><v>61</v></c>`, Cell{Kind: Date, Number: 61, Text: "1900-03-01", Raw: "61"}},
		{`<c r="A1" s="2"><v>1</v></c>`, Cell{Kind: Date, Number: 1, Text: "1900-01-01", Raw: "1"}},
		{`<c r="A1" s="2"><v>60</v></c>`, Cell{Kind: Number, Number: 60, Raw: "60"}},
		{`<c r="A1" s="2"><v>0.5</v></c>`, Cell{Kind: Number, Number: 0.5, Raw: "0.5"}},
		{`<c r="A1" s="2"><v>-1</v></c>`, Cell{Kind: Number, Number: -1, Raw: "-1"}},
		{`<c r="A1" s="2"><v>2958465.9</v></c>`, Cell{Kind: Date, Number: 2958465.9, Text: "9999-12-31", Raw: "2958465.9"}},
		{`<c r="A1" s="2"><v>2958466</v></c>`, Cell{Kind: Number, Number: 2958466, Raw: "2958466"}},
		{`<c r="A1" t="d"><v>2024-03-05</v></c>`, Cell{Kind: Date, Text: "2024-03-05", Raw: "2024-03-05"}},
		{`<c r="A1" t="d"><v>2024-03-05T10:00:00Z</v></c>`, Cell{Kind: Date, Text: "2024-03-05", Raw: "2024-03-05T10:00:00Z"}},
		{`<c r="A1" t="d"><v>T10:00</v></c>`, Cell{Kind: Text, Text: "T10:00", Raw: "T10:00"}},
		{`<c r="A1" t="b"><v>1</v></c>`, Cell{Kind: Bool, Number: 1, Raw: "1"}},
		{`<c r="A1" t="b"><v>0</v></c>`, Cell{Kind: Bool, Raw: "0"}},
		{`<c r="A1" t="e"><v>#REF!</v></c>`, Cell{Kind: Error, Text: "#REF!", Raw: "#REF!"}},
		{`<c r="A1" t="str"><v>#REF!</v></c>`, Cell{Kind: Text, Text: "#REF!", Raw: "#REF!"}},
		{`<c r="A1" t="s"><v>1</v></c>`, Cell{Kind: Text, Text: "beta", Raw: "beta"}},
		{`<c r="A1" t="inlineStr"><is><t xml:space="preserve"> a </t></is></c>`, Cell{Kind: Text, Text: " a ", Raw: " a "}},
		{`<c r="A1" t="inlineStr"><is><r><rPr><b/></rPr><t>a</t></r><rPh sb="0" eb="1"><t>X</t></rPh><r><t>b</t></r></is></c>`, Cell{Kind: Text, Text: "ab", Raw: "ab"}},
		{`<c r="A1" t="inlineStr"><is><t>a_x000D_b_x005F_x000D_ _xD83D__xDE00_ _xD83D_ _xzz_</t></is></c>`,
			Cell{Kind: Text, Text: "a\rb_x000D_ 😀 " + string(HalfPair) + " _xzz_", Raw: "a\rb_x000D_ 😀 " + string(HalfPair) + " _xzz_"}},
		{`<c r="A1" t="str"><f>A2</f><v>a_x000D_b</v></c>`, Cell{Kind: Text, Text: "a\rb", Raw: "a\rb", Formula: true}},
		{"<c r=\"A1\" t=\"str\"><v>a\r\nb</v></c>", Cell{Kind: Text, Text: "a\nb", Raw: "a\nb"}},
		{`<c r="A1" t="str"><v><![CDATA[a<b]]>c</v></c>`, Cell{Kind: Text, Text: "a<bc", Raw: "a<bc"}},
		{`<c r="A1" t="str"><v>&#1593;&amp;</v></c>`, Cell{Kind: Text, Text: "ع&", Raw: "ع&"}},
		{`<c r="A1"><f>1+1</f><v>2</v></c>`, Cell{Kind: Number, Number: 2, Raw: "2", Formula: true}},
		{`<c r="A1"><f>1+1</f></c>`, Cell{Kind: FormulaUncached, Formula: true}},
		{`<c r="A1"><f>1+1</f><v></v></c>`, Cell{Kind: FormulaUncached, Formula: true}},
		{`<c r="A1" t="str"><f>1+1</f></c>`, Cell{Kind: FormulaUncached, Formula: true}},
		{`<c r="A1" t="str"><f>""</f><v></v></c>`, Cell{Kind: Empty, Formula: true}},
		{`<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c>`, Cell{Kind: Error, Text: "#DIV/0!", Raw: "#DIV/0!", Formula: true}},
		{`<x:c xmlns:x="` + nsMain + `" r="A1"><x:v>5</x:v></x:c>`, Cell{Kind: Number, Number: 5, Raw: "5"}},
	}
	for _, c := range cases {
		cells, err := scanAll(workbookOf(`<row r="1">`+c.xml+`</row>`).zip(), DefaultLimits())
		c.want.Col, c.want.Row = 1, 1
		if err != nil || len(cells) != 1 || cells[0] != c.want {
			t.Errorf("%s\ngot  %+v %v\nwant %+v", c.xml, cells, err, c.want)
		}
	}
	for _, empty := range []string{`<c r="A1"/>`, `<c r="A1" s="1"/>`, `<c r="A1" t="s"/>`, `<c r="A1"><v/></c>`, `<c r="A1" t="inlineStr"><is/></c>`, `<c r="A1" t="b"/>`, `<c r="A1" t="d"/>`, `<c r="A1" t="e"/>`} {
		if cells, err := scanAll(workbookOf(`<row r="1">`+empty+`</row>`).zip(), DefaultLimits()); err != nil || len(cells) != 0 {
			t.Errorf("%s: got %+v %v, want nothing", empty, cells, err)
		}
	}
}

func TestValuesThatAreNone(t *testing.T) {
	cases := map[string][]string{
		"@damage-number":     {" 65 ", "0,65", "NaN", "Infinity", "1E+400", "0x10", "1_000", "+1", "1.", ".5", "١", "1e", "-", "--1"},
		"@damage-boolean":    {"2", "TRUE", "yes"},
		"@damage-error-code": {"REF!", "0"},
		"@damage-date":       {"2024-13-01", "05/03/2024", "2024-3-5", "2023-02-29", "x"},
	}
	types := map[string]string{"@damage-number": "n", "@damage-boolean": "b", "@damage-error-code": "e", "@damage-date": "d"}
	for reason, values := range cases {
		for _, v := range values {
			_, err := scanAll(workbookOf(`<row r="1"><c r="B1" t="`+types[reason]+`"><v>`+v+`</v></c></row>`).zip(), DefaultLimits())
			t.Run(reason+v, func(t *testing.T) { wantRefusal(t, err, RuleDamaged, reason, "B1") })
			if r, ok := err.(*Refusal); ok && r.Finding.Value != v {
				t.Errorf("%s: the finding repeats %q", v, r.Finding.Value)
			}
		}
	}
}

func TestDate1904(t *testing.T) {
	p := workbookOf(`<row r="1"><c r="A1" s="2"><v>59</v></c><c r="B1" s="2"><v>60</v></c><c r="C1" s="2"><v>0</v></c></row>`)
	p = p.replace(t, "xl/workbook.xml", "<sheets>", `<workbookPr date1904="1"/><sheets>`)
	cells, err := scanAll(p.zip(), DefaultLimits())
	if err != nil || len(cells) != 3 {
		t.Fatal(cells, err)
	}
	for i, want := range []string{"1904-02-29", "1904-03-01", "1904-01-01"} {
		if cells[i].Kind != Date || cells[i].Text != want {
			t.Errorf("got %v, want %s", cells[i], want)
		}
	}
}

func TestNumberFormats(t *testing.T) {
	cases := map[string]format{
		"General": 0, "0": 0, "0.00": 0, "#,##0.00": 0, "@": 0, "0.00E+00": 0, "0e-0": 0, "# ?/?": 0,
		"0%": formatPercent, "0.0%": formatPercent, "0%;[Red]-0%": formatPercent, "0;0%": formatPercent, `0 %`: formatPercent,
		`General"%"`: 0, `0.0" %"`: 0, `0\%`: 0, `0_%`: 0, `0*%`: 0, `"%"0%`: formatPercent, `"a""%"0`: 0,
		"dd/mm/yyyy": formatDate, "DD/MM/YYYY": formatDate, "[$-40C]d mmmm yyyy": formatDate, "B2dd/mm/yyyy": formatDate,
		"[h]:mm": formatDate, "[mm]": formatDate, "mm:ss.0": formatDate, "yyyy-mm-dd;@": formatDate, "[$-2000401]0": 0,
		`[Red]0`: 0, `[$DH-40C]0`: 0, `#,##0\ "dh"`: 0, `"jour" 0`: 0, `0"`: 0, `[`: 0, `\`: 0, `[>=100]0" y"`: 0, "general;dd": formatDate,
	}
	for code, want := range cases {
		if got := readCode(code); got != want {
			t.Errorf("%s: got %b, want %b", code, got, want)
		}
	}
	for id := range 60 {
		got := builtin(id)
		want := format(0)
		if strings.Contains(" 9 10 ", " "+Ref(0, id)+" ") {
			want = formatPercent
		} else if id >= 14 && id <= 22 || id >= 45 && id <= 47 {
			want = formatDate
		}
		if got != want {
			t.Errorf("builtin %d: got %b, want %b", id, got, want)
		}
	}
}

func TestRef(t *testing.T) {
	for want, at := range map[string][2]int{"A1": {1, 1}, "Z9": {26, 9}, "AA10": {27, 10}, "ZZ1": {702, 1}, "AAA1": {703, 1}, "XFD1048576": {16384, 1048576}} {
		if got := Ref(at[0], at[1]); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if col, row, ok := splitRef(want); !ok || col != at[0] || row != at[1] {
			t.Errorf("%s: got %d %d %v", want, col, row, ok)
		}
	}
	for _, bad := range []string{"", "A", "1", "a1", "A0", "A01", "$A$1", "A1 ", "A-1", "XFE1", "AAAA1", "A1048577", "A9999999999"} {
		if _, _, ok := splitRef(bad); ok {
			t.Errorf("%q was read as a reference", bad)
		}
	}
}

// A caller that stops early is not asked again, and a panic of the caller's own
// is not blamed on the workbook.
func TestEachLeavesTheCallerInCharge(t *testing.T) {
	b := workbookOf(rows(10)).zip()
	book, err := Open(bytes.NewReader(b), int64(len(b)), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	if err := book.Each(book.Sheets[0], func(int, []Cell) bool { calls++; return calls < 3 }); err != nil || calls != 3 {
		t.Errorf("%d calls, %v", calls, err)
	}
	defer func() {
		if recover() != "mine" {
			t.Error("the caller's panic was lost")
		}
	}()
	_ = book.Each(book.Sheets[0], func(int, []Cell) bool { panic("mine") })
}
