"""The parent and worker of PyBGPStream against a stand-in that does what the real one is known to do."""

import gzip
import os
import time
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, indent

import pytest
from click.testing import CliRunner

from herdwick.agents.cli.elems import elems as elems_command
from herdwick.tools.bgp.engine.elem import Attributes, Elem, Source
from herdwick.tools.bgp.engine.pybgpstream_engine import Patience, PyBGPStreamReader, archive_elems
from herdwick.tools.errors import DataError

from .conftest import Wire

STAND_IN = """
import os, signal, sys, time
from types import SimpleNamespace

def elem(type="A", **fields):
    return SimpleNamespace(type=type, time=1.5, peer_asn=64496, peer_address="198.51.100.9", fields=fields)

class Record(SimpleNamespace):
    project, collector, router, status = "singlefile", "singlefile", None, "valid"
    def get_next_elem(self):
        return self.elems.pop(0) if self.elems else None
    def __iter__(self):
        return iter(self.elems)

def record(*elems, **more):
    return Record(elems=list(elems), **more)

def script(asked):
{script}

class BGPStream:
    def __init__(self, data_interface=None):
        self.asked = [data_interface]
        self.started = False
    def set_data_interface(self, name):
        self.asked[0] = name
    def set_data_interface_option(self, *option):
        self.asked.append(option)
    def add_filter(self, *one):
        self.asked.append(one)
    def add_interval_filter(self, *window):
        self.asked.append(window)
    def start(self):
        self.found = script(self.asked)
    def get_next_record(self):
        return next(self.found, None)
    def records(self):
        return script(self.asked)
"""
ANNOUNCED = (
    'elem(**{"prefix": "192.0.2.0/24", "next-hop": "198.51.100.1", "as-path": "64496 64500", '
    '"communities": {"64496:2", "64496:1"}})'
)
HANG = "time.sleep(600)"
BRIEF = Patience(silence_s=3, total_s=20)

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a stand-in with this script on the worker's path."""

    def put(script: str, module: str = "_pybgpstream") -> None:
        folder = tmp_path / "modules"
        folder.mkdir(exist_ok=True)
        (folder / f"{module}.py").write_text(STAND_IN.format(script=indent(dedent(script), "    ")))
        monkeypatch.setenv("PYTHONPATH", str(folder))

    return put


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "updates.20260101.0000.gz"
    path.write_bytes(gzip.compress(Wire.message(Wire.update(withdrawn=Wire.prefix("192.0.2.0/24")))))
    return path


def failure(reader: PyBGPStreamReader) -> DataError:
    with pytest.raises(DataError) as caught:
        list(reader)
    return caught.value


@pytest.mark.parametrize("module", ["_pybgpstream", "pybgpstream"])
def test_elems_are_those_of_our_vocabulary(install: Install, file: Path, module: str) -> None:
    install(
        f"""
        yield record({ANNOUNCED}, elem("W", prefix="192.0.2.0/24"))
        yield record(elem("S", **{{"old-state": "ACTIVE", "new-state": "IDLE"}}))
        """,
        module,
    )
    reader = PyBGPStreamReader(file, Source("rrc00", "ris"))

    peer, source = (1.5, 64496, "198.51.100.9"), Source("rrc00", "ris")
    attributes = Attributes("64496 64500", ("64496:1", "64496:2"))
    assert list(reader) == [
        Elem("A", *peer, "192.0.2.0/24", "198.51.100.1", attributes, source),
        Elem("W", *peer, "192.0.2.0/24", "", Attributes(), source),
        Elem("S", *peer, "", "", Attributes(), source, "ACTIVE", "IDLE"),
    ]
    assert (reader.report.records, reader.report.elems, reader.report.ended_early) == (2, 3, "")


def test_the_low_level_module_is_preferred(install: Install, file: Path) -> None:
    install("yield record(elem('W', prefix='192.0.2.0/24'))", "_pybgpstream")
    install("raise AssertionError", "pybgpstream")

    assert len(list(PyBGPStreamReader(file))) == 1


def test_a_file_is_read_as_the_table_or_the_updates_that_it_is(install: Install, tmp_path: Path) -> None:
    install("yield record(elem('W', prefix=repr(asked)))")
    file = tmp_path / "data"

    for content, kind in ((Wire.peers((1, "::1")), "rib-file"), (Wire.message(Wire.update()), "upd-file")):
        file.write_bytes(content)
        (found,) = PyBGPStreamReader(file)
        assert found.prefix == f"['singlefile', ('singlefile', {kind!r}, {str(file)!r})]"


def test_what_the_library_prints_does_not_disturb(install: Install, file: Path) -> None:
    install(f"os.write(1, b'noise\\n'); yield record({ANNOUNCED})")

    assert len(list(PyBGPStreamReader(file))) == 1


def test_an_empty_stream_with_a_line_on_stderr_is_an_error(install: Install, file: Path) -> None:
    install("os.write(2, b'ERROR: Could not open\\n'); yield from ()")

    error = failure(PyBGPStreamReader(file))

    assert error.kind == "pybgpstream_empty"
    assert str(file) in error.message
    assert "ERROR: Could not open" in error.message


def test_a_file_with_nothing_but_a_corrupted_record_is_an_error(install: Install, file: Path) -> None:
    install("yield record(status='corrupted-source')")

    assert failure(PyBGPStreamReader(file)).kind == "pybgpstream_empty"


def test_a_file_that_is_corrupted_further_on_is_reported(install: Install, file: Path) -> None:
    install(f"yield record({ANNOUNCED}); yield record(status='corrupted-record')")
    reader = PyBGPStreamReader(file)

    assert len(list(reader)) == 1
    assert reader.report.ended_early == "corrupted-record"


def test_silence_has_an_end(install: Install, file: Path) -> None:
    install(f"os.write(2, b'retrying\\n'); {HANG}; yield")
    began = time.monotonic()

    error = failure(PyBGPStreamReader(file, patience=BRIEF))

    assert error.kind == "pybgpstream_hangs"
    assert str(file) in error.message
    assert "retrying" in error.message
    assert time.monotonic() - began < 10


def test_signs_of_life_do_not_stretch_the_whole(install: Install, file: Path) -> None:
    install("while True:\n    time.sleep(0.3); yield record()")

    error = failure(PyBGPStreamReader(file, patience=Patience(silence_s=20, total_s=3)))

    assert error.kind == "pybgpstream_hangs"


def test_a_library_that_dies_is_an_error(install: Install, file: Path) -> None:
    install(f"yield record({ANNOUNCED}); os.kill(os.getpid(), signal.SIGSEGV)")

    error = failure(PyBGPStreamReader(file))

    assert error.kind == "pybgpstream_died"
    assert "code -11" in error.message


def test_a_library_that_raises_is_an_error_with_its_reason(install: Install, file: Path) -> None:
    install("raise RuntimeError('Could not start stream'); yield")

    error = failure(PyBGPStreamReader(file))

    assert error.kind == "pybgpstream_died"
    assert "RuntimeError: Could not start stream" in error.message


def test_the_process_ends_with_the_iteration(install: Install, file: Path) -> None:
    install(
        f"""
        yield record(elem('W', prefix=str(os.getpid())))
        for _ in range(9):
            time.sleep(0.2)
            yield record()
        {HANG}
        """
    )
    elems = iter(PyBGPStreamReader(file))

    pid = int(next(elems).prefix)
    elems.close()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_live_is_refused() -> None:
    with pytest.raises(DataError, match="goes live") as caught:
        archive_elems(0, None, ["rrc06"])

    assert caught.value.kind == "no_until_time"


def test_the_broker_is_asked_for_collectors_and_a_window(install: Install) -> None:
    install("yield record(elem('W', prefix=repr(asked)), project='ris', collector='rrc06')")

    (found,) = archive_elems(10, 20, ["rrc06"], ["updates"])

    assert found.source == Source("rrc06", "ris")
    assert found.prefix == "['broker', ('collector', 'rrc06'), ('record-type', 'updates'), (10, 20)]"


def test_a_dead_broker_is_given_up(install: Install) -> None:
    install(f"{HANG}; yield")

    with pytest.raises(DataError) as caught:
        list(archive_elems(10, 20, ["rrc06"], patience=BRIEF))

    assert caught.value.kind == "pybgpstream_hangs"


def test_without_the_library_the_error_says_where_to_get_it(
    tmp_path: Path, file: Path, install: Install
) -> None:
    for module in ("_pybgpstream", "pybgpstream"):
        install("", module)
        (tmp_path / "modules" / f"{module}.py").write_text("raise ImportError('no libbgpstream')")

    error = failure(PyBGPStreamReader(file))

    assert error.kind == "no_pybgpstream"
    assert "no libbgpstream" in error.message
    assert "CAIDA's apt repository" in error.hint


def test_the_command_reads_with_either_engine(install: Install, file: Path) -> None:
    install("yield record(elem('W', prefix='203.0.113.0/24'))")

    own = CliRunner().invoke(elems_command, [str(file)])
    other = CliRunner().invoke(elems_command, [str(file), "--engine", "pybgpstream"])

    assert (own.exit_code, other.exit_code) == (0, 0)
    assert "|192.0.2.0/24|" in own.stdout
    assert "|203.0.113.0/24|" in other.stdout
