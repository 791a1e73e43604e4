from pathlib import Path

import pytest

from herdwick.finetune.interpolate import interpolate
from herdwick.finetune.narrow import narrow
from herdwick.finetune.recipe import FinetuneError
from herdwick.finetune.train import train
from herdwick.finetune.train_report import TrainReport

from .tiny_llama import logits

torch = pytest.importorskip("torch", reason="needs herdwick[finetune]")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, make_recipe) -> tuple[Path, Path]:
    """The adapters of a run and of one that went on from it."""
    folder = tmp_path_factory.mktemp("runs")
    first, second = folder / "first", folder / "second"
    train(make_recipe(epochs=1), first)
    train(make_recipe(start=first / "adapter", epochs=1, seed=8), second)
    return first / "adapter", second / "adapter"


def test_every_weight_lies_between_those_of_both(runs: tuple[Path, Path], tmp_path: Path) -> None:
    from safetensors.torch import load_file

    start, adapter = runs
    interpolate(adapter, start, tmp_path / "between", start_share=0.25)

    began, ended, between = (
        load_file(folder / "adapter_model.safetensors") for folder in (start, adapter, tmp_path / "between")
    )
    assert between.keys() == ended.keys()
    assert any((began[name] != ended[name]).any() for name in ended)
    for name, weight in between.items():
        assert torch.allclose(weight, 0.25 * began[name] + 0.75 * ended[name], atol=1e-7)


def test_the_folder_is_an_adapter_whose_report_tells_the_share(
    runs: tuple[Path, Path], tiny_base: Path, tmp_path: Path
) -> None:
    start, adapter = runs
    report = interpolate(adapter, start, tmp_path / "between", start_share=0.5)

    assert TrainReport.read(tmp_path / "between") == report
    assert report == TrainReport.read(adapter).model_copy(update={"start_share": 0.5})
    assert (logits(tiny_base, tmp_path / "between") - logits(tiny_base, adapter)).abs().max() > 0


def test_an_adapter_whose_factors_were_turned_by_narrowing_is_refused(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    start, adapter = runs
    narrow(adapter, tmp_path / "narrow", rank=1)

    with pytest.raises(FinetuneError, match="was narrowed to rank 1") as failure:
        interpolate(tmp_path / "narrow", start, tmp_path / "between", start_share=0.5)
    assert failure.value.kind == "other_shape"


def test_an_adapter_that_the_run_did_not_go_on_from_is_refused(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    start, adapter = runs
    with pytest.raises(FinetuneError) as failure:
        interpolate(start, adapter, tmp_path / "between", start_share=0.5)
    assert failure.value.kind == "other_start"
    assert not (tmp_path / "between").exists()
