package s3bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"iltizam/output/bucket"
)

// failure is one failed call. Its text is built from the store's code and
// message alone: the SDK's own text repeats addresses and headers.
type failure struct {
	act, key, place string
	kind            error // one of the bucket's, nil where none fits
	reason          string
	cause           error
}

func (f *failure) Error() string {
	text := fmt.Sprintf("%s %s in %s: ", f.act, f.key, f.place)
	if f.kind != nil {
		text += f.kind.Error() + ": "
	}
	return text + f.reason
}

func (f *failure) Unwrap() []error {
	if f.kind == nil {
		return []error{f.cause}
	}
	return []error{f.kind, f.cause}
}

// fail puts the bucket's name on an error of the SDK. ctx is the call's own.
func (b *Bucket) fail(ctx context.Context, act, key string, err error) error {
	f := &failure{act: act, key: key, place: "s3://" + b.name, cause: err}
	f.reason, f.kind = judge(ctx, err)
	return f
}

func judge(ctx context.Context, err error) (string, error) {
	// Whoever cancelled knows why; a deadline is the store's silence.
	if ctx.Err() != nil && !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return ctx.Err().Error(), nil
	}
	if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		return "it did not answer in time", bucket.ErrUnreachable
	}
	status := 0
	if r := (*awshttp.ResponseError)(nil); errors.As(err, &r) {
		status = r.HTTPStatusCode()
	}
	code, message := "", ""
	if api := smithy.APIError(nil); errors.As(err, &api) {
		code, message = api.ErrorCode(), api.ErrorMessage()
	}
	if kind := byCode(code); kind != nil {
		return explain(code, message), kind
	}
	if kind := byStatus(status); kind != nil {
		return explain(code, message), kind
	}
	if code != "" {
		return explain(code, message), nil
	}
	return byTransport(err)
}

func byCode(code string) error {
	switch code {
	case "NoSuchBucket":
		return bucket.ErrUnreachable
	case "NoSuchKey", "NotFound":
		return bucket.ErrNotExist
	case "PreconditionFailed", "ConditionalRequestConflict":
		return bucket.ErrPrecondition
	case "BadDigest", "XAmzContentChecksumMismatch", "InvalidDigest", "XAmzContentSHA256Mismatch":
		return bucket.ErrDigest
	case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken",
		"RequestTimeTooSkewed", "AuthorizationHeaderMalformed":
		return bucket.ErrDenied
	case "QuotaExceeded", "InsufficientStorage", "XMinioStorageFull":
		return bucket.ErrFull
	case "SlowDown", "RequestTimeout", "ServiceUnavailable", "InternalError":
		return bucket.ErrUnreachable
	}
	return nil
}

func byStatus(status int) error {
	switch {
	case status == http.StatusNotFound:
		return bucket.ErrNotExist
	case status == http.StatusPreconditionFailed:
		return bucket.ErrPrecondition
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return bucket.ErrDenied
	case status == http.StatusInsufficientStorage:
		return bucket.ErrFull
	case status == http.StatusNotImplemented:
		return nil // asking again will not help
	case status == http.StatusTooManyRequests, status >= 500:
		return bucket.ErrUnreachable
	}
	return nil
}

func explain(code, message string) string {
	switch {
	case code == "NoSuchBucket":
		return "there is no bucket of that name at this endpoint; create it, or mend the address"
	case code == "":
		return "the store gave no reason"
	case message == "" || message == code:
		return code
	}
	return code + ": " + message
}

// byTransport judges an error that is not an answer of the store.
func byTransport(err error) (string, error) {
	var (
		op      *net.OpError
		dns     *net.DNSError
		timeout net.Error
		send    *smithyhttp.RequestSendError
	)
	switch {
	case errors.As(err, &dns):
		return dns.Error(), bucket.ErrUnreachable
	case errors.As(err, &op):
		return op.Error(), bucket.ErrUnreachable
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "the connection broke off", bucket.ErrUnreachable
	case errors.As(err, &timeout) && timeout.Timeout():
		return "it did not answer in time", bucket.ErrUnreachable
	case errors.As(err, &send): // such as a certificate that does not hold
		return innermost(err).Error(), bucket.ErrUnreachable
	}
	return innermost(err).Error(), nil
}

func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

func noCredentials(ctx context.Context, name string, cause error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("open bucket %s: %w", name, ctx.Err())
	}
	return &failure{
		act: "open", key: "bucket", place: "s3://" + name, kind: bucket.ErrDenied, cause: cause,
		reason: "no credentials found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile (AWS_PROFILE), or give the machine a role",
	}
}
