package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestDate(t *testing.T) {
	w := dateWords(t)
	for want, all := range map[string][]string{
		"2026-10-31": {"2026-10-31", "31/10/2026", "31-10-2026", "31.10.2026", "2026/10/31", "2026.10.31", " 31/10/2026 ", "31 / 10 / 2026", "٣١/١٠/٢٠٢٦",
			"۳۱/۱۰/۲۰۲۶", "\u200f٣١\u200f/١٠/٢٠٢٦", "\u202b31/10/2026\u202c", "３１/１０/２０２６", "31–10–2026", "٣١؍١٠؍٢٠٢٦", "31\u00a0/\u00a010/2026",
			"31 أكتوبر 2026", "31 اكتوبر 2026", "٣١ أكتوبر ٢٠٢٦", "31 أوكتوبر 2026", "31 تشرين الأول 2026", "31أكتوبر2026", "31 أكتوبر 2026م", "31 أكتـوبر 2026",
			"السبت 31 أكتوبر 2026", "يوم السبت، 31 أكتوبر 2026", "31/أكتوبر/2026",
			"31 octobre 2026", "31 OCTOBRE 2026", "31 oct. 2026", "31-oct-2026", "samedi 31 octobre 2026", "le 31 octobre 2026", "Sam. 31 oct. 2026",
			"31 October 2026", "October 31, 2026", "Oct 31, 2026", "31st October 2026", "the 31st of October, 2026", "Saturday, October 31, 2026", "2026 October 31"},
		"2022-03-01": {"1er mars 2022", "1 mars 2022", "01 mars 2022", "1ᵉʳ mars 2022", "1 er mars 2022", "premier mars 2022", "فاتح مارس 2022", "1 مارس 2022",
			"March 1st, 2022", "1 Mar 2022", "mar. 1er mars 2022", "Mar 1, 2022", "mar 1 mar 2022", "1/3/2022", "1 آذار 2022"},
		"2022-08-05": {"5 غشت 2022", "5 أغسطس 2022", "5 اغسطس 2022", "5 آب 2022", "5 août 2022", "5 AOUT 2022", "5 aou\u0302t 2022", "5 August 2022"},
		"2022-01-15": {"15 كانون الثاني 2022", "15 يناير 2022", "15 janv. 2022", "15 ﻳﻨﺎﻳﺮ 2022"},
		"2024-02-29": {"29/02/2024", "29 فبراير 2024", "29 févr. 2024", "29 fevrier 2024"},
		"2022-10-03": {"2022-10- 3", "2022- 10-3", "2022-10-3"},
		"2022-12-31": {"2022-12-31 00:00:00", "2022-12-31T00:00:00", "31 دجنبر 2022 00:00"},
		"": {"31/02/2026", "15/13/2026", "12/31/2022", "29/02/2023", "31/04/2022", "0/1/2022", "31/12/22", "31 décembre 22", "22/12/31", "2022", "أكتوبر 2026", "octobre 2026",
			"10/2026", "2026-10", "fin 2026", "نهاية 2026", "1 رمضان 1444", "15 شعبان 1444هـ", "15/03/1444", "15 رجب 2026", "44926", "45292", "", " ", "31", "dimanche 31 octobre 2026",
			"الأحد 31 أكتوبر 2026", "31 octobre octobre 2026", "31 10 2026", "31,10,2026", "31/10-2026", "31//10/2026", "/10/2026", "31/10/2026 fin", "du 1 au 31 octobre 2026",
			"2026-13-01", "2026-00-10", "2026-02-31", "2026-1-001", "20261031", "31 oct", "oct 2026 oct", "T1 2026", "Q1 2026", "31/10/20266", "031/10/2026", "31/10/2926", "1000-01-01", "-1/10/2026",
			"2022-12-31T23:30:00Z", "2022-12-31T23:30:00+01:00", "2022-12-31 25:00", "12:30", "31⁄10⁄2026", "³¹/10/2026", strings.Repeat("1", 300), strings.Repeat(" ", 200) + "31/12/2022"},
	} {
		for _, in := range all {
			if got, clock, ok := w.date(in); got != want || ok != (want != "") || clock != "" {
				t.Errorf("date(%q) = %q, %q, %v; want %q", in, got, clock, ok, want)
			}
		}
	}
	for in, want := range map[string]string{"2022-12-31T10:00:00": "10:00:00", "31/12/2022 14:30": "14:30", "31 دجنبر 2022 9:05": "9:05", "2022-12-31 00:00:01": "00:00:01"} {
		if got, clock, ok := w.date(in); !ok || got != "2022-12-31" || clock != want {
			t.Errorf("date(%q) = %q, %q, %v; the time is %s", in, got, clock, ok, want)
		}
	}
}

// The usual names of the months, written down here a second time.
var monthNames = map[string][]string{
	"ar-MA": strings.Fields("يناير فبراير مارس أبريل ماي يونيو يوليوز غشت شتنبر أكتوبر نونبر دجنبر"),
	"ar":    strings.Fields("يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر"),
	"fr":    strings.Fields("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
	"fr-ab": strings.Fields("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."),
	"en":    strings.Fields("January February March April May June July August September October November December"),
}

// Every day of some years is read back from every way in which it is written.
func TestEveryDayIsReadBack(t *testing.T) {
	w := dateWords(t)
	for day := time.Date(2019, 12, 25, 0, 0, 0, 0, time.UTC); day.Year() < 2025; day = day.AddDate(0, 0, 1) {
		want := day.Format(time.DateOnly)
		y, m, d := day.Date()
		written := []string{day.Format("02/01/2006"), day.Format("2/1/2006"), day.Format("02.01.2006"), day.Format("2-1-2006"), day.Format("2006/01/02"), arabic(day.Format("2/1/2006"))}
		for _, names := range monthNames {
			written = append(written, fmt.Sprintf("%d %s %d", d, names[m-1], y), arabic(fmt.Sprintf("%d %s %d", d, names[m-1], y)))
		}
		written = append(written, day.Format("January 2, 2006"), day.Format("Monday 2 January 2006"), day.Format("02-Jan-2006"))
		for _, s := range written {
			if got, _, ok := w.date(s); !ok || got != want {
				t.Fatalf("%q is read as %q, not %s", s, got, want)
			}
		}
		wrong := day.AddDate(0, 0, 1).Weekday().String() + day.Format(" 2 January 2006")
		if got, _, ok := w.date(wrong); ok {
			t.Fatalf("%q is read as %s", wrong, got)
		}
	}
}

// arabic writes the figures of a text in Arabic-Indic digits.
func arabic(s string) string {
	return strings.Map(func(r rune) rune {
		if isFigure(r) {
			return r - '0' + '٠'
		}
		return r
	}, s)
}

func TestDateWordsAreHeldToTheirForm(t *testing.T) {
	months := strings.Repeat(`{"en":["x"]},`, 11)
	for _, bad := range []string{`{`, `{"what":1}`, `{"months":[],"weekdays":[]}`,
		`{"months":[` + months + `{"en":["x"]}],"weekdays":[{},{},{},{},{},{},{}]}`,
		`{"months":[{},{},{},{},{},{},{},{},{},{},{},{}],"weekdays":[{"en":["x"]},{"fr":["X"]},{},{},{},{},{}]}`} {
		if _, err := parseWords([]byte(bad)); err == nil {
			t.Errorf("taken: %s", bad)
		}
	}
}
