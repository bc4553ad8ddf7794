# Everything needs only Python 3.11 or newer, pip and make. `make help` lists it.
PYTHON ?= python3
# -I: a PYTHONPATH from outside must not change what the set-up runs.
SETUP := $(PYTHON) -I tools/setup.py
RUN := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench screens format lock docs clean

help:  ## Show what can be made
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

setup:  ## Make or refresh .venv
	@$(SETUP)

run:  ## Run the site, its worker and its database (PORT=8000 HOST=127.0.0.1 RELOAD=1)
	@$(SETUP) && PORT='$(PORT)' HOST='$(HOST)' RELOAD='$(RELOAD)' exec $(RUN) -m tools.run

test:  ## Run all tests, or some: ARGS="tests/tools -k kill"
	@$(SETUP) && exec $(RUN) -m tools.test $(ARGS)

check:  ## Lint, types, templates, layers, migrations, deployment, doors (ARGS="ruff types" for some)
	@$(SETUP) && exec $(RUN) -m tools.check $(ARGS)

bench:  ## Measure against the reference network; writes build/bench.json
	@$(SETUP) && exec $(RUN) -m benchmarks $(ARGS)

screens:  ## Look at every page in two sizes; pictures in build/screens (ARGS="admin roles" for some)
	@$(SETUP) && exec $(RUN) -m tools.screens $(ARGS)

format:  ## Put Python code into its form
	@$(SETUP) && $(RUN) -m ruff check --fix --quiet . ; $(RUN) -m ruff format .

lock:  ## Work the pinned requirements out again, after requirements/*.in changed
	@$(SETUP) && $(RUN) -m tools.lock

clean:  ## Remove what was built; the development database stays
	rm -rf build staticfiles .mypy_cache .pytest_cache .ruff_cache .import_linter_cache htmlcov .coverage
