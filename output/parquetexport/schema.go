package parquetexport

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"

	"iltizam/output"
	"iltizam/pipeline/table"
)

// arrowSchema gives the typed columns with what is said of them and of the file.
func arrowSchema(s table.Schema, about output.About) (*arrow.Schema, error) {
	fields := make([]arrow.Field, len(s.Fields))
	for i, f := range s.Fields {
		notes, err := fieldNotes(f)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", f.Name, err)
		}
		fields[i] = arrow.Field{Name: f.Name, Type: arrowType(f), Nullable: !f.Required, Metadata: notes}
	}
	notes, err := fileNotes(s, about)
	if err != nil {
		return nil, err
	}
	return arrow.NewSchema(fields, &notes), nil
}

func arrowType(f table.Field) arrow.DataType {
	switch f.Type {
	case table.Integer:
		return arrow.PrimitiveTypes.Int64
	case table.Decimal:
		return &arrow.Decimal128Type{Precision: int32(f.Precision), Scale: int32(f.Scale)}
	case table.Double:
		return arrow.PrimitiveTypes.Float64
	case table.Boolean:
		return arrow.FixedWidthTypes.Boolean
	case table.Date:
		return arrow.FixedWidthTypes.Date32
	case table.DateTime: // Parquet has no instants in seconds
		return &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}
	default:
		return arrow.BinaryTypes.String
	}
}

// notes is key-value metadata whose order is ours, not that of a map.
type notes struct {
	keys, values []string
	err          error
}

func (n *notes) add(key, value string) {
	if value == "" {
		return
	}
	if n.err == nil && !utf8.ValidString(key+value) {
		n.err = fmt.Errorf("metadata %q is not valid UTF-8", key)
	}
	n.keys, n.values = append(n.keys, key), append(n.values, value)
}

func (n *notes) addLabels(key string, labels table.Labels) {
	for _, lang := range slices.Sorted(maps.Keys(labels)) {
		n.add(key+"."+lang, labels[lang])
	}
}

func (n *notes) metadata() (arrow.Metadata, error) {
	return arrow.NewMetadata(n.keys, n.values), n.err
}

func fieldNotes(f table.Field) (arrow.Metadata, error) {
	var n notes
	n.addLabels("title", f.Title)
	n.addLabels("description", f.Description)
	n.add("codelist", f.CodeList)
	n.add("references", f.References)
	n.add("ogp_term", f.OGPTerm)
	n.add("ogp_source", f.OGPSource)
	n.add("ogp_basis", f.OGPBasis)
	return n.metadata()
}

// fileNotes says what the JSON files say, under the same names.
func fileNotes(s table.Schema, about output.About) (arrow.Metadata, error) {
	var n notes
	n.add("table", s.Name)
	n.addLabels("table_title", s.Title)
	n.addLabels("table_description", s.Description)
	n.add("key", strings.Join(s.Key, ","))
	n.add("plan", about.Plan)
	n.addLabels("title", about.Title)
	n.add("release", about.Release)
	n.add("as_of", about.AsOf)
	n.add("licence_id", about.LicenceID)
	n.add("licence_url", about.LicenceURL)
	n.add("licence_title", about.LicenceTitle)
	n.add("source", about.SourceURL)
	n.addLabels("publisher", about.Publisher)
	n.addLabels("citation", about.Citation)
	n.add("format_version", about.Version)
	return n.metadata()
}
