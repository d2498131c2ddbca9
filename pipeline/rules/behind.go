package rules

import (
	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
	"iltizam/pipeline/workbook"
)

// holdBehind holds back a row that was judged before the sheet said that some of
// its values stand behind a merge, where nobody sees them. A row of which nothing
// was to be taken is told of all the same, unless nobody has filled it in.
func (j *judge) holdBehind(row workbook.Row) {
	const rule = "value-behind-merge"
	j.row = row
	commitment := j.idIn("commitment_id")
	id := j.idIn(j.sheet.id)
	stands, judged := j.ids[j.sheet.key].find(id)
	if !j.inForce(rule) || id != "" && !judged {
		return
	}
	severity, held := j.severity(rule, finding.Error), false
	for _, i := range row.Behind {
		value := received(&row.Cells[i])
		if j.sheet.columns[i].read == notRead || clean(value) == "" {
			continue
		}
		held = held || severity >= finding.Error
		j.report.Add(finding.Finding{Rule: rule, Severity: severity, At: j.at(i), Value: visible(value),
			Args: map[string]string{"column": j.sheet.columns[i].key}, Commitment: commitment})
	}
	if !held || !stands.taken || stands.row != row.Number {
		return
	}
	if a := j.accounts[commitment]; a != nil && j.sheet.key == SheetMilestones {
		a.unfilled++
	}
	j.taken, j.heldRows, j.twice = j.taken-1, j.heldRows+1, j.twice+1
	j.ids[j.sheet.key].put(id, stand{row: row.Number, twice: true})
	if c := j.commitments[commitment]; j.sheet.key == SheetProgress && c != nil && j.mayReport(c) {
		j.held[commitment] = true
	}
}

// mayReport tells whether the institution's word on a commitment is taken.
func (v *validation) mayReport(c *plan.Commitment) bool {
	return v.plan.MayReport(c, v.plan.Period(v.period), v.lead, v.day)
}

// idIn gives the id in a column of the row in hand as it was judged.
func (j *judge) idIn(key string) string {
	i := j.column(key)
	if i == noColumn || j.sheet.columns[i].read != asToken {
		return ""
	}
	switch c := &j.row.Cells[i]; c.Kind {
	case workbook.Empty, workbook.Error, workbook.FormulaUncached:
		return ""
	default:
		v, _ := token(&j.sheet.columns[i], c)
		return v.text
	}
}
