// Command sample writes tables that are hard to carry in every tabular format,
// for foreign engines to read.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"iltizam/output"
	"iltizam/output/csvexport"
	"iltizam/output/jsonexport"
	"iltizam/output/outputtest"
	"iltizam/output/parquetexport"
	"iltizam/pipeline/table"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./tools/conformance/sample DIR")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "write samples:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	empty := outputtest.Empty()
	empty.Name = "empty"
	for _, t := range []*table.Table{outputtest.Sample(), empty, outputtest.Large(130_000)} {
		for _, e := range []output.Exporter{csvexport.New(), jsonexport.New(), jsonexport.NewSchema(), parquetexport.New()} {
			if err := writeFile(filepath.Join(dir, t.Name+"."+e.Format().Extension), e, t); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeFile(name string, e output.Exporter, t *table.Table) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := e.Export(context.Background(), f, t, outputtest.About()); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
