from pathlib import Path

import pytest

from herdwick.finetune.interpolate import interpolate
from herdwick.finetune.recipe import FinetuneError
from herdwick.finetune.train import train
from herdwick.finetune.widen import scale, widen

from .tiny_llama import logits

torch = pytest.importorskip("torch", reason="needs herdwick[finetune]")

WEIGHTS = "adapter_model.safetensors"


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory, make_recipe) -> Path:
    folder = tmp_path_factory.mktemp("narrow")
    train(make_recipe(rank=4, alpha=8, epochs=1), folder)
    return folder / "adapter"


@pytest.mark.parametrize("method", ["lora", "rslora", "dora"])
def test_a_wider_adapter_begins_where_its_start_ended(
    tmp_path: Path, make_recipe, tiny_base: Path, method: str
) -> None:
    start = tmp_path / "first" / "adapter"
    train(make_recipe(method=method, rank=4, alpha=8, epochs=1), tmp_path / "first")

    alpha = 16 if method == "rslora" else 32
    # At this rate it stays where it starts.
    wide = make_recipe(method=method, start=start, rank=16, alpha=alpha, learning_rate=1e-12, epochs=1)
    train(wide, tmp_path / "second")

    began, ended = logits(tiny_base, start), logits(tiny_base, tmp_path / "second" / "adapter")
    assert (logits(tiny_base) - began).abs().max() > 0.1
    assert torch.allclose(began, ended, atol=1e-4)


def test_the_added_rank_is_trained(narrow: Path, tmp_path: Path, make_recipe) -> None:
    from safetensors.torch import load_file

    train(make_recipe(start=narrow, rank=8, alpha=16, epochs=1), tmp_path)

    columns = [
        weight[:, 4:]
        for name, weight in load_file(tmp_path / "adapter" / WEIGHTS).items()
        if name.endswith("lora_B.weight")
    ]
    assert columns
    assert all(column.abs().max() > 0 for column in columns)


@pytest.mark.parametrize(("rank", "alpha"), [(2, 4), (8, 8), (4, 16)])
def test_less_rank_or_another_scale_is_no_start(
    narrow: Path, tmp_path: Path, make_recipe, rank: int, alpha: int
) -> None:
    with pytest.raises(FinetuneError, match="has rank 4 and alpha 8") as failure:
        train(make_recipe(start=narrow, rank=rank, alpha=alpha), tmp_path)
    assert failure.value.kind == "other_shape"


def test_between_a_wider_run_and_its_start_what_was_added_counts_by_its_share(
    narrow: Path, tmp_path: Path, make_recipe
) -> None:
    from safetensors.torch import load_file

    train(make_recipe(start=narrow, rank=8, alpha=16, epochs=1), tmp_path)
    interpolate(tmp_path / "adapter", narrow, tmp_path / "between", start_share=0.25)

    ended, between = (load_file(folder / WEIGHTS) for folder in (tmp_path / "adapter", tmp_path / "between"))
    for name, of_b in ended.items():
        if not name.endswith("lora_B.weight"):
            continue
        of_a = name.replace("lora_B", "lora_A")
        whole = of_b[:, 4:] @ ended[of_a][4:]
        part = between[name][:, 4:] @ between[of_a][4:]
        assert torch.allclose(part, 0.75 * whole, atol=1e-6)


def test_a_layer_that_the_wider_adapter_lacks_is_refused() -> None:
    with pytest.raises(KeyError, match="q_proj"):
        widen({"q_proj.lora_A.weight": torch.ones(1, 2)}, like={})


def test_the_scale_is_the_methods() -> None:
    assert scale(32, 16, rslora=False) == 2
    assert scale(8, 16, rslora=True) == 2
