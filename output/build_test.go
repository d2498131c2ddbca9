package output_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"iltizam/output"
	"iltizam/output/csvexport"
	"iltizam/output/jsonexport"
	"iltizam/output/outputtest"
	"iltizam/pipeline/table"
)

// stub is an exporter whose Export is a function.
type stub struct {
	extension string
	export    func(ctx context.Context, w io.Writer, t *table.Table) error
}

func (s stub) Format() output.Format {
	return output.Format{Name: s.extension, Extension: s.extension, MediaType: "text/" + s.extension}
}

func (s stub) Export(ctx context.Context, w io.Writer, t *table.Table, _ output.About) error {
	return s.export(ctx, w, t)
}

func named(name string, rows int) *table.Table {
	t := outputtest.Large(rows)
	t.Name = name
	return t
}

func content(t *testing.T, f output.File) []byte {
	t.Helper()
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBuild(t *testing.T) {
	tables := []output.Dir{
		{Path: "data/xx", Plan: "xx", Table: named("progress", 3000)},
		{Path: "data/xx/ogp", Plan: "xx", Table: named("progress", 2)},
		{Path: "codelists", Table: named("status", 0)},
	}
	exporters := []output.Exporter{jsonexport.New(), jsonexport.NewSchema(), csvexport.New()}
	spool := &outputtest.Spool{}
	files, err := output.Build(context.Background(), outputtest.About(), tables, exporters, spool)
	if err != nil {
		t.Fatal(err)
	}
	if n := spool.Unclosed(); n != 0 {
		t.Errorf("%d spool places are still open", n)
	}
	want := []struct {
		path, plan, table string
		rows              int64
	}{
		{"codelists/status.csv", "", "status", 0}, {"codelists/status.json", "", "status", 0}, {"codelists/status.schema.json", "", "status", -1},
		{"data/xx/ogp/progress.csv", "xx", "progress", 2}, {"data/xx/ogp/progress.json", "xx", "progress", 2}, {"data/xx/ogp/progress.schema.json", "xx", "progress", -1},
		{"data/xx/progress.csv", "xx", "progress", 3000}, {"data/xx/progress.json", "xx", "progress", 3000}, {"data/xx/progress.schema.json", "xx", "progress", -1},
	}
	if len(files) != len(want) {
		t.Fatalf("%d files, not %d", len(files), len(want))
	}
	for i, f := range files {
		w := want[i]
		if f.Path != w.path || f.Plan != w.plan || f.Table != w.table || f.Rows != w.rows {
			t.Errorf("file %d is %s, plan %q, table %s, %d rows, not %+v", i, f.Path, f.Plan, f.Table, f.Rows, w)
		}
		b := content(t, f)
		sum := sha256.Sum256(b)
		if f.Size != int64(len(b)) || f.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: size %d, digest %s are not those of its %d bytes", f.Path, f.Size, f.SHA256, len(b))
		}
	}
	if got := outputtest.Export(t, csvexport.New(), tables[0].Table); !bytes.Equal(content(t, files[6]), got) {
		t.Error("data/xx/progress.csv is not what its exporter writes")
	}
	if files[6].MediaType != "text/csv; charset=utf-8" {
		t.Errorf("the media type is %s", files[6].MediaType)
	}
}

func TestBuildRefusesPaths(t *testing.T) {
	for why, dirs := range map[string][]output.Dir{
		"two files have the path d/a.csv":     {{Path: "d", Table: named("a", 1)}, {Path: "d", Table: named("a", 1)}},
		`"../a.csv" is not a clean`:           {{Path: "..", Table: named("a", 1)}},
		`"/d/a.csv" is not a clean`:           {{Path: "/d", Table: named("a", 1)}},
		`"d/è.csv" is not a clean`:            {{Path: "d", Table: named("è", 1)}},
		"d/a.csv is a file and the folder of": {{Path: "d", Table: named("a", 1)}, {Path: "d/a.csv", Table: named("b", 1)}},
	} {
		spool := &outputtest.Spool{Fail: errors.New("rendered before the paths were looked at")}
		if _, err := output.Build(context.Background(), output.About{}, dirs, []output.Exporter{csvexport.New()}, spool); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("got %v, not an error that says %s", err, why)
		}
	}
}

func TestFirstErrorStopsTheOthers(t *testing.T) {
	broken := errors.New("broken")
	var started atomic.Int64
	e := stub{"x", func(ctx context.Context, _ io.Writer, tab *table.Table) error {
		started.Add(1)
		if tab.Name == "bad" {
			return broken
		}
		<-ctx.Done() // hangs where the error does not cancel
		return ctx.Err()
	}}
	dirs := []output.Dir{{Path: "d", Table: named("bad", 1)}}
	for i := range 50 {
		dirs = append(dirs, output.Dir{Path: "d", Table: named("t"+string(rune('0'+i)), 1)})
	}
	for i := range dirs[1:] {
		dirs[i+1].Table.Name = "t" + strings.Repeat("x", i)
	}
	spool := &outputtest.Spool{}
	_, err := output.Build(context.Background(), output.About{}, dirs, []output.Exporter{e}, spool)
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "render d/bad.x") {
		t.Errorf("got %v", err)
	}
	if n := started.Load(); n > int64(2*runtime.GOMAXPROCS(0)+1) {
		t.Errorf("%d files were begun", n)
	}
	if spool.Unclosed() != 0 {
		t.Errorf("%d spool places are still open", spool.Unclosed())
	}
}

func TestBuildIsBounded(t *testing.T) {
	before := runtime.GOMAXPROCS(2)
	defer runtime.GOMAXPROCS(before)
	var now, most atomic.Int64
	e := stub{"x", func(context.Context, io.Writer, *table.Table) error {
		n := now.Add(1)
		for seen := most.Load(); n > seen && !most.CompareAndSwap(seen, n); seen = most.Load() {
		}
		for range 100 {
			runtime.Gosched()
		}
		now.Add(-1)
		return nil
	}}
	var dirs []output.Dir
	for i := range 64 {
		dirs = append(dirs, output.Dir{Path: "d", Table: named("t"+strings.Repeat("x", i), 1)})
	}
	if _, err := output.Build(context.Background(), output.About{}, dirs, []output.Exporter{e}, &outputtest.Spool{}); err != nil {
		t.Fatal(err)
	}
	if most.Load() > 2 {
		t.Errorf("%d files were rendered at a time with 2 processors", most.Load())
	}
}

func TestBuildTellsOfSpoolAndContext(t *testing.T) {
	full := errors.New("disk full")
	dirs := []output.Dir{{Path: "d", Table: named("a", 1)}}
	if _, err := output.Build(context.Background(), output.About{}, dirs, []output.Exporter{csvexport.New()}, &outputtest.Spool{Fail: full}); !errors.Is(err, full) {
		t.Errorf("a failing spool: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := output.Build(ctx, output.About{}, dirs, []output.Exporter{csvexport.New()}, &outputtest.Spool{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that is done: %v", err)
	}
}

// brokenPlace is a spool whose one place takes some bytes, then fails, or fails
// to close.
type brokenPlace struct {
	output.Spooled
	take  int
	err   error
	close error
}

func (p *brokenPlace) Create() (output.Spooled, error) { return p, nil }
func (p *brokenPlace) Close() error                    { return p.close }
func (p *brokenPlace) Write(b []byte) (int, error) {
	if len(b) <= p.take {
		return len(b), nil
	}
	return p.take, p.err
}

func TestRenderTellsOfItsPlace(t *testing.T) {
	full := errors.New("disk full")
	for what, c := range map[string]struct {
		place brokenPlace
		want  error
	}{
		"write":       {brokenPlace{take: 3, err: full}, full},
		"short write": {brokenPlace{take: 3}, io.ErrShortWrite},
		"close":       {brokenPlace{take: 100, close: full}, full},
	} {
		if _, err := output.AddFile(&c.place, "README.txt", "text/plain", []byte("read me")); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

func TestAddFileAndJoin(t *testing.T) {
	spool := &outputtest.Spool{}
	b, err := output.AddFile(spool, "b.txt", "text/plain", []byte("b"))
	if err != nil {
		t.Fatal(err)
	}
	a, err := output.AddFile(spool, "a.txt", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	if b.Rows != -1 || b.Size != 1 || b.SHA256 != "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d" || string(content(t, b)) != "b" {
		t.Errorf("b.txt is %+v", b)
	}
	files, err := output.Join([]output.File{b}, []output.File{a})
	if err != nil || len(files) != 2 || files[0].Path != "a.txt" || len(content(t, files[0])) != 0 {
		t.Errorf("joined: %v, %v", files, err)
	}
	if _, err := output.Join([]output.File{b}, []output.File{b}); err == nil {
		t.Error("one path twice was joined")
	}
}
