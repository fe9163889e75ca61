# make cookie     install everything that is needed and write cookie.pdf, the first worked solution
# make test       run the tests
# make check      style, types and tests: what a change has to pass
# make lint       style and types only
# make format     bring the code into the house style
# make golden     write the golden sheets anew, after looking at what changed
# make bench      measure speed
# make dist       build wheel and sdist into dist/
# make clean      remove what the other commands made

VENV ?= .venv
BIN := $(VENV)/bin
PYTEST_FLAGS ?= -q

INSTALLED := $(VENV)/.stepcalc
INSTALLED_DEV := $(VENV)/.stepcalc-dev
SETUP := pyproject.toml constraints.txt tools/setup tools/packages

.PHONY: cookie test check lint format golden bench dist clean

cookie: $(INSTALLED)
	$(BIN)/stepcalc solve worked_examples/cookie.toml -o cookie.pdf

# tests start Python many times: what is compiled once is kept
test: export PYTHONDONTWRITEBYTECODE =
test: $(INSTALLED_DEV)
	$(BIN)/python -m pytest $(PYTEST_FLAGS) -n auto -m "not timing"
	$(BIN)/python -m pytest $(PYTEST_FLAGS) -m timing tests/test_benchmarks.py

check: lint test

lint: $(INSTALLED_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(INSTALLED_DEV)
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

golden: $(INSTALLED_DEV)
	STEPCALC_GOLDEN=write $(BIN)/python -m pytest $(PYTEST_FLAGS) tests/test_golden.py

bench: $(INSTALLED_DEV)
	for script in benchmarks/[!_]*.py; do $(BIN)/python "$$script" || exit; done

dist: $(INSTALLED_DEV)
	$(BIN)/python -m build --outdir dist

clean:
	rm -rf $(VENV) dist build cookie.pdf .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(INSTALLED): $(SETUP)
	tools/setup $(VENV)
	@touch $@

$(INSTALLED_DEV): $(SETUP)
	tools/setup $(VENV) dev
	@touch $(INSTALLED) $@
