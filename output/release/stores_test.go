package release_test

import (
	"strings"
	"testing"

	"iltizam/output/bucket"
	"iltizam/output/bucket/buckettest"
	"iltizam/output/bucket/membucket"
	"iltizam/output/bucket/s3bucket"
	"iltizam/output/release"
)

// On a real S3 server: the same bytes as elsewhere, nothing written twice, one
// winner, and damage found.
func TestS3(t *testing.T) {
	address := buckettest.S3(t)
	open := func(prefix string) bucket.Bucket {
		b, err := s3bucket.Open(t.Context(), strings.Replace(address, "?", "/"+prefix+"?", 1), s3bucket.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	t.Run("same bytes everywhere", func(t *testing.T) {
		all := map[string]bucket.Bucket{"s3": open("same"), "dir": dir(t)}
		mem := membucket.New()
		for _, edition := range []int{1, 2} {
			mustPublish(t, mem, stage(t, edition), "n")
			for name, b := range all {
				mustPublish(t, b, stage(t, edition), "n")
				current(t, b, stage(t, edition))
				sameBytes(t, name, b, mem)
			}
		}
	})
	t.Run("unchanged", func(t *testing.T) {
		b := open("unchanged")
		mustPublish(t, b, stage(t, 1), "n1")
		watched := buckettest.Fault(b, buckettest.Failure{})
		mustPublish(t, watched, stage(t, 1), "n2")
		if watched.Writes() != 0 || watched.Calls() > 4 {
			t.Errorf("%d writes in %d calls", watched.Writes(), watched.Calls())
		}
	})
	t.Run("reconcile copies within the store", func(t *testing.T) {
		b := open("reconcile")
		mustPublish(t, b, stage(t, 1), "n1")
		damage(t, b, "latest/p1/progress.csv", "fiddle")
		damage(t, b, "latest/p1/odd.csv", "")
		head, _, err := release.Current(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		if out, err := release.Reconcile(t.Context(), b, head); err != nil || out.Aliases != 2 {
			t.Errorf("got %+v, %v", out, err)
		}
		current(t, b, stage(t, 1))
	})
	t.Run("race", func(t *testing.T) { raceOnce(t, open("race")) })
	t.Run("crash", func(t *testing.T) {
		n := 0
		failEach(t, 1, buckettest.Failure{Crash: true, After: true}, func() bucket.Bucket {
			n++
			return open("crash/" + string(rune('a'+n)))
		})
	})
	t.Run("damage", func(t *testing.T) {
		b := open("damage")
		mustPublish(t, b, stage(t, 1), "n1")
		key := release.ObjectKey(sha("edition 1\n"), "progress.csv")
		damage(t, b, key, "edition 2\n")
		report, err := release.Verify(t.Context(), b)
		if err != nil || len(report.Problems) != 1 || report.Problems[0].Key != key {
			t.Errorf("got %+v, %v", report, err)
		}
	})
}

// sameBytes compares all that two buckets hold, but for what is noted of a store.
func sameBytes(t *testing.T, name string, got, want bucket.Bucket) {
	t.Helper()
	a, b := contents(t, got), contents(t, want)
	for key := range b {
		if a[key] != b[key] {
			t.Errorf("%s: %s differs: %q, want %q", name, key, a[key], b[key])
		}
		delete(a, key)
	}
	for key := range a {
		t.Errorf("%s: %s is too much", name, key)
	}
}

func contents(t *testing.T, b bucket.Bucket) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for o, err := range b.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(o.Key, "_state/") {
			all[o.Key] = text(t, b, o.Key)
		}
	}
	return all
}
