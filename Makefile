# Two commands do everything on a fresh machine: `make demo` and `make test`. `make help` lists the others.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo setup setup-dev browser test coverage test-long check format gate evals evals-model evals-arms docs bench lock clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: setup ## Set everything up and build a skill from the sample corpus
	$(BIN)/skillgen build integration-and-orchestration --corpus corpora/harbourline --out out --name harbourline-integration

setup: $(VENV)/.runtime

setup-dev: $(VENV)/.dev

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "skillgen needs Python 3.11 or newer; name one with: make demo PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: $(VENV)/.python requirements/runtime.txt pyproject.toml
	@echo "Installing skillgen and what it needs into $(VENV)/ (about two minutes the first time) ..."
	$(PIP) --require-hashes -r requirements/runtime.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	@echo "Installing the developers' tools into $(VENV)/ ..."
	$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

browser: ## Install Chromium for the tests of the review page (Debian and its kin); without it they are left out
	@command -v chromium >/dev/null || { \
	  sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); $$sudo apt-get update -qq && $$sudo apt-get install -y -qq chromium; }

# Otherwise each process that a test starts compiles every module again.
test: export PYTHONDONTWRITEBYTECODE :=
test: setup-dev check ## Check style, types and structure, and run the tests
	$(BIN)/python -m pytest -n $(JOBS) -m "not long" -rs

coverage: export PYTHONDONTWRITEBYTECODE :=
coverage: setup-dev ## The tests again, counting the lines and branches that they run (two thirds slower)
	$(BIN)/python -m pytest -n $(JOBS) -m "not long" --cov --cov-report=term

test-long: setup-dev ## The tests that take minutes: full installs, more random sequences, more kills
	$(BIN)/python -m pytest -m long

check: setup-dev ## Style, types, structure
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: setup-dev ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

gate: setup-dev ## The floors of quality that CI holds: facts, search, contradictions, screening, delta (three minutes)
	$(BIN)/python evals/run.py
	$(BIN)/python evals/screening/run.py
	$(BIN)/python evals/delta/run.py

evals: setup-dev ## Measure the quality of built skills against known facts: ours, or CORPUS=DIR GOLD=FILE BRIEF=NAME
ifdef CORPUS
	$(BIN)/python evals/run.py --corpus "$(CORPUS)" --gold "$(GOLD)" --brief "$(BRIEF)" $(if $(RETRIEVAL),--retrieval "$(RETRIEVAL)")
else
	$(MAKE) gate
	$(BIN)/python evals/coverage_eval.py
	$(BIN)/python evals/gaps_eval.py
endif

docs: setup-dev ## Build the documentation as a site in build/docs
	$(BIN)/sphinx-build -q -W --keep-going -b html docs build/docs
	@echo "Open     build/docs/index.html"

evals-model: setup-dev ## An hour with a real model of 1.5 billion parameters on this machine; MODEL_DIR=DIR keeps its 1.1 GB elsewhere
	$(if $(MODEL_DIR),MODEL_DIR="$(MODEL_DIR)") nice -n 5 $(BIN)/python evals/model_eval.py $(if $(MINUTES),--minutes $(MINUTES))

evals-arms: setup-dev ## Two hours with the same model: a skill's tasks answered with the skill, without it and so on; goes on where it stopped
	$(if $(MODEL_DIR),MODEL_DIR="$(MODEL_DIR)") nice -n 5 $(BIN)/python evals/arms_eval.py $(if $(MINUTES),--minutes $(MINUTES))

bench: setup-dev ## Measure speed, as ratios side by side
	$(BIN)/python benchmarks/speed.py

# What users install is what the tests ran with.
lock: setup-dev ## Pin the requirements anew (needs uv)
	uv pip compile pyproject.toml --extra build --extra dev --universal --generate-hashes --no-header --quiet -o requirements/dev.txt
	uv pip compile pyproject.toml --extra build --constraint requirements/dev.txt --universal --generate-hashes --no-header --quiet -o requirements/runtime.txt
	cd evals/real_model && uv pip compile requirements.in --universal --no-deps --generate-hashes --no-header --no-annotate --quiet -o requirements.txt

clean: ## Remove what the commands above made
	rm -rf $(VENV) out .skillgen dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .import_linter_cache
