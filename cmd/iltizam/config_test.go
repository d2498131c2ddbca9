package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"iltizam/schemas"
)

const configSchemaFile = "config.schema.json"

func configSchema(t *testing.T) (text []byte, compiled *jsonschema.Schema) {
	t.Helper()
	text, err := fs.ReadFile(schemas.FS, configSchemaFile)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(configSchemaFile, doc); err != nil {
		t.Fatal(err)
	}
	compiled, err = c.Compile(configSchemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return text, compiled
}

// Every key of the struct stands in the schema with the default it has in the
// program, and the other way round.
func TestConfigSchemaAgreesWithTheProgram(t *testing.T) {
	text, compiled := configSchema(t)
	var doc struct {
		Properties           map[string]configKey `json:"properties"`
		AdditionalProperties any                  `json:"additionalProperties"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.AdditionalProperties != false {
		t.Error("the schema takes unknown keys")
	}
	sameKeys(t, "", reflect.ValueOf(defaults()), doc.Properties)
	if err := compiled.Validate(yamlValue(t, "version: 1\nbukket: x\n")); err == nil {
		t.Error("the schema takes an unknown key")
	}
}

type configKey struct {
	Description          string               `json:"description"`
	Default              any                  `json:"default"`
	Const                any                  `json:"const"`
	Properties           map[string]configKey `json:"properties"`
	AdditionalProperties any                  `json:"additionalProperties"`
}

// sameKeys holds a struct of the configuration against the schema's keys.
func sameKeys(t *testing.T, within string, want reflect.Value, have map[string]configKey) {
	t.Helper()
	keys := map[string]bool{}
	for i := range want.NumField() {
		key := want.Type().Field(i).Tag.Get("yaml")
		keys[key] = true
		p, ok := have[key]
		if !ok {
			t.Errorf("the schema lacks %s%s", within, key)
			continue
		}
		if p.Description == "" {
			t.Errorf("the schema does not describe %s%s", within, key)
		}
		if want.Field(i).Kind() == reflect.Struct {
			if p.AdditionalProperties != false {
				t.Errorf("the schema takes unknown keys in %s", key)
			}
			sameKeys(t, key+".", want.Field(i), p.Properties)
			continue
		}
		value := p.Default
		if value == nil {
			value = p.Const
		}
		if f, ok := value.(float64); ok {
			value = int64(f)
		}
		if got, w := fmt.Sprint(value), fmt.Sprint(want.Field(i)); got != w {
			t.Errorf("the schema's default of %s%s is %q, the program's %q", within, key, got, w)
		}
	}
	for key := range have {
		if !keys[key] {
			t.Errorf("the program does not know %s%s", within, key)
		}
	}
}

// What the schema refuses the program refuses too, and what it takes the program takes.
func TestConfigSchemaJudgesAsTheProgramDoes(t *testing.T) {
	_, compiled := configSchema(t)
	for text, good := range map[string]bool{
		"version: 1\n": true,
		"version: 1\nlanguage: ar\nmax_file_mib: 1024\n": true,
		"version: 1\nbase_url: https://x.example/y\n":    true,
		"version: 1\nplans: plans\nschedule: '@daily'\n": true,
		"inbox: x\n":                                           false,
		"version: 2\n":                                         false,
		"version: 1\ninbox: ''\n":                              false,
		"version: 1\nlanguage: de\n":                           false,
		"version: 1\nmax_file_mib: 0\n":                        false,
		"version: 1\nmax_file_mib: 1025\n":                     false,
		"version: 1\nmax_file_mib: many\n":                     false,
		"version: 1\nbase_url: ftp://x.example/\n":             false,
		"version: 1\narchive: a\noutbox: o\nsecret: hunter2\n": false,
	} {
		if err := compiled.Validate(yamlValue(t, text)); (err == nil) != good {
			t.Errorf("the schema on %q: %v", text, err)
		}
		if _, err := configured(t, text, flags{}); (err == nil) != good {
			t.Errorf("the program on %q: %v", text, err)
		}
	}
}

func yamlValue(t *testing.T, text string) any {
	t.Helper()
	b, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// configured reads a configuration text as the program does.
func configured(t *testing.T, text string, f flags) (config, error) {
	t.Helper()
	f.config = filepath.Join(t.TempDir(), "iltizam.yaml")
	if err := os.WriteFile(f.config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	a := &app{stdio: stdio{out: io.Discard, err: io.Discard}, now: time.Now, flags: f}
	return a.configure()
}

func TestFlagBeatsFileBeatsDefault(t *testing.T) {
	c, err := configured(t, "version: 1\ninbox: file-inbox\narchive: file-archive\n", flags{inbox: "flag-inbox", language: "fr"})
	if err != nil {
		t.Fatal(err)
	}
	want := defaults()
	want.Inbox, want.Archive, want.Language = "flag-inbox", "file-archive", "fr"
	if c != want {
		t.Errorf("got %+v, want %+v", c, want)
	}
}

func TestOverlap(t *testing.T) {
	here := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(here, link); err != nil {
		t.Fatal(err)
	}
	dangling := filepath.Join(t.TempDir(), "dangling")
	if err := os.Symlink(filepath.Join(here, "to", "be"), dangling); err != nil {
		t.Fatal(err)
	}
	loop := filepath.Join(t.TempDir(), "loop")
	if err := os.Symlink("loop", loop); err != nil {
		t.Fatal(err)
	}
	if got := resolve(loop); got != loop {
		t.Errorf("a link to itself leads to %s", got)
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"public", "public", true},
		{"public", "./x/../public/", true},
		{"public", "public/archive", true},
		{"public", "public-archive", false},
		{"public", "archive", false},
		{".", "public", true},
		{here, link, true},
		{here, "file://" + here + "/x", true},
		{"s3://b/public", "s3://b/public?region=x", true},
		{"s3://b/public", "s3://b/public/archive", true},
		{"s3://b", "s3://b/archive", true},
		{"s3://b/public", "s3://b/public-archive", false},
		{"s3://b/p?endpoint=https://one.example", "s3://b/p?endpoint=https://two.example", false},
		{"s3://b/p?endpoint=https://one.example", "s3://b/p?endpoint=https://ONE.example:443/", true},
		{"s3://b/p?endpoint=http://one.example:80", "s3://b/p?endpoint=http://one.example//", true},
		{"s3://b/p?endpoint=https://one.example", "s3://b/p?endpoint=https://one.example:8443", false},
		{"s3://b/p", "s3://b/p?endpoint=https://s3.eu-west-3.amazonaws.com", true},
		{"s3://public", "public", false},
		{filepath.Join(here, "new"), filepath.Join(link, "new", "er"), true},
		{filepath.Join(here, "new"), filepath.Join(link, "other"), false},
		{filepath.Join(here, "to", "be"), filepath.Join(dangling, "x"), true},
	} {
		if got := overlap(c.a, c.b); got != c.want || overlap(c.b, c.a) != c.want {
			t.Errorf("overlap of %s and %s: %v", c.a, c.b, got)
		}
	}
}

// The examples in README are taken as they stand.
func TestREADMEConfigurationIsTaken(t *testing.T) {
	blocks := fenced(t, "yaml")
	if len(blocks) == 0 {
		t.Fatal("README shows no iltizam.yaml")
	}
	_, compiled := configSchema(t)
	for _, text := range blocks {
		if _, err := configured(t, text, flags{}); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
		if err := compiled.Validate(yamlValue(t, text)); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
	if !slices.ContainsFunc(blocks, func(s string) bool { return bytes.Contains([]byte(s), []byte("s3://")) }) {
		t.Error("README does not show an S3 bucket")
	}
}
