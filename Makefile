# make site: the sample site, in site/.   make test: everything that must hold.   make check: the quick part of it.
PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
LOWEST := $(BIN:$(VENV)%=build/lowest%)

LINT := $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
# Unit tests: no browser, no other program, no whole site.
UNIT := core intake house loader
DRAWN := render commands browser/test_hall_theme.py browser/test_printed_sheets.py system/test_sample.py \
  system/test_committee_edition.py system/test_hostile_input.py
WEB := tests/web/node_modules

SIZES ?= 2000,20000
ROUNDS ?= 5
PEERS ?= hugo,hugo-html,eleventy,pelican,mkdocs
ONCE ?=
SERVE ?= 50,1000

COUNT ?= 200
SEED ?= 1
WORKERS ?= 1

# The commit at which the site last changed on purpose: whoever changes it again, and means to, names the new one here.
BASE ?= ab50fc5e

.PHONY: site check test lint unit whole prove same lowest bench mutants format pictures locale clean

site: $(BIN)/.program
	$(BIN)/jifenbang build --yes

# Lint, types and unit tests, in under a minute. Types are checked beside the tests: mypy takes one core alone.
check: $(BIN)/.tests
	$(MAKE) --jobs 2 lint unit

# All that must hold, in under five minutes.
test: $(BIN)/.tests $(WEB)/.tests
	$(MAKE) --jobs 2 lint whole

lint: $(BIN)/.tests
	$(LINT)

unit: $(BIN)/.tests
	$(BIN)/pytest $(UNIT:%=tests/%)

whole: $(BIN)/.tests $(WEB)/.tests
	$(BIN)/pytest -ra

# All that must hold, and in full what the tests only sample, with the counts: every byte of what is sealed, every moment
# of a release, every page in the browser and before the checkers.
prove: export PROVE = 1
prove: $(BIN)/.tests $(WEB)/.tests
	$(LINT)
	$(BIN)/pytest -ra -p tests.tampering -p tests.damage

# Every byte that the working tree's program writes beside what that of BASE wrote.
same: $(BIN)/.tests
	$(BIN)/python -m tests.same_bytes --base $(BASE)

# The tests again, while every file is locked by another program when it is first written, replaced or deleted.
locked: $(BIN)/.tests
	$(BIN)/pytest -ra -p tests.disk.locked_once

# The tests of what libraries draw, read and write, with the lowest version of each that pyproject.toml allows.
lowest:
	$(PYTHON) -m venv build/lowest
	$(PYTHON) tests/lowest_versions.py > build/lowest/constraints.txt
	$(LOWEST)/python -m pip install --quiet --disable-pip-version-check --constraint build/lowest/constraints.txt \
	  --editable '.[test]'
	$(LOWEST)/python -m pytest $(DRAWN:%=tests/%)

# Ours beside other generators on the same pages, from SIZES members; they are brought into build/bench/tools first.
# PEERS= leaves them out, ONCE=100000 measures ours in one round more, of a size that takes long, STOCK=DIR keeps the
# organs made for it, and what peers get, for the next time, DISK=1 measures below build/, SERVE=50 previews that size,
# RECORD=1 keeps the ratios in tests/bench/recorded.json, with which each later run is compared.
bench: $(BIN)/.tests
	$(BIN)/python -m tests.bench --sizes '$(SIZES)' --rounds $(ROUNDS) --peers '$(PEERS)' --once '$(ONCE)' \
	  --serve '$(SERVE)' $(if $(STOCK),--stock '$(STOCK)') $(if $(DISK),--disk) $(if $(RECORD),--record)

format: $(BIN)/.tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Contact sheets of every kind of page, to be looked at in build/pictures; BEFORE=SITE puts another site beside. Four for
# the READMEs.
pictures: $(BIN)/.tests
	$(BIN)/python -m tests.pictures

# Plant a seeded sample of faults in the program, and see which of them the tests find; a run that was interrupted goes on.
mutants: $(BIN)/.tests
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[mutants]'
	$(BIN)/python -m tests.mutants --count $(COUNT) --seed $(SEED) --workers $(WORKERS)

# The words that click prints by itself.
locale: $(BIN)/.tests
	$(BIN)/pybabel compile -D messages -d generator/commands/locale

$(BIN)/.venv:
	$(PYTHON) -m venv $(VENV)
	touch $@

$(BIN)/.program: $(BIN)/.venv pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(BIN)/.tests: $(BIN)/.venv pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@ $(BIN)/.program

# What looks over pages, styles and scripts; without it those tests are skipped and say so.
$(WEB)/.tests: tests/web/package.json
	-cd tests/web && npm install --no-package-lock --ignore-scripts --no-audit --no-fund --silent && touch node_modules/.tests

clean:
	rm -rf $(VENV) $(WEB) site .jifenbang build
