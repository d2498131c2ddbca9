package rules_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/workbook"
)

var milestoneKeys = []string{"milestone_id", "commitment_id", "title_ar", "title_fr", "planned_start_date",
	"planned_end_date", "actual_start_date", "actual_end_date", "completion_pct", "status", "evidence_url"}

// milestoneBook is a workbook of n good rows of milestones, every cell filled.
func milestoneBook(tb testing.TB, n int) []byte {
	return bareBook(tb, "milestones", milestoneKeys, n, func(i int) []string {
		c := fmt.Sprintf("xx-plan-c%02d", i%3+1)
		return []string{str(fmt.Sprintf("%s-m%06d", c, i)), str(c), str("إعداد الدليل رقم " + strconv.Itoa(i)),
			str("Rédiger le guide n° " + strconv.Itoa(i)), str("2021-10-01"), str("2022-03-31"), str("2021-11-02"),
			str("2022-06-30"), num("100"), str("منجز"), str("https://example.org/e/" + strconv.Itoa(i))}
	})
}

// bigBook is made once: deflating 200,000 rows takes longer than judging them.
var bigBook = sync.OnceValue(func() []byte { return milestoneBook(new(testing.B), 200_000) })

func BenchmarkValidate(b *testing.B) {
	for _, bm := range []struct {
		rows int
		book func() []byte
	}{
		{25, func() []byte { return milestoneBook(b, 25) }},
		{200_000, bigBook},
	} {
		c := mustContract(b)
		plans := []*plan.ActionPlan{testPlan()}
		b.Run(fmt.Sprintf("read/rows=%d", bm.rows), func(b *testing.B) {
			src := bm.book()
			perRow(b, bm.rows, func() {
				n := 0
				for range open(b, src, nil).Rows(nil) {
					n++
				}
				if n != bm.rows {
					b.Fatalf("read %d rows, not %d", n, bm.rows)
				}
			})
		})
		b.Run(fmt.Sprintf("read+judge/rows=%d", bm.rows), func(b *testing.B) {
			src := bm.book()
			perRow(b, bm.rows, func() {
				report := &finding.Report{}
				j, err := c.Rules.Validate(open(b, src, report.Add), plans, receipt, report)
				if err != nil || j.RowsTaken != bm.rows {
					b.Fatalf("took %d rows, not %d: %v %v", j.RowsTaken, bm.rows, err, report.Findings)
				}
			})
		})
	}
}

// perRow times f and reports what it costs for each row.
func perRow(b *testing.B, rows int, f func()) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		f()
	}
	runtime.ReadMemStats(&after)
	n := float64(b.N) * float64(rows)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/row")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/n, "allocs/row")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/n, "B/row")
}

func open(tb testing.TB, src []byte, found func(finding.Finding)) *workbook.Document {
	tb.Helper()
	if found == nil {
		found = func(finding.Finding) {}
	}
	doc, err := workbook.Read(bytes.NewReader(src), int64(len(src)), "in.xlsx", mustContract(tb).Layout, workbook.DefaultLimits(), found)
	if err != nil || doc == nil {
		tb.Fatal(err)
	}
	return doc
}

// BenchmarkKept tells what 200,000 accepted rows hold on to.
func BenchmarkKept(b *testing.B) {
	src, c := bigBook(), mustContract(b)
	plans := []*plan.ActionPlan{testPlan()}
	var kept rules.Judgement
	for b.Loop() {
		var before, after runtime.MemStats
		kept = rules.Judgement{}
		runtime.GC()
		runtime.ReadMemStats(&before)
		report := &finding.Report{}
		var err error
		if kept, err = c.Rules.Validate(open(b, src, report.Add), plans, receipt, report); err != nil {
			b.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB-kept")
	}
	runtime.KeepAlive(kept)
}
