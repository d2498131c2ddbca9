package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// defaultConfig is read where no file is named, if it exists.
const defaultConfig = "iltizam.yaml"

// exampleBaseURL stands in while nobody has said where the bucket is served.
const exampleBaseURL = "https://iltizam.example/"

// config is the configuration file; schemas/config.schema.json describes it.
type config struct {
	Version    int    `yaml:"version"`
	Inbox      string `yaml:"inbox"`
	Archive    string `yaml:"archive"`
	Outbox     string `yaml:"outbox"`
	Bucket     string `yaml:"bucket"`
	BaseURL    string `yaml:"base_url"`
	Plans      string `yaml:"plans"`
	Language   string `yaml:"language"`
	Schedule   string `yaml:"schedule"`
	MaxFileMiB int64  `yaml:"max_file_mib"`
	Limits     limits `yaml:"limits"`
}

func defaults() config {
	return config{Version: 1, Inbox: "inbox", Archive: "archive", Outbox: "outbox", Bucket: "public",
		BaseURL: exampleBaseURL, Language: "en", Schedule: "0 2 * * *", MaxFileMiB: 64,
		Limits: defaultLimits()}
}

// configure reads the configuration: defaults, then the file, then the flags.
func (a *app) configure() (config, error) {
	c := defaults()
	name := a.flags.config
	if name == "" {
		name = defaultConfig
	}
	source := "configuration" // of mistakes: the file where it has some, else the flags
	b, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && a.flags.config == "":
	case err != nil:
		return c, usageError{fmt.Errorf("read configuration: %w", err)}
	default:
		if c, err = parseConfig(b, c); err != nil {
			return c, usageError{fmt.Errorf("read configuration %s: %s", name, yaml.FormatError(err, false, true))}
		}
		if c.check() != nil {
			source += " " + name
		}
	}
	for _, over := range []struct {
		into *string
		flag string
	}{
		{&c.Inbox, a.flags.inbox}, {&c.Archive, a.flags.archive}, {&c.Outbox, a.flags.outbox},
		{&c.Bucket, a.flags.bucket}, {&c.BaseURL, a.flags.baseURL}, {&c.Plans, a.flags.plans},
		{&c.Language, a.flags.language},
	} {
		if over.flag != "" {
			*over.into = over.flag
		}
	}
	if err := c.check(); err != nil {
		return c, usageError{fmt.Errorf("read %s: %w", source, err)}
	}
	if c.BaseURL != "" && !strings.HasSuffix(c.BaseURL, "/") {
		c.BaseURL += "/"
	}
	return c, nil
}

// byteOrderMark is what some editors put before a text.
const byteOrderMark = "\uFEFF"

// parseConfig reads a configuration file over the defaults. A file has to tell
// its own version.
func parseConfig(text []byte, c config) (config, error) {
	c.Version = 0
	d := yaml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte(byteOrderMark))), yaml.Strict())
	read := c
	switch err := d.Decode(&read); {
	case errors.Is(err, io.EOF), err == nil && read == config{}: // nothing but comments
	case err != nil:
		return c, err
	default:
		c = read
	}
	var more any
	if err := d.Decode(&more); err == nil && more != nil {
		return c, errors.New("it holds a second document after `---`: write one")
	}
	return c, nil
}

// check tells every problem at once.
func (c config) check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	switch c.Version {
	case 1:
	case 0:
		bad("version is missing: write `version: 1`")
	default:
		bad("version is %d: this program knows version 1", c.Version)
	}
	for _, place := range []struct{ name, value string }{
		{"inbox", c.Inbox}, {"archive", c.Archive}, {"outbox", c.Outbox}, {"bucket", c.Bucket},
	} {
		if place.value == "" {
			bad("%s is empty", place.name)
		}
		if wrong := wrongAddress(place.value); wrong != "" {
			bad("%s %s: %s", place.name, place.value, wrong)
		}
	}
	overlap := func(a, b string) bool { return a != "" && b != "" && overlap(a, b) }
	if overlap(c.Archive, c.Bucket) || overlap(c.Outbox, c.Bucket) || overlap(c.Inbox, c.Bucket) {
		bad("bucket is public: inbox, archive and outbox must be other places than it, none within another")
	}
	if overlap(c.Inbox, c.Archive) || overlap(c.Inbox, c.Outbox) {
		bad("inbox is read whole: archive and outbox must be other places than it, none within another")
	}
	if overlap(c.Archive, c.Outbox) {
		bad("archive and outbox must be other places, none within the other: institutions read the outbox")
	}
	if u, err := url.Parse(c.BaseURL); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		bad("base_url %q is not an http(s) address", c.BaseURL)
	}
	if !slices.Contains([]string{"ar", "fr", "en"}, c.Language) {
		bad("language %q is not ar, fr or en", c.Language)
	}
	if c.MaxFileMiB < 1 || c.MaxFileMiB > 1024 {
		bad("max_file_mib %d is not within 1 to 1024", c.MaxFileMiB)
	}
	c.Limits.check(bad)
	if _, err := parseSchedule(c.Schedule); err != nil {
		bad("schedule %q: %w", c.Schedule, err)
	}
	return errors.Join(errs...)
}

func hintf(hint, format string, args ...any) error {
	return hinted{fmt.Errorf(format, args...), hint}
}
