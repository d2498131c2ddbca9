package workbook_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/xml"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"iltizam/pipeline/workbook/scan"
)

// A second reader of workbooks, written from the standard with the standard
// library and nothing of ours: slow, without limits, by nodes. What the scanner
// reads, it must read alike.

// node is one XML element, its text apart from its children.
type node struct {
	name     string // "" outside the main namespaces
	attrs    map[string]string
	text     string
	children []*node
}

func (n *node) named(name string) (found []*node) {
	for _, c := range n.children {
		if c.name == name {
			found = append(found, c)
		}
	}
	return found
}

const (
	slowMain       = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	slowMainStrict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
	slowRel        = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	slowRelStrict  = "http://purl.oclc.org/ooxml/officeDocument/relationships"
	slowPackage    = "http://schemas.openxmlformats.org/package/2006/relationships"
)

func parseNodes(b []byte) (*node, error) {
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Strict = true
	top := &node{}
	open := []*node{top}
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			n := &node{attrs: map[string]string{}}
			if s := t.Name.Space; s == slowMain || s == slowMainStrict || s == slowPackage {
				n.name = t.Name.Local
			}
			for _, a := range t.Attr {
				switch a.Name.Space {
				case "":
					n.attrs[a.Name.Local] = a.Value
				case slowRel, slowRelStrict:
					n.attrs["r:"+a.Name.Local] = a.Value
				}
			}
			parent := open[len(open)-1]
			parent.children = append(parent.children, n)
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			open[len(open)-1].text += string(t)
		}
	}
	if len(top.children) != 1 {
		return nil, errors.New("not one root")
	}
	return top.children[0], nil
}

// slowBook is what the slow reader makes of a workbook: the sheets' names, then
// for each worksheet its cells by reference.
type slowBook struct {
	names  []string
	sheets []map[string]slowCell // nil where the sheet is no worksheet
}

type slowCell struct {
	kind scan.Kind // Number stands for Date too
	text string
	n    float64
}

type slowReader struct {
	files map[string]*zip.File
	texts []string
}

func slowFold(name string) string {
	return strings.TrimPrefix(strings.ToLower(strings.ReplaceAll(name, `\`, "/")), "/")
}

func (s *slowReader) part(name string) (*node, error) {
	f := s.files[slowFold(name)]
	if f == nil {
		return nil, fmt.Errorf("no part %s", name)
	}
	// What stands behind a part's bytes says no more than the directory does,
	// and is not asked: f.Open would believe it.
	in, err := f.OpenRaw()
	if err != nil {
		return nil, err
	}
	if f.Method == zip.Deflate {
		in = flate.NewReader(in)
	}
	b, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	if uint64(len(b)) != f.UncompressedSize64 || crc32.ChecksumIEEE(b) != f.CRC32 {
		return nil, fmt.Errorf("part %s: wrong size or check sum", name)
	}
	return parseNodes(b)
}

// links gives the targets of a part by relationship id, each with its kind.
func (s *slowReader) links(of string) (map[string][2]string, error) {
	name := "_rels/.rels"
	if of != "" {
		name = path.Join(path.Dir(of), "_rels", path.Base(of)+".rels")
	}
	n, err := s.part(name)
	if err != nil {
		return nil, err
	}
	out := map[string][2]string{}
	for _, r := range n.named("Relationship") {
		target := strings.ReplaceAll(r.attrs["Target"], `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = path.Join("/", path.Dir(of), target)
		}
		kind, ok := strings.CutPrefix(r.attrs["Type"], slowRel+"/")
		if !ok {
			kind, ok = strings.CutPrefix(r.attrs["Type"], slowRelStrict+"/")
		}
		if ok && r.attrs["TargetMode"] != "External" {
			out[r.attrs["Id"]] = [2]string{kind, strings.TrimPrefix(path.Clean(target), "/")}
		}
	}
	return out, nil
}

func slowRead(file []byte) (*slowBook, error) {
	zr, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, err
	}
	s := &slowReader{files: map[string]*zip.File{}}
	for _, f := range zr.File {
		s.files[slowFold(f.Name)] = f
	}
	roots, err := s.links("")
	if err != nil {
		return nil, err
	}
	main := ""
	for _, r := range roots {
		if r[0] == "officeDocument" {
			main = r[1]
		}
	}
	rels, err := s.links(main)
	if err != nil {
		return nil, err
	}
	for _, r := range rels {
		if r[0] == "sharedStrings" {
			n, err := s.part(r[1])
			if err != nil {
				return nil, err
			}
			for _, si := range n.named("si") {
				s.texts = append(s.texts, slowText(si))
			}
		}
	}
	n, err := s.part(main)
	if err != nil {
		return nil, err
	}
	b := &slowBook{}
	for _, list := range n.named("sheets") {
		for _, sheet := range list.named("sheet") {
			b.names = append(b.names, sheet.attrs["name"])
			var cells map[string]slowCell
			if r := rels[sheet.attrs["r:id"]]; r[0] == "worksheet" {
				if cells, err = s.sheet(r[1]); err != nil {
					return nil, fmt.Errorf("%s: %w", sheet.attrs["name"], err)
				}
			}
			b.sheets = append(b.sheets, cells)
		}
	}
	return b, nil
}

// slowText joins the runs of an <si> or <is>, without phonetic guides.
func slowText(n *node) string {
	text := ""
	for _, c := range n.children {
		switch c.name {
		case "t":
			text += slowUnescape(c.text)
		case "r":
			for _, t := range c.named("t") {
				text += slowUnescape(t.text)
			}
		}
	}
	return text
}

// slowUnescape reads _xHHHH_ unit by unit.
func slowUnescape(s string) string {
	var units []uint16
	for s != "" {
		if len(s) >= 7 && s[:2] == "_x" && s[6] == '_' {
			if n, err := strconv.ParseUint(s[2:6], 16, 16); err == nil && !strings.ContainsAny(s[2:6], "+-_") {
				units, s = append(units, uint16(n)), s[7:]
				continue
			}
		}
		for _, r := range s {
			units = utf16.AppendRune(units, r)
			s = s[len(string(r)):]
			break
		}
	}
	var runes []rune
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		if utf16.IsSurrogate(r) {
			var low rune
			if i+1 < len(units) {
				low = rune(units[i+1])
			}
			if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
				r = scan.HalfPair
			} else {
				i++
			}
		}
		runes = append(runes, r)
	}
	return string(runes)
}

func (s *slowReader) sheet(name string) (map[string]slowCell, error) {
	n, err := s.part(name)
	if err != nil {
		return nil, err
	}
	cells := map[string]slowCell{}
	number := 0
	for _, data := range n.named("sheetData") {
		for _, row := range data.named("row") {
			if number++; row.attrs["r"] != "" {
				if number, err = strconv.Atoi(row.attrs["r"]); err != nil {
					return nil, err
				}
			}
			col := 0
			for _, c := range row.named("c") {
				col++
				if ref := c.attrs["r"]; ref != "" {
					col = 0
					for i := 0; i < len(ref) && ref[i] >= 'A'; i++ {
						col = col*26 + int(ref[i]-'A') + 1
					}
				}
				cell, err := s.cell(c)
				if err != nil {
					return nil, fmt.Errorf("row %d column %d: %w", number, col, err)
				}
				if cell.kind == scan.Empty {
					continue
				}
				ref := scan.Ref(col, number)
				if _, twice := cells[ref]; twice {
					return nil, fmt.Errorf("%s twice", ref)
				}
				cells[ref] = cell
			}
		}
	}
	return cells, nil
}

func (s *slowReader) cell(c *node) (slowCell, error) {
	value, kind := "", c.attrs["t"]
	vs, fs := c.named("v"), c.named("f")
	if len(vs) > 0 {
		value = vs[0].text
	}
	if len(fs) > 0 && (len(vs) == 0 || value == "" && kind != "str") {
		return slowCell{kind: scan.FormulaUncached}, nil
	}
	text := func(s string) slowCell {
		if s == "" {
			return slowCell{}
		}
		return slowCell{kind: scan.Text, text: s}
	}
	if kind == "inlineStr" {
		joined := ""
		for _, is := range c.named("is") {
			joined += slowText(is)
		}
		return text(joined), nil
	}
	if len(vs) == 0 || value == "" && kind != "s" {
		return slowCell{}, nil
	}
	switch kind {
	case "", "n":
		f, err := strconv.ParseFloat(value, 64)
		return slowCell{kind: scan.Number, n: f}, err
	case "s":
		i, err := strconv.Atoi(value)
		if err != nil || i < 0 || i >= len(s.texts) {
			return slowCell{}, fmt.Errorf("no shared string %q", value)
		}
		return text(s.texts[i]), nil
	case "str":
		return text(slowUnescape(value)), nil
	case "b":
		b, err := strconv.ParseBool(value)
		out := slowCell{kind: scan.Bool}
		if b {
			out.n = 1
		}
		return out, err
	case "e":
		return slowCell{kind: scan.Error, text: value}, nil
	case "d":
		return slowCell{kind: scan.Date, text: value}, nil
	}
	return slowCell{}, fmt.Errorf("no type %q", kind)
}

// likeSlow tells where the scanner's cell differs from the slow reader's, ""
// where they agree.
func likeSlow(c scan.Cell, want slowCell) string {
	ok := false
	switch {
	case want.kind == scan.Date: // a time alone stays text
		ok = c.Raw == want.text && (c.Kind == scan.Text || c.Kind == scan.Date && strings.HasPrefix(want.text, c.Text))
	case want.kind == scan.Number:
		ok = (c.Kind == scan.Number || c.Kind == scan.Date) && c.Number == want.n
	case want.kind == scan.Bool:
		ok = c.Kind == scan.Bool && c.Number == want.n
	default:
		ok = c.Kind == want.kind && c.Text == want.text
	}
	if ok {
		return ""
	}
	return fmt.Sprintf("%s is %+v, the slow reader's %+v", c.Ref(), c, want)
}

// agreesWithSlow tells the first difference between the two readers on a
// workbook that the scanner read, "" where there is none.
func agreesWithSlow(book *scan.Book, sheets [][]scan.Cell, file []byte) string {
	slow, err := slowRead(file)
	// Which letters beyond ASCII a name may have the scanner does not look up: no
	// name that is read has any.
	if err != nil && strings.Contains(err.Error(), "invalid XML name: ") {
		return ""
	}
	if err != nil {
		return "read what the slow reader refuses: " + err.Error()
	}
	if len(slow.names) != len(book.Sheets) {
		return fmt.Sprintf("%d sheets, the slow reader has %d", len(book.Sheets), len(slow.names))
	}
	for i, s := range book.Sheets {
		if s.Name != slow.names[i] {
			return fmt.Sprintf("sheet %q, the slow reader's %q", s.Name, slow.names[i])
		}
		seen := 0
		for _, c := range sheets[i] {
			if c.Kind == scan.Empty {
				continue
			}
			seen++
			if d := likeSlow(c, slow.sheets[i][c.Ref()]); d != "" {
				return s.Name + "!" + d
			}
		}
		if seen != len(slow.sheets[i]) {
			return fmt.Sprintf("%s has %d cells, the slow reader's %d", s.Name, seen, len(slow.sheets[i]))
		}
	}
	return ""
}
