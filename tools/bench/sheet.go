//go:build unix

package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// cell is one cell of a generated row; a text goes into the shared strings, as
// Excel itself would put it.
type cell struct {
	column string
	text   string
	num    float64
}

func text(column, s string) cell           { return cell{column: column, text: s} }
func number(column string, v float64) cell { return cell{column: column, num: v} }

const firstRow = 6

var (
	dataRow = regexp.MustCompile(`<row r="(\d+)"`)
	styleOf = regexp.MustCompile(`<c r="([A-Z]+)6" s="(\d+)"`)
)

// fillSheet copies a template with the rows of one sheet written anew: the sheet
// that has a column of the given key. It works on the XML itself, since a
// workbook of 200,000 rows is more than the usual writers hold.
func fillSheet(src, dst, key string, rows func(row func(cells ...cell))) error {
	b, err := os.ReadFile(src)
	if err != nil {
		return err
	}
	zr, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return err
	}
	parts := map[string][]byte{}
	for _, f := range zr.File {
		r, err := f.Open()
		if err != nil {
			return err
		}
		if parts[f.Name], err = io.ReadAll(r); err != nil {
			return err
		}
	}
	const sst = "xl/sharedStrings.xml"
	index := bytes.Count(parts[sst], []byte("<si>")) + bytes.Count(parts[sst], []byte("<si/>"))
	keyIndex := bytes.Count(parts[sst][:bytes.Index(parts[sst], []byte(">"+key+"<"))], []byte("<si>")) - 1
	sheet := ""
	for name, part := range parts {
		if strings.HasPrefix(name, "xl/worksheets/sheet") && regexp.MustCompile(fmt.Sprintf(`<c r="[A-Z]+1"[^>]*t="s"[^>]*><v>%d</v>`, keyIndex)).Match(part) {
			sheet = name
		}
	}
	if sheet == "" {
		return fmt.Errorf("fill %s: no sheet has a column %s", src, key)
	}
	part := parts[sheet]
	styles := map[string]string{}
	for _, m := range styleOf.FindAllSubmatch(part, -1) {
		styles[string(m[1])] = string(m[2])
	}
	head, tail := part, part[bytes.Index(part, []byte("</sheetData>")):]
	for _, m := range dataRow.FindAllSubmatchIndex(part, -1) {
		if n, _ := strconv.Atoi(string(part[m[2]:m[3]])); n >= firstRow {
			head = part[:m[0]]
			break
		}
	}
	var body, strs bytes.Buffer
	seen := map[string]int{}
	n := firstRow
	rows(func(cells ...cell) {
		fmt.Fprintf(&body, `<row r="%d">`, n)
		for _, c := range cells {
			style := ""
			if s := styles[c.column]; s != "" {
				style = ` s="` + s + `"`
			}
			if c.text == "" {
				fmt.Fprintf(&body, `<c r="%s%d"%s><v>%v</v></c>`, c.column, n, style, c.num)
				continue
			}
			at, ok := seen[c.text]
			if !ok {
				at = index + len(seen)
				seen[c.text] = at
				strs.WriteString("<si><t>")
				_ = xml.EscapeText(&strs, []byte(c.text)) // a buffer never fails
				strs.WriteString("</t></si>")
			}
			fmt.Fprintf(&body, `<c r="%s%d"%s t="s"><v>%d</v></c>`, c.column, n, style, at)
		}
		body.WriteString("</row>")
		n++
	})
	parts[sheet] = bytes.Join([][]byte{head, body.Bytes(), tail}, nil)
	parts[sst] = bytes.Replace(parts[sst], []byte("</sst>"), append(strs.Bytes(), "</sst>"...), 1)
	return writeZip(dst, zr, parts)
}

func writeZip(dst string, order *zip.Reader, parts map[string][]byte) error {
	f, err := os.Create(dst)
	if err != nil {
		return err
	}
	defer f.Close()
	buf := bufio.NewWriter(f)
	zw := zip.NewWriter(buf)
	for _, member := range order.File {
		w, err := zw.Create(member.Name)
		if err != nil {
			return err
		}
		if _, err := w.Write(parts[member.Name]); err != nil {
			return err
		}
	}
	if err := zw.Close(); err != nil {
		return err
	}
	if err := buf.Flush(); err != nil {
		return err
	}
	return f.Close()
}
