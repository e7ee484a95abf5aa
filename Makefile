# make demo   sets up and simulates a real trial's protocol
# make test   sets up and runs the tests
# make lint   sets up and runs the checks on form
#
# Only Python 3.11 or newer is needed. All that is installed goes to .venv in this folder; Python
# compiles what is imported when it first is, a third of it.

VENV := .venv
BIN := $(VENV)/bin
DEMO_PROTOCOL ?= krupitsky-2002
DEMO_PATIENTS ?= 1000
PYTEST_ARGS ?= -n 2 --dist loadfile --no-loadscope-reorder --durations=25 --durations-min=5
PYTHON ?= python3.11

.PHONY: help setup demo test lint
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

setup: $(VENV)/.installed $(VENV)/.installed-for-tests $(VENV)/.installed-for-lint

demo: $(VENV)/.installed
	@folder=runs/demo-$$(date +%Y%m%d-%H%M%S)-$$$$; \
	$(BIN)/resynapse run $(DEMO_PROTOCOL) --patients $(DEMO_PATIENTS) --output "$$folder" \
	&& echo "Open $(CURDIR)/$$folder/report.html in a browser."

test: $(VENV)/.installed-for-tests
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/.installed-for-lint
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

$(BIN)/python:
	@for python in "$(PYTHON)" python3.11 python3.12 python3.13 python3.14 python3; do \
	  if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	  then exec "$$python" -m venv $(VENV); fi; \
	done; \
	echo "Resynapse needs Python 3.11 or newer with its venv module, and found none." \
	  "On Debian or Ubuntu install python3.11-venv, or name a Python:" \
	  "make demo PYTHON=/path/to/python3.11" >&2; \
	exit 1

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "Setting up $(VENV): about 700 MB, a few minutes the first time."
	@$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --no-compile --editable .
	@touch $@

$(VENV)/.installed-for-tests: $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --no-compile --group test
	@touch $@

$(VENV)/.installed-for-lint: $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --no-compile --group lint
	@touch $@
