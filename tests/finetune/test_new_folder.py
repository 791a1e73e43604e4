from pathlib import Path

import pytest

from herdwick.finetune.new_folder import new_folder
from herdwick.finetune.recipe import FinetuneError


def test_it_appears_when_all_is_written_and_is_as_open_as_any_other(tmp_path: Path) -> None:
    out = tmp_path / "a" / "out"

    with new_folder(out) as made:
        (made / "file").touch()
        assert not out.exists()

    assert [path.name for path in out.iterdir()] == ["file"]
    assert [path.name for path in out.parent.iterdir()] == ["out"]
    assert out.stat().st_mode == out.parent.stat().st_mode


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with new_folder(tmp_path / "out") as made:
            (made / "file").touch()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays(tmp_path: Path) -> None:
    with pytest.raises(FinetuneError) as failure, new_folder(tmp_path):
        pytest.fail("It was there from the beginning.")

    assert failure.value.kind == "exists"


def test_what_another_process_made_meanwhile_stays(tmp_path: Path) -> None:
    theirs = tmp_path / "out" / "theirs"

    with pytest.raises(FinetuneError) as failure, new_folder(theirs.parent):
        theirs.mkdir(parents=True)

    assert failure.value.kind == "exists"
    assert list(tmp_path.iterdir()) == [theirs.parent]
    assert theirs.exists()
