# Informant. Two commands matter: `make demo` and `make test`; both install what is missing.

CARGO   ?= cargo
SHELL   := /bin/bash
DEMO    := captures/bootstrap-with-provisioning/capture.pcapng
BINARY  := target/release/informant
SECONDS ?= 120

.PHONY: all demo test bench fuzz build format lint setup-build setup-test setup-bench setup-fuzz bless clean

all: build

# Shows the main job on a sample capture.
demo: build
	@echo; echo '$$ informant $(DEMO)'; echo
	@$(BINARY) $(DEMO)
	@echo; echo '$$ informant flow $(DEMO) 1'; echo
	@$(BINARY) flow $(DEMO) 1
	@echo; echo '$$ informant check $(DEMO)'; echo
	@$(BINARY) check $(DEMO) || [ $$? -eq 1 ]

# Set-up, format, lints, every test: with both libraries of TLS, and a look at the build without any. The tests inside the
# crates take a second: to compile them for speed would take longer.
test: setup-test
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --features legacy-tls --locked -- -D warnings
	$(CARGO) clippy --package informant --no-default-features --locked -- -D warnings
	CARGO_PROFILE_TEST_OPT_LEVEL=0 $(CARGO) test --workspace --lib --features legacy-tls --locked
	$(CARGO) test --workspace --test '*' --features legacy-tls --locked

# Speed beside the peers that are installed (tcpdump, tcpflow, tshark), in one run.
bench: setup-bench build
	tests/bench/run $(BINARY)

# Fuzzing: every target, or those in TARGETS, for SECONDS each; not zero where one fails.
fuzz: setup-fuzz
	tests/fuzz/run $(SECONDS) $(TARGETS)

build: setup-build
	$(CARGO) build --release --locked

format:
	$(CARGO) fmt --all

lint:
	$(CARGO) clippy --workspace --all-targets --features legacy-tls --locked -- -D warnings

# Rewrites the expected outputs under captures/.
bless:
	BLESS=1 $(CARGO) test --features legacy-tls --locked --test captures --test stories --test docs

setup-build:
	@tests/setup build

setup-test:
	@tests/setup test

setup-bench:
	@tests/setup bench

setup-fuzz:
	@tests/setup fuzz

clean:
	$(CARGO) clean
