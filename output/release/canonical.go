package release

import (
	"bytes"
	"encoding/json"
)

// canonical writes v as JSON with sorted keys, nothing escaped that need not
// be: one value, one text. An indent is for the files people read.
func canonical(v any, indent string) ([]byte, error) {
	raw, err := encode(v, "")
	if err != nil {
		return nil, err
	}
	// Maps come out sorted, struct fields do not: so once more by way of maps.
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var any any
	if err := d.Decode(&any); err != nil {
		return nil, err
	}
	return encode(any, indent)
}

func encode(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	err := e.Encode(v)
	return b.Bytes(), err
}
