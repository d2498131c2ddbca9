package release

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// Whatever is written as canonical has its fields in the order of their names,
// however deep.
func TestFieldsAreSorted(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var look func(x reflect.Type)
	look = func(x reflect.Type) {
		switch x.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			look(x.Elem())
		case reflect.Struct:
			if seen[x] || x == reflect.TypeFor[time.Time]() {
				return
			}
			seen[x] = true
			var names []string
			for i := range x.NumField() {
				name, _, _ := strings.Cut(x.Field(i).Tag.Get("json"), ",")
				names = append(names, name)
				look(x.Field(i).Type)
			}
			if !slices.IsSorted(names) || slices.Contains(names, "") {
				t.Errorf("%s has its fields in the order %v", x, names)
			}
		}
	}
	for _, v := range []any{Inputs{}, Manifest{}, Head{}, aliasNotes{}} {
		look(reflect.TypeOf(v))
	}
	if len(seen) < 6 {
		t.Errorf("only %d kinds were looked at", len(seen))
	}
}

func TestCanonicalIsWhatMapsGive(t *testing.T) {
	rows := int64(3)
	m := Manifest{Release: "r<>&", Files: []ManifestFile{{Path: "a", Rows: &rows}, {Path: "b", Alias: "z"}},
		Inputs: Inputs{Plans: map[string]string{"b": "\u2028", "a": "2"}, Workbooks: []WorkbookInput{{SHA256: "x", ReceivedAt: "y"}}}}
	for _, indent := range []string{"", "  "} {
		got, err := canonical(m, indent)
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(bytes.NewReader(got))
		d.UseNumber()
		var plain any
		if err := d.Decode(&plain); err != nil {
			t.Fatal(err)
		}
		want, err := canonical(plain, indent)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not %s: %v", got, want, err)
		}
	}
}
