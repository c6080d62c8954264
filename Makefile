# `make` lists what can be made. Nothing but GNU make and Python 3.10 or later has to be there.

PYTHON ?= python3
STORE ?= sqlite
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed

.DEFAULT_GOAL := help
.PHONY: help venv judge test lint docs clean

help:  ## list the targets
	@awk -F ':.*##  *' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' Makefile

venv: $(INSTALLED)  ## make the virtual environment: the kit, an SDK and the tools

judge: $(INSTALLED)  ## judge a store: make judge STORE=mypkg:MyStore (default: sqlite)
	@$(BIN)/pytest '--tokenstore=$(STORE)' $(ARGS)

test: $(INSTALLED)  ## run the tests
	@$(BIN)/pytest $(ARGS)

lint: $(INSTALLED)  ## check style and types
	$(BIN)/ruff check .
	$(BIN)/mypy

docs: $(INSTALLED)  ## write the contract's page from its data
	$(BIN)/python -m tokenstore_conformance.contract.page > docs/contract.md

clean:  ## remove the virtual environment, caches and builds
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[zohocrmsdk,zcrmsdk]' --group dev
	@touch $@
