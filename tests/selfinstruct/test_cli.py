import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from herdwick.selfinstruct.cli import selfinstruct_group
from herdwick.selfinstruct.examples import read_examples
from herdwick.selfinstruct.record import SynthesisRecord, record_file
from herdwick.tools.errors import DataError

SMALL = ["--count", "60", "--graph-people", "60", "--graph-papers", "120"]


def synthesize(out: Path, *options: str):
    return CliRunner().invoke(
        selfinstruct_group, ["synthesize", "aminer", *SMALL, "--out", str(out), *options]
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training file whose programs were run."""
    out = tmp_path_factory.mktemp("made") / "train.jsonl"
    assert synthesize(out).exit_code == 0
    return out


def test_the_examples_asked_for_are_made(made: Path) -> None:
    assert len(read_examples(made)) == 60


def test_the_record_says_how_to_make_the_file_again(made: Path) -> None:
    record = SynthesisRecord.read(record_file(made))

    assert record.executed
    assert record.command == (
        "herdwick selfinstruct synthesize aminer --count 60 --seed 7 --graph-people 60 --graph-papers 120 "
        "--out train.jsonl"
    )


def test_the_same_command_makes_the_same_file(made: Path, tmp_path: Path) -> None:
    assert synthesize(tmp_path / "again.jsonl").exit_code == 0
    assert (tmp_path / "again.jsonl").read_bytes() == made.read_bytes()


def test_with_json_the_record_is_the_output(tmp_path: Path) -> None:
    result = synthesize(tmp_path / "train.jsonl", "--no-run", "--json")

    record = SynthesisRecord.model_validate_json(result.stdout)
    assert record == SynthesisRecord.read(tmp_path / "train.report.json")
    assert not record.executed


def test_questions_of_an_evaluation_are_kept_out(made: Path, tmp_path: Path) -> None:
    forbidden = [example.question for example in read_examples(made)[:2]]
    against = []
    for name, question in zip(("dev.jsonl", "test.jsonl"), forbidden, strict=True):
        (tmp_path / name).write_text(json.dumps({"question": question}) + "\n", encoding="utf-8")
        against += ["--against", str(tmp_path / name)]

    result = synthesize(tmp_path / "train.jsonl", "--no-run", *against, "--json")

    record = SynthesisRecord.model_validate_json(result.stdout)
    assert record.dropped["near_evaluation"] >= 2
    assert "--against dev.jsonl --against test.jsonl --out" in record.command
    assert not {*forbidden} & {example.question for example in read_examples(tmp_path / "train.jsonl")}


@pytest.mark.parametrize("option", ["--noise", "--emphasis", "--against"])
def test_no_input_is_replaced_by_the_examples(tmp_path: Path, option: str) -> None:
    file = tmp_path / "input.yaml"
    file.write_text("kept")

    result = synthesize(file, option, str(tmp_path / "." / "input.yaml"))

    assert isinstance(result.exception, DataError)
    assert result.exception.kind == "same_file"
    assert file.read_text() == "kept"


def test_an_unknown_domain_is_wrong_usage(tmp_path: Path) -> None:
    result = CliRunner().invoke(selfinstruct_group, ["synthesize", "cooking", "--out", str(tmp_path / "x")])

    assert result.exit_code == 2


def test_inspect_counts_and_shows(made: Path) -> None:
    result = CliRunner().invoke(selfinstruct_group, ["inspect", str(made), "--show", "1"])
    first = read_examples(made)[0]

    assert result.stdout.startswith("60 examples, 60 distinct questions\n")
    assert result.stdout.endswith(f"[{first.intent}, {first.language}] {first.question}\n{first.completion}")


def test_inspect_as_json_has_lengths_and_drops(made: Path) -> None:
    summary = json.loads(CliRunner().invoke(selfinstruct_group, ["inspect", str(made), "--json"]).stdout)
    questions = [example.question for example in read_examples(made)]

    assert summary["question_chars"]["longest"] == max(map(len, questions))
    assert sum(summary["intents"].values()) == sum(summary["languages"].values()) == 60
    assert summary["dropped"] == SynthesisRecord.read(record_file(made)).dropped


def test_inspecting_a_missing_file_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(selfinstruct_group, ["inspect", str(tmp_path / "none.jsonl")])

    assert isinstance(result.exception, DataError)
    assert result.exception.kind == "no_data"
