# What a contributor types; `make help` lists it. A second run re-uses what the first made.

PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin

.PHONY: audit test test-real molecule conformance check bench docs format help clean

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

audit: .venv/.run ## set up, and audit the example fleet through Ansible (report on the terminal, JSON in report.json)
	@$(BIN)/nova-auditor audit -i inventories/example/hosts.yml -f text -f json=report.json; code=$$?; \
	if [ $$code -eq 1 ]; then echo "make: the example fleet has failures on purpose, so exit 1 is what it should be. The JSON report is report.json."; \
	  echo "make: kolla and TripleO hosts show no libraries, so some results are undecided there; --release 2025.2, say, decides them."; \
	elif [ $$code -eq 0 ]; then echo "make: the example fleet should have failures, but the audit found none" >&2; exit 1; \
	else exit $$code; fi

test: .venv/.test ## set up, and run all tests that need no server, container, browser or other release
	$(BIN)/pytest -m "not real" -q -n auto --dist loadgroup $(if $(CI),--cov --cov-report=term)

test-real: .venv/.test ## the tests with real parts, which this installs (apt and pip)
	tests/conformance/install
	tests/containers/install || [ $$? -eq 3 -a -z "$(CI)" ]
	$(BIN)/python -m tests.ansible.controllers
	$(BIN)/pytest -m real -q

molecule: .venv/.test ## run the scenarios of molecule/ with containers, which this installs (apt and pip)
	tests/containers/install
	tests/containers/molecule

conformance: .venv/.test ## measure the real libraries of all releases anew, and replay the auditor against that truth
	tests/conformance/install
	$(BIN)/python -m tests.conformance.truth all $(RELEASES)
	$(BIN)/pytest -q -m "not real" tests/conformance
	$(BIN)/pytest -q tests/conformance/test_page.py

check: .venv/.check ## ruff, mypy, import-linter, the payload's Python 3.6, generated pages
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vermin -q -t=3.6- --violations --no-tips --eval-annotations --backport typing auditor/probe auditor/ansible/plugins/modules
	$(BIN)/python -m docs.generate --check

bench: .venv/.test ## measure; the figures go to docs/reference/performance.md
	$(BIN)/python -m tests.benchmarks

docs: .venv/.test ## write the generated pages anew
	$(BIN)/python -m docs.generate

format: .venv/.check ## let ruff format and mend what it can
	$(BIN)/ruff format -q .
	$(BIN)/ruff check -q --fix .

clean: ## forget the environments
	rm -rf .venv .real

# Debian splits venv off: where it is missing it is installed, if we may.
.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or later; install python3 (Debian 12 has 3.11), or say make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  test "$$(id -u)" = 0 || { echo "make: Python's venv is missing; run: sudo apt-get install python3-venv" >&2; exit 1; }; \
	  apt-get install -y -q python3-venv || { apt-get update -q && apt-get install -y -q python3-venv; }; }
	$(PYTHON) -m venv .venv

.venv/.run: .venv/bin/python pyproject.toml
	$(BIN)/pip install -q --disable-pip-version-check -e '.[ansible]'
	@touch $@

.venv/.test: .venv/bin/python pyproject.toml
	$(BIN)/pip install -q --disable-pip-version-check -e '.[test]'
	@touch $@ .venv/.run

.venv/.check: .venv/bin/python pyproject.toml
	$(BIN)/pip install -q --disable-pip-version-check -e '.[test,check]'
	@touch $@ .venv/.test .venv/.run
