"""How every engine must behave: our own, and PyBGPStream where it is installed."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from herdwick.tools.bgp.engine.elem import Source
from herdwick.tools.bgp.engine.filter_strings import parse_filter
from herdwick.tools.bgp.engine.pybgpstream_engine import PyBGPStreamReader, is_importable
from herdwick.tools.bgp.engine.reader import MRTReader
from herdwick.tools.bgp.engine.sources import MRTFile
from herdwick.tools.bgp.engine.stream import Reader, Stream
from herdwick.tools.errors import DataError

from .conftest import TIME, Wire

Engine = Callable[[Path, Source], Reader]
needs_pybgpstream = pytest.mark.skipif(not is_importable(), reason="PyBGPStream is not installed")
SOURCE = Source("rrc00", "ris")


@pytest.fixture(params=[MRTReader, pytest.param(PyBGPStreamReader, marks=needs_pybgpstream)])
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.param


@pytest.fixture
def updates(tmp_path: Path) -> Path:
    attributes = Wire.attributes((64496, 64500), Wire.attribute(8, bytes.fromhex("fbf00001fbf00002")))
    records = (
        Wire.message(Wire.update(attributes, announced=Wire.prefix("192.0.2.0/24"))),
        Wire.message(Wire.update(withdrawn=Wire.prefix("198.51.100.0/24"))),
    )
    file = tmp_path / "updates.20260101.0000.gz"
    file.write_bytes(gzip.compress(b"".join(records)))
    return file


def test_announcements_and_withdrawals(engine: Engine, updates: Path) -> None:
    reader = engine(updates, SOURCE)

    announced, withdrawn = reader

    assert announced[:6] == ("A", TIME, 64496, "198.51.100.9", "192.0.2.0/24", "198.51.100.1")
    assert announced.attributes.as_path == "64496 64500"
    assert announced.attributes.communities == ("64496:1", "64496:2")
    assert withdrawn[:6] == ("W", TIME, 64496, "198.51.100.9", "198.51.100.0/24", "")
    assert {announced.source, withdrawn.source} == {SOURCE}
    assert (reader.report.records, reader.report.elems, reader.report.ended_early) == (2, 2, "")


def test_routes_of_a_table(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "rib.20260101.0000"
    entry = Wire.entry(0, Wire.attributes())
    file.write_bytes(Wire.peers((64496, "198.51.100.9")) + Wire.rib(2, Wire.prefix("192.0.2.0/24"), entry))

    (route,) = engine(file, SOURCE)

    assert route[:6] == ("R", TIME, 64496, "198.51.100.9", "192.0.2.0/24", "198.51.100.1")


def test_a_stream_filters_and_bounds_them(engine: Engine, updates: Path) -> None:
    files = [MRTFile(updates, SOURCE)]

    wanted = Stream(files, parse_filter("elemtype withdrawals"), TIME, TIME + 1, engine)
    before = Stream(files, until_time=TIME, open_reader=engine)

    assert [elem.type for elem in wanted] == ["W"]
    assert not list(before)


def test_a_missing_file_is_an_error(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"There is no file .*none"):
        list(engine(tmp_path / "none", SOURCE))


def test_a_file_cut_off_is_told(engine: Engine, updates: Path) -> None:
    whole = gzip.decompress(updates.read_bytes())
    updates.write_bytes(whole[:-10])
    reader = engine(updates, SOURCE)

    assert [elem.type for elem in reader] == ["A"]
    assert reader.report.ended_early
