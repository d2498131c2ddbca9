package release_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"iltizam/output"
	"iltizam/output/bucket"
	"iltizam/output/bucket/dirbucket"
	"iltizam/output/bucket/membucket"
	"iltizam/output/release"
)

var committedAt = time.Date(2024, 1, 31, 10, 0, 0, 0, time.UTC)

// sha is a digest for where any will do.
func sha(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

type seekCloser struct{ *bytes.Reader }

func (seekCloser) Close() error { return nil }

func file(path, text string) output.File {
	return output.File{
		Path: path, MediaType: "text/csv", Size: int64(len(text)), SHA256: sha(text), Rows: 1,
		Table: "progress", Plan: "p1",
		Open: func() (io.ReadSeekCloser, error) { return seekCloser{bytes.NewReader([]byte(text))}, nil },
	}
}

func input(asOf string) release.Input {
	return release.Input{
		Plans: map[string]string{"p1/plan.json": sha("plan")}, AsOf: asOf,
		BaseURL: "https://iltizam.example/", Version: "1",
		Workbooks: []release.Workbook{{SHA256: sha("book"), ReceivedAt: committedAt}},
	}
}

// files of a small release: most stay the same from edition to edition, one
// changes, one comes and goes, one has no alias, two share their object.
func files(edition int) []output.File {
	all := []output.File{
		file("data/p1/summary.csv", "figure\n"),
		file("data/p1/progress.csv", "edition "+strconv.Itoa(edition)+"\n"),
		file("data/p1/ogp/commitments.csv", "ogp\n"),
		file("data/p2/summary.csv", "figure\n"),
		file("catalog.jsonld", fmt.Sprintf(`{"edition":%d}`, edition)),
	}
	if edition%2 == 1 {
		all = append(all, file("data/p1/odd.csv", "odd\n"))
	}
	return all
}

func stage(t testing.TB, edition int) *release.Staged {
	t.Helper()
	return stageFiles(t, edition, files(edition))
}

func stageFiles(t testing.TB, edition int, files []output.File) *release.Staged {
	t.Helper()
	in := input(fmt.Sprintf("2024-01-%02d", edition))
	s, err := release.Stage(release.RID(in), in, files)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// publish is what a run does: read the head, then commit on it.
func publish(ctx context.Context, b bucket.Bucket, s *release.Staged, nonce string) (release.Outcome, error) {
	head, etag, err := release.Current(ctx, b)
	if err != nil {
		return release.Outcome{}, err
	}
	return release.Commit(ctx, b, s, release.CommitOptions{Head: head, ETag: etag, Nonce: nonce, CommittedAt: committedAt})
}

func mustPublish(t testing.TB, b bucket.Bucket, s *release.Staged, nonce string) release.Outcome {
	t.Helper()
	out, err := publish(t.Context(), b, s, nonce)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// sound verifies the bucket and tells which release it holds.
func sound(t testing.TB, b bucket.Bucket) release.Report {
	t.Helper()
	report, err := release.Verify(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	return report
}

// current is sound, and its aliases follow.
func current(t testing.TB, b bucket.Bucket, s *release.Staged) {
	t.Helper()
	report := sound(t, b)
	if report.Release != s.ID {
		t.Fatalf("current release is %s, want %s", report.Release, s.ID)
	}
	if len(report.Warnings) > 0 {
		t.Fatalf("aliases: %v", report.Warnings)
	}
}

func text(t testing.TB, b bucket.Bucket, key string) string {
	t.Helper()
	r, _, err := b.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func put(t testing.TB, b bucket.Bucket, key, text string) {
	t.Helper()
	if _, err := b.Put(t.Context(), key, bucket.Bytes([]byte(text)), bucket.Cond{}); err != nil {
		t.Fatal(err)
	}
}

func dir(t testing.TB) bucket.Bucket {
	t.Helper()
	b, err := dirbucket.Open(filepath.Join(t.TempDir(), "public"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// local are the kinds of bucket that cost nothing to have.
func local(t *testing.T, test func(t *testing.T, open func() bucket.Bucket)) {
	t.Run("mem", func(t *testing.T) { test(t, func() bucket.Bucket { return membucket.New() }) })
	t.Run("dir", func(t *testing.T) { test(t, func() bucket.Bucket { return dir(t) }) })
}
