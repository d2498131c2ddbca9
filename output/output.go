// Package output says what a published file is.
package output

import (
	"context"
	"io"

	"iltizam/pipeline/table"
)

// Format is a kind of file.
type Format struct {
	Name      string // csv, json, parquet
	Extension string // without the dot
	MediaType string // as it stands in a Content-Type
}

// About is what every file says of the release it belongs to. It holds no
// clock: the same inputs give the same About.
type About struct {
	Plan         string       // id of the action plan
	Title        table.Labels // of the action plan
	Release      string       // release id, 32 hex digits
	AsOf         string       // ISO date that the figures speak about
	BaseURL      string       // ends with a slash
	LicenceID    string
	LicenceURL   string
	LicenceTitle string
	SourceURL    string       // where the plan's data come from
	Publisher    table.Labels // name of the plan's coordinator
	Citation     table.Labels // how to cite the release
	Version      string       // the program's format version
}

// Exporter renders one table in one format. The same table and About give the
// same bytes. It writes as it goes and never holds a whole table.
type Exporter interface {
	Format() Format
	Export(ctx context.Context, w io.Writer, t *table.Table, about About) error
}

// File is one finished file of a release, spooled and digested.
type File struct {
	Path      string // inside the release: data/<plan>/<table>.csv
	MediaType string
	Size      int64  // bytes
	SHA256    string // lower-case hex
	Rows      int64  // rows of a table's file, -1 where that means nothing
	Table     string // name of the table it carries, or ""
	Plan      string // id of the plan it belongs to, or ""
	Open      func() (io.ReadSeekCloser, error)
}

// Spool keeps the bytes of files between rendering and publishing.
type Spool interface {
	// Create opens an empty place for one file.
	Create() (Spooled, error)
}

// Spooled is one place of a Spool: written once, closed, then opened for
// reading any number of times.
type Spooled interface {
	io.WriteCloser
	Open() (io.ReadSeekCloser, error)
}
