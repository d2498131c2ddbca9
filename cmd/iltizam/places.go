package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

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
			place = "s3:" + endpoint(u.Query().Get("endpoint")) + "//" + u.Host + u.Path
		}
		return strings.TrimRight(place, "/") + "/"
	}
	return strings.TrimRight(filepath.ToSlash(resolve(folderOf(place))), "/") + "/"
}

// endpoint gives the one way to write an S3 endpoint. Amazon's names of buckets
// are the same at all of its endpoints.
func endpoint(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return s
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if host == "amazonaws.com" || strings.HasSuffix(host, ".amazonaws.com") {
		return ""
	}
	if u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		port = ""
	}
	return u.Scheme + "://" + net.JoinHostPort(host, port) + strings.TrimRight(u.Path, "/")
}

// maxLinks bounds how many links resolve follows, as the system bounds it.
const maxLinks = 255

// resolve gives the path that a name stands for once the links on the way are
// followed, whether or not there is anything yet at its end.
func resolve(name string) string {
	abs, err := filepath.Abs(name)
	if err != nil {
		return name
	}
	const sep = string(filepath.Separator)
	top := filepath.VolumeName(abs) + sep
	at, todo := top, strings.Split(abs[len(top)-1:], sep)
	for links := 0; len(todo) > 0; {
		part := todo[0]
		todo = todo[1:]
		if part == "" || part == "." {
			continue
		}
		if part == ".." {
			at = filepath.Dir(at)
			continue
		}
		next := filepath.Join(at, part)
		target, err := os.Readlink(next)
		if err != nil || links == maxLinks {
			at = next
			continue
		}
		links++
		if filepath.IsAbs(target) {
			at = top
			target = target[len(filepath.VolumeName(target)):]
		}
		todo = append(strings.Split(filepath.FromSlash(target), sep), todo...)
	}
	return at
}

// wrongAddress tells what is wrong with a file:// address, "" for nothing.
func wrongAddress(place string) string {
	u, err := url.Parse(place)
	if err != nil || u.Scheme != "file" {
		return ""
	}
	if u.Host != "" && u.Host != "localhost" {
		return fmt.Sprintf("%q in it is the name of another machine: write file:///%s%s, or %s%s without file://", u.Host, u.Host, u.Path, u.Host, u.Path)
	}
	if u.Path == "" {
		return "it names no folder: write file:///folder, or the folder alone"
	}
	return ""
}

// noFile refuses a place that is a file.
func noFile(what, place string) error {
	if info, err := os.Stat(folderOf(place)); err == nil && !info.IsDir() {
		return usageError{hintf("name a folder", "open %s%s: it is a file, not a folder", what, place)}
	}
	return nil
}

// foreign makes a mistake of usage of a bucket folder that is not ours to write in.
func foreign(place string, err error) error {
	var usage usageError
	if !isS3(place) && errors.Is(err, bucket.ErrDenied) && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, syscall.EROFS) && !errors.As(err, &usage) {
		return usageError{hinted{err, "name an empty or a new folder; no file was touched"}}
	}
	return err
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
	if err := noFile("", place); err != nil {
		return nil, err
	}
	b, err := dirbucket.Open(folderOf(place))
	if err != nil {
		return nil, foreign(place, err)
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
func openInbox(ctx context.Context, place string, skip func(intake.Skip)) (intake.Source, error) {
	if isS3(place) {
		b, err := s3bucket.Open(ctx, place, s3bucket.Options{AnyKey: true})
		if err != nil {
			return nil, err
		}
		return bucketInbox{bucketStore{b}, skip}, nil
	}
	if err := noFile("inbox ", place); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(filepath.Clean(folderOf(place)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usageError{hintf("make the folder, or name another with --inbox or `inbox:` in iltizam.yaml",
			"open inbox %s: there is no such folder", place)}
	}
	if err != nil {
		return nil, fmt.Errorf("open inbox: %w", err)
	}
	return newDirSource(root, skip), nil
}

// bucketStore lets the intake keep its files in any bucket.
type bucketStore struct{ b bucket.Bucket }

func (s bucketStore) List(ctx context.Context, prefix string) ([]intake.Entry, error) {
	var out []intake.Entry
	for o, err := range s.b.List(ctx, prefix) {
		if err != nil {
			return nil, err
		}
		out = append(out, intake.Entry{Key: o.Key, Size: o.Size, Version: o.Stamp})
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

func (s bucketStore) Replace(ctx context.Context, key string, content []byte) error {
	_, err := s.b.Put(ctx, key, bucket.Bytes(content), bucket.Cond{})
	return err
}

// bucketInbox is an inbox in a bucket. An object that may not be read stops no
// other.
type bucketInbox struct {
	bucketStore
	skip func(intake.Skip)
}

// Skip implements intake.Skipper.
func (s bucketInbox) Skip(k intake.Skip) { s.skip(k) }

func (s bucketInbox) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	r, err := s.bucketStore.Open(ctx, key)
	if errors.Is(err, bucket.ErrDenied) {
		return nil, fmt.Errorf("%w: %w", fs.ErrPermission, err)
	}
	return r, err
}
