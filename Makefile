# `make` lists what can be made. Nothing but GNU make and Python 3.10 or later has to be there.

PYTHON ?= python3
STORE ?= sqlite
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed

WILD := docs/stores-in-the-wild
SAMPLE := tests/stores/article_sample.py:ArticleSample
# As a user judges them, without the settings of this repository; a broken store is no error here.
REPORT := $(BIN)/pytest -q --config-file=/dev/null --rootdir=. --tokenstore-report=build/wild
BROKEN := || test $$? -eq 1
PAGE := $(BIN)/python -m tokenstore_conformance.report.wild

.DEFAULT_GOAL := help
.PHONY: help venv judge test lint docs wild bench clean

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

wild: $(INSTALLED)  ## judge the stores that ship today, and write the page on them
	$(REPORT)/zohocrmsdk.json --tokenstore=sdk-file --tokenstore=sdk-db \
	  --tokenstore=$(SAMPLE) $(BROKEN)
	$(REPORT)/zcrmsdk.json --tokenstore=sdk-file --tokenstore=sdk-db \
	  --tokenstore-generation=zcrmsdk $(BROKEN)
	$(PAGE) --excerpt build/wild/zohocrmsdk.json build/wild/zcrmsdk.json > $(WILD).json
	$(PAGE) $(WILD).json > $(WILD).md

bench: $(INSTALLED)  ## measure the kit and the stores, and write docs/performance.md
	@$(BIN)/python -m tests.benchmarks $(ARGS)

clean:  ## remove the virtual environment, caches and builds
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[zohocrmsdk,zcrmsdk]' --group dev
	@touch $@
