package workbook_test

import (
	"bytes"
	"errors"
	"runtime"
	"slices"
	"testing"

	"iltizam/pipeline/workbook"
	"iltizam/pipeline/workbook/scan"
	"iltizam/pipeline/workbook/workbooktest"
)

// partNames are the parts that FuzzWorkbook changes one at a time.
func partNames() []string {
	return []string{workbooktest.Progress, workbooktest.Strings, workbooktest.Styles, workbooktest.Book,
		workbooktest.Links, workbooktest.Root, workbooktest.Meta, workbooktest.Types}
}

// fuzzLimits keep a fuzzed file from being a bomb.
func fuzzLimits() workbook.Limits {
	lim := workbook.DefaultLimits()
	lim.TotalBytes, lim.SheetBytes, lim.StringsBytes = 8<<20, 4<<20, 4<<20
	return lim
}

// readAll reads every cell of every worksheet.
func readBook(space *scan.Space, file []byte, lim workbook.Limits) (*scan.Book, [][]scan.Cell, error) {
	book, err := space.Open(bytes.NewReader(file), int64(len(file)), lim)
	if err != nil {
		return nil, nil, err
	}
	sheets := make([][]scan.Cell, len(book.Sheets))
	for i, s := range book.Sheets {
		err := book.Each(s, func(_ int, cells []scan.Cell) bool {
			sheets[i] = append(sheets[i], cells...)
			return true
		})
		if err != nil && !noWorksheet(err) {
			return nil, nil, err
		}
	}
	return book, sheets, nil
}

// noWorksheet tells of a chart or dialogue sheet, which has no cells.
func noWorksheet(err error) bool {
	var r *scan.Refusal
	return errors.As(err, &r) && r.Finding.Args["reason"] == "@damage-part-absent" && r.Finding.Args["part"] == ""
}

// FuzzWorkbook changes one part of a sound form, or the packed file as a whole.
// Whatever comes of it: no panic, bounded memory, and either a refusal that says
// what is wrong, or a read that the slow reader agrees with cell by cell. The
// buffers are the same for all, so that nothing of one workbook may show in the
// next.
func FuzzWorkbook(f *testing.F) {
	plain := workbooktest.NewForm().Parts()
	names := partNames()
	whole := uint8(len(names))
	f.Add(whole, plain.Zip())
	for i, name := range names {
		f.Add(uint8(i), []byte(plain[name]))
	}
	for _, c := range workbooktest.Light() {
		file := c.File()
		if len(file) > 8<<10 {
			continue
		}
		f.Add(whole, file)
		if parts, err := workbooktest.Unzip(file); err == nil {
			for i, name := range names {
				if got, ok := parts[name]; ok && got != plain[name] && len(got) < 16<<10 {
					f.Add(uint8(i), []byte(got))
				}
			}
		}
	}
	space := new(scan.Space)
	f.Fuzz(func(t *testing.T, which uint8, content []byte) {
		file := content
		if int(which) < len(names) {
			ms := plain.With(names[which], string(content)).Members()
			for i := range ms {
				ms[i].Store = true
			}
			file = workbooktest.Zip(ms)
		}
		fuzzOne(t, space, file)
	})
}

func fuzzOne(t *testing.T, space *scan.Space, file []byte) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	book, sheets, err := readBook(space, file, fuzzLimits())
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 48<<20+16*uint64(len(file)) {
		t.Fatalf("allocated %d KiB for %d bytes", took>>10, len(file))
	}
	if err == nil {
		if d := agreesWithSlow(book, sheets, file); d != "" {
			t.Fatal(d)
		}
		return
	}
	var r *scan.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("an error of ours: %v", err)
	}
	f := r.Finding
	if f.Rule == scan.RuleDamaged && f.Args["reason"] == "@damage-unreadable" {
		t.Fatal("a panic had to be caught")
	}
	if known := []string{"reason", "format", "what"}; f.Rule != scan.RuleEmpty && f.Rule != scan.RuleEncrypted &&
		!slices.ContainsFunc(known, func(k string) bool { return f.Args[k] != "" }) {
		t.Fatalf("a refusal without a reason: %+v", f)
	}
}

// The slow reader is no mirror: it reads what the scanner reads on all that is
// sound, and the comparison can fail.
func TestSlowReader(t *testing.T) {
	space := new(scan.Space)
	read := 0
	for _, c := range workbooktest.Light() {
		file := c.File()
		if len(file) > 100<<10 {
			continue
		}
		book, sheets, err := readBook(space, file, workbook.DefaultLimits())
		if err != nil {
			continue
		}
		read++
		if d := agreesWithSlow(book, sheets, file); d != "" {
			t.Errorf("%s: %s", c.ID, d)
		}
	}
	if read < 100 {
		t.Errorf("compared only %d workbooks", read)
	}
	file := workbooktest.NewForm().Parts().Zip()
	book, sheets, err := readBook(space, file, workbook.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	sheets[0][3].Text += "x"
	if agreesWithSlow(book, sheets, file) == "" {
		t.Error("a changed text is not seen")
	}
	sheets[0][3].Text = sheets[0][3].Text[:len(sheets[0][3].Text)-1]
	sheets[0] = sheets[0][:len(sheets[0])-1]
	if agreesWithSlow(book, sheets, file) == "" {
		t.Error("a missing cell is not seen")
	}
}
