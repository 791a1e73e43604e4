import json
import shutil
from pathlib import Path

import pytest

from herdwick.finetune.narrow import narrow
from herdwick.finetune.recipe import FinetuneError
from herdwick.finetune.train import train
from herdwick.finetune.train_report import TrainReport

from .tiny_llama import logits

torch = pytest.importorskip("torch", reason="needs herdwick[finetune]")

WEIGHTS = "adapter_model.safetensors"


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory, make_recipe) -> Path:
    """An adapter of rank 8, half of which changes nothing: it was widened and hardly trained."""
    folder = tmp_path_factory.mktemp("wide")
    train(make_recipe(rank=4, alpha=8, epochs=1), folder / "first")
    start = folder / "first" / "adapter"
    train(make_recipe(start=start, rank=8, alpha=16, learning_rate=1e-12, epochs=1), folder / "second")
    return folder / "second" / "adapter"


def products(folder: Path):
    from safetensors.torch import load_file

    weights = load_file(folder / WEIGHTS)
    return {
        name: weights[name.replace("lora_A", "lora_B")].double() @ weights[name].double()
        for name in weights
        if name.endswith("lora_A.weight")
    }


def test_rank_that_changes_nothing_is_cut_without_loss(wide: Path, tiny_base: Path, tmp_path: Path) -> None:
    report = narrow(wide, tmp_path / "narrow", rank=4)

    assert torch.allclose(logits(tiny_base, wide), logits(tiny_base, tmp_path / "narrow"), atol=1e-4)
    assert (report.rank, report.alpha, report.recipe.rank) == (4, 8, 8)
    assert TrainReport.read(tmp_path / "narrow") == report
    config = json.loads((tmp_path / "narrow" / "adapter_config.json").read_text())
    assert (config["r"], config["lora_alpha"]) == (4, 8)


def test_what_is_kept_is_the_nearest_of_that_rank(wide: Path, tmp_path: Path) -> None:
    narrow(wide, tmp_path / "narrow", rank=2)

    narrowed = products(tmp_path / "narrow")
    for name, whole in products(wide).items():
        lost = torch.linalg.svdvals(whole)[2:].square().sum().sqrt()
        assert torch.linalg.matrix_rank(narrowed[name], atol=1e-6) <= 2
        assert torch.linalg.norm(whole - narrowed[name]) == pytest.approx(float(lost), rel=1e-3, abs=1e-6)


def test_a_run_goes_on_from_it(wide: Path, tmp_path: Path, make_recipe) -> None:
    narrow(wide, tmp_path / "narrow", rank=2)

    report = train(make_recipe(start=tmp_path / "narrow", rank=2, alpha=4, epochs=1), tmp_path / "next")

    assert report.started_from == TrainReport.read(tmp_path / "narrow")


@pytest.mark.parametrize("rank", [8, 9])
def test_no_lower_rank_is_refused(wide: Path, tmp_path: Path, rank: int) -> None:
    with pytest.raises(FinetuneError, match="of rank 8, which cannot be narrowed") as failure:
        narrow(wide, tmp_path / "narrow", rank=rank)
    assert failure.value.kind == "other_shape"
    assert not (tmp_path / "narrow").exists()


def test_a_dora_is_refused(tmp_path: Path, make_recipe) -> None:
    train(make_recipe(method="dora", epochs=1), tmp_path / "run")
    with pytest.raises(FinetuneError, match="is a DoRA"):
        narrow(tmp_path / "run" / "adapter", tmp_path / "narrow", rank=2)


@pytest.mark.parametrize("has_more", [True, False])
def test_more_or_less_than_pairs_of_matrices_is_refused(wide: Path, tmp_path: Path, has_more: bool) -> None:
    from safetensors.torch import load_file, save_file

    adapter = shutil.copytree(wide, tmp_path / "odd")
    weights = load_file(adapter / WEIGHTS)
    if has_more:
        weights["base_model.model.lm_head.weight"] = torch.zeros(2, 2)
    else:
        del weights[next(name for name in weights if name.endswith("lora_B.weight"))]
    save_file(weights, adapter / WEIGHTS)

    with pytest.raises(
        FinetuneError, match="has more than pairs of matrices, or less: base_model"
    ) as failure:
        narrow(adapter, tmp_path / "narrow", rank=2)
    assert failure.value.kind == "other_shape"
