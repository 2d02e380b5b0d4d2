# The shop's few commands. `make` or `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:
.SILENT:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
# A stamp holds what was installed; it is compared by content, so that a fresh clone or a checkout of another branch
# installs only what differs.
RUN_STAMP := .venv/.installed
TOOLS_STAMP := .venv/.installed-tools

.PHONY: help install tools up down test check fmt migrations clean

help: ## List these commands
	sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name what; do
	    printf '  make %-12s %s\n' "$$name" "$$what"; done

up: $(RUN_STAMP) ## Run the whole shop in this terminal (HOST, PORT, DATA_DIR); Ctrl-C stops it
	exec $(BIN)/python manage.py up

down: $(RUN_STAMP) ## Stop a shop that runs in another terminal, and its servers
	exec $(BIN)/python manage.py down

test: $(TOOLS_STAMP) ## Run all tests, browser journeys included where chromium is installed
	# With bytecode kept: a hundred processes are started, and each would compile the shop anew.
	PYTHONDONTWRITEBYTECODE= exec $(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

check: $(TOOLS_STAMP) ## Format, lint, types, import contracts, migrations
	exec .ci/check

fmt: $(TOOLS_STAMP) ## Format the code
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .

migrations: $(RUN_STAMP) ## Write the migrations that models ask for
	exec $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations

install: $(RUN_STAMP) ## Make the virtual environment with what the shop needs

tools: $(TOOLS_STAMP) ## Add what tests and checks need

clean: ## Remove the virtual environment and caches; the shop's data stays
	rm -rf .venv .static .pytest_cache .mypy_cache .ruff_cache .import_linter_cache test-results

$(RUN_STAMP): requirements.txt
	PYTHON="$(PYTHON)" .ci/install "$@" requirements.txt

$(TOOLS_STAMP): requirements.txt tests/requirements.txt
	PYTHON="$(PYTHON)" .ci/install "$@" requirements.txt tests/requirements.txt
	touch $(RUN_STAMP)
