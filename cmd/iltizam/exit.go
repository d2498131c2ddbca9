package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"iltizam/output/bucket"
	"iltizam/output/release"
	"iltizam/pipeline"
	"iltizam/pipeline/record"
)

// The exit codes are API; README lists them.
const (
	exitOK          = 0   // published, or already current
	exitNothing     = 1   // nothing was published
	exitUsage       = 2   // wrong usage or configuration
	exitPartial     = 3   // published, but at least one workbook was refused or a row held back; rehearse: somebody would newly fail
	exitFindings    = 4   // check: findings of error severity
	exitBucket      = 10  // a bucket is unreachable or denies access
	exitLostRace    = 11  // another run published first
	exitInterrupted = 130 // interrupted
)

// usageError is a mistake in the command line or the configuration.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// outcome is a result that is not 0 though no error happened.
type outcome int

func (o outcome) Error() string { return fmt.Sprintf("exit code %d", int(o)) }

// hinted adds what to do about an error.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

// exit prints an error in one sentence, with a hint if there is one, then maps
// it to its exit code.
func (a *app) exit(ctx context.Context, err error) int {
	var o outcome
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &o):
		return int(o)
	}
	code, hint := classify(ctx, err)
	if code == exitInterrupted && a.aside {
		hint = ""
	}
	var h hinted
	if errors.As(err, &h) {
		hint = h.hint
	}
	fmt.Fprintf(a.err, "iltizam: %s\n", strings.TrimSpace(err.Error()))
	if hint != "" {
		fmt.Fprintf(a.err, "iltizam: hint: %s\n", hint)
	}
	return code
}

func classify(ctx context.Context, err error) (code int, hint string) {
	var usage usageError
	switch {
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitInterrupted, "nothing was published; run it again when you are ready"
	case errors.As(err, &usage):
		return exitUsage, "`iltizam help` tells the commands, `iltizam help COMMAND` their flags"
	case strings.HasPrefix(err.Error(), "unknown command"):
		return exitUsage, "`iltizam help` tells the commands"
	case errors.Is(err, release.ErrLostRace):
		return exitLostRace, "another run published first; the next run takes its release into account"
	case errors.Is(err, bucket.ErrDenied):
		return exitBucket, "give credentials that may read and write there (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or a profile), or file permissions"
	case errors.Is(err, bucket.ErrUnreachable):
		return exitBucket, "check the bucket's URL, its endpoint and the network"
	case errors.Is(err, bucket.ErrFull), errors.Is(err, syscall.ENOSPC):
		return exitNothing, "make room where the bucket, the archive and temporary files are, then run it again; the last release is whole"
	case errors.Is(err, pipeline.ErrNothing):
		return exitNothing, "put filled workbooks into the inbox, one folder for each institution"
	case errors.Is(err, release.ErrSameIDOtherBytes):
		return exitNothing, "the program renders otherwise than the one that published; raise its format version, or publish into an empty bucket"
	case errors.Is(err, release.ErrDamaged):
		return exitNothing, "restore the object from a copy, or publish into an empty bucket"
	case errors.Is(err, pipeline.ErrDamagedVerdict):
		return exitNothing, "restore the file from a copy of the archive; where there is none, delete it: its workbook is then judged anew, by the rules of today"
	case errors.Is(err, record.ErrVersion):
		return exitNothing, "a newer program wrote the archive: run that one, or a later one"
	case errors.Is(err, release.ErrNoRelease):
		return exitNothing, "publish one with `iltizam run`"
	}
	return exitNothing, ""
}
