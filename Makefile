# The commands of this repository, by name: `make` lists them. Needs a Python 3.11+, its venv module and make.

VENV := .venv
PY := $(VENV)/bin/python
# Tried in this order; `make lab PYTHON=/path/to/python3` names one.
PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11 python
FIRST_LESSON := notebooks/en/00-first-letter.ipynb
LAB := $(VENV)/.installed-lab
DEV := $(VENV)/.installed-dev
BROWSER := $(VENV)/.installed-browser
PAGE_TOOLS := tests/browser/node_modules/.installed

# nbgrader looks for alembic on PATH.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help lab test lint format types unit notebooks test-browser test-clients test-load test-crash release bench lock \
  clean FORCE

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

# .jupyterlab/ holds the course's defaults: no pop-up that asks about Jupyter news.
lab: $(LAB) ## open JupyterLab at the first lesson (more server arguments: MAILKIT_LAB_ARGS)
	@$(PY) -m jupyterlab --ServerApp.root_dir="$(CURDIR)" --LabApp.app_settings_dir="$(CURDIR)/.jupyterlab" \
	  --LabApp.default_url=/lab/tree/$(FIRST_LESSON) $(MAILKIT_LAB_ARGS)

test: lint types unit notebooks ## prove the whole repository, browser tests excepted

lint: $(DEV) $(PAGE_TOOLS) ## style of code and notebooks, types of the widgets' scripts (needs npm)
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) tests/browser/check_types.py

format: $(DEV) ## mend the style where a tool can
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

types: $(DEV) ## strict types over mailkit/
	$(PY) -m mypy

unit: $(DEV) ## tests of code, exercises in sync, submissions graded
	$(PY) -m pytest

NBVAL := -m pytest --nbval --nbval-current-env --nbval-sanitize-with tests/nbval-sanitize.cfg --nbval-cell-timeout 60

notebooks: $(DEV) ## every notebook again from the top, over both carriers, compared with the stored outputs
	$(PY) $(NBVAL) notebooks solutions exercises
	MAILKIT_CARRIER=memory $(PY) $(NBVAL) notebooks

test-browser: $(DEV) $(BROWSER) $(PAGE_TOOLS) ## lessons and widgets in a real browser (needs Chromium or Chrome, and npm)
	$(PY) -m pytest -m browser

test-clients: $(DEV) ## curl, mutt, mbsync, getmail, Dovecot and a dozen others with a lab; ours beside theirs (Debian's packages)
	$(PY) -m pytest -m clients

test-load: $(DEV) ## 500 clients at once, for 90 seconds (or LOAD_SECONDS=600)
	$(PY) -m pytest -m load

test-crash: $(DEV) ## kill a lab 200 times, and look for every accepted letter
	MAILKIT_KILLS=200 $(PY) -m pytest -s tests/lab/test_crash.py

release: $(DEV) ## write exercises/ anew from solutions/
	$(PY) -m mailkit.course.release

bench: $(DEV) ## measure, and print ratios
	$(PY) -m benchmarks

lock: $(VENV)/.made ## choose newer versions for requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check uv
	$(PY) -m uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --upgrade --quiet \
	  --strip-extras --no-annotate --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command "make lock" --output-file requirements.lock

clean: ## remove what these commands made
	rm -rf $(VENV) tests/browser/node_modules dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -type d -prune -exec rm -rf {} +

# A stamp is written only after a whole success, so whatever went wrong is tried again next time.
$(VENV)/.installed-%: pyproject.toml requirements.lock $(VENV)/.made
	@echo "mailkit: installing what '$*' needs into $(VENV) (up to a minute, once) ..."
	@$(PY) -m pip install --disable-pip-version-check --no-input --progress-bar off \
	  -c requirements.lock -e '.[$*]' >$(VENV)/install-$*.log 2>&1 || { \
	    grep -o 'ERROR: .*' $(VENV)/install-$*.log >&2; \
	    echo "mailkit: pip could not install the packages (its log: $(VENV)/install-$*.log); the usual cause" \
	      "is no network or a proxy: mend that and run the same command again." >&2; \
	    exit 1; }
	@touch $@

# No lock file: package.json names exact versions, and a lock would name hosts. No --prefix: it would move npm's
# machine-wide settings too, with the registry and the certificates that a company's network needs.
$(PAGE_TOOLS): tests/browser/package.json
	@command -v npm >/dev/null || { \
	    echo "mailkit: npm is missing, which brings what checks the pages;" \
	      "install Node.js (on Debian and Ubuntu, 'apt install npm') and run the same command again." >&2; \
	    exit 1; }
	@echo "mailkit: installing what checks the pages into tests/browser/node_modules (once) ..."
	@cd tests/browser && npm install --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# When the Python under a venv is gone (upgraded, uninstalled), the venv is made anew.
$(VENV)/.made: $(shell test -x $(PY) || echo FORCE)
	@for py in $(PYTHON); do \
	    version=$$("$$py" -c 'import platform; print(platform.python_version())' 2>/dev/null) || continue; \
	    seen="$$seen $$py $$version"; \
	    "$$py" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || continue; \
	    "$$py" -m venv --clear $(VENV) && touch $@ && exit 0; \
	    rm -rf $(VENV); \
	    echo "mailkit: $$py $$version could not make $(VENV) (its words are above);" \
	      "on Debian and Ubuntu, 'apt install python3-venv' is what is missing." >&2; \
	    exit 1; \
	  done; \
	  echo "mailkit needs Python 3.11 or newer, found:$${seen:- none};" \
	    "install one and run the same command again, or name one: make PYTHON=/path/to/python3 lab." >&2; \
	  exit 1
