.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= auto

.PHONY: help run test check format lock bills openapi lint-openapi breaking clients contract contract-long texts \
	docs coverage-of-domain bench clean

help: ## Show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

run: .venv/run ## Serve the API on 127.0.0.1:$PORT (8000), with its database and demo data in .data/
	@exec $(BIN)/pstn serve

test: .venv/dev openapi/node_modules/.package-lock.json examples/typescript/node_modules/.package-lock.json ## Run the tests, on a real PostgreSQL
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal tests

check: .venv/dev lint-openapi breaking ## What CI runs before the tests: format, lint, types, layers, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pstn openapi --check openapi/openapi.json
	$(BIN)/python -m app.cli.texts --check
	$(BIN)/python -m app.cli.docs --check
	$(BIN)/python -m tests.domain_coverage --quiet

format: .venv/dev ## Format, and mend what ruff can mend
	$(BIN)/ruff check --fix -q . || true
	$(BIN)/ruff format -q .

contract: .venv/dev ## Call the service with requests made from its OpenAPI document; 3 minutes
	@$(BIN)/python -m tests.contract.fuzz.run

contract-long: .venv/dev ## The same with 50,000 requests and a new seed, which is printed
	@$(BIN)/python -m tests.contract.fuzz.run --long

bills: .venv/dev ## Measure how well bills are read, on the layouts kept aside
	$(BIN)/python -m tests.bills.measure

openapi: .venv/dev ## Write openapi/openapi.json
	$(BIN)/pstn openapi openapi/openapi.json

lint-openapi: .venv/dev openapi/node_modules/.package-lock.json ## Check openapi.json by the rules of openapi/redocly.yaml
	@cd openapi && REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
		../$(BIN)/node node_modules/@redocly/cli/bin/cli.js lint --config redocly.yaml openapi.json

breaking: .venv/dev ## Say what the clients of the last release would stumble over
	@$(BIN)/python -m tests.contract.breaking

clients: .venv/dev examples/typescript/node_modules/.package-lock.json ## Generate clients as integrators do, and run examples/ by them
	$(BIN)/python -m pytest tests/clients

texts: .venv/dev ## Bring the catalogues of texts up to the source
	$(BIN)/python -m app.cli.texts

docs: .venv/dev ## Write the pages of docs/ that tell of the code
	$(BIN)/python -m app.cli.docs

coverage-of-domain: .venv/dev ## Print each row of the domain with the tests that name it
	@$(BIN)/python -m tests.domain_coverage

bench: .venv/dev ## Measure the search of blocks among 10 million numbers; minutes
	@$(BIN)/python -m tests.benchmarks.block_search

lock: ## Resolve the dependencies anew, with hashes
	$(PYTHON) -m venv .venv && $(BIN)/pip install -q uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --upgrade pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --upgrade --group dev pyproject.toml -o requirements-dev.lock

clean: ## Remove the virtual environment and what tools left; not .data/
	rm -rf .venv openapi/node_modules examples/typescript/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/run: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; say which: make PYTHON=python3.12 run")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

openapi/node_modules/.package-lock.json: openapi/package-lock.json openapi/.npmrc .venv/dev
	$(BIN)/npm ci --prefix openapi --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

examples/typescript/node_modules/.package-lock.json: examples/typescript/package-lock.json examples/typescript/.npmrc .venv/dev
	$(BIN)/npm ci --prefix examples/typescript --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

.venv/dev: requirements-dev.lock .venv/run
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
