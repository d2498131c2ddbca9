#!/usr/bin/env bash
# Speed and memory: Go benchmarks of the parts, then whole runs beside other programs.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v npm >/dev/null || { echo "make bench needs Node.js with npm, for the readers that it measures beside ours" >&2; exit 1; }
(cd tools/bench/peers && npm ci --no-audit --no-fund --loglevel=error >/dev/null)
go run ./tools/bench -program .bin/iltizam "$@"
echo
go test -run '^$' -bench . -benchmem ./pipeline/... ./output/... | grep -E '^(Benchmark|pkg)'
