package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"iltizam/output/bucket/dirbucket"
	"iltizam/output/release"
)

func TestParseSchedule(t *testing.T) {
	for line, want := range map[string]string{
		"0 2 * * *":       "2026-11-02T02:00:00Z",
		"*/15 8-18 * * 1": "2026-11-02T08:00:00Z",
		"0 0 29 2 *":      "2028-02-29T00:00:00Z",
		"@daily":          "2026-11-02T00:00:00Z",
		"@every 1h30m":    "2026-11-01T13:30:00Z",
	} {
		s, err := parseSchedule(line)
		if err != nil {
			t.Errorf("%q: %v", line, err)
			continue
		}
		at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
		if got := s.Next(at).Format(time.RFC3339); got != want {
			t.Errorf("%q: next run at %s, want %s", line, got, want)
		}
	}
	for _, line := range []string{
		"", "nightly", "* * * *", "0 0 2 * * *", "61 * * * *", "TZ=Africa/Casablanca 0 2 * * *", "CRON_TZ=UTC 0 2 * * *", "TZ=",
		"0 0 31 2 *", "0 0 31 4,6 *", "@every -5s", "@every 0s", "@every 10ms", "@every soon", "@every", "@reboot",
	} {
		if s, err := parseSchedule(line); err == nil {
			t.Errorf("%q was taken: next run at %v", line, s.Next(time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)))
		}
	}
}

func TestPanickingJobDoesNotStopLaterRuns(t *testing.T) {
	var told bytes.Buffer
	runs := 0
	job := oneAtATime(slog.New(slog.NewJSONHandler(&told, nil)), func() {
		if runs++; runs == 1 {
			panic("the disk is a teapot")
		}
	})
	job.Run()
	job.Run()
	if runs != 2 {
		t.Errorf("%d runs, want 2", runs)
	}
	if !strings.Contains(told.String(), "teapot") || !strings.Contains(told.String(), `"level":"ERROR"`) {
		t.Errorf("told %q", told.String())
	}
}

func TestRunningJobIsNotStartedTwice(t *testing.T) {
	var told bytes.Buffer
	var runs atomic.Int32
	started, finish, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	job := oneAtATime(slog.New(slog.NewJSONHandler(&told, nil)), func() {
		if runs.Add(1) == 1 {
			close(started)
			<-finish
		}
	})
	go func() { defer close(done); job.Run() }()
	<-started
	job.Run() // its turn is taken
	if n := runs.Load(); n != 1 || !strings.Contains(told.String(), "run skipped") {
		t.Errorf("%d runs, told %q", n, told.String())
	}
	close(finish)
	<-done
	job.Run()
	if n := runs.Load(); n != 2 {
		t.Errorf("after the long one %d runs, want 2", n)
	}
}

// logLine is what the tests look at of a log line.
type logLine struct {
	Msg      string `json:"msg"`
	Level    string `json:"level"`
	ExitCode int    `json:"exit_code"`
	Detail   string `json:"detail"`
}

// await reads the log up to a message.
func await(t *testing.T, log *bufio.Scanner, msg string) logLine {
	t.Helper()
	var seen strings.Builder
	for log.Scan() {
		var l logLine
		if err := json.Unmarshal(log.Bytes(), &l); err != nil {
			t.Fatalf("the log line %q is not JSON: %v", log.Text(), err)
		}
		if l.Msg == msg {
			return l
		}
		seen.WriteString(log.Text() + "\n")
	}
	t.Fatalf("the log ended without %q:\n%s", msg, &seen)
	return logLine{}
}

func serveArgs(t *testing.T) (args []string, bucketDir string) {
	t.Helper()
	work := t.TempDir()
	inbox := filepath.Join(work, "inbox")
	if err := os.CopyFS(inbox, os.DirFS("../../examples/inbox")); err != nil {
		t.Fatal(err)
	}
	bucketDir = filepath.Join(work, "public")
	return []string{"serve", "--inbox", inbox, "--archive", filepath.Join(work, "archive"),
		"--outbox", filepath.Join(work, "outbox"), "--bucket", bucketDir}, bucketDir
}

func wantVerified(t *testing.T, folder string) {
	t.Helper()
	b, err := dirbucket.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	report, err := release.Verify(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Err(); err != nil || report.Files == 0 || len(report.Warnings) > 0 {
		t.Errorf("%+v", report)
	}
}

// The signal comes as soon as the program serves: the job that has begun is finished first.
func TestServeFinishesItsRunOnSIGTERM(t *testing.T) {
	args, folder := serveArgs(t)
	cmd := exec.Command("iltizam", args...)
	cmd.Dir = t.TempDir()
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	log := bufio.NewScanner(stderr)
	await(t, log, "serving")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(stderr) // the scanner holds what it read ahead
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("ended with %v, want exit code 0\n%s", err, rest)
	}
	wantVerified(t, folder)
}

func TestServePublishesAtOnce(t *testing.T) {
	args, folder := serveArgs(t)
	code, log, stop := serveInside(t, args)
	if l := await(t, log, "run"); l.ExitCode != 0 || l.Level != "INFO" {
		t.Errorf("%+v", l)
	}
	wantVerified(t, folder)
	stop()
	await(t, log, "stopped")
	if got := <-code; got != exitOK {
		t.Errorf("exit code %d", got)
	}
}

// A run that fails is logged with its exit code, and the program goes on serving.
func TestServeOutlivesAFailedRun(t *testing.T) {
	args, folder := serveArgs(t)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "thesis.txt"), []byte("years of work"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, log, stop := serveInside(t, args)
	if l := await(t, log, "run"); l.ExitCode != exitUsage || l.Level != "ERROR" || !strings.Contains(l.Detail, "thesis.txt") {
		t.Errorf("%+v", l)
	}
	select {
	case got := <-code:
		t.Fatalf("it ended with exit code %d", got)
	default:
	}
	stop()
	await(t, log, "stopped")
	if got := <-code; got != exitOK {
		t.Errorf("exit code %d", got)
	}
}

// serveInside runs serve in this process.
func serveInside(t *testing.T, args []string) (code <-chan int, log *bufio.Scanner, stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	r, w := io.Pipe()
	ended := make(chan int, 1)
	now := func() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) }
	go func() {
		ended <- run(ctx, args, stdio{out: io.Discard, err: w}, now)
		w.Close()
	}()
	return ended, bufio.NewScanner(r), cancel
}
