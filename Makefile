# Two commands matter: `make demo` shows a graded class, `make test` runs everything. `make help` lists the rest.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
MADE   := $(VENV)/.made-by-make
# The environment is built anew when the lock has another content, whatever the times of the files say.
READY  := $(VENV)/.ready-$(shell cksum < requirements.lock | tr -d ' ')
DEMO   := build/demo
# A file's tests share what they set up, so they stay in one process; tests/conftest.py puts the longest files first.
SPREAD := -n 2 --dist loadfile --no-loadscope-reorder
FAST   := -m "not slow and not browser"
SITE_VENV := build/site-venv
BENCH_VENV := build/bench-venv

.DEFAULT_GOAL := help
.PHONY: help environment demo test test-fast lint lab play release audit fuzz lock measure-cheats bench-explorers bench bench-training bench-waits coverage pages docs pictures site site-lock clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

environment: $(READY)  ## build the Python environment in .venv from requirements.lock

$(READY):
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(not (3, 11) <= v <= (3, 13))' || \
	  { echo "Python 3.11, 3.12 or 3.13 is needed, and $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.13"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	  { [ "$$(id -u)" = 0 ] && apt-get update -q && apt-get install -yq python3-venv; } || \
	  { echo "Python's venv module is incomplete here. Install it (Debian, Ubuntu: sudo apt-get install python3-venv) and try again."; exit 1; }
	@if [ -L $(VENV) ] || { [ -e $(VENV) ] && [ ! -e $(MADE) ] && [ ! -e $(VENV)/.ready ]; }; then \
	  echo "$(VENV) is here already, and make has not made it, so it is left alone. Move it away, or name another place: make VENV=.venv-course"; exit 1; fi
	@echo "building the Python environment in $(VENV) (a minute or two, once)"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $(MADE)
	@{ $(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements.lock && \
	   $(BIN)/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation -e .; } > $(VENV)/pip.log 2>&1 || \
	  { grep -v '^ ' $(VENV)/pip.log | tail -5; echo "The packages could not be installed: $(VENV)/pip.log says all of it. Run the same command again once that is mended."; exit 1; }
	@touch $@

demo: $(READY)  ## release, grade the sample class of examples/, show marks and mistakes
	@mkdir -p $(DEMO)
	@rm -rf $(DEMO)/source $(DEMO)/mistakes $(DEMO)/alternatives $(DEMO)/judges $(DEMO)/submitted $(DEMO)/release $(DEMO)/autograded $(DEMO)/feedback $(DEMO)/gradebook.db* $(DEMO)/marks.csv $(DEMO)/report.html
	@cp -R nbgrader_config.py source mistakes alternatives judges $(DEMO)/
	@cp -R examples/submitted $(DEMO)/submitted
	@$(BIN)/autograder --course $(DEMO) release
	@$(BIN)/autograder --course $(DEMO) grade
	@$(BIN)/autograder --course $(DEMO) report

test: $(READY) lint  ## all tests, the browser's and the sandbox's too
	@$(BIN)/python -m pytest $(SPREAD) $(PYTEST)

test-fast: $(READY)  ## the tests that take no patience (under two minutes)
	@$(BIN)/python -m pytest $(SPREAD) $(FAST) $(PYTEST)

coverage: $(READY)  ## how much of each room the fast tests reach: a table
	@mkdir -p build
	@COVERAGE_FILE=build/coverage $(BIN)/python -m pytest -q $(SPREAD) $(FAST) \
	  --cov=autograder --cov=helpers --cov-report=json:build/coverage.json $(PYTEST)
	@$(BIN)/python -m tests.support.coverage_by_room build/coverage.json

lint: $(READY)  ## ruff's rules and format, types, undeclared imports, spelling
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check . || \
	  { echo "ruff is not content: run $(BIN)/ruff check --fix . && $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@mkdir -p build
	@$(BIN)/deptry . > build/deptry.log 2>&1 || { cat build/deptry.log; exit 1; }
	@$(BIN)/codespell

lab: $(READY)  ## JupyterLab on the lessons
	@$(BIN)/python -m helpers.environment
	@$(BIN)/jupyter lab $$([ "$$(id -u)" = 0 ] && echo --allow-root) notebooks/01_mse.ipynb

play: $(READY)  ## the explorers as one page, no notebook (PLAY="--no-browser --port 8866")
	@$(BIN)/python -m helpers.environment
	@$(BIN)/python -m helpers.playground $(PLAY)

release: $(READY)  ## make the student versions in release/ again, by nbgrader, from source/
	@$(BIN)/autograder release

audit: $(READY)  ## every known mistake must lose marks, every right alternative must keep them
	@$(BIN)/autograder audit

fuzz: $(READY)  ## look for new inputs that break a promise, FUZZ_MINUTES=10 for each of the three targets
	@FUZZ_MINUTES=$${FUZZ_MINUTES:-10} $(BIN)/python -m pytest -n 2 tests/fuzz -k all_kinds $(PYTEST)

measure-cheats: $(READY)  ## what stock nbgrader gives to each cheat: the table in docs/security.md (about ten minutes)
	@$(BIN)/python -m tests.support.cheats.measure

lock: $(READY)  ## make requirements.lock again from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --extra dev pyproject.toml -o requirements.lock

bench-explorers: $(READY)  ## how fast the explorers answer in a real browser (needs chromium): a table
	@$(BIN)/python benchmarks/bench_explorers.py

bench: $(READY)  ## grading beside stock nbgrader, scale, time to feedback: tables (12 minutes; BENCH=--quick: 3)
	@$(BIN)/python benchmarks/bench_grading.py $(BENCH)

bench-training: $(BENCH_VENV)/.ready  ## training beside PyTorch, JAX and scikit-learn: tables (BENCH=--quick)
	@env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE $(BENCH_VENV)/bin/python benchmarks/bench_training.py $(BENCH)

bench-waits: $(READY)  ## how long one waits for small things: first cells, sliders, open choices: a table (a minute)
	@$(BIN)/python benchmarks/bench_waits.py $(BENCH)

$(BENCH_VENV)/.ready: benchmarks/requirements.txt
	@echo "building the environment of bench-training in $(BENCH_VENV) (some hundred MB, once)"
	@$(PYTHON) -m venv --clear $(BENCH_VENV)
	@for package in $$(grep -v '^#' $<); do \
	  $(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps $$package || echo "not installed: $$package"; \
	done
	@touch $@

pages: $(READY)  ## run the lessons and write them as pages to read, without a kernel or a network, into build/pages
	@$(BIN)/python docs/lesson_pages.py build/pages

docs: $(READY)  ## build the documentation site into build/docs
	@$(BIN)/sphinx-build -W --keep-going -q -E -a -b html docs build/docs
	@echo "open build/docs/index.html"

pictures: $(READY)  ## make the pictures of the documentation again (needs chromium)
	@$(BIN)/python docs/make_pictures.py

site: $(READY) $(SITE_VENV)/.ready  ## build the JupyterLite site into build/site: the lessons with nothing to install
	@$(BIN)/python docs/jupyterlite/build.py --python $(SITE_VENV)/bin/python build/site

$(SITE_VENV)/.ready: docs/jupyterlite/requirements.lock
	@echo "building the environment that makes the site in $(SITE_VENV) (half a minute, once)"
	@$(PYTHON) -m venv --clear $(SITE_VENV)
	@$(SITE_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

site-lock: $(READY)  ## make docs/jupyterlite/requirements.lock again from requirements.in
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header docs/jupyterlite/requirements.in -o docs/jupyterlite/requirements.lock

clean:  ## remove what the other targets have built
	@rm -rf build $(VENV) *.egg-info
