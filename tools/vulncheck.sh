#!/usr/bin/env bash
# govulncheck against Go's database, or against a stored copy of it where the
# network has none: $CONFORMANCE/go-vulndb-*.tar.gz.
set -euo pipefail
cd "$(dirname "$0")/.."
conformance=${CONFORMANCE:-../shared/conformance}
args=()
if ! curl -fsS -m 10 -o /dev/null https://vuln.go.dev/index/db.json 2>/dev/null; then
  archive=$(ls "$conformance"/go-vulndb-*.tar.gz 2>/dev/null | sort | tail -n 1 || true)
  if [ -z "$archive" ]; then
    echo "vuln.go.dev does not answer and there is no $conformance/go-vulndb-*.tar.gz: set CONFORMANCE to the folder that holds one" >&2
    exit 1
  fi
  db=$(mktemp -d)
  trap 'rm -rf "$db"' EXIT
  tar -xzf "$archive" -C "$db"
  index=$(find "$db" -path '*/index/db.json' | head -n 1)
  [ -n "$index" ] || { echo "$archive holds no index/db.json" >&2; exit 1; }
  args=(-db "file://$(dirname "$(dirname "$index")")")
  echo "using $(basename "$archive")"
fi
go tool -modfile=tools/lint.mod govulncheck "${args[@]}" ./...
