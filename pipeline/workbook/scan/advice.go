package scan

// advice is what the sender of another format is to do, one of a closed list.
type advice string

const (
	adviceSave     advice = "save"     // open it in Excel and save it as .xlsx
	adviceOffice   advice = "office"   // save it as .xlsx with the free office suite it comes from
	adviceNumbers  advice = "numbers"  // export it to Excel
	adviceUnzip    advice = "unzip"    // send the workbook inside, not the archive
	adviceTemplate advice = "template" // copy the values into the form
)

func advices() []advice {
	return []advice{adviceSave, adviceOffice, adviceNumbers, adviceUnzip, adviceTemplate}
}

// adviceFor tells formats that a spreadsheet program saves as .xlsx without loss
// from those in which the form is lost.
func adviceFor(f Format) advice {
	switch f {
	case FormatXLS, FormatXLSB, FormatXML2003:
		return adviceSave
	case FormatODS:
		return adviceOffice
	case FormatNumbers:
		return adviceNumbers
	}
	return adviceTemplate
}
