# Everything a contributor or CI runs. A fresh machine needs python3 >= 3.11 with venv and pip, git and make.
#
#   make demo     ghost text at real cursors of a real project, a session that accepts one, the statistics of it
#   make test     lint and every test, real editors and packaging included
#   make lint     ruff, formatting, types, tree-sitter queries, generated files, import rules
#   make bench    the measurements, one table with baselines; bench-startup, -sockets, -keystroke, -overhead,
#                 -burst, -secrets, -routing, -faults: one part of it; bench-context, bench-embedded: the quality of
#                 what is offered; bench-calibration: what a user's own history is worth; bench-fix: of fixes
#                 without a model, on faults put into real code; bench-next-edit: of next edits, on replayed commits;
#                 bench-index, bench-growth: the index of real projects, and of 50,000 files
#   make format   mend what ruff can mend, and regenerate what is generated
#   make lock     resolve the dependencies anew into requirements*.lock
#   make vsix     the VS Code extension, editors/vscode/dist/copilot-ls.vsix (wants Node 22 or later)
#   make clean    remove what can be made again

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := copilot_ls grammars telemetry
PYTEST_WORKERS ?= 2
# Used by `make lock` alone. Nothing else needs uv.
UV := .cache/lock/bin/uv

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo test lint static bench format generate lock upgrade clean neovim vscode emacs helix vim vsix llama-server llama-cpp-python bench-context bench-embedded bench-calibration bench-evaluation bench-growth bench-index bench-fix bench-next-edit

help:
	@sed -n 's/^#   //p' Makefile

install: $(VENV)/.editable

# Some environments forbid Python to write .pyc files; pip writes those of what it installs all the same, compileall ours.
# Without them a start takes half as long again. Wheels only: building a grammar from its sdist is slow, and one lacks a file.
$(VENV)/.locked: requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "copilot-ls needs Python >= 3.11, but $(PYTHON) is %d.%d: pass PYTHON=python3.11 or later" % sys.version_info[:2])'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --only-binary :all: --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.editable: $(VENV)/.locked pyproject.toml
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q $(PACKAGES)
	@touch $@

demo: install
	@$(BIN)/copilot-ls demo

# What fails beside other tests is tried once more alone: real editors miss a moment on a busy machine, a fault fails twice.
test: install static neovim vscode emacs helix vim llama-server llama-cpp-python
	$(BIN)/pytest -q -n $(PYTEST_WORKERS) --dist loadscope || $(BIN)/pytest -q --last-failed --last-failed-no-failures none

lint: install static
	$(BIN)/pytest -q tests/architecture

static: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m copilot_ls.syntax.check_queries
	$(BIN)/python tests/generated.py --check

# The real editor of the editor tests: the one on PATH if it is new enough, else one of our own in a private prefix.
neovim:
	@tests/editors/install_neovim.sh

# Those that are driven in a terminal, in private prefixes as well.
emacs helix vim:
	@tests/editors/install_terminal_editor.sh $@

# VS Code as a server, and a browser without a screen, in a private prefix as well; the extension, with the server's wheel.
vscode: install
	@tests/editors/install_vscode.sh

vsix: install
	cd editors/vscode && npm ci --no-audit --no-fund --ignore-scripts && npm run --silent package

# The real engines of the engine tests: one got in the same way, one built where it has not been yet.
llama-server:
	@tests/engines/install_llama_server.sh

llama-cpp-python:
	@tests/engines/install_llama_cpp_python.sh $(PYTHON)

bench: install
	@$(BIN)/python -m compileall -q $(PACKAGES)
	@$(BIN)/python -m tests.bench

# These measure quality: they take minutes, and get pinned packages and repositories to measure on. MIRROR=DIR is a folder
# of clones for bench-embedded, which otherwise makes them, or does with releases.
bench-context: install
	@$(BIN)/python -m tests.bench.bench_context

bench-index: install
	@$(BIN)/python -m tests.bench.bench_index

bench-embedded: install
	@$(BIN)/python -m tests.bench.bench_embedded $(if $(MIRROR),--mirror $(MIRROR))

bench-next-edit: install
	@$(BIN)/python -m tests.bench.bench_next_edit $(if $(MIRROR),--mirror $(MIRROR))

# MIRROR as above. What was weighed at every key is worked out first: minutes for each repository, once.
bench-calibration: install
	@$(BIN)/python -m tests.bench.bench_calibration $(if $(MIRROR),--mirror $(MIRROR))

# Wants node and npm: type checkers come from npm.
bench-fix: install
	@$(BIN)/python -m tests.bench.bench_fix

# `copilot-ls eval` on real repositories of the folder of clones MIRROR: what it says, how fast, that it goes on.
bench-evaluation: install
	@$(BIN)/python -m tests.bench.bench_evaluation --mirror $(MIRROR)

# In a workspace of 50,000 files: minutes, and 1 GB of disk for as long.
bench-growth: install
	@$(BIN)/python -m compileall -q $(PACKAGES)
	@$(BIN)/python -m tests.bench.bench_growth

bench-%: install
	@$(BIN)/python -m compileall -q $(PACKAGES)
	@$(BIN)/python -m tests.bench $*

format: install
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(BIN)/python tests/generated.py
	$(BIN)/python -m copilot_ls.syntax.check_queries --write

generate: install
	$(BIN)/python tests/generated.py
	$(BIN)/python -m copilot_ls.syntax.check_queries --write

# Universal: one lock for every platform and Python that is supported. Annotations and addresses are left out, so that the
# same resolution is the same file on any machine.
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml
$(UV):
	$(PYTHON) -m venv .cache/lock
	.cache/lock/bin/python -m pip install -qq --disable-pip-version-check uv

lock: $(UV)
	$(LOCK) -o requirements.lock
	$(LOCK) --group dev -o requirements-dev.lock

upgrade: $(UV)
	$(LOCK) --upgrade -o requirements.lock
	$(LOCK) --upgrade --group dev -o requirements-dev.lock

clean:
	rm -rf $(VENV) .cache build dist editors/vscode/dist editors/vscode/server editors/vscode/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +
