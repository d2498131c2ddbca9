package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"iltizam/pipeline"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
)

// lineageTeller tells people where a figure comes from.
type lineageTeller struct {
	*app
	words    *pipeline.Words
	lang     string
	contract *pipeline.Contract
	e        *pipeline.Explanation
}

func (t *lineageTeller) text(key string, pairs ...string) string {
	return t.words.Text(t.lang, key, pairs...)
}

// line starts each line with the mark of the language's direction.
func (t *lineageTeller) line(indent, format string, args ...any) {
	mark := ""
	if t.lang == "ar" {
		mark = "\u200f"
	}
	t.say("%s%s%s", indent, mark, fmt.Sprintf(format, args...))
}

// left keeps what runs from left to right in its order; nothing stands around it
// where the line runs so anyway, since somebody may copy it.
func (t *lineageTeller) left(s string) string {
	if t.lang == "ar" {
		return table.IsolateLeft(s)
	}
	return s
}

// pair tells a value by its name, unless there is none.
func (t *lineageTeller) pair(indent, name, value string) {
	if value != "" {
		t.line(indent, "%s", t.text("pair", "name", name, "value", value))
	}
}

// code gives the label of a list's code.
func (t *lineageTeller) code(list, code string) string {
	for _, x := range t.contract.CodeLists[list].Codes {
		if x.Code == code && x.Label[t.lang] != "" {
			return x.Label[t.lang]
		}
	}
	return code
}

func (t *lineageTeller) field(name, column string) table.Field {
	s := t.contract.Tables[name]
	if i := s.Index(column); i >= 0 {
		return s.Fields[i]
	}
	return table.Field{}
}

// value writes a column's value as the language does.
func (t *lineageTeller) value(name, column, value string) string {
	f := t.field(name, column)
	switch {
	case value == "":
		return t.text("unknown")
	case f.CodeList != "":
		return t.code(f.CodeList, value)
	case column == "change_pct":
		return table.Change(t.lang, value)
	case strings.HasSuffix(column, "_pct"):
		return table.Percent(t.lang, value)
	case f.Type == table.Date:
		return table.ShortDate(value)
	case f.Type == table.String:
		return table.Isolate(value)
	}
	return t.left(value)
}

func (t *lineageTeller) tell() {
	t.heading()
	t.pair("  ", t.text("name"), t.left(t.e.Figure))
	t.pair("  ", t.text("as-of"), table.ShortDate(t.e.AsOf))
	if e := t.e; e.ComesFrom == pipeline.FromRows {
		if e.Denominator != "" {
			t.pair("  ", t.text("exactly"), t.left(e.Numerator+" / "+e.Denominator+" = "+e.Value))
		}
		t.pair("  ", t.text("method"), t.text("pair", "name", t.first(e.MethodLabel), "value", t.first(e.MethodDoc)))
		t.pair("  ", t.text("missing"), strconv.FormatInt(*e.Missing, 10))
		t.pair("  ", t.text("carried"), strconv.FormatInt(*e.CarriedForward, 10))
	}
	if t.e.Basis != "" {
		t.pair("  ", t.text("basis"), t.code("basis", t.e.Basis))
	}
	t.pair("  ", t.text("note"), table.Isolate(t.e.BasisNote))
	t.pair("  ", t.text("source"), t.left(t.e.SourceURL))
	if t.e.Column == "" {
		for _, f := range t.contract.Tables[t.e.Table].Fields {
			if v := t.e.Row[f.Name]; v != "" {
				t.pair("  ", f.Title[t.lang], t.value(t.e.Table, f.Name, v))
			}
		}
	}
	if t.e.ComesFrom == pipeline.FromPlan {
		t.pair("  ", t.text("from-plan"), t.left(t.e.PlanSHA256))
	}
	if t.e.ComesFrom == pipeline.FromRows {
		t.say("")
		counted := 0
		for _, in := range t.e.Inputs {
			if in.Counted {
				counted++
			}
		}
		t.line("", "%s%s%s", t.words.Count(t.lang, "inputs", len(t.e.Inputs)), t.comma(),
			t.words.Count(t.lang, "counted", counted))
	}
	t.workbooks()
	t.without()
}

func (t *lineageTeller) first(l table.Labels) string {
	if l[t.lang] != "" {
		return l[t.lang]
	}
	return l["en"]
}

// heading tells the figure in words.
func (t *lineageTeller) heading() {
	e := t.e
	what, value := t.first(t.contract.Tables[e.Table].Title), ""
	if e.Column != "" {
		what += " – " + t.first(t.field(e.Table, e.Column).Title)
		value = t.value(e.Table, e.Column, e.Value)
	}
	if e.ComesFrom == pipeline.FromRows {
		what = t.code("measure", e.Row["measure"]) + " – " + t.code("scope", e.Row["scope"]) + " " + t.left(e.Row["scope_code"]) +
			" – " + t.left(e.Row["reporting_period"])
		if e.Column == "value" {
			value = t.display(e.Display, e.Unit)
		}
	}
	if value == "" {
		t.line("", "%s", what)
		return
	}
	t.line("", "%s", t.text("heading", "what", what, "value", value))
}

func (t *lineageTeller) display(value, unit string) string {
	switch {
	case value == "":
		return t.text("unknown")
	case unit == "percent":
		return table.Percent(t.lang, value)
	case unit == "points":
		return table.Change(t.lang, strings.TrimPrefix(value, "+"))
	}
	return table.Number(t.lang, value)
}

// workbooks tells each workbook with the rows that stand in it.
func (t *lineageTeller) workbooks() {
	for _, w := range t.e.Workbooks {
		t.say("")
		t.line("", "%s", t.text("workbook", "id", t.left(w.Submission)))
		t.pair("  ", t.text("institution"), t.left(w.Institution))
		t.pair("  ", t.text("received"), t.left(w.ReceivedAt))
		t.pair("  ", t.text("dropped"), table.Isolate(w.DroppedAt))
		t.pair("  ", t.text("digest"), t.left(w.Digest))
		t.pair("  ", t.text("open"), table.Isolate(w.Open))
		if w.Kind != "" {
			t.pair("  ", t.text("source"), strings.TrimSpace(t.code("source_kind", w.Kind)+" "+t.left(w.URL)))
		}
		for i := range t.e.Inputs {
			if in := &t.e.Inputs[i]; in.Digest == w.Digest && in.ReceivedAt == w.ReceivedAt && in.DroppedAt == w.DroppedAt {
				t.input(in)
			}
		}
	}
}

// without tells the rows that no workbook stands behind.
func (t *lineageTeller) without() {
	without := slices.ContainsFunc(t.e.Inputs, func(in pipeline.LineageInput) bool { return in.Digest == "" })
	if !without {
		return
	}
	t.say("")
	t.line("", "%s", t.text("without"))
	for i := range t.e.Inputs {
		if in := &t.e.Inputs[i]; in.Digest == "" {
			t.input(in)
		}
	}
}

// input tells a row: what it says, in which cell, how it came to count.
func (t *lineageTeller) input(in *pipeline.LineageInput) {
	var said []string
	add := func(s string) { said = append(said, s) }
	if t.e.ComesFrom == pipeline.FromReports {
		if add(t.text("none-came")); in.Counted {
			said[0] = t.text("first-came")
		}
		t.pair("    ", t.left(in.Commitment), strings.Join(said, t.comma()))
		return
	}
	subject := t.left(strings.TrimPrefix(in.Figure, in.Figure[:strings.IndexByte(in.Figure, '/')+1]+t.e.Plan+"/"))
	place := ""
	if in.Sheet != "" {
		place = table.Isolate("["+strings.TrimSuffix(in.Sheet+"!"+in.Cell, "!")+"]") + " " + t.text("row", "row", in.Row)
	}
	name, _, _ := strings.Cut(in.Figure, "/")
	if in.Column != "" {
		add(t.value(name, in.Column, in.Value))
	}
	if place != "" {
		add(place)
	}
	if in.Received != "" {
		add(t.text("as-received", "text", table.Isolate(in.Received)))
	}
	if in.State != "" {
		add(t.code("value_state", in.State))
	}
	if in.ValuePeriod != "" && in.ValuePeriod != in.Period {
		add(t.text("of-period", "period", t.left(in.ValuePeriod)))
		add(t.words.Count(t.lang, "age", in.Age))
	}
	if t.e.Method == "mean_of_axis_means" {
		if in.Axis == "" {
			add(t.text("no-axis"))
		} else {
			add(t.text("axis", "axis", t.left(in.Axis)))
		}
	}
	if in.PlaceBasis != "" && in.PlaceBasis != string(plan.Sourced) {
		add(t.text("scope-basis", "basis", t.code("basis", in.PlaceBasis)))
	}
	if t.e.ComesFrom == pipeline.FromRows && !in.Counted {
		add(t.text("not-counted"))
	}
	if in.Digest == "" {
		if in.Lead == "" {
			add(t.text("no-lead"))
		} else {
			add(t.text("lead", "institution", t.left(in.Lead)))
		}
	}
	t.pair("    ", subject, strings.Join(said, t.comma()))
	t.why(in)
}

func (t *lineageTeller) comma() string {
	if t.lang == "ar" {
		return "، "
	}
	return ", "
}

// why tells what kept a newer report out.
func (t *lineageTeller) why(in *pipeline.LineageInput) {
	if in.State == plan.Held && len(in.Why) == 0 {
		t.line("      ", "%s", t.text("why-unknown"))
	}
	for i, r := range in.Why {
		if i == 0 || in.Why[i-1].Submission != r.Submission {
			t.line("      ", "%s", t.text("why", "id", t.left(r.Submission), "received", t.left(r.ReceivedAt)))
		}
		at := ""
		if r.Sheet != "" {
			at = table.Isolate("["+strings.TrimSuffix(r.Sheet+"!"+r.Cell, "!")+"]") + " "
		}
		t.line("        ", "%s%s (%s)", at, table.Isolate(r.Message[t.lang]), t.left(r.Rule))
		t.line("        ", "%s %s", t.text("mend"), table.Isolate(r.Remedy[t.lang]))
	}
}
