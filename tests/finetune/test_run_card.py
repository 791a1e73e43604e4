import json
from pathlib import Path

import pytest

from herdwick.finetune.hub import upload
from herdwick.finetune.merge import merge
from herdwick.finetune.publishing import Publication, prepare
from herdwick.finetune.recipe import FinetuneError
from herdwick.finetune.run_card import NO_DATA
from herdwick.finetune.train import train
from herdwick.finetune.train_report import TrainReport
from herdwick.tools.file_hash import sha256_of

from .hub_server import TOKEN, Hub

pytest.importorskip("torch", reason="needs herdwick[finetune]")

TEACHER = {
    "fingerprint": "f" * 64,
    "kind": "pybgpstream",
    "model": "gpt-4",
    "kept": 12_000,
    "seeds": 81,
    "config_fingerprint": "c" * 64,
    "cost": 3.5,
}


@pytest.fixture(scope="module")
def base_name(tiny_base: Path) -> str:
    """The base by a name that is no place on this machine, for whoever stands beside it."""
    return tiny_base.name


@pytest.fixture(scope="module")
def runs(make_recipe, base_name: str, tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of a run of each kind, `lora` and `full`, and of the model merged from the first."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as here:
        here.chdir(tiny_base.parent)
        for method in ("lora", "full"):
            recipe = make_recipe(base=base_name, method=method, epochs=1)
            train(recipe.model_copy(update={"name": method}), folder / method)
        merge(folder / "lora", folder / "merged")
    return folder


def published(source: Path, *data: Path) -> Publication:
    return prepare(source, "me/tiny", data=data, licence="mit")


def report(folder: Path, content: object) -> Path:
    file = folder / "items.report.json"
    file.write_text(json.dumps(content))
    return file


@pytest.mark.parametrize(
    ("kind", "result", "weights", "line"),
    [
        ("lora", "adapter", "adapter_model.safetensors", "A LoRA trained with Herdwick."),
        (
            "full",
            "model",
            "model.safetensors",
            "A model trained with Herdwick, all of its weights.",
        ),
        (
            "merged",
            "",
            "model.safetensors",
            "A LoRA trained with Herdwick, merged into its base.",
        ),
    ],
)
def test_what_a_run_left_is_published_whole(
    runs: Path, base_name: str, kind: str, result: str, weights: str, line: str
) -> None:
    publication = published(runs / kind)

    with Hub() as hub:
        upload(publication, token=TOKEN, endpoint=hub.address)
    files = hub.repos["me/tiny"].files
    folder = runs / kind / result
    assert files[weights] == (folder / weights).read_bytes()
    assert files["train_report.json"] == (folder / "train_report.json").read_bytes()
    card = files["README.md"].decode()
    assert {"license: mit", f"base_model: {base_name}", line, NO_DATA} <= set(card.splitlines())
    assert "$" not in card
    assert "checkpoint" not in " ".join(files)


def test_the_folder_of_a_run_is_that_of_its_result(runs: Path) -> None:
    assert published(runs / "lora") == published(runs / "lora" / "adapter")


def test_the_card_that_peft_wrote_stays_here(runs: Path) -> None:
    assert (runs / "lora" / "adapter" / "README.md").is_file()

    assert published(runs / "lora").left_out == ("README.md",)


def test_a_report_on_the_training_file_is_told_as_such(runs: Path, tmp_path: Path) -> None:
    fingerprint = TrainReport.read(runs / "lora" / "adapter").data_fingerprint
    synthesis = {"fingerprint": fingerprint, "seeds_fingerprint": "s1", "commit": "c1", "command": "make"}

    card = published(runs / "lora", report(tmp_path, synthesis)).card

    assert "The training file of lora: synthetic questions" in card
    assert "seeds `s1`; source commit `c1`." in card
    assert NO_DATA not in card


@pytest.mark.parametrize("kind", ["lora", "full", "merged"])
def test_a_teachers_report_is_told_and_that_its_file_was_converted(
    runs: Path, tmp_path: Path, kind: str
) -> None:
    card = published(runs / kind, report(tmp_path, TEACHER)).card

    assert f"A file with SHA-256 `{'f' * 64}`, from which, its publisher says, the data is" in card
    assert "12,000 tasks (pybgpstream) written by the model `gpt-4`" in card
    assert NO_DATA not in card


def test_what_is_no_report_is_refused(runs: Path, tmp_path: Path) -> None:
    with pytest.raises(FinetuneError) as failure:
        published(runs / "lora", report(tmp_path, {"kept": 3}))

    assert failure.value.kind == "no_data_report"


def test_a_place_in_a_data_report_is_not_published(runs: Path, tmp_path: Path) -> None:
    with pytest.raises(FinetuneError) as failure:
        published(runs / "lora", report(tmp_path, TEACHER | {"model": str(tmp_path)}))

    assert (failure.value.kind, "README.md" in failure.value.message) == ("local_path", True)


@pytest.mark.parametrize("result", ["lora/adapter", "full/model"])
def test_figures_of_other_weights_are_not_published(runs: Path, result: str) -> None:
    metrics = runs / result / "metrics.json"
    metrics.write_text(json.dumps({"run": {"adapter": "0" * 64}, "questions": 456}))

    try:
        with pytest.raises(FinetuneError) as failure:
            published(runs / result)
    finally:
        metrics.unlink()

    assert failure.value.kind == "other_adapter"


def test_figures_of_these_weights_are_in_the_card(runs: Path) -> None:
    adapter = runs / "lora" / "adapter"
    metrics = adapter / "metrics.json"
    fingerprint = sha256_of(adapter / "adapter_model.safetensors")
    metrics.write_text(json.dumps({"run": {"adapter": fingerprint}, "questions": 456}))

    try:
        assert "| questions | 456 |" in published(adapter).card.splitlines()
    finally:
        metrics.unlink()


def test_an_adapter_trained_on_a_place_on_this_machine_is_not_published(make_recipe, tmp_path: Path) -> None:
    train(make_recipe(epochs=1), tmp_path)

    with pytest.raises(FinetuneError) as failure:
        published(tmp_path)

    assert failure.value.kind == "local_path"


def test_without_a_known_licence_a_run_is_not_published(runs: Path) -> None:
    with pytest.raises(FinetuneError) as failure:
        prepare(runs / "full", "me/tiny")

    assert failure.value.kind == "no_licence"


def test_a_run_that_did_not_end_is_not_published(tmp_path: Path) -> None:
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "adapter_model.safetensors").touch()

    with pytest.raises(FinetuneError) as failure:
        published(tmp_path)

    assert failure.value.kind == "not_publishable"
