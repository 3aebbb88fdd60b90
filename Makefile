# Every target does all the set-up it needs, once: `make run` on a fresh clone is enough.
# Another interpreter: make run PYTHON=/usr/bin/python3.12

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run demo test check format bench bench-all bench-serve docs reference notebook site video build release clean

PYTHON ?=
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install -qq --no-input --disable-pip-version-check --constraint constraints.txt
NEEDS  := pyproject.toml constraints.txt

# One thread each: more are slower on a machine that does anything else. Nothing is fetched from the Hub.
ONE_THREAD := OMP_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false
OFFLINE    := HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1
# Tests run a file at a time, for they share what is slow to make, and in their order, which does not leave the
# longest to the end. One process more than there are cores, for some tests wait for browsers, servers and clusters;
# four at most: each holds torch, with all that is near a gigabyte.
EVERY_CORE := --numprocesses=$$(($$(getconf _NPROCESSORS_ONLN) + 1)) --maxprocesses=4 --dist=loadfile --no-loadscope-reorder
# What pytest compiles is kept, also where the environment says otherwise: else every process compiles all of it again.
KEEP_BYTECODE := PYTHONDONTWRITEBYTECODE=

help:  ## list what can be made
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.setup  ## make .venv with every extra and the development tools
	@echo "Ready: $(BIN)/toxic-tweets, and 'make test'."

run: demo  ## see texts scored, then the page and the API until Ctrl-C
	@$(MAKE) --no-print-directory --silent $(VENV)/.run
	@$(BIN)/toxic-tweets run

demo: $(VENV)/.base  ## score examples/tweets.csv and print the table (needs only the base install)
	@$(BIN)/toxic-tweets demo --file examples/tweets.csv

test: check  ## run all checks and all tests, with coverage
	@$(ONE_THREAD) $(OFFLINE) $(KEEP_BYTECODE) $(BIN)/python -m pytest $(EVERY_CORE) --cov --cov-report=term

check: $(VENV)/.setup  ## lint, formatting, types, import layers
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy --num-workers 2
	@$(BIN)/lint-imports

format: $(VENV)/.setup  ## put the code in shape and fix what can be fixed
	@$(BIN)/python -m ruff check --fix .
	@$(BIN)/python -m ruff format .

bench: $(VENV)/.setup  ## measure speed and memory beside other systems, and write the page on it
	@$(ONE_THREAD) $(OFFLINE) $(BIN)/python benchmarks/bench.py --output docs/reference/speed.md

bench-all: bench  ## bench, then every other script of benchmarks/ but the server's (long)
	@set -e; for script in roofline speed peers explain page; do \
	  echo; echo "== $$script"; $(ONE_THREAD) $(OFFLINE) $(BIN)/python "benchmarks/$$script.py"; \
	done

bench-serve: $(VENV)/.setup  ## measure the server over loopback, hostile requests included (minutes)
	@$(ONE_THREAD) $(OFFLINE) $(BIN)/python benchmarks/serve.py --hostile 10000

docs: $(VENV)/.setup  ## build the documentation site in build/docs; a warning is an error
	@rm -rf build/docs build/docs-source
	@$(BIN)/python docs/lay_out.py build/docs-source
	@$(BIN)/python -m sphinx -W --keep-going -n -q -d build/docs-doctrees build/docs-source build/docs
	@echo "Open build/docs/index.html."

reference: $(VENV)/.setup  ## write the pages and pictures of docs/ that are made from the code
	@$(BIN)/python docs/write_reference.py
	@$(BIN)/python docs/draw_pictures.py

notebook: $(VENV)/.setup  ## run notebooks/fine_tuning.ipynb and save it with what it shows (minutes)
	@$(ONE_THREAD) $(OFFLINE) $(BIN)/python notebooks/run.py

site: docs  ## build the launch page in build/site, with the documentation behind it
	@$(ONE_THREAD) $(OFFLINE) $(BIN)/python site/build.py --docs build/docs --source "$(SOURCE_URL)"

video: $(VENV)/.setup  ## record the demo video again (minutes; needs Chromium and ffmpeg)
	@$(ONE_THREAD) $(OFFLINE) $(BIN)/python site/video/record.py

build: $(VENV)/.setup  ## make the source distribution, and from it the wheel, in dist/
	@rm -rf build/dist && mkdir -p build
	@$(BIN)/python -m build --no-isolation --outdir build/dist >build/build.log 2>&1 || { cat build/build.log >&2; exit 1; }
	@rm -rf dist && mv build/dist dist
	@ls -l dist | awk 'NR > 1 {printf "dist/%s  %.1f MB\n", $$9, $$5 / 1e6}'

# The steps are commands, not prerequisites, so that their order is kept under make -j too.
release: $(VENV)/.setup  ## check, test and build a release, and say what to type to publish it
	@$(BIN)/python deploy/release.py
	@$(MAKE) --no-print-directory test
	@$(MAKE) --no-print-directory build
	@$(BIN)/python deploy/release.py --next

clean:  ## remove .venv and what the tools keep
	@rm -rf $(VENV) build dist .coverage htmlcov .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

# The stamps. A full set-up holds the others, so it renews them too.
$(VENV)/.setup: $(NEEDS) | $(VENV)/.made
	@echo "Installing toxic-tweets with every extra and the development tools into $(VENV) (minutes, once) ..."
	@$(PIP) --editable '.[all,dev]'
	@touch $(VENV)/.base $(VENV)/.run $@

$(VENV)/.run: $(NEEDS) | $(VENV)/.made
	@echo "Installing the page and the API into $(VENV) (a minute, once) ..."
	@$(PIP) --editable '.[web,serve]'
	@touch $(VENV)/.base $@

$(VENV)/.base: $(NEEDS) | $(VENV)/.made
	@echo "Installing toxic-tweets into $(VENV) (once) ..."
	@$(PIP) --editable .
	@touch $@

# A .venv that already works is kept; one that does not (an interrupted or moved one) is made again.
$(VENV)/.made:
	@set -e; \
	is_new_enough='import sys; sys.exit(sys.version_info < (3, 11))'; \
	if $(BIN)/python -m pip --version >/dev/null 2>&1 && $(BIN)/python -c "$$is_new_enough"; then touch $@; exit 0; fi; \
	found=; \
	for candidate in $(if $(PYTHON),"$(PYTHON)",python3.11 python3 python3.12 python3.13); do \
	  if "$$candidate" -c "$$is_new_enough" >/dev/null 2>&1; then found="$$candidate"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "$(if $(PYTHON),$(PYTHON) is not a Python 3.11 or newer,No Python 3.11 or newer was found)." \
	    "Install one (Debian: apt install python3.11 python3.11-venv) or name it: make PYTHON=/path/to/python3.11" >&2; \
	  exit 1; \
	fi; \
	if ! "$$found" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	  version=$$("$$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	  echo "$$found has no working venv module, so $(VENV) cannot be made." \
	    "Install it (Debian: apt install python$$version-venv) and try again." >&2; \
	  exit 1; \
	fi; \
	"$$found" -m venv --clear $(VENV); \
	touch $@
