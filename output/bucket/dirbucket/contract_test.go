package dirbucket_test

import (
	"path/filepath"
	"testing"

	"iltizam/output/bucket"
	"iltizam/output/bucket/buckettest"
	"iltizam/output/bucket/dirbucket"
)

func TestContract(t *testing.T) {
	buckettest.Run(t, func(t *testing.T) bucket.Bucket {
		b, err := dirbucket.Open(filepath.Join(t.TempDir(), "new", "bucket"))
		if err != nil {
			t.Fatal(err)
		}
		return b
	})
}
