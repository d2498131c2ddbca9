package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"iltizam/output"
	"iltizam/output/bucket"
	"iltizam/output/ogpexport"
	"iltizam/output/release"
	"iltizam/pipeline"
	"iltizam/pipeline/rules"
	"iltizam/pipeline/table"
)

// published says what became of a run's release.
type published struct {
	release.Outcome
	Files  int
	Behind error // why latest/ is not of the release yet, nil where it is
}

// publish brings a result into the bucket as one release. Where the bucket's
// release is of the same inputs already, nothing is rendered and only lost
// aliases are written.
func publish(ctx context.Context, b bucket.Bucket, c config, contract *pipeline.Contract, plans []pipeline.Plan,
	res *pipeline.Result, now time.Time, phase func(string)) (published, error) {
	head, etag, err := release.Current(ctx, b)
	if err != nil {
		return published{}, err
	}
	in, err := releaseInput(c, contract, plans, res)
	if err != nil {
		return published{}, err
	}
	rid := release.RID(in)
	if head != nil && head.Release == rid {
		out, err := release.Reconcile(ctx, b, head)
		return settled(out, 0, err)
	}
	spool, err := newSpool()
	if err != nil {
		return published{}, err
	}
	defer spool.remove()
	phase("rendering")
	files, err := render(ctx, c, contract, res, rid, spool)
	if err != nil {
		return published{}, err
	}
	staged, err := release.Stage(rid, in, files)
	if err != nil {
		return published{}, err
	}
	phase("publishing")
	nonce := make([]byte, 16)
	if _, err := rand.Read(nonce); err != nil {
		return published{}, fmt.Errorf("make nonce: %w", err)
	}
	out, err := release.Commit(ctx, b, staged, release.CommitOptions{Head: head, ETag: etag,
		Nonce: hex.EncodeToString(nonce), CommittedAt: now.UTC()})
	return settled(out, len(files), err)
}

// settled is what became of a release: with ErrAliases it is published, and the
// next run mends the copies, unless what they are made from is damaged.
func settled(out release.Outcome, files int, err error) (published, error) {
	if errors.Is(err, release.ErrAliases) && !errors.Is(err, release.ErrDamaged) {
		return published{out, files, err}, nil
	}
	return published{out, files, nil}, err
}

func releaseInput(c config, contract *pipeline.Contract, plans []pipeline.Plan, res *pipeline.Result) (release.Input, error) {
	in := release.Input{Plans: map[string]string{}, Schemas: map[string]string{"contract": contract.Digest},
		Rules: map[string]string{"code": rules.Version}, AsOf: res.AsOf, BaseURL: c.BaseURL, Version: output.FormatVersion}
	for _, p := range plans {
		in.Plans[p.ID] = p.Digest
	}
	add := func(to *[]release.Workbook, digest, institution, receivedAt string) error {
		at, err := time.Parse(time.RFC3339, receivedAt)
		if err != nil {
			return fmt.Errorf("read time of receipt of %s: %w", digest, err)
		}
		*to = append(*to, release.Workbook{SHA256: digest, ReceivedAt: at, Verdict: res.RecordOf(digest, institution)})
		return nil
	}
	for _, s := range res.Accepted() {
		if err := add(&in.Workbooks, s.Source.Digest, s.Institution, s.Source.ReceivedAt); err != nil {
			return in, err
		}
	}
	for _, snap := range res.Snapshots {
		for _, r := range snap.Refusals {
			if err := add(&in.Refused, r.Digest, r.Institution, r.ReceivedAt); err != nil {
				return in, err
			}
		}
	}
	return in, nil
}

// render writes every file of the release to the spool.
func render(ctx context.Context, c config, contract *pipeline.Contract, res *pipeline.Result, rid string,
	spool output.Spool) ([]output.File, error) {
	var lists [][]output.File
	var described []*table.Table
	for _, snap := range res.Snapshots {
		core, err := res.Tables(snap)
		if err != nil {
			return nil, err
		}
		ogp, err := ogpexport.Tables(contract.OGP, core)
		if err != nil {
			return nil, err
		}
		id := snap.Plan.ID
		var dirs []output.Dir
		for _, t := range core {
			dirs = append(dirs, output.Dir{Path: "data/" + id, Plan: id, Table: t})
		}
		for _, t := range ogp {
			dirs = append(dirs, output.Dir{Path: "data/" + id + "/ogp", Plan: id, Table: t})
		}
		about := output.NewAbout(snap.Plan, rid, res.AsOf, c.BaseURL)
		files, err := output.Build(ctx, about, dirs, exporters(), spool)
		if err != nil {
			return nil, err
		}
		lists = append(lists, files)
		described = append(append(described, core...), ogp...)
	}
	shared, err := sharedTables(contract, described)
	if err != nil {
		return nil, err
	}
	files, err := output.Build(ctx, output.NewAbout(nil, rid, res.AsOf, c.BaseURL), shared, exporters(), spool)
	if err != nil {
		return nil, err
	}
	return output.Join(append(lists, files)...)
}

// sharedTables are those that belong to no single plan: code lists, dictionary.
func sharedTables(contract *pipeline.Contract, described []*table.Table) ([]output.Dir, error) {
	var dirs []output.Dir
	for _, name := range sortedNames(contract.CodeLists) {
		t := contract.CodeLists[name].Table(contract.Tables["codelist"])
		dirs = append(dirs, output.Dir{Path: "data/codelists", Table: t})
	}
	dict, err := output.Dictionary(contract.Tables["data_dictionary"], described)
	if err != nil {
		return nil, err
	}
	return append(dirs, output.Dir{Path: "data/dictionary", Table: dict}), nil
}
