# One command per need. `make run` and `make test` work on a fresh clone; the rest is for those who change things.

PYTHON ?= python3
VENV_PYTHON = .venv/bin/python
CHROMIUM = $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

define install
@command -v $(PYTHON) >/dev/null || { echo "setup: there is no $(PYTHON): install Python 3.11 or newer" >&2; exit 1; }
@$(PYTHON) supervisor/install.py $(1)
endef

.PHONY: run test setup setup-dev check bench
.DEFAULT_GOAL := run

# Starts everything on this machine: http://127.0.0.1:8000 (PORT), phones to try it on http://127.0.0.1:8001
run: setup
	@exec $(VENV_PYTHON) run.py

# Runs the tests; PYTEST="-k merge" narrows them down
test: setup-dev
ifeq ($(CHROMIUM),)
	$(VENV_PYTHON) -m pytest -n 2 --dist worksteal -m "not browser" $(PYTEST)
	@echo "test: the browser tests were LEFT OUT, there is no Chromium here; on Debian or Ubuntu: apt install chromium"
else
	$(VENV_PYTHON) -m pytest -n 2 --dist worksteal $(PYTEST)
endif

# Makes .venv; nothing to do while the requirements stay the same
setup:
	$(call install,requirements.txt)

setup-dev:
	$(call install,requirements.txt requirements-dev.txt)

# What CI runs: with the browser tests, always
check: setup-dev
	@supervisor/install_browser.sh
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m mypy
	@$(MAKE) --no-print-directory test

# Measures what bench/ describes
bench: setup
	$(VENV_PYTHON) -m bench
