import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from herdwick.finetune.plan import plan_training
from herdwick.finetune.recipe import FinetuneError, load_recipe
from herdwick.finetune.train import train

pytest.importorskip("torch", reason="needs herdwick[finetune]")

RECIPES = Path(__file__).parents[2] / "finetune" / "recipes"


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    # Its environment variable is read once, when it is imported.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def test_the_steps_are_those_that_training_takes(tmp_path: Path, make_recipe) -> None:
    recipe = make_recipe(batch_size=3, accumulation=2, epochs=1)

    assert plan_training(recipe).steps == train(recipe, tmp_path).steps == 3


def test_what_is_trained_depends_on_the_method(make_recipe) -> None:
    lora, full = plan_training(make_recipe()), plan_training(make_recipe(method="full"))

    # Rank times inputs and outputs of the seven linear layers of each of two layers.
    assert lora.trainable == 2 * 4 * (2 * 128 + 2 * 96 + 3 * 160)
    assert full.trainable == full.parameters == lora.parameters
    assert lora.counted


@pytest.mark.parametrize(
    ("name", "parameters", "trainable"),
    [
        ("soayllama-chat-7b", 6_738_415_616, 6_738_415_616),
        ("bgp-llama-2-7b-cosine", 6_738_415_616, 159_907_840),
        ("bgp-llama-3.1-8b-constant", 8_030_261_248, 167_772_160),
    ],
)
def test_a_published_base_is_sized_without_it(
    tmp_path: Path, name: str, parameters: int, trainable: int
) -> None:
    data = tmp_path / "train.jsonl"
    row = {"prompt": "p" * 29, "completion": "c" * 30, "question": "q", "API combination": "a", "code": "c"}
    data.write_text(json.dumps(row) + "\n")
    recipe = load_recipe(RECIPES / f"{name}.yaml").model_copy(update={"train": data, "evaluation": None})

    plan = plan_training(recipe.model_copy(update={"prompt_frame": None, "chat": False}))

    assert (plan.parameters, plan.trainable, plan.counted) == (parameters, trainable, False)
    assert plan.steps == (1_000 if "soay" in name else 10_000)


def test_a_base_that_cannot_be_loaded_beside_a_gpu_is_refused(
    make_recipe,
) -> None:
    plan = plan_training(make_recipe())
    assert plan.fits
    assert plan.loading_bytes == 4 * plan.parameters

    small = dataclasses.replace(plan, host_bytes=plan.loading_bytes - 1)

    assert not small.fits
    with pytest.raises(FinetuneError) as failure:
        small.require_fit()
    assert (failure.value.kind, "Loading" in failure.value.message) == ("too_little_memory", True)


def test_the_number_format_of_the_file_counts(make_recipe, tiny_base: Path, tmp_path: Path) -> None:
    halves = shutil.copytree(tiny_base, tmp_path / "halves")
    config = json.loads((halves / "config.json").read_text())
    (halves / "config.json").write_text(json.dumps(config | {"dtype": "bfloat16"}))

    plan = plan_training(make_recipe(base=str(halves), precision="bfloat16"))

    assert plan.loading_bytes == 2 * plan.parameters


def test_a_run_that_does_not_fit_is_refused_with_what_to_do(make_recipe) -> None:
    plan = dataclasses.replace(plan_training(make_recipe()), available_bytes=1_000)

    with pytest.raises(FinetuneError) as failure:
        plan.require_fit()

    assert failure.value.kind == "too_little_memory"
    assert "--force" in failure.value.hint
    assert not plan.fits


def test_training_refuses_what_does_not_fit_before_the_folder_is_touched(
    tmp_path: Path, make_recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("herdwick.finetune.plan.available_bytes", lambda: 1_000)

    with pytest.raises(FinetuneError) as failure:
        train(make_recipe(), tmp_path / "out")

    assert failure.value.kind == "too_little_memory"
    assert not (tmp_path / "out").exists()
    assert train(make_recipe(epochs=1), tmp_path / "out", force=True).steps == 4


def test_an_adapter_of_another_base_is_no_start(tmp_path: Path, make_recipe, random_adapter: Path) -> None:
    start = shutil.copytree(random_adapter, tmp_path / "adapter")
    config = json.loads((start / "adapter_config.json").read_text())
    (start / "adapter_config.json").write_text(
        json.dumps(config | {"base_model_name_or_path": "meta-llama/Llama-2-7b-hf"})
    )

    with pytest.raises(FinetuneError) as failure:
        plan_training(make_recipe(start=start))

    assert failure.value.kind == "other_base"
    assert "meta-llama/Llama-2-7b-hf" in failure.value.message


def test_a_tracker_that_is_not_there_is_told_at_once(make_recipe) -> None:
    with pytest.raises(FinetuneError) as failure:
        plan_training(make_recipe(report_to=["no-such-tracker"]))

    assert failure.value.kind == "no_tracker"
