package workbook

import (
	"strconv"
	"strings"
)

// workbook writes the list of the sheets: ours first, the record last. The
// sender's defined names follow their sheets.
func (a *annotator) workbook(part []byte) ([]byte, error) {
	r, err := root(part)
	if err != nil {
		return nil, err
	}
	all, err := elements(r.inner)
	if err != nil {
		return nil, err
	}
	out := append([]byte(xmlProlog), r.open...)
	viewed := false
	var names []byte
	for _, e := range all {
		switch e.name {
		case "sheets":
			if !viewed {
				out = append(out, "<bookViews><workbookView></workbookView></bookViews>"...)
			}
			out = append(out, a.sheetList()...)
		case "bookViews":
			if e, err = firstSheetFirst(e); err != nil {
				return nil, err
			}
			viewed = true
			out = e.append(out)
		case "definedNames":
			if names, err = a.definedNames(e); err != nil {
				return nil, err
			}
		default:
			out = e.append(out)
		}
	}
	row := strconv.Itoa(max(a.headRow, 1))
	names = append(names, `<definedName name="_xlnm.Print_Titles" localSheetId="0">`+escape(quoteSheet(a.name))+`!$`+row+`:$`+row+`</definedName>`...)
	out = append(append(append(out, "<definedNames>"...), names...), "</definedNames>"...)
	// Of a formula that was saved without its result, programs shall show one.
	return append(out, `<calcPr fullCalcOnLoad="1"></calcPr></workbook>`...), nil
}

func (a *annotator) sheetList() string {
	var b strings.Builder
	n := 0
	sheet := func(name, state string) {
		n++
		id := strconv.Itoa(n)
		b.WriteString(`<sheet name="` + escape(name) + `" sheetId="` + id + `"`)
		if state != "" {
			b.WriteString(` state="` + state + `"`)
		}
		b.WriteString(` r:id="rId` + id + `"></sheet>`)
	}
	b.WriteString("<sheets>")
	sheet(a.name, "")
	for _, s := range a.sheets {
		switch {
		case s.VeryHidden:
			sheet(s.Name, "veryHidden")
		case s.Hidden:
			sheet(s.Name, "hidden")
		default:
			sheet(s.Name, "")
		}
	}
	sheet(a.lay.Feedback.Record, "veryHidden")
	return b.String() + "</sheets>"
}

// firstSheetFirst has the workbook open at its first sheet.
func firstSheetFirst(views element) (element, error) {
	all, err := elements(views.inner)
	if err != nil {
		return views, err
	}
	views.inner = nil
	for _, v := range all {
		v.open = withAttr(withAttr(v.open, "activeTab", ""), "firstSheet", "")
		views.inner = v.append(views.inner)
	}
	return views, nil
}

// definedNames gives the names that the sheets of the copy need: those of a
// sheet that is not there go with it.
func (a *annotator) definedNames(e element) ([]byte, error) {
	all, err := elements(e.inner)
	if err != nil {
		return nil, err
	}
	place := map[int]int{}
	for i, s := range a.sheets {
		place[s.from] = i + 1
	}
	var out []byte
	for _, name := range all {
		if _, local := attr(name.open, "localSheetId"); local {
			to, there := place[attrInt(name.open, "localSheetId")]
			if !there {
				continue
			}
			name.open = withAttr(name.open, "localSheetId", strconv.Itoa(to))
		} else if a.alone {
			continue
		}
		out = name.append(out)
	}
	return out, nil
}
