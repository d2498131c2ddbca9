package rules

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"iltizam/schemas"
)

// screensOf are those of the contract.
func screensOf(tb testing.TB) *screens {
	tb.Helper()
	b, err := fs.ReadFile(schemas.FS, "messages/screens.json")
	if err != nil {
		tb.Fatal(err)
	}
	s, err := parseScreens(b)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// The account is invented; its key is right.
const (
	someAccount = "011780000012345678901296"
	iban        = "MA64" + someAccount
)

func TestPersonalData(t *testing.T) {
	ma := &validation{personal: screensOf(t).personalIn("MA")}
	elsewhere := &validation{personal: screensOf(t).personalIn("XX")}
	grouped := someAccount[:3] + " " + someAccount[3:6] + " " + someAccount[6:22] + " " + someAccount[22:]
	for kind, texts := range map[string][]string{
		"phone": {"0612345678", "06 12 34 56 78", "06-12-34-56-78", "0537.67.89.01", "+212612345678", "+212 6 12 34 56 78",
			"00212 537678901", "+212 (0)6 12 34 56 78", "٠٦١٢٣٤٥٦٧٨", "الهاتف:0612345678", "06\u202f12\u202f34\u202f56\u202f78", "06\u200e12345678",
			"appeler le +33 6 12 34 56 78", "+34912345678"},
		"e-mail": {"a@b.ma", "prénom.nom@ministère.gov.ma"},
		"national-id": {"CIN BE123456", "CIN : be12345", "C.I.N. n° BE 123456", "CNIE BE123456", "carte nationale d’identité A12345", "بطاقة التعريف الوطنية رقم BE123456",
			"ب.ت.و: K٠١٢٣٤٥", "Mme Bennani (BE12345)", "السيد علوي AB123456", "remis à BE123456 le 3 mai", "BE-123456, titulaire de la CIN BE-123456"},
		"bank-account": {someAccount, grouped, strings.ReplaceAll(grouped, " ", "-"), "RIB " + someAccount, iban, "IBAN " + iban[:4] + " " + grouped, strings.ToLower(iban),
			"FR76 3000 6000 0112 3456 7890 189", "٠١١٧٨٠٠٠٠٠١٢٣٤٥٦٧٨٩٠١٢٩٦"},
	} {
		for _, text := range texts {
			if got := ma.personalIn(text, false); !slices.Contains(got, kind) {
				t.Errorf("no %s is seen in %q, but %v", kind, text, got)
			}
		}
	}
	for _, text := range []string{"", "2021-2023", "1 234 567 890", "05/12/2022 10 réunions", "05-12-2022 10 12 34", "2022-05-12 14:30",
		"31.13", "0,65", "061234567", "20612345678901", "Dahir n° 1-11-91 du 29/07/2011", "@opengov", "a @ b", "a@b",
		"C05", "MO0025", "loi n° 31-13", "القانون رقم 31.13", "ISO 27001 et ISO27001", "Article 27 bis", "DH 150000", "DH150000 de dépenses", "MAD 1500000",
		"de 120000 cartes nationales", "La carte nationale d’identité : plus de 120000 délivrées", "la carte nationale coûte DH 50000", "B.O. 6655", "BO 67890", "marché n° AB123456",
		"AO 12345/2022", "réf. BE123456", "BE123456/2022", "PV-AB123456", "AB202212", "version V123456", "projet P154321", "رقم الصفقة AB123456", "RFC 123456",
		"le module M12 et 123456 comptes", "hausse de +212 000 000 dirhams", "+ 12 345 678 000 DH", "000000000000000000000001", someAccount[:22] + "58",
		"12345678901234567890123456789012", "MA64 " + someAccount[:22] + "58", "ABCD 1234 5678 9012 3456", "CM2 et CE1", "H2020 123456789012345", "WGS84 33.971590 -6.849813"} {
		if got := ma.personalIn(text, false); got != nil {
			t.Errorf("personal data are seen in %q: %v", text, got)
		}
	}
	// Another country's plan does not know Morocco's numbers, yet international ones.
	for text, want := range map[string]string{"0612345678": "", "CIN BE123456": "", someAccount: "", iban: "bank-account", "+212612345678": "phone", "a@b.ma": "e-mail"} {
		if got := strings.Join(elsewhere.personalIn(text, false), " "); got != want {
			t.Errorf("in a plan of no known country %q holds %q, want %q", text, got, want)
		}
	}
	if got := ma.personalIn("https://example.org/0612345678/BE123456", true); got != nil {
		t.Errorf("an address holds %v", got)
	}
}

func TestScreensAreRefused(t *testing.T) {
	for _, src := range []string{`{`, `{"unknown":1}`, `{"scripts":{"Arab":"Arabish"}}`, `{"personal_data":{"XX":[{"kind":"a","pattern":"("}]}}`,
		`{"personal_data":{"XX":[{"kind":"a"}]}}`, `{"personal_data":{"XX":[{"kind":"a","pattern":"a","check":"luhn"}]}}`} {
		if _, err := parseScreens([]byte(src)); err == nil {
			t.Errorf("%s is taken", src)
		}
	}
}

func TestModulo(t *testing.T) {
	for number, want := range map[string]int{"97": 0, "98": 1, "3214282912345698765432161182": 1, "WEST12345698765432GB82": 1} {
		if got := mod97(number); got != want {
			t.Errorf("mod97(%s) = %d, want %d", number, got, want)
		}
	}
}

// What the count of figures spares the patterns, they would not have found.
func TestFiguresSpareNothing(t *testing.T) {
	personal := screensOf(t).personalIn("MA")
	var runs []*pattern
	for _, p := range personal {
		if p.Run > 0 {
			runs = append(runs, p)
		}
	}
	if len(runs) < 3 {
		t.Fatalf("%d patterns have a run", len(runs))
	}
	pieces := []string{"CIN ", "Mme ", "A", "b", "BE", "abc", "12", "123456", "١٢٣", "６", " ", "  ", "-", ".", "/", "é", "ش", "\u200f", "\u202f", "\u0640", "\t", "\x01", "(", iban}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 9).Draw(t, "pieces"), "")
		_, run := figuresIn(text)
		plain := asciiDigits(clean(text))
		for _, p := range runs {
			if p.in(plain) && run < p.Run {
				t.Fatalf("%q holds %s, but no more than %d digits together", text, p.Kind, run)
			}
		}
	})
}
