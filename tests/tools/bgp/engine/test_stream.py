"""Elems of many files as one stream."""

import gzip
import os
import threading
from pathlib import Path

import pytest

from herdwick.tools.bgp.engine.elem import Source
from herdwick.tools.bgp.engine.sources import MRTFile
from herdwick.tools.bgp.engine.stream import Stream
from herdwick.tools.errors import DataError


@pytest.fixture
def file(wire, tmp_path: Path):
    """A file with an announcement at each of some times."""

    def made(name: str, *times: int) -> MRTFile:
        records = []
        for time in times:
            record = wire.message(wire.update(wire.attributes(), wire.prefix("10.0.0.0/8")))
            records.append(time.to_bytes(4, "big") + record[4:])
        path = tmp_path / name
        path.write_bytes(gzip.compress(b"".join(records)))
        return MRTFile(path, Source(name))

    return made


def test_files_whose_times_overlap_are_merged(file) -> None:
    stream = Stream([file("a", 10, 30, 50), file("b", 20, 40), file("c", 60)])

    assert [(elem.source.collector, elem.time) for elem in stream] == [
        ("a", 10),
        ("b", 20),
        ("a", 30),
        ("b", 40),
        ("a", 50),
        ("c", 60),
    ]
    assert [report.elems for report in stream.reports] == [3, 2, 1]


def test_a_pipe_by_itself_is_read_once(file, tmp_path: Path) -> None:
    content = file("a", 10, 20).path.read_bytes()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=[content])
    writer.start()

    assert [elem.time for elem in Stream([MRTFile(pipe, Source("pipe"))])] == [10, 20]
    writer.join()


def test_a_pipe_among_other_files_is_refused_and_not_waited_for(file, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    with pytest.raises(DataError, match="pipe is no regular file"):
        list(Stream([file("a", 10), MRTFile(pipe, Source("pipe"))]))


def test_a_file_that_vanished_is_an_error(file) -> None:
    kept, gone = file("a", 10), file("b", 20)
    gone.path.unlink()

    with pytest.raises(DataError, match="There is no file"):
        list(Stream([kept, gone]))
