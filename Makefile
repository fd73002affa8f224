# The verbs. `make install` then `make test`; `make run` and `make demo` need nothing before them.
PYTHON ?= python3
VENV := .venv
CLIENTS := python instructor llamaindex
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet install --require-hashes

.PHONY: install run demo test clients codex litellm-proxy test-clients check providers parquet bench lock prices lock-clients wheel clean

install: $(VENV)/.dev  ## everything that testing and checking need, into .venv, from the lock file

run: $(VENV)/.core  ## serve on 127.0.0.1:4000 with what this machine has
	$(PY) -m router.cli serve

demo: $(VENV)/.core  ## play generated questions through the proxy and read the bill
	$(PY) -m router.cli demo $(ARGS)

test: $(VENV)/.dev  ## the tests, in parallel
	$(PY) -m pytest -n auto -q $(ARGS)

clients: $(CLIENTS:%=tests/clients/%/.venv/.done) tests/clients/node/node_modules/.done  ## the real clients, each from its own lock file

codex: tests/clients/codex/node_modules/.done  ## Codex itself, from its lock file

litellm-proxy: tests/clients/litellm_proxy/.venv/.done  ## LiteLLM's proxy, from its lock file, to stand before and behind

test-clients: $(VENV)/.dev clients  ## ask a running proxy with every real client that is installed
	for one in $(CLIENTS); do tests/clients/$$one/.venv/bin/python -m pytest -n auto -q -rs -W default tests/clients/$$one $(ARGS) || exit 1; done
	tests/clients/python/.venv/bin/python -m pytest -n auto -q -rs -W default tests/clients/node tests/clients/codex tests/clients/litellm_proxy $(ARGS)

check: $(VENV)/.dev  ## what CI runs: format, lint, types, import rules, tests
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports --no-cache
	$(PY) -m pytest -n auto -q

providers: $(VENV)/.litellm  ## every provider of docs/providers, against servers that speak its wire format
	$(PY) -m pytest -n auto -q tests/providers tests/upstreams/litellm tests/upstreams/test_contract.py tests/clients/litellm $(ARGS)

parquet: $(VENV)/.parquet  ## the tests of `report --format parquet`, which need pyarrow
	$(PY) -m pytest -q tests/reports/test_parquet.py tests/cli/test_report.py $(ARGS)

bench: $(VENV)/.dev  ## overhead against calling the upstream directly, by ratio, in one run
	$(PY) -m bench.overhead $(ARGS)
	$(PY) -m bench.first_token

wheel: $(VENV)/.dev
	$(PY) -m pip wheel . --no-deps --no-build-isolation --quiet -w dist

lock:  ## resolve again; needs uv on the path
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	  --upgrade --quiet --extra local -o requirements.lock pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	  --quiet --extra local --group dev -c requirements.lock -o requirements-dev.lock pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	  --quiet --extra litellm -c requirements-dev.lock -o requirements-litellm.lock pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	  --quiet --extra parquet -c requirements-dev.lock -o requirements-parquet.lock pyproject.toml

prices: $(VENV)/.litellm  ## the price book's figures again, from the locked litellm's list: make prices DATE=2026-11-12
	$(PY) .ci/prices.py $(DATE)

lock-clients:  ## the same for the clients
	for one in $(CLIENTS) litellm_proxy; do \
	  uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	    --upgrade --quiet -o tests/clients/$$one/requirements.lock tests/clients/$$one/requirements.in || exit 1; done
	for one in node codex; do (cd tests/clients/$$one && npm install --package-lock-only --silent) || exit 1; done

clean:
	rm -rf $(VENV) tests/clients/*/.venv tests/clients/*/node_modules dist .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "smallfirst needs Python 3.11 or newer; name one: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: requirements.lock | $(PY)
	$(PIP) -r requirements.lock
	@$(PY) .ci/system.py
	@$(PY) .ci/command.py
	@touch $@

tests/clients/%/.venv/.done: tests/clients/%/requirements.lock
	$(PYTHON) -m venv tests/clients/$*/.venv
	tests/clients/$*/.venv/bin/python -m pip --disable-pip-version-check --quiet install --no-compile --require-hashes -r $<
	@touch $@

tests/clients/%/node_modules/.done: tests/clients/%/package-lock.json
	cd tests/clients/$* && npm ci --silent
	@touch $@

$(VENV)/.dev: requirements-dev.lock requirements.lock pyproject.toml | $(PY)
	$(PIP) -r requirements-dev.lock
	@$(PY) -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation --editable .
	@$(PY) .ci/system.py
	@touch $@ $(VENV)/.core

$(VENV)/.litellm: requirements-litellm.lock | $(VENV)/.dev
	$(PIP) -r requirements-litellm.lock
	@touch $@

$(VENV)/.parquet: requirements-parquet.lock | $(VENV)/.dev
	$(PIP) -r requirements-parquet.lock
	@touch $@
