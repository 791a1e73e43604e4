"""Processes that convert files."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from herdwick.tools.bgp.columns import workers
from herdwick.tools.bgp.columns.workers import convert_apart
from herdwick.tools.errors import DataError

SAMPLE = Path(workers.__file__).parents[1] / "sample" / "data" / "lab00"


class Watched:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.done: list[Path] = []

    def read(self, path: Path, size_bytes: int) -> None:
        assert size_bytes <= path.stat().st_size

    def finish(self, path: Path) -> None:
        self.done.append(path)


def test_all_files_are_in_the_cache_afterwards(tmp_path: Path) -> None:
    files = sorted(SAMPLE.glob("*.gz"))
    watched = Watched()

    convert_apart(files, tmp_path, 2, watched)

    assert sorted(watched.done) == files
    assert len([*tmp_path.glob("*/read.json")]) == len(files)


def test_a_name_of_any_bytes_comes_through(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b'caf\xe9 \xe8\xb7\xaf\n"updates".gz')
    path.write_bytes((SAMPLE / "updates.20260101.0000.gz").read_bytes())
    watched = Watched()

    convert_apart([path], tmp_path / "cache", 1, watched)

    assert watched.done == [path]


def test_the_error_of_a_worker_is_raised_as_it_was(tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_text("no MRT at all")

    with pytest.raises(DataError, match="bad is not an MRT file") as failure:
        convert_apart([SAMPLE / "updates.20260101.0000.gz", bad], tmp_path / "cache", 2, Watched())

    assert (failure.value.kind, failure.value.hint) == ("not_mrt", "Give MRT files, such as updates.*.gz.")


def test_a_worker_that_is_killed_is_an_error_and_not_waited_for(tmp_path: Path, monkeypatch) -> None:
    started = []
    start = workers._start
    monkeypatch.setattr(workers, "_start", lambda home: started.append(start(home)) or started[-1])

    def kill() -> None:
        while not started:
            time.sleep(0.01)
        started[0].send_signal(signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(DataError, match="ended with -9") as failure:
        convert_apart([SAMPLE / "updates.20260101.0000.gz"], tmp_path, 1, Watched())
    killer.join()

    assert failure.value.kind == "conversion_ended"


def test_two_of_them_converting_the_same_file_agree(tmp_path: Path) -> None:
    path = SAMPLE / "rib.20260101.0000.gz"

    convert_apart([path] * 6, tmp_path, 3, Watched())

    assert len([*tmp_path.glob("*/read.json")]) == 1
    assert {file.name for file in tmp_path.glob(".*")} == {".lock"}
