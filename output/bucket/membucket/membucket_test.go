package membucket_test

import (
	"testing"

	"iltizam/output/bucket"
	"iltizam/output/bucket/buckettest"
	"iltizam/output/bucket/membucket"
)

func TestContract(t *testing.T) {
	buckettest.Run(t, func(*testing.T) bucket.Bucket { return membucket.New() })
}
