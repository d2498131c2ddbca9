package release_test

import (
	"errors"
	"fmt"
	"testing"

	"iltizam/output/bucket"
	"iltizam/output/bucket/buckettest"
	"iltizam/output/release"
)

// Each write of a first and of a later publish fails, before and after it took
// effect, with the process dead or alive. The last release must stay whole,
// and the next run must end where an undisturbed one does.
func TestFailureAtEveryWrite(t *testing.T) {
	local(t, func(t *testing.T, open func() bucket.Bucket) {
		for _, base := range []int{0, 1} {
			for _, f := range []buckettest.Failure{
				{Crash: true}, {Crash: true, After: true},
				{Err: bucket.ErrUnreachable}, {Err: bucket.ErrUnreachable, After: true},
			} {
				t.Run(fmt.Sprintf("base %d crash %v after %v", base, f.Crash, f.After), func(t *testing.T) {
					failEach(t, base, f, open)
				})
			}
		}
	})
}

func failEach(t *testing.T, base int, f buckettest.Failure, open func() bucket.Bucket) {
	for f.Write = 1; ; f.Write++ {
		b := open()
		if base > 0 {
			mustPublish(t, b, stage(t, base), "n0")
		}
		bad := buckettest.Fault(b, f)
		out, err := publish(t.Context(), bad, stage(t, 2), "n1")
		if !bad.Struck() {
			if err != nil || f.Write < 10 {
				t.Errorf("an undisturbed publish made %d writes: %v", f.Write-1, err)
			}
			return
		}
		if err == nil && f.Crash {
			t.Errorf("write %d: a crash went unseen", f.Write)
		}
		stillWhole(t, b, base, out, err, f.Write)
		mustPublish(t, b, stage(t, 2), "n2")
		current(t, b, stage(t, 2))
	}
}

func stillWhole(t *testing.T, b bucket.Bucket, base int, out release.Outcome, err error, write int) {
	t.Helper()
	report, verifyErr := release.Verify(t.Context(), b)
	if base == 0 && errors.Is(verifyErr, release.ErrNoRelease) {
		if out.Changed || err == nil {
			t.Errorf("write %d: told %+v, %v of what is not there", write, out, err)
		}
		return
	}
	if verifyErr != nil {
		t.Fatalf("write %d: %v", write, verifyErr)
	}
	if err := report.Err(); err != nil {
		t.Fatalf("write %d: %v", write, err)
	}
	moved := report.Release == stage(t, 2).ID
	if !moved && (base == 0 || report.Release != stage(t, base).ID) {
		t.Errorf("write %d: the head names %s", write, report.Release)
	}
	if out.Changed && !moved || err == nil && !moved {
		t.Errorf("write %d: told %+v, %v of what is not there", write, out, err)
	}
}

func TestLostAnswerOfTheHead(t *testing.T) {
	for _, after := range []bool{false, true} {
		b := dir(t)
		mustPublish(t, b, stage(t, 1), "n0")
		probe := buckettest.Fault(b, buckettest.Failure{})
		at := headWrite(t, probe)
		bad := buckettest.Fault(b, buckettest.Failure{Write: at, After: after, Err: bucket.ErrUnreachable})
		out, err := publish(t.Context(), bad, stage(t, 2), "n1")
		if err != nil || !out.Changed || !bad.Struck() {
			t.Errorf("after %v: got %+v, %v", after, out, err)
		}
		current(t, b, stage(t, 2))
		// The same for an answer that says no to a write that took place.
		bad = buckettest.Fault(b, buckettest.Failure{Write: at, After: after, Err: bucket.ErrPrecondition})
		out, err = publish(t.Context(), bad, stage(t, 4), "n2")
		if err != nil || !out.Changed || !bad.Struck() {
			t.Errorf("after %v: got %+v, %v", after, out, err)
		}
		current(t, b, stage(t, 4))
	}
}

// headWrite counts the writes of an increment up to that of the head, on a copy.
func headWrite(t *testing.T, _ *buckettest.Faulty) int {
	t.Helper()
	b := dir(t)
	mustPublish(t, b, stage(t, 1), "n0")
	watched := buckettest.Fault(b, buckettest.Failure{})
	at := 0
	seen := &rival{Bucket: watched, act: func() { at = watched.Writes() + 1 }}
	mustPublish(t, seen, stage(t, 2), "n1")
	if at == 0 {
		t.Fatal("the head was not written")
	}
	return at
}
