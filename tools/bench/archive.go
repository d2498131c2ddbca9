//go:build unix

package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"
)

// archivePlan is small, so that what grows with the archive is the archive: 144
// reports, and all the other workbooks correct a value of one of them.
func archivePlan() plan {
	return plan{id: "xx-archive", institutions: 12, led: 2, periods: 12, whole: true}
}

// newOnes is how many workbooks come to a full archive.
const newOnes = 3

// archived is where the workbooks of an archive of n lie before they are received.
func archived(dir string) made {
	return made{plans: filepath.Join(dir, "plans"), inbox: filepath.Join(dir, "inbox")}
}

// news is the inbox with the k-th few new workbooks.
func news(dir string, k int) string { return filepath.Join(dir, "new", strconv.Itoa(k)) }

// makeArchive makes n workbooks, then rounds times a few new ones.
func makeArchive(program, dir string, n, rounds int) error {
	p, m := archivePlan(), archived(dir)
	if err := p.write(m.plans); err != nil {
		return err
	}
	forms := filepath.Join(dir, "forms")
	defer os.RemoveAll(forms)
	bases := make([]*base, p.institutions*p.periods)
	for q := range p.periods {
		if err := p.templates(program, m.plans, p.period(q), forms); err != nil {
			return err
		}
		for i := range p.institutions {
			b, err := p.base(forms, i, q)
			if err != nil {
				return err
			}
			bases[q*p.institutions+i] = b
		}
	}
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for k := range n + rounds*newOnes {
		b, inbox, nth := bases[k%len(bases)], m.inbox, k/len(bases)
		if k >= n { // late corrections of the last period
			round := (k - n) / newOnes
			b, inbox, nth = bases[len(bases)-1-k%newOnes], news(dir, round), nth+1+round
		}
		g.Go(func() error { return b.write(inbox, nth, k) })
	}
	return g.Wait()
}

// base is a filled workbook of which corrections are made: its sheet of rows is
// cut where a correction stands.
type base struct {
	institution, name string
	zip               *zip.Reader
	sheet             string
	cells             []correctable // by row
	corrected         int           // the row whose percentage is corrected, time and again
}

// correctable is the sheet around a percentage and the empty cell of its reason.
type correctable struct {
	before, between, after []byte
	row                    int
	value                  float64
}

// base fills the form of an institution and a period and finds what to correct.
func (p plan) base(forms string, i, q int) (*base, error) {
	if err := p.fill(forms, i, q); err != nil {
		return nil, err
	}
	b := &base{institution: p.institution(i), corrected: q % p.led,
		name: fmt.Sprintf("%s_%s_%s", p.id, p.period(q), p.institution(i))}
	raw, err := os.ReadFile(filepath.Join(forms, b.institution, b.name+".xlsx"))
	if err != nil {
		return nil, err
	}
	if b.zip, err = zip.NewReader(bytes.NewReader(raw), int64(len(raw))); err != nil {
		return nil, err
	}
	for _, f := range b.zip.File {
		if ok, _ := filepath.Match("xl/worksheets/sheet*.xml", f.Name); !ok {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		part, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		if cells := correctables(part, p.led); cells != nil {
			b.sheet, b.cells = f.Name, cells
		}
	}
	if b.cells == nil {
		return nil, fmt.Errorf("correct %s: no percentages found", b.name)
	}
	return b, nil
}

var percentage = regexp.MustCompile(`<c r="D(\d+)"( s="\d+")?><v>([\d.]+)</v></c>`)

func correctables(part []byte, rows int) []correctable {
	found := percentage.FindAllSubmatchIndex(part, -1)
	if len(found) != rows {
		return nil
	}
	var out []correctable
	for _, m := range found {
		row, _ := strconv.Atoi(string(part[m[2]:m[3]]))
		value, _ := strconv.ParseFloat(string(part[m[6]:m[7]]), 64)
		// The reason's column stands before the one of evidence, which is filled.
		next := bytes.Index(part, fmt.Appendf(nil, `<c r="N%d"`, row))
		if next < m[7] {
			return nil
		}
		out = append(out, correctable{part[:m[6]], part[m[7]:next], part[next:], row, value})
	}
	return out
}

// write puts the nth workbook made of the base into an inbox: each differs from
// the others in one value. All give the reason, since those received at the same
// time have no order that a report could come first in.
func (b *base) write(inbox string, n, serial int) error {
	folder := filepath.Join(inbox, b.institution)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	for _, f := range b.zip.File {
		if f.Name != b.sheet {
			if err := zw.Copy(f); err != nil { // as it is, deflated
				return err
			}
			continue
		}
		w, err := zw.Create(f.Name)
		if err != nil {
			return err
		}
		c := b.cells[b.corrected]
		if _, err := fmt.Fprintf(w, `%s%v%s<c r="L%d" t="inlineStr"><is><t>تصحيح بعد المراجعة</t></is></c>%s`,
			c.before, c.value+1+float64(n)/100, c.between, c.row, c.after); err != nil {
			return err
		}
	}
	if err := zw.Close(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s_%05d.xlsx", b.name, serial)), buf.Bytes(), 0o644)
}

// measureArchive measures what a run over a few new workbooks costs where n
// were archived before, against the same workbooks alone: in folders, or on an S3
// server where one is given.
func measureArchive(program, dir string, n, runs int, server *s3Server) error {
	if err := makeApart("-program", program, "-runs", strconv.Itoa(runs), "-archive", strconv.Itoa(n), "-make", dir); err != nil {
		return err
	}
	m := archived(dir)
	run := func(place, inbox string, day int) (sampled, error) {
		args := []string{program, "run", "--inbox", inbox, "--plans", m.plans, "--base-url", "https://bench.example/",
			"--received-at", fmt.Sprintf("2023-06-%02dT00:00:00Z", day+1)}
		if server == nil {
			return once(places(dir, place, args...), "")
		}
		for _, p := range []string{"archive", "outbox", "bucket"} {
			args = append(args, "--"+p, server.place(path.Join(filepath.Base(dir), place, p)))
		}
		return once(args, "", server.env()...)
	}
	cold, err := run("full", m.inbox, 0)
	if err != nil {
		return fmt.Errorf("cold run: %w", err)
	}
	var warm, idle, crowded, alone, aloneIdle []sampled
	for k := range runs + 1 { // the first warms the caches
		fresh := fmt.Sprint("alone-", k)
		for _, s := range []struct {
			to           *[]sampled
			place, inbox string
		}{{&warm, "full", news(dir, k)}, {&idle, "full", news(dir, k)}, {&crowded, "full", m.inbox},
			{&alone, fresh, news(dir, k)}, {&aloneIdle, fresh, news(dir, k)}} {
			one, err := run(s.place, s.inbox, k+1)
			if err != nil {
				return fmt.Errorf("run %d of %s: %w", k, s.place, err)
			}
			if k > 0 {
				*s.to = append(*s.to, one)
			}
		}
	}
	fmt.Printf("| %-58s | wall s | CPU s | CPU/wall | peak MiB |\n|---|---:|---:|---:|---:|\n", fmt.Sprintf("archive of %d workbooks", n))
	row := func(name string, s sampled) {
		fmt.Printf("| %-58s | %.3f | %.3f | %.2f | %d |\n", name, s.wall.Seconds(), s.cpu.Seconds(), s.cpu.Seconds()/s.wall.Seconds(), s.rss)
	}
	w, i, a, ai := median(warm), median(idle), median(alone), median(aloneIdle)
	row("first run over all of them", cold)
	row(fmt.Sprintf("run over %d new ones", newOnes), w)
	row("run over nothing new", i)
	row("run over nothing new, all of them still in the inbox", median(crowded))
	row(fmt.Sprintf("run over %d in a fresh place", newOnes), a)
	row("run over nothing new there", ai)
	// What knowing of the archive costs a run that finds nothing new is listing.
	wall := func(s sampled) float64 { return s.wall.Seconds() }
	cpu := func(s sampled) float64 { return s.cpu.Seconds() }
	listing := func(by func(sampled) float64) float64 { return by(i) - by(ai) }
	fmt.Printf("\n%d new after %d, against %d alone: wall %.2f, CPU %.2f; less listing (%.3f s wall, %.3f s CPU): wall %.2f, CPU %.2f\n\n",
		newOnes, n, newOnes, wall(w)/wall(a), cpu(w)/cpu(a), listing(wall), listing(cpu),
		(wall(w)-listing(wall))/wall(a), (cpu(w)-listing(cpu))/cpu(a))
	return nil
}

// median takes each figure by itself.
func median(all []sampled) sampled {
	by := func(less func(a, b sampled) int) sampled {
		return slices.SortedFunc(slices.Values(all), less)[len(all)/2]
	}
	return sampled{
		wall: by(func(a, b sampled) int { return cmp.Compare(a.wall, b.wall) }).wall,
		cpu:  by(func(a, b sampled) int { return cmp.Compare(a.cpu, b.cpu) }).cpu,
		rss:  by(func(a, b sampled) int { return cmp.Compare(a.rss, b.rss) }).rss,
	}
}
