# What one needs to know: make demo, make test, make lint. All of it runs again in seconds when nothing has changed.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The tests start the portal dozens of times: let it be compiled once, whatever the shell prefers.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
UV ?= uv
BIN := .venv/bin
PIP := -m pip install --quiet --disable-pip-version-check --no-input --require-hashes
PYTEST := $(BIN)/python -m pytest
COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --no-header

# Tests that measure: what else the machine does would be measured too.
ALONE := tests/live/test_speed.py tests/live/test_bulk_speed.py tests/live/test_producer_speed.py \
	tests/live/test_inbox_speed.py tests/live/test_uploads.py

# Settings that are good enough for commands that need some and talk to nobody.
PLACEHOLDERS := SECRET_KEY=a-placeholder-of-fifty-letters-and-more-0123456789-abcdef \
	BASE_URL=https://portal.example OS_AUTH_URL=https://keystone.example/v3 \
	DEFAULT_FROM_EMAIL=portal@portal.example DATABASE_URL=sqlite://:memory:

.PHONY: help install demo cloud test test-fast test-live test-browser test-deploy test-many test-postgres test-chaos test-load bench screenshots lint requirements clean

help:
	@echo 'make install        the portal into .venv, its static files into staticfiles'
	@echo 'make demo           a whole cloud with the portal on this machine, until Ctrl-C'
	@echo 'make test           all tests: test-fast, test-live, test-browser'
	@echo 'make test-postgres  all tests on a throwaway PostgreSQL'
	@echo 'make test-deploy    behind nginx and Caddy, the systemd units, the container'
	@echo 'make test-many      two hosts on one PostgreSQL and one Redis'
	@echo 'make test-chaos     a thousand mails: workers are killed, mail server and database fail'
	@echo 'make test-load      fifty users at once for a minute'
	@echo 'make bench          side by side with the raw calls and the command line (BENCH=quick: in two minutes)'
	@echo 'make screenshots    the pictures in docs/screenshots, from a fresh demo'
	@echo 'make lint           format, style, types, layers, templates, settings, migrations'
	@echo 'make requirements   pin the dependencies of pyproject.toml anew (needs uv)'
	@echo 'make clean          remove everything that the others have made'

install: .venv/.base staticfiles/.made

demo: .venv/.demo .venv-cloud/.made staticfiles/.made
	@$(BIN)/python -m portal.demo $(DEMO)

cloud: .venv-cloud/.made

test: test-fast test-live test-browser

test-fast: .venv/.dev staticfiles/.made
	$(PYTEST) tests -n 2 --ignore=tests/live --ignore=tests/browser --ignore=tests/speed --ignore=tests/deploy \
		--ignore=tests/many --ignore=tests/chaos

test-live: .venv/.dev .venv-cloud/.made staticfiles/.made
	$(PYTEST) tests/live -n 2 --dist loadfile $(ALONE:%=--ignore=%)
	$(PYTEST) $(ALONE)
	$(PYTEST) tests/speed

test-browser: .venv/.dev .venv-cloud/.made staticfiles/.made
	CHROMIUM="$$($(BIN)/python -m portal.demo.browser)" $(PYTEST) tests/browser -n 2 --dist loadfile

test-deploy: .venv/.dev .venv-cloud/.made staticfiles/.made
	$(PYTEST) tests/deploy

test-many: .venv/.dev .venv-cloud/.made staticfiles/.made
	$(PYTEST) tests/many

test-chaos: .venv/.dev
	$(PYTEST) tests/chaos -s

test-postgres: .venv/.dev .venv-cloud/.made staticfiles/.made
	$(BIN)/python -m portal.demo.postgres $(MAKE) test

test-load: .venv/.demo .venv-cloud/.made .venv-bench/.made staticfiles/.made
	$(BIN)/python -m portal.bench.load

bench: .venv/.demo .venv-cloud/.made .venv-bench/.made staticfiles/.made
	$(BIN)/python -m portal.bench $(BENCH)

screenshots: .venv/.dev .venv-cloud/.made staticfiles/.made
	$(BIN)/python -m portal.demo.pictures

lint: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(PLACEHOLDERS) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(PLACEHOLDERS) $(BIN)/python manage.py makemigrations --check --dry-run

requirements:
	@command -v $(UV) >/dev/null || { echo 'This needs uv: pip install uv'; exit 1; }
	$(COMPILE) pyproject.toml --all-extras -o requirements/base.txt
	$(COMPILE) pyproject.toml --all-extras --group demo -c requirements/base.txt -o requirements/demo.txt
	$(COMPILE) pyproject.toml --all-extras --group demo --group test --group lint \
		-c requirements/demo.txt -o requirements/dev.txt
	$(COMPILE) requirements/cloud.in -o requirements/cloud.txt
	$(COMPILE) requirements/bench.in -o requirements/bench.txt

clean:
	rm -rf .venv .venv-cloud .venv-bench .cache .demo .demo.lock staticfiles
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: a file that is newer than what was installed from.

.venv/.python .venv-cloud/.python .venv-bench/.python:
	@$(call make-environment,$(@D))

.venv/.base: requirements/base.txt | .venv/.python
	@echo 'Installing the portal into .venv …'
	@$(BIN)/python $(PIP) -r requirements/base.txt
	@touch $@

.venv/.demo: requirements/demo.txt | .venv/.base
	@echo 'Installing what the demo needs besides …'
	@$(BIN)/python $(PIP) -r requirements/demo.txt
	@touch $@

.venv/.dev: requirements/dev.txt | .venv/.base
	@echo 'Installing the tools for tests and lint …'
	@$(BIN)/python $(PIP) -r requirements/dev.txt
	@touch $@

.venv-cloud/.made: requirements/cloud.txt | .venv-cloud/.python
	@echo 'Installing Keystone and Glance into .venv-cloud (the longest step, a minute or so) …'
	@.venv-cloud/bin/python $(PIP) -r requirements/cloud.txt
	@touch $@

.venv-bench/.made: requirements/bench.txt | .venv-bench/.python
	@echo 'Installing locust and the command-line client into .venv-bench …'
	@.venv-bench/bin/python $(PIP) -r requirements/bench.txt
	@touch $@

staticfiles/.made: $(shell find static sharing/static -type f 2>/dev/null) requirements/base.txt | .venv/.base
	@echo 'Collecting the static files …'
	@$(PLACEHOLDERS) $(BIN)/python manage.py collectstatic --noinput --clear --verbosity 0
	@touch $@

# A virtual environment; on a bare Debian or Ubuntu, Python comes without the means to make one.
define make-environment
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Python 3.11 or newer is needed; choose one: make PYTHON=python3.12 …'; exit 1; }; \
	if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo 'Installing python3-venv …'; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null; \
		else \
			echo 'Python cannot make virtual environments here. As root: apt-get install python3-venv'; \
			exit 1; \
		fi; \
	fi; \
	echo 'Making $(1) …'; \
	$(PYTHON) -m venv $(1) && touch $(1)/.python
endef
