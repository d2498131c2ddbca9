package output

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"iltizam/pipeline/table"
)

// Dir is a table with the folder of the release that its files go to.
type Dir struct {
	Path  string       // data/<plan>, without a slash at its end
	Plan  string       // id of the plan that the table belongs to, or ""
	Table *table.Table // its rows may be walked by several exporters at a time
}

// Build renders each table in each format, a few at a time, to
// <folder>/<table>.<extension>. The files come sorted by path; two files of one
// path are an error, known before anything is rendered. The first error stops
// the others.
func Build(ctx context.Context, about About, tables []Dir, exporters []Exporter, spool Spool) ([]File, error) {
	var files []File
	for _, d := range tables {
		for _, e := range exporters {
			files = append(files, File{
				Path:      path.Join(d.Path, d.Table.Name+"."+e.Format().Extension),
				MediaType: e.Format().MediaType,
				Table:     d.Table.Name,
				Plan:      d.Plan,
			})
		}
	}
	if err := checkPaths(files); err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range files {
		d, e := tables[i/len(exporters)], exporters[i%len(exporters)]
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			counted, rows := count(d.Table)
			f, err := Render(spool, files[i], func(w io.Writer) error {
				return e.Export(ctx, w, counted, about)
			})
			if err != nil {
				return err
			}
			f.Rows = *rows
			files[i] = f
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("build files: %w", err)
	}
	return Join(files)
}

// Render spools what write writes and gives f with its size, its digest, the
// way to open it, and -1 rows.
func Render(spool Spool, f File, write func(io.Writer) error) (File, error) {
	place, err := spool.Create()
	if err != nil {
		return File{}, fmt.Errorf("render %s: create spool place: %w", f.Path, err)
	}
	digest := &digester{to: Whole(place), hash: sha256.New()}
	buffered := bufio.NewWriterSize(digest, 64<<10)
	if err := write(buffered); err != nil {
		_ = place.Close() // the first error is the one to tell
		return File{}, fmt.Errorf("render %s: %w", f.Path, err)
	}
	if err := buffered.Flush(); err != nil {
		_ = place.Close()
		return File{}, fmt.Errorf("render %s: %w", f.Path, err)
	}
	if err := place.Close(); err != nil {
		return File{}, fmt.Errorf("render %s: close spool place: %w", f.Path, err)
	}
	f.Size, f.SHA256, f.Rows, f.Open = digest.size, hex.EncodeToString(digest.hash.Sum(nil)), -1, place.Open
	return f, nil
}

// AddFile spools a file whose bytes are ready, such as a README.
func AddFile(spool Spool, path, mediaType string, data []byte) (File, error) {
	return Render(spool, File{Path: path, MediaType: mediaType}, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// Join puts lists of files together, sorted by path. A path that is not a clean
// relative ASCII one, that comes twice, or that is a folder of another is an
// error.
func Join(lists ...[]File) ([]File, error) {
	files := slices.Concat(lists...)
	if err := checkPaths(files); err != nil {
		return nil, err
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

func checkPaths(files []File) error {
	seen := make(map[string]bool, len(files))
	for _, f := range files {
		if !fs.ValidPath(f.Path) || f.Path == "." || strings.ContainsFunc(f.Path, notPlain) {
			return fmt.Errorf("join files: %q is not a clean relative path of printable ASCII", f.Path)
		}
		if seen[f.Path] {
			return fmt.Errorf("join files: two files have the path %s", f.Path)
		}
		seen[f.Path] = true
	}
	for _, f := range files {
		for dir := path.Dir(f.Path); dir != "."; dir = path.Dir(dir) {
			if seen[dir] {
				return fmt.Errorf("join files: %s is a file and the folder of %s", dir, f.Path)
			}
		}
	}
	return nil
}

func notPlain(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }

// count wraps a table so that the rows of its last walk are counted: -1 where
// nobody walked them, as for a schema's file.
func count(t *table.Table) (*table.Table, *int64) {
	n := int64(-1)
	return &table.Table{Schema: t.Schema, Rows: func(yield func(table.Row) bool) {
		n = 0
		for row := range t.Rows {
			n++
			if !yield(row) {
				return
			}
		}
	}}, &n
}

// digester passes bytes on, digesting what the place took.
type digester struct {
	to   io.Writer
	hash hash.Hash
	size int64
}

// Write passes b on.
func (d *digester) Write(b []byte) (int, error) {
	n, err := d.to.Write(b)
	_, _ = d.hash.Write(b[:n]) // a hash takes everything
	d.size += int64(n)
	return n, err
}
