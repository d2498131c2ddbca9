package release

import (
	"fmt"
	"slices"
	"strings"

	"iltizam/output"
	"iltizam/output/bucket"
)

// Staged is a release ready to be committed. Nothing of it is in a bucket yet.
type Staged struct {
	ID             string
	Manifest       *Manifest
	ManifestJSON   []byte // as it will stand in the bucket
	ManifestSHA256 string
	Sums           []byte // SHA256SUMS

	bodies map[string]bucket.Body // by object key
}

// Stage lists files as the release rid that in makes. Two files of one path, or
// one that could not be kept in every store, are an error.
func Stage(rid string, in Input, files []output.File) (*Staged, error) {
	if want := RID(in); rid != want {
		return nil, fmt.Errorf("stage release %s: its inputs make release %s", rid, want)
	}
	s := &Staged{ID: rid, bodies: make(map[string]bucket.Body, len(files))}
	m := &Manifest{
		Schema: manifestSchema, Version: manifestVersion, Release: rid,
		Inputs: in.public(), Files: make([]ManifestFile, 0, len(files)),
	}
	for _, f := range files {
		entry, err := describe(f)
		if err != nil {
			return nil, fmt.Errorf("stage release %s: file %s: %w", rid, f.Path, err)
		}
		m.Files = append(m.Files, entry)
		s.bodies[entry.Key] = bucket.Body{Open: f.Open, Size: f.Size, SHA256: f.SHA256}
	}
	slices.SortFunc(m.Files, func(a, b ManifestFile) int { return strings.Compare(a.Path, b.Path) })
	if err := apart(m.Files); err != nil {
		return nil, fmt.Errorf("stage release %s: %w", rid, err)
	}
	text, err := canonical(m, "  ")
	if err != nil {
		return nil, fmt.Errorf("stage release %s: %w", rid, err)
	}
	s.Manifest, s.ManifestJSON, s.ManifestSHA256 = m, text, hexSHA256(text)
	s.Sums = m.sums(s.ManifestSHA256)
	return s, nil
}

func describe(f output.File) (ManifestFile, error) {
	if err := bucket.CheckKey(f.Path); err != nil {
		return ManifestFile{}, err
	}
	if len(f.SHA256) != 64 || !isHex(f.SHA256) {
		return ManifestFile{}, fmt.Errorf("sha256 %q is not one", f.SHA256)
	}
	if f.Size < 0 || f.Open == nil {
		return ManifestFile{}, fmt.Errorf("it is not finished")
	}
	entry := ManifestFile{
		Path: f.Path, Key: ObjectKey(f.SHA256, f.Path), Alias: aliasOf(f.Path),
		Table: f.Table, Plan: f.Plan, MediaType: f.MediaType, Size: f.Size, SHA256: f.SHA256,
	}
	if f.Rows >= 0 {
		entry.Rows = &f.Rows
	}
	return entry, nil
}

// apart refuses what could not lie in one folder: two files of one path, or a
// file where another one needs a folder.
func apart(sorted []ManifestFile) error {
	taken := make(map[string]bool, len(sorted))
	for _, f := range sorted {
		if taken[f.Path] {
			return fmt.Errorf("file %s: there are two of that path", f.Path)
		}
		taken[f.Path] = true
	}
	for _, f := range sorted {
		for i, c := range f.Path {
			if c == '/' && taken[f.Path[:i]] {
				return fmt.Errorf("file %s: %s is a file, so it cannot be a folder too", f.Path, f.Path[:i])
			}
		}
	}
	return nil
}
