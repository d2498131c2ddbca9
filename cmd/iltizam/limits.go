package main

import "iltizam/pipeline/workbook"

// limits are the keys under `limits:`; docs/limits.md tells what each bounds.
// The largest file has a key of its own, max_file_mib.
type limits struct {
	Members        int64 `yaml:"members"`
	TotalMiB       int64 `yaml:"total_mib"`
	Ratio          int64 `yaml:"ratio"`
	PartMiB        int64 `yaml:"part_mib"`
	StringsMiB     int64 `yaml:"strings_mib"`
	SheetMiB       int64 `yaml:"sheet_mib"`
	TokenKiB       int64 `yaml:"token_kib"`
	Depth          int64 `yaml:"depth"`
	Sheets         int64 `yaml:"sheets"`
	Formats        int64 `yaml:"formats"`
	Strings        int64 `yaml:"strings"`
	Columns        int64 `yaml:"columns"`
	CellCharacters int64 `yaml:"cell_characters"`
}

func defaultLimits() limits {
	d := workbook.DefaultLimits()
	return limits{Members: int64(d.Members), TotalMiB: d.TotalBytes >> 20, Ratio: d.Ratio, PartMiB: d.SmallBytes >> 20,
		StringsMiB: d.StringsBytes >> 20, SheetMiB: d.SheetBytes >> 20, TokenKiB: int64(d.TokenBytes) >> 10, Depth: int64(d.Depth),
		Sheets: int64(d.Sheets), Formats: int64(d.Styles), Strings: int64(d.Strings), Columns: int64(d.Columns), CellCharacters: int64(d.TextUnits)}
}

// bound is a limit with what it may be set to: enough for the form itself, no
// more than the format or the machine bears.
type bound struct {
	key        string
	value      int64
	least, top int64
}

func (l limits) bounds() []bound {
	return []bound{
		{"members", l.Members, 20, 65535},
		{"total_mib", l.TotalMiB, 1, 4096},
		{"ratio", l.Ratio, 20, 1032}, // deflate itself reaches no more
		{"part_mib", l.PartMiB, 1, 64},
		{"strings_mib", l.StringsMiB, 1, 1024},
		{"sheet_mib", l.SheetMiB, 1, 4096},
		{"token_kib", l.TokenKiB, 64, 65536},
		{"depth", l.Depth, 16, 10000},
		{"sheets", l.Sheets, 8, 65535},
		{"formats", l.Formats, 256, 1 << 20},
		{"strings", l.Strings, 1000, 1 << 28},
		{"columns", l.Columns, 32, 16384},
		{"cell_characters", l.CellCharacters, 4000, 32767},
	}
}

func (l limits) check(bad func(format string, args ...any)) {
	for _, b := range l.bounds() {
		if b.value < b.least || b.value > b.top {
			bad("limits.%s %d is not within %d to %d", b.key, b.value, b.least, b.top)
		}
	}
}

// reading gives the limits that workbooks are read by.
func (c config) reading() workbook.Limits {
	l := c.Limits
	return workbook.Limits{FileBytes: c.MaxFileMiB << 20, Members: int(l.Members), TotalBytes: l.TotalMiB << 20, Ratio: l.Ratio,
		SmallBytes: l.PartMiB << 20, StringsBytes: l.StringsMiB << 20, SheetBytes: l.SheetMiB << 20, TokenBytes: int(l.TokenKiB) << 10,
		Depth: int(l.Depth), Sheets: int(l.Sheets), Styles: int(l.Formats), Strings: int(l.Strings), Columns: int(l.Columns),
		TextUnits: int(l.CellCharacters)}
}
