package scan

import (
	"encoding/binary"
	"testing"
	"unicode/utf16"
)

// Parts in UTF-16 are refused by that name: XML allows them, no spreadsheet
// program writes them.
func TestUTF16IsRefused(t *testing.T) {
	encoded := func(order binary.AppendByteOrder, mark bool, s string) string {
		var b []byte
		if mark {
			b = order.AppendUint16(b, 0xfeff)
		}
		for _, u := range utf16.Encode([]rune(s)) {
			b = order.AppendUint16(b, u)
		}
		return string(b)
	}
	p := workbookOf(rows(3))
	for _, part := range []string{"xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			for _, mark := range []bool{true, false} {
				_, err := scanAll(p.with(part, encoded(order, mark, p[part])).zip(), DefaultLimits())
				wantRefusal(t, err, RuleDamaged, "@damage-encoding", "")
			}
		}
	}
}
