package workbook

import (
	"strings"

	"iltizam/pipeline/workbook/scan"
)

// check gives the formula of the check column for a row: the first thing that is
// still amiss, in the edition's language. It only helps while typing; nothing is
// ever judged by it.
func (g *grid) check(row int) string {
	at := func(key string) string {
		if i := g.column(key); i > 0 {
			return scan.Ref(i, row)
		}
		return ""
	}
	pct, status, date := at("progress_pct"), at("status"), at("reference_date")
	if pct == "" || status == "" || date == "" {
		return ""
	}
	narrative, unwritten := "", ""
	for _, c := range g.columns {
		if c.Lang != "" && c.Waiting && (narrative == "" || c.Lang == g.Language) {
			narrative, unwritten = at(c.Key), g.allEmpty(c, row)
		}
	}
	bounds := g.Bounds["progress_pct"]
	low, high := "0", "100"
	if bounds.Min != nil {
		low = number(*bounds.Min)
	}
	if bounds.Max != nil {
		high = number(*bounds.Max)
	}
	completed := quote(g.choiceLabel("status", statusCompleted))
	mark := ""
	if g.rtl {
		mark = "\u200f" // the sign in front has no direction of its own
	}
	say := func(key, cell string) string {
		return quote(mark + cut(g.text("check."+key, g.Language, "cell", cell, "min", low, "max", high), maxPrompt-1))
	}
	var f formula
	filled, written := []string{pct, status, date}, []string{}
	for _, c := range g.columns {
		if c.Lang != "" && c.Waiting {
			written = append(written, at(c.Key))
		}
	}
	filled = append(filled, written...)
	if nothing := at("nothing_to_report"); nothing != "" {
		yes := quote(g.choiceLabel("boolean", "true"))
		f.when("AND("+nothing+"="+yes+",COUNTA("+strings.Join(filled, ",")+")>0)", say("both", nothing))
		f.when(nothing+"="+yes, say("nothing", nothing))
		if i := g.column("nothing_to_report"); g.columns[i-1].ForAll {
			f.when("AND("+absolute(i, g.aboveHeadings())+"="+yes+",COUNTA("+strings.Join(g.entryCells(row), ",")+")=0)", say("nothing", nothing))
		}
	}
	f.when("COUNTA("+strings.Join(filled, ",")+")=0", say("waiting", ""))
	f.when("NOT(ISNUMBER("+pct+"))", say("number", pct))
	f.when("OR("+pct+"<"+low+","+pct+">"+high+")", say("range", pct))
	f.when("AND("+pct+">0,"+pct+"<1)", say("fraction", pct))
	if list := g.lists["status"]; list != "" {
		f.when("COUNTIF("+list+","+status+")=0", say("choice", status))
	}
	f.when("AND("+status+"="+completed+","+pct+"<"+high+")", say("completed", status))
	f.when("AND(LEN("+date+")>0,NOT(ISNUMBER("+date+")))", say("date", date))
	f.when("AND(ISNUMBER("+date+"),INT("+date+")>TODAY())", say("future", date))
	if narrative != "" {
		f.when(unwritten, say("narrative", narrative))
	}
	previous, reason := at("previous_progress_pct"), at("revision_reason")
	if previous != "" && reason != "" {
		f.when("AND(ISNUMBER("+previous+"),"+pct+"<"+previous+",LEN(TRIM("+reason+"))=0)", say("fall", reason))
	}
	f.when("AND("+pct+"="+high+","+status+"<>"+completed+")", say("full", status))
	for _, c := range g.columns {
		if n := g.Bounds[c.Key].Advised; n > 0 && c.Role == RoleEntry {
			f.when("LEN("+at(c.Key)+")>"+number(float64(n)), quote(mark+g.text("check.long", g.Language, "cell", at(c.Key), "max", number(float64(n)))))
		}
	}
	if evidence := at("evidence_url"); evidence != "" {
		f.when("LEN(TRIM("+evidence+"))=0", say("evidence", evidence))
	}
	return f.otherwise(say("ready", ""))
}

// entryCells are those of a row that the institution fills in.
func (g *grid) entryCells(row int) (cells []string) {
	for i, c := range g.columns {
		if c.Role == RoleEntry {
			cells = append(cells, scan.Ref(i+1, row))
		}
	}
	return cells
}

// formula is a chain of conditions, the first true one of which speaks.
type formula struct {
	open  strings.Builder
	depth int
}

func (f *formula) when(condition, then string) {
	f.open.WriteString("IF(" + condition + "," + then + ",")
	f.depth++
}

func (f *formula) otherwise(value string) string {
	return f.open.String() + value + strings.Repeat(")", f.depth)
}
