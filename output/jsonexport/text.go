package jsonexport

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"iltizam/pipeline/table"
)

const hexDigits = "0123456789abcdef"

// appendQuoted adds s, which is known to be UTF-8, as a JSON string. Only what
// JSON demands is escaped: the files are data, not pieces of an HTML page.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !escaped[c] {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// escaped are the bytes that cannot stand in a JSON string as they are.
var escaped = func() (is [256]bool) {
	for c := range byte(' ') {
		is[c] = true
	}
	is['"'], is['\\'] = true, true
	return is
}()

func appendString(b []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return b, errors.New("is not valid UTF-8")
	}
	return appendQuoted(b, s), nil
}

// appendObject adds the members in their order.
func appendObject(b []byte, members []member) ([]byte, error) {
	b = append(b, '{')
	for i, m := range members {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendString(b, m.name); err == nil {
			b, err = appendAny(append(b, ':'), m.value)
		}
		if err != nil {
			return b, fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return append(b, '}'), nil
}

// appendAny adds one of the few kinds of value that the envelope has, and the schema.
func appendAny(b []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case string:
		return appendString(b, v)
	case bool:
		if v {
			return append(b, "true"...), nil
		}
		return append(b, "false"...), nil
	case table.Labels:
		return appendLabels(b, v)
	case []member:
		return appendObject(b, v)
	case []string:
		b = append(b, '[')
		for i, s := range v {
			if i > 0 {
				b = append(b, ',')
			}
			var err error
			if b, err = appendString(b, s); err != nil {
				return b, err
			}
		}
		return append(b, ']'), nil
	}
	return b, fmt.Errorf("a %T has no JSON form here", value)
}

// appendLabels adds the texts by language tag, sorted: a map has no order of its own.
func appendLabels(b []byte, labels table.Labels) ([]byte, error) {
	members := make([]member, 0, len(labels))
	for _, lang := range slices.Sorted(maps.Keys(labels)) {
		members = append(members, member{lang, labels[lang]})
	}
	return appendObject(b, members)
}
