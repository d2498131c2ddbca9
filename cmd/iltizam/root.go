package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"iltizam/pipeline/intake"
)

// stdio is where a command reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// app is what the commands share: the streams, the clock, the flags.
type app struct {
	stdio
	now   func() time.Time
	flags flags
	// skipped is what the run at work passed over in the inbox.
	skipped []intake.Skip
	// aside: the command publishes nothing, interrupted or not.
	aside bool
}

// run executes a command line and gives the exit code.
func run(ctx context.Context, args []string, io stdio, now func() time.Time) int {
	a := &app{stdio: io, now: now}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(io.in)
	root.SetOut(io.out)
	root.SetErr(io.err)
	cmd, err := root.ExecuteContextC(ctx)
	a.aside = cmd != nil && cmd.Name() != "run" && cmd.Name() != "serve"
	return a.exit(ctx, err)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "iltizam",
		Short: "Publish the progress of open-government action plans as open data",
		Long: `iltizam reads the progress workbooks that institutions drop, checks them,
computes the plan's figures and publishes them as one release in a folder or an
S3-compatible bucket.`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	a.flags.register(root)
	root.AddCommand(a.runCommand(), a.checkCommand(), a.templateCommand(), a.verifyCommand(),
		a.serveCommand(), a.previewCommand(), a.versionCommand(), a.statusCommand(), a.rehearseCommand(),
		a.explainCommand())
	a.completions(root)
	for _, c := range root.Commands() {
		if c.Args != nil {
			check := c.Args
			c.Args = func(cmd *cobra.Command, args []string) error {
				if err := check(cmd, args); err != nil {
					return usageError{err}
				}
				return nil
			}
		}
	}
	return root
}

// say prints one line. Names and values in it are other people's: what could
// steer a terminal or forge a line is shown as a mark.
func (a *app) say(format string, args ...any) {
	line := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, fmt.Sprintf(format, args...))
	fmt.Fprintln(a.out, line)
}
