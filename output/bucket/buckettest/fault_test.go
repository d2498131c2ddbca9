package buckettest_test

import (
	"errors"
	"syscall"
	"testing"

	"iltizam/output/bucket"
	"iltizam/output/bucket/buckettest"
	"iltizam/output/bucket/membucket"
)

func TestFault(t *testing.T) {
	for _, c := range []struct {
		failure   buckettest.Failure
		want      error
		there     bool // the second object, after its failed put
		thirdGoes bool
	}{
		{buckettest.Failure{Write: 2}, buckettest.ErrInjected, false, true},
		{buckettest.Failure{Write: 2, After: true, Err: syscall.ENOSPC}, syscall.ENOSPC, true, true},
		{buckettest.Failure{Write: 2, Crash: true}, buckettest.ErrInjected, false, false},
	} {
		b := membucket.New()
		f := buckettest.Fault(b, c.failure)
		put := func(key string) error {
			_, err := f.Put(t.Context(), key, bucket.Bytes(nil), bucket.Cond{})
			return err
		}
		if err := put("1"); err != nil || f.Struck() {
			t.Errorf("%+v: first: %v", c.failure, err)
		}
		if err := put("2"); !errors.Is(err, c.want) || !f.Struck() {
			t.Errorf("%+v: second: %v", c.failure, err)
		}
		if _, err := b.Stat(t.Context(), "2"); (err == nil) != c.there {
			t.Errorf("%+v: after the second: %v", c.failure, err)
		}
		if err := put("3"); (err == nil) != c.thirdGoes {
			t.Errorf("%+v: third: %v", c.failure, err)
		}
		if _, err := f.Stat(t.Context(), "1"); (err == nil) != c.thirdGoes {
			t.Errorf("%+v: stat: %v", c.failure, err)
		}
	}
}
