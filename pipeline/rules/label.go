package rules

// Fold brings labels that a person would call the same to one form, for whoever
// looks for a column by its heading.
func Fold(label string) string { return fold(label) }
