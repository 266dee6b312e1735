# `make demo` and `make test` set up everything they need in .venv.
PYTHON ?= python3
BIN = .venv/bin

.PHONY: demo test lint refresh docs bench

demo: .venv/ready
	$(BIN)/classifier filter seeds/pages/harbour-en-tr.txt

test: .venv/ready
	$(BIN)/python -m pytest

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# takes over what examples, tables and golden pages give now; read the diff before you commit it
refresh: .venv/ready
	$(BIN)/python -m pytest tests/test_docs.py tests/test_docs_generated.py tests/test_docs_measured.py \
		tests/test_golden.py tests/test_html_blocks.py tests/test_label_cases.py --update-golden

docs: .venv/ready
	$(BIN)/pip install --quiet -e '.[docs]'
	$(BIN)/sphinx-build -W -q docs build/docs
	@echo "see build/docs/index.html"

bench: .venv/ready
	$(BIN)/pip install --quiet -e '.[bench]'
	$(BIN)/python -m benchmarks.run

.venv/ready: pyproject.toml setup.py $(wildcard classifier/*/*.pyx classifier/*/*.pxd)
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -e '.[dev]'
	touch .venv/ready
