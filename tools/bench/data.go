//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// made is a set of workbooks with the plan that they belong to.
type made struct{ plans, inbox, file string }

func at(dir string) made {
	return made{plans: filepath.Join(dir, "plans"), inbox: filepath.Join(dir, "inbox"), file: filepath.Join(dir, "large.xlsx")}
}

func makeData(program, dir string) error {
	if err := makeMany(program, at(filepath.Join(dir, "many"))); err != nil {
		return err
	}
	return makeLarge(program, at(filepath.Join(dir, "large")))
}

// plan is a plan folder's content, invented.
type plan struct {
	id           string
	institutions int
	led          int // commitments of each institution
	periods      int
	whole        bool // the workbooks have their texts in all three languages: there is nothing to remark
}

func (p plan) period(i int) string { return fmt.Sprintf("p%02d", i+1) }

func (p plan) institution(i int) string { return fmt.Sprintf("body-%03d", i) }

func (p plan) write(dir string) error {
	text := func(s string) map[string]any {
		return map[string]any{"ar": map[string]string{"text": "مثال مبتكر " + s, "basis": "sourced"},
			"fr": map[string]string{"text": "Exemple inventé " + s, "basis": "sourced"},
			"en": map[string]string{"text": "Invented example " + s, "basis": "sourced"}}
	}
	unknown := map[string]string{"basis": "unknown"}
	var institutions, commitments []any
	for i := range p.institutions {
		institutions = append(institutions, map[string]any{"code": p.institution(i),
			"names": []any{map[string]any{"name": text(p.institution(i)), "valid_from": unknown, "valid_to": unknown}}})
		for range p.led {
			n := len(commitments) + 1
			commitments = append(commitments, map[string]any{"id": fmt.Sprintf("%s-c%02d", p.id, n), "number": n, "axis": "a1",
				"axis_basis": "sourced", "title": text(fmt.Sprint(n)), "description": text(fmt.Sprint(n)), "description_truncated": false,
				"lead_institution": p.institution(i), "lead_institution_basis": "sourced",
				"lead_institution_ogp": map[string]string{"text": "", "basis": "unknown"}, "supporting_institutions": []string{},
				"supporting_institutions_basis": "unknown", "ogp_commitment_id": "", "ogp_commitment_id_basis": "unknown",
				"policy_areas": []string{}, "policy_areas_basis": "unknown", "start_date": unknown, "end_date": unknown})
		}
	}
	var periods []any
	for i := range p.periods {
		day := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 3*i, 0)
		periods = append(periods, map[string]any{"id": p.period(i), "kind": "submission", "label": text(p.period(i)),
			"start": day.Format(time.DateOnly), "end": day.AddDate(0, 3, -1).Format(time.DateOnly),
			"due_date": day.AddDate(0, 4, 0).Format(time.DateOnly)})
	}
	head := map[string]any{"id": p.id, "country_code": "XX", "ogp_country_prefix": "XX", "action_plan_cycle": 2020, "plan_number": 1,
		"period_label": "2020", "fictitious": true, "title": text("2020"), "start_date": unknown, "end_date": unknown,
		"languages": []string{"ar", "fr", "en"}, "template_languages": []string{"ar", "fr", "en"}, "coordinator": p.institution(0),
		"coordinator_basis": "sourced", "source_url": "https://example.org/plan",
		"licence": map[string]string{"id": "odc-odbl", "url": "http://www.opendefinition.org/licenses/odc-odbl", "title": "ODbL"},
		"axes":    []any{map[string]any{"code": "a1", "number": 1, "name": text("1")}}, "reporting_periods": periods}
	folder := filepath.Join(dir, p.id)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, v := range map[string]any{"plan": head, "institutions": institutions, "commitments": commitments} {
		b, err := json.Marshal(v)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, name+".json"), b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// templates makes the workbooks of one period, one for each institution.
func (p plan) templates(program, plans, period, out string) error {
	cmd := exec.Command(program, "template", "--plans", plans, "--plan", p.id, "--period", period, "--edition", "ar", "-o", out)
	if b, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %.400s", err, b)
	}
	return nil
}

// makeMany makes 500 workbooks of 25 filled rows each: 20 institutions, 25 periods.
func makeMany(program string, m made) error {
	p := plan{id: "xx-many", institutions: 20, led: 25, periods: 25}
	if err := p.write(m.plans); err != nil {
		return err
	}
	for q := range p.periods {
		if err := p.templates(program, m.plans, p.period(q), m.inbox); err != nil {
			return err
		}
		for i := range p.institutions {
			if err := p.fill(m.inbox, i, q); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p plan) fill(inbox string, i, q int) error {
	file := filepath.Join(inbox, p.institution(i), fmt.Sprintf("%s_%s_%s.xlsx", p.id, p.period(q), p.institution(i)))
	return fillSheet(file, file, "progress_pct", func(row func(cells ...cell)) {
		for n := range p.led {
			id := fmt.Sprintf("%s-c%02d", p.id, i*p.led+n+1)
			in := id + " " + p.period(q)
			cells := []cell{text("A", id), text("B", "مثال "+id), number("D", float64(min(99, q*4+(i*7+n*13)%5))), text("E", "في طور الإنجاز"),
				number("F", float64(43900+90*q)), text("G", "أنجزت الدراسة رقم "+in+" وبدأت المرحلة الموالية."),
				text("H", "Étude "+in+" achevée, phase suivante engagée.")}
			if p.whole {
				cells = append(cells, text("I", "Study "+in+" finished, next phase begun."))
			}
			row(append(cells, text("J", "تأخر التوريد "+in), text("K", "إطلاق طلب العروض"),
				text("N", "https://example.org/evidence/"+strings.ReplaceAll(in, " ", "/")))...)
		}
	})
}

// makeLarge makes one workbook of 200,000 milestones in 12 columns.
func makeLarge(program string, m made) error {
	p := plan{id: "xx-large", institutions: 1, led: 20, periods: 1}
	if err := p.write(m.plans); err != nil {
		return err
	}
	if err := p.templates(program, m.plans, p.period(0), m.inbox); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(m.inbox, "*", "*.xlsx"))
	if err != nil || len(files) != 1 {
		return fmt.Errorf("find template: %d files, %v", len(files), err)
	}
	return fillSheet(files[0], m.file, "completion_pct", func(row func(cells ...cell)) {
		for n := range 200_000 {
			c := fmt.Sprintf("%s-c%02d", p.id, n%p.led+1)
			id := fmt.Sprintf("%s-m%02d", c, n/p.led+1)
			cells := []cell{text("A", id), text("B", c), text("C", "مرحلة رقم "+id), text("D", "Jalon no "+id), text("E", "Milestone "+id),
				number("F", 43900), number("G", 44200), number("H", float64(43910+n%200)), number("I", float64(44190+n%90)),
				number("J", 100), text("K", "منجزة"), text("L", "https://example.org/evidence/"+strings.ToLower(id))}
			if n%4 == 3 { // still going on: no end yet
				cells = append(cells[:8], number("J", float64(n%100)), text("K", "في طور الإنجاز"), cells[11])
			}
			row(cells...)
		}
	})
}
