//go:build unix

package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// hostile is a workbook made to exhaust whoever reads it.
type hostile struct {
	name string
	make func(z *rawZip)
}

const (
	mainNS = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relNS  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	pkgNS  = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	sheet1 = "xl/worksheets/sheet1.xml"
	mib    = 1 << 20
)

// rawZip writes members whose content is a head, a piece repeated, a tail, without
// ever holding or deflating the whole.
type rawZip struct {
	w    *zip.Writer
	done map[string]bool
	err  error
}

// repeat deflates the piece once: a chunk that ends on a byte may be said again.
func (z *rawZip) repeat(name, head, piece string, times int, tail string) {
	if z.err != nil || z.done[name] {
		return
	}
	z.done[name] = true
	per := max(1, min(times, mib/max(1, len(piece))))
	chunk := strings.Repeat(piece, per)
	rest := strings.Repeat(piece, times%per)
	var out bytes.Buffer
	sum := crc32.NewIEEE()
	deflated := func(s string) []byte {
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, flate.BestCompression)
		w.Write([]byte(s))
		w.Flush()
		return b.Bytes()
	}
	out.Write(deflated(head))
	sum.Write([]byte(head))
	once := deflated(chunk)
	for range times / per {
		out.Write(once)
		sum.Write([]byte(chunk))
	}
	out.Write(deflated(rest + tail))
	sum.Write([]byte(rest + tail))
	out.Write([]byte{1, 0, 0, 0xff, 0xff}) // the last block, empty
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, CRC32: sum.Sum32(), CompressedSize64: uint64(out.Len()),
		UncompressedSize64: uint64(len(head)) + uint64(times)*uint64(len(piece)) + uint64(len(tail))}
	w, err := z.w.CreateRaw(h)
	if err == nil {
		_, err = w.Write(out.Bytes())
	}
	z.err = err
}

func (z *rawZip) part(name, content string) { z.repeat(name, content, "", 0, "") }

// rest writes the parts of a plain workbook that were not written yet.
func (z *rawZip) rest() {
	z.part("[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`)
	z.part("_rels/.rels", pkgNS+`<Relationship Id="r1" Type="`+relNS+`/officeDocument" Target="xl/workbook.xml"/></Relationships>`)
	z.part("xl/workbook.xml", `<workbook `+mainNS+` xmlns:r="`+relNS+`"><sheets><sheet name="Avancement" sheetId="1" r:id="r1"/><sheet name="_meta" sheetId="2" r:id="r2"/></sheets></workbook>`)
	z.part("xl/_rels/workbook.xml.rels", pkgNS+`<Relationship Id="r1" Type="`+relNS+`/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="`+relNS+`/worksheet" Target="worksheets/sheet2.xml"/><Relationship Id="r3" Type="`+relNS+`/styles" Target="styles.xml"/><Relationship Id="r4" Type="`+relNS+`/sharedStrings" Target="sharedStrings.xml"/></Relationships>`)
	z.part("xl/styles.xml", `<styleSheet `+mainNS+`><cellXfs><xf numFmtId="0"/></cellXfs></styleSheet>`)
	z.part("xl/sharedStrings.xml", `<sst `+mainNS+`><si><t>a</t></si></sst>`)
	var meta, keys strings.Builder
	for i, kv := range [][2]string{{"template", "iltizam-progress"}, {"template_version", "1.0.0"}, {"plan", "ma-nap-2021-2023"},
		{"institution", "solidarity"}, {"period", "portal-page"}, {"origin", "transcription"}, {"source_url", "https://example.org/"}, {"language", "fr"}} {
		fmt.Fprintf(&meta, `<row r="%d"><c r="A%[1]d" t="inlineStr"><is><t>%[2]s</t></is></c><c r="B%[1]d" t="inlineStr"><is><t>%[3]s</t></is></c></row>`, i+1, kv[0], kv[1])
	}
	for i, key := range []string{"commitment_id", "progress_pct", "status", "reference_date"} {
		fmt.Fprintf(&keys, `<c r="%c1" t="inlineStr"><is><t>%s</t></is></c>`, 'A'+i, key)
	}
	z.part("xl/worksheets/sheet2.xml", `<worksheet `+mainNS+`><sheetData>`+meta.String()+`</sheetData></worksheet>`)
	z.part(sheet1, sheetHead(keys.String())+sheetTail)
}

func sheetHead(keys string) string {
	return `<worksheet ` + mainNS + `><sheetData><row r="1">` + keys + `</row>`
}

const sheetTail = `</sheetData></worksheet>`

const fourKeys = `<c r="A1" t="inlineStr"><is><t>commitment_id</t></is></c><c r="B1" t="inlineStr"><is><t>progress_pct</t></is></c>` +
	`<c r="C1" t="inlineStr"><is><t>status</t></is></c><c r="D1" t="inlineStr"><is><t>reference_date</t></is></c>`

// numbered writes a sheet of rows that count, which no repeated piece can do.
func (z *rawZip) numbered(rows int, row string) {
	var b strings.Builder
	b.WriteString(sheetHead(fourKeys))
	for i := range rows {
		fmt.Fprintf(&b, row, i+6)
	}
	b.WriteString(sheetTail)
	z.repeat(sheet1, b.String(), "", 0, "")
}

func hostiles() []hostile {
	const sst, styles, book = "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"
	sheet := func(piece string, bytes int) func(z *rawZip) {
		return func(z *rawZip) {
			z.repeat(sheet1, sheetHead(fourKeys), piece, bytes/len(piece), sheetTail)
		}
	}
	return []hostile{
		{"bomb: sheet of 10 GiB", sheet(strings.Repeat("<row/>", 1000), 10<<30)},
		{"bomb: sheet of 1 GiB", sheet(strings.Repeat("<row/>", 1000), 1<<30)},
		{"bomb: picture of 4 GiB less a byte", func(z *rawZip) { z.repeat("xl/media/image1.png", "", strings.Repeat("\x00", 1000), (4<<30)/1000, "") }},
		{"bomb: styles of 1 GiB", func(z *rawZip) {
			z.repeat(styles, `<styleSheet `+mainNS+`><cellXfs>`, `<xf numFmtId="0"/>`, (1<<30)/18, `</cellXfs></styleSheet>`)
		}},
		{"bomb: calculation chain of 512 MiB", func(z *rawZip) {
			z.repeat("xl/calcChain.xml", "<calcChain>", `<c r="A1"/>`, 512*mib/11, "</calcChain>")
		}},
		{"bomb: shared strings of 1 GiB", func(z *rawZip) { z.repeat(sst, `<sst `+mainNS+`>`, `<si><t>a</t></si>`, (1<<30)/17, `</sst>`) }},
		{"bomb: 1 GiB of blanks in a cell", func(z *rawZip) {
			z.repeat(sheet1, sheetHead(fourKeys)+`<row r="6"><c r="A6" t="str"><v>`, " ", 1<<30, `</v></c></row>`+sheetTail)
		}},
		{"bomb: an attribute of 512 MiB", func(z *rawZip) {
			z.repeat(sheet1, sheetHead(fourKeys)+`<row r="6" x="`, "x", 512*mib, `"/>`+sheetTail)
		}},
		{"bomb: 50 members on the same bytes", overlapping},
		{"a cell in XFD on each of 1,000 rows", func(z *rawZip) { z.numbered(1_000, `<row r="%d"><c r="XFD%[1]d"><v>1</v></c></row>`) }},
		{"a cell in XFD on each of 20,000 rows", func(z *rawZip) { z.numbered(20_000, `<row r="%d"><c r="XFD%[1]d"><v>1</v></c></row>`) }},
		{"a cell in XFD on each of 200,000 rows", func(z *rawZip) { z.numbered(200_000, `<row r="%d"><c r="XFD%[1]d"><v>1</v></c></row>`) }},
		{"a string of 8 MiB of escapes", func(z *rawZip) { z.repeat(sst, `<sst `+mainNS+`><si><t>`, "_x0041_", 8*mib/7, `</t></si></sst>`) }},
		{"styles of 200 MiB", func(z *rawZip) {
			z.repeat(styles, `<styleSheet `+mainNS+`><cellXfs>`, `<xf numFmtId="0"/>`, 200*mib/18, `</cellXfs></styleSheet>`)
		}},
		{"calculation chain of 200 MiB", func(z *rawZip) {
			z.repeat("xl/calcChain.xml", "<calcChain>", `<c r="A1"/>`, 200*mib/11, "</calcChain>")
		}},
		{"workbook part of 100 MiB of names", func(z *rawZip) {
			z.repeat(book, `<workbook `+mainNS+`><definedNames>`, `<definedName name="a">A1</definedName>`, 100*mib/38, `</definedNames></workbook>`)
		}},
		{"a million cell formats", func(z *rawZip) {
			z.repeat(styles, `<styleSheet `+mainNS+`><cellXfs>`, `<xf/>`, 1_000_000, `</cellXfs></styleSheet>`)
		}},
		{"shared strings of 200 MiB", func(z *rawZip) { z.repeat(sst, `<sst `+mainNS+`>`, `<si><t>a</t></si>`, 200*mib/17, `</sst>`) }},
		{"sheet of 240 MiB of empty cells", func(z *rawZip) {
			z.repeat(sheet1, sheetHead(fourKeys)+`<row r="6">`, `<c/>`, 240*mib/4, `</row>`+sheetTail)
		}},
		{"one row of 200 MiB of text", func(z *rawZip) {
			z.repeat(sheet1, sheetHead(fourKeys)+`<row r="6">`, `<c t="str"><v>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</v></c>`, 200*mib/62, `</row>`+sheetTail)
		}},
		{"a million styled rows without a value", func(z *rawZip) {
			z.numbered(1_000_000, `<row r="%d" s="1"><c r="A%[1]d" s="0"/><c r="B%[1]d" s="0"/></row>`)
		}},
		{"20,000 merges over each other", func(z *rawZip) {
			z.repeat(sheet1, sheetHead(fourKeys)+`</sheetData><mergeCells>`, `<mergeCell ref="A6:D5000"/>`, 20_000, `</mergeCells></worksheet>`)
		}},
		{"50,000 sheets", func(z *rawZip) {
			z.repeat(book, `<workbook `+mainNS+` xmlns:r="`+relNS+`"><sheets>`, `<sheet name="a" sheetId="1" r:id="r1"/>`, 50_000, `</sheets></workbook>`)
		}},
		{"200,000 members", func(z *rawZip) {
			for i := range 200_000 {
				z.part(fmt.Sprintf("m%d", i), "")
			}
		}},
	}
}

// overlapping is written by hand: every entry of the directory means the first
// member's bytes.
func overlapping(z *rawZip) {
	z.repeat(sheet1, sheetHead(fourKeys), strings.Repeat("<row/>", 1000), (1<<30)/6000, sheetTail)
}

// makeHostile writes the hostile workbooks, each under its number.
func makeHostile(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for i, h := range hostiles() {
		var buf bytes.Buffer
		z := &rawZip{w: zip.NewWriter(&buf), done: map[string]bool{}}
		h.make(z)
		z.rest()
		if z.err != nil {
			return fmt.Errorf("make %s: %w", h.name, z.err)
		}
		if err := z.w.Close(); err != nil {
			return fmt.Errorf("make %s: %w", h.name, err)
		}
		b := buf.Bytes()
		if strings.Contains(h.name, "same bytes") {
			b = overlap(b, 50)
		}
		if err := os.WriteFile(hostileFile(dir, i), b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func hostileFile(dir string, i int) string { return filepath.Join(dir, fmt.Sprintf("%02d.xlsx", i+1)) }

// overlap repeats the first entry of a zip's directory, under other names.
func overlap(b []byte, times int) []byte {
	end := bytes.LastIndex(b, []byte("PK\x05\x06"))
	at := int(le32(b[end+16:]))
	entry := b[at : at+46+int(le16(b[at+28:]))+int(le16(b[at+30:]))]
	var out bytes.Buffer
	out.Write(b[:end])
	for i := range times {
		e := bytes.Clone(entry)
		copy(e[46:], fmt.Sprintf("x%02d", i))
		out.Write(e)
	}
	tail := bytes.Clone(b[end:])
	n := le16(tail[10:]) + uint16(times)
	tail[8], tail[9], tail[10], tail[11] = byte(n), byte(n>>8), byte(n), byte(n>>8)
	size := uint32(end-at) + uint32(len(entry)*times)
	for i := range 4 {
		tail[12+i] = byte(size >> (8 * i))
	}
	out.Write(tail)
	return out.Bytes()
}

func le16(b []byte) uint16 { return uint16(b[0]) | uint16(b[1])<<8 }
func le32(b []byte) uint32 { return uint32(le16(b)) | uint32(le16(b[2:]))<<16 }

// measureHostile prints what each hostile workbook costs, and what was said of it.
func measureHostile(program, dir string, runs int) error {
	if err := makeApart("-hostile", "-make", dir); err != nil {
		return err
	}
	fmt.Printf("\n| hostile workbook | on disk | said | wall ms | peak MiB |\n|---|---:|---|---:|---:|\n")
	for i, h := range hostiles() {
		file := hostileFile(dir, i)
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		s := subject{name: h.name, args: []string{program, "check", file}, runs: runs}
		m, err := s.measure()
		if err != nil {
			return fmt.Errorf("%s: %w", h.name, err)
		}
		said, err := rulesSaid(program, file)
		if err != nil {
			return fmt.Errorf("%s: %w", h.name, err)
		}
		fmt.Printf("| %s | %d KiB | %s | %d | %d |\n", h.name, (info.Size()+1023)>>10, said, m.wall.Milliseconds(), m.rss)
	}
	return nil
}

func rulesSaid(program, file string) (string, error) {
	out, err := exec.Command(program, "check", "--json", file).Output()
	if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() != 4) {
		return "", err
	}
	var said struct {
		Workbooks []struct {
			Verdict  string `json:"verdict"`
			Findings []struct {
				Rule string            `json:"rule"`
				Args map[string]string `json:"args"`
			} `json:"findings"`
		} `json:"workbooks"`
	}
	if err := json.Unmarshal(out, &said); err != nil {
		return "", err
	}
	if len(said.Workbooks) != 1 {
		return "", fmt.Errorf("%d workbooks were told of", len(said.Workbooks))
	}
	w := said.Workbooks[0]
	if len(w.Findings) == 0 {
		return w.Verdict, nil
	}
	return w.Verdict + ", " + w.Findings[0].Rule, nil
}
