package output

import (
	"fmt"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
)

// FormatVersion counts the changes of what a release looks like. It is part of
// the release's id, so that a program that renders otherwise makes another
// release of the same inputs.
const FormatVersion = "2"

// NewAbout says what each file of a plan tells of itself. A nil plan makes the
// About of files that belong to no plan, such as code lists.
func NewAbout(p *plan.ActionPlan, release, asOf, baseURL string) About {
	a := About{Release: release, AsOf: asOf, BaseURL: baseURL, Version: FormatVersion}
	if p == nil {
		a.Title = table.Labels{"ar": "لوائح الرموز وقاموس المعطيات", "fr": "Listes de codes et dictionnaire des données",
			"en": "Code lists, data dictionary"}
		return a
	}
	a.Plan, a.SourceURL = p.ID, p.SourceURL
	a.LicenceID, a.LicenceURL, a.LicenceTitle = p.Licence.ID, p.Licence.URL, p.Licence.Title
	a.Title, a.Citation = table.Labels{}, table.Labels{}
	for lang, t := range p.Title {
		if t.Text != "" {
			a.Title[lang] = t.Text
		}
	}
	if i := p.Institution(p.Coordinator); i != nil {
		a.Publisher = table.Labels{}
		for lang, t := range i.NameOn(asOf) {
			if t.Text != "" {
				a.Publisher[lang] = t.Text
			}
		}
	}
	for lang, form := range citations {
		title, _ := p.Title.First([]string{lang, p.Languages[0]})
		a.Citation[lang] = fmt.Sprintf(form, title.Text, asOf, release, p.SourceURL, p.Licence.Title)
	}
	return a
}

// citations name the source with its date, as Morocco's Law 31-13 asks of
// whoever uses public information again.
var citations = table.Labels{
	"ar": "%s، المعطيات إلى غاية %s، الإصدار %s، المصدر: %s، الرخصة: %s.",
	"fr": "%s, données au %s, version %s. Source : %s. Licence : %s.",
	"en": "%s, data as of %s, release %s. Source: %s. Licence: %s.",
}
