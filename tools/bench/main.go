//go:build unix

// Command bench measures whole runs of the program, beside other readers of the
// same workbooks, as medians and ratios of one session.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// sampled is what the operating system says of one finished process.
type sampled struct {
	wall, cpu time.Duration
	rss       int64 // peak, MiB
}

// subject is one command that is measured, with what must be done before each run.
type subject struct {
	name   string
	args   []string
	dir    string
	before func() error
	runs   int
}

func main() {
	program := flag.String("program", ".bin/iltizam", "the built program")
	runs := flag.Int("runs", 5, "counted runs of each command, after one that is not")
	make := flag.String("make", "", "make the workbooks in this folder and measure nothing")
	onlyHostile := flag.Bool("hostile", false, "measure the hostile workbooks alone")
	archive := flag.Int("archive", 0, "measure a few new workbooks after this many archived ones, and nothing else")
	s3 := flag.String("s3", "", "with -archive: the versitygw program that serves the places")
	flag.Parse()
	run := func() error { return measureAll(*program, *runs, *onlyHostile, *archive, *s3) }
	if *make != "" {
		run = func() error {
			switch {
			case *onlyHostile:
				return makeHostile(*make)
			case *archive > 0:
				return makeArchive(*program, *make, *archive, *runs+1)
			}
			return makeData(*program, *make)
		}
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func measureAll(program string, runs int, onlyHostile bool, archive int, s3 string) error {
	program, err := filepath.Abs(program)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "iltizam-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Printf("%s, %d CPUs, %s; medians of %d runs after one uncounted; load average at the start %s\n\n", runtime.GOOS+"/"+runtime.GOARCH,
		runtime.NumCPU(), runtime.Version(), runs, load())
	if onlyHostile {
		return measureHostile(program, filepath.Join(dir, "hostile"), runs)
	}
	if archive > 0 {
		var server *s3Server
		if s3 != "" {
			if server, err = startS3(s3, filepath.Join(dir, "s3")); err != nil {
				return err
			}
			defer server.stop()
		}
		return measureArchive(program, filepath.Join(dir, "archive"), archive, runs, server)
	}
	if err := makeApart("-program", program, "-make", dir); err != nil {
		return err
	}
	many, large := at(filepath.Join(dir, "many")), at(filepath.Join(dir, "large"))
	inbox, err := filepath.Abs("examples/inbox")
	if err != nil {
		return err
	}
	peers, err := filepath.Abs("tools/bench/peers")
	if err != nil {
		return err
	}
	schemas, err := filepath.Abs("schemas")
	if err != nil {
		return err
	}
	sample := places(dir, "sample", "run", "--inbox", inbox, "--as-of", "2026-11-01", "--received-at", "2026-11-01T00:00:00Z")
	bulk := places(dir, "bulk", "run", "--inbox", many.inbox, "--plans", many.plans, "--received-at", "2026-11-01T00:00:00Z")
	fresh := func(name string) func() error {
		return func() error { return os.RemoveAll(filepath.Join(dir, name)) }
	}
	table := []subject{
		{name: "run, sample of 11 workbooks, first time", args: append([]string{program}, sample...), before: fresh("sample"), runs: runs},
		{name: "run, sample, nothing changed", args: append([]string{program}, sample...), runs: runs},
		{name: "run, 500 workbooks x 25 rows, first time", args: append([]string{program}, bulk...), before: fresh("bulk"), runs: runs},
		{name: "run, 500 workbooks, nothing changed", args: append([]string{program}, bulk...), runs: runs},
		{name: "check, 500 workbooks x 25 rows", args: []string{program, "check", "--plans", many.plans, many.inbox}, runs: runs},
		{name: "check, 1 workbook of 200,000 x 12", args: []string{program, "check", "--plans", large.plans, large.file}, runs: runs},
		{name: "  SheetJS reads the same, checks nothing", args: []string{"node", filepath.Join(peers, "sheetjs.cjs"), large.file}, dir: peers, runs: min(runs, 3)},
		{name: "  exceljs (streaming) reads the same", args: []string{"node", filepath.Join(peers, "exceljs.cjs"), large.file}, dir: peers, runs: min(runs, 3)},
		{name: "  SheetJS + ajv, the same schema checks", args: []string{"node", filepath.Join(peers, "check.cjs"), "sheetjs", large.file, schemas}, dir: peers, runs: min(runs, 3)},
		{name: "  exceljs + ajv, the same schema checks", args: []string{"node", filepath.Join(peers, "check.cjs"), "exceljs", large.file, schemas}, dir: peers, runs: min(runs, 3)},
	}
	if python := pythonWith("openpyxl", "jsonschema"); python != "" {
		table = append(table, subject{name: "  openpyxl + jsonschema, the same schema checks", dir: peers, runs: 1,
			args: []string{python, filepath.Join(peers, "openpyxl_check.py"), large.file, schemas}})
	} else {
		fmt.Print("openpyxl is not measured: no python3 here has it; Debian's packages are python3-openpyxl and python3-jsonschema\n\n")
	}
	fmt.Printf("| %-42s | wall s | CPU s | peak MiB | CPU ratio to check |\n|---|---:|---:|---:|---:|\n", "what")
	medians := make([]sampled, len(table))
	for i, s := range table {
		if medians[i], err = s.measure(); err != nil {
			return fmt.Errorf("%s: %w", strings.TrimSpace(s.name), err)
		}
	}
	const check = 5
	for i, s := range table {
		ratio := ""
		if i > check {
			ratio = fmt.Sprintf("%.1f", medians[i].cpu.Seconds()/medians[check].cpu.Seconds())
		}
		fmt.Printf("| %-42s | %.3f | %.3f | %d | %s |\n", s.name, medians[i].wall.Seconds(), medians[i].cpu.Seconds(), medians[i].rss, ratio)
	}
	for _, n := range []int{1000, 10_000} {
		fmt.Println()
		if err := measureArchive(program, filepath.Join(dir, fmt.Sprint("archive-", n)), n, runs, nil); err != nil {
			return err
		}
	}
	return measureHostile(program, filepath.Join(dir, "hostile"), min(runs, 3))
}

// load says what else the machine is doing, where it tells.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(b))[:1], "")
}

// pythonWith finds a Python that has the packages, "" where there is none.
func pythonWith(packages ...string) string {
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import "+strings.Join(packages, ", ")).Run() == nil {
			return python
		}
	}
	return ""
}

// makeApart makes workbooks in a process of its own: a child's peak memory starts
// at its parent's.
func makeApart(args ...string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if out, err := exec.Command(self, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("make workbooks: %w: %s", err, out)
	}
	return nil
}

func places(dir, name string, args ...string) []string {
	for _, place := range []string{"archive", "outbox", "bucket"} {
		args = append(args, "--"+place, filepath.Join(dir, name, place))
	}
	return args
}

func (s subject) measure() (sampled, error) {
	var all []sampled
	for i := 0; i <= s.runs; i++ {
		if s.before != nil {
			if err := s.before(); err != nil {
				return sampled{}, err
			}
		}
		one, err := once(s.args, s.dir)
		if err != nil {
			return sampled{}, err
		}
		if i > 0 { // the first warms the caches
			all = append(all, one)
		}
	}
	return median(all), nil
}

func once(args []string, dir string, env ...string) (sampled, error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = dir, env // without one it is ours
	start := time.Now()
	out, err := cmd.CombinedOutput()
	wall := time.Since(start)
	// check says with 4 that it found errors, which it has read them for all the same.
	if err != nil && (cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 4) {
		return sampled{}, fmt.Errorf("%w: %.400s", err, out)
	}
	s := sampled{wall: wall, cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		s.rss = usage.Maxrss >> 10 // Linux counts in KiB
	}
	return s, nil
}
