package s3bucket

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	yes, no := true, false
	for rawURL, want := range map[string]address{
		"s3://b":                       {bucket: "b"},
		"s3://b/":                      {bucket: "b"},
		"s3://b/p/q/":                  {bucket: "b", prefix: "p/q/"},
		"s3://b/p?region=eu-west-3":    {bucket: "b", prefix: "p/", region: "eu-west-3"},
		"s3://b?endpoint=https://s3.x": {bucket: "b", endpoint: "https://s3.x"},
		"s3://b?path_style=true":       {bucket: "b", pathStyle: &yes},
		"s3://b?path_style=0":          {bucket: "b", pathStyle: &no},
	} {
		got, err := parse(rawURL)
		if err != nil {
			t.Errorf("%s: %v", rawURL, err)
			continue
		}
		if (got.pathStyle == nil) != (want.pathStyle == nil) || got.pathStyle != nil && *got.pathStyle != *want.pathStyle {
			t.Errorf("%s: path style %v", rawURL, got.pathStyle)
		}
		got.pathStyle, want.pathStyle = nil, nil
		if got != want {
			t.Errorf("%s: got %+v", rawURL, got)
		}
	}
}

func TestParseRefusesWithoutRepeating(t *testing.T) {
	for rawURL, hint := range map[string]string{
		"s3://AKIA:hunter2@b":                      "AWS_ACCESS_KEY_ID",
		"s3://AKIA:hunter2@b/%zz":                  "not a URL",
		"s3://b?endpoint=http://AKIA:hunter2@s3.x": "endpoint= holds a user name",
		"s3://b?endpoint=hunter2":                  "http:// or https://",
		"s3://b?secret_key=hunter2":                "unknown setting",
		"s3://b?region=hunter2&region=x":           "one value",
		"s3://b?region=":                           "one value",
		"s3://b?path_style=hunter2":                "neither true nor false",
		"s3://b?path_style=true;x=hunter2":         "not well formed",
		"s3://127.0.0.1:9000/hunter2":              "?endpoint=",
		"s3:///hunter2":                            "names no bucket",
		"https://hunter2.s3.amazonaws.com":         "s3://",
		"s3://b/p#hunter2":                         "#",
		"s3://b/../p":                              "dot",
	} {
		_, err := parse(rawURL)
		if err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("%s: got %v, want %q", rawURL, err, hint)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: repeated in %v", rawURL, err)
		}
	}
}
