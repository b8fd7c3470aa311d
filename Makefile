# Everything a developer runs. `make` lists the targets.

PYTHON := .venv/bin/python

# The tests start hundreds of processes. Without byte code each of them compiles all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo up test check check-lint check-format check-types check-imports \
	check-infra package lock format proof soak docs bench clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

setup: .venv/setup-done ## Make .venv and install what requirements-dev.txt and Azurite need

.venv/setup-done: requirements.txt requirements-dev.txt constraints.txt \
		local/azurite/package-lock.json scripts/setup.sh
	@sh scripts/setup.sh

demo: setup ## Watch the whole system at work on this machine
	@$(PYTHON) -m local.demo

up: setup ## Start the local stack and keep it running until Ctrl-C
	@$(PYTHON) -m local up

# Most tests wait for sockets and processes: four workers keep two cores busy.
test: setup ## Run the tests
	@$(PYTHON) -m pytest -m "not slow" -n 4 --dist loadfile

check: check-lint check-format check-types check-imports check-infra ## Run every check (-k: despite failures)

check-lint: setup
	@$(PYTHON) -m ruff check

check-format: setup
	@$(PYTHON) -m ruff format --check

check-types: setup
	@$(PYTHON) -m mypy

check-imports: setup
	@.venv/bin/lint-imports --no-logo

check-infra: setup ## Check infra/: policies, wiring, and what Bicep tools this machine has
	@sh scripts/check-infra.sh

package: setup ## Build dist/sluice.zip, which is what runs in Azure
	@$(PYTHON) -m scripts.package

lock: setup ## Write requirements.lock anew, after a change of requirements.txt
	@$(PYTHON) -m scripts.package --lock

format: setup ## Format the code and repair what the linter can
	@$(PYTHON) -m ruff check --fix
	@$(PYTHON) -m ruff format

proof: setup ## Prove rotations and the way in: crashes, histories, leaks, faults and threats, a line of totals each
	@$(PYTHON) tests/proof

soak: setup ## Run the slow tests, and a thousand random examples where `make test` takes sixty
	@$(PYTHON) -m pytest -m "slow or hypothesis" --hypothesis-profile=soak --timeout 1200

fuzz: setup ## Try a hundred thousand inputs at the way in
	@$(PYTHON) -m pytest tests/fuzz/fuzz_webhooks.py

docs: setup ## Make the pages that follow from the code, with examples from the local stack
	@$(PYTHON) -m local.docs

bench: setup ## Measure the app and the broker, each beside a baseline in the same run
	@$(PYTHON) -m local.bench
	@$(PYTHON) -m local.broker.bench

clean: ## Remove what setup, runs and tests have made
	rm -rf .venv .local dist local/azurite/node_modules
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
