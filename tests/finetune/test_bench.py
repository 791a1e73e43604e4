import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from herdwick.finetune.cli import finetune_group

pytest.importorskip("trl", reason="needs herdwick[finetune]")


@pytest.mark.slow
def test_both_trainers_are_measured_on_the_same_steps(tmp_path: Path, make_recipe) -> None:
    file = tmp_path / "tiny.yaml"
    file.write_text(yaml.safe_dump(json.loads(make_recipe().model_dump_json())))

    result = CliRunner().invoke(finetune_group, ["bench", str(file), "--steps", "3", "--json"])

    report = json.loads(result.stdout)
    assert (report["steps"], report["batch_size"], report["precision"]) == (6, 4, "float32")
    assert report["ratio"] == pytest.approx(report["ours_tokens_per_s"] / report["plain_tokens_per_s"])
