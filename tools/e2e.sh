#!/usr/bin/env bash
# What needs a desktop program: workbooks opened, saved again, read back.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v soffice >/dev/null || { echo "make e2e needs LibreOffice Calc: install libreoffice-calc" >&2; exit 1; }
go test -count=1 -tags e2e -run LibreOffice ./pipeline
go test -count=1 -tags e2e ./pipeline/workbook/...
