package table

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Languages are those that every title and description of the contract has.
func Languages() []string { return []string{"ar", "fr", "en"} }

// CodeList is a closed list of codes with their words.
type CodeList struct {
	Name        string `json:"name"`
	Title       Labels `json:"title"`
	Description Labels `json:"description"`
	Source      string `json:"source"`
	Codes       []Code `json:"codes"`
}

// Code is one item of a code list.
type Code struct {
	Code       string   `json:"code"`
	Order      int      `json:"order"`
	Label      Labels   `json:"label"`
	LabelOne   Labels   `json:"label_one"` // of a single thing, where that differs
	Definition Labels   `json:"definition"`
	Source     string   `json:"source"`
	Aliases    []string `json:"aliases"` // further spellings that a reader takes for the code
}

// fieldDoc is a JSON Schema of one value, with the keywords that a column may use.
type fieldDoc struct {
	Title        string            `json:"title"`
	Description  string            `json:"description"`
	Type         string            `json:"type"`
	Format       string            `json:"format"`
	Pattern      string            `json:"pattern"`
	Enum         []json.RawMessage `json:"enum"`
	Minimum      *json.Number      `json:"minimum"`
	Maximum      *json.Number      `json:"maximum"`
	MinLength    *int              `json:"minLength"`
	MaxLength    *int              `json:"maxLength"`
	XType        string            `json:"x-type"`
	XCodeList    string            `json:"x-codelist"`
	XTitle       Labels            `json:"x-title"`
	XDescription Labels            `json:"x-description"`
	XTemplateMax *int              `json:"x-template-max-length"`
	XExamples    []json.RawMessage `json:"x-examples"`
	XOGP         *ogpDoc           `json:"x-ogp"`
}

type ogpDoc struct {
	Term   string `json:"term"`
	Source string `json:"source"`
	Basis  string `json:"basis"`
}

// ParseFields reads fields.schema.json: one definition for each column name.
// Unknown keywords are errors; all errors are told at once.
func ParseFields(b []byte) (map[string]Field, error) {
	var doc struct {
		Schema      string                     `json:"$schema"`
		ID          string                     `json:"$id"`
		Title       string                     `json:"title"`
		Description string                     `json:"description"`
		Defs        map[string]json.RawMessage `json:"$defs"`
	}
	if err := strict(b, &doc); err != nil {
		return nil, fmt.Errorf("parse fields: %w", err)
	}
	fields := make(map[string]Field, len(doc.Defs))
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(doc.Defs)) {
		var d fieldDoc
		err := errors.Join(strict(doc.Defs[name], &d), sameCase(doc.Defs[name], d))
		if err == nil {
			fields[name], err = d.field(name)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("parse field %s: %w", name, err))
		}
	}
	return fields, errors.Join(errs...)
}

func (d *fieldDoc) field(name string) (Field, error) {
	f := Field{Name: name, CodeList: d.XCodeList, Title: d.XTitle, Description: d.XDescription}
	var errs []error
	errs = append(errs, complete("x-title", d.XTitle), complete("x-description", d.XDescription))
	if d.Title != d.XTitle["en"] || d.Description != d.XDescription["en"] {
		errs = append(errs, errors.New("title or description is not the English one of x-title, x-description"))
	}
	var err error
	if f.Type, f.Precision, f.Scale, err = d.columnType(); err != nil {
		errs = append(errs, err)
	}
	if _, err := regexp.Compile(d.Pattern); err != nil {
		errs = append(errs, err)
	}
	if n := d.XTemplateMax; n != nil {
		f.Advised = *n
		if *n < 1 || d.Type != "string" || d.MaxLength == nil || *n > *d.MaxLength {
			errs = append(errs, errors.New("x-template-max-length is not below the maxLength of a string"))
		}
	}
	if o := d.XOGP; o != nil {
		f.OGPTerm, f.OGPSource, f.OGPBasis = o.Term, o.Source, o.Basis
		errs = append(errs, checkOGP(o.Term, o.Source, o.Basis))
	}
	return f, errors.Join(errs...)
}

func (d *fieldDoc) columnType() (t Type, precision, scale int, err error) {
	if d.XType != "" {
		t, precision, scale, err = ParseType(d.XType)
		if want := map[Type]string{Integer: "integer", Decimal: "number", Double: "number", Boolean: "boolean"}[t]; err == nil && want != "" && want != d.Type {
			err = fmt.Errorf("x-type %s does not go with type %q", d.XType, d.Type)
		}
		return t, precision, scale, err
	}
	switch d.Type + "/" + d.Format {
	case "string/", "string/uri":
		return String, 0, 0, nil
	case "string/date":
		return Date, 0, 0, nil
	case "string/date-time":
		return DateTime, 0, 0, nil
	case "integer/":
		return Integer, 0, 0, nil
	case "number/":
		return Double, 0, 0, nil
	case "boolean/":
		return Boolean, 0, 0, nil
	}
	return 0, 0, 0, fmt.Errorf("type %q with format %q is no column type", d.Type, d.Format)
}

var decimalType = regexp.MustCompile(`^decimal\(([0-9]{1,2}),([0-9]{1,2})\)$`)

// ParseType reads a column type as descriptors write it: string, integer,
// decimal(5,2), double, boolean, date or datetime.
func ParseType(s string) (t Type, precision, scale int, err error) {
	if m := decimalType.FindStringSubmatch(s); m != nil {
		precision, _ = strconv.Atoi(m[1]) // the pattern lets digits through only
		scale, _ = strconv.Atoi(m[2])
		if precision < 1 || precision > 18 || scale > precision {
			return 0, 0, 0, fmt.Errorf("type %s is not within decimal(18,18)", s)
		}
		return Decimal, precision, scale, nil
	}
	if i := slices.Index(typeNames[:], s); i >= 0 && Type(i) != Decimal {
		return Type(i), 0, 0, nil
	}
	return 0, 0, 0, fmt.Errorf("type %q is not known", s)
}

// TypeName writes the field's type as ParseType reads it.
func (f *Field) TypeName() string {
	if f.Type == Decimal {
		return fmt.Sprintf("decimal(%d,%d)", f.Precision, f.Scale)
	}
	return f.Type.String()
}

// ParseSchema reads a table's descriptor, whose columns are names of fields.
// A column may bear another name than its field. All errors are told at once.
func ParseSchema(fields map[string]Field, descriptor []byte) (Schema, error) {
	var doc struct {
		Name        string   `json:"name"`
		Title       Labels   `json:"title"`
		Description Labels   `json:"description"`
		Key         []string `json:"key"`
		Columns     []struct {
			Field      string `json:"field"`
			Name       string `json:"name"`
			Required   bool   `json:"required"`
			References string `json:"references"`
		} `json:"columns"`
	}
	if err := strict(descriptor, &doc); err != nil {
		return Schema{}, fmt.Errorf("parse table descriptor: %w", err)
	}
	s := Schema{Name: doc.Name, Title: doc.Title, Description: doc.Description, Key: doc.Key}
	errs := []error{complete("title", doc.Title), complete("description", doc.Description)}
	if !identifier.MatchString(doc.Name) {
		errs = append(errs, fmt.Errorf("name %q is not in snake_case", doc.Name))
	}
	for _, c := range doc.Columns {
		f, ok := fields[c.Field]
		if !ok {
			errs = append(errs, fmt.Errorf("column %s: no such field", c.Field))
		}
		if f.Name = c.Field; c.Name != "" {
			f.Name = c.Name
		}
		if !identifier.MatchString(f.Name) {
			errs = append(errs, fmt.Errorf("column name %q is not in snake_case", f.Name))
		}
		if s.Index(f.Name) >= 0 {
			errs = append(errs, fmt.Errorf("column %s comes twice", f.Name))
		}
		if c.References != "" && !reference.MatchString(c.References) {
			errs = append(errs, fmt.Errorf("column %s: reference %q is not table.column", f.Name, c.References))
		}
		f.Required, f.References = c.Required, c.References
		s.Fields = append(s.Fields, f)
	}
	errs = append(errs, s.checkKey())
	if err := errors.Join(errs...); err != nil {
		return Schema{}, fmt.Errorf("parse table descriptor %s: %w", doc.Name, err)
	}
	return s, nil
}

var (
	identifier = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	reference  = regexp.MustCompile(`^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$`)
)

func (s *Schema) checkKey() error {
	var errs []error
	if len(s.Key) == 0 {
		errs = append(errs, errors.New("it has no key"))
	}
	for i, k := range s.Key {
		switch at := s.Index(k); {
		case at < 0:
			errs = append(errs, fmt.Errorf("key column %s is not a column", k))
		case !s.Fields[at].Required:
			errs = append(errs, fmt.Errorf("key column %s is not required", k))
		case slices.Index(s.Key, k) != i:
			errs = append(errs, fmt.Errorf("key column %s comes twice", k))
		}
	}
	return errors.Join(errs...)
}

// ParseCodeList reads a code list. All errors are told at once.
func ParseCodeList(b []byte) (CodeList, error) {
	var l CodeList
	if err := strict(b, &l); err != nil {
		return CodeList{}, fmt.Errorf("parse code list: %w", err)
	}
	errs := []error{complete("title", l.Title), complete("description", l.Description)}
	if !identifier.MatchString(l.Name) {
		errs = append(errs, fmt.Errorf("name %q is not in snake_case", l.Name))
	}
	seen := map[string]bool{}
	for i, c := range l.Codes {
		if c.Code == "" || seen[c.Code] {
			errs = append(errs, fmt.Errorf("code %q is empty or comes twice", c.Code))
		}
		seen[c.Code] = true
		if c.Order != i+1 {
			errs = append(errs, fmt.Errorf("code %s has order %d, not its place %d", c.Code, c.Order, i+1))
		}
		errs = append(errs, complete("label of "+c.Code, c.Label), complete("definition of "+c.Code, c.Definition))
		if c.LabelOne != nil {
			errs = append(errs, complete("label_one of "+c.Code, c.LabelOne))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return CodeList{}, fmt.Errorf("parse code list %s: %w", l.Name, err)
	}
	return l, nil
}

// Table gives the list as a table named codelist_<name>, with the columns of
// the schema that it can fill.
func (l CodeList) Table(schema Schema) *Table {
	schema.Name, schema.Title, schema.Description = "codelist_"+l.Name, l.Title, l.Description
	rows := make([]Row, 0, len(l.Codes))
	for _, c := range l.Codes {
		values := map[string]Value{"code": Str(c.Code), "sort_order": Int(int64(c.Order)), "source": StrOrNull(c.Source)}
		if c.Source == "" {
			values["source"] = StrOrNull(l.Source)
		}
		for _, lang := range Languages() {
			values["label_"+lang] = StrOrNull(c.Label[lang])
			values["definition_"+lang] = StrOrNull(c.Definition[lang])
		}
		rows = append(rows, schema.row(values))
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return schema.compare(a, b) })
	return Of(schema, rows)
}

func (s *Schema) row(values map[string]Value) Row {
	row := make(Row, len(s.Fields))
	for i, f := range s.Fields {
		row[i] = values[f.Name]
	}
	return row
}

func (s *Schema) compare(a, b Row) int {
	for _, k := range s.Key {
		if i := s.Index(k); i >= 0 {
			if c := strings.Compare(a[i].String(), b[i].String()); c != 0 {
				return c
			}
		}
	}
	return 0
}

// complete says which language a text lacks.
func complete(what string, l Labels) error {
	var errs []error
	for _, lang := range Languages() {
		if strings.TrimSpace(l[lang]) == "" {
			errs = append(errs, fmt.Errorf("%s lacks %s", what, lang))
		}
	}
	if len(l) > len(Languages()) {
		errs = append(errs, fmt.Errorf("%s has a language that the contract does not", what))
	}
	return errors.Join(errs...)
}

func checkOGP(term, source, basis string) error {
	if term == "" || source == "" || basis != "sourced" && basis != "inferred" {
		return errors.New("the OGP term lacks its term, its source or a basis sourced or inferred")
	}
	return nil
}

// strict decodes one JSON value; an unknown key, a key that comes twice or
// anything after the value is an error.
func strict(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one JSON value")
	}
	return unique(json.NewDecoder(bytes.NewReader(b)))
}

// sameCase says which key of an object differs from the struct's by case: Go
// takes it, a JSON Schema validator would overlook it.
func sameCase(b []byte, into any) error {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(b, &keys); err != nil {
		return err
	}
	for i, t := 0, reflect.TypeOf(into); i < t.NumField(); i++ {
		delete(keys, t.Field(i).Tag.Get("json"))
	}
	if len(keys) > 0 {
		return fmt.Errorf("unknown keywords %q", slices.Sorted(maps.Keys(keys)))
	}
	return nil
}

// unique reads the next value and says which key of an object in it comes twice.
func unique(d *json.Decoder) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	open, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	seen := map[string]bool{}
	for d.More() {
		if open == '{' {
			key, err := d.Token()
			if err != nil {
				return err
			}
			name, _ := key.(string) // an object's key is a string
			if seen[name] {
				return fmt.Errorf("key %q comes twice", name)
			}
			seen[name] = true
		}
		if err := unique(d); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
