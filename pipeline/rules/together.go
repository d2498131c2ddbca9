package rules

import (
	"slices"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/plan"
)

// account is what a workbook says of one commitment in both its sheets.
type account struct {
	listed   bool // the progress sheet has a row of it, be it waiting
	pct      *plan.Percent
	at       finding.Cell
	pointer  string
	steps    int   // milestones with a completion
	sum      int64 // of those, in hundredths
	unfilled int   // milestones without a sound one
	rowHeld  bool  // the progress row is held back
	anyHeld  bool  // it is, or that of a milestone
}

// accountOf gives the account of the row's commitment, nil where that is not the
// institution's to give.
func (j *judge) accountOf() *account {
	c := j.commitments[j.text("commitment_id")]
	if c == nil {
		return nil
	}
	a := j.accounts[c.ID]
	if a == nil {
		if j.accounts == nil {
			j.accounts = map[string]*account{}
		}
		a = &account{}
		j.accounts[c.ID] = a
	}
	return a
}

// entersAccount adds the row to what the workbook says of its commitment: sound
// tells whether its values may be meant, taken whether nothing holds it back.
func (j *judge) entersAccount(sound, taken bool) {
	a := j.accountOf()
	if a == nil {
		return
	}
	if j.sheet.key == SheetProgress {
		a.listed, j.listed = true, j.row.SheetName
		if pct := j.percent("progress_pct"); pct != nil && sound && !j.isBlamed("progress_pct") {
			i := j.column("progress_pct")
			a.pct, a.at, a.pointer = pct, j.at(i), j.pointer(i)
			a.rowHeld, a.anyHeld = !taken, a.anyHeld || !taken
		}
		return
	}
	if pct := j.soundValue("completion_pct"); pct.kind == isNumber && sound {
		a.steps, a.anyHeld = a.steps+1, a.anyHeld || !taken
		a.sum += int64(pct.hund)
	} else {
		a.unfilled++
	}
}

// progressFollowsMilestones compares a commitment's progress with the plain mean
// of its milestones, where each of them has a completion.
func progressFollowsMilestones(v *validation) {
	const rule = "progress-milestones-mismatch"
	if !v.inForce(rule) || v.transcribed() {
		return
	}
	tolerance := int64(v.set.Catalogue.limit(rule, "points")) * 100
	for i := range v.plan.Commitments {
		c := &v.plan.Commitments[i]
		a := v.accounts[c.ID]
		if a == nil || a.pct == nil || a.steps == 0 || a.unfilled > 0 || a.steps < len(c.Milestones) || v.isTwice(SheetProgress, c.ID) {
			continue
		}
		apart := int64(*a.pct)*int64(a.steps) - a.sum
		if apart = max(apart, -apart); apart <= tolerance*int64(a.steps) {
			continue
		}
		mean := (a.sum*2 + int64(a.steps)) / int64(2*a.steps)
		args := map[string]string{"pct": hundredths(int32(*a.pct)), "mean": hundredths(mean), "count": whole(a.steps), "points": whole(int(tolerance / 100))}
		severity := v.severity(rule, finding.Warning)
		v.report.Add(finding.Finding{Rule: rule, Severity: severity, At: a.at, Pointer: a.pointer,
			Commitment: c.ID, Value: args["pct"], Args: args})
		switch {
		case a.rowHeld:
		case severity >= finding.Error:
			v.holdBack(SheetProgress, c.ID, c.ID)
		case a.anyHeld: // what is published beside it does not show it
		case v.keep && severity == finding.Warning:
			v.sub.Notes = append(v.sub.Notes, plan.Note{Rule: rule, Severity: finding.Warning.String(), Commitment: c.ID, Period: v.sub.Period,
				Column: "progress_pct", Value: args["pct"], Args: args, Source: v.sub.Source, Sheet: a.at.Sheet, Cell: a.at.Ref})
		}
	}
}

// everyCommitmentIsThere tells of commitments whose row is gone from the form. One
// that is there and waits to be filled in says by itself that it waits.
func everyCommitmentIsThere(v *validation) {
	const rule = "commitment-missing"
	if !v.inForce(rule) || v.transcribed() || v.listed == "" {
		return
	}
	for _, c := range v.plan.LedFor(v.lead, v.plan.Period(v.period)) {
		if a := v.accounts[c.ID]; a != nil && a.listed {
			continue
		}
		severity := v.severity(rule, finding.Warning)
		v.report.Add(finding.Finding{Rule: rule, Severity: severity, At: finding.Cell{Sheet: v.listed},
			Commitment: c.ID, Value: c.ID})
		if severity >= finding.Error { // there is no row to hold back, but a value that awaits one
			v.held[c.ID] = true
		}
	}
}

// holdBack takes back a row that was taken, for what all rows say together.
func (v *validation) holdBack(sheet, id, commitment string) {
	key := sheet + "/" + id
	if v.dropped[key] || v.isTwice(sheet, id) {
		return
	}
	if v.dropped == nil {
		v.dropped = map[string]bool{}
	}
	v.dropped[key] = true
	v.taken, v.heldRows = v.taken-1, v.heldRows+1
	progress := sheet == SheetProgress
	if c := v.commitments[commitment]; progress && c != nil && v.mayReport(c) {
		v.held[commitment] = true
	}
	if progress {
		v.sub.Progress = slices.DeleteFunc(v.sub.Progress, func(p plan.Progress) bool { return p.Commitment == id })
	} else {
		v.leaveUntold(id)
		v.sub.Milestones = slices.DeleteFunc(v.sub.Milestones, func(m plan.MilestoneReport) bool { return m.Milestone == id })
	}
	v.sub.Notes = slices.DeleteFunc(v.sub.Notes, func(n plan.Note) bool {
		return progress && n.Milestone == "" && n.Commitment == id || !progress && n.Milestone == id
	})
}

func (v *validation) isTwice(sheet, id string) bool {
	ids := v.ids[sheet]
	if ids == nil {
		return false
	}
	s, _ := ids.find(id)
	return s.twice
}

// isTotal tells of a row that sums up the others: it bears the word for it where
// the id or the title would stand.
func (j *judge) isTotal() bool {
	if i := j.column("commitment_id"); i != noColumn && j.commitments[j.row.Cells[i].Text] != nil {
		return false // by far the most
	}
	for i := range j.row.Cells {
		key := j.sheet.columns[i].key
		c := &j.row.Cells[i]
		if key != "commitment_id" && key != j.sheet.id && key != "title" && !isTitleColumn(key) || c.Text == "" {
			continue
		}
		if len(c.Text) <= longestPlaceholder && j.set.screens.totals[foldedWord(c.Text)] {
			return j.apply("total-line", i, c.Text, nil)
		}
		if key == "commitment_id" || key == j.sheet.id {
			return false // something else is meant to be an id
		}
	}
	return false
}
