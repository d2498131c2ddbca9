package workbook

// Day gives the day (ISO) that a plain number would be in this workbook, in the
// 1900 or the 1904 system; ok is false where it is none.
func (d *Document) Day(serial float64) (day string, ok bool) { return d.book.Day(serial) }
