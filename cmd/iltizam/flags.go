package main

import (
	"time"

	"github.com/spf13/cobra"
)

// flags are those of the command line that also stand in the configuration; a
// flag wins over the file, the file over the default.
type flags struct {
	config                         string
	inbox, archive, outbox, bucket string
	baseURL, plans, language       string
	asOf, receivedAt               string
	json                           bool
}

func (f *flags) register(root *cobra.Command) {
	p := root.PersistentFlags()
	p.StringVarP(&f.config, "config", "c", "", "configuration file (default: iltizam.yaml if it exists)")
	p.StringVar(&f.plans, "plans", "", "folder of action plans besides those built in")
	p.StringVar(&f.language, "lang", "", "language of messages: ar, fr or en")
}

func (f *flags) places(c *cobra.Command) {
	p := c.Flags()
	p.StringVar(&f.inbox, "inbox", "", "where workbooks are dropped: a folder or s3://bucket/prefix")
	p.StringVar(&f.archive, "archive", "", "where every workbook is kept (private)")
	p.StringVar(&f.outbox, "outbox", "", "where receipts go (private)")
	f.publicPlace(c)
	p.StringVar(&f.baseURL, "base-url", "", "address that the bucket is served under, ends with a slash")
}

func (f *flags) publicPlace(c *cobra.Command) {
	c.Flags().StringVar(&f.bucket, "bucket", "", "where releases go: a folder or s3://bucket/prefix?endpoint=...")
}

func (f *flags) times(c *cobra.Command) {
	c.Flags().StringVar(&f.asOf, "as-of", "", "date that the figures speak about, YYYY-MM-DD (default: the newest event)")
	c.Flags().StringVar(&f.receivedAt, "received-at", "", "time of receipt of new workbooks, RFC 3339 (default: now)")
}

// day reads --as-of.
func (f *flags) day() (string, error) {
	if f.asOf == "" {
		return "", nil
	}
	if _, err := time.Parse(time.DateOnly, f.asOf); err != nil {
		return "", usageError{hintf("give a day such as 2026-10-31", "read --as-of %q: not a date", f.asOf)}
	}
	return f.asOf, nil
}

// received reads --received-at; by default it is now.
func (f *flags) received(now time.Time) (time.Time, error) {
	if f.receivedAt == "" {
		return now, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, f.receivedAt); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, usageError{hintf("give an instant such as 2026-10-31T09:00:00Z", "read --received-at %q: not an instant", f.receivedAt)}
}
