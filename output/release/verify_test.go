package release_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"iltizam/output/bucket"
	"iltizam/output/bucket/buckettest"
	"iltizam/output/bucket/membucket"
	"iltizam/output/release"
)

func TestVerifyNamesWhatIsBad(t *testing.T) {
	s := stage(t, 1)
	object := release.ObjectKey(sha("edition 1\n"), "progress.csv")
	for name, c := range map[string]struct {
		key, bytes string // "" removes
		want       string
	}{
		"tampered byte":      {object, "edition 2\n", "its sha256 is"},
		"short object":       {object, "edition", "it has 7 bytes, the manifest says 10"},
		"long object":        {object, "edition 1\n\n", "longer than the 10 bytes"},
		"missing object":     {object, "", "missing"},
		"truncated manifest": {release.ManifestKey(s.ID), string(s.ManifestJSON[:100]), "the head names"},
		"missing manifest":   {release.ManifestKey(s.ID), "", "no such object"},
		"other sums":         {release.SumsKey(s.ID), "x", "does not agree"},
		"missing sums":       {release.SumsKey(s.ID), "", "missing"},
		"broken head":        {release.HeadKey, "{", "damaged"},
		"empty head":         {release.HeadKey, `{"version":1}`, "names no release"},
	} {
		t.Run(name, func(t *testing.T) {
			local(t, func(t *testing.T, open func() bucket.Bucket) {
				b := open()
				mustPublish(t, b, s, "n1")
				damage(t, b, c.key, c.bytes)
				report, err := release.Verify(t.Context(), b)
				if err != nil {
					t.Fatal(err)
				}
				if len(report.Problems) != 1 || report.Problems[0].Key != c.key || !strings.Contains(report.Problems[0].Reason, c.want) {
					t.Errorf("got %+v, want %s: %s", report.Problems, c.key, c.want)
				}
				err = report.Err()
				if !errors.Is(err, release.ErrDamaged) || !strings.Contains(err.Error(), c.key) {
					t.Errorf("got error %v", err)
				}
			})
		})
	}
}

func damage(t *testing.T, b bucket.Bucket, key, bytes string) {
	t.Helper()
	if bytes != "" {
		put(t, b, key, bytes)
	} else if err := b.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
}

func TestVerifyNamesAllThatIsBad(t *testing.T) {
	b := membucket.New()
	mustPublish(t, b, stage(t, 1), "n1")
	for _, f := range stage(t, 1).Manifest.Files {
		damage(t, b, f.Key, "")
	}
	report, err := release.Verify(t.Context(), b)
	if err != nil || len(report.Problems) != 5 || report.Objects != 5 || report.Files != 6 {
		t.Errorf("got %+v, %v", report, err)
	}
}

func TestVerifyCounts(t *testing.T) {
	b := membucket.New()
	mustPublish(t, b, stage(t, 1), "n1")
	r := sound(t, b)
	if r.Release != stage(t, 1).ID || r.Generation != 1 || !r.CommittedAt.Equal(committedAt) ||
		r.Files != 6 || r.Objects != 5 || r.Bytes != 7+10+4+13+4 || r.Aliases != 5 {
		t.Errorf("got %+v", r)
	}
}

func TestVerifyWarnsOfAliases(t *testing.T) {
	b := membucket.New()
	mustPublish(t, b, stage(t, 1), "n1")
	damage(t, b, "latest/p1/progress.csv", "edition 2\n")
	damage(t, b, "latest/p1/odd.csv", "")
	damage(t, b, "latest/p1/extra.csv", "x")
	r := sound(t, b)
	var got []string
	for _, w := range r.Warnings {
		got = append(got, w.Key)
	}
	if strings.Join(got, " ") != "latest/p1/extra.csv latest/p1/odd.csv latest/p1/progress.csv" {
		t.Errorf("got %+v", r.Warnings)
	}
}

func TestVerifyNothing(t *testing.T) {
	local(t, func(t *testing.T, open func() bucket.Bucket) {
		if _, err := release.Verify(t.Context(), open()); !errors.Is(err, release.ErrNoRelease) {
			t.Errorf("got %v", err)
		}
	})
}

// gone is a store that stops answering after the head was read.
type gone struct {
	bucket.Bucket
	err error
}

func (g gone) Stat(context.Context, string) (bucket.Object, error) {
	return bucket.Object{}, g.err
}

func TestVerifyThatCannotLook(t *testing.T) {
	b := membucket.New()
	mustPublish(t, b, stage(t, 1), "n1")
	for _, want := range []error{bucket.ErrUnreachable, bucket.ErrDenied, context.DeadlineExceeded} {
		if _, err := release.Verify(t.Context(), gone{b, want}); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	dead := buckettest.Fault(b, buckettest.Failure{Write: 1, Crash: true, Err: bucket.ErrUnreachable})
	_ = dead.Delete(t.Context(), "x")
	if _, err := release.Verify(t.Context(), dead); !errors.Is(err, bucket.ErrUnreachable) {
		t.Errorf("got %v", err)
	}
}

func TestHeadOfANewerProgram(t *testing.T) {
	b := membucket.New()
	put(t, b, release.HeadKey, `{"version":2,"release":"x"}`)
	if _, _, err := release.Current(t.Context(), b); err == nil || !strings.Contains(err.Error(), "version 2") {
		t.Errorf("got %v", err)
	}
}
