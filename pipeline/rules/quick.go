package rules

import (
	"math/big"
	"reflect"
	"slices"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// quick answers most of the times what a schema would say of one value, at a
// fraction of the cost. It only ever says that a value is valid; of any other
// value the schema itself is asked, for what is wrong with it.
type quick struct {
	parts []quickPart
	last  string // the last text found valid: columns repeat themselves
	any   bool
}

type quickPart struct {
	*jsonschema.Schema
	types    []string // none: any
	enum     []string // nil: any
	min, max *float64
}

// newQuick reads what the schemas, all of which hold, demand of one value. ok is
// false where one of them demands something that quick does not know.
func newQuick(schemas []*jsonschema.Schema) (q *quick, ok bool) {
	q = &quick{}
	for _, s := range schemas {
		for ; s != nil; s = s.Ref {
			p, ok := newQuickPart(s)
			if !ok {
				return nil, false
			}
			q.parts = append(q.parts, p)
		}
	}
	return q, true
}

func newQuickPart(s *jsonschema.Schema) (p quickPart, ok bool) {
	if !onlyUses(s, "Ref", "Types", "Enum", "Format", "Pattern", "MinLength", "MaxLength", "Minimum", "Maximum") {
		return p, false
	}
	p.Schema = s
	if s.Types != nil {
		p.types = s.Types.ToStrings()
		if slices.Contains(p.types, "integer") {
			return p, false
		}
	}
	if s.Enum != nil {
		p.enum = []string{}
		for _, v := range s.Enum.Values {
			text, ok := v.(string)
			if !ok {
				return p, false
			}
			p.enum = append(p.enum, text)
		}
	}
	p.min, p.max = exactly(s.Minimum), exactly(s.Maximum)
	return p, (p.min != nil) == (s.Minimum != nil) && (p.max != nil) == (s.Maximum != nil)
}

// exactly gives a bound as a float, nil where there is none that equals it.
func exactly(r *big.Rat) *float64 {
	if r == nil {
		return nil
	}
	f, exact := r.Float64()
	if !exact {
		return nil
	}
	return &f
}

// onlyUses tells whether a schema has no other keywords than these, annotations
// aside.
func onlyUses(s *jsonschema.Schema, keywords ...string) bool {
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch f.Name {
		case "DraftVersion", "Location", "ID", "Anchor", "Title", "Description", "Default", "Comment",
			"ReadOnly", "WriteOnly", "Examples", "Deprecated":
			continue
		}
		if f.IsExported() && !slices.Contains(keywords, f.Name) && !v.Field(i).IsZero() {
			return false
		}
	}
	return true
}

// valid tells that the value is sure to be valid.
func (q *quick) valid(v *value) bool {
	if v.kind == isText && q.any && v.text == q.last {
		v.text = q.last // one text in memory for all of them
		return true
	}
	for i := range q.parts {
		if !q.parts[i].valid(v) {
			return false
		}
	}
	if v.kind == isText {
		q.last, q.any = v.text, true
	}
	return true
}

func (p *quickPart) valid(v *value) bool {
	if len(p.types) > 0 && !slices.Contains(p.types, v.kind.jsonType()) {
		return false
	}
	if p.enum != nil && (v.kind != isText || !slices.Contains(p.enum, v.text)) {
		return false
	}
	switch v.kind {
	case isText:
		if p.MinLength != nil || p.MaxLength != nil && len(v.text) > *p.MaxLength {
			n := utf8.RuneCountInString(v.text)
			if p.MinLength != nil && n < *p.MinLength || p.MaxLength != nil && n > *p.MaxLength {
				return false
			}
		}
		return (p.Pattern == nil || p.Pattern.MatchString(v.text)) &&
			(p.Format == nil || p.Format.Validate(v.text) == nil)
	case isNumber:
		return (p.min == nil || v.n >= *p.min) && (p.max == nil || v.n <= *p.max)
	}
	return true
}

// shape is what the keywords of a whole row can tell apart: which columns have
// a value, and the truth values.
type shape struct{ present, truths uint64 }

// byShape tells whether a row schema, its properties' own schemas aside, judges
// by nothing but the shape of a row. Then what held of one row holds of every
// other of its shape.
func byShape(s *jsonschema.Schema, truths func(property string) bool) bool {
	if !onlyUses(s, "Types", "Properties", "PatternProperties", "AdditionalProperties", "Required", "If", "Then", "Else") {
		return false
	}
	for _, sub := range []*jsonschema.Schema{s.If, s.Then, s.Else} {
		if sub == nil {
			continue
		}
		if !onlyUses(sub, "Bool", "Types", "Properties", "Required") {
			return false
		}
		for name, property := range sub.Properties {
			if !truths(name) || !onlyUses(property, "Bool", "Const", "Types") {
				return false
			}
		}
	}
	return true
}
