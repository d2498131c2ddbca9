package rules

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"iltizam/pipeline/table"
)

// complaint is what a schema says against one column of a row.
type complaint struct {
	column int
	rule   string
	args   map[string]string
}

// checkSchema files what the schema says against the row as findings at cells.
// Of a cell that could not be read the sender has heard already.
func (j *judge) checkSchema() {
	var failure *jsonschema.ValidationError
	if j.sheet.valid(j.values, func() bool {
		row := make(map[string]any, len(j.values))
		for i, v := range j.values {
			if v.kind != isNothing {
				row[j.sheet.columns[i].key] = v.json()
			}
		}
		return !errors.As(j.sheet.schema.Validate(row), &failure)
	}) {
		return
	}
	var found []complaint
	leaves(failure, func(e *jsonschema.ValidationError) { found = append(found, j.complaints(e)...) })
	// The validator walks a row in no order, and two of its keywords may say
	// the same of one value.
	slices.SortFunc(found, func(a, b complaint) int {
		return cmp.Or(cmp.Compare(a.column, b.column), cmp.Compare(a.rule, b.rule), cmp.Compare(a.args["column"], b.args["column"]))
	})
	found = slices.CompactFunc(found, func(a, b complaint) bool {
		return a.column == b.column && a.rule == b.rule && a.args["column"] == b.args["column"]
	})
	// Whether a value is owed follows from an answer that could not be read.
	answer := j.column("nothing_to_report")
	excused := answer != noColumn && j.blamed[answer]
	for _, c := range found {
		value := ""
		if c.column != noColumn && j.blamed[c.column] || c.rule == "value-missing" && excused {
			continue
		}
		if c.column != noColumn {
			v := j.values[c.column]
			if value = v.text; v.kind == isNumber && value == "" {
				value = numberText(v.n)
			}
		}
		j.refuse(c.rule, c.column, value, c.args)
	}
}

func leaves(e *jsonschema.ValidationError, leaf func(*jsonschema.ValidationError)) {
	for _, cause := range e.Causes {
		leaves(cause, leaf)
	}
	if len(e.Causes) == 0 {
		leaf(e)
	}
}

func (j *judge) complaints(e *jsonschema.ValidationError) []complaint {
	if k, ok := e.ErrorKind.(*kind.Required); ok {
		var out []complaint
		for _, missing := range k.Missing {
			out = append(out, complaint{j.column(missing), "value-missing", map[string]string{"column": missing}})
		}
		return out
	}
	key := ""
	if len(e.InstanceLocation) > 0 {
		key = e.InstanceLocation[0]
	}
	c := complaint{column: j.column(key), rule: "value-malformed", args: map[string]string{"column": key}}
	switch k := e.ErrorKind.(type) {
	case *kind.Minimum, *kind.Maximum:
		c.rule = "value-out-of-range"
		c.args["min"], c.args["max"] = bounds(j.sheet.schema, key)
	case *kind.Enum:
		c.rule, c.args["allowed"] = "value-not-in-list", j.set.fieldOf(key).CodeList
	case *kind.MaxLength:
		c.rule, c.args["max"] = "text-too-long", strconv.Itoa(k.Want)
	case *kind.Type:
		c.rule, c.args["expected"] = "value-wrong-type", "@text"
		if j.set.fieldOf(key).Type == table.Decimal {
			c.args["expected"] = "@number"
		}
	case *kind.Format, *kind.Pattern:
		switch {
		case isURL(key):
			c.rule = "url-invalid"
		case j.set.fieldOf(key).Type == table.Date:
			c.rule = "date-invalid"
		}
	}
	return []complaint{c}
}

// bounds gives a number column's range as the schema has it.
func bounds(row *jsonschema.Schema, key string) (low, high string) {
	for _, s := range schemasOf(row, key) {
		for ; s != nil; s = s.Ref {
			if s.Minimum != nil {
				low = strings.TrimSuffix(s.Minimum.String(), "/1")
			}
			if s.Maximum != nil {
				high = strings.TrimSuffix(s.Maximum.String(), "/1")
			}
		}
	}
	return low, high
}
