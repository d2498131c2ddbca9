package rules

import (
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"iltizam/pipeline/table"
	"iltizam/pipeline/workbook"
)

type valueKind uint8

const (
	isNothing valueKind = iota
	isText
	isNumber
	isTruth
)

// jsonType is the kind's name in JSON Schema.
func (k valueKind) jsonType() string {
	return [...]string{"null", "string", "number", "boolean"}[k]
}

// value is what a cell was read as; the zero value is no value.
type value struct {
	kind valueKind
	text string  // of a number, how to show one that is far out of bounds
	was  string  // as received, where it was read as something else
	n    float64 // of a number, before it was rounded; of a truth value 1 or 0
	hund int32   // of a number, in hundredths
}

func textValue(s string) value {
	if s == "" {
		return value{}
	}
	return value{kind: isText, text: s}
}

func truthValue(b bool) value {
	v := value{kind: isTruth}
	if b {
		v.n = 1
	}
	return v
}

// json is the value as a schema sees it.
func (v value) json() any {
	switch v.kind {
	case isText:
		return v.text
	case isNumber:
		return v.n
	case isTruth:
		return v.n != 0
	}
	return nil
}

// reader is how the cells of a column are read.
type reader uint8

const (
	notRead   reader = iota // no part of a submission: prefilled titles, earlier values, the check column
	asText                  // kept as written
	asToken                 // an id or an address: no white space or invisible marks
	asCode                  // a code of a list, or one of its labels
	asTruth                 //
	asPercent               //
	asDate                  //
)

// column is one column of a sheet with all that its cells are judged by.
type column struct {
	key     string
	read    reader
	list    string // code list
	labels  map[string]spelling
	advised int    // length that a text should keep to, 0 for none
	quick   *quick // nil: ask the schema
}

// sheet is a sheet of the document being judged.
type sheet struct {
	key        string
	id         string // the column that a row is known by
	schema     *jsonschema.Schema
	columns    []column // one for each key of its rows, in their order
	index      map[string]int
	twins      [][]twin        // the columns of each text in several languages
	toldForAll map[string]bool // rules told of the cell that answers for all rows
	good       map[shape]bool  // shapes of rows that the schema took; nil where that says nothing of other rows
}

// newSheet prepares the judging of the rows of a sheet, by the first of them.
func (s *Set) newSheet(row workbook.Row) *sheet {
	sh := &sheet{key: row.Sheet, id: "commitment_id", schema: s.rows[row.Sheet], index: map[string]int{}, toldForAll: map[string]bool{}}
	if row.Sheet == SheetMilestones {
		sh.id = "milestone_id"
	}
	sh.twins = s.twinsOf(row.Keys)
	quickly := len(row.Keys) <= 64
	for i, key := range row.Keys {
		c := column{key: key}
		if schemas := schemasOf(sh.schema, key); len(schemas) > 0 {
			c.read, c.list = s.readerOf(key)
			c.labels, c.advised = s.labels[c.list], s.fieldOf(key).Advised
			var ok bool
			c.quick, ok = newQuick(schemas)
			quickly = quickly && ok
		}
		sh.columns = append(sh.columns, c)
		sh.index[key] = i
	}
	if quickly && byShape(sh.schema, func(p string) bool { i, ok := sh.index[p]; return !ok || sh.columns[i].read == asTruth }) {
		sh.good = map[shape]bool{}
	}
	return sh
}

// schemasOf gives the schemas of a row's property, all of which hold for it.
func schemasOf(row *jsonschema.Schema, key string) []*jsonschema.Schema {
	var all []*jsonschema.Schema
	if p, ok := row.Properties[key]; ok {
		all = append(all, p)
	}
	for pattern, p := range row.PatternProperties {
		if pattern.MatchString(key) {
			all = append(all, p)
		}
	}
	return all
}

func (s *Set) readerOf(key string) (r reader, list string) {
	f := s.fieldOf(key)
	switch {
	case f.CodeList != "" && f.Type == table.String:
		return asCode, f.CodeList
	case f.Type == table.Boolean:
		return asTruth, booleanList
	case f.Type == table.Decimal || f.Type == table.Integer || f.Type == table.Double:
		return asPercent, ""
	case f.Type == table.Date:
		return asDate, ""
	case strings.HasSuffix(key, "_id") || isURL(key):
		return asToken, ""
	}
	return asText, ""
}

// booleanList is the code list of truth values.
const booleanList = "boolean"

// fieldOf finds a column's description; a text in any other language is
// described as the English one.
func (s *Set) fieldOf(key string) table.Field {
	if f, ok := s.fields[key]; ok {
		return f
	}
	for _, stem := range []string{narrativeStem, titleStem} {
		if strings.HasPrefix(key, stem) {
			return s.fields[stem+"en"]
		}
	}
	return table.Field{Name: key, Type: table.String}
}

// What the columns of texts in several languages start with.
const (
	narrativeStem = "narrative_"
	titleStem     = "title_"
)

func isURL(key string) bool { return strings.HasSuffix(key, "_url") }

// shapeOf gives the shape of a row.
func (sh *sheet) shapeOf(values []value) shape {
	var s shape
	for i := range values {
		if values[i].kind == isNothing {
			continue
		}
		s.present |= 1 << i
		if values[i].kind == isTruth && values[i].n != 0 {
			s.truths |= 1 << i
		}
	}
	return s
}

// valid tells whether the schema takes the row. It is asked once for each shape
// of row, then only where a value is not surely valid by itself.
func (sh *sheet) valid(values []value, ask func() bool) bool {
	if sh.good == nil {
		return ask()
	}
	for i := range values {
		if values[i].kind != isNothing && !sh.columns[i].quick.valid(&values[i]) {
			return ask()
		}
	}
	s := sh.shapeOf(values)
	if !sh.good[s] {
		if !ask() {
			return false
		}
		sh.good[s] = true
	}
	return true
}
