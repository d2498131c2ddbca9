// Package scan reads the cells of an xlsx workbook strictly, refusing what it cannot trust.
//
// It never guesses and never skips damage: a workbook is either read to the
// last byte of every part that holds data, with its check sums, or refused with
// the place of the damage. Memory grows with the shared strings alone.
package scan

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"iltizam/pipeline/finding"
)

// Limits bound what a workbook may ask of the machine.
type Limits struct {
	FileBytes    int64 // of the file itself
	Members      int   // of the archive
	TotalBytes   int64 // that all the members together declare, inflated
	Ratio        int64 // inflated to deflated, for members above 1 MiB
	SmallBytes   int64 // of the workbook, styles or relationships part, inflated
	StringsBytes int64 // of the shared strings part, inflated
	SheetBytes   int64 // of one sheet, inflated
	TokenBytes   int   // of one XML tag or text
	Depth        int   // of nested XML elements
	Sheets       int
	Styles       int // cell formats
	Strings      int // shared strings
	Columns      int // the last column that may hold a value
	TextUnits    int // UTF-16 units in one cell
}

// DefaultLimits fit every workbook that Excel itself can write for a form.
func DefaultLimits() Limits {
	return Limits{
		FileBytes:    64 << 20,
		Members:      2000,
		TotalBytes:   256 << 20,
		Ratio:        200,
		SmallBytes:   4 << 20,
		StringsBytes: 64 << 20,
		SheetBytes:   256 << 20,
		TokenBytes:   1 << 20,
		Depth:        64,
		Sheets:       1024,
		Styles:       65490,
		Strings:      4 << 20,
		Columns:      256,
		TextUnits:    32767,
	}
}

// maxRow is the last row of a worksheet.
const maxRow = 1 << 20

// Kind is what a cell holds.
type Kind uint8

// The kinds of a cell.
const (
	Empty           Kind = iota
	Number               // Number
	Text                 // Text
	Bool                 // Number is 1 or 0
	Date                 // a number shown as a date, or an ISO date; Text is YYYY-MM-DD
	Error                // Text is the error's code, such as #REF!
	FormulaUncached      // a formula that was saved without its result
)

var kindNames = [...]string{"empty", "number", "text", "bool", "date", "error", "formula-uncached"}

// String gives the kind's lower-case name.
func (k Kind) String() string {
	if int(k) >= len(kindNames) {
		return "kind(" + strconv.Itoa(int(k)) + ")"
	}
	return kindNames[k]
}

// Cell is one typed cell.
type Cell struct {
	Kind    Kind
	Percent bool    // the number is shown as a percentage: 0.65 reads 65 %
	Formula bool    // the value is a formula's saved result
	Number  float64 // of a Number, a Bool, or the serial of a Date
	Text    string  // text, ISO date or error code
	Raw     string  // the value as the file has it
	Col     int     // from 1
	Row     int     // from 1
}

// Ref gives the cell's place in A1 style.
func (c Cell) Ref() string { return Ref(c.Col, c.Row) }

// Ref gives a place in A1 style; a column of 0 gives the row alone.
func Ref(col, row int) string {
	var b [24]byte
	i := len(b)
	if row > 0 {
		for n := row; n > 0; n /= 10 {
			i--
			b[i] = byte('0' + n%10)
		}
	}
	for ; col > 0; col = (col - 1) / 26 {
		i--
		b[i] = byte('A' + (col-1)%26)
	}
	return string(b[i:])
}

// The rule ids of the findings that a refusal carries.
const (
	RuleEmpty     = "workbook-empty"
	RuleNotXLSX   = "workbook-not-xlsx"
	RuleEncrypted = "workbook-encrypted"
	RuleDamaged   = "workbook-damaged"
	RuleTooLarge  = "workbook-too-large"
	RuleUnsafe    = "workbook-unsafe"
)

// Refusal says why a workbook is not read. It is about their file, not about
// our run.
type Refusal struct {
	Finding finding.Finding
}

// Error gives the rule, the place and the reason, for our own logs.
func (r *Refusal) Error() string {
	f := r.Finding
	why := f.Args["reason"]
	if why == "" {
		why = f.Args["format"]
	}
	if why == "" {
		why = f.Args["what"]
	}
	if f.At.Sheet == "" {
		return fmt.Sprintf("%s (%s)", f.Rule, why)
	}
	return fmt.Sprintf("%s (%s) at %s!%s", f.Rule, why, f.At.Sheet, f.At.Ref)
}

func refuse(rule string, args ...string) *Refusal {
	f := finding.Finding{Rule: rule, Severity: finding.Block}
	if len(args) > 0 {
		f.Args = map[string]string{}
		for i := 0; i+1 < len(args); i += 2 {
			f.Args[args[i]] = args[i+1]
		}
	}
	return &Refusal{Finding: f}
}

// Arguments that a message shall translate are terms: they start with @.
const (
	damageTerm = "@damage-"
	unsafeTerm = "@unsafe-"
	formatTerm = "@format-"
	limitTerm  = "@limit-"
	adviceTerm = "@advice-"
)

// Terms lists every term that an argument may hold, without the @, for whoever
// writes the messages.
func Terms() []string {
	var terms []string
	add := func(prefix, code string) { terms = append(terms, strings.TrimPrefix(prefix, "@")+code) }
	for _, r := range Reasons() {
		add(damageTerm, string(r))
	}
	for _, u := range Unsafes() {
		add(unsafeTerm, string(u))
	}
	for _, f := range Formats() {
		add(formatTerm, string(f))
	}
	for _, l := range []limit{limitFile, limitPart, limitColumns, limitText} {
		add(limitTerm, string(l))
	}
	for _, a := range advices() {
		add(adviceTerm, string(a))
	}
	return terms
}

// limit is what a workbook has too much of.
type limit string

const (
	limitFile    limit = "file"
	limitPart    limit = "part"
	limitColumns limit = "columns"
	limitText    limit = "text"
)

// tooLarge refuses more than a limit: bytes for a file or a part, a number for
// columns or characters.
func tooLarge(what limit, allowed int64, part string) *Refusal {
	text := strconv.FormatInt(allowed, 10)
	if what == limitFile || what == limitPart {
		text = strconv.FormatInt(allowed>>20, 10) + " MiB"
	}
	return refuse(RuleTooLarge, "what", limitTerm+string(what), "limit", text, "part", part)
}

func notXLSX(f Format) *Refusal { return notThis(f, adviceFor(f)) }

// notThis refuses a file of another format with what to do about it.
func notThis(f Format, a advice) *Refusal {
	return refuse(RuleNotXLSX, "format", formatTerm+string(f), "advice", adviceTerm+string(a))
}

// damaged refuses a file for one of the Reasons.
func damaged(reason Reason, part string) *Refusal {
	return refuse(RuleDamaged, "reason", damageTerm+string(reason), "part", part)
}

// at adds a place to a refusal that has none yet.
func at(err error, sheet, ref, value string) error {
	var r *Refusal
	if !errors.As(err, &r) || r.Finding.At.Sheet != "" {
		return err
	}
	r.Finding.At.Sheet, r.Finding.At.Ref, r.Finding.Value = sheet, ref, value
	return r
}

// Reason is why a file counts as damaged, one of a closed list.
type Reason string

// The reasons for a damaged file.
const (
	ReasonArchive    Reason = "archive"     // the zip structure does not hold together
	ReasonChecksum   Reason = "checksum"    // a part's bytes differ from its check sum
	ReasonSize       Reason = "size"        // a part is longer or shorter than declared
	ReasonDeflate    Reason = "deflate"     // a part cannot be inflated
	ReasonMissing    Reason = "part-absent" // a part that is pointed to is not there
	ReasonXML        Reason = "xml"         // not well-formed
	ReasonTruncated  Reason = "truncated"   // the XML ends too early
	ReasonEncoding   Reason = "encoding"    // not UTF-8
	ReasonDTD        Reason = "doctype"     // a document type declaration, with its entities
	ReasonElement    Reason = "element"     // an element that does not belong there
	ReasonAlternate  Reason = "alternate"   // alternate content among the cells
	ReasonRowOrder   Reason = "row-order"   // a row that is not after the one before
	ReasonCellOrder  Reason = "cell-order"  // a cell that is not after the one before
	ReasonReference  Reason = "reference"   // a row or cell reference that cannot be read
	ReasonStringRef  Reason = "string-ref"  // a shared string that is not there
	ReasonStyleRef   Reason = "style-ref"   // a cell format that is not there
	ReasonNumber     Reason = "number"      // a number that is none
	ReasonBoolean    Reason = "boolean"     // a truth value that is none
	ReasonErrorCode  Reason = "error-code"  // an error value that is none
	ReasonDate       Reason = "date"        // an ISO date that is none
	ReasonCellType   Reason = "cell-type"   // an unknown cell type
	ReasonDuplicate  Reason = "duplicate"   // a thing that may come once comes twice
	ReasonUnreadable Reason = "unreadable"  // the reader itself failed on it
)

// Reasons lists every reason, for whoever writes the messages.
func Reasons() []Reason {
	return []Reason{ReasonArchive, ReasonChecksum, ReasonSize, ReasonDeflate, ReasonMissing, ReasonXML,
		ReasonTruncated, ReasonEncoding, ReasonDTD, ReasonElement, ReasonAlternate, ReasonRowOrder, ReasonCellOrder,
		ReasonReference, ReasonStringRef, ReasonStyleRef, ReasonNumber, ReasonBoolean, ReasonErrorCode, ReasonDate,
		ReasonCellType, ReasonDuplicate, ReasonUnreadable}
}

// source remembers a failure to read the file itself, which is our trouble and
// not damage.
type source struct {
	r      io.ReaderAt
	size   int64
	err    error
	budget int64 // bytes that may still be read, when positive or zero; < 0 is no limit
}

var errBudget = errors.New("too much to read")

func (s *source) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= s.size {
		return 0, io.EOF // an offset that the file made up
	}
	if s.budget >= 0 {
		if s.budget -= int64(len(p)); s.budget < 0 {
			s.budget = 0
			return 0, errBudget
		}
	}
	n, err := s.r.ReadAt(p, off)
	if err != nil && err != io.EOF && s.err == nil {
		s.err = err
	}
	return n, err
}
