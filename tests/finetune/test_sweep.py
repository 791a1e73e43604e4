import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from herdwick.finetune.cli import finetune_group
from herdwick.finetune.recipe import FinetuneError, Recipe
from herdwick.finetune.sweep import list_trials, plan_sweep, read_axes, run_sweep

pytest.importorskip("torch", reason="needs herdwick[finetune]")


def test_every_combination_is_a_recipe_of_its_own(make_recipe) -> None:
    axes = read_axes(["learning_rate=1e-4,5e-4", "scheduler=cosine,constant"])

    trials = list_trials(make_recipe(), axes, folder=Path())

    assert [(trial.recipe.learning_rate, trial.recipe.scheduler) for trial in trials] == [
        (1e-4, "cosine"),
        (1e-4, "constant"),
        (5e-4, "cosine"),
        (5e-4, "constant"),
    ]
    assert trials[1].name == "learning_rate=0.0001,scheduler=constant"


def test_the_keys_of_transformers_are_understood() -> None:
    assert read_axes(["lr_scheduler_type=cosine,constant"]) == {"scheduler": ["cosine", "constant"]}


@pytest.mark.parametrize("text", ["rank", "rank=", "=8", "rank=8,,16", "rank=8,16,8"])
def test_what_is_no_key_with_values_is_refused(text: str) -> None:
    with pytest.raises(FinetuneError) as failure:
        read_axes([text])

    assert failure.value.kind == "bad_sweep"


@pytest.mark.parametrize("text", ["no_such_key=1", "rank=0", "scheduler=square"])
def test_a_wrong_value_is_found_before_the_first_run(make_recipe, text: str) -> None:
    with pytest.raises(FinetuneError) as failure:
        list_trials(make_recipe(), read_axes([text]), folder=Path())

    assert failure.value.kind == "bad_sweep"
    assert text in failure.value.message


def test_a_sweep_goes_on_where_it_was_and_ranks_what_it_found(tmp_path: Path, make_recipe) -> None:
    trials = list_trials(make_recipe(epochs=1), read_axes(["learning_rate=1e-9,1e-2"]), folder=Path())
    trained: list[str] = []

    run_sweep(trials[:1], tmp_path)
    rows = run_sweep(trials, tmp_path, progress=lambda trial, step: trained.append(trial.name))

    assert set(trained) == {"learning_rate=0.01"}
    assert [row.values for row in rows] == [{"learning_rate": 1e-2}, {"learning_rate": 1e-9}]
    assert rows[0].loss < rows[1].loss
    assert [row["name"] for row in json.loads((tmp_path / "sweep.json").read_text())] == [
        "learning_rate=0.01",
        "learning_rate=1e-09",
    ]


def test_the_command_prints_a_table_of_all_combinations(tmp_path: Path, make_recipe) -> None:
    file = tmp_path / "tiny.yaml"
    file.write_text(yaml.safe_dump(json.loads(make_recipe(epochs=1).model_dump_json())))
    words = ["train", str(file), "--out", str(tmp_path / "out"), "--sweep", "rank=2,4", "alpha=4"]

    table = CliRunner().invoke(finetune_group, words)
    rows = json.loads(CliRunner().invoke(finetune_group, [*words, "--json"]).stdout)["rows"]
    planned = CliRunner().invoke(finetune_group, [*words, "--dry-run", "--json"]).stdout

    assert table.exit_code == 0, table.output
    assert "tokens/s" in table.stdout
    assert {(row["values"]["rank"], row["values"]["alpha"]) for row in rows} == {(2, 4), (4, 4)}
    trials = json.loads(planned)["trials"]
    assert [trial["name"] for trial in trials] == ["rank=2,alpha=4", "rank=4,alpha=4"]
    assert trials[0]["trainable"] < trials[1]["trainable"]


def test_ranks_keep_their_scale_unless_alpha_is_given(make_recipe) -> None:
    base = make_recipe().model_dump(exclude={"alpha", "rank"})
    ranks = read_axes(["rank=8,64"])

    free = list_trials(Recipe.model_validate(base), ranks, folder=Path())
    fixed = list_trials(Recipe.model_validate(base | {"alpha": 5}), ranks, folder=Path())

    assert [trial.recipe.alpha for trial in free] == [16, 128]
    assert [trial.recipe.alpha for trial in fixed] == [5, 5]


def test_a_list_in_brackets_is_one_value() -> None:
    axes = read_axes(["targets=[q_proj,v_proj],all-linear,[o_proj]", "rank=8"])

    assert axes == {"targets": [["q_proj", "v_proj"], "all-linear", ["o_proj"]], "rank": [8]}


def test_paths_are_relative_to_the_recipe_like_its_own(make_recipe, tmp_path: Path) -> None:
    axes = read_axes([f"train=data/a.jsonl,{tmp_path}/b.jsonl"])

    trials = list_trials(make_recipe(), axes, folder=tmp_path / "recipes")

    assert [trial.recipe.train for trial in trials] == [
        tmp_path / "recipes" / "data" / "a.jsonl",
        tmp_path / "b.jsonl",
    ]


@pytest.mark.parametrize(
    "text", ["max_tokens=64,16", "targets=all-linear,no_such_layer", "base=no/such/folder"]
)
def test_the_last_trial_is_checked_before_the_first_is_trained(
    make_recipe, tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    trials = list_trials(make_recipe(), read_axes([text]), folder=tmp_path)

    with pytest.raises(FinetuneError) as failure:
        plan_sweep(trials)

    assert failure.value.message.startswith(f"{trials[-1].name}: ")


def test_memory_is_checked_for_every_trial(make_recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    trials = list_trials(make_recipe(), read_axes(["rank=2,4"]), folder=Path())
    monkeypatch.setattr("herdwick.finetune.plan.available_bytes", lambda: 1)

    with pytest.raises(FinetuneError) as failure:
        plan_sweep(trials)

    assert failure.value.kind == "too_little_memory"
    assert len(plan_sweep(trials, force=True)) == 2


def test_a_trial_that_fails_is_told_and_the_others_go_on(
    make_recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from herdwick.finetune import sweep

    def out_of_memory_at_rank_2(recipe, *given, **options):
        if recipe.rank == 2:
            raise RuntimeError("CUDA out of memory.")
        return train(recipe, *given, **options)

    train = sweep.train
    monkeypatch.setattr(sweep, "train", out_of_memory_at_rank_2)
    file = tmp_path / "tiny.yaml"
    file.write_text(yaml.safe_dump(json.loads(make_recipe(epochs=1).model_dump_json())))
    words = ["train", str(file), "--out", str(tmp_path / "out"), "--sweep", "rank=2,4"]

    result = CliRunner().invoke(finetune_group, words)

    assert result.exit_code == 1
    assert "rank=2 failed: CUDA out of memory." in result.stderr
    rows = json.loads((tmp_path / "out" / "sweep.json").read_text())
    assert [(row["name"], row["failure"]) for row in rows] == [
        ("rank=4", ""),
        ("rank=2", "CUDA out of memory."),
    ]
    assert rows[0]["steps"] == 4
