import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from herdwick.finetune.recipe import FinetuneError, Recipe
from herdwick.finetune.train import train
from herdwick.finetune.train_report import TrainReport

from .stopping import Stopped, stop_before
from .tiny_llama import logits

torch = pytest.importorskip("torch", reason="needs herdwick[finetune]")


def weights(out: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(out / "adapter" / "adapter_model.safetensors")


def assert_same_weights(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert ours.keys() == theirs.keys()
    assert [name for name, tensor in theirs.items() if not tensor.equal(ours[name])] == []


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, make_recipe) -> tuple[Path, TrainReport]:
    out = tmp_path_factory.mktemp("finished")
    return out, train(make_recipe(), out)


def test_training_lowers_the_loss(tmp_path: Path, make_recipe) -> None:
    seen = []

    train(make_recipe(epochs=4), tmp_path / "out", progress=seen.append)

    assert [progress.step for progress in seen] == list(range(1, 17))
    assert sum(step.loss for step in seen[-4:]) < sum(step.loss for step in seen[:4])


def test_the_adapter_changes_what_the_model_says(finished, tiny_base: Path) -> None:
    out, _ = finished

    assert (logits(tiny_base, out / "adapter") - logits(tiny_base)).abs().max() > 0.1


def test_the_report_says_what_was_done_and_lies_beside_the_adapter(finished, train_file: Path) -> None:
    out, report = finished

    assert (report.examples, report.steps, report.resumed_at_step) == (16, 8, 0)
    assert (
        report.tokens
        == sum(
            len(line)
            for line in ("Q: x\nxxx\n",) * 16  # one letter, and the end of the sequence below
        )
        + sum(range(16))
        + 16
    )
    assert report.recipe.train == Path("train.jsonl")
    assert TrainReport.read(out / "adapter") == report


@pytest.mark.parametrize("step", [2, 4, 6], ids=["in-first-epoch", "between-epochs", "in-second-epoch"])
def test_a_resumed_run_equals_an_undisturbed_one(tmp_path: Path, finished, make_recipe, step: int) -> None:
    with pytest.raises(Stopped):
        train(make_recipe(), tmp_path, progress=stop_before(step + 1))

    report = train(make_recipe(), tmp_path)

    undisturbed, full = finished
    assert report.resumed_at_step == step
    assert (report.steps, report.loss) == (full.steps, full.loss)
    assert_same_weights(weights(tmp_path), weights(undisturbed))


def test_a_finished_run_is_not_trained_again(finished, make_recipe) -> None:
    out, report = finished

    assert train(make_recipe(), out, progress=stop_before(1)) == report


def test_a_checkpoint_cut_short_by_a_kill_is_passed_over(tmp_path: Path, finished, make_recipe) -> None:
    with pytest.raises(Stopped):
        train(make_recipe(), tmp_path, progress=stop_before(4))
    newest = tmp_path / "checkpoint-3"
    (newest / "whole").unlink()
    (newest / "optimizer.pt").write_bytes(b"half a file")

    report = train(make_recipe(), tmp_path)

    assert report.resumed_at_step == 2
    assert report.loss == finished[1].loss


@pytest.mark.slow
def test_a_run_killed_with_sigkill_goes_on(tmp_path: Path, finished, make_recipe) -> None:
    recipe = tmp_path / "recipe.json"
    recipe.write_text(make_recipe().model_dump_json())
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from herdwick.finetune.recipe import Recipe; from herdwick.finetune.train import train\n"
        "def progress(now):\n"
        "    if now.step == 3: os.kill(os.getpid(), signal.SIGKILL)\n"
        "recipe = Recipe.model_validate_json(Path(sys.argv[1]).read_text())\n"
        "train(recipe, Path(sys.argv[2]), progress=progress)\n"
    )
    out = tmp_path / "out"

    killed = subprocess.run(
        [sys.executable, "-c", script, str(recipe), str(out)],
        capture_output=True,
        env=os.environ,
        check=False,
    )
    report = train(make_recipe(), out)

    assert killed.returncode == -signal.SIGKILL
    assert report.resumed_at_step == 2
    assert report.loss == finished[1].loss


def test_the_loss_on_unseen_examples_is_reported(tmp_path: Path, make_recipe, train_file: Path) -> None:
    report = train(make_recipe(epochs=1, evaluation=train_file), tmp_path)

    assert report.evaluation_loss is not None
    assert 0 < report.evaluation_loss < report.loss


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"train": Path("nowhere.jsonl")}, "no_data"),
        ({"base": "no/such-base"}, "no_base"),
        ({"start": Path("nowhere")}, "no_adapter"),
        ({"targets": ["no_such_layer"]}, "bad_targets"),
        ({"max_tokens": 16}, "too_long"),
        ({"rank": 5}, "other_run"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_mistake_is_found_before_anything_is_lost(
    finished, make_recipe, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], kind: str
) -> None:
    # Its environment variable is read once, when it is imported.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    out, _ = finished
    before = weights(out)

    with pytest.raises(FinetuneError) as failure:
        train(make_recipe(**changes), out, resume=kind == "other_run")

    assert failure.value.kind == kind
    assert_same_weights(weights(out), before)


def test_a_run_can_go_on_from_an_earlier_ones_adapter(tmp_path: Path, finished, make_recipe) -> None:
    first, _ = finished

    # At this rate it stays where it starts.
    report = train(make_recipe(start=first / "adapter", learning_rate=1e-9, epochs=1, seed=8), tmp_path)

    assert report.started_from == TrainReport.read(first / "adapter")
    assert [run.recipe.seed for run in report.runs()] == [7, 8]
    assert report.loss < report.started_from.loss
    ours, theirs = weights(tmp_path), weights(first)
    assert ours.keys() == theirs.keys()
    assert all(torch.allclose(ours[name], theirs[name], atol=1e-6) for name in ours)


def test_an_adapter_of_another_scale_is_no_start(tmp_path: Path, finished, make_recipe) -> None:
    first, _ = finished

    with pytest.raises(FinetuneError) as failure:
        train(make_recipe(start=first / "adapter", rank=3), tmp_path)

    assert failure.value.kind == "other_shape"


def test_the_recipe_is_used(tmp_path: Path, make_recipe) -> None:
    recipe: Recipe = make_recipe(rank=2, targets=["q_proj"], epochs=1)

    train(recipe, tmp_path)

    shapes = {name.split(".")[-3]: tuple(tensor.shape) for name, tensor in weights(tmp_path).items()}
    assert shapes == {"q_proj": (64, 2)}
