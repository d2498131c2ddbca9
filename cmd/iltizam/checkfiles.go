package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"iltizam/pipeline/intake"
)

// reason is why a file was not read.
type reason string

const (
	isLink     reason = "link"       // it is not followed: it may lead anywhere
	isOdd      reason = "odd"        // a pipe, a device and the like
	isDenied   reason = "unreadable" // the file system keeps it from us
	hasChanged reason = "changed"    // while it was read
	hasFailed  reason = "failed"     // to be read, for the reason of the error
)

// skipped is a file that was not checked.
type skipped struct {
	file   string
	why    reason
	denied bool  // it may hold workbooks
	err    error // of hasFailed
}

var errOdd = errors.New("it is no regular file")

// whyUnread names the reason of an error.
func whyUnread(err error) reason {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return isDenied
	case errors.Is(err, errOdd):
		return isOdd
	case errors.Is(err, errChanged):
		return hasChanged
	}
	return hasFailed
}

// expand lists the named files and, of folders, the files in them. What lies in
// a folder and is not read is told of; what no person put there is not.
func expand(ctx context.Context, args []string) (files []string, left []skipped, err error) {
	for _, arg := range args {
		info, err := os.Stat(arg)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, nil, usageError{hintf("name a workbook or a folder of them", "check %s: there is no such file", arg)}
		case err != nil:
			return nil, nil, fmt.Errorf("check %s: %w", arg, err)
		case info.Mode().IsRegular():
			files = append(files, arg)
			continue
		case !info.IsDir():
			return nil, nil, usageError{hintf("name a workbook or a folder of them", "check %s: it is no regular file", arg)}
		}
		found, passed, err := walk(ctx, arg)
		if err != nil {
			return nil, nil, fmt.Errorf("check %s: %w", arg, err)
		}
		if len(found) == 0 && !slices.ContainsFunc(passed, func(s skipped) bool { return s.denied }) {
			but := ""
			for _, s := range passed {
				but += fmt.Sprintf("; %s %s", s.file, checkWords("en").why[s.why])
			}
			return nil, nil, usageError{hintf("name a workbook or a folder of them", "check %s: there is no file in it%s", arg, but)}
		}
		files, left = append(files, found...), append(left, passed...)
	}
	return files, left, nil
}

// walk lists the files of a folder in the order of their names, and what was
// passed over.
func walk(ctx context.Context, folder string) ([]string, []skipped, error) {
	g := gathering{folder: folder}
	err := filepath.WalkDir(folder, func(name string, e fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return g.visit(name, e, err)
	})
	return g.files, g.left, err
}

// gathering is a walk through a folder.
type gathering struct {
	folder string
	files  []string
	left   []skipped
}

func (g *gathering) visit(name string, e fs.DirEntry, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		g.left = append(g.left, skipped{file: name, why: isDenied, denied: true})
		if e != nil && e.IsDir() {
			return fs.SkipDir
		}
		return nil
	}
	rel, relErr := filepath.Rel(g.folder, name)
	if err := cmp.Or(err, relErr); err != nil {
		return err
	}
	switch key := filepath.ToSlash(rel); {
	case e.IsDir() && key != "." && intake.Ignored(key):
		return fs.SkipDir
	case e.IsDir() || intake.Ignored(key):
	case e.Type()&fs.ModeSymlink != 0:
		g.left = append(g.left, skipped{file: name, why: isLink})
	case !e.Type().IsRegular():
		g.left = append(g.left, skipped{file: name, why: isOdd})
	default:
		g.files = append(g.files, name)
	}
	return nil
}
