# Everything happens in .venv, which `make` makes and fills; Python 3.11 or later and make are all it needs.
PYTHON ?= python3
CONFIG ?= config.yaml
VENV := .venv
BIN := $(VENV)/bin
# Where it is set, every start compiles 500 modules anew: half a second of each process, and a suite starts hundreds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run demo test test-close test-cutting test-waiting test-patient check lint pages screens bench media soak schema wheels tools peers clean help

help:                     ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 12

run: $(VENV)/.installed   ## start the hotline with config.yaml
	@$(BIN)/hotline serve --config $(CONFIG)

demo: $(VENV)/.installed  ## a call from greeting to operator, in simulated time
	@$(BIN)/hotline demo

# What talks to a running service, in jobs with hosts of their own, three at a time: what listens closely does so one
# after the other, and the others are nice to it; what floods, kills and cuts; what mostly waits; and, when a place is
# free, what does not care how long anything takes. The flood comes first, beside calls of which only the ends are
# looked at. All else shares the cores before that, browsers too: a telephone hears one beside it, however idle.
ENDS := tests/phones/test_phone_endings.py
WAITING := $(addprefix tests/phones/test_phone_,refreshes.py exported.py ring.py)
CLOSE := $(ENDS) $(filter-out $(ENDS) $(WAITING),$(wildcard tests/phones/test_*.py))
CUTTING := tests/attack tests/faults tests/interop
PATIENT := tests/faults/test_bad_files.py tests/faults/test_wire.py
# Two more than there are cores: many tests wait for a process that starts, or for a browser.
WORKERS := $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 2)))
# What takes longest begins first, else one worker is busy with it when the others are done.
LONGEST := $(addprefix tests/,pages routing reports)

# Few failures end no part: at the end they are looked at again, alone (docs/decisions/0068).
PART := $(BIN)/python -m tests.support.suite part

test: $(VENV)/.developed  ## the whole test suite
	@rm -rf .pytest_cache/parts
	@$(PART) shared --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder \
	  $(LONGEST) tests $(addprefix --ignore=,tests/phones $(CUTTING))
	@$(MAKE) --no-print-directory --jobs=3 --keep-going --output-sync test-close test-cutting test-waiting test-patient
	@$(BIN)/python -m tests.support.suite again

test-close: $(VENV)/.developed
	@$(PART) close $(CLOSE)

test-cutting: $(VENV)/.developed
	@nice -n 5 $(PART) cutting $(CUTTING) $(addprefix --ignore=,$(PATIENT))

test-waiting: $(VENV)/.developed
	@nice -n 5 $(PART) waiting $(WAITING)

test-patient: $(VENV)/.developed
	@nice -n 10 $(PART) patient $(PATIENT)

lint: $(VENV)/.developed  ## ruff and mypy --strict alone
	@$(BIN)/ruff check .
	@$(BIN)/mypy

check: lint test          ## ruff, mypy --strict, floors, tests

bench: $(VENV)/.developed ## what a call costs on this machine (minutes; JSON lines)
	@$(BIN)/python -m bench

media: $(VENV)/.developed ## what the media plane needs, and how many calls it holds (15 minutes; tables)
	@$(BIN)/python -m bench.media

soak: $(VENV)/.developed  ## long runs that look for faults: fuzzing, storms (hours; JSON lines)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[soak]'
	@$(BIN)/python -m bench.soak

schema: $(VENV)/.installed ## docs/menu.schema.json, by which editors complete menus
	@$(BIN)/hotline menu schema > docs/menu.schema.json

pages: desk/pages/node_modules/.installed ## build the pages in the browser from their source (Node 20.19 or later)
	@cd desk/pages && npm run --silent build

screens: $(VENV)/.developed ## pictures of every page into docs/screens (Chromium; 10 minutes)
	@$(BIN)/python -m tests.pages.screens

desk/pages/node_modules/.installed: desk/pages/package.json desk/pages/package-lock.json
	@cd desk/pages && npm ci --silent
	@touch $@

wheels: $(VENV)/.installed ## download the wheels for each supported Python: nothing may need a compiler
	@for version in 3.11 3.12 3.13 3.14; do \
	  echo "Python $$version"; \
	  $(BIN)/python -m bench.wheels $$version || exit 1; \
	done

tools: $(VENV)/.developed ## what the tests need: pytest, ruff, mypy and more, into .venv

peers: .peers/.installed  ## PJSIP's Python binding, which the tests with real phones use
.peers/.installed:
	@$(PYTHON) -m venv .peers
	@.peers/bin/python -m pip install --quiet --disable-pip-version-check pjsua2-python==2.15.1.post1 numpy soundfile
	@touch $@

clean:                    ## forget .venv and caches; var/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build *.egg-info

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; say: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.python pyproject.toml
	@echo "installing into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.developed: $(VENV)/.installed
	@echo "installing the tools of the tests into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,opus,postgresql,softphone]'
	@touch $@
