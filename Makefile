# Everything a newcomer needs; each target installs what is missing first (tools/setup.sh).
PYTHON := .venv/bin/python
SETUP := @tools/setup.sh

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all bench check audit licences sbom proto catalogue rules-doc records-doc guide screens release-proto

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do \
		printf '  make %-15s %s\n' "$$name" "$$text"; done

setup: ## Install what is missing (apt only as root or with sudo -n)
	$(SETUP)

demo: ## Start everything, play the story, stay up (ONCE=1: exit, 0 only if every step ended as stated)
	$(SETUP)
	@$(PYTHON) -m deploy.demo $(if $(filter-out 0,$(ONCE)),--once)

test: ## All tests on real parts, small budgets
	$(SETUP)
	@$(PYTHON) -m pytest -m "not large"

test-all: ## The same and the large budgets, the console on two years of an area
	$(SETUP)
	@CONSOLE_AREA=full $(PYTHON) -m pytest

bench: ## Measure: a table, and build/bench.json (LONG=1: ten minutes at RATE a second)
	$(SETUP)
	@$(PYTHON) -m tests.bench $(if $(filter-out 0,$(LONG)),--long) $(if $(RATE),--rate $(RATE))

check: ## Format, lint, types, import contracts, proto lint, stub drift, privacy lint, catalogue
	$(SETUP)
	@$(PYTHON) -m tools.check

audit: ## Known vulnerabilities of what is locked, or "not audited" where nobody can be asked
	$(SETUP)
	@$(PYTHON) -m tools.audit

licences: ## The licence of each package; fails on one that tools/licences.toml does not allow
	$(SETUP)
	@$(PYTHON) -m tools.licences

sbom: ## The list of parts: build/sbom.cdx.json (CycloneDX)
	$(SETUP)
	@$(PYTHON) -m tools.sbom

proto: ## Generate proto/gen and lint the contract
	$(SETUP)
	@$(PYTHON) -m tools.proto

catalogue: ## Write docs/catalogue.md from the contract and the rulebook
	$(SETUP)
	@$(PYTHON) -m tools.catalogue

rules-doc: ## Write docs/rules.md, docs/schema and the tables of docs/dpia.md from rulebook and agreements
	$(SETUP)
	@$(PYTHON) -m tools.rules_doc
	@$(PYTHON) -m tools.dpia_doc

records-doc: ## Write docs/records.md from the declarations of the log's records
	$(SETUP)
	@$(PYTHON) -m tools.records_doc

guide: ## Bring the quotes and tables of docs/integrate.md up to date
	$(SETUP)
	@$(PYTHON) -m tools.guide

screens: ## Take the pictures of the console for the guides: docs/screens
	$(SETUP)
	@$(PYTHON) -m tests.console.screens

release-proto: ## Make today's contract the one that later changes must not break
	$(SETUP)
	@$(PYTHON) -m tools.proto release
