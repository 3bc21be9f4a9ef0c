# Everything that is done to this code from outside. Needs git, make and Go.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export CGO_ENABLED := 0

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
ARGS ?=
KILLS ?= 200
SEEDS ?= 100000
OUT ?= build/screenshots

.PHONY: help
help: ## List every target
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

.PHONY: run
run: build ## Build and serve on localhost:8080; more flags by ARGS="--addr localhost:9000"
	@exec bin/dualwrite serve $(ARGS)

.PHONY: build
build: ## Build bin/dualwrite
	@go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/dualwrite ./cmd/dualwrite

.PHONY: setup
setup: ## Download what go.mod names, and the browser and the databases of the tests where those may be installed
	@go mod download
	@.ci/browser
	@.ci/databases

.PHONY: check
check: ## Format, generated templates, vet, staticcheck, imports and dependencies
	@unformatted="$$(gofmt -l .)"; [ -z "$$unformatted" ] || { echo "not formatted; run gofmt -w on:"; echo "$$unformatted"; exit 1; }
	@copy="$$(mktemp -d)"; trap 'rm -rf "$$copy"' EXIT; cp -r views "$$copy"; templ="$$(go tool -n templ)"; \
		(cd "$$copy" && "$$templ" generate -log-level error -path views); \
		diff -rq views "$$copy/views" || { echo "generated templates are not those of their sources; run make generate"; exit 1; }
	@go vet ./...
	@go tool staticcheck ./...
	@go test -run 'TestImports|TestEveryDependency|TestReadmeNames' ./cmd/dualwrite

.PHONY: test
test: setup check ## All that must pass: setup, check, every test; with CI set nothing may be missing
	@mkdir -p bin
	@status=0; go test -v -timeout 30m ./... 2>&1 | tee bin/test.log | sed -E '/^ *(=== |--- PASS)/d; /^PASS$$/d' || status=$$?; \
		awk -f .ci/summary.awk bin/test.log || { [ -z "$${CI:-}" ] || status=1; }; \
		exit $$status

.PHONY: bench
bench: ## Every benchmark; the table of speed as JSON too, into build/bench.json
	@mkdir -p build
	@DUALWRITE_BENCH_JSON="$(abspath build/bench.json)" go test -run '^$$' -bench . -benchmem -timeout 0 ./...

.PHONY: screenshots
screenshots: ## Take a picture of every page and dialog, in three sizes, light and dark; into OUT=build/screenshots
	@mkdir -p "$(OUT)"
	@DUALWRITE_SCREENSHOTS="$(abspath $(OUT))" go test -count 1 -timeout 30m -run '^TestBrowser$$/^screenshots' ./cmd/dualwrite
	@echo "$(OUT)"

.PHONY: kill
kill: ## Kill the program at random moments and look for what is lost; KILLS=200 times
	@DUALWRITE_KILLS=$(KILLS) go test -count 1 -timeout 0 -v -run '^TestKill' ./cmd/dualwrite

.PHONY: simulate
simulate: ## Play random histories against the engine; SEEDS=100000 of them
	@go test -count 1 -timeout 0 -run '^TestSimulation$$' ./engine -seeds $(SEEDS)

.PHONY: generate
generate: ## Write Go from the templates
	@go tool templ generate -path views

.PHONY: clean
clean: ## Remove what was built; the data folder stays
	@rm -rf bin
