package workbook

import (
	"strconv"
	"strings"

	"iltizam/pipeline/finding"
	"iltizam/pipeline/table"
	"iltizam/pipeline/workbook/scan"
)

// band is how the top of the sheet looks: by the worst that was found.
func (p *page) band() (fill, soft, ink string) {
	switch {
	case p.fb.Counts[finding.Error]+p.fb.Counts[finding.Block] > 0:
		return "warning", "warning_soft", "ink"
	case p.fb.Counts[finding.Warning] > 0:
		return "warning_band", "waiting", "ink"
	}
	return "brand", "good_soft", "ink"
}

func (p *page) banner() {
	fill, soft, ink := p.band()
	p.wide(look{fill: fill, ink: "on_brand", size: 15, bold: true, indent: 1}, p.headline)
	p.wide(look{fill: soft, ink: ink, size: 11, indent: 1}, func(lang string) string {
		text := p.lay.Say("feedback."+p.fb.Outcome, lang, "taken", strconv.Itoa(p.fb.RowsTaken), "held", strconv.Itoa(p.fb.RowsHeld))
		if p.worst() >= finding.Warning && !p.alone {
			key := "feedback.mend"
			if p.worst() == finding.Warning { // every row is published
				key = "feedback.mend_or_not"
			}
			text += "\n" + p.lay.Text(key, lang)
		}
		return text
	})
	if p.alone {
		p.wide(look{fill: "waiting", ink: "warning_ink", size: 11, bold: true, indent: 1},
			func(lang string) string { return p.lay.Text("feedback.alone", lang) })
	}
	p.wide(look{fill: soft, ink: "soft_ink", size: 9, indent: 1}, func(lang string) string {
		return p.lay.Say("feedback.receipt", lang, "id", isolate(p.fb.Answers), "date", table.ShortDate(p.fb.ReceivedAt))
	})
	if len(p.damaged) > 0 {
		p.wide(look{fill: "waiting", ink: "warning_ink", size: 11, bold: true, indent: 1}, func(lang string) string {
			return p.lay.Say("feedback.damaged", lang, "sheets", isolate(strings.Join(p.damaged, p.lay.Text("feedback.comma", lang))))
		})
	}
	all := 0
	for _, n := range p.fb.Counts {
		all += n
	}
	if all > len(p.listed) {
		p.wide(look{fill: soft, ink: "warning", size: 11, bold: true, indent: 1}, func(lang string) string {
			return p.lay.Say("feedback.shown", lang, "n", strconv.Itoa(len(p.listed)), "all", strconv.Itoa(all))
		})
	}
}

func (p *page) worst() finding.Severity {
	for s := finding.Block; s > finding.Info; s-- {
		if p.fb.Counts[s] > 0 {
			return s
		}
	}
	return finding.Info
}

// headline counts what was found, or says that all is well.
func (p *page) headline(lang string) string {
	var parts []string
	for s := finding.Block; s >= finding.Info; s-- {
		if n := p.fb.Counts[s]; n > 0 && (s > finding.Info || p.worst() > finding.Info) {
			parts = append(parts, p.lay.Count("feedback.count."+s.String(), lang, n))
		}
	}
	if len(parts) == 0 {
		return p.signed(p.lay.Text("feedback.well", lang), lang)
	}
	return strings.Join(parts, p.lay.Text("feedback.comma", lang))
}

// wide writes a row of two cells, one for each language.
func (p *page) wide(k look, text func(lang string) string) {
	cut := len(p.columns)
	for i, c := range p.columns {
		if strings.HasSuffix(c.Key, secondColumn) {
			cut = i
			break
		}
	}
	lines := 0
	cells := make([]string, len(p.columns))
	looks := make([]look, len(p.columns))
	side := func(lang string, from, to int) {
		k.rtl = p.lay.writtenRight(lang)
		width := 0.0
		for i := from; i < to; i++ {
			looks[i] = k
			width += p.columns[i].Width
		}
		cells[from] = text(lang)
		lines = max(lines, linesOf(cells[from], width*11/float64(k.size)))
		if to > from+1 {
			p.merges = append(p.merges, scan.Ref(from+1, p.row+1)+":"+scan.Ref(to, p.row+1))
		}
	}
	side(p.first, 0, cut)
	if cut < len(p.columns) {
		side(p.second, cut, len(p.columns))
	}
	p.line(cells, looks, float64(lines*(k.size+5)+10))
}
