package pipeline_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"iltizam/pipeline"
	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/workbook"
	"iltizam/schemas"
)

// try is a value to type into a cell of a column.
type try struct {
	name  string
	value any            // string, float64 or bool
	more  map[string]any // what stands in other columns of the row
}

// difference is a kind of value on which Excel and the batch check differ, for a
// reason.
type difference struct {
	columns string // their kinds of input or their keys
	tries   string // parted by bars
	excel   bool   // Excel takes them and the batch check refuses them; else the other way round
	rule    string // that the batch check files at the cell; "" is any or none
	reason  string
}

// What one of the two knows and the other does not.
const (
	readAnyway   = "what is not as the form wants it, yet beyond doubt, is read"
	formatUnseen = "a validation sees the number and not the format of its cell: 65 %, typed as such, is 0.65 too and is taken"
	listCase     = "Excel compares a list made from cells without case; ids have one"
	units        = "Excel counts UTF-16 units and JSON Schema characters: only for signs beyond the first plane, such as emoji, is Excel stricter"
	restOfURL    = "a cell may hold several addresses, and what makes one is more than a formula can tell"
	timeOfDay    = "a time of day is dropped on reading; before it is, the moment is later than midnight of today"
)

// differences are all that there are; one that is no longer needed fails the test.
func differences() []difference {
	return []difference{
		{"percent", "a fraction|a hundredth|just below 1", true, "progress-scale-doubtful", formatUnseen},
		{"percent", "digits as text|Arabic digits as text|percent as text", false, "number-read-from-text", readAnyway},
		{"choice", "an item, blanks around|a code|an item in another language|blanks around", false, "", readAnyway},
		{"nothing_to_report", "a truth|one", false, "", readAnyway},
		{"date", "a date as text|a date in words", false, "date-read-from-text", readAnyway},
		{"date", "an ISO date as text", false, "", readAnyway},
		{"reference_date actual_start_date actual_end_date", "the time of today", false, "date-time-dropped", timeOfDay},
		{"text url", "too long in emoji", false, "", units},
		{"text", "too long with blanks", false, "", readAnyway},
		{"url", "blanks around", false, "", readAnyway},
		{"url", "an address, then words", true, "url-invalid", restOfURL},
		{"commitment_id", "an item in capitals", true, "value-malformed", listCase},
	}
}

// onePlan gives a plan in which one institution leads all commitments but two:
// the last is another's, and so is the last but one, which it supports.
func onePlan(p *plan.ActionPlan) *plan.ActionPlan {
	q := *p
	q.Commitments = slices.Clone(p.Commitments)
	ours := p.Commitments[0].LeadInstitution
	other := p.Institutions[slices.IndexFunc(p.Institutions, func(i plan.Institution) bool { return i.Code != ours })].Code
	n := len(q.Commitments)
	for i := range q.Commitments {
		q.Commitments[i].LeadInstitution = ours
		if i >= n-2 {
			q.Commitments[i].LeadInstitution = other
		}
	}
	q.Commitments[n-2].Supporting = []string{ours}
	return &q
}

func everyPlan(t *testing.T, c *pipeline.Contract) (all []*plan.ActionPlan) {
	t.Helper()
	own, err := c.LoadPlans(schemas.FS, pipeline.PlansDir)
	if err != nil {
		t.Fatal(err)
	}
	more, err := c.LoadPlans(os.DirFS("../examples/fictitious/plans"), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range append(own, more...) {
		all = append(all, onePlan(p.ActionPlan))
	}
	return append(all, onePlan(nastyPlan()))
}

// What Excel refuses in a template, the batch check refuses, and the other way
// round; where not, the reason is known.
func TestExcelAndTheBatchCheckRefuseTheSame(t *testing.T) {
	c := mustContract(t)
	known := differences()
	used := map[string]bool{}
	tried, agreed := 0, 0
	for _, p := range everyPlan(t, c) {
		for _, lang := range p.TemplateLanguages {
			for _, v := range newEdition(t, c, p, lang).compare() {
				if tried++; v.excel == (v.severity < finding.Error) {
					agreed++
					continue
				}
				i := slices.IndexFunc(known, v.isOf)
				if i < 0 {
					t.Errorf("%s in %s, %s: %s (%.60v): Excel takes it: %v; the batch check says %v", p.ID, lang, v.column.Key, v.try.name, v.try.value, v.excel, v.rules)
					continue
				}
				used[fmt.Sprint(i, v.try.name)] = true
			}
		}
	}
	for i, d := range known {
		for name := range strings.SplitSeq(d.tries, "|") {
			if !used[fmt.Sprint(i, name)] {
				t.Errorf("no need any more to excuse %q in %s (%s)", name, d.columns, d.reason)
			}
		}
	}
	if tried < 1000 || agreed*2 < tried {
		t.Errorf("%d values tried; of %d both said the same", tried, agreed)
	}
	t.Logf("%d values tried; of %d both said the same", tried, agreed)
}

// isOf tells of a verdict that a difference excuses.
func (v verdict) isOf(d difference) bool {
	return v.excel == d.excel && slices.Contains(strings.Split(d.tries, "|"), v.try.name) &&
		(d.rule == "" || slices.Contains(v.rules, d.rule)) &&
		slices.ContainsFunc(strings.Fields(d.columns), func(s string) bool { return s == v.column.Input || s == v.column.Key })
}

// edition is the template of a plan in a language, and the plan.
type edition struct {
	t      *testing.T
	c      *pipeline.Contract
	plan   *plan.ActionPlan
	file   []byte
	form   *form
	lang   string
	today  string
	ours   string // institution
	period *plan.ReportingPeriod
}

func newEdition(t *testing.T, c *pipeline.Contract, p *plan.ActionPlan, lang string) *edition {
	t.Helper()
	e := &edition{t: t, c: c, plan: p, lang: lang, today: fmt.Sprintf("%d-12-31", p.ActionPlanCycle+1),
		ours: p.Commitments[0].LeadInstitution, period: &p.Periods[0]}
	var buf bytes.Buffer
	if err := workbook.Template(&buf, c.Layout, c.TemplateSpec(p, e.ours, e.period, lang)); err != nil {
		t.Fatal(err)
	}
	e.file = buf.Bytes()
	var err error
	if e.form, err = openForm(e.file, e.today); err != nil {
		t.Fatal(err)
	}
	return e
}

// verdict is what both say of a value.
type verdict struct {
	column   workbook.Column
	try      try
	excel    bool
	severity finding.Severity // the worst of the batch check's at the cell
	rules    []string
}

// compare puts each value into its column, one for each row, as many rows at once
// as the sheet has, and asks both.
func (e *edition) compare() (out []verdict) {
	for i, s := range e.c.Layout.Sheets {
		if s.Kind != workbook.KindData {
			continue
		}
		var queue []verdict
		columns := s.Expand(e.plan.TemplateLanguages)
		for _, c := range columns {
			if c.Role != workbook.RoleEntry && c.Role != workbook.RolePrefill {
				continue
			}
			for _, x := range e.tries(c) {
				queue = append(queue, verdict{column: c, try: x})
			}
		}
		rows := e.rows(s)
		for batch := range slices.Chunk(queue, len(rows)) {
			e.both(s, e.form.sheets[i], columns, rows, batch)
			out = append(out, batch...)
		}
	}
	return out
}

// rows gives the rows of a sheet to write in: those of the commitments, those
// left free for milestones.
func (e *edition) rows(s workbook.SheetLayout) (rows []int) {
	n, from := 0, e.c.Layout.FirstRow
	for _, c := range e.plan.LedFor(e.ours, e.period) {
		if n++; s.Key == rules.SheetMilestones {
			from += len(c.Milestones)
		}
	}
	if s.Key == rules.SheetMilestones {
		n = s.Rows - (from - e.c.Layout.FirstRow)
	}
	for i := range n {
		rows = append(rows, from+i)
	}
	return rows
}

// usual is what stands in a row besides the value that is tried.
func (e *edition) usual(sheet string, n int) map[string]any {
	day := serial(fmt.Sprintf("%d-06-01", e.plan.ActionPlanCycle+1))
	if sheet == rules.SheetProgress {
		return map[string]any{"progress_pct": 100.0, "status": "in_progress", "reference_date": day}
	}
	return map[string]any{"commitment_id": e.plan.Commitments[0].ID, "milestone_id": fmt.Sprintf("%s-m%02d", e.plan.Commitments[0].ID, 50+n),
		"title_" + e.plan.TemplateLanguages[0]: fmt.Sprintf("title %d", n), "status": "in_progress"}
}

func (e *edition) both(s workbook.SheetLayout, name string, columns []workbook.Column, rows []int, batch []verdict) {
	e.t.Helper()
	var edits []workbook.Edit
	for n := range batch {
		cells := e.usual(s.Key, n)
		maps.Copy(cells, batch[n].try.more)
		cells[batch[n].column.Key] = batch[n].try.value
		at := map[string]any{}
		ref := ""
		for i, c := range columns {
			v, there := cells[c.Key]
			if !there {
				continue
			}
			cell := refOf(i+1, rows[n])
			if at[cell] = v; c.Key == batch[n].column.Key {
				ref = cell
			}
			edits = append(edits, workbook.Edit{Sheet: s.Key, Cell: cell, Value: v})
		}
		var err error
		if batch[n].excel, err = e.form.takes(name, ref, batch[n].try.value, func(r string) any { return at[r] }); err != nil {
			e.t.Fatal(err)
		}
	}
	file, err := workbook.ApplyEdits(e.file, e.c.Layout, edits)
	if err != nil {
		e.t.Fatal(err)
	}
	report := &finding.Report{File: "in.xlsx"}
	if _, err := e.c.Check(file, []*plan.ActionPlan{e.plan}, rules.Receipt{Digest: strings.Repeat("ab", 32), Folder: e.ours,
		ReceivedAt: e.today + "T09:00:00Z"}, workbook.DefaultLimits(), report); err != nil {
		e.t.Fatal(err)
	}
	if report.Blocked() {
		e.t.Fatalf("blocked: %+v", report.Findings)
	}
	for n := range batch {
		col := slices.IndexFunc(columns, func(c workbook.Column) bool { return c.Key == batch[n].column.Key }) + 1
		for _, f := range report.Findings {
			if f.At.Sheet == name && f.At.Ref == refOf(col, rows[n]) {
				batch[n].severity = max(batch[n].severity, f.Severity)
				batch[n].rules = append(batch[n].rules, f.Rule)
			}
		}
	}
}

// tries gives the values to type into a column: at, below and above each bound,
// of other types, in and out of its list.
func (e *edition) tries(c workbook.Column) (all []try) {
	add := func(name string, v any) { all = append(all, try{name: name, value: v}) }
	bounds := e.c.Rules.Bounds(c.Key)
	switch c.Input {
	case workbook.InputPercent:
		low, high := *bounds.Min, *bounds.Max
		add("the least", low)
		add("the most", high)
		add("below the least", low-0.01)
		add("above the most", high+0.01)
		add("half", (low+high)/2)
		add("one", 1.0)
		add("a fraction", 0.65)
		add("a hundredth", 0.01)
		add("just below 1", 0.99)
		add("more places than are kept", 33.333)
		add("far above", 1e9)
		add("far below", -1e9)
		add("digits as text", "65")
		add("Arabic digits as text", "٦٥")
		add("percent as text", "65 %")
		add("too much as text", "145")
		add("words", "abc")
		add("a truth", true)
	case workbook.InputChoice:
		all = e.choices(c)
	case workbook.InputDate:
		all = e.dates(c)
	case workbook.InputURL:
		add("an address", "https://example.org/1")
		add("an http address", "http://example.org/1")
		add("an address in capitals", "HTTPS://example.org/1")
		add("an address with a query", "https://example.org/1?a=b&c=d")
		add("an Arabic address", "https://example.org/وثيقة")
		add("two addresses", "https://example.org/1\nhttps://example.org/2")
		add("the longest", "https://example.org/"+strings.Repeat("x", bounds.MaxLength-20))
		add("one too long", "https://example.org/"+strings.Repeat("x", bounds.MaxLength-19))
		add("the longest in emoji", "https://example.org/"+strings.Repeat("😀", (bounds.MaxLength-20)/2))
		add("too long in emoji", "https://example.org/"+strings.Repeat("😀", (bounds.MaxLength-20)/2+1))
		add("no host", "https://")
		add("no address", "voir le site")
		add("no scheme", "www.example.org")
		add("another scheme", "ftp://example.org/1")
		add("blanks around", " https://example.org/1 ")
		add("an address, then words", "https://example.org/1 voir page 2")
		add("a number", 65.0)
	default:
		all = e.texts(c, bounds)
	}
	return all
}

func (e *edition) choices(c workbook.Column) (all []try) {
	add := func(name string, v any) { all = append(all, try{name: name, value: v}) }
	if c.List == "commitments" {
		n := len(e.plan.Commitments)
		for i, x := range []string{"an item", "another item"} {
			id := e.plan.Commitments[i%(n-2)].ID
			all = append(all, try{x, id, map[string]any{"milestone_id": fmt.Sprintf("%s-m%02d", id, 90+i)}})
		}
		for name, id := range map[string]string{"one that is supported": e.plan.Commitments[n-2].ID, "another institution's": e.plan.Commitments[n-1].ID,
			"no item": e.plan.ID + "-c99", "an item in capitals": strings.ToUpper(e.plan.Commitments[0].ID), "blanks around": " " + e.plan.Commitments[0].ID + " "} {
			all = append(all, try{name, id, map[string]any{"milestone_id": strings.ToLower(strings.TrimSpace(id)) + "-m80"}})
		}
		slices.SortFunc(all, func(a, b try) int { return strings.Compare(a.name, b.name) })
		add("a number", 5.0)
		return all
	}
	for _, code := range e.c.CodeLists[c.List].Codes {
		more := func(name string, v any) {
			all = append(all, try{name, v, map[string]any{"nothing_to_report": nil, c.Key: v}})
		}
		item := code.Label[e.lang]
		if item == "" {
			item = code.Label["fr"]
		}
		more("an item", item)
		more("an item in capitals", strings.ToUpper(item))
		more("an item, blanks around", " "+item+" ")
		if code.Code != strings.ToLower(item) {
			more("a code", code.Code)
		}
		for _, lang := range slices.Sorted(maps.Keys(code.Label)) {
			if x := code.Label[lang]; !strings.EqualFold(x, item) {
				more("an item in another language", x)
			}
		}
	}
	add("no item", "peut-être")
	add("a number", 65.0)
	if c.List == "boolean" {
		add("a truth", true)
		add("one", 1.0)
	}
	return all
}

func (e *edition) dates(c workbook.Column) (all []try) {
	cycle := e.plan.ActionPlanCycle
	day := func(name, iso string, days int) {
		t, err := time.Parse(time.DateOnly, iso)
		if err != nil {
			e.t.Fatal(err)
		}
		all = append(all, try{name: name, value: serial(t.AddDate(0, 0, days).Format(time.DateOnly))})
	}
	day("the earliest", rules.Earliest(e.plan), 0)
	day("before the earliest", rules.Earliest(e.plan), -1)
	day("in the plan", fmt.Sprintf("%d-06-01", cycle+1), 0)
	day("today", e.today, 0)
	day("tomorrow", e.today, 1)
	day("next year", e.today, 365)
	day("fifteen years on", e.today, 15*366)
	day("a century on", e.today, 36525)
	add := func(name string, v any) { all = append(all, try{name: name, value: v}) }
	add("nothing but zero", 0.0)
	add("a negative number", -1.0)
	add("a year", float64(cycle))
	add("a date in digits", 20221231.0)
	add("a time of day", serial(fmt.Sprintf("%d-06-01", cycle+1))+0.5)
	add("the time of today", serial(e.today)+0.5)
	add("a date as text", fmt.Sprintf("31/10/%d", cycle))
	add("an ISO date as text", fmt.Sprintf("%d-10-31", cycle))
	add("a date in words", fmt.Sprintf("31 أكتوبر %d", cycle))
	add("no date as text", "15/13/2022")
	add("words", "bientôt")
	add("a truth", true)
	if c.From != "" {
		start := serial(fmt.Sprintf("%d-06-01", cycle+1))
		for name, days := range map[string]float64{"on the first day": 0, "after the first day": 1, "before the first day": -1} {
			all = append(all, try{name, start + days, map[string]any{c.From: start}})
		}
		slices.SortStableFunc(all, func(a, b try) int { return strings.Compare(a.name, b.name) })
	}
	return all
}

func (e *edition) texts(c workbook.Column, bounds workbook.Bounds) (all []try) {
	add := func(name string, v any) { all = append(all, try{name: name, value: v}) }
	if strings.HasSuffix(c.Key, "_id") {
		id := e.plan.Commitments[0].ID
		add("an id", id+"-m77")
		add("an id past the ninety-ninth", id+"-m177")
		add("an id of one digit", id+"-m7")
		add("an id with a word", id+"-m7a")
		add("an id in capitals", strings.ToUpper(id+"-m78"))
		add("an id of another commitment", e.plan.Commitments[1].ID+"-m01")
		add("no id", "jalon 3")
		add("a number", 3.0)
		return all
	}
	most := bounds.MaxLength
	if most == 0 {
		e.t.Fatalf("%s has no greatest length", c.Key)
	}
	add("words", "On a publié le guide.")
	add("two lines", "premier\nsecond")
	add("a number", 65.5)
	add("the longest", strings.Repeat("xyz ", most/4-1)+"xyzt")
	add("one too long", strings.Repeat("xyz ", most/4)+"x")
	add("far too long", strings.Repeat("xyz ", most/2))
	add("the longest in Arabic", strings.Repeat("سطر ", most/4-1)+"سطور")
	add("too long in Arabic", strings.Repeat("سطر ", most/4)+"س")
	add("the longest in emoji", strings.Repeat("😀", most/2))
	add("too long in emoji", strings.Repeat("😀", most/2+1))
	add("too long with blanks", strings.Repeat("xyz ", most/4)+"   ")
	return all
}

func refOf(col, row int) string {
	name := ""
	for ; col > 0; col = (col - 1) / 26 {
		name = string(rune('A'+(col-1)%26)) + name
	}
	return fmt.Sprintf("%s%d", name, row)
}

// The bounds of a column are the same in the schemas, in what the dictionary is
// made from, in the template's prompt and refusal, in the message of the batch
// check; the items of a list are the labels of its code list.
func TestBoundsAndListsAreOfOneSource(t *testing.T) {
	c := mustContract(t)
	for _, p := range everyPlan(t, c) {
		for _, lang := range p.TemplateLanguages {
			e := newEdition(t, c, p, lang)
			for i, s := range c.Layout.Sheets {
				for n, column := range s.Expand(p.TemplateLanguages) {
					v, _, ok := e.form.of(e.form.sheets[i], refOf(n+1, e.rows(s)[0]))
					if s.Kind != workbook.KindData || column.Role != workbook.RoleEntry && column.Role != workbook.RolePrefill {
						continue
					}
					if !ok || !v.AllowBlank || v.Prompt == "" {
						t.Errorf("%s in %s: %s has no validation with a prompt: %+v", p.ID, lang, column.Key, v)
					}
					e.sameBounds(column, v)
				}
			}
			for name, list := range c.CodeLists {
				var labels []string
				for _, code := range list.Codes {
					label := code.Label[lang]
					if label == "" {
						label = code.Label["fr"]
					}
					labels = append(labels, label)
				}
				if items, there := e.form.lists["list_"+name]; there && !slices.Equal(items, labels) {
					t.Errorf("%s in %s: the list %s shows %v, its codes are called %v", p.ID, lang, name, items, labels)
				}
			}
			if len(e.form.lists["list_status"]) == 0 || len(e.form.lists["list_boolean"]) == 0 {
				t.Errorf("%s in %s: lists %v", p.ID, lang, e.form.lists)
			}
		}
	}
}

func (e *edition) sameBounds(column workbook.Column, v validation) {
	e.t.Helper()
	b := e.c.Rules.Bounds(column.Key)
	field := e.c.Fields[column.Key]
	if column.Input == workbook.InputPercent {
		low, high := text(*b.Min), text(*b.Max)
		if v.Formula1 != low || v.Formula2 != high {
			e.t.Errorf("%s: %s to %s in the template, %s to %s in the schema", column.Key, v.Formula1, v.Formula2, low, high)
		}
		for what, said := range map[string]string{"the template's refusal": v.Error, "the Arabic description": field.Description["ar"],
			"the French description": field.Description["fr"], "the English description": field.Description["en"]} {
			if !strings.Contains(said, " "+low+" ") || !strings.Contains(said, " "+high) {
				e.t.Errorf("%s: %s does not say %s to %s: %q", column.Key, what, low, high, said)
			}
		}
		report := &finding.Report{File: "in.xlsx"}
		sheet := map[string]string{"progress_pct": rules.SheetProgress, "completion_pct": rules.SheetMilestones}[column.Key]
		layout, _ := e.c.Layout.Sheet(sheet)
		cells := e.usual(sheet, 0)
		cells[column.Key] = *b.Max + 45
		var edits []workbook.Edit
		for key, value := range cells {
			edits = append(edits, workbook.Edit{Sheet: sheet, Key: key, Row: e.rows(layout)[0], Value: value})
		}
		file, err := workbook.ApplyEdits(e.file, e.c.Layout, edits)
		if err != nil {
			e.t.Fatal(err)
		}
		if _, err := e.c.Check(file, []*plan.ActionPlan{e.plan}, rules.Receipt{Digest: strings.Repeat("ab", 32), Folder: e.ours,
			ReceivedAt: e.today + "T09:00:00Z"}, workbook.DefaultLimits(), report); err != nil {
			e.t.Fatal(err)
		}
		i := slices.IndexFunc(report.Findings, func(f finding.Finding) bool { return f.Rule == "value-out-of-range" })
		if i < 0 || report.Findings[i].Args["min"] != low || report.Findings[i].Args["max"] != high {
			e.t.Errorf("%s: %v", column.Key, report.Findings)
		}
		return
	}
	if b.MaxLength == 0 {
		return
	}
	if most := fmt.Sprint(b.MaxLength); !strings.Contains(v.Formula1+" "+v.Formula2, most) || column.Input == workbook.InputText && !strings.Contains(v.Error, most) {
		e.t.Errorf("%s: at most %s; the template has %q, %q and says %q", column.Key, most, v.Formula1, v.Formula2, v.Error)
	}
}
