package workbook

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/xuri/excelize/v2"

	"iltizam/pipeline/workbook/scan"
)

// Op is what an Edit does.
type Op uint8

// The operations of an Edit.
const (
	Set          Op = iota // sets one cell
	DeleteColumn           // of Key or Cell
	DeleteRow              // Row, or that of Cell
	DeleteSheet            //
	RenameSheet            // to Value
)

// Formula is a value for Edit that is computed when the workbook is opened.
type Formula string

// Edit is one change to a workbook: of a cell, by the machine key of its column
// with its Row, or by its A1 name in Cell.
type Edit struct {
	Op     Op
	Sheet  string // its key in the layout, or its name
	Key    string
	Row    int
	Cell   string
	Value  any    // string, Formula, float64, int, bool; nil clears the cell
	Date   bool   // Value is a YYYY-MM-DD to be written as a date
	NumFmt string // number format to give the cell; "" leaves it as it is
}

// ApplyEdits makes the changes in their order; the same changes to the same
// bytes give the same bytes. It is for workbooks of our own making: nothing in
// src is checked.
func ApplyEdits(src []byte, lay *Layout, edits []Edit) ([]byte, error) {
	f, err := excelize.OpenReader(bytes.NewReader(src), excelize.Options{UnzipSizeLimit: 256 << 20, UnzipXMLSizeLimit: 256 << 20})
	if err != nil {
		return nil, fmt.Errorf("edit workbook: %w", err)
	}
	defer f.Close()
	for i, e := range edits {
		if err := e.apply(f, lay); err != nil {
			return nil, fmt.Errorf("edit workbook: edit %d: %w", i+1, err)
		}
	}
	var out bytes.Buffer
	if err := writeFixed(&out, f); err != nil {
		return nil, fmt.Errorf("edit workbook: %w", err)
	}
	return out.Bytes(), nil
}

func (e Edit) apply(f *excelize.File, lay *Layout) error {
	sheet, err := e.sheet(f, lay)
	if err != nil {
		return err
	}
	if e.Op == DeleteSheet {
		return f.DeleteSheet(sheet)
	}
	if e.Op == RenameSheet {
		return f.SetSheetName(sheet, fmt.Sprint(e.Value))
	}
	col, row, err := e.place(f, lay, sheet)
	if err != nil {
		return err
	}
	switch e.Op {
	case DeleteColumn:
		return f.RemoveCol(sheet, scan.Ref(col, 0))
	case DeleteRow:
		return f.RemoveRow(sheet, row)
	}
	return e.set(f, sheet, scan.Ref(col, row))
}

// sheet finds the sheet by the layout's key or by name.
func (e Edit) sheet(f *excelize.File, lay *Layout) (string, error) {
	names := []string{e.Sheet}
	if s, ok := lay.Sheet(e.Sheet); ok {
		names = append(names, s.names()...)
	}
	for _, have := range f.GetSheetList() {
		for _, name := range names {
			if strings.EqualFold(have, name) {
				return have, nil
			}
		}
	}
	return "", fmt.Errorf("no sheet %q", e.Sheet)
}

func (e Edit) place(f *excelize.File, lay *Layout, sheet string) (col, row int, err error) {
	if e.Cell != "" {
		return excelize.CellNameToCoordinates(e.Cell)
	}
	if e.Op == DeleteRow {
		return 1, e.Row, nil
	}
	for col = 1; col <= scan.DefaultLimits().Columns; col++ {
		key, err := f.GetCellValue(sheet, scan.Ref(col, lay.KeyRow), excelize.Options{RawCellValue: true})
		if err != nil {
			return 0, 0, err
		}
		if key == e.Key {
			return col, e.Row, nil
		}
	}
	return 0, 0, fmt.Errorf("sheet %q has no column %q", sheet, e.Key)
}

func (e Edit) set(f *excelize.File, sheet, ref string) error {
	numFmt := e.NumFmt
	var err error
	switch v := e.Value.(type) {
	case nil:
		if err = f.SetCellFormula(sheet, ref, ""); err == nil {
			err = f.SetCellValue(sheet, ref, nil)
		}
	case Formula:
		err = f.SetCellFormula(sheet, ref, strings.TrimPrefix(string(v), "="))
	case string:
		if !e.Date {
			err = f.SetCellStr(sheet, ref, escapeMark.ReplaceAllString(v, "_x005F$0"))
			break
		}
		var days float64
		if days, err = isoDate(v).serial(); err == nil {
			err = f.SetCellFloat(sheet, ref, days, -1, 64)
		}
		if numFmt == "" {
			numFmt = dateFormat
		}
	case float64:
		err = f.SetCellFloat(sheet, ref, v, -1, 64)
	case int:
		err = f.SetCellInt(sheet, ref, int64(v))
	case bool:
		err = f.SetCellBool(sheet, ref, v)
	default:
		err = errors.New("a value of a type that cells do not hold")
	}
	if err != nil {
		return fmt.Errorf("set %s: %w", ref, err)
	}
	if numFmt == "" {
		return nil
	}
	return setNumFmt(f, sheet, ref, numFmt)
}

// escapeMark is text that the format would read as an escaped character.
var escapeMark = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// setNumFmt changes a cell's number format, nothing else of its look.
func setNumFmt(f *excelize.File, sheet, ref, numFmt string) error {
	id, err := f.GetCellStyle(sheet, ref)
	if err != nil {
		return err
	}
	style, err := f.GetStyle(id)
	if err != nil {
		return err
	}
	style.NumFmt, style.CustomNumFmt = 0, &numFmt
	if id, err = f.NewStyle(style); err != nil {
		return err
	}
	return f.SetCellStyle(sheet, ref, ref, id)
}
