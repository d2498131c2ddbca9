package s3bucket_test

import (
	"fmt"
	"strings"
	"testing"

	"iltizam/output/bucket"
	"iltizam/output/bucket/buckettest"
	"iltizam/output/bucket/s3bucket"
)

func TestContract(t *testing.T) {
	address := buckettest.S3(t)
	n := 0
	buckettest.Run(t, func(t *testing.T) bucket.Bucket {
		n++
		return open(t, strings.Replace(address, "?", fmt.Sprintf("/part/%d?", n), 1))
	})
}

func open(t *testing.T, address string) bucket.Bucket {
	t.Helper()
	b, err := s3bucket.Open(t.Context(), address, s3bucket.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}
