import json
import shutil
from pathlib import Path

import pytest

from herdwick.finetune.base_model import load_base
from herdwick.finetune.lora import (
    CONFIG_FILE,
    WEIGHTS_FILE,
    load_adapter,
    read_config,
    read_weights,
    with_lora,
)
from herdwick.finetune.recipe import FinetuneError

torch = pytest.importorskip("torch", reason="needs herdwick[finetune]")


@pytest.fixture
def adapter(random_adapter: Path, tmp_path: Path) -> Path:
    return shutil.copytree(random_adapter, tmp_path / "adapter")


def without_finite(adapter: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(adapter / WEIGHTS_FILE)
    name = next(iter(weights))
    weights[name][0, 0] = float("inf")
    save_file(weights, adapter / WEIGHTS_FILE)


def test_weights_are_read_by_pefts_names(adapter: Path) -> None:
    weights = read_weights(adapter)

    assert len(weights) == 2 * 2 * 7
    assert {name.rpartition(".lora_")[2] for name in weights} == {"A.weight", "B.weight"}


@pytest.mark.parametrize("size", [0, 7, 5000])
def test_weights_cut_off_are_refused(adapter: Path, size: int) -> None:
    with (adapter / WEIGHTS_FILE).open("r+b") as file:
        file.truncate(size)

    with pytest.raises(FinetuneError, match=r"holds no PEFT adapter: adapter_model\.safetensors: .*header"):
        read_weights(adapter)


def test_weights_that_are_not_finite_are_refused(adapter: Path, tiny_base: Path) -> None:
    without_finite(adapter)

    with pytest.raises(
        FinetuneError, match="is not finite in 1 of 28 matrices, such as base_model"
    ) as failure:
        load_adapter(load_base(str(tiny_base))[0], str(adapter))
    assert failure.value.kind == "not_finite"


def test_a_run_does_not_start_from_weights_that_are_not_finite(
    adapter: Path, tiny_base: Path, make_recipe
) -> None:
    without_finite(adapter)
    recipe = make_recipe(start=adapter, rank=8, alpha=16)

    with pytest.raises(FinetuneError, match="is not finite"):
        with_lora(load_base(str(tiny_base))[0], recipe)


@pytest.mark.parametrize("key", ["r", "lora_alpha"])
def test_an_adapter_that_does_not_say_how_it_is_scaled_is_refused(adapter: Path, key: str) -> None:
    config = read_config(adapter)
    del config[key]
    (adapter / CONFIG_FILE).write_text(json.dumps(config))

    with pytest.raises(FinetuneError, match=f"has no number for {key}"):
        read_config(adapter)
