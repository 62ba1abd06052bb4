# The commands of this repository. Everything needs Python 3.11+ and make only; the first command installs the rest.
# `make help` lists them. ARGS= is passed on: make demo ARGS=--once, make test ARGS="devstack/tests -k inbox".

ARGS ?=
# Tests wait for brokers, databases and processes more than they compute. Each worker has servers of its own.
WORKERS ?= 4
PYTHON ?= python3
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
RUN := .venv/bin/
# The tests and the stack start a hundred processes of the same code. Where the surroundings forbid Python to keep
# what it has compiled, each of them would compile all of it anew.
export PYTHONDONTWRITEBYTECODE :=
# The environment is synced again when a member's dependencies or the lock change.
SYNCED := .venv/.synced
MANIFESTS := pyproject.toml uv.lock $(wildcard services/*/pyproject.toml libs/*/pyproject.toml */pyproject.toml)

.DEFAULT_GOAL := help
.PHONY: help install demo test lint format types bench up down status schemas migrate clean

help: ## Show this list
	@echo "make TARGET [ARGS=...]"
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## (.*)/\1|\2/' | \
		while IFS='|' read -r name about; do printf '  %-9s %s\n' "$$name" "$$about"; done

install: $(SYNCED) ## Install uv (if absent) and the workspace into .venv; every other target does it too

demo: $(SYNCED) ## Bring everything up and play one purchase; stays up until Ctrl-C (ARGS=--once: ends, and exits 0 if all was seen)
	$(RUN)masterji demo $(ARGS)

up: $(SYNCED) ## Start the whole stack and stay until Ctrl-C (ARGS=--detach: in the background)
	$(RUN)masterji up $(ARGS)

down: $(SYNCED) ## End a stack that runs in the background, and everything it started
	$(RUN)masterji down $(ARGS)

status: $(SYNCED) ## Show what runs (ARGS=--json: addresses for programs)
	$(RUN)masterji status $(ARGS)

test: $(SYNCED) ## Run all tests on real Kafka and Postgres (ARGS= chooses some)
	$(RUN)pytest -n $(WORKERS) --no-loadscope-reorder $(ARGS)

lint: $(SYNCED) ## Check style, format and the rules of who may import whom
	$(RUN)ruff check
	$(RUN)ruff format --check
	$(RUN)lint-imports

format: $(SYNCED) ## Format the code and mend what can be mended by itself
	$(RUN)ruff check --fix
	$(RUN)ruff format

types: $(SYNCED) ## Check the types, strictly
	$(RUN)mypy $(ARGS)

bench: $(SYNCED) ## Measure, and compare with the bars (ARGS=--check: exit 1 on a miss; ARGS=ingest: one group)
	$(RUN)python -m bench $(ARGS)

schemas: $(SYNCED) ## Generate JSON Schema and AsyncAPI from schemas/ again
	$(RUN)python -m schemas $(ARGS)

migrate: $(SYNCED) ## Migrate one service's database at DATABASE_URL: make migrate SERVICE=checkout
	@test -d "services/$(or $(SERVICE),none)/migrations" || { echo "Name one of:" \
		$(patsubst services/%/migrations,%,$(wildcard services/*/migrations)) \
		"(make migrate SERVICE=checkout, with DATABASE_URL set)"; exit 2; }
	$(RUN)python -m $(subst -,_,$(SERVICE)) migrate

clean: ## Remove the environment, caches and the development stack's data
	rm -rf .venv .uv .masterji .mypy_cache .ruff_cache .pytest_cache .import_linter_cache bench/out

# Python is named as it names itself: for pyenv's stand-in uv would make the environment anew each time.
$(SYNCED): $(MANIFESTS) | $(UV)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than 3.11. Name a newer one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	$(UV) sync --all-packages --locked --compile-bytecode --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')"
	@touch $@

# No uv on this machine: a private one from PyPI. Some systems' Python comes without venv: then pip alone does it.
.uv/bin/uv:
	@echo "installing uv into .uv"
	@$(PYTHON) -m venv .uv 2>/dev/null && .uv/bin/pip install --quiet uv || { rm -rf .uv && \
		$(PYTHON) -m pip install --quiet --target .uv uv; } || { rm -rf .uv; \
		echo "uv could not be installed: $(PYTHON) has neither venv nor pip. Install python3-venv, or uv itself."; exit 1; }
