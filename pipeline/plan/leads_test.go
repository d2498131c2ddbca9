package plan

import (
	"slices"
	"strings"
	"testing"
)

func ended(code, by, on string) Institution {
	return Institution{Code: code, ReplacedBy: by, Names: []InstitutionName{{Name: Texts{"fr": {Text: code, Basis: Sourced}},
		ValidTo: PartialDate{Date: on, Basis: Inferred}, Note: "decree", SourceURL: "https://example.org/decree"}}}
}

// moving is a plan in which water and sea are merged into coast, coast later
// becomes blue, and a commitment moves from roads to rail. Of fog nobody knows
// when mist took over.
func moving() *ActionPlan {
	return &ActionPlan{
		Institutions: []Institution{
			ended("water", "coast", "2022-06-30"), ended("sea", "coast", "2022-06-30"), ended("coast", "blue", "2023-12-31"), ended("blue", "", ""),
			ended("roads", "", ""), ended("rail", "", ""), ended("fog", "mist", ""), ended("mist", "", ""), ended("gone", "", "2022-01-31"),
		},
		Commitments: []Commitment{
			{ID: "c1", LeadInstitution: "water", LeadInstitutionBasis: Sourced, Supporting: []string{"sea", "roads"}},
			{ID: "c2", LeadInstitution: "sea", LeadInstitutionBasis: Sourced},
			{ID: "c3", LeadInstitution: "rail", LeadInstitutionBasis: Translated,
				EarlierLeads: []EarlierLead{{Institution: "roads", Until: "2022-12-31", Basis: Sourced, Note: "moved", SourceURL: "https://example.org/move"}}},
			// The merger does not hold where the commitment says otherwise.
			{ID: "c4", LeadInstitution: "roads", EarlierLeads: []EarlierLead{{Institution: "sea", Until: "2022-06-30", Basis: Sourced}}},
			{ID: "c5", LeadInstitution: "coast", EarlierLeads: []EarlierLead{{Institution: "water", Until: "2022-06-30", Basis: Sourced}}},
			{ID: "c6", LeadInstitution: "fog"},
			{ID: "c7", LeadInstitution: "gone"},
			{ID: "c8"},
			{ID: "c10", LeadInstitution: "sea", EarlierLeads: []EarlierLead{{Institution: "rail", Until: "2022-12-31", Basis: Sourced}}},
			{ID: "c9", LeadInstitution: "", EarlierLeads: []EarlierLead{{Institution: "rail", Until: "2022-06-30", Basis: Sourced}}},
		},
	}
}

func TestLeads(t *testing.T) {
	p := moving()
	for id, want := range map[string][]Lead{
		"c1": {{"water", "", "2022-06-30", Sourced, "", ""}, {"coast", "2022-07-01", "2023-12-31", Inferred, "decree", "https://example.org/decree"},
			{"blue", "2024-01-01", "", Inferred, "decree", "https://example.org/decree"}},
		"c3": {{"roads", "", "2022-12-31", Sourced, "moved", "https://example.org/move"}, {"rail", "2023-01-01", "", Translated, "", ""}},
		"c6": {{Institution: "fog"}},
		"c10": {{"rail", "", "2022-12-31", Sourced, "", ""}, {"coast", "2023-01-01", "2023-12-31", Unknown, "decree", "https://example.org/decree"},
			{"blue", "2024-01-01", "", Unknown, "decree", "https://example.org/decree"}}, // sea was gone before it could lead
		"c7": {{Institution: "gone"}},
		"c8": {{}},
		"c9": {{"rail", "", "2022-06-30", Sourced, "", ""}, {From: "2022-07-01"}},
	} {
		if got := slices.Collect(p.Leads(p.Commitment(id))); !slices.Equal(got, want) {
			t.Errorf("%s: %+v\nwant %+v", id, got, want)
		}
	}
}

func TestLeadOn(t *testing.T) {
	p := moving()
	for _, c := range []struct{ id, day, want string }{
		{"c1", "2022-06-30", "water"}, {"c1", "2022-07-01", "coast"}, {"c1", "2023-12-31", "coast"}, {"c1", "2024-01-01", "blue"}, {"c1", "", "blue"},
		{"c2", "2000-01-01", "sea"}, {"c2", "2022-07-01", "coast"},
		{"c3", "2022-12-31", "roads"}, {"c3", "2023-01-01", "rail"}, {"c3", "", "rail"},
		{"c4", "2022-06-30", "sea"}, {"c4", "2022-07-01", "roads"}, {"c4", "2024-01-01", "roads"},
		{"c5", "2022-06-30", "water"}, {"c5", "2022-07-01", "coast"}, {"c5", "2024-01-01", "blue"},
		{"c6", "2030-01-01", "fog"}, {"c6", "", "fog"}, {"c7", "2030-01-01", "gone"}, {"c8", "2022-01-01", ""}, {"c8", "", ""},
		{"c9", "2022-06-30", "rail"}, {"c9", "2022-07-01", ""},
	} {
		if got := p.LeadOn(p.Commitment(c.id), c.day); got != c.want {
			t.Errorf("%s on %q: %q, want %q", c.id, c.day, got, c.want)
		}
	}
}

func TestLeadFor(t *testing.T) {
	p := moving()
	for _, c := range []struct {
		period *ReportingPeriod
		want   string
	}{
		{&ReportingPeriod{Start: "2022-01-01", End: "2022-06-30", DueDate: "2022-07-31"}, "water"}, // not who led on the due date
		{&ReportingPeriod{Start: "2022-01-01", End: "2022-07-01"}, "coast"},                        // nor who led it most of the time
		{&ReportingPeriod{DueDate: "2022-06-30"}, "water"},
		{&ReportingPeriod{Start: "2022-01-01"}, "blue"}, {&ReportingPeriod{}, "blue"}, {nil, "blue"},
	} {
		if got := p.LeadFor(p.Commitment("c1"), c.period); got != c.want {
			t.Errorf("%+v: %s, want %s", c.period, got, c.want)
		}
	}
	ids := func(led []*Commitment) (out []string) {
		for _, c := range led {
			out = append(out, c.ID)
		}
		return out
	}
	h2 := &ReportingPeriod{End: "2022-12-31"}
	for code, want := range map[string][]string{"coast": {"c1", "c2", "c5"}, "roads": {"c3", "c4"}, "water": nil, "rail": {"c10"}, "blue": nil} {
		if got := ids(p.LedFor(code, h2)); !slices.Equal(got, want) {
			t.Errorf("%s led %v, want %v", code, got, want)
		}
	}
	if got := ids(p.LedOn("blue", "")); !slices.Equal(got, []string{"c1", "c2", "c5", "c10"}) {
		t.Error(got)
	}
}

func TestMayReport(t *testing.T) {
	p := moving()
	h1, h2 := &ReportingPeriod{End: "2022-06-30"}, &ReportingPeriod{End: "2022-12-31"}
	for _, c := range []struct {
		id          string
		period      *ReportingPeriod
		institution string
		day         string
		want        bool
	}{
		{"c3", h2, "roads", "2023-01-20", true},                                         // its own period, after the move
		{"c3", h2, "rail", "2022-12-31", false}, {"c3", h2, "rail", "2023-01-01", true}, // the successor corrects
		{"c3", &ReportingPeriod{End: "2023-06-30"}, "roads", "2023-07-10", false},
		{"c3", &ReportingPeriod{End: "2023-06-30"}, "roads", "2022-12-31", true}, // it still led when it sent that
		{"c3", h2, "water", "2023-01-20", false},
		{"c1", h1, "coast", "2022-07-10", true}, {"c1", h1, "coast", "2022-06-30", false}, {"c1", h2, "water", "2022-07-10", false},
		{"c1", h1, "roads", "2022-07-10", true}, {"c1", h2, "sea", "2022-12-10", true}, // both support it
		{"c1", h1, "blue", "2023-12-31", false}, {"c1", h1, "blue", "2024-01-01", true},
		{"c8", h1, "water", "2022-07-10", false}, {"c8", h1, "", "2022-07-10", false},
	} {
		if got := p.MayReport(p.Commitment(c.id), c.period, c.institution, c.day); got != c.want {
			t.Errorf("%s on %s for %+v on %s: %t", c.institution, c.id, c.period, c.day, got)
		}
	}
	c := &Commitment{Supporting: []string{"sea"}}
	for _, x := range []struct {
		institution, day string
		want             bool
	}{{"coast", "2022-07-01", true}, {"coast", "2022-06-30", false}, {"blue", "2023-12-31", false}, {"blue", "2024-01-01", true},
		{"coast", "2025-01-01", true}, {"blue", "", true}, {"water", "2022-07-01", false}, {"", "", false}} {
		if got := p.Supports(c, x.institution, x.day); got != x.want {
			t.Errorf("%s on %s: %t", x.institution, x.day, got)
		}
	}
}

func TestLeadsEndInACircle(t *testing.T) {
	p := &ActionPlan{Institutions: []Institution{ended("a", "b", "2022-01-01"), ended("b", "a", "2022-02-01")}}
	if got := len(slices.Collect(p.Leads(&Commitment{LeadInstitution: "a"}))); got > 3 {
		t.Error(got)
	}
	if p.StandsFor("c", "a", "") {
		t.Error("c stands for a")
	}
}

func TestNameOn(t *testing.T) {
	name := func(text, from, to string) InstitutionName {
		return InstitutionName{Name: Texts{"fr": {Text: text, Basis: Sourced}}, ValidFrom: PartialDate{Date: from}, ValidTo: PartialDate{Date: to}}
	}
	i := &Institution{Names: []InstitutionName{name("one", "", "2022-06-30"), name("two", "", ""), name("three", "2023-03-01", "2023-12-31"), name("four", "", "")}}
	for day, want := range map[string]string{"": "one", "2000-01-01": "one", "2022-06-30": "one", "2022-07-01": "two", "2023-02-28": "two",
		"2023-03-01": "three", "2023-12-31": "three", "2024-01-01": "four"} {
		if got := i.NameOn(day).In("fr").Text; got != want {
			t.Errorf("on %q it is called %s, want %s", day, got, want)
		}
	}
	unknown := &Institution{Names: []InstitutionName{name("one", "", ""), name("two", "", "")}}
	if got := unknown.NameOn("2030-01-01").In("fr").Text; got != "one" {
		t.Errorf("a change of unknown day made it %s", got)
	}
	if (&Institution{}).NameOn("2030-01-01") != nil {
		t.Error("an institution without a name has one")
	}
}

func once(s, old, new string) string { return strings.Replace(s, old, new, 1) }

func TestTheCheckOfLeads(t *testing.T) {
	const coast = `{"code":"coast","names":[{"name":{},"valid_from":{"basis":"unknown"},"valid_to":{"basis":"unknown"}}]}`
	two := `[` + goodInstitutions[1:len(goodInstitutions)-1] + `,` + coast + `]`
	on := func(day, by string) string {
		return `"valid_to":{"date":"` + day + `","basis":"sourced"}}],"replaced_by":"` + by + `"}`
	}
	end := `"valid_to":{"basis":"unknown"}}]}`
	for _, c := range []struct{ name, institutions, leads, want string }{
		{"a merger", once(two, end, on("2022-06-30", "coast")), ``, ""},
		{"a move", two, `{"institution":"coast","until":"2022-06-30","basis":"sourced"}`, ""},
		{"no such lead", two, `{"institution":"moon","until":"2022-06-30","basis":"sourced"}`, `led by institution "moon", which the plan does not have`},
		{"no day", two, `{"institution":"coast","until":"","basis":"sourced"}`, "until which day is not said"},
		{"no date", two, `{"institution":"coast","until":"June","basis":"sourced"}`, `until of earlier lead coast of commitment xx-c01 is "June"`},
		{"out of order", two, `{"institution":"water","until":"2022-06-30","basis":"sourced"},{"institution":"coast","until":"2022-06-30","basis":"sourced"}`,
			"stands after a lead until 2022-06-30"},
		{"no move", two, `{"institution":"water","until":"2022-06-30","basis":"sourced"}`, "moves from water to water"},
		{"led when it was gone", once(two, `"valid_to":{"basis":"unknown"}}]}]`, on("2022-03-31", "water")+"]"),
			`{"institution":"coast","until":"2022-06-30","basis":"sourced"}`, "but coast ended on 2022-03-31"},
		{"leads when it is gone", once(two, end, on("2022-06-30", "coast")), `{"institution":"coast","until":"2022-06-30","basis":"sourced"}`,
			"is led by water after 2022-06-30, but water ended on 2022-06-30"},
		{"replaced on no day", once(two, end, `"valid_to":{"text":"2022","precision":"year","basis":"sourced"}}],"replaced_by":"coast"}`), ``,
			"its last name needs a full valid_to"},
		{"a circle", once(once(two, end, on("2022-06-30", "coast")), end, on("2022-07-30", "water")), ``,
			"in a circle: water, coast, water"},
		{"a successor that was gone", once(once(`[`+goodInstitutions[1:len(goodInstitutions)-1]+`,`+coast+`,`+once(coast, "coast", "blue")+`]`,
			end, on("2022-06-30", "coast")), end, on("2022-06-30", "blue")), ``, "institution water is replaced by coast on 2022-07-01, when that one has ended"},
		{"names that overlap", once(goodInstitutions, `"valid_to":{"basis":"unknown"}}`,
			`"valid_to":{"date":"2022-06-30","basis":"sourced"}},{"name":{},"valid_from":{"date":"2022-06-30","basis":"sourced"},"valid_to":{"basis":"unknown"}}`), ``,
			"name 2 of institution water holds on 2022-06-30, but the one before holds up to 2022-06-30"},
		{"names that follow", once(goodInstitutions, `"valid_to":{"basis":"unknown"}}`,
			`"valid_to":{"date":"2022-06-30","basis":"sourced"}},{"name":{},"valid_from":{"date":"2022-07-01","basis":"sourced"},"valid_to":{"basis":"unknown"}}`), ``, ""},
		{"a name that ends first", once(goodInstitutions, `"valid_from":{"basis":"unknown"},"valid_to":{"basis":"unknown"}`,
			`"valid_from":{"date":"2022-07-01","basis":"sourced"},"valid_to":{"date":"2022-06-30","basis":"sourced"}`), ``, "a name of institution water ends on 2022-06-30, before"},
	} {
		_, err := Load(folder(goodPlan, c.institutions, once(goodCommitments, `"number":1`, `"number":1,"earlier_leads":[`+c.leads+`]`)), "plans/xx")
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
