# Everything that a person or CI runs. `make` alone lists the targets.
# Needs Go, Rust (cargo) and a C compiler; all else comes from the package registries, pinned.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PROFILE ?= release
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GO_TEST_FLAGS ?= -timeout 300s
# The floors of the conformance runner, in percent. They only rise.
MIN_CHECK ?= 100
MIN_REQUEST ?= 100
MIN_PARSE ?= 99.8
MIN_STREAM ?= 100
BENCH_FLAGS ?=
SOAK_MINUTES ?= 10
FUZZ_SECONDS ?= 20
RECORDS := rust/testdata/conformance

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

.PHONY: lib
lib: ## build the library (static and shared) into bindings/lib
	@scripts/build-library $(PROFILE)

.PHONY: demo
demo: lib ## stream a résumé from a scripted model, then cancel a second stream half way
	@go run ./cmd/bamlwire demo

.PHONY: build
build: lib ## build the program into bin/bamlwire
	@go build -o bin/bamlwire ./cmd/bamlwire

.PHONY: test
test: check rust-test lib go-test c-test conformance ## run every test of both languages (what CI runs)

.PHONY: check
check: format-check lint tidy ## formatting, lints and the project's own rules

.PHONY: format
format: ## format all sources
	@cargo fmt --all
	@gofmt -w $$(git ls-files '*.go')

.PHONY: format-check
format-check:
	@cargo fmt --all --check
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); \
	  if [ -n "$$unformatted" ]; then echo "not formatted (run make format):"; echo "$$unformatted"; exit 1; fi

.PHONY: lint
lint: lib ## clippy, go vet, staticcheck, header drift
	@cargo clippy --quiet --workspace --all-targets -- -D warnings
	@go vet ./...
	@CGO_ENABLED=0 go vet ./bindings/... ./baml/...
	@go run $(STATICCHECK) ./...
	@scripts/check-header

.PHONY: tidy
tidy: ## names, sizes, crate edges, tables that must agree
	@go run ./scripts/tidy

.PHONY: rust-test
rust-test: ## all Rust tests
	@cargo test --workspace --exclude baml-ffi
	@cargo test -p baml-ffi

.PHONY: go-test
go-test: lib ## all Go tests, on both backends
	@echo "== cgo"
	@CGO_ENABLED=1 go test $(GO_TEST_FLAGS) ./...
	@echo "== purego"
	@CGO_ENABLED=0 go test $(GO_TEST_FLAGS) ./bindings/... ./baml/...
	@echo "== race detector, collecting garbage all the time"
	@CGO_ENABLED=1 GOGC=1 go test -race $(GO_TEST_FLAGS) ./baml/...

.PHONY: c-test
c-test: lib ## compile and run the C programs against the static library
	@bindings/testdata/c/run

.PHONY: conformance
conformance: lib ## run the recorded cases through the whole stack, with the floors
	@go build -o bin/conformance ./cmd/conformance
	@bin/conformance check --min $(MIN_CHECK) $(RECORDS)/check
	@bin/conformance request --min $(MIN_REQUEST) $(RECORDS)/request
	@bin/conformance parse --min $(MIN_PARSE) $(RECORDS)/parse
	@bin/conformance stream --min $(MIN_STREAM) $(RECORDS)/stream
	@bin/conformance stream --min $(MIN_STREAM) rust/testdata/stream/records

# With an installed official runtime: make bench BENCH_FLAGS="--official scripts/oracle"
.PHONY: bench
bench: lib ## measure latency, CPU, memory, cancellation and cold start, on both backends
	@CGO_ENABLED=1 scripts/build-bench bin/bench && bin/bench $(BENCH_FLAGS)
	@CGO_ENABLED=0 scripts/build-bench bin/bench-purego && bin/bench-purego
	@echo; echo "the reader alone, pushed and polled at every piece of 20 characters; whole replies beside serde_json"
	@cargo bench --quiet -p baml-reply --bench reader

.PHONY: instructions
instructions: ## count instructions with valgrind, beside the table that is kept
	@scripts/instructions --compare

.PHONY: proofs
proofs: loom sanitize miri go-hard fuzz deny ## all that needs time or further tools, but the soak

.PHONY: loom
loom: ## every interleaving of the parts that threads share
	@scripts/loom

.PHONY: miri
miri: ## look for undefined behaviour with Miri, where the toolchain has it
	@scripts/miri

.PHONY: sanitize
sanitize: ## AddressSanitizer over the library and the C programs that misuse it
	@scripts/sanitize

.PHONY: go-hard
go-hard: lib ## Go with pointers across the line checked, and garbage collected at each use of a handle
	@echo "== pointers across the line"
	@GOEXPERIMENT=cgocheck2 CGO_ENABLED=1 go test $(GO_TEST_FLAGS) ./bindings/... ./baml/...
	@echo "== race detector, collecting garbage all the time"
	@CGO_ENABLED=1 GOGC=1 go test -race $(GO_TEST_FLAGS) ./baml/...
	@echo "== garbage collected at each use of a handle"
	@CGO_ENABLED=1 go test -tags bamlwire_gc $(GO_TEST_FLAGS) ./baml/...
	@CGO_ENABLED=0 go test -tags bamlwire_gc $(GO_TEST_FLAGS) ./baml/...

.PHONY: fuzz
fuzz: lib ## a short run of every fuzz target, Go's decoders included
	@scripts/fuzz all $(FUZZ_SECONDS)
	@for target in $$(grep -rhoE '^func Fuzz[A-Za-z]+' baml/*_test.go | awk '{ print $$2 }'); do \
	  go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZ_SECONDS)s ./baml; done

# What malloc keeps in an arena for each thread swings by a hundred megabytes from round to round;
# with two arenas it does not. What it keeps at hand for each thread it counts as allocated, and Go
# starts threads whenever the machine is busy. Without both, a leak shows.
.PHONY: soak
soak: lib ## ten minutes of 10,000 streams at once: cancelled, abandoned, finished
	@go build -o bin/bench ./cmd/bench
	@MALLOC_ARENA_MAX=2 GLIBC_TUNABLES=glibc.malloc.tcache_count=0 bin/bench soak --minutes $(SOAK_MINUTES)

.PHONY: deny
deny: ## licences, bans, advisories and vulnerabilities of all dependencies (installs cargo-deny)
	@scripts/supply-chain

.PHONY: docs
docs: build ## write docs/diagnostics.md
	@mkdir -p docs
	@bin/bamlwire explain --page > docs/diagnostics.md

.PHONY: clean
clean: ## remove what was built
	@cargo clean
	@rm -rf bin bindings/lib bindings/library_hash.go
