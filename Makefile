# `make demo` and `make test` set up everything they need in .venv.
PYTHON ?= python3
BIN = .venv/bin

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -e '.[dev]'
	touch .venv/ready

.PHONY: demo test lint
demo: .venv/ready
	$(BIN)/classifier filter seeds/pages/harbour-en-tr.txt

test: .venv/ready
	$(BIN)/python -m pytest

lint: .venv/ready
	$(BIN)/ruff check classifier tests
