"""What is left when a process is killed, or the disk is full: real processes, a real small disk."""

import json
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from herdwick.finetune.recipe import Recipe
from herdwick.finetune.train import train

pytest.importorskip("torch", reason="needs herdwick[finetune]")
pytestmark = pytest.mark.slow

KILLS = 10
TRAIN = """
import json, sys
from pathlib import Path
from herdwick.finetune.recipe import FinetuneError, Recipe
from herdwick.finetune.train import train
recipe, out = Recipe.model_validate_json(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
try:
    train(recipe, out)
except FinetuneError as error:
    whole = sorted(file.parent.name for file in out.glob("checkpoint-*/whole"))
    print(json.dumps({"kind": error.kind, "message": error.message, "whole": whole}))
"""


@pytest.fixture
def recipe_file(tmp_path: Path, make_recipe) -> Path:
    file = tmp_path / "recipe.json"
    file.write_text(make_recipe(epochs=30).model_dump_json())
    return file


def test_a_run_killed_at_random_moments_equals_an_undisturbed_one(tmp_path: Path, recipe_file: Path) -> None:
    moments = random.Random(4)
    recipe = Recipe.model_validate_json(recipe_file.read_text())
    out = tmp_path / "killed"
    undisturbed = train(recipe, tmp_path / "undisturbed")

    killed_at = []
    for _ in range(KILLS):
        before = _newest(out)
        process = subprocess.Popen([sys.executable, "-c", TRAIN, str(recipe_file), str(out)])
        while _newest(out) == before and process.poll() is None:
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 0.5))
        process.kill()
        process.wait()
        killed_at.append(_newest(out))
    report = train(recipe, out)

    assert killed_at == sorted(killed_at)
    assert 0 < killed_at[0] < undisturbed.steps
    assert report.resumed_at_step >= killed_at[-1] - 1
    assert report.steps == undisturbed.steps == 120
    assert report.loss == pytest.approx(undisturbed.loss, rel=1e-5)


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap for a small disk")
def test_a_full_disk_is_told_and_the_last_whole_checkpoint_stays(tmp_path: Path, recipe_file: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    small_disk = ["bwrap", "--dev-bind", "/", "/", "--size", "600000", "--tmpfs", str(disk)]

    finished = subprocess.run(
        [*small_disk, sys.executable, "-c", TRAIN, str(recipe_file), str(disk / "out")],
        capture_output=True,
        text=True,
        check=False,
    )

    told = json.loads(finished.stdout.splitlines()[-1])
    assert told["kind"] == "disk_full"
    assert told["whole"]
    assert f"{max(told['whole'])} is whole" in told["message"].lower()


def _newest(out: Path) -> int:
    return max((int(path.name.rpartition("-")[2]) for path in out.glob("checkpoint-*")), default=0)
