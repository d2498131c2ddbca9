package main

import (
	"context"
	"flag"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"iltizam/output/bucket/buckettest"
)

var update = flag.Bool("update", false, "write what the scripts' cmp commands got into the scripts")

// clockVariable sets the program's clock in a script, so that days pass without waiting.
const clockVariable = "NOW"

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"iltizam": program})
}

// program is main, with a clock that a test can set.
func program() {
	at := os.Getenv(clockVariable)
	if at == "" {
		main()
	}
	now, err := time.Parse(time.RFC3339, at)
	if err != nil {
		panic(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr}, func() time.Time { return now }))
}

// scripts lists the cases whose name starts with the prefix, or does not.
func scripts(t *testing.T, prefix string, with bool) []string {
	t.Helper()
	all, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var some []string
	for _, name := range all {
		if strings.HasPrefix(filepath.Base(name), prefix) == with {
			some = append(some, name)
		}
	}
	if len(some) == 0 {
		t.Fatal("no scripts")
	}
	return some
}

const s3Prefix = "s3-"

func runScripts(t *testing.T, files []string, env ...string) {
	plans, err := filepath.Abs("../../examples/fictitious/plans")
	if err != nil {
		t.Fatal(err)
	}
	env = append(env, clockVariable+"=2026-11-02T08:00:00Z", "PLANS="+plans)
	testscript.Run(t, testscript.Params{
		Files: files, Cmds: scriptCommands, UpdateScripts: *update, RequireUniqueNames: true, RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Vars = append(e.Vars, env...)
			return nil
		},
	})
}

func TestScripts(t *testing.T) { runScripts(t, scripts(t, s3Prefix, false)) }

// The same program against a real S3 server. In a script s3://iltizam/PREFIX?$S3
// is a place of its own.
func TestS3Scripts(t *testing.T) {
	place, err := url.Parse(buckettest.S3(t))
	if err != nil {
		t.Fatal(err)
	}
	env := []string{"S3=" + place.RawQuery}
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED",
		"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} {
		env = append(env, name+"="+os.Getenv(name))
	}
	runScripts(t, scripts(t, s3Prefix, true), env...)
}
