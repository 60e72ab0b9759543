# What a person types. Each target sets up what it needs first.
SHELL := /bin/bash
# Words for the benchmark, as BENCH=--quick.
BENCH ?=
PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
# Seconds a fuzz target runs, and which ones: make fuzz SECONDS=60 TARGETS=decode
SECONDS ?= 600
TARGETS ?=
# `make torture SEEDS=200`, `make torture SEED=1234`; LEAST: every crash point must be hit so often; STORAGE=supabase:
# texts are kept there, and not in SQLite.
SEEDS ?=
STORAGE ?=
SEED ?=
LEAST ?=
JOBS ?= 2
# `make kills KILLS=1000`, `make soak HOURS=24`, `make month MONTH=720`, `make fleet ROWS=3000`; many, outage, bots: `TEXTS=1000`
KILLS ?= 1000
HOURS ?= 24
MONTH ?= 720
ROWS ?= 3000
TEXTS ?=
# `make test-hotplug ROUNDS=20`: how often each modem is pulled.
ROUNDS ?= 3
# Where `make sdk` puts the SDK.
DEST ?= .state/sdk
PLUGINS := conductor-sqlite conductor-supabase conductor-auto-reply conductor-log conductor-exec
# Without symbols: what is installed is read at every start.
RELEASE = $(SWIFT) build -c release -Xlinker -s

.PHONY: run release test test-c test-supabase test-hotplug torture torture-sees kills soak month faults fleet many outage bots fuzz fuzz-short sanitize sdk bench lint format install clean setup setup-test

run: release
	@scripts/run.sh

setup:
	@scripts/setup.sh --quiet

setup-test:
	@scripts/setup.sh --quiet --test

# One product a call: SwiftPM takes one --product only.
release: setup
	@set -e; for product in conductor conductor-worker $(PLUGINS); do $(RELEASE) --product $$product; done

# The C first: it is quick, and everything stands on it.
test: setup-test test-c fuzz-short
	$(SWIFT) build --build-tests
	@scripts/test.sh

test-c: setup-test
	$(MAKE) --no-print-directory -C CShims/CModemIO/tests run
	$(MAKE) --no-print-directory -C CShims/CModemIO/tests asan CC=clang
	$(MAKE) --no-print-directory -C CShims/CSandbox/tests run
	$(MAKE) --no-print-directory -C CShims/CSandbox/tests asan CC=clang

# The server that stands in for Supabase, over a real PostgreSQL: what is said to it counts only as far as it is true.
test-supabase: setup-test
	/usr/bin/python3 -B -W ignore -m unittest discover -s Tests/Supabase

# Modems are pulled out of a real kernel, in QEMU. Who asks for this wants no test that was skipped: CI=true.
test-hotplug: setup-test
	@scripts/torture.sh build
	CI=true CONDUCTOR_HOTPLUG_ROUNDS=$(ROUNDS) /usr/bin/python3 -B -W ignore -m unittest discover -s Tests/Hotplug

# Never lost, never twice, whatever goes wrong: CONTRIBUTING.md says how it is shown.
torture: setup-test
	@$(if $(SEEDS),CONDUCTOR_SEEDS=$(SEEDS)) $(if $(SEED),CONDUCTOR_SEED=$(SEED)) \
		$(if $(LEAST),CONDUCTOR_LEAST_KILLS=$(LEAST)) $(if $(STORAGE),CONDUCTOR_STORAGE=$(STORAGE)) \
		CONDUCTOR_JOBS=$(JOBS) scripts/torture.sh torture

# With each safeguard switched off, the harness must find something.
torture-sees: setup-test
	@scripts/torture.sh sees

kills: setup-test
	@CONDUCTOR_ROW=$(KILLS) scripts/torture.sh kills

soak: setup-test
	@CONDUCTOR_HOURS=$(HOURS) scripts/torture.sh soak

# 64 modems for so many simulated hours, with faults at random.
month: setup-test
	@CONDUCTOR_MONTH=$(MONTH) $(if $(SEED),CONDUCTOR_SEED=$(SEED)) scripts/torture.sh month

# What modems are known to do, fault by fault.
faults: setup-test
	@CONDUCTOR_FAULTS=1 scripts/torture.sh faults

# Four gateways on one Supabase project, killed and cut off from it while they send.
fleet: setup-test
	@$(if $(SEED),CONDUCTOR_SEED=$(SEED)) CONDUCTOR_FLEET_ROWS=$(ROWS) scripts/torture.sh fleet

# Lists, search and switching both ways between Supabase and SQLite, with so many texts.
many: setup-test
	@CONDUCTOR_MANY_ROWS=$(or $(TEXTS),100000) scripts/torture.sh many

# A day without the Supabase project.
outage: setup-test
	@CONDUCTOR_OUTAGE_TEXTS=$(or $(TEXTS),2000) scripts/torture.sh outage

# A program that answers through the table, beside our responders.
bots: setup-test
	@CONDUCTOR_BOT_TEXTS=$(or $(TEXTS),1000) scripts/torture.sh bots

# The codec under libFuzzer: a few seconds in `make test`, the same every time; `make fuzz` as long as one likes.
fuzz-short: setup-test
	@scripts/fuzz.sh

fuzz: setup-test
	@scripts/fuzz.sh $(SECONDS) $(TARGETS)

# The contract suites of plugins under the address and thread sanitizers: long, and not part of `make test`.
sanitize: setup-test
	@scripts/sanitize.sh

bench: release
	$(RELEASE) --product plugin-bench
	$(RELEASE) --product storage-bench
	$(RELEASE) --product conductor-bench-quick
	$(RELEASE) --product conductor-bench-blocking
	@scripts/setup.sh --quiet --bench
	python3 bench/bench.py $(BENCH)

# The plugin SDK as a package of its own, as authors get it.
sdk:
	@scripts/sdk.sh "$(DEST)"
	@echo "the SDK is in $(DEST)"

lint:
	@scripts/setup.sh --quiet --lint
	@scripts/lint.sh

format:
	$(SWIFT) format -i -r -p Sources Tests Fuzz Package.swift
	git ls-files 'CShims/*.c' 'CShims/*.h' | xargs clang-format -i

install: release
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/conductor $(DESTDIR)/etc/conductor/plugins.d \
		$(DESTDIR)/lib/udev/rules.d
	install -m 0755 $$($(RELEASE) --show-bin-path)/conductor $(DESTDIR)$(PREFIX)/bin/conductor
	install -d $(DESTDIR)$(PREFIX)/libexec/conductor
	install -m 0755 $$($(RELEASE) --show-bin-path)/conductor-worker $(DESTDIR)$(PREFIX)/libexec/conductor/
	set -e; for plugin in $(PLUGINS); do \
		install -m 0644 $$($(RELEASE) --show-bin-path)/lib$$plugin.so $(DESTDIR)$(PREFIX)/lib/conductor/; done
	set -e; for drop_in in plugins.d/*.yaml; do target=$(DESTDIR)/etc/conductor/plugins.d/$${drop_in##*/}; \
		[ -e $$target ] || install -m 0644 $$drop_in $$target; done
	scripts/sdk.sh $(DESTDIR)$(PREFIX)/share/conductor/sdk
	install -d $(DESTDIR)$(PREFIX)/share/conductor/supabase
	install -m 0644 Sources/Plugins/SupabaseStorage/SQL/* $(DESTDIR)$(PREFIX)/share/conductor/supabase/
	install -m 0644 udev/*.rules $(DESTDIR)/lib/udev/rules.d/

clean:
	$(SWIFT) package clean
