"""Folders in which columns are made, and those that killed makers leave."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from herdwick.tools.bgp.columns.making import ABANDONED_AFTER_S, making

MAKER = (
    "import sys, time; from pathlib import Path\n"
    "from herdwick.tools.bgp.columns.making import making\n"
    "with making(Path(sys.argv[1])) as folder:\n"
    "    (folder / '00000.parquet').write_bytes(b'x')\n"
    "    print(folder, flush=True)\n"
    "    sys.stdin.read()"
)


@pytest.fixture
def maker(tmp_path: Path):
    """Starts a process that makes something, and says which folder is its own."""
    started = []

    def start() -> tuple[subprocess.Popen[str], Path]:
        process = subprocess.Popen(
            [sys.executable, "-c", MAKER, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process, Path(process.stdout.readline().strip())

    yield start
    for process in started:
        process.kill()
        process.communicate()


def leftovers(home: Path) -> set[Path]:
    return {*home.glob(".making-*")}


def test_a_folder_is_gone_afterwards_and_so_is_its_lock(tmp_path: Path) -> None:
    with making(tmp_path) as folder:
        (folder / "part").write_text("x")
        assert leftovers(tmp_path) == {folder, folder.with_suffix(".lock")}

    assert leftovers(tmp_path) == set()


def test_the_folder_of_a_killed_maker_is_swept_and_that_of_a_living_one_is_not(tmp_path: Path, maker) -> None:
    killed, abandoned = maker()
    _, kept = maker()
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert abandoned.exists()

    with making(tmp_path) as own:
        assert leftovers(tmp_path) >= {kept, own}
        assert not abandoned.exists()

    assert leftovers(tmp_path) == {kept, kept.with_suffix(".lock")}
    assert (kept / "00000.parquet").exists()


def test_a_stopped_maker_is_no_dead_one(tmp_path: Path, maker) -> None:
    process, kept = maker()
    process.send_signal(signal.SIGSTOP)

    with making(tmp_path):
        assert kept.exists()
    process.send_signal(signal.SIGCONT)


def test_folders_without_lock_are_swept_when_they_stood_still_for_long(tmp_path: Path) -> None:
    old, fresh = tmp_path / ".making-old_1", tmp_path / ".making-fresh"
    for folder in (old, fresh):
        folder.mkdir()
        (folder / "00000.parquet").write_bytes(b"x")
    long_ago = time.time() - ABANDONED_AFTER_S - 60
    os.utime(old / "00000.parquet", (long_ago, long_ago))
    os.utime(old, (long_ago, long_ago))
    os.utime(fresh, (long_ago, long_ago))

    with making(tmp_path):
        assert not old.exists()
        assert fresh.exists()


@pytest.mark.slow
def test_many_processes_begin_and_sweep_at_once(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from herdwick.tools.bgp.columns.making import making\n"
        "for number in range(100):\n"
        "    with making(Path(sys.argv[1])) as folder:\n"
        "        (folder / 'part').write_bytes(b'x')\n"
        "        assert (folder / 'part').read_bytes() == b'x'\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", script, tmp_path]) for _ in range(4)]

    assert [process.wait(60) for process in processes] == [0] * 4
    assert leftovers(tmp_path) == set()
