# The commands of this repository. They need only Python 3.11+ and make; the first command installs the rest.
# `make help` lists them. ARGS= adds arguments: make demo ARGS=--once, make test ARGS="devstack/tests -k inbox".

ARGS ?=
# Tests spend most of their time waiting for brokers, databases and processes. Each worker has its own servers.
WORKERS ?= 4
PYTHON ?= python3
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
RUN := .venv/bin/
# The tests and the stack start about a hundred Python processes. If the environment disables bytecode files, each
# process compiles the same modules again.
export PYTHONDONTWRITEBYTECODE :=
# The environment is updated when a member's dependencies or the lock file change.
SYNCED := .venv/.synced
MANIFESTS := pyproject.toml uv.lock $(wildcard services/*/pyproject.toml libs/*/pyproject.toml */pyproject.toml)

.DEFAULT_GOAL := help
.PHONY: help install demo test lint format types bench up down status docs texts schemas migrate clean

help: ## Show this list
	@echo "make TARGET [ARGS=...]"
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## (.*)/\1|\2/' | \
		while IFS='|' read -r name about; do printf '  %-9s %s\n' "$$name" "$$about"; done

install: $(SYNCED) ## Install uv (if missing) and the workspace into .venv; the other targets do this too

demo: $(SYNCED) ## Start everything and play one purchase; stays up until Ctrl-C (ARGS=--once: stops, and exits 0 on success)
	$(RUN)masterji demo $(ARGS)

up: $(SYNCED) ## Start the whole stack until Ctrl-C (ARGS=--detach: in the background)
	$(RUN)masterji up $(ARGS)

down: $(SYNCED) ## Stop the stack that runs in the background
	$(RUN)masterji down $(ARGS)

status: $(SYNCED) ## Show each process of the stack (ARGS=--json: the addresses)
	$(RUN)masterji status $(ARGS)

test: $(SYNCED) ## Run all tests with a real Kafka and PostgreSQL (ARGS= selects some)
	$(RUN)pytest -n $(WORKERS) --no-loadscope-reorder $(ARGS)

lint: $(SYNCED) ## Check style, format and import rules
	$(RUN)ruff check
	$(RUN)ruff format --check
	$(RUN)lint-imports

format: $(SYNCED) ## Format the code and apply automatic fixes
	$(RUN)ruff check --fix
	$(RUN)ruff format

types: $(SYNCED) ## Check the types, strictly
	$(RUN)mypy $(ARGS)

bench: $(SYNCED) ## Measure, and compare with the bars (ARGS=--check: exit 1 on a miss; ARGS=ingest: one group)
	$(RUN)python -m bench $(ARGS)

docs: $(SYNCED) ## Regenerate docs/metrics.md and docs/settings.md from the code
	$(RUN)python -m devstack.reference

texts: $(SYNCED) ## Update the translations with the texts of templates and code (ARGS=--check: exit 1 on a difference)
	$(RUN)python -m servicekit.texts $(ARGS) $(patsubst %/translations,%,$(wildcard libs/*/src/*/translations services/*/src/*/translations))

schemas: $(SYNCED) ## Regenerate JSON Schema and AsyncAPI from schemas/
	$(RUN)python -m schemas $(ARGS)

migrate: $(SYNCED) ## Migrate one service's database at DATABASE_URL: make migrate SERVICE=checkout
	@test -d "services/$(or $(SERVICE),none)/migrations" || { echo "Name one of:" \
		$(patsubst services/%/migrations,%,$(wildcard services/*/migrations)) \
		"(make migrate SERVICE=checkout, with DATABASE_URL set)"; exit 2; }
	$(RUN)python -m $(subst -,_,$(SERVICE)) migrate

clean: ## Remove the environment, caches and the development stack's data
	rm -rf .venv .uv .masterji .mypy_cache .ruff_cache .pytest_cache .import_linter_cache bench/out

# uv gets the path of the interpreter itself: with the path of pyenv's shim it would recreate the environment each time.
# Quiet, because uv prints a line for each package; errors are still printed.
$(SYNCED): $(MANIFESTS) | $(UV)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than 3.11. Name a newer one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Installing the workspace and its packages into .venv; the first time takes about a minute."
	@$(UV) sync --quiet --all-packages --locked --compile-bytecode \
		--python "$$($(PYTHON) -c 'import sys; print(sys.executable)')"
	@echo "Installed."
	@touch $@

# Without uv on this machine, a private copy comes from PyPI: in a virtual environment, or with pip if Python has no venv.
.uv/bin/uv:
	@echo "Installing uv into .uv."
	@$(PYTHON) -m venv .uv 2>/dev/null && .uv/bin/pip install --quiet uv || { rm -rf .uv && \
		$(PYTHON) -m pip install --quiet --target .uv uv; } || { rm -rf .uv; \
		echo "uv could not be installed: $(PYTHON) has neither venv nor pip. Install python3-venv or uv."; exit 1; }
