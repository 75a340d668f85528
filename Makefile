# make demo    a home is planned and steered before your eyes (a day in five minutes)
# make test    everything that the tests need, then the tests
# make check   what has to be true of the code before it is looked at: style, types, imports, docs
# make bench   timings, each with its own table; minutes, not part of the tests
# make faults   faults at random on a home of real processes until KILLS (200) were among them, seeded by SEED (1); an hour
# make fuzz   what comes from outside, wrong in every way: EXAMPLES of each of 57 kinds (2500); ten CPU minutes
# make properties   every property of the unit tests on EXAMPLES (300) drawn anew, instead of the suite's own few
# make fuzz-coverage   RUNS (100000) of bytes led by the code that they reach (atheris, in .tools); minutes
# make compare   200 random homes of the hard kinds against a plain MILP; half an hour
# make backtest   the reference set of docs/backtest.md and a year of backtest; a quarter of an hour
# make homes   HOMES (100) derived homes of DAYS (350) judged on a Dask cluster that loses a worker; an hour
# make workers   HOMES (20) on one broker, planned by two workers of which one is killed; a minute
# make load   LOADPOINTS (50) and CARS (100) at 1 Hz for SECONDS (600): CPU, memory, latencies of all services
# make soak   HOURS (72) of five services in accelerated time: memory, descriptors, threads, log; half an hour
# make canaries   five services with a recognisable secret everywhere, and a search for it; a minute
# make audit   age, licence, known advisories of what the services depend on: docs/dependencies.md; wants a network
# make learning   what learning is worth on the homes (docs/learning.md), and what it costs; half an hour
# make demo-learner   what rl-agent has learnt when the demo's day begins, anew; two CPU minutes
# make rig EVCC=path   control and facts on a real evcc in a simulated house; root, 80 minutes
# make homeassistant   what Home Assistant itself (2025.4) says of our devices and controls, without a broker; half a minute
# make homeassistant-real   a running Home Assistant, a real broker with rights, the services; two minutes, part of the tests
# make homeassistant-evcc EVCC=path   the same controls on a real evcc; root
# make mosquitto-2.1   the broker of nixpkgs 26.05, unpacked into .tools for the tests of its rights; root, ten seconds
# make homeassistant-figures   recorder rows an hour, and clicks (in a browser, too) until they are shown, in a home of LANGUAGE (en) for MINUTES (15: one plan is in them)
# make pictures   of docs/home-assistant/, anew; wants chromium, and pngquant
# make docs    the generated pages of docs/
# make lock    requirements.lock anew from pyproject.toml

SHELL := /bin/bash -o pipefail
BIN := .venv/bin
DEMO ?=

# Compiled modules are kept, whatever the shell says: without them each of hundreds of processes compiles its libraries anew.
unexport PYTHONDONTWRITEBYTECODE

# uv from the PATH, else from PyPI by whatever Python has pip.
UV := $(or $(shell command -v uv),.tools/bin/uv)
# The newest Python >= 3.12: on the PATH, else among pyenv's, else (only then) the one that uv fetches.
PYTHON := $(or $(shell for p in python3.14 python3.13 python3.12 python3 python $$(ls -d $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.1[2-9]*/bin/python 2>/dev/null | sort -rV); do \
	p=$$(command -v $$p) && $$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && { $$p -c 'import sys; print(sys.executable)'; break; }; done),3.13)

.PHONY: demo test check bench faults fuzz properties fuzz-coverage compare backtest homes workers load soak canaries audit learning demo-learner rig homeassistant homeassistant-real homeassistant-evcc homeassistant-figures pictures hass mosquitto-2.1 docs lock install tools clean

demo: install
	@$(BIN)/ems demo $(DEMO)

test: install tools hass
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder $(TESTS)

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

bench: install tools
	$(BIN)/pytest tests/bench -m "not slow" --benchmark-only --benchmark-columns=min,median,mean,max,rounds -s

faults: install tools
	KILLS=$(or $(KILLS),200) SEED=$(or $(SEED),1) $(BIN)/pytest tests/campaign -q -s

fuzz: install
	EXAMPLES=$(or $(EXAMPLES),2500) $(BIN)/pytest -n 2 tests/fuzz -q --timeout 0

properties: install
	EXAMPLES=$(or $(EXAMPLES),300) $(BIN)/pytest -n 2 -m hypothesis tests/unit tests/contract -q --timeout 0

# atheris is compiled for one Python: its own environment, beside whose packages stand those of .venv.
fuzz-coverage: install | $(UV)
	@[ -x .tools/atheris/bin/python ] || $(UV) venv -q --python "$$($(BIN)/python -c 'import sys; print(sys._base_executable)')" .tools/atheris
	@$(UV) pip install -q --python .tools/atheris atheris==3.1.0
	@mkdir -p .tools/atheris/corpus
	PYTHONPATH="$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])'):shared:services" .tools/atheris/bin/python \
		tests/fuzz/coverage_guided.py -atheris_runs=$(or $(RUNS),100000) -max_len=100000 -artifact_prefix=.tools/atheris/ .tools/atheris/corpus

compare: install
	$(BIN)/pytest tests/bench/planner_model/test_hard_homes.py --benchmark-only -q -s

backtest: install
	$(BIN)/pytest tests/bench/backtest --benchmark-only --benchmark-columns=mean,rounds -s

homes: install
	HOMES=$(or $(HOMES),100) $(BIN)/pytest tests/bench/backtest/test_cluster.py -q -s

workers: install tools
	HOMES=$(or $(HOMES),20) MESSAGES=20000 $(BIN)/pytest tests/load/test_planner_workers.py tests/load/test_broker_cost.py -q -s

load: install tools
	LOAD_SECONDS=$(or $(SECONDS),600) $(BIN)/pytest tests/load/test_load.py -q -s

soak: install tools
	SOAK_HOURS=$(or $(HOURS),72) $(BIN)/pytest tests/load/test_soak.py -q -s

canaries: install tools
	CANARIES=$(or $(CANARIES),10) $(BIN)/pytest tests/security -q -s

audit: install
	@$(BIN)/python tests/security/audit.py $(UV)

demo-learner: install
	PYTHONPATH=tests $(BIN)/python tests/bench/learning/demo_learner.py

learning: install
	$(BIN)/pytest tests/bench/learning --benchmark-only --benchmark-columns=mean,rounds -s

# The demo of evcc 0.207 ends at once where no interface has multicast.
rig: install tools
	@[ -x "$(EVCC)" ] || { echo "say EVCC=path of a real evcc"; exit 1; }
	EVCC=$(abspath $(EVCC)) KILLS=$(or $(KILLS),2) unshare --net sh -c 'ip link set lo up && ip link add rig0 type bridge && \
		ip addr add 192.0.2.1/24 dev rig0 && ip link set rig0 up && exec $(BIN)/pytest tests/faults tests/e2e/test_evcc_facts.py -q -s'

# Home Assistant has requirements of its own: environments of their own. HASS=path of another version's program.
PYTHON313 := $(or $(shell for p in python3.13 $$(ls -d $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.13*/bin/python 2>/dev/null); do \
	p=$$(command -v $$p) && $$p -c 'import venv' 2>/dev/null && { $$p -c 'import sys; print(sys.executable)'; break; }; done),3.13)
homeassistant: install .tools/homeassistant/installed
	PYTHONPATH=shared:tests .tools/homeassistant/bin/python -m pytest -q --no-header --show-capture=no -c /dev/null \
		--rootdir=tests/homeassistant --confcutdir=tests/homeassistant -o asyncio_mode=auto tests/homeassistant/test_*.py

homeassistant-real: install tools hass
	$(BIN)/pytest -n 2 --dist loadfile tests/homeassistant/running

# evcc opens more ports than it is asked to, and Home Assistant wants to see a network: they get one of their own.
homeassistant-evcc: install tools hass
	@[ -x "$(EVCC)" ] || { echo "say EVCC=path of a real evcc"; exit 1; }
	EVCC=$(abspath $(EVCC)) unshare --net sh -c 'ip link set lo up multicast on && ip addr add 192.0.2.1/24 dev lo \
		&& exec $(BIN)/pytest -q tests/homeassistant/running/test_real_evcc.py'

homeassistant-figures: install tools hass
	PYTHONPATH=tests $(BIN)/python tests/homeassistant/figures.py $(or $(LANGUAGE),en) $(or $(MINUTES),15)

pictures: install tools hass
	PYTHONPATH=tests $(BIN)/python tests/homeassistant/pictures.py en docs/home-assistant

.tools/homeassistant/installed: | $(UV)
	@$(UV) venv -q --clear --python $(PYTHON313) $(@D)
	@$(UV) pip install -q --python $(@D)/bin/python pytest-homeassistant-custom-component==0.13.236 paho-mqtt hypothesis
	@touch $@

# Nothing but its tests depends on it.
hass:
	@$(MAKE) -s .tools/hass/installed || echo "WARNING: no Home Assistant; tests that need it will be skipped"

.tools/hass/installed: tests/homeassistant/requirements.py | $(UV)
	@echo "Installing Home Assistant ..."
	@$(UV) venv -q --clear --python $(PYTHON313) $(@D)
	@$(UV) pip install -q --python $(@D)/bin/python homeassistant==2025.4.4
	@$(@D)/bin/python tests/homeassistant/requirements.py > $(@D)/requirements.txt
	@$(UV) pip install -q --python $(@D)/bin/python -r $(@D)/requirements.txt
	@touch $@

docs: install
	$(BIN)/python docs/generate.py
	@! command -v nix >/dev/null || $(BIN)/python tests/nix/test_options_page.py

lock: $(UV)
	$(UV) pip compile -q --universal --generate-hashes --python-version 3.12 --all-extras --group dev -o requirements.lock pyproject.toml

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml | $(UV)
	@[ -x $(BIN)/python ] || $(UV) venv -q --python "$(PYTHON)" .venv
	@echo "Installing what requirements.lock names ..."
	@$(UV) pip sync -q --python $(BIN)/python --require-hashes requirements.lock
	@$(UV) pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.tools/bin/uv:
	@echo "uv is not here: taking it from PyPI ..."
	@for p in python3 python $$(ls -d $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3*/bin/python 2>/dev/null | sort -rV); do \
		$$p -m pip install -q --disable-pip-version-check --target .tools uv 2>/dev/null && exit 0; done; \
		echo "no Python with pip found: install uv (https://docs.astral.sh/uv/) and try again" >&2; exit 1

# Real servers and tools from Debian, program:package. Where one cannot be had its tests are skipped, loudly.
TOOLS := mosquitto:mosquitto mosquitto_pub:mosquitto-clients influxd:influxdb nix:nix-bin jq:jq age:age systemd-nspawn:systemd-container
tools:
	@export PATH=$$PATH:/usr/sbin; missing=; for tool in $(TOOLS); do \
		command -v $${tool%%:*} >/dev/null || missing="$$missing $${tool##*:}"; done; \
	[ -z "$$missing" ] || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing$$missing ..."; apt-get update -qq >/dev/null 2>&1; \
			for package in $$missing; do \
				DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$package >/dev/null 2>&1 \
					|| echo "WARNING: $$package could not be installed; tests that need it will be skipped"; \
				systemctl disable --now $$package >/dev/null 2>&1 || true; done; \
		else echo "WARNING: not here:$$missing; tests that need them will be skipped"; fi; }

# The mosquitto that nixpkgs 26.05 has, unpacked (nothing is installed): tests/nix tries the rights on it too.
mosquitto-2.1: .tools/mosquitto-2.1/installed
.tools/mosquitto-2.1/installed:
	@command -v mmdebstrap >/dev/null || apt-get install -y -qq --no-install-recommends mmdebstrap >/dev/null
	@rm -rf $(@D) && mkdir -p $(@D)/bin
	mmdebstrap --quiet --variant=extract --aptopt='Acquire::Check-Valid-Until "false"' \
		--aptopt='APT::Install-Recommends "false"' --include=mosquitto,mosquitto-clients sid $(@D)/root
	@root=$$(realpath $(@D))/root; cd $$root/usr/lib/*-linux-gnu && /sbin/ldconfig -n . && ln -s $$PWD $$root/../lib && \
		for p in $$root/usr/sbin/mosquitto $$root/usr/bin/mosquitto_*; do \
			printf '#!/bin/sh\nexec %s --library-path %s %s "$$@"\n' $$(echo $$PWD/ld-linux-*) $$PWD $$p >$$root/../bin/$${p##*/}; \
			chmod +x $$root/../bin/$${p##*/}; done
	@$(@D)/bin/mosquitto -h | head -1
	@touch $@

clean:
	rm -rf .venv .tools .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
