import json
from pathlib import Path

import pytest

from herdwick.finetune.recipe import FinetuneError, Recipe
from herdwick.finetune.train import train

pytest.importorskip("torch", reason="needs herdwick[finetune]")


@pytest.fixture(scope="module")
def contrary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unseen examples on which whoever learns the training file becomes worse."""
    file = tmp_path_factory.mktemp("contrary") / "evaluation.jsonl"
    file.write_text(json.dumps({"prompt": "Q: a\n", "completion": "!!!!!!"}) + "\n")
    return file


@pytest.fixture
def recipe(make_recipe, contrary: Path) -> Recipe:
    return make_recipe(
        epochs=20, dropout=0.0, evaluation=contrary, evaluation_steps=2, save_steps=2, patience=2
    )


def test_a_run_stops_when_unseen_examples_become_worse_and_keeps_the_best_weights(
    tmp_path: Path, recipe: Recipe
) -> None:
    report = train(recipe, tmp_path)

    state = json.loads((max(tmp_path.glob("checkpoint-*"), key=_step) / "trainer_state.json").read_text())
    losses = [entry["eval_loss"] for entry in state["log_history"] if "eval_loss" in entry]
    assert report.stopped_early
    assert report.steps == 2 * len(losses) < 80
    assert losses.index(min(losses)) == len(losses) - 3
    assert report.evaluation_loss == pytest.approx(min(losses), rel=1e-4)


def test_a_run_stops_at_the_same_step_after_a_kill(tmp_path: Path, recipe: Recipe) -> None:
    undisturbed = train(recipe, tmp_path / "undisturbed")

    def progress(now) -> None:
        if now.step == undisturbed.steps - 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(recipe, tmp_path / "killed", progress=progress)
    report = train(recipe, tmp_path / "killed")

    assert report.resumed_at_step == undisturbed.steps - 2
    assert report.steps == undisturbed.steps
    assert report.evaluation_loss == pytest.approx(undisturbed.evaluation_loss, rel=1e-5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"patience": 2}, "patience needs evaluation_steps"),
        ({"evaluation_steps": 5}, "evaluation_steps needs an evaluation file"),
        ({"packing": True}, "packing needs trainer: sft"),
        ({"method": "full", "start": "adapter"}, "start names an adapter"),
        (
            {"patience": 2, "evaluation_steps": 30, "evaluation": "e.jsonl"},
            "save_steps must be a multiple of evaluation_steps",
        ),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Recipe.model_validate({"name": "x", "base": "b", "train": "t.jsonl", **changes})


def test_a_missing_evaluation_file_is_found_before_training(tmp_path: Path, make_recipe) -> None:
    with pytest.raises(FinetuneError) as failure:
        train(make_recipe(evaluation=tmp_path / "none.jsonl"), tmp_path / "out")

    assert failure.value.kind == "no_data"
    assert not (tmp_path / "out").exists()


def _step(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])
