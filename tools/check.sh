#!/usr/bin/env bash
# What a change is held against besides its tests. Ends at the first fault.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '== %s\n' "$1"; }

say "formatting"
unformatted=$(gofmt -l $(git ls-files '*.go'))
[ -z "$unformatted" ] || { echo "run gofmt -w on: $unformatted"; exit 1; }

say "vet"
go vet ./...

say "staticcheck"
go tool -modfile=tools/lint.mod staticcheck ./...

say "go.mod is tidy"
go mod tidy -diff

say "the pipeline builds for a browser; the program for other systems"
GOOS=js GOARCH=wasm go build ./pipeline/...
GOOS=windows GOARCH=amd64 CGO_ENABLED=0 go build -o /dev/null ./cmd/iltizam
GOOS=darwin GOARCH=arm64 CGO_ENABLED=0 go build -o /dev/null ./cmd/iltizam

say "known vulnerabilities"
tools/vulncheck.sh

say "races"
command -v gcc >/dev/null || { echo "the race detector needs a C compiler: install gcc"; exit 1; }
# The life of a plan and the killed runs repeat whole runs, which the scripts hold
# against the detector already; with it they would take ten times as long.
CGO_ENABLED=1 go test -race -timeout 30m -skip '^(TestLife|TestKilled.*)$' ./...
