# Two commands matter: `make run` and `make test`. Everything they need they set up themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TOOLS := $(VENV)/.tools
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

.PHONY: run test soak measure ui lint format docs bench lock clean

run: $(READY)  ## the main job on MSOKO_INBOX, or on a made-up town when the inbox is empty
	$(BIN)/python scripts/run_main_job.py

test: $(TOOLS)  ## set-up, linters, every test
	$(BIN)/python scripts/install_test_services.py
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --dist loadfile

soak: $(TOOLS)  ## thirty kills of the main job, every measurement made anew: many minutes
	$(BIN)/python -m pytest -m soak tests/soak

ui: $(READY)  ## the Dagster web UI and daemon on 127.0.0.1
	$(BIN)/msoko ui

lint: $(TOOLS)
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: $(TOOLS)
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

docs: $(READY)  ## writes the generated pages again (a test holds them fresh)
	$(BIN)/python scripts/generate_docs.py

measure: $(READY)  ## measures the rules on made-up towns for the methodology page anew: a minute
	$(BIN)/python scripts/measure.py

bench: $(READY)
	$(BIN)/python -m benchmarks

lock: $(TOOLS)  ## pins pyproject.toml with hashes: what running needs, and what the tests need beside it
	$(COMPILE) --group build pyproject.toml --output-file requirements.lock
	$(COMPILE) --group test --constraint requirements.lock --output-file requirements-test.lock

clean:
	rm -rf $(VENV) var build dist .pytest_cache .ruff_cache .mypy_cache

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes --requirement requirements.lock
	$(INSTALL) --no-build-isolation --editable .
	touch $@

$(TOOLS): requirements-test.lock $(READY)
	$(INSTALL) --require-hashes --requirement requirements-test.lock
	touch $@
