package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"iltizam/pipeline/intake"
)

// dirSource reads a folder and nothing outside it, whatever links lead there.
type dirSource struct {
	open func(name string) (*os.File, error) // of an os.Root
	skip func(intake.Skip)
	now  func() time.Time
	wait func(context.Context, time.Duration) error
}

func newDirSource(root *os.Root, skip func(intake.Skip)) dirSource {
	return dirSource{root.Open, skip, time.Now, pause}
}

// Skip implements intake.Skipper.
func (d dirSource) Skip(s intake.Skip) { d.skip(s) }

func (d dirSource) List(_ context.Context, prefix string) ([]intake.Entry, error) {
	var out []intake.Entry
	if err := d.walk("", func(e intake.Entry) {
		if strings.HasPrefix(e.Key, prefix) {
			out = append(out, e)
		}
	}); errors.Is(err, fs.ErrPermission) {
		return nil, hinted{err, "give this program's user the right to read the inbox"}
	} else if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b intake.Entry) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

// walk visits the files below a folder. Names are bytes, as the disk has them:
// package fs would refuse those that are not UTF-8.
func (d dirSource) walk(folder string, visit func(intake.Entry)) error {
	f, err := d.open(cmp.Or(folder, "."))
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
		if intake.Ignored(key) {
			continue
		}
		switch {
		case e.IsDir():
			err = d.walk(key, visit)
		case e.Type().IsRegular():
			var info fs.FileInfo
			if info, err = e.Info(); err == nil {
				visit(intake.Entry{Key: key, Size: info.Size(), Version: version(info)})
			}
		case e.Type()&fs.ModeSymlink != 0:
			d.skip(intake.Skip{Key: key, Reason: "is a link; put the file or the folder itself there"})
		default:
			d.skip(intake.Skip{Key: key, Reason: "is no regular file"})
		}
		switch {
		case errors.Is(err, fs.ErrPermission):
			d.skip(intake.Skip{Key: key, Reason: intake.Unreadable, Denied: true})
		case err != nil && !errors.Is(err, fs.ErrNotExist): // absent: taken away while we looked
			return err
		}
		err = nil
	}
	return nil
}

func (d dirSource) Open(_ context.Context, key string) (io.ReadCloser, error) {
	return d.open(key)
}

// version names the state of a file by its times and its place on the disk. Without
// the time that nobody can set there is none.
func version(info fs.FileInfo) string {
	if changeTime(info) == 0 {
		return ""
	}
	return fmt.Sprintf("%d-%d-%d", info.ModTime().UnixNano(), changeTime(info), fileID(info))
}

// A file that ends in the middle and was written shortly ago is looked at again
// after a pause; if it has grown, somebody is still writing it.
const (
	shortly   = 10 * time.Second
	lookAgain = time.Second
)

// Growing implements intake.Watcher. A workbook that is whole, as its last bytes
// tell, or that nobody wrote of late, is not waited for.
func (d dirSource) Growing(ctx context.Context, files []intake.Entry) (map[string]bool, error) {
	before := map[string]fs.FileInfo{}
	for _, e := range files {
		if info, whole, err := d.look(e.Key); err == nil && !whole && d.now().Sub(info.ModTime()) < shortly {
			before[e.Key] = info
		}
	}
	if len(before) == 0 {
		return nil, nil
	}
	if err := d.wait(ctx, lookAgain); err != nil {
		return nil, err
	}
	growing := map[string]bool{}
	for key, was := range before {
		info, _, err := d.look(key)
		if err == nil && (info.Size() != was.Size() || !info.ModTime().Equal(was.ModTime())) {
			growing[key] = true
		}
	}
	return growing, nil
}

// endOfArchive starts the record that a zip archive ends with; a comment of up to
// 65535 bytes may follow its 22.
const (
	endOfArchive = "PK\x05\x06"
	longestEnd   = 22 + 1<<16
)

// look tells whether a file ends as a workbook does.
func (d dirSource) look(key string) (info fs.FileInfo, whole bool, err error) {
	f, err := d.open(key)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, false, err
	}
	tail := make([]byte, min(info.Size(), longestEnd))
	if _, err := f.ReadAt(tail, info.Size()-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return nil, false, err
	}
	return info, bytes.Contains(tail, []byte(endOfArchive)), nil
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
