package s3bucket

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"iltizam/output/bucket"
)

// address is what the URL of a bucket says.
type address struct {
	bucket    string
	prefix    string // "" or with a slash at its end
	region    string
	endpoint  string
	pathStyle *bool
}

// parse never repeats the address in an error: it may hold what someone took
// for the place of a password.
func parse(rawURL string) (address, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return address{}, errors.New("the address is not a URL; it looks like s3://bucket/prefix?region=eu-west-3")
	}
	switch {
	case u.User != nil:
		return address{}, errors.New("the address holds a user name or a password; take it out and set " +
			"AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or a profile or a role")
	case u.Scheme != "s3":
		return address{}, errors.New("the address does not start with s3://")
	case u.Host == "" || u.Port() != "":
		return address{}, errors.New("the address names no bucket after s3://; a server's own address goes into ?endpoint=")
	case u.Fragment != "":
		return address{}, errors.New("the address has a part after #")
	}
	a := address{bucket: u.Host}
	if prefix := strings.Trim(u.Path, "/"); prefix != "" {
		if err := bucket.CheckKey(prefix); err != nil {
			return address{}, fmt.Errorf("prefix: %w", err)
		}
		a.prefix = prefix + "/"
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return address{}, errors.New("the part of the address after ? is not well formed")
	}
	for name, values := range query {
		if len(values) != 1 || values[0] == "" {
			return address{}, fmt.Errorf("the address needs one value for %q", name)
		}
		if err := a.set(name, values[0]); err != nil {
			return address{}, err
		}
	}
	return a, nil
}

func (a *address) set(name, value string) error {
	switch name {
	case "region":
		a.region = value
	case "endpoint":
		e, err := url.Parse(value)
		if err != nil || (e.Scheme != "http" && e.Scheme != "https") || e.Host == "" {
			return errors.New("endpoint= is not an address that starts with http:// or https://")
		}
		if e.User != nil {
			return errors.New("endpoint= holds a user name or a password; take it out and set it in the environment")
		}
		a.endpoint = value
	case "path_style":
		on, err := strconv.ParseBool(value)
		if err != nil {
			return errors.New("path_style= is neither true nor false")
		}
		a.pathStyle = &on
	default:
		return fmt.Errorf("the address has an unknown setting %q; known are region, endpoint, path_style", name)
	}
	return nil
}
