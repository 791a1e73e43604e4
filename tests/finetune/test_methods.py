"""Each method, with real weights: it trains, and what it trained changes what the model says."""

import json
from pathlib import Path

import pytest

from herdwick.finetune.recipe import FinetuneError
from herdwick.finetune.train import train

from .tiny_llama import logits

pytest.importorskip("torch", reason="needs herdwick[finetune]")


@pytest.mark.parametrize("trainer", ["lean", pytest.param("sft", marks=pytest.mark.slow)])
@pytest.mark.parametrize("method", ["lora", "rslora", "dora", "qlora"])
def test_an_adapter_changes_what_the_model_says(
    tmp_path: Path, make_recipe, tiny_base: Path, method: str, trainer: str
) -> None:
    if method == "qlora":
        pytest.importorskip("bitsandbytes", reason="needs bitsandbytes")

    report = train(make_recipe(method=method, trainer=trainer, epochs=3), tmp_path)

    config = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
    assert (config["use_dora"], config["use_rslora"]) == (method == "dora", method == "rslora")
    assert report.final_loss < report.loss
    assert (logits(tiny_base, tmp_path / "adapter") - logits(tiny_base)).abs().max() > 0.1


@pytest.mark.parametrize("trainer", ["lean", pytest.param("sft", marks=pytest.mark.slow)])
def test_full_training_leaves_a_whole_model(
    tmp_path: Path, make_recipe, tiny_base: Path, trainer: str
) -> None:
    report = train(make_recipe(method="full", trainer=trainer, learning_rate=1e-3), tmp_path)

    assert report.steps == 8
    assert not (tmp_path / "adapter").exists()
    assert (logits(tmp_path / "model") - logits(tiny_base)).abs().max() > 0.1


@pytest.mark.parametrize("method", ["lora", "full"])
def test_gradient_checkpointing_changes_no_loss(tmp_path: Path, make_recipe, method: str) -> None:
    recipe = make_recipe(method=method, dropout=0.0, epochs=1, learning_rate=1e-3)

    kept = train(recipe, tmp_path / "kept")
    again = train(recipe.model_copy(update={"gradient_checkpointing": True}), tmp_path / "again")

    assert again.loss == pytest.approx(kept.loss, rel=1e-5)


@pytest.mark.parametrize("trainer", ["lean", pytest.param("sft", marks=pytest.mark.slow)])
def test_two_gpus_change_neither_batch_nor_steps(
    tmp_path: Path, make_recipe, monkeypatch: pytest.MonkeyPatch, trainer: str
) -> None:
    from herdwick.finetune import trainer_arguments

    # Without use_cpu the Trainer counts the GPUs, although it then finds none to compute on.
    plain = trainer_arguments.trainer_arguments
    module = f"herdwick.finetune.{'completion' if trainer == 'lean' else 'sft'}_trainer.trainer_arguments"
    monkeypatch.setattr(module, lambda *given: plain(*given) | {"use_cpu": False})
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)

    assert train(make_recipe(trainer=trainer), tmp_path).steps == 8


def test_an_adapter_of_another_method_is_no_start(tmp_path: Path, make_recipe) -> None:
    train(make_recipe(method="dora", epochs=1), tmp_path / "first")

    with pytest.raises(FinetuneError) as failure:
        train(make_recipe(start=tmp_path / "first" / "adapter"), tmp_path / "second")

    assert failure.value.kind == "other_shape"
