#!/usr/bin/env bash
# The published files, read by engines that are not ours.
set -euo pipefail
cd "$(dirname "$0")/.."
need() { command -v "$1" >/dev/null || { echo "make conformance needs $1: $2" >&2; exit 1; }; }
need node "install Node.js 20 or later"
need npm "install npm, it comes with Node.js"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
publish() { # NAME ARGS...
  local name=$1; shift
  .bin/iltizam run --archive "$work/$name-archive" --outbox "$work/$name-outbox" --bucket "$work/$name" "$@" >/dev/null
}
publish plan --inbox examples/inbox --as-of 2026-11-01 --received-at 2026-11-01T00:00:00Z
publish history --inbox examples/fictitious/inbox --plans examples/fictitious/plans --as-of 2031-08-01 --received-at 2031-07-31T00:00:00Z

go run ./tools/conformance/sample "$work/hard"

echo "== workbooks that other programs wrote anew, read for the same values"
(cd tools/bench/peers && npm ci --no-audit --no-fund --loglevel=error)
for maker in sheetjs sheetjs-shared-strings sheetjs-iso-dates sheetjs-anew exceljs; do
  node tools/bench/peers/resave.cjs "$maker" examples/fictitious/inbox "$work/$maker-inbox"
  publish "$maker" --inbox "$work/$maker-inbox" --plans examples/fictitious/plans --as-of 2031-08-01 --received-at 2031-07-31T00:00:00Z
  printf '%s: ' "$maker"
  node tools/conformance/same.mjs "$work/history/latest" "$work/$maker/latest"
done

cd tools/conformance
npm ci --no-audit --no-fund --loglevel=error
echo "== the comparison itself: it must find what is broken on purpose"
node selftest.mjs "$work/hard"
for name in plan history; do
  echo "== $name: CSV, JSON, Parquet compared cell by cell"
  node check.mjs "$work/$name/latest"
  echo "== $name: figures walked back to their rows"
  node lineage.mjs "$work/$name/latest"
done
