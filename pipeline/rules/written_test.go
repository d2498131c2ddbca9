package rules_test

import (
	"testing"

	"iltizam/pipeline/finding"
)

// Numbers and days stand in a message as its reader writes them; a text that only
// looks like one stays what was published.
func TestMessagesWriteNumbersAndDaysAsTheirReaderDoes(t *testing.T) {
	c := mustContract(t).Rules.Catalogue
	for _, x := range []struct {
		f    finding.Finding
		lang string
		want string
	}{
		{finding.Finding{Rule: "status-not-started-with-progress", Args: map[string]string{"status": "not_started", "pct": "82.50"}}, "fr",
			"Statut «\u00a0Non entamé\u00a0», mais taux de 82,5\u00a0%."},
		{finding.Finding{Rule: "evidence-missing", Args: map[string]string{"pct": "82.5"}}, "ar", "تم التصريح بنسبة 82,5 في المائة دون رابط إثبات."},
		{finding.Finding{Rule: "evidence-missing", Args: map[string]string{"pct": "82.5"}}, "en", "Progress of 82.5% is declared without a link to evidence."},
		{finding.Finding{Rule: "date-end-before-start", Value: "2022-01-15", Args: map[string]string{"start": "2022-03-01"}}, "ar",
			"النهاية (15/01/2022) تسبق البداية (01/03/2022)."},
		{finding.Finding{Rule: "number-rounded", Value: "33.333", Args: map[string]string{"column": "progress_pct", "read": "33.33"}}, "fr",
			"La valeur «\u00a033.333\u00a0» a été arrondie à 33,33."},
		{finding.Finding{Rule: "date-read-from-text", Value: "31 oct. 2026", Args: map[string]string{"column": "reference_date", "read": "2026-10-31"}}, "fr",
			"Date saisie en texte «\u00a031 oct. 2026\u00a0», lue 31/10/2026."},
		{finding.Finding{Rule: "formula-value-read", Args: map[string]string{"column": "narrative_fr", "read": "33.50"}}, "fr",
			"La cellule contient une formule\u00a0; son résultat enregistré a été lu\u00a0: 33.50."},
		{finding.Finding{Rule: "value-not-in-list", Value: "en cours ?", Args: map[string]string{"column": "status"}}, "ar",
			"القيمة «\u2068en cours ?\u2069» ليست في لائحة «الحالة»."},
		{finding.Finding{Rule: "date-read-from-text", Value: "31 غشت 2026", Args: map[string]string{"column": "reference_date", "read": "2026-08-31"}}, "fr",
			"Date saisie en texte «\u00a0\u206831 غشت 2026\u2069\u00a0», lue 31/08/2026."},
		{finding.Finding{Rule: "number-read-from-text", Value: "85 %", Pointer: "/progress/0/progress_pct", Args: map[string]string{"column": "progress_pct", "read": "85"}}, "ar",
			"وردت القيمة نصا «\u206885 %\u2069» وقرأناها 85."},
		{finding.Finding{Rule: "progress-scale-doubtful", Value: "0.65", Pointer: "/progress/0/progress_pct", Args: map[string]string{"percent": "65"}}, "ar",
			"«0,65» قد تعني 65 في المائة."},
		{finding.Finding{Rule: "value-out-of-range", Value: "-3", Pointer: "/progress/0/progress_pct", Args: map[string]string{"column": "progress_pct", "min": "0", "max": "100"}}, "ar",
			"قيمة «نسبة الإنجاز» («\u2068-3\u2069») خارج المجال 0 إلى 100."},
	} {
		if got := c.Message(x.f, x.lang); got != x.want {
			t.Errorf("%s in %s:\n%s\nwant\n%s", x.f.Rule, x.lang, got, x.want)
		}
	}
}
