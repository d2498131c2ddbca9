package rules

import (
	"net/netip"
	"net/url"
	"strings"

	"iltizam/pipeline/finding"
)

// linksLeadSomewhere judges each address of a cell; the schema has judged how
// each begins.
func linksLeadSomewhere(j *judge) {
	for address := range strings.FieldsSeq(j.sound("evidence_url")) {
		if isPlainAddress(address) {
			continue
		}
		if u, err := url.Parse(address); err != nil || u.Host == "" {
			j.refuse("url-invalid", j.column("evidence_url"), address, map[string]string{"column": "evidence_url"})
		}
	}
}

// isPlainAddress tells of the common address that url.Parse would find a host in:
// a host and a path of letters, digits and a few marks.
func isPlainAddress(s string) bool {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		if rest, ok = strings.CutPrefix(s, "http://"); !ok {
			return false
		}
	}
	for i := range len(rest) {
		switch c := rest[i] | 0x20; {
		case c >= 'a' && c <= 'z', rest[i] >= '0' && rest[i] <= '9', rest[i] == '.', rest[i] == '-', rest[i] == '_':
		case rest[i] == '/' && i > 0:
		default:
			return false
		}
	}
	return rest != ""
}

// linksArePublic remarks on evidence that nobody outside the institution can open.
func linksArePublic(j *judge) {
	for address := range strings.FieldsSeq(j.sound("evidence_url")) {
		if host := hostOf(address); !j.isPublic(host) {
			j.note("evidence-not-public", "evidence_url", address, map[string]string{"host": host})
			return
		}
	}
}

// hostOf gives the host of an address, in lower case, without its port.
func hostOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if inner, ok := strings.CutPrefix(rest, "["); ok { // [2001:db8::1]:8080
		rest, _, _ = strings.Cut(inner, "]")
		return rest
	}
	rest, _, _ = strings.Cut(rest, ":")
	return strings.ToLower(strings.TrimSuffix(rest, "."))
}

// shared is the space that providers number their own networks from.
var shared = netip.MustParsePrefix("100.64.0.0/10")

// isPublic tells whether a host may be reached from anywhere; no name is looked up.
func (v *validation) isPublic(host string) bool {
	if host == "" || host[len(host)-1] <= '9' || strings.IndexByte(host, ':') >= 0 {
		if ip, err := netip.ParseAddr(host); err == nil {
			return ip.IsGlobalUnicast() && !ip.Unmap().IsPrivate() && !shared.Contains(ip.Unmap())
		}
	}
	dot := strings.LastIndexByte(host, '.')
	if last := host[dot+1:]; dot <= 0 || v.set.screens.localHosts[last] || strings.Trim(last, "0123456789") == "" { // 127.1
		return false
	}
	for label := range strings.SplitSeq(host[:dot], ".") {
		if v.set.screens.localLabels[label] {
			return false
		}
	}
	return true
}

// use is what is remembered of a link: where it stands first and again, how often.
type use struct {
	id    string // of the row that it stands in first
	first finding.Cell
	again finding.Cell
	link  string // once it stands again
	place string // pointer of again
	whose string // commitment of again
	other string // the row of again, by its id
	sheet string // of again
	rows  int
	held  bool // the row of again is held back already
}

// mostLinks bounds how many links of a workbook are remembered.
const mostLinks = 4096

// linksAreCounted remembers the links of a row.
func linksAreCounted(j *judge) {
	if j.transcribed() {
		return
	}
	i := j.column("evidence_url")
	if i == noColumn || j.blamed[i] {
		return
	}
	for address := range strings.FieldsSeq(j.values[i].text) {
		key := hashOf(j.sheet.key, address)
		u := j.links[key]
		switch {
		case u == nil && len(j.links) < mostLinks:
			if j.links == nil {
				j.links = map[uint64]*use{}
			}
			j.links[key] = &use{id: strings.Clone(j.text(j.sheet.id)), first: j.at(i), rows: 1}
		case u == nil || u.again == (finding.Cell{}) && u.id == j.text(j.sheet.id):
		default:
			if u.rows++; u.link == "" {
				u.again, u.link, u.place, u.held = j.at(i), brief(address), j.pointer(i), j.failed
				u.whose, u.other, u.sheet = strings.Clone(j.text("commitment_id")), strings.Clone(j.text(j.sheet.id)), j.sheet.key
				j.reused = append(j.reused, key)
			}
		}
	}
}

// hashOf is FNV-1a: two links that share it would only be told as one.
func hashOf(texts ...string) uint64 {
	h := uint64(14695981039346656037)
	for _, text := range texts {
		for i := range len(text) {
			h = (h ^ uint64(text[i])) * 1099511628211
		}
	}
	return h
}

// linksAreOfOneRow tells the sender of links that stand beside several
// commitments, or several milestones.
func linksAreOfOneRow(v *validation) {
	if !v.inForce("evidence-reused") {
		return
	}
	for _, key := range v.reused {
		u := v.links[key]
		severity := v.severity("evidence-reused", finding.Info)
		if severity >= finding.Error && !u.held {
			v.holdBack(u.sheet, u.other, u.whose)
		}
		v.report.Add(finding.Finding{Rule: "evidence-reused", Severity: severity, At: u.again, Pointer: u.place,
			Commitment: u.whose, Value: u.link, Args: map[string]string{"first": u.first.Ref, "count": whole(u.rows)}})
	}
}
