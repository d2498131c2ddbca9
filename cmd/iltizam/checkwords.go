package main

import (
	"iltizam/pipeline/finding"
	"iltizam/pipeline/table"
)

// words are what check says around the sentences of the rules.
type words struct {
	lang     string
	mark     string // starts each line, so that it runs in the language's direction
	comma    string
	verdict  map[string]string
	severity map[finding.Severity]string
	counted  map[finding.Severity]table.Forms
	why      map[reason]string

	findings, morePlaces, moreFindings, moreRules, workbooks, inWorkbooks table.Forms

	group, oneGroup, mend, total, summary, often, explain, unread string
}

// id is the name of a rule or a command, which somebody may copy: marks stand
// around it only where the line runs the other way.
func (w *words) id(name string) string {
	if w.mark == "" {
		return name
	}
	return table.Isolate(name)
}

// count gives a noun with its number in the form that the language wants.
func (w *words) count(n table.Forms, k int) string { return n.Count(w.lang, k) }

// twoForms are those of French and of English.
func twoForms(one, other string) table.Forms {
	return table.Forms{table.PluralOne: one, table.PluralOther: other}
}

// sixForms are those of Arabic.
func sixForms(zero, one, two, few, many, other string) table.Forms {
	return table.Forms{table.PluralZero: zero, table.PluralOne: one, table.PluralTwo: two, table.PluralFew: few,
		table.PluralMany: many, table.PluralOther: other}
}

// checkWords gives the words of a language.
func checkWords(lang string) *words {
	switch lang {
	case "ar":
		return arabicWords()
	case "fr":
		return frenchWords()
	}
	return englishWords()
}

func englishWords() *words {
	return &words{
		lang: "en", comma: ", ",
		verdict: map[string]string{"accepted": "accepted, rows taken: %d, held: %d",
			"accepted_in_part": "accepted in part, rows taken: %d, held: %d", "refused": "refused, rows taken: %d, held: %d"},
		severity: map[finding.Severity]string{finding.Info: "remark", finding.Warning: "warning", finding.Error: "error", finding.Block: "refused"},
		counted: map[finding.Severity]table.Forms{
			finding.Info:    twoForms("1 remark", "{n} remarks"),
			finding.Warning: twoForms("1 warning", "{n} warnings"),
			finding.Error:   twoForms("1 error", "{n} errors"),
			finding.Block:   twoForms("1 reason for refusal", "{n} reasons for refusal")},
		why: map[reason]string{isLink: "is a link and is not followed: name the file itself", isOdd: "is no regular file",
			isDenied: "may not be read: ask for the right to read it", hasChanged: "changed while it was read: check it again", hasFailed: "could not be read: %v"},
		findings:     twoForms("1 finding", "{n} findings"),
		morePlaces:   twoForms("and 1 more place", "and {n} more places"),
		moreFindings: twoForms("and 1 more finding, not listed", "and {n} more findings, not listed"),
		moreRules:    twoForms("and 1 more rule", "and {n} more rules"),
		workbooks:    twoForms("1 workbook", "{n} workbooks"),
		inWorkbooks:  twoForms("in 1 workbook", "in {n} workbooks"),
		group:        "%s: %s, %s", oneGroup: "%s: %s", mend: "mend:", total: "in all %s: %s",
		summary: "in all %s: accepted %d, in part %d, refused %d", often: "the rules most often broken:", explain: "%s tells more of a rule", unread: "not read: %s %s",
	}
}

func frenchWords() *words {
	return &words{
		lang: "fr", comma: ", ",
		verdict: map[string]string{"accepted": "accepté, lignes prises\u00a0: %d, en attente\u00a0: %d",
			"accepted_in_part": "accepté en partie, lignes prises\u00a0: %d, en attente\u00a0: %d", "refused": "refusé, lignes prises\u00a0: %d, en attente\u00a0: %d"},
		severity: map[finding.Severity]string{finding.Info: "remarque", finding.Warning: "alerte", finding.Error: "erreur", finding.Block: "refus"},
		counted: map[finding.Severity]table.Forms{
			finding.Info:    twoForms("{n} remarque", "{n} remarques"),
			finding.Warning: twoForms("{n} alerte", "{n} alertes"),
			finding.Error:   twoForms("{n} erreur", "{n} erreurs"),
			finding.Block:   twoForms("{n} motif de refus", "{n} motifs de refus")},
		why: map[reason]string{isLink: "est un lien, qui n’est pas suivi\u00a0: indiquez le fichier lui-même", isOdd: "n’est pas un fichier ordinaire",
			isDenied: "ne peut pas être lu\u00a0: demandez le droit de le lire", hasChanged: "a changé pendant la lecture\u00a0: contrôlez-le de nouveau", hasFailed: "n’a pas pu être lu\u00a0: %v"},
		findings:     twoForms("{n} constat", "{n} constats"),
		morePlaces:   twoForms("et {n} autre endroit", "et {n} autres endroits"),
		moreFindings: twoForms("et {n} autre constat, non listé", "et {n} autres constats, non listés"),
		moreRules:    twoForms("et {n} autre règle", "et {n} autres règles"),
		workbooks:    twoForms("{n} classeur", "{n} classeurs"),
		inWorkbooks:  twoForms("dans {n} classeur", "dans {n} classeurs"),
		group:        "%s\u00a0: %s, %s", oneGroup: "%s\u00a0: %s", mend: "à faire\u00a0:", total: "en tout %s\u00a0: %s",
		summary: "en tout %s\u00a0: acceptés %d, en partie %d, refusés %d", often: "les règles le plus souvent enfreintes\u00a0:", explain: "%s en dit plus sur une règle", unread: "non lu\u00a0: %s %s",
	}
}

func arabicWords() *words {
	return &words{
		lang: "ar", mark: "\u200f", comma: "، ",
		verdict: map[string]string{"accepted": "مقبول، السطور المأخوذة: %d، المعلقة: %d",
			"accepted_in_part": "مقبول جزئيا، السطور المأخوذة: %d، المعلقة: %d", "refused": "مرفوض، السطور المأخوذة: %d، المعلقة: %d"},
		severity: map[finding.Severity]string{finding.Info: "معلومة", finding.Warning: "تنبيه", finding.Error: "خطأ", finding.Block: "رفض"},
		counted: map[finding.Severity]table.Forms{
			finding.Info:    sixForms("لا معلومات", "معلومة واحدة", "معلومتان", "{n} معلومات", "{n} معلومة", "{n} معلومة"),
			finding.Warning: sixForms("لا تنبيهات", "تنبيه واحد", "تنبيهان", "{n} تنبيهات", "{n} تنبيها", "{n} تنبيه"),
			finding.Error:   sixForms("لا أخطاء", "خطأ واحد", "خطآن", "{n} أخطاء", "{n} خطأ", "{n} خطأ"),
			finding.Block:   sixForms("لا أسباب رفض", "سبب رفض واحد", "سببا رفض", "{n} أسباب رفض", "{n} سبب رفض", "{n} سبب رفض")},
		why: map[reason]string{isLink: "رابط لا يتبع: حدد الملف نفسه", isOdd: "ليس ملفا عاديا",
			isDenied: "لا تسمح الصلاحيات بقراءته: اطلب حق قراءته", hasChanged: "تغير أثناء قراءته: أعد التحقق منه", hasFailed: "تعذرت قراءته: %v"},
		findings:     sixForms("لا ملاحظات", "ملاحظة واحدة", "ملاحظتان", "{n} ملاحظات", "{n} ملاحظة", "{n} ملاحظة"),
		morePlaces:   sixForms("ولا موضع آخر", "وموضع آخر", "وموضعان آخران", "و{n} مواضع أخرى", "و{n} موضعا آخر", "و{n} موضع آخر"),
		moreFindings: sixForms("ولا ملاحظة أخرى", "وملاحظة واحدة أخرى غير معروضة", "وملاحظتان أخريان غير معروضتين", "و{n} ملاحظات أخرى غير معروضة", "و{n} ملاحظة أخرى غير معروضة", "و{n} ملاحظة أخرى غير معروضة"),
		moreRules:    sixForms("ولا قاعدة أخرى", "وقاعدة أخرى", "وقاعدتان أخريان", "و{n} قواعد أخرى", "و{n} قاعدة أخرى", "و{n} قاعدة أخرى"),
		workbooks:    sixForms("لا مصنفات", "مصنف واحد", "مصنفان", "{n} مصنفات", "{n} مصنفا", "{n} مصنف"),
		inWorkbooks:  sixForms("في أي مصنف", "في مصنف واحد", "في مصنفين", "في {n} مصنفات", "في {n} مصنفا", "في {n} مصنف"),
		group:        "%s: %s، %s", oneGroup: "%s: %s", mend: "التصحيح:", total: "في المجموع %s: %s",
		summary: "في المجموع %s: المقبولة %d، المقبولة جزئيا %d، المرفوضة %d", often: "القواعد الأكثر مخالفة:", explain: "لمعرفة المزيد عن قاعدة: %s", unread: "لم يقرأ: %s %s",
	}
}
