# Every target sets up .venv by itself; it needs make and a Python of 3.11 or newer.
# PYTHON=… names that Python, ARGS=… is passed on: make test ARGS="-k clock", make serve ARGS="--port 0".

# Without it, `python -m` would find this folder's `client` and `mock_server` as packages of their own.
export PYTHONSAFEPATH := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
GROUP := dev
VERSIONS := 3.11 3.12 3.13 3.14

PYTHON ?= $(shell .ci/find-python 2>/dev/null)
RELEASE ?= trixie
SECONDS ?= 300

.DEFAULT_GOAL := check
.PHONY: help demo serve test coverage test-all test-debian check lint format types layers docs docs-update bench torture screenshots clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

demo: $(RUNTIME) ## run the documented flow against an emulator that is started for it
	@$(BIN)/sfmc-mock demo $(ARGS)

serve: $(RUNTIME) ## start the emulator on port 8025
	@$(BIN)/sfmc-mock serve $(ARGS)

test: $(DEVELOPMENT) ## run the tests, on all cores
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(ARGS)

coverage: $(DEVELOPMENT) ## run the tests and show the lines and branches that none of them reached
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --numprocesses auto --dist loadfile $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

test-all: ## run the tests on each of Python 3.11 to 3.14 that this machine has
	@found=; for version in $(VERSIONS); do \
		python=$$(.ci/find-python $$version) || continue; \
		found=yes; echo "Python $$version: $$python"; \
		$(MAKE) --no-print-directory test VENV=$(VENV)/$$version GROUP=test PYTHON="$$python" || exit 1; \
	done; \
	if [ -z "$$found" ]; then echo "Nothing was tested." >&2; exit 1; fi

test-debian: ## run demo and tests in a fresh Debian tree (RELEASE=trixie); needs root and debootstrap
	@ARGS="$(ARGS)" .ci/test-in-debian $(RELEASE)

check: lint types layers docs test ## everything that has to pass

lint: $(DEVELOPMENT) ## look for mistakes, and for files that are not formatted
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(DEVELOPMENT) ## format the files and fix what can be fixed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(DEVELOPMENT) ## check the types
	$(BIN)/mypy

layers: $(DEVELOPMENT) ## check who imports whom
	$(BIN)/lint-imports

# The parts of the documentation that say what the code says.
GENERATED = $(shell grep -ls '\[\[\[cog' README.md docs/*.md)

docs: $(DEVELOPMENT) ## check that the generated parts of the documentation are up to date
	$(if $(GENERATED),$(BIN)/cog --check $(GENERATED),@echo "No documentation is generated.")

docs-update: $(DEVELOPMENT) ## write the generated parts of the documentation anew
	$(if $(GENERATED),$(BIN)/cog -r $(GENERATED),@echo "No documentation is generated.")

bench: $(DEVELOPMENT) ## measure the speed: every budget; ARGS="--json FILE --compare FILE"
	@PYTHONPATH=benchmarks $(BIN)/python benchmarks/budgets.py $(ARGS)

torture: $(DEVELOPMENT) ## attack it for SECONDS (300): kills, power cuts, damaged files, calls at the same time
	$(BIN)/python -m pytest tests/torture --torture-seconds $(SECONDS) $(ARGS)

screenshots: $(DEVELOPMENT) ## take the pictures of the documentation anew; needs chromium
	$(BIN)/python docs/screenshots.py

clean: ## remove what the targets made, the environment included
	rm -rf $(VENV) dist .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find client mock_server tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

# Without a Python behind it (the system's was replaced), the environment is made anew.
$(shell test -x $(BIN)/python || rm -f $(RUNTIME) $(DEVELOPMENT))

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then .ci/find-python; exit 1; fi
	@echo "Setting up $(VENV) with $(PYTHON), once …"
	@$(PYTHON) -m venv --clear $(VENV)

# pip knows --group since 25.1 only, so it is brought up to date first.
$(RUNTIME): pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip install -qq --upgrade pip
	@$(BIN)/python -m pip install -qq --editable .
	@touch $@

$(DEVELOPMENT): pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip install -qq --upgrade pip
	@$(BIN)/python -m pip install -qq --editable . --group $(GROUP)
	@touch $(RUNTIME) $@

# A half-made environment is none.
.DELETE_ON_ERROR:
