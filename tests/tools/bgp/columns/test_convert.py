import json
import os
from pathlib import Path

import polars as pl
import pytest

from herdwick.tools.bgp.columns import convert as module
from herdwick.tools.bgp.columns.convert import convert, convert_all
from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.columns.schema import SCHEMA
from herdwick.tools.bgp.engine.sources import MRTFile, find_files, source_of
from herdwick.tools.bgp.engine.stream import Stream
from herdwick.tools.errors import DataError

SHARED = Path(__file__).parents[5] / "shared" / "data" / "bgp"
pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="the two real files lie beside the repository")


@pytest.fixture(scope="module")
def files():
    return find_files(sorted(SHARED.glob("*.[gb]z*")))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def test_the_columns_hold_what_the_stream_gives(files, cache: Path) -> None:
    rows = Dataset(convert_all(files, cache=cache, workers=1)).elems().collect().to_dicts()
    elems = list(Stream(files))

    def key(kind, time, peer, prefix, path, communities):
        return (time, peer, kind, prefix or "", path or "", tuple(communities or ()))

    assert sorted(
        key(r["type"], r["time"], r["peer_address"], r["prefix"], r["as_path"], r["communities"])
        for r in rows
    ) == sorted(
        key(e.type, e.time, e.peer_address, e.prefix, e.attributes.as_path, e.attributes.communities)
        for e in elems
    )
    assert [row["time"] for row in rows] == sorted(elem.time for elem in elems)
    assert [row["seq"] for row in rows] == list(range(len(elems)))


def test_a_second_conversion_reads_nothing(files, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = convert(files[0], cache)
    monkeypatch.setattr(module, "_write", None)

    assert convert(files[0], cache) == first


def test_several_processes_convert_as_one_does(files, cache: Path, tmp_path: Path, monkeypatch) -> None:
    written = []
    monkeypatch.setattr(module, "LARGE_BYTES", 1)
    monkeypatch.setattr(module, "_write", lambda *given: written.append(given))
    seen = []

    parallel = convert_all(files, cache=tmp_path, workers=2, progress=seen.append)

    assert [item.read for item in parallel] == [convert(file, cache).read for file in files]
    assert (seen, written) == (list(files), [])


def test_a_large_file_that_cannot_be_read_is_an_error(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(module, "LARGE_BYTES", 1)
    for name in ("a", "b"):
        (tmp_path / name).write_text("no MRT at all")

    with pytest.raises(DataError, match="not an MRT file"):
        convert_all(find_files([tmp_path / "a", tmp_path / "b"]), cache=tmp_path / "cache")


@pytest.mark.parametrize("damage", ["part", "record"])
def test_damaged_columns_are_made_again(files, tmp_path: Path, damage: str) -> None:
    whole = convert(files[0], tmp_path)
    folder = whole.parts[0].parent
    if damage == "part":
        whole.parts[0].unlink()
    else:
        (folder / "read.json").write_text("{")

    assert convert(files[0], tmp_path) == whole
    assert pl.read_parquet(whole.parts[0]).height == whole.read.elems


def test_the_same_content_elsewhere_is_known_but_keeps_its_collector(
    files, cache: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "route-views2" / "updates.20150401.0000.gz"
    copy.parent.mkdir()
    copy.write_bytes(files[0].path.read_bytes())
    (file,) = find_files([copy])

    converted = convert(file, cache)

    assert converted.parts == convert(files[0], cache).parts
    collectors = Dataset([converted]).elems().select(pl.col("collector").unique()).collect()
    assert collectors["collector"].to_list() == ["route-views2"]


def test_what_cannot_be_read_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_text("no MRT at all")
    (file,) = find_files([bad])

    with pytest.raises(DataError, match="not an MRT file"):
        convert(file, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "updates"
    os.mkfifo(pipe)

    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(DataError, match="is no regular file"):
            convert(MRTFile(path, source_of(path)), tmp_path / "cache")


def test_the_window_ends_before_its_end(files, cache: Path) -> None:
    data = Dataset(convert_all(files, cache=cache, workers=1), 1_427_846_460, 1_427_846_520)
    times = data.elems().select("time").collect()["time"]

    assert (times.min(), times.max() < 1_427_846_520) == (1_427_846_460, True)
    assert times.len() == sum(1_427_846_460 <= elem.time < 1_427_846_520 for elem in Stream(files))


def test_the_description_says_what_was_read(files, cache: Path) -> None:
    described = Dataset(convert_all(files, cache=cache, workers=1)).described()

    assert json.loads(json.dumps(described)) == described
    assert described["collectors"] == ["route-views.jinx", "rrc06"]
    assert described["elems"] == 1561 + 8611
    assert described["window"] == {"from": "2015-04-01T00:00:04Z", "until": "2015-04-01T00:14:30Z"}


def test_without_elems_there_are_columns_all_the_same() -> None:
    elems = Dataset([]).elems().collect()

    assert elems.height == 0
    assert set(SCHEMA) < set(elems.columns)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("ris.rrc06.updates.1427846400.gz", ("rrc06", "ris")),
        ("routeviews.route-views.jinx.updates.1427846400.bz2", ("route-views.jinx", "routeviews")),
        ("data/rrc00/2015.04/updates.20150401.0000.gz", ("rrc00", "ris")),
        (
            "route-views.sydney/bgpdata/2015.04/RIBS/rib.20150401.0000.bz2",
            ("route-views.sydney", "routeviews"),
        ),
        ("lab00/updates.20260101.0000.gz", ("lab00", "local")),
        ("lab00/2026.01/UPDATES/updates.20260101.0000.gz", ("lab00", "local")),
        ("somewhere/my.mrt", ("local", "local")),
    ],
)
def test_names_tell_the_collector(path: str, source: tuple[str, str]) -> None:
    found = source_of(Path(path))

    assert (found.collector, found.project) == source
