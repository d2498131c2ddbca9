package s3bucket

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"iltizam/output/bucket"
)

// KeptHeaders are media type, cache rules, disposition and encoding of an
// object as the store has them.
func KeptHeaders(ctx context.Context, b bucket.Bucket, key string) [4]string {
	s := b.(*Bucket)
	out, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.name, Key: aws.String(s.prefix + key)})
	if err != nil {
		return [4]string{err.Error()}
	}
	return [4]string{aws.ToString(out.ContentType), aws.ToString(out.CacheControl),
		aws.ToString(out.ContentDisposition), aws.ToString(out.ContentEncoding)}
}

// PutFolder leaves what consoles leave for a folder made by hand.
func PutFolder(ctx context.Context, b bucket.Bucket, name string) error {
	s := b.(*Bucket)
	_, err := s.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &s.name, Key: aws.String(s.prefix + name + "/")})
	return err
}

// PutAny puts an object of any key, as other people's tools do.
func PutAny(ctx context.Context, b bucket.Bucket, key, text string) error {
	s := b.(*Bucket)
	_, err := s.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &s.name, Key: aws.String(s.prefix + key), Body: strings.NewReader(text)})
	return err
}

// PathStyle tells where the bucket's name goes: into the path, or before the host.
func PathStyle(b bucket.Bucket) bool { return b.(*Bucket).client.Options().UsePathStyle }
