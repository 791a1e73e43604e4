import os
import stat
from pathlib import Path

import pytest

from herdwick.tools.whole_file import replacing, write_whole


def test_a_file_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_bytes(b"old and longer")

    write_whole(file, b"new")

    assert file.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [file]


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_bytes(b"old")

    with pytest.raises(TypeError):
        write_whole(file, "no bytes")

    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_who_may_read_it_is_what_the_umask_says(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        write_whole(tmp_path / "picture.png", b"new")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "picture.png").stat().st_mode) == mode


def test_text_appears_when_all_of_it_is_written_and_its_folder_is_made(tmp_path: Path) -> None:
    file = tmp_path / "new" / "lines"

    with replacing(file) as lines:
        lines.write("é\n")
        assert not file.exists()

    assert file.read_text(encoding="utf-8") == "é\n"
    assert list(file.parent.iterdir()) == [file]


def test_text_cut_short_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "lines"
    file.write_text("old")

    with pytest.raises(TypeError), replacing(file) as lines:
        lines.write(b"no text")

    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_of_two_who_write_at_the_same_time_one_wins(tmp_path: Path) -> None:
    file = tmp_path / "lines"

    with replacing(file) as first:
        first.write("a" * 100_000)
        with replacing(file) as second:
            second.write("b")
        first.write("a")

    assert set(file.read_text()) == {"a"}
    assert list(tmp_path.iterdir()) == [file]
