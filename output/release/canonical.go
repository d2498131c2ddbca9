package release

import (
	"bytes"
	"encoding/json"
)

// canonical writes v as JSON with sorted keys, nothing escaped that need not
// be: one value, one text. An indent is for the files people read. Maps come out
// sorted; the fields of a struct must stand in the order of their names.
func canonical(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	err := e.Encode(v)
	return b.Bytes(), err
}
