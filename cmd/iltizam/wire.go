package main

import (
	"maps"
	"slices"

	"iltizam/output"
	"iltizam/output/csvexport"
	"iltizam/output/jsonexport"
	"iltizam/output/parquetexport"
)

// exporters are the formats that every table is published in.
func exporters() []output.Exporter {
	return []output.Exporter{csvexport.New(), jsonexport.New(), jsonexport.NewSchema(), parquetexport.New()}
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
