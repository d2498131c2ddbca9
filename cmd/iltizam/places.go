package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"iltizam/output/bucket"
	"iltizam/output/bucket/dirbucket"
	"iltizam/output/bucket/s3bucket"
	"iltizam/pipeline/intake"
)

func isS3(place string) bool { return strings.HasPrefix(place, "s3://") }

// folderOf gives the folder that a place names, file:// or not.
func folderOf(place string) string {
	if u, err := url.Parse(place); err == nil && u.Scheme == "file" {
		return u.Path
	}
	return place
}

// overlap tells whether two places are the same, or one lies within the other.
func overlap(a, b string) bool {
	a, b = whole(a), whole(b)
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
}

// whole gives a place as a path from the top that ends in a slash: of an S3
// address the endpoint, the bucket, the prefix.
func whole(place string) string {
	if isS3(place) {
		if u, err := url.Parse(place); err == nil {
			place = "s3:" + u.Query().Get("endpoint") + "//" + u.Host + u.Path
		}
		return strings.TrimRight(place, "/") + "/"
	}
	name := folderOf(place)
	if abs, err := filepath.Abs(name); err == nil {
		name = abs
	}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	return strings.TrimRight(filepath.ToSlash(name), "/") + "/"
}

// openBucket opens a place that releases or archived files are kept in.
func openBucket(ctx context.Context, place string) (bucket.Bucket, error) {
	if isS3(place) {
		b, err := s3bucket.Open(ctx, place, s3bucket.Options{})
		if err != nil {
			return nil, err
		}
		return b, nil
	}
	if i := strings.Index(place, "://"); i >= 0 && !strings.HasPrefix(place, "file://") {
		return nil, usageError{hintf("use a folder or s3://bucket/prefix", "open %s: places of kind %s are not known", place, place[:i])}
	}
	b, err := dirbucket.Open(folderOf(place))
	if errors.Is(err, bucket.ErrDenied) && !errors.Is(err, fs.ErrPermission) {
		return nil, usageError{hinted{err, "name an empty or a new folder; no file was touched"}}
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}

// openStore opens a private place.
func openStore(ctx context.Context, place string) (intake.Store, error) {
	b, err := openBucket(ctx, place)
	if err != nil {
		return nil, err
	}
	return bucketStore{b}, nil
}

// openInbox opens the place where workbooks are dropped; it is only read. Its
// files bear whatever names people gave them.
func openInbox(ctx context.Context, place string) (intake.Source, error) {
	if isS3(place) {
		b, err := s3bucket.Open(ctx, place, s3bucket.Options{AnyKey: true})
		if err != nil {
			return nil, err
		}
		return bucketStore{b}, nil
	}
	root, err := os.OpenRoot(folderOf(place))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usageError{hintf("make the folder, or name another with --inbox or `inbox:` in iltizam.yaml",
			"open inbox %s: there is no such folder", place)}
	}
	if err != nil {
		return nil, fmt.Errorf("open inbox: %w", err)
	}
	return dirSource{root}, nil
}

// dirSource reads a folder and nothing outside it, whatever links lead there.
type dirSource struct{ root *os.Root }

func (d dirSource) List(_ context.Context, prefix string) ([]intake.Entry, error) {
	var out []intake.Entry
	if err := d.walk("", func(e intake.Entry) {
		if strings.HasPrefix(e.Key, prefix) {
			out = append(out, e)
		}
	}); err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b intake.Entry) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

// walk visits the files below a folder. Names are bytes, as the disk has them:
// package fs would refuse those that are not UTF-8.
func (d dirSource) walk(folder string, visit func(intake.Entry)) error {
	f, err := d.root.Open(cmp.Or(folder, "."))
	if err != nil {
		return err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if err != nil {
		return err
	}
	for _, e := range entries {
		key := path.Join(folder, e.Name())
		if e.IsDir() {
			err = d.walk(key, visit)
		} else if e.Type().IsRegular() {
			var info fs.FileInfo
			if info, err = e.Info(); err == nil {
				visit(intake.Entry{Key: key, Size: info.Size()})
			}
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // absent: taken away while we looked
			return err
		}
	}
	return nil
}

func (d dirSource) Open(_ context.Context, key string) (io.ReadCloser, error) {
	return d.root.Open(key)
}

// bucketStore lets the intake keep its files in any bucket.
type bucketStore struct{ b bucket.Bucket }

func (s bucketStore) List(ctx context.Context, prefix string) ([]intake.Entry, error) {
	var out []intake.Entry
	for o, err := range s.b.List(ctx, prefix) {
		if err != nil {
			return nil, err
		}
		out = append(out, intake.Entry{Key: o.Key, Size: o.Size})
	}
	slices.SortFunc(out, func(a, b intake.Entry) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

func (s bucketStore) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	r, _, err := s.b.Get(ctx, key)
	if errors.Is(err, bucket.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return r, err
}

func (s bucketStore) PutNew(ctx context.Context, key string, size int64, sha256 string, content func() (io.ReadSeekCloser, error)) error {
	_, err := s.b.Put(ctx, key, bucket.Body{Open: content, Size: size, SHA256: sha256}, bucket.Cond{IfAbsent: true})
	if errors.Is(err, bucket.ErrPrecondition) {
		return nil
	}
	return err
}
