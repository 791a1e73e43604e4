"""Making a file beside its place."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from herdwick.tools.aminer.local.workshop import check_output, publish, target_of, workshop
from herdwick.tools.errors import DataError


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "made.sqlite"


def test_a_file_gets_its_name_and_the_folder_goes(out):
    with workshop(out) as folder:
        (folder / "it").write_text("new")
        out.write_text("old")
        publish(folder / "it", out)
    assert out.read_text() == "new"
    assert list(out.parent.iterdir()) == [out]


def test_a_folder_in_use_is_left_alone_until_its_end(out):
    with workshop(out) as first:
        with workshop(out) as second:
            assert first != second
            assert first.is_dir()
        publish(first / "in-use", out)
        with workshop(out):
            assert first.is_dir()


def test_what_a_killed_process_left_is_cleared_away(out):
    killed = (
        "import os, sys; from pathlib import Path; "
        "from herdwick.tools.aminer.local.workshop import workshop\n"
        "with workshop(Path(sys.argv[1])): os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", killed, out], check=False, timeout=60)
    assert len(list(out.parent.iterdir())) == 1
    with workshop(out) as folder:
        assert list(out.parent.iterdir()) == [folder]


def test_a_folder_that_has_no_lock_yet_is_left_alone(out):
    (out.parent / ".made.sqlite.building-new").mkdir()
    with workshop(out):
        assert len(list(out.parent.iterdir())) == 2


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_an_input_by_another_name_is_no_output(out, link):
    source = out.with_name("source")
    source.write_text("keep")
    link(out, source)
    with pytest.raises(DataError) as caught:
        check_output(out, [out.with_name("missing"), source])
    assert caught.value.kind == "output_is_input"


def test_an_older_file_may_be_replaced(out):
    source = out.with_name("source")
    source.write_text("keep")
    out.write_text("old")
    check_output(out, [source])
    with workshop(out) as folder:
        (folder / "it").write_text("new")
        publish(folder / "it", out)
    assert (source.read_text(), out.read_text()) == ("keep", "new")


@pytest.mark.parametrize(("make", "what"), [(os.mkfifo, "a pipe"), (os.mkdir, "a folder")])
def test_what_is_no_file_is_no_output(out, make, what):
    make(out)
    with pytest.raises(DataError, match=f"made.sqlite is {what}"):
        check_output(out, [])


def test_links_are_followed_to_their_end(out):
    middle, end = out.with_name("middle"), out.with_name("end")
    out.symlink_to(middle)
    middle.symlink_to(end)
    assert target_of(out) == end
    assert target_of(Path("plain.sqlite")) == Path("plain.sqlite")


def test_links_in_a_circle_lead_nowhere(out):
    other = out.with_name("other")
    out.symlink_to(other)
    other.symlink_to(out)
    with pytest.raises(DataError, match="leads nowhere"):
        target_of(out)
