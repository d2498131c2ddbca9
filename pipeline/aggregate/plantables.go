package aggregate

import (
	"strings"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
)

func (b *builder) actionPlan() []record {
	p := b.plan
	r := record{
		"country_code":       table.StrOrNull(p.CountryCode),
		"ogp_country_prefix": table.StrOrNull(p.OGPCountryPrefix),
		"period_label":       table.StrOrNull(p.PeriodLabel),
		"fictitious":         table.Bool(p.Fictitious),
		"coordinator_code":   table.StrOrNull(p.Coordinator),
		"coordinator_basis":  basisOr(p.CoordinatorBasis),
		"commitment_count":   table.Int(int64(len(p.Commitments))),
		"axis_count":         table.Int(int64(len(p.Axes))),
		"languages":          joined(p.Languages),
		"source_url":         table.StrOrNull(p.SourceURL),
		"tracker_url":        table.StrOrNull(p.TrackerURL),
		"licence_url":        table.StrOrNull(p.Licence.URL),
		"basis_note":         table.StrOrNull(p.Note),
	}
	if p.ActionPlanCycle != 0 {
		r["action_plan_cycle"] = table.Int(int64(p.ActionPlanCycle))
	}
	if p.PlanNumber != 0 {
		r["plan_number"] = table.Int(int64(p.PlanNumber))
	}
	r.texts("title", p.Title)
	r.partialDate("start_date", p.StartDate)
	r.partialDate("end_date", p.EndDate)
	return []record{r}
}

func (b *builder) axes() []record {
	var out []record
	for _, a := range b.plan.Axes {
		n := 0
		for _, c := range b.plan.Commitments {
			if c.Axis == a.Code {
				n++
			}
		}
		r := record{
			"axis_code":        table.Str(a.Code),
			"axis_number":      table.Int(int64(a.Number)),
			"commitment_count": table.Int(int64(n)),
			"basis_note":       table.StrOrNull(a.Note),
		}
		r.texts("name", a.Name)
		out = append(out, r)
	}
	return out
}

func (b *builder) institutions() []record {
	var out []record
	for _, i := range b.plan.Institutions {
		for seq, name := range i.Names {
			r := record{
				"institution_code": table.Str(i.Code),
				"name_seq":         table.Int(int64(seq + 1)),
				"replaced_by":      table.StrOrNull(i.ReplacedBy),
				"is_coordinator":   table.Bool(i.Code == b.plan.Coordinator),
				"commitment_count": table.Int(int64(len(b.plan.LedOn(i.Code, b.snap.AsOf)))),
				"source_url":       table.StrOrNull(name.SourceURL),
				"basis_note":       table.StrOrNull(notes(name.Note, i.Note)),
			}
			r.texts("name", name.Name)
			r.partialDate("valid_from", name.ValidFrom)
			r.partialDate("valid_to", name.ValidTo)
			out = append(out, r)
		}
	}
	return out
}

func (b *builder) periods() []record {
	var out []record
	for _, p := range b.plan.Periods {
		r := record{
			"reporting_period": table.Str(p.ID),
			"period_kind":      table.Str(p.Kind),
			"start_date":       table.ISODate(p.Start),
			"end_date":         table.ISODate(p.End),
			"due_date":         table.ISODate(p.DueDate),
			"basis_note":       table.StrOrNull(p.Note),
		}
		for _, lang := range coreLanguages {
			r["label_"+lang] = table.StrOrNull(p.Label.In(lang).Text)
		}
		out = append(out, r)
	}
	return out
}

func (b *builder) commitments() []record {
	var out []record
	for i := range b.plan.Commitments {
		c := &b.plan.Commitments[i]
		lead := b.plan.LeadAt(c, b.snap.AsOf)
		r := record{
			"commitment_id":                table.Str(c.ID),
			"commitment_number":            table.Int(int64(c.Number)),
			"axis_code":                    table.StrOrNull(c.Axis),
			"axis_basis":                   basisOr(c.AxisBasis),
			"description_truncated":        table.Bool(c.DescriptionTruncated),
			"lead_institution_code":        table.StrOrNull(lead.Institution),
			"lead_institution_basis":       basisOr(lead.Basis),
			"supporting_institution_codes": joined(c.Supporting),
			"supporting_institution_basis": basisOr(c.SupportingBasis),
			"lead_institution_ogp":         table.StrOrNull(c.LeadInstitutionOGP.Text),
			"lead_institution_ogp_basis":   basisOr(c.LeadInstitutionOGP.Basis),
			"ogp_commitment_id":            table.StrOrNull(c.OGPCommitmentID),
			"ogp_commitment_id_basis":      basisOr(c.OGPCommitmentIDBasis),
			"policy_areas":                 joined(c.PolicyAreas),
			"policy_areas_basis":           basisOr(c.PolicyAreasBasis),
			"source_url":                   table.StrOrNull(c.SourceURL),
			"basis_note":                   table.StrOrNull(c.Note),
		}
		r.texts("title", c.Title)
		r.texts("description", c.Description)
		r.partialDate("start_date", c.StartDate)
		r.partialDate("end_date", c.EndDate)
		out = append(out, r)
	}
	return out
}

// commitmentLeads has a row for each institution that leads a commitment, has led
// it or is known to take it over. An institution that is not known has none.
func (b *builder) commitmentLeads() []record {
	var out []record
	for i := range b.plan.Commitments {
		seq := int64(0)
		for lead := range b.plan.Leads(&b.plan.Commitments[i]) {
			if seq++; lead.Institution == "" {
				continue
			}
			out = append(out, record{
				"commitment_id":    table.Str(b.plan.Commitments[i].ID),
				"lead_seq":         table.Int(seq),
				"institution_code": table.Str(lead.Institution),
				"lead_from":        table.ISODate(lead.From),
				"lead_to":          table.ISODate(lead.Until),
				"basis":            basisOr(lead.Basis),
				"basis_note":       table.StrOrNull(lead.Note),
				"source_url":       table.StrOrNull(lead.SourceURL),
			})
		}
	}
	return out
}

// texts is every text of the plan in every language that it has.
func (b *builder) texts() []record {
	var out []record
	add := func(entity, id, column string, t plan.Texts) {
		for _, lang := range sortedKeys(t) {
			if x := t.In(lang); x.Text != "" {
				out = append(out, record{
					"entity": table.Str(entity), "entity_id": table.Str(id), "column_name": table.Str(column),
					"language": table.Str(lang), "text": table.Str(x.Text),
					"basis": table.Str(string(x.Basis)), "basis_note": table.StrOrNull(x.Note),
				})
			}
		}
	}
	add("action_plan", b.plan.ID, "title", b.plan.Title)
	for _, a := range b.plan.Axes {
		add("axis", a.Code, "name", a.Name)
	}
	for _, p := range b.plan.Periods {
		add("reporting_period", p.ID, "label", p.Label)
	}
	for _, i := range b.plan.Institutions {
		for seq, n := range i.Names {
			add("institution", i.Code+"/"+table.Int(int64(seq+1)).String(), "name", n.Name)
		}
	}
	for _, c := range b.plan.Commitments {
		add("commitment", c.ID, "title", c.Title)
		add("commitment", c.ID, "description", c.Description)
		for _, m := range c.Milestones {
			add("milestone", m.ID, "title", m.Title)
		}
	}
	for _, s := range b.snap.Standings {
		if s.Report != nil && s.ValuePeriod == s.Period {
			add("progress", s.Commitment+"/"+s.Period, "narrative", sourced(s.Report.Narrative))
		}
	}
	for _, m := range b.snap.Milestones {
		add("milestone_report", m.Report.Milestone+"/"+m.Period, "title", sourced(m.Report.Title))
	}
	return out
}

// sourced takes what an institution wrote as it wrote it.
func sourced(byLanguage map[string]string) plan.Texts {
	t := plan.Texts{}
	for lang, text := range byLanguage {
		t[lang] = plan.Text{Text: text, Basis: plan.Sourced}
	}
	return t
}

func notes(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " ")
}
