# Every target first makes sure that .venv holds what requirements.txt asks for.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
OLDEST := .venv-oldest
TIMED := tests/figures/explorer/test_figures_of_speed.py

.DEFAULT_GOAL := help
.PHONY: handout slides help walkthrough test test-browser lab notebooks notebooks-everywhere mutations mutants figures explorer check
.PHONY: bench cost lint clips networks networks-measure clean chromium

help:
	@echo "make walkthrough   the formula, the network and the cross-check on a real clip; pages and figures in build/"
	@echo "make test          every test, the notebooks included"
	@echo "make test-browser  explorer, player and pages in a real browser; installs Playwright and, on Debian as root, Chromium"
	@echo "make lab           JupyterLab at the first notebook"
	@echo "make slides        two lectures as slides, one file each, in build/slides/"
	@echo "make handout       for every notebook a student's and an instructor's version, a sheet and an exam, in build/handouts/"
	@echo "make notebooks     run all notebooks again, in place"
	@echo "make notebooks-everywhere   compare them on other thread counts, another BLAS kernel and the oldest NumPy"
	@echo "make mutations     change the packages in some places, one at a time: do the notebooks notice?"
	@echo "make mutants       change the reference in a thousand places: does the conformance kit notice?"
	@echo "make figures       draw figures/gallery/ again"
	@echo "make explorer      the formula and the network to touch: one page, build/explorer.html"
	@echo "make check         NumPy against PyTorch, stage by stage"
	@echo "make bench         time NumPy, the twin, its fused form, ONNX Runtime and OpenVINO; 15 minutes or more"
	@echo "make cost          time the forward against the size of its input, for the figure that 'make figures' draws"
	@echo "make lint          ruff"
	@echo "make clean         remove .venv and build/"
	@echo "make networks      train the networks that ship, and measure them; an hour (networks-measure: only that, minutes)"
	@echo "make clips         build the embedded clips again (maintainers; downloads two wheels)"

walkthrough: $(VENV)/installed
	@$(PY) notebooks/walkthrough.py

test: $(VENV)/installed
	@$(PY) -m ruff check .
	@OMP_NUM_THREADS=1 $(PY) -m pytest --nbval tests notebooks --numprocesses auto --dist loadfile  # a file at a time on each core

test-browser: $(VENV)/browser
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
		|| $(MAKE) --no-print-directory chromium
	@BROWSER_TESTS=required $(PY) -m pytest tests/figures/explorer tests/figures/time/test_player_in_browser.py \
		tests/notebooks/test_pages_in_browser.py tests/notebooks/test_slides_in_browser.py \
		--ignore $(TIMED) --numprocesses auto --dist loadfile
	@BROWSER_TESTS=required $(PY) -m pytest $(TIMED)  # nothing else runs meanwhile

lab: $(VENV)/installed
	@$(PY) -m jupyterlab notebooks/00_start_here.ipynb

handout: $(VENV)/installed
	@$(PY) notebooks/handout.py

slides: $(VENV)/installed
	@$(PY) notebooks/slides.py

notebooks: $(VENV)/installed
	@$(PY) notebooks/execute.py

# The outputs that are stored must come out on other machines, too. OPENBLAS_CORETYPE picks the kernel of NumPy's BLAS.
NBVAL := -m pytest --nbval --quiet notebooks
notebooks-everywhere: $(VENV)/installed $(OLDEST)/installed
	env -u OPENBLAS_CORETYPE OMP_NUM_THREADS=1 $(PY) $(NBVAL)
	env -u OPENBLAS_CORETYPE OMP_NUM_THREADS=2 $(PY) $(NBVAL)
	env OPENBLAS_CORETYPE=Haswell $(PY) $(NBVAL)
	env -u OPENBLAS_CORETYPE $(OLDEST)/bin/python $(NBVAL)

mutations: $(VENV)/installed
	@$(PY) tests/notebooks/mutations.py

mutants: $(VENV)/installed
	@OMP_NUM_THREADS=1 $(PY) tests/conformance/mutants.py

figures: $(VENV)/installed
	@$(PY) -m figures

explorer: $(VENV)/installed
	@$(PY) -m figures.explorer

check: $(VENV)/installed
	@OMP_NUM_THREADS=1 $(PY) -m stgcn_torch check  # small arrays: more threads only wait for one another

bench: $(VENV)/installed
	@$(PY) tests/benchmarks/bench.py

cost: $(VENV)/installed
	@$(PY) tests/benchmarks/cost.py

lint: $(VENV)/installed
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

clips: $(VENV)/installed
	@$(PY) -m reference.clips.build_clips

networks: $(VENV)/installed
	@$(PY) -m stgcn_torch networks

networks-measure: $(VENV)/installed
	@$(PY) -m stgcn_torch networks measure

clean:
	rm -rf $(VENV) $(OLDEST) build

$(VENV)/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, but $(PYTHON) is %d.%d; try: make PYTHON=python3.12 ..." % sys.version_info[:2])'
	@echo "Setting up $(VENV): once, a few minutes, most of it PyTorch."
	@$(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --requirement requirements.txt
	@touch $@

# The oldest NumPy that pyproject.toml admits, with everything else as pinned.
$(OLDEST)/installed: requirements.txt pyproject.toml
	@$(PYTHON) -m venv $(OLDEST)
	@$(OLDEST)/bin/python -m pip install --requirement requirements.txt
	@$(OLDEST)/bin/python -m pip install "numpy==$$(sed -n 's/.*"numpy>=\(.*\)".*/\1/p' pyproject.toml)"
	@touch $@

# Playwright drives the browser that the system has; it downloads none of its own.
$(VENV)/browser: $(VENV)/installed
	@$(PY) -m pip install --quiet --editable ".[browser]"
	@touch $@

chromium:
	@if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		apt-get update --quiet; \
		DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends chromium fonts-dejavu-core; \
	else \
		echo "No Chromium on the PATH; on Debian: apt-get install chromium. The tests look in some other places, too." >&2; \
	fi
