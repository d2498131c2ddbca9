package scan

// Day gives the day that a serial number is in this workbook's date system; ok
// is false where it is none.
func (b *Book) Day(serial float64) (day string, ok bool) { return serialDay(serial, b.Date1904) }
