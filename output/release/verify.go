package release

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"iltizam/output/bucket"
)

// Report says what Verify found.
type Report struct {
	Release     string
	Generation  int64
	CommittedAt time.Time
	Files       int       // in the release
	Objects     int       // looked at; files of equal bytes and name share one
	Bytes       int64     // in the objects
	Aliases     int       // copies under latest/
	Problems    []Problem // what a reader of the release may stumble over
	Warnings    []Problem // copies that do not follow the head; the next run mends them
}

// Problem is one bad object.
type Problem struct {
	Key    string
	Reason string
}

// Err is nil for a sound release, else ErrDamaged with each bad object by name.
func (r Report) Err() error {
	if len(r.Problems) == 0 {
		return nil
	}
	lines := make([]string, 0, len(r.Problems))
	for _, p := range r.Problems {
		lines = append(lines, p.Key+": "+p.Reason)
	}
	return fmt.Errorf("verify release %s: %w: %s", r.Release, ErrDamaged, strings.Join(lines, "; "))
}

// Verify reads the current release whole, from the head down, trusting no
// digest that the store keeps. Its error means that the release could not be
// looked at, ErrNoRelease that there is none; what is wrong with it is in the Report.
func Verify(ctx context.Context, b bucket.Bucket) (Report, error) {
	head, _, err := Current(ctx, b)
	if errors.Is(err, ErrDamaged) {
		return Report{Problems: []Problem{{HeadKey, err.Error()}}}, nil
	}
	if err != nil {
		return Report{}, fmt.Errorf("verify: %w", err)
	}
	if head == nil {
		return Report{}, fmt.Errorf("verify: %w", ErrNoRelease)
	}
	v := &verifier{b: b, report: Report{
		Release: head.Release, Generation: head.Generation, CommittedAt: head.CommittedAt,
	}}
	m, err := Load(ctx, b, head)
	if errors.Is(err, ErrDamaged) {
		v.problem(ManifestKey(head.Release), err.Error())
		return v.report, nil
	}
	if err != nil {
		return v.report, fmt.Errorf("verify: %w", err)
	}
	if err := v.check(ctx, m, head); err != nil {
		return v.report, fmt.Errorf("verify release %s: %w", head.Release, err)
	}
	return v.report, nil
}

type verifier struct {
	b      bucket.Bucket
	mu     sync.Mutex
	report Report
}

func (v *verifier) check(ctx context.Context, m *Manifest, head *Head) error {
	objects := distinct(m.Files)
	v.report.Files, v.report.Objects = len(m.Files), len(objects)
	err := each(ctx, usualParallel, objects, func(f ManifestFile) error {
		why, err := misread(ctx, v.b, f)
		if unable(err) {
			return err
		}
		if err != nil {
			why = err.Error()
		}
		if why != "" {
			v.problem(f.Key, why)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, f := range objects {
		v.report.Bytes += f.Size
	}
	if err := v.sums(ctx, m, head); err != nil {
		return err
	}
	if err := v.aliases(ctx, m); err != nil {
		return err
	}
	byKey := func(a, b Problem) int { return strings.Compare(a.Key, b.Key) }
	slices.SortFunc(v.report.Problems, byKey)
	slices.SortFunc(v.report.Warnings, byKey)
	return nil
}

// sums compares the digests for sha256sum with those of the manifest.
func (v *verifier) sums(ctx context.Context, m *Manifest, head *Head) error {
	key := SumsKey(head.Release)
	raw, _, err := fetch(ctx, v.b, key, manifestLimit)
	switch {
	case errors.Is(err, bucket.ErrNotExist):
		v.problem(key, "it is missing")
	case unable(err):
		return err
	case err != nil:
		v.problem(key, err.Error())
	case string(raw) != string(m.sums(head.ManifestSHA256)):
		v.problem(key, "it does not agree with the manifest")
	}
	return nil
}

// aliases asks the store about each copy; that they may lag behind is why they
// are no part of the release.
func (v *verifier) aliases(ctx context.Context, m *Manifest) error {
	extra := make(map[string]bool)
	for o, err := range v.b.List(ctx, latest) {
		if err != nil {
			return err
		}
		extra[o.Key] = true
	}
	var copies []ManifestFile
	for _, f := range m.Files {
		if f.Alias != "" {
			delete(extra, f.Alias)
			f.Key = f.Alias
			copies = append(copies, f)
		}
	}
	v.report.Aliases = len(copies)
	for _, key := range slices.Sorted(maps.Keys(extra)) {
		v.warning(key, "no file of the release is kept here")
	}
	return each(ctx, usualParallel, copies, func(f ManifestFile) error {
		why, err := amiss(ctx, v.b, f)
		if unable(err) {
			return err
		}
		if err != nil {
			why = err.Error()
		}
		if why != "" {
			v.warning(f.Key, why)
		}
		return nil
	})
}

func (v *verifier) problem(key, reason string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.report.Problems = append(v.report.Problems, Problem{key, reason})
}

func (v *verifier) warning(key, reason string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.report.Warnings = append(v.report.Warnings, Problem{key, reason})
}

// unable tells an error of asking from a fault of what was asked for, such as a
// sector that cannot be read or a link in the place of a file.
func unable(err error) bool {
	for _, kind := range []error{bucket.ErrUnreachable, bucket.ErrDenied, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
