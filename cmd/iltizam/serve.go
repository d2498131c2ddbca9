package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/spf13/cobra"
)

// stopGrace is how long a running job may take to finish once asked to stop.
const stopGrace = 60 * time.Second

func (a *app) serveCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run on a schedule (UTC) until stopped",
		Long: `serve runs the job at once, then on the configured cron schedule, in UTC. A run
that is still going when the next is due is not started twice. SIGTERM lets a
running job finish, for up to a minute.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.configure()
			if err != nil {
				return err
			}
			return a.serve(cmd.Context(), c)
		},
	}
	a.flags.places(c)
	return c
}

// parseSchedule reads a five-field cron line. The parser's own traps are closed:
// a time zone in the line, which can make it panic; a line that never comes due.
func parseSchedule(line string) (s cron.Schedule, err error) {
	defer func() {
		if p := recover(); p != nil {
			s, err = nil, fmt.Errorf("it is not a cron line (%v)", p)
		}
	}()
	if strings.Contains(line, "TZ=") {
		return nil, errors.New("schedules are in UTC; leave the time zone out")
	}
	if strings.HasPrefix(strings.TrimSpace(line), "@every") {
		d, err := time.ParseDuration(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "@every")))
		if err != nil || d < time.Second {
			return nil, errors.New("@every wants a duration of a second or more")
		}
	}
	s, err = cron.ParseStandard(line)
	if err != nil {
		return nil, err
	}
	// Any fixed day will do: what never comes due after it never does.
	if s.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, errors.New("it never comes due")
	}
	return s, nil
}

func (a *app) serve(ctx context.Context, c config) error {
	schedule, err := parseSchedule(c.Schedule)
	if err != nil {
		return usageError{fmt.Errorf("read schedule %q: %w", c.Schedule, err)}
	}
	if _, err := a.input(ctx, c); err != nil { // a place that cannot be opened shows at the start
		return err
	}
	log := slog.New(slog.NewJSONHandler(a.err, nil))
	// A job that has begun is not cut off by the signal that ends the schedule.
	jobCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	wrapped := oneAtATime(log, func() { a.scheduled(jobCtx, c, log, schedule) })
	runner := cron.New(cron.WithLocation(time.UTC), cron.WithLogger(cronLog{log}))
	runner.Schedule(schedule, wrapped)
	log.Info("serving", "schedule", c.Schedule, "zone", "UTC", "next", schedule.Next(a.now().UTC()), "pid", os.Getpid())
	runner.Start()
	first := make(chan struct{})
	go func() { defer close(first); wrapped.Run() }() // catches up on what was missed while we were away
	<-ctx.Done()
	log.Info("stopping", "grace", stopGrace.String())
	grace := time.AfterFunc(stopGrace, cancel)
	defer grace.Stop()
	<-runner.Stop().Done()
	<-first
	log.Info("stopped")
	return nil
}

// oneAtATime makes a job that is skipped while it runs, and whose panic ends
// that one run only.
func oneAtATime(log *slog.Logger, run func()) cron.Job {
	clog := cronLog{log}
	// Skip outside Recover: a job that panics still gives its turn back.
	return cron.NewChain(cron.SkipIfStillRunning(clog), cron.Recover(clog)).Then(cron.FuncJob(run))
}

func (a *app) scheduled(ctx context.Context, c config, log *slog.Logger, schedule cron.Schedule) {
	start := a.now()
	err := a.job(ctx, c)
	var o outcome
	level, text, code := slog.LevelInfo, "", 0
	switch {
	case errors.As(err, &o):
		level, text, code = slog.LevelWarn, "some workbooks were refused, held or not read", int(o)
	case err != nil:
		code, _ = classify(ctx, err)
		level, text = slog.LevelError, err.Error()
	}
	log.Log(ctx, level, "run", "exit_code", code, "detail", text, "seconds", a.now().Sub(start).Seconds(),
		"next", schedule.Next(a.now().UTC()))
}

// cronLog passes the scheduler's own messages on.
type cronLog struct{ log *slog.Logger }

// Info is the scheduler's routine, of interest only where a run was skipped.
func (l cronLog) Info(msg string, kv ...any) {
	if msg == "skip" {
		l.log.Warn("run skipped: the one before is still going", kv...)
	}
}

// Error tells of a job that panicked.
func (l cronLog) Error(err error, msg string, kv ...any) {
	l.log.Error(msg, append([]any{"error", err}, kv...)...)
}
