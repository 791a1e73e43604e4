from pathlib import Path

import pytest

from herdwick.evals.circle.settings import CircleSettings
from herdwick.evals.circle.steps import Circle
from herdwick.evals.provenance import prompts
from herdwick.evals.suite import Suite, load_suite
from herdwick.tools.errors import DataError


@pytest.fixture
def suite() -> Suite:
    return load_suite("aminer_dev")


def circle(settings: CircleSettings, out: Path, *, vllm: str = "") -> Circle:
    for name in ("questions.jsonl", "adapter/adapter.gguf"):
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_text("x")
    return Circle(settings, out, Path("recipe.yaml"), vllm, tell=print)


@pytest.mark.parametrize(("vllm", "was_asked"), [("vllm", False), ("", True)])
def test_vllm_takes_part_where_it_is_or_was_there(
    settings: CircleSettings, suite: Suite, tmp_path: Path, vllm: str, was_asked: bool
) -> None:
    run = circle(settings, tmp_path, vllm=vllm)
    if was_asked:
        (tmp_path / "steps").mkdir()
        (tmp_path / "steps" / "vllm.json").write_text("{}")

    assert [*run._engines(suite)] == ["llamacpp", "quantized", "vllm"]


def test_without_vllm_two_engines_are_asked(settings: CircleSettings, suite: Suite, tmp_path: Path) -> None:
    assert [*circle(settings, tmp_path)._engines(suite)] == ["llamacpp", "quantized"]


def test_what_decides_an_answer_is_among_the_settings_of_its_run(
    settings: CircleSettings, suite: Suite, tmp_path: Path
) -> None:
    runs = circle(settings, tmp_path, vllm="vllm")._engines(suite)

    assert {name: run.settings.attention for name, run in runs.items()} == {
        "llamacpp": "exact",
        "quantized": "fast",
        "vllm": "",
    }
    assert {run.settings.prompts for run in runs.values()} == {prompts()}
    assert runs["llamacpp"].attention == "exact"
    assert runs["quantized"].attention == "fast"


@pytest.mark.parametrize("text", ["- rank", "{unclosed", "rank: 2024-99-99"])
def test_what_is_no_recipe_is_told_before_anything_is_made(
    settings: CircleSettings, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "recipe.yaml"
    file.write_text(text)

    with pytest.raises(DataError, match=r"recipe\.yaml is no recipe") as failure:
        Circle(settings, tmp_path / "out", file, "", tell=print).run()
    assert failure.value.kind == "bad_recipe"
    assert not (tmp_path / "out").exists()


def test_a_damaged_step_is_told(settings: CircleSettings, tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text("name: x")
    (tmp_path / "questions.jsonl").touch()
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "questions.json").write_text("{")

    with pytest.raises(DataError, match=r"questions\.json cannot be read") as failure:
        Circle(settings, tmp_path, tmp_path / "recipe.yaml", "", tell=print).run()
    assert failure.value.hint == "Remove it, and the step is done again."
