// Package s3bucket is a bucket in an S3-compatible object store.
package s3bucket

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"iltizam/output/bucket"
)

// Options bound what one call may cost. The zero Options are the usual ones.
type Options struct {
	// Timeout bounds each call, its retries included; a transfer gets a second
	// more for each MiB. 30 s when zero.
	Timeout time.Duration
	// Attempts bounds the tries of one call. 3 when zero. A Put with a condition
	// is tried once: a second try could be refused by what the first one wrote.
	Attempts int
	// AnyKey is for a place that people fill with tools of their own: List, Stat
	// and Get take every key but those that end in a slash, which stand for
	// folders. Put and Delete take the usual keys alone.
	AnyKey bool
}

// Bucket is one bucket of a store, or the part of it under a prefix. A Put with
// a condition that ends in ErrUnreachable may have written or not: the caller reads to know.
type Bucket struct {
	client  *s3.Client
	name    string
	prefix  string // "" or with a slash at its end
	timeout time.Duration
	anyKey  bool
}

var _ bucket.Bucket = (*Bucket)(nil)

// Open takes the bucket at an address such as
//
//	s3://bucket/prefix?region=eu-west-3
//	s3://bucket?endpoint=https://s3.example.org&path_style=true
//
// Credentials come from where the AWS SDK looks for them (the environment,
// shared files, the machine's role), never from the address. Open asks for them
// once, so that their absence shows at the start; it does not call the store.
func Open(ctx context.Context, rawURL string, opts Options) (*Bucket, error) {
	a, err := parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("open bucket: %w", err)
	}
	if opts.Timeout <= 0 {
		opts.Timeout = 30 * time.Second
	}
	if opts.Attempts <= 0 {
		opts.Attempts = 3
	}
	ctx, cancel := context.WithTimeout(ctx, opts.Timeout)
	defer cancel()
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithRegion(a.region),
		config.WithHTTPClient(awshttp.NewBuildableClient()),
		config.WithRetryMode(aws.RetryModeStandard),
		config.WithRetryMaxAttempts(opts.Attempts),
		// We know each digest beforehand and check what we read ourselves; the
		// SDK's own checksums would travel as trailers that some stores keep as content.
		config.WithRequestChecksumCalculation(aws.RequestChecksumCalculationWhenRequired),
		config.WithResponseChecksumValidation(aws.ResponseChecksumValidationWhenRequired),
	)
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: read AWS configuration: %w", a.bucket, err)
	}
	if cfg.Credentials == nil {
		return nil, noCredentials(ctx, a.bucket, errors.New("no provider"))
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return nil, noCredentials(ctx, a.bucket, err)
	}
	client := s3.NewFromConfig(cfg, a.apply)
	if client.Options().Region == "" {
		return nil, fmt.Errorf("open bucket %s: no region: add ?region=... to its address or set AWS_REGION", a.bucket)
	}
	return &Bucket{client: client, name: a.bucket, prefix: a.prefix, timeout: opts.Timeout, anyKey: opts.AnyKey}, nil
}

// apply also serves an endpoint that came from the SDK's own configuration.
func (a address) apply(o *s3.Options) {
	if a.endpoint != "" {
		o.BaseEndpoint = aws.String(a.endpoint)
	}
	elsewhere := o.BaseEndpoint != nil
	o.UsePathStyle = elsewhere
	if a.pathStyle != nil {
		o.UsePathStyle = *a.pathStyle
	}
	if o.Region == "" && elsewhere {
		o.Region = "us-east-1"
	}
}

// Stat asks the store for the digest it keeps.
func (b *Bucket) Stat(ctx context.Context, key string) (bucket.Object, error) {
	if err := b.readable(ctx, key); err != nil {
		return bucket.Object{}, fmt.Errorf("stat %s: %w", key, err)
	}
	call, cancel := b.deadline(ctx, 0)
	defer cancel()
	out, err := b.client.HeadObject(call, &s3.HeadObjectInput{
		Bucket: &b.name, Key: aws.String(b.prefix + key), ChecksumMode: types.ChecksumModeEnabled,
	})
	if err != nil {
		return bucket.Object{}, b.fail(call, "stat", key, err)
	}
	return object(key, out.ContentLength, out.ETag, out.ChecksumSHA256), nil
}

// Get opens an object for reading. Its SHA256 stays empty: the caller digests what it reads.
func (b *Bucket) Get(ctx context.Context, key string) (io.ReadCloser, bucket.Object, error) {
	if err := b.readable(ctx, key); err != nil {
		return nil, bucket.Object{}, fmt.Errorf("get %s: %w", key, err)
	}
	call, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(b.timeout, func() { cancel(context.DeadlineExceeded) })
	out, err := b.client.GetObject(call, &s3.GetObjectInput{Bucket: &b.name, Key: aws.String(b.prefix + key)})
	if err != nil {
		err = b.fail(call, "get", key, err)
		timer.Stop()
		cancel(nil)
		return nil, bucket.Object{}, err
	}
	o := object(key, out.ContentLength, out.ETag, nil)
	timer.Reset(b.span(o.Size))
	return &download{b: b, key: key, ctx: call, body: out.Body, stop: func() { timer.Stop(); cancel(nil) }}, o, nil
}

// Put sends an object with the digest the store must find in it.
func (b *Bucket) Put(ctx context.Context, key string, body bucket.Body, c bucket.Cond) (bucket.Object, error) {
	if err := ready(ctx, key); err != nil {
		return bucket.Object{}, fmt.Errorf("put %s: %w", key, err)
	}
	src, err := open(body)
	if err != nil {
		return bucket.Object{}, fmt.Errorf("put %s: %w", key, err)
	}
	defer src.Close()
	in, err := b.upload(key, src, body)
	if err != nil {
		return bucket.Object{}, fmt.Errorf("put %s: %w", key, err)
	}
	var once []func(*s3.Options)
	if c != (bucket.Cond{}) {
		once = append(once, func(o *s3.Options) { o.Retryer = aws.NopRetryer{} })
	}
	if c.IfAbsent {
		in.IfNoneMatch = aws.String("*")
	}
	if c.IfMatch != "" {
		in.IfMatch = aws.String(c.IfMatch)
	}
	call, cancel := b.deadline(ctx, body.Size)
	defer cancel()
	out, err := b.client.PutObject(call, in, once...)
	if err != nil {
		err = b.fail(call, "put", key, err)
		if c.IfMatch != "" && errors.Is(err, bucket.ErrNotExist) {
			err = fmt.Errorf("put %s: it is absent: %w", key, bucket.ErrPrecondition)
		}
		return bucket.Object{}, err
	}
	o := object(key, &body.Size, out.ETag, nil)
	o.SHA256 = body.SHA256
	return o, nil
}

func (b *Bucket) upload(key string, src io.ReadSeeker, body bucket.Body) (*s3.PutObjectInput, error) {
	sum, err := hex.DecodeString(body.SHA256)
	if err != nil || len(sum) != 32 {
		return nil, fmt.Errorf("sha256 %q is not one: %w", body.SHA256, bucket.ErrDigest)
	}
	mediaType, cache, disposition := bucket.Headers(key)
	in := &s3.PutObjectInput{
		Bucket:         &b.name,
		Key:            aws.String(b.prefix + key),
		Body:           src,
		ContentLength:  aws.Int64(body.Size),
		ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(sum)),
		ContentType:    aws.String(mediaType),
		CacheControl:   aws.String(cache),
	}
	if disposition != "" {
		in.ContentDisposition = aws.String(disposition)
	}
	return in, nil
}

// open refuses a body of another size than it says before anything is sent.
func open(body bucket.Body) (io.ReadSeekCloser, error) {
	src, err := body.Open()
	if err != nil {
		return nil, err
	}
	size, err := src.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = src.Seek(0, io.SeekStart)
	}
	if err == nil && size != body.Size {
		err = fmt.Errorf("%w: got %d bytes, not %d", bucket.ErrDigest, size, body.Size)
	}
	if err != nil {
		src.Close()
		return nil, err
	}
	return src, nil
}

// List yields the objects under a prefix, page by page. Their digests stay empty.
func (b *Bucket) List(ctx context.Context, prefix string) iter.Seq2[bucket.Object, error] {
	return func(yield func(bucket.Object, error) bool) {
		if err := bucket.CheckPrefix(prefix); err != nil && !b.anyKey {
			yield(bucket.Object{}, fmt.Errorf("list %s: %w", prefix, err))
			return
		}
		in := &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: aws.String(b.prefix + prefix)}
		if b.anyKey { // XML has no place for some characters, and one such key would spoil its page
			in.EncodingType = types.EncodingTypeUrl
		}
		pages := s3.NewListObjectsV2Paginator(b.client, in)
		for pages.HasMorePages() {
			found, err := b.page(ctx, prefix, pages)
			if err != nil {
				yield(bucket.Object{}, err)
				return
			}
			for _, o := range found {
				if b.check(o.Key) != nil {
					continue // what people's tools leave, such as "folder/"
				}
				if !yield(o, nil) {
					return
				}
			}
		}
	}
}

func (b *Bucket) page(ctx context.Context, prefix string, pages *s3.ListObjectsV2Paginator) ([]bucket.Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("list %s: %w", prefix, err)
	}
	call, cancel := b.deadline(ctx, 0)
	defer cancel()
	out, err := pages.NextPage(call)
	if err != nil {
		return nil, b.fail(call, "list", prefix, err)
	}
	objects := make([]bucket.Object, 0, len(out.Contents))
	for _, o := range out.Contents {
		key := aws.ToString(o.Key)
		if out.EncodingType == types.EncodingTypeUrl {
			if key, err = url.QueryUnescape(key); err != nil {
				return nil, fmt.Errorf("list %s: the store gives a key that is not encoded as it says: %w", prefix, err)
			}
		}
		objects = append(objects, object(strings.TrimPrefix(key, b.prefix), o.Size, o.ETag, nil))
	}
	return objects, nil
}

// Delete removes an object.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	if err := ready(ctx, key); err != nil {
		return fmt.Errorf("delete %s: %w", key, err)
	}
	call, cancel := b.deadline(ctx, 0)
	defer cancel()
	_, err := b.client.DeleteObject(call, &s3.DeleteObjectInput{Bucket: &b.name, Key: aws.String(b.prefix + key)})
	if err == nil {
		return nil
	}
	if err := b.fail(call, "delete", key, err); !errors.Is(err, bucket.ErrNotExist) {
		return err
	}
	return nil
}

func object(key string, size *int64, etag, sum *string) bucket.Object {
	tag := aws.ToString(etag)
	o := bucket.Object{Key: key, Size: aws.ToInt64(size), ETag: tag, Stamp: tag}
	// An object sent in parts has a digest of digests, which does not decode.
	if raw, err := base64.StdEncoding.DecodeString(aws.ToString(sum)); err == nil && len(raw) == 32 {
		o.SHA256 = hex.EncodeToString(raw)
	}
	return o
}

func (b *Bucket) deadline(ctx context.Context, size int64) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, b.span(size))
}

// span is the time a call may take that moves size bytes.
func (b *Bucket) span(size int64) time.Duration {
	return b.timeout + time.Duration(size>>20)*time.Second
}

func ready(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return bucket.CheckKey(key)
}

// readable is ready for what may be of other people's making.
func (b *Bucket) readable(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.check(key)
}

func (b *Bucket) check(key string) error {
	switch {
	case !b.anyKey:
		return bucket.CheckKey(key)
	case key == "", strings.HasSuffix(key, "/"):
		return fmt.Errorf("key %q: it names no file: %w", key, bucket.ErrKey)
	}
	return nil
}

// download names what went wrong while an object was read, in the bucket's words.
type download struct {
	b    *Bucket
	key  string
	ctx  context.Context
	body io.ReadCloser
	stop func()
}

func (d *download) Read(p []byte) (int, error) {
	n, err := d.body.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = d.b.fail(d.ctx, "get", d.key, err)
	}
	return n, err
}

func (d *download) Close() error {
	err := d.body.Close()
	d.stop()
	return err
}
