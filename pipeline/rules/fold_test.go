package rules

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"iltizam/pipeline/table"
	"iltizam/schemas"
)

func TestFold(t *testing.T) {
	for _, same := range [][]string{
		{"En cours", "EN COURS", " en  cours ", "en\u00a0cours", "en-cours", "En_cours"},
		{"Achevé", "acheve", "ACHEVÉ", "Acheve\u0301"},
		{"إنجاز", "انجاز", "أنجاز", "إنجـاز", "\u200fإنجاز\u200e", "إِنْجَاز"},
		{"منتهى", "منتهي"}, {"منجزة", "منجزه"}, {"مسؤول", "مسوول", "مسو\u0654ول"},
		{"l’État", "l'etat"}, {"mis en œuvre", "MIS EN OEUVRE", "mis en Œuvre"}, {"ex æquo", "ex aequo"}, {"ﻻ", "لا"}, {"ﷲ", "الله"}, {"عَلَى", "علي", "علی"},
	} {
		for _, s := range same {
			if fold(s) != fold(same[0]) {
				t.Errorf("%q folds to %q, %q to %q", s, fold(s), same[0], fold(same[0]))
			}
		}
	}
	if fold("in_progress") == fold("not_started") {
		t.Error("two codes fold to one")
	}
}

// Every status label of the contract is known in every way that people write it.
func TestLabels(t *testing.T) {
	lists, err := CodeLists(schemas.FS)
	if err != nil {
		t.Fatal(err)
	}
	status, err := spellings(lists["status"])
	if err != nil {
		t.Fatal(err)
	}
	for code, written := range map[string][]string{
		"completed": {"منجزة", "منجز", "منجزه", "مُنْجَزة", "منـجزة", "\u200fمنجزة\u200e", "ﻣﻨﺠﺰﺓ", "Réalisé", "REALISE", "Re\u0301alise\u0301e",
			" réalisés ", "Completed", "completed"},
		"in_progress": {"في طور الإنجاز", "فى طور الانجاز", "في  طور\u00a0الأنجاز", "فِي طَوْرِ الإنجاز", "ﻓﻲ ﻃﻮﺭ ﺍﻹﻧﺠﺎﺯ", "En cours", "EN\u202fCOURS", "en‑cours",
			"In Progress", "in_progress", "Ｉｎ　ｐｒｏｇｒｅｓｓ", "فی طور الإنجاز"},
		"not_started": {"لم يشرع في تنفيذها", "لم يشرع في تنفيذه", "لم يُشرع فى تنفيذة", "لم يشرع\nفي تنفيذه", "Non entamé", "non entame", "Non-entamés", "Not started"},
	} {
		for _, w := range written {
			if got := status[fold(w)].code; got != code {
				t.Errorf("%q is read as %q, not %s", w, got, code)
			}
		}
	}
	for _, w := range []string{"", "قيد التنفيذ", "fini", "cours", "منجزة جزئيا", "100"} {
		if got := status[fold(w)].code; got != "" {
			t.Errorf("%q is read as %s", w, got)
		}
	}
	for written, exact := range map[string]bool{"En cours": true, "en cours": true, "in_progress": true, "في طور الإنجاز": true,
		fold("في طور الإنجاز"): false, "in progress": true, "non entame": false} {
		if s, ok := status[written]; !ok || s.exact != exact {
			t.Errorf("%q: known %v, as it is %v", written, ok, s.exact)
		}
	}
	truth, err := spellings(lists["boolean"])
	if err != nil || truth[fold("١")].code != "true" || truth[fold("０")].code != "false" || truth[fold("①")].code != "" || truth[fold("¹")].code != "" {
		t.Errorf("figures of truth: %v", err)
	}
}

func TestSpellingsOfTwoCodesAreRefused(t *testing.T) {
	_, err := spellings(table.CodeList{Name: "x", Codes: []table.Code{{Code: "a", Aliases: []string{"Éa"}}, {Code: "b", Aliases: []string{"EA"}}}})
	if err == nil {
		t.Error("one spelling is taken for two codes")
	}
}

// What a look at how two texts start calls different, folding calls different.
func TestTextsThatStartApartAreNotTheSame(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", "A", "é", "e\u0301", " ", "\u00a0", "-", "_", "œ", "oe", "1", "١", "ا", "أ", "آ", "ة", "ه", "ى", "ي", "ک", "ك", "ـ", "\u200f", ".", "ﻻ", "لا", "’", "'", "َ", "بَ", "ب"})
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(piece, 0, 5).Draw(t, "pieces"), "")
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		if same := a != "" && b != "" && fold(a) == fold(b); sameText(a, b) != (same || a == b && a != "") {
			t.Fatalf("%q and %q: %v", a, b, !same)
		}
	})
}
