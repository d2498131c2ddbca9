package workbook

import (
	"strconv"
)

// held names the commitments of which a row was held back.
func (p *page) held() {
	if len(p.fb.Held) == 0 {
		return
	}
	p.title("feedback.held")
	for _, id := range p.fb.Held {
		p.cells(func(_ FeedbackColumn, base, lang string) (string, look) {
			k := p.plain(lang)
			switch base {
			case columnType:
				k.fill, k.ink, k.bold, k.centre = "error_mark", "warning", true, true
				return p.lay.Text("feedback.held.mark", lang), k
			case columnWhat:
				return p.lay.Text("feedback.held.row", lang), k
			}
			return p.about(base, "", "", id, k)
		})
	}
}

// taken lists what was taken, value by value.
func (p *page) taken() {
	if len(p.fb.Taken) == 0 {
		return
	}
	p.title("feedback.taken")
	shown := p.fb.Taken[:min(maxTakenListed, len(p.fb.Taken))]
	if len(shown) < len(p.fb.Taken) {
		p.wide(look{fill: "waiting", ink: "warning_ink", size: 11, bold: true, indent: 1}, func(lang string) string {
			return p.lay.Say("feedback.values_shown", lang, "n", strconv.Itoa(len(shown)), "all", strconv.Itoa(len(p.fb.Taken)))
		})
	}
	if p.headRow == 0 {
		p.headRow = p.row + 1
	}
	p.heading(map[string]string{columnType: "type", columnCell: "cell", columnValue: "value", columnWhat: "field", columnHow: "read",
		columnCommitment: "commitment", columnSheet: "sheet"})
	for _, v := range shown {
		p.place(v.Sheet, v.Ref)
		p.cells(func(_ FeedbackColumn, base, lang string) (string, look) {
			k := p.plain(lang)
			switch base {
			case columnType:
				k.fill, k.ink, k.centre = "good_soft", "good", true
				return p.signed(p.lay.Text("feedback.taken.mark", lang), lang), k
			case columnWhat:
				return v.Field[lang], k
			case columnHow:
				k.bold = lang == p.first
				return v.Read[lang], runs(k, v.Read[lang])
			case columnValue:
				k.centre = true
				return v.Received, runs(k, v.Received)
			}
			return p.about(base, v.Sheet, v.Ref, v.Commitment, k)
		})
	}
}
