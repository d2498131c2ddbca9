package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"iltizam/pipeline/workbook"
	"iltizam/schemas"
)

const editUsage = `edit SRC.xlsx DST.xlsx CHANGE...
  SHEET!CELL=VALUE   a number if it reads as one, else a text; nothing clears the cell
                     text:65 %  date:2026-11-01  percent:0.65  formula:A1*2  error:#REF!
  _meta!KEY=VALUE    of the hidden sheet
  -SHEET!KEY         deletes the column with this machine key
  -SHEET!ROW         deletes a row
  -SHEET             deletes a sheet
  SHEET=NAME         names a sheet anew`

// editWorkbook breaks, or mends, a workbook as a person would.
func editWorkbook(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 3, editUsage)
	lay, err := sampleLayout()
	ts.Check(err)
	b, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	var edits []workbook.Edit
	failing := map[int]string{} // number that stands in for an error value -> the error
	for _, change := range args[2:] {
		e, err := parseChange(lay, change, failing)
		ts.Check(err)
		edits = append(edits, e)
	}
	b, err = workbook.ApplyEdits(b, lay, edits)
	ts.Check(err)
	for number, text := range failing {
		b, err = errorCell(b, number, text)
		ts.Check(err)
	}
	ts.Check(os.MkdirAll(filepath.Dir(ts.MkAbs(args[1])), 0o755))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b, 0o644))
}

func sampleLayout() (*workbook.Layout, error) {
	b, err := fs.ReadFile(schemas.FS, "layouts/workbook.json")
	if err != nil {
		return nil, err
	}
	return workbook.ParseLayout(b)
}

func parseChange(lay *workbook.Layout, change string, failing map[int]string) (workbook.Edit, error) {
	if less, ok := strings.CutPrefix(change, "-"); ok {
		sheet, what, part := strings.Cut(less, "!")
		row, err := strconv.Atoi(what)
		switch {
		case !part:
			return workbook.Edit{Op: workbook.DeleteSheet, Sheet: sheet}, nil
		case err == nil:
			return workbook.Edit{Op: workbook.DeleteRow, Sheet: sheet, Row: row}, nil
		}
		return workbook.Edit{Op: workbook.DeleteColumn, Sheet: sheet, Key: what}, nil
	}
	if sheet, name, ok := strings.Cut(change, "="); ok && !strings.Contains(sheet, "!") {
		return workbook.Edit{Op: workbook.RenameSheet, Sheet: sheet, Value: name}, nil
	}
	sheet, rest, ok := strings.Cut(change, "!")
	cell, text, ok2 := strings.Cut(rest, "=")
	if !ok || !ok2 {
		return workbook.Edit{}, fmt.Errorf("read %q: usage: %s", change, editUsage)
	}
	e := workbook.Edit{Sheet: sheet, Cell: cell}
	if sheet == "_meta" {
		meta, _ := lay.Sheet("meta")
		i := slices.Index(meta.Keys, cell)
		if i < 0 {
			return e, fmt.Errorf("read %q: the sheet has no such key", change)
		}
		e.Cell, e.Value = fmt.Sprintf("B%d", i+1), text
		return e, nil
	}
	return e, setValue(&e, text, failing)
}

func setValue(e *workbook.Edit, text string, failing map[int]string) error {
	kind, value, typed := strings.Cut(text, ":")
	number, err := strconv.ParseFloat(text, 64)
	switch {
	case text == "":
		e.Value = nil
	case err == nil:
		e.Value = number
	case typed && kind == "text":
		e.Value = value
	case typed && kind == "date":
		e.Value, e.Date = value, true
	case typed && kind == "percent":
		e.NumFmt = "0%"
		e.Value, err = strconv.ParseFloat(value, 64)
		return err
	case typed && kind == "formula":
		e.Value = workbook.Formula(value)
	case typed && kind == "error":
		stand := 987654300 + len(failing)
		failing[stand] = value
		e.Value = stand
	default:
		e.Value = text
	}
	return nil
}

// errorCell makes the cell that holds a number hold an error value, which no
// editing library writes.
func errorCell(src []byte, number int, text string) ([]byte, error) {
	cell := regexp.MustCompile(`<c ([^>]*)><v>` + strconv.Itoa(number) + `</v></c>`)
	zr, err := zip.NewReader(bytes.NewReader(src), int64(len(src)))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	zw := zip.NewWriter(&out)
	done := false
	for _, f := range zr.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		if cell.Match(b) {
			done = true
			b = cell.ReplaceAll(b, []byte(`<c $1 t="e"><v>`+text+`</v></c>`))
		}
		w, err := zw.Create(f.Name)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(b); err != nil {
			return nil, err
		}
	}
	if !done {
		return nil, errors.New("the cell for the error value was not found")
	}
	err = zw.Close()
	return out.Bytes(), err
}
