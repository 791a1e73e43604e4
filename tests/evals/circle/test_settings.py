import subprocess
import sys

import pytest

from herdwick.evals.circle.settings import FILE, alone, claim
from herdwick.tools.errors import DataError


def test_the_first_run_chooses_a_port_and_later_ones_keep_it(tmp_path, settings):
    first = claim(tmp_path, settings)
    assert first.teacher_port > 0
    assert claim(tmp_path, settings) == first


def test_other_settings_do_not_go_on_from_it(tmp_path, settings):
    claim(tmp_path, settings)
    with pytest.raises(DataError) as caught:
        claim(tmp_path, settings.model_copy(update={"count": 25, "seed": 6}))
    assert caught.value.kind == "other_run"
    assert caught.value.message.endswith("differs in count and seed.")


def test_a_file_of_another_version_is_told(tmp_path, settings):
    (tmp_path / FILE).write_text('{"count": 24}')
    with pytest.raises(DataError) as caught:
        claim(tmp_path, settings)
    assert caught.value.kind == "other_run"


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError) as caught, alone(tmp_path / "file" / "run"):
        pytest.fail("there is no such folder")
    assert caught.value.kind == "out_unwritable"


def test_one_process_at_a_time(tmp_path):
    enter = (
        "import pathlib, sys\n"
        "from herdwick.evals.circle.settings import alone\n"
        "with alone(pathlib.Path(sys.argv[1])): pass"
    )
    command = [sys.executable, "-c", enter, str(tmp_path)]
    with alone(tmp_path):
        second = subprocess.run(command, capture_output=True, text=True, check=False)
    third = subprocess.run(command, capture_output=True, text=True, check=False)

    assert "Another process writes into" in second.stderr
    assert (second.returncode, third.returncode) == (1, 0)
