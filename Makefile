# The front door. Every command sets up what it needs, also on a fresh clone. `make help` lists them.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PRESET ?= release
BUILD := build/$(PRESET)
JOBS ?= $(shell nproc)
# What `make run` runs: a chain spec file and further flags of the node.
CHAIN ?=
ARGS ?= --alice --validator --force-authoring --base-path build/run
# Flags of the development chain that `make run` starts otherwise: --instant-seal, --rpc-port …
DEV_ARGS ?=
FUZZ_SECONDS ?= 60
SOAK_ROUNDS ?= 100
# The system may have an older cargo; tools/environment.sh finds a good one.
ENVIRONMENT := . tools/environment.sh

.PHONY: help setup setup-check configure build build-tests build-sim run test test-all bench check format fuzz soak \
	asan tsan clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22
	@echo '  Variables: PRESET=release CHAIN=<spec> ARGS="<flags>" JOBS=<n> FUZZ_SECONDS=<n> SOAK_ROUNDS=<n>'

setup: ## install packages (root or sudo), find cargo, fetch crates
	@tools/setup.sh

setup-check: ## the same, with the tools of check, fuzz and bench
	@tools/setup.sh check

configure: setup
	@$(ENVIRONMENT) && cmake --preset $(PRESET) -Wno-dev --log-level=WARNING > /dev/null

build: configure ## build the node: build/release/stipple
	@$(ENVIRONMENT) && cmake --build $(BUILD) --parallel $(JOBS) --target stipple

build-tests: configure
	@$(ENVIRONMENT) && cmake --build $(BUILD) --parallel $(JOBS)

run: build ## run a development chain, or with CHAIN=<chain spec> [ARGS="<flags>"] that chain
	$(if $(CHAIN),$(BUILD)/stipple --chain $(CHAIN) $(ARGS),$(BUILD)/stipple dev $(DEV_ARGS))

# The closing line of `test` is made by tools/run_tests.sh: "N passed, N failed, N skipped".
test: build-tests ## build everything, run the tests (not the slow ones) and tidy
	@tools/run_tests.sh $(BUILD) -j2 -LE 'slow|interop'

test-all: build-tests ## also crash loops, process networks and other implementations
	@tools/run_tests.sh $(BUILD) -j2

bench: setup-check configure ## benchmarks: one "name value unit" line each
	@$(ENVIRONMENT) && tools/bench.sh $(BUILD)

check: setup-check ## format, tidy, layers, sizes, clang-tidy of changed files, cargo-deny
	@$(ENVIRONMENT) && tools/check.sh

format: ## put every source into the house's format
	@git ls-files -z '*.cpp' '*.hpp' | xargs -0 -r clang-format-19 -i

fuzz: setup-check ## explore with every fuzzer for FUZZ_SECONDS each
	@$(ENVIRONMENT) && tools/fuzz.sh $(FUZZ_SECONDS)

asan: setup-check ## build and run the tests with address and undefined-behaviour sanitizers
	@$(MAKE) --no-print-directory PRESET=asan build-tests
	@tools/run_tests.sh build/asan -j2 -LE 'slow|interop'

tsan: setup-check ## build and run the tests of what has threads with the thread sanitizer
	@$(MAKE) --no-print-directory PRESET=tsan configure
	@$(ENVIRONMENT) && tools/tsan.sh build/tsan

build-sim: configure ## build the simulator: build/release/stipple-sim
	@$(ENVIRONMENT) && cmake --build $(BUILD) --parallel $(JOBS) --target stipple-sim

soak: build-tests ## fresh seeds and the slow tests, SOAK_ROUNDS times or until one fails
	@for round in $$(seq $(SOAK_ROUNDS)); do \
	    echo "round $$round"; tools/soak_sim.sh $(BUILD) 20 || exit 1; \
	    tools/run_tests.sh $(BUILD) -j2 -L slow || exit 1; done

clean: ## remove build/ but keep the Rust bridge and the data of `make run`
	@if [ -d build ]; then find build -mindepth 1 -maxdepth 1 ! -name bridge ! -name run -exec rm -rf {} +; fi
