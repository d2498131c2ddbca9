package release

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// Input is all that decides what a release holds: two runs with equal Inputs
// make the same bytes. The maps go from a name, such as a file's path, to the
// SHA-256 of its content; code has a version instead.
type Input struct {
	Plans     map[string]string // plan data
	Schemas   map[string]string // JSON Schemas, layouts, code lists, messages
	Rules     map[string]string // rules in code, by their version
	Workbooks []Workbook        // accepted ones, in any order
	Refused   []Workbook        // those that published values await a correction of, in any order
	AsOf      string            // ISO date that the figures speak about
	BaseURL   string            // ends with a slash
	Version   string            // the program's format version
}

// Workbook is one workbook of an Input.
type Workbook struct {
	SHA256     string
	ReceivedAt time.Time
	Verdict    string // SHA-256 of the verdict on record, "" where there is none
}

// RID is the id of the release that an Input makes: 32 hex digits, known before
// anything is rendered, the same whatever the order of workbooks.
func RID(in Input) string {
	text, err := canonical(in.public(), "")
	if err != nil {
		// Strings, maps of strings: nothing here that JSON cannot say.
		panic("release: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])[:ridLength]
}

const ridLength = 32

// IsRID tells whether s has the form of a release id.
func IsRID(s string) bool { return len(s) == ridLength && isHex(s) }

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// Inputs is an Input as it stands in a manifest. Its fields stand in the order of
// their names in JSON, as canonical wants them.
type Inputs struct {
	AsOf      string            `json:"as_of"`
	BaseURL   string            `json:"base_url"`
	Version   string            `json:"format_version"`
	Plans     map[string]string `json:"plans"`
	Refused   []WorkbookInput   `json:"refused,omitempty"`
	Rules     map[string]string `json:"rules"`
	Schemas   map[string]string `json:"schemas"`
	Workbooks []WorkbookInput   `json:"workbooks"`
}

// WorkbookInput is a Workbook as it stands in a manifest.
type WorkbookInput struct {
	ReceivedAt string `json:"received_at"` // RFC 3339 in UTC
	SHA256     string `json:"sha256"`
	Verdict    string `json:"verdict_sha256,omitempty"`
}

// public puts an Input in its one form: sorted, in UTC, empty rather than null.
func (in Input) public() Inputs {
	out := Inputs{
		Plans: orEmpty(in.Plans), Schemas: orEmpty(in.Schemas), Rules: orEmpty(in.Rules),
		Workbooks: sorted(in.Workbooks), Refused: sorted(in.Refused),
		AsOf: in.AsOf, BaseURL: in.BaseURL, Version: in.Version,
	}
	return out
}

func sorted(books []Workbook) []WorkbookInput {
	out := make([]WorkbookInput, 0, len(books))
	for _, w := range books {
		out = append(out, WorkbookInput{ReceivedAt: w.ReceivedAt.UTC().Format(time.RFC3339Nano), SHA256: w.SHA256, Verdict: w.Verdict})
	}
	slices.SortFunc(out, func(a, b WorkbookInput) int {
		return cmp.Or(strings.Compare(a.SHA256, b.SHA256), strings.Compare(a.ReceivedAt, b.ReceivedAt), strings.Compare(a.Verdict, b.Verdict))
	})
	return out
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
