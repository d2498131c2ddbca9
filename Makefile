# `make run` and `make test` need Go and nothing else.
BIN := .bin
# The sample's fixed dates: its figures are of no day, so any fixed ones do.
SAMPLE_TIMES := --as-of 2026-11-01 --received-at 2026-11-01T00:00:00Z
CONFORMANCE ?= ../shared/conformance

.PHONY: build run test check conformance e2e bench sample docs clean

build: ## the program, in .bin/
	CGO_ENABLED=0 go build -trimpath -o $(BIN)/iltizam ./cmd/iltizam

run: build ## publish Morocco's plan 2021-2023 into public/
	$(BIN)/iltizam run --inbox examples/inbox --archive .run/archive --outbox .run/outbox --bucket public $(SAMPLE_TIMES)

test: ## every test that Go alone can run; builds its own S3 server
	CGO_ENABLED=0 go test ./...

check: ## formatting, vet, staticcheck, races, the wasm build, known vulnerabilities
	tools/check.sh

conformance: build ## the published files, read by other people's engines
	CONFORMANCE=$(CONFORMANCE) tools/conformance.sh

e2e: build ## workbooks in LibreOffice, pages in a browser
	tools/e2e.sh

bench: build ## speed and memory, with peers, as docs/benchmarks.md tells
	tools/bench.sh

sample: build ## make the sample workbooks anew; the same bytes each time
	go run ./tools/sample

docs: ## docs/rules.md, from what the rules say
	go test ./pipeline -run '^TestRulesPageIsWhatTheRulesSay$$' -update

clean:
	rm -rf $(BIN) .run public
