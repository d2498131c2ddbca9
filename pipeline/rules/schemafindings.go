package rules

import (
	"errors"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"iltizam/pipeline/finding"
)

// checkSchema files what a schema says against the row as findings at cells.
func (j *judge) checkSchema(schema *jsonschema.Schema, row finding.Cell) {
	err := schema.Validate(j.values)
	var failure *jsonschema.ValidationError
	if !errors.As(err, &failure) {
		return
	}
	j.walk(failure, schema, row)
}

func (j *judge) walk(e *jsonschema.ValidationError, schema *jsonschema.Schema, row finding.Cell) {
	for _, cause := range e.Causes {
		j.walk(cause, schema, row)
	}
	if len(e.Causes) > 0 {
		return
	}
	key := ""
	if len(e.InstanceLocation) > 0 {
		key = e.InstanceLocation[0]
	}
	at, ok := j.cells[key]
	if !ok {
		at = row
	}
	value := ""
	switch v := j.values[key].(type) {
	case string:
		value = v
	case float64:
		value = strconv.FormatFloat(v, 'f', -1, 64)
	}
	args := map[string]string{"column": key}
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		for _, missing := range k.Missing {
			at := row
			if cell, ok := j.cells[missing]; ok {
				at = cell
			}
			j.add("value-missing", at, "", map[string]string{"column": missing})
		}
		return
	case *kind.Minimum, *kind.Maximum:
		args["min"], args["max"] = j.bounds(schema, key)
		j.add("value-out-of-range", at, value, args)
	case *kind.Enum, *kind.Const:
		args["allowed"] = j.fieldOf(key).CodeList
		j.add("value-not-in-list", at, value, args)
	case *kind.MaxLength:
		args["max"] = strconv.Itoa(k.Want)
		j.add("text-too-long", at, value, args)
	case *kind.Type:
		args["expected"] = "@text"
		if j.fieldOf(key).Type != 0 {
			args["expected"] = "@number"
		}
		j.add("value-wrong-type", at, value, args)
	case *kind.Format, *kind.Pattern:
		switch {
		case j.isURL(key):
			j.add("url-invalid", at, value, args)
		case j.fieldOf(key).Type.String() == "date":
			j.add("date-invalid", at, value, args)
		default:
			j.add("value-malformed", at, value, args)
		}
	default:
		j.add("value-malformed", at, value, args)
	}
}

func (j *judge) isURL(key string) bool {
	n := len(key)
	return n > 4 && key[n-4:] == "_url"
}

// bounds gives a number column's range as the schema has it.
func (j *judge) bounds(schema *jsonschema.Schema, key string) (low, high string) {
	p := schema.Properties[key]
	for p != nil && p.Ref != nil {
		p = p.Ref
	}
	if p == nil {
		return "", ""
	}
	if p.Minimum != nil {
		low = bound(p.Minimum)
	}
	if p.Maximum != nil {
		high = bound(p.Maximum)
	}
	return low, high
}
