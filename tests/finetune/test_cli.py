import hashlib
import json
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from herdwick.finetune.cli import finetune_group
from herdwick.finetune.recipe import FinetuneError
from herdwick.finetune.train_report import TrainReport

pytest.importorskip("torch", reason="needs herdwick[finetune]")


def finetune(*words: str | Path) -> Result:
    return CliRunner().invoke(finetune_group, [str(word) for word in words])


@pytest.fixture(scope="module")
def recipe_file(make_recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("recipe") / "tiny.yaml"
    file.write_text(yaml.safe_dump(json.loads(make_recipe(epochs=1).model_dump_json())))
    return file


@pytest.fixture(scope="module")
def adapter(recipe_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    result = finetune("train", recipe_file, "--out", out)
    assert result.exit_code == 0, result.output
    return out / "adapter"


def test_progress_goes_to_stderr_and_the_result_to_stdout(recipe_file: Path, tmp_path: Path) -> None:
    result = finetune("train", recipe_file, "--out", tmp_path)

    assert re.fullmatch(rf"4 steps, loss \d\.\d{{4}} at the end: {tmp_path / 'adapter'}\n", result.stdout)
    assert re.search(r"^step 4/4  loss \d\.\d{4}  \d+ tokens/s  0 min left$", result.stderr, re.MULTILINE)


def test_a_dry_run_counts_and_trains_nothing(recipe_file: Path, tmp_path: Path) -> None:
    result = finetune("train", recipe_file, "--out", tmp_path / "out", "--dry-run")

    tokens = sum(5 + 3 + 1 + number + 1 for number in range(16))
    assert result.stdout.startswith(
        f"16 examples (0 for evaluation), {tokens} tokens, 80 with loss, longest 25\n4 steps; "
    )
    assert "GB of memory" in result.stdout
    assert not (tmp_path / "out").exists()


def test_a_dry_run_finds_what_a_run_would_stumble_over(recipe_file: Path, tmp_path: Path) -> None:
    recipe = yaml.safe_load(recipe_file.read_text()) | {"max_tokens": 16}
    (tmp_path / "short.yaml").write_text(yaml.safe_dump(recipe))

    failure = finetune("train", tmp_path / "short.yaml", "--dry-run").exception

    assert isinstance(failure, FinetuneError)
    assert failure.kind == "too_long"


def test_another_recipe_needs_another_folder_or_a_new_start(
    adapter: Path, recipe_file: Path, tmp_path: Path
) -> None:
    recipe = yaml.safe_load(recipe_file.read_text()) | {"rank": 2}
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(recipe))
    out = tmp_path / "out"
    finetune("train", recipe_file, "--out", out)

    refused = finetune("train", tmp_path / "other.yaml", "--out", out)
    anew = finetune("train", tmp_path / "other.yaml", "--out", out, "--no-resume")

    assert isinstance(refused.exception, FinetuneError)
    assert refused.exception.kind == "other_run"
    assert anew.exit_code == 0
    assert TrainReport.read(out / "adapter").recipe.rank == 2


def test_export_and_unpack_are_inverse(adapter: Path, tiny_base: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    assert finetune("export", adapter, "--out", tmp_path / "a.gguf").exit_code == 0
    assert (
        finetune("unpack", tmp_path / "a.gguf", "--out", tmp_path / "peft", "--base", tiny_base).exit_code
        == 0
    )

    before = load_file(adapter / "adapter_model.safetensors")
    after = load_file(tmp_path / "peft" / "adapter_model.safetensors")
    assert before.keys() == after.keys()
    # The GGUF file has float16.
    assert [name for name in before if (before[name].astype("float16") != after[name]).any()] == []


def test_ship_and_card_write_a_folder_and_its_figures(adapter: Path, tmp_path: Path) -> None:
    data = tmp_path / "train.report.json"
    fingerprint = TrainReport.read(adapter).data_fingerprint
    data.write_text(
        json.dumps({"fingerprint": fingerprint, "seeds_fingerprint": "s", "commit": "", "command": "c"})
    )

    shipped = finetune("ship", "aminer", adapter, "--data", data, "--into", tmp_path / "adapters")
    weights = hashlib.sha256((tmp_path / "adapters" / "aminer" / "adapter.gguf").read_bytes()).hexdigest()
    (tmp_path / "metrics.json").write_text(json.dumps({"run": {"adapter": weights}, "plans right": 1.0}))
    card = finetune("card", tmp_path / "adapters" / "aminer", "--metrics", tmp_path / "metrics.json")

    readme = tmp_path / "adapters" / "aminer" / "README.md"
    assert (shipped.stdout, card.stdout) == (f"{readme}\n", f"{readme}\n")
    assert "| plans right | 1 |" in readme.read_text()


def test_help_imports_no_torch() -> None:
    import subprocess
    import sys

    script = (
        "import sys; from click.testing import CliRunner; from herdwick.finetune.cli import finetune_group\n"
        "assert CliRunner().invoke(finetune_group, ['train', '--help']).exit_code == 0\n"
        "sys.exit('torch' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
