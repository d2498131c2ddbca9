// Package csvexport renders a table as RFC 4180 text.
package csvexport

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"iltizam/output"
	"iltizam/pipeline/table"
)

// bufferSize is how much text goes to the writer at a time.
const bufferSize = 64 << 10

type exporter struct{}

// New gives the CSV exporter. The file is UTF-8 without a byte order mark, its
// lines end with CR LF, its first line holds the column names, and each cell
// is the value's canonical text. A null is an empty field, an empty text is a
// quoted one (""), and text is carried as it is: a leading "=" stays, because
// the canonical file must be true; a spreadsheet should import it as text.
//
// A null in a table of one column is refused: its line would be blank, and most
// readers skip blank lines.
func New() output.Exporter { return exporter{} }

// Format says that the files are CSV.
func (exporter) Format() output.Format {
	return output.Format{Name: "csv", Extension: "csv", MediaType: "text/csv; charset=utf-8"}
}

// Export writes the table's rows; the About has no place in a CSV file.
func (exporter) Export(ctx context.Context, w io.Writer, t *table.Table, _ output.About) error {
	if err := export(ctx, w, t); err != nil {
		return fmt.Errorf("export table %s as csv: %w", t.Name, err)
	}
	return nil
}

func export(ctx context.Context, w io.Writer, t *table.Table) error {
	out := bufio.NewWriterSize(output.Whole(w), bufferSize)
	line := make([]byte, 0, 4<<10)
	for i, f := range t.Fields {
		if i > 0 {
			line = append(line, ',')
		}
		line = appendText(line, f.Name)
	}
	line = append(line, '\r', '\n')
	if _, err := out.Write(line); err != nil {
		return err
	}
	for row, err := range output.Rows(ctx, t) {
		if err != nil {
			return err
		}
		line = line[:0]
		for i, v := range row {
			if i > 0 {
				line = append(line, ',')
			}
			switch {
			case v.IsNull():
			case v.Type() == table.String:
				line = appendText(line, v.Text())
			default: // digits, signs, letters: nothing to quote
				line = v.Append(line)
			}
		}
		if len(line) == 0 {
			return fmt.Errorf("column %s: is null in a table of one column, which CSV cannot say", t.Fields[0].Name)
		}
		line = append(line, '\r', '\n')
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	return out.Flush()
}

// appendText adds a text field, quoted where a reader would otherwise take it
// for something else: an empty one for a null, one with outer blanks for one to
// trim.
func appendText(b []byte, s string) []byte {
	if s != "" && s[0] != ' ' && s[len(s)-1] != ' ' && !quotable(s) {
		return append(b, s...)
	}
	b = append(b, '"')
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			break
		}
		b = append(b, s[:i+1]...)
		b = append(b, '"')
		s = s[i+1:]
	}
	b = append(b, s...)
	return append(b, '"')
}

// quotable tells whether a text holds a character that wants quotes around it.
func quotable(s string) bool {
	for i := range len(s) {
		if special[s[i]] {
			return true
		}
	}
	return false
}

var special = [256]bool{'"': true, ',': true, '\r': true, '\n': true, '\t': true}
