# `make demo` and `make test` do all their own set-up; the rest is for those who work on the project.
PYTHON ?= python3
VENV := .venv
# Lint, types and set-up side by side.
MAKEFLAGS += --jobs=2
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint types format train bench clean help

help:
	@echo "make demo   tag a bundled page, and write the report of several"
	@echo "make test   lint, types and tests"
	@echo "make train  make the shipped model again from data/"
	@echo "make bench  measure speed beside other pipelines; GOLD=set.jsonl also F1, ARGS=--quick a trial"
	@echo "make format put the code into its form"

$(READY): pyproject.toml constraints.txt
	@# Debian keeps venv in a package of its own.
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || \
	  { echo "installing python3-venv"; apt-get update -qq && apt-get install -y -qq python3-venv; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(READY)

demo: $(READY)
	@mkdir -p build
	@$(BIN)/responsetag tag data/demo/county-page.txt --format table
	@$(BIN)/responsetag tag data/demo/county-page.txt -o build/demo.jsonl
	@echo "rows with scores and evidence: build/demo.jsonl"
	@$(BIN)/responsetag report data/demo -o build/report.html
	@echo "all of data/demo/ in a page to open: build/report.html"

test: lint types $(VENV)/.browser $(VENV)/.label-studio
	$(BIN)/python -m pytest -n 3 --dist worksteal

# The report is tested in Debian's Chromium; where it cannot be installed, those tests are skipped and say so.
$(VENV)/.browser: $(READY)
	@if command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	  { echo "installing chromium"; apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }; \
	then touch $@; else echo "NO CHROMIUM: the report is not tested in a browser"; fi

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

train: $(READY)
	$(BIN)/python train.py

bench: $(VENV)/.bench
	$(BIN)/python benchmarks/speed.py $(if $(GOLD),--gold $(GOLD)) $(if $(GOLD_NAME),--gold-name "$(GOLD_NAME)") \
	  $(or $(ARGS),--growth)

$(VENV)/.bench: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@touch $@

# Label Studio's own checks, for tests: in an environment of their own, as its SDK holds numpy back. Without
# dependencies that these checks never import, of which one alone (OpenCV) is larger than all the rest.
$(VENV)/.label-studio: $(READY) tests/label-studio.txt
	$(PYTHON) -m venv $(VENV)/label-studio
	$(VENV)/label-studio/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  -r tests/label-studio.txt
	@touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
